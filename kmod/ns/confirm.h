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
struct op25b_net;

/**
 * struct op25b_confirm - of one namespace
 * @until: CLOCK_BOOTTIME nanoseconds, 0 while nothing is pending
 * @work: rolls back
 * @failed: how often it could not; writer lock
 */
struct op25b_confirm {
	atomic64_t until;
	struct delayed_work work;
	u8 failed;
};

void op25b_confirm_init(struct op25b_net *on);
/* Context: nobody edits any more; may sleep. */
void op25b_confirm_exit(struct op25b_net *on);

/* Seconds left, 0: nothing is pending. Context: any. */
u32 op25b_confirm_left(struct op25b_net *on);

/* All below: on->store.lock held; may sleep. */

/* -EBUSY with its sentence while something is pending, else 0. */
int op25b_confirm_busy(struct op25b_net *on, struct netlink_ext_ack *extack);

/* What has been put in force has to be confirmed within @seconds. */
void op25b_confirm_begin(struct op25b_net *on, u32 seconds);

/* The mode in force was set to `off`: so it shall stay. */
void op25b_confirm_off(struct op25b_net *on);

/* Both: something is pending. @by_caller: or by the kernel. A rollback may need
 * hooks again that it cannot have: then an error is returned, with its
 * sentence, and nothing has changed.
 */
void op25b_confirm_accept(struct op25b_net *on);
int op25b_confirm_rollback(struct op25b_net *on, bool by_caller,
			   struct netlink_ext_ack *extack);

#endif /* _OP25B_CONFIRM_H */
