// SPDX-License-Identifier: GPL-2.0
/* In place of the tool's main file, for grammar.c. */
#include "op25bctl.h"

int op25b_dispatch(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	(void)ctx;
	(void)w;
	(void)n;
	return OP25B_USAGE;
}
