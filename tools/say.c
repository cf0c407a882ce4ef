// SPDX-License-Identifier: GPL-2.0
/* Complaints. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "say.h"

int op25b_flush(void)
{
	static int lost;

	/* A stream drops what it could not write, and knows no longer why. */
	errno = 0;
	if ((fflush(stdout) || ferror(stdout)) && !lost)
		lost = errno ? errno : EIO;
	return lost;
}

void op25b_complain(const struct op25b_ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	/* What was printed before belongs in front of the complaint. */
	op25b_flush();
	if (ctx->file)
		fprintf(stderr, "%s:%lu: ", ctx->file, ctx->line);
	else
		fputs("op25bctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

const char *op25b_quote(const struct op25b_word *w, char *buf)
{
	char *p = buf, *end = buf + OP25B_QUOTE - 8;
	size_t i;

	*p++ = '"';
	for (i = 0; i < w->len && p < end; i++) {
		unsigned char c = w->s[i];

		if (c < 0x20 || c >= 0x7f)
			p += sprintf(p, "\\x%02x", c);
		else
			*p++ = c;
	}
	if (i < w->len) {
		*p++ = '.';
		*p++ = '.';
		*p++ = '.';
	}
	*p++ = '"';
	*p = '\0';
	return buf;
}

int op25b_surplus(const struct op25b_ctx *ctx, const struct op25b_word *w)
{
	char q[OP25B_QUOTE];

	op25b_complain(ctx, "%s: expected the end", op25b_quote(w, q));
	return OP25B_USAGE;
}

int op25b_err(struct op25b_err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}
