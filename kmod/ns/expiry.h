/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prefixes that expire are taken out of the ruleset in force and of the one
 * that is being built. Theory of operation in expiry.c.
 */
#ifndef _OP25B_EXPIRY_H
#define _OP25B_EXPIRY_H

struct op25b_net;
struct workqueue_struct;

/* Who waits for a time: expiry, and confirm.c. From start to stop. */
extern struct workqueue_struct *op25b_timers;

int op25b_expiry_start(void);
void op25b_expiry_stop(void);

void op25b_expiry_init(struct op25b_net *on);
/* Context: nobody edits any more; may sleep. */
void op25b_expiry_exit(struct op25b_net *on);

/* Something else may be due first now. Context: on->store.lock. */
void op25b_expiry_kick(struct op25b_net *on);

#endif /* _OP25B_EXPIRY_H */
