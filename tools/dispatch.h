/* SPDX-License-Identifier: GPL-2.0 */
/* Commands, looked up in the command table and run. */
#ifndef OP25BCTL_DISPATCH_H
#define OP25BCTL_DISPATCH_H

#include "op25bctl.h"

/* Runs the command in @w. Return: enum op25b_exit; anything wrong was said. */
int op25b_dispatch(struct op25b_ctx *ctx, const struct op25b_word *w, int n);

/* Runs each line of the file @name ("-": stdin) until one is refused: all of
 * them in one step if @atomic, and those behind it, too, if @keep_going.
 */
int op25b_batch(struct op25b_ctx *ctx, const char *name, bool atomic,
		bool keep_going);

#endif /* OP25BCTL_DISPATCH_H */
