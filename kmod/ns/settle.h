/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a ruleset needs around it, and what follows from its being in force:
 * hooks, memory of the packet path, offenders, timers, the event of a mode.
 *
 * All of it: op25b_writer_lock().
 */
#ifndef _OP25B_SETTLE_H
#define _OP25B_SETTLE_H

#include <linux/types.h>

struct netlink_ext_ack;
struct op25b_knobs;
struct op25b_net;

/* Before a ruleset with @knobs is published: what its packets need. @blocks, by
 * family: it has prefixes, so that packets may have to be answered. On error
 * nothing has changed. May sleep.
 */
int op25b_settle_ahead(struct op25b_net *on, const struct op25b_knobs *knobs,
		       const bool *blocks, struct netlink_ext_ack *extack);

/* Hooks leave that what is in force does not need. */
void op25b_settle_hooks(struct op25b_net *on);

/* After another ruleset was published, in place of one of @old_mode. */
void op25b_settle_after(struct op25b_net *on, u8 old_mode, bool by_caller);

/* An event of @kind, about the ruleset in force. */
void op25b_settle_tell(struct op25b_net *on, u8 kind, bool by_caller);

#endif /* _OP25B_SETTLE_H */
