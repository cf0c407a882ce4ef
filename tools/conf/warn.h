/* SPDX-License-Identifier: GPL-2.0 */
/* Warnings: kept while files are read, told at the end. */
#ifndef OP25BCTL_WARN_H
#define OP25BCTL_WARN_H

#include "op25bctl.h"

/* How many are kept; beyond, they are only counted. Of those about one
 * entry, of which there may be any number, fewer: they hide nothing else.
 */
#define OP25B_WARNED_MAX	50
#define OP25B_WARNED_ENTRIES	40

/**
 * struct op25b_warnings - what to warn of
 * @text: sentences, led by file and line where there is one
 * @n: all of them
 * @kept: how many of them are in @text
 * @entries: those about one entry
 */
struct op25b_warnings {
	char *text[OP25B_WARNED_MAX];
	unsigned long n, kept, entries;
};

/* Keeps a sentence about where @at is. */
void op25b_warn(struct op25b_warnings *ws, const struct op25b_ctx *at,
		const char *fmt, ...) __printf(3, 4);

/* The same about one entry. */
void op25b_warn_entry(struct op25b_warnings *ws, const struct op25b_ctx *at,
		      const char *fmt, ...) __printf(3, 4);

/* No more of those are kept: then this one is counted, and need not be put
 * together.
 */
static inline bool op25b_warned_enough(struct op25b_warnings *ws)
{
	if (ws->entries < OP25B_WARNED_ENTRIES)
		return false;
	ws->n++;
	return true;
}

/* Prints them on standard error, or with JSON as the list "warnings" of the
 * document that is open.
 */
void op25b_warnings_print(struct op25b_ctx *ctx,
			  const struct op25b_warnings *ws);

/* The same on standard error in any case, as a document of its own if JSON was
 * asked for.
 */
void op25b_warnings_tell(const struct op25b_ctx *ctx,
			 const struct op25b_warnings *ws);

void op25b_warnings_free(struct op25b_warnings *ws);

#endif /* OP25BCTL_WARN_H */
