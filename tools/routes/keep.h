/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What routes have put in force, kept on disk for the next boot: a file
 * for `prefix sync`, which op25b.service runs before the first packet.
 */
#ifndef OP25BCTL_ROUTES_KEEP_H
#define OP25BCTL_ROUTES_KEEP_H

#include "routes/set.h"

/* Writes it, as a whole or not at all. Return: OP25B_DONE, or OP25B_UNWRITTEN
 * after saying why
 */
int op25b_keep(struct op25b_ctx *ctx, const struct op25b_rset *set);

#endif /* OP25BCTL_ROUTES_KEEP_H */
