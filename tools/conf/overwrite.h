/* SPDX-License-Identifier: GPL-2.0 */
/* What `conf save` wants `force` for. */
#ifndef OP25BCTL_OVERWRITE_H
#define OP25BCTL_OVERWRITE_H

#include "op25bctl.h"

/* May what is in force replace the file @name? Not if it has anything that
 * would be lost: remarks, includes, lines that are no statements.
 * Return: OP25B_DONE, or OP25B_REFUSED or OP25B_USAGE after saying why.
 */
int op25b_overwrite(struct op25b_ctx *ctx, const char *name);

#endif /* OP25BCTL_OVERWRITE_H */
