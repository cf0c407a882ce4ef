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

/* Warns of an entry that no packet can ever match. */
void op25b_advise_never(const struct op25b_ctx *at, struct op25b_warnings *ws,
			const struct op25b_kind *kind,
			const struct op25b_entry *e);

/* Says, on standard error, what is probably not meant about an entry that is
 * added by hand; of one that only gathers, not what it would cover.
 * Return: OP25B_DONE
 */
int op25b_advise_entry(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		       const struct op25b_entry *e);

#endif /* OP25BCTL_ADVISE_H */
