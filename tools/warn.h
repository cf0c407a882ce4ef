/* SPDX-License-Identifier: GPL-2.0 */
/* Warnings: kept while files are read, told at the end. */
#ifndef OP25BCTL_WARN_H
#define OP25BCTL_WARN_H

#include "op25bctl.h"

/* How many are kept; beyond, they are only counted. */
#define OP25B_WARNED_MAX	50

/**
 * struct op25b_warnings - what to warn of
 * @text: sentences, led by file and line where there is one
 * @n: all of them, of which OP25B_WARNED_MAX are kept
 */
struct op25b_warnings {
	char *text[OP25B_WARNED_MAX];
	unsigned long n;
};

/* Keeps a sentence about where @at is. */
void op25b_warn(struct op25b_warnings *ws, const struct op25b_ctx *at,
		const char *fmt, ...) __printf(3, 4);

/* No more are kept: then this one is counted, and need not be put together. */
static inline bool op25b_warned_enough(struct op25b_warnings *ws)
{
	if (ws->n < OP25B_WARNED_MAX)
		return false;
	ws->n++;
	return true;
}

/* Prints them on standard error, or with JSON as the list "warnings" of the
 * document that is open.
 */
void op25b_warnings_print(struct op25b_ctx *ctx,
			  const struct op25b_warnings *ws);

void op25b_warnings_free(struct op25b_warnings *ws);

#endif /* OP25BCTL_WARN_H */
