/* SPDX-License-Identifier: GPL-2.0 */
/* Complaints, and what they are made of. */
#ifndef OP25BCTL_SAY_H
#define OP25BCTL_SAY_H

#include "op25bctl.h"

/* Writes out what is buffered for standard output. Return: 0, or the errno
 * that first lost some of it.
 */
int op25b_flush(void);

/* @text with all but printable ASCII escaped, to be freed; NULL: no memory. */
char *op25b_printable(const char *text);

/* A sentence on stderr, led by where we are: the program, or file and line.
 * Whatever is in it, names of files say, is printable.
 */
void op25b_complain(const struct op25b_ctx *ctx, const char *fmt, ...)
	__printf(2, 3);

/* The same. Return: @status */
int op25b_fail(const struct op25b_ctx *ctx, enum op25b_exit status,
	       const char *fmt, ...) __printf(3, 4);

/* The words that go with @n of what they name. */
static inline const char *op25b_plural(unsigned long n, const char *one,
				       const char *many)
{
	return n == 1 ? one : many;
}

/* Complains that @w stands where nothing was expected. Return: OP25B_USAGE */
int op25b_surplus(const struct op25b_ctx *ctx, const struct op25b_word *w);

/* Is @w the word @s? */
bool op25b_is(const struct op25b_word *w, const char *s);

/* @w in quotes, cut short and with what is unprintable escaped, for a
 * complaint. Return: @buf, of OP25B_QUOTE bytes.
 */
#define OP25B_QUOTE	100
const char *op25b_quote(const struct op25b_word *w, char *buf);

/* Adds to the list "a, b" in @buf, "..." where it does not fit. */
void op25b_enlist(char *buf, size_t size, const char *word);

/**
 * struct op25b_err - what is wrong with some words
 * @text: what was found, and what was expected
 */
struct op25b_err {
	char text[480];
};

/* Sets @err, if it is not NULL. Return: -1 */
int op25b_err(struct op25b_err *err, const char *fmt, ...)
	__printf(2, 3);

#endif /* OP25BCTL_SAY_H */
