// SPDX-License-Identifier: GPL-2.0
/* In place of the tool's main file, for grammar.c. */
#include "op25bctl.h"

void op25b_complain(const struct op25b_ctx *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

int op25b_flush(void)
{
	return 0;
}

int op25b_surplus(const struct op25b_ctx *ctx, const struct op25b_word *w)
{
	(void)ctx;
	(void)w;
	return OP25B_USAGE;
}

int op25b_dispatch(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	(void)ctx;
	(void)w;
	(void)n;
	return OP25B_USAGE;
}
