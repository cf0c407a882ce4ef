/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A configuration on trial: applied with `confirm`, and not yet confirmed.
 * The kernel takes it back by itself. What outlives a reboot stands in the
 * folder /var/lib/op25b, or OP25B_STATE_DIR:
 *
 *	pending			one line: SHA-256 of the files, their name.
 *				Written before they take effect, removed by
 *				`conf confirm` only, so that nobody applies at
 *				boot what was rolled back
 *	last-good.conf		what was confirmed last, as `conf show` has it
 *
 * and with -n NETNS pending@NETNS and last-good@NETNS.conf.
 */
#ifndef OP25BCTL_TRIAL_H
#define OP25BCTL_TRIAL_H

#include "conf/load.h"

/* Applies the files, which were checked, for @c->confirm seconds. Return: enum
 * op25b_exit; if it is not OP25B_DONE, nothing is applied or marked.
 */
int op25b_trial_apply(struct op25b_ctx *ctx, struct op25b_source *s,
		      const struct op25b_summary *sum, struct op25b_commit *c);

/* The verbs `conf confirm` and `conf rollback`. */
int op25b_trial_confirm(struct op25b_ctx *ctx, const struct op25b_word *w,
			int n);
int op25b_trial_rollback(struct op25b_ctx *ctx, const struct op25b_word *w,
			 int n);

#endif /* OP25BCTL_TRIAL_H */
