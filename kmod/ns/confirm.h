/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A change with a net: the ruleset that a COMMIT replaced is parked, and comes
 * back unless somebody confirms in time. Theory of operation in confirm.c.
 */
#ifndef _OP25B_CONFIRM_H
#define _OP25B_CONFIRM_H

#include <linux/atomic.h>
#include <linux/workqueue.h>

struct netlink_ext_ack;
struct op25b_edit;
struct op25b_net;
struct op25b_ruleset;

/**
 * struct op25b_confirm - of one namespace
 * @parked: what a rollback brings back, NULL while nothing is pending. No
 *	packet has seen it; all it has is of what was in force
 * @edit: the REPLACE that put the one in force there; it has what undoes it
 * @until: CLOCK_BOOTTIME nanoseconds, 0 while nothing is pending
 * @work: rolls back
 */
struct op25b_confirm {
	struct op25b_ruleset *parked;
	struct op25b_edit *edit;
	atomic64_t until;
	struct delayed_work work;
};

void op25b_confirm_init(struct op25b_net *on);
/* Context: nobody edits any more; may sleep. */
void op25b_confirm_exit(struct op25b_net *on);

/* Seconds left, 0: nothing is pending. Context: any. */
u32 op25b_confirm_left(struct op25b_net *on);

/* All below: on->lock held; may sleep. */

/* -EBUSY with its sentence while something is pending, else 0. */
int op25b_confirm_busy(struct op25b_net *on, struct netlink_ext_ack *extack);

/* @edit has been put in force, with edit->confirm seconds to be confirmed in;
 * @parked takes the place of what was in force before, which is edit->husk.
 */
void op25b_confirm_park(struct op25b_edit *edit, struct op25b_ruleset *parked);

/* The mode in force was set to `off`: so it shall stay. */
void op25b_confirm_off(struct op25b_net *on);

/* Both: something is pending. They never fail. */
void op25b_confirm_accept(struct op25b_net *on);
/* @by_caller: or by the kernel. */
void op25b_confirm_rollback(struct op25b_net *on, bool by_caller);

#endif /* _OP25B_CONFIRM_H */
