/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration as a whole. */
#ifndef OP25BCTL_CONF_H
#define OP25BCTL_CONF_H

#include "kernel/state.h"

/* Prints a copy as a file. Return: enum op25b_exit */
int op25b_conf_print(struct op25b_ctx *ctx, struct op25b_out *out,
		     struct op25b_copy *c);

#endif /* OP25BCTL_CONF_H */
