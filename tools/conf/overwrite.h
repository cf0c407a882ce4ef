/* SPDX-License-Identifier: GPL-2.0 */
/* Files that say more than what is in force: `conf save` adds to them. */
#ifndef OP25BCTL_OVERWRITE_H
#define OP25BCTL_OVERWRITE_H

#include "op25bctl.h"

/**
 * struct op25b_loss - what would be lost with a file
 * @what: a remark, an include or a line that is no statement; NULL if nothing
 * @line: the first of them
 */
struct op25b_loss {
	const char *what;
	unsigned long line;
};

/* Looks for it. No file, or what is none, has nothing to lose.
 * Return: OP25B_DONE, or OP25B_USAGE after saying why it cannot be read.
 */
int op25b_loss_find(struct op25b_ctx *ctx, const char *name,
		    struct op25b_loss *loss);

/* Adds to the file @name what is in force and not in it. Refused if it has
 * anything else than what is in force, since that would need an editor.
 * Return: enum op25b_exit
 */
int op25b_extend(struct op25b_ctx *ctx, const char *name,
		 const struct op25b_loss *loss);

/* Adds to the file @name, which the configuration includes, what was added by
 * hand; what it has, and was changed by hand, it has so from then on. Refused
 * if anything else in it is not so in force, unless @force takes it out.
 * Return: enum op25b_exit
 */
int op25b_save_by_hand(struct op25b_ctx *ctx, const char *name, bool force);

#endif /* OP25BCTL_OVERWRITE_H */
