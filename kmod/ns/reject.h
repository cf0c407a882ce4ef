/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replies to blocked packets: a TCP reset or an ICMP error, made by the
 * kernel's nf_reject_ipv4 and nf_reject_ipv6, limited by limit.h.
 */
#ifndef _OP25B_REJECT_H
#define _OP25B_REJECT_H

#include <linux/types.h>

#include "packet/limit.h"

struct netlink_ext_ack;
struct nf_hook_state;
struct op25b_flow;
struct op25b_net;
struct op25b_ruleset;
struct sk_buff;

/* The reply helpers of nf_reject are taken by name at module init, so that
 * insmod, which resolves no dependencies, works by itself. Those that cannot be
 * had are missing; op25b_reject_available() refuses a ruleset that needs them.
 */
void op25b_reject_init(void);
void op25b_reject_exit(void);

/* Can packets of @family be answered as @reject (enum op25b_reject) says?
 * Return: 0, or -EOPNOTSUPP with the sentence in @extack.
 */
int op25b_reject_available(u8 reject, u8 family,
			   struct netlink_ext_ack *extack);

/* Answers @skb, which the caller is about to drop, if an answer may be sent and
 * the limits allow; counts reply_limited, or reply_sent if the answer leaves.
 * @reverse: row 2, which has a budget of its own.
 * Context: the packet path, bottom halves off. Never fails, sleeps or logs.
 */
void op25b_reject_send(struct op25b_net *on, const struct op25b_ruleset *rs,
		       const struct op25b_flow *flow, struct sk_buff *skb,
		       const struct nf_hook_state *state, bool reverse);

/* A packet of this machine's own is at the end of OUTPUT. Context: any. */
void op25b_reject_left(void);

#endif /* _OP25B_REJECT_H */
