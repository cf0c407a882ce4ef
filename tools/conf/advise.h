/* SPDX-License-Identifier: GPL-2.0 */
/* What `conf check` says beyond errors: what is probably not meant. */
#ifndef OP25BCTL_ADVISE_H
#define OP25BCTL_ADVISE_H

#include "conf/load.h"

/* Compares the files, which were checked, with the limits of the kernel, as
 * far as that can be asked, and warns of what a router would do with them.
 * Return: OP25B_DONE, or why they could not be applied, after saying so.
 */
int op25b_advise(struct op25b_ctx *ctx, struct op25b_source *s,
		 const struct op25b_summary *sum, struct op25b_warnings *ws);

#endif /* OP25BCTL_ADVISE_H */
