/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One network namespace: birth, hooks, publication of a ruleset, death.
 */
#ifndef _OP25B_NET_H
#define _OP25B_NET_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <net/net_namespace.h>

#include "addr.h"
#include "entry.h"
#include "ruleset.h"
#include "stats.h"

struct op25b_entries;
struct op25b_hot;
struct op25b_limiter;
struct op25b_txn;

/**
 * struct op25b_net - what a namespace holds
 * @net: the namespace
 * @ruleset: what packets are judged by; never NULL. Writers: @lock
 * @lock: the one writer lock
 * @stats: per CPU; from the first time the mode leaves `off`, until death
 * @limiter: same life
 * @stats_base: subtracted from the sums of @stats; read by anyone, set under
 *	@lock
 * @ops: the hooks, valid while registered
 * @hooked: which families' hooks are registered; under @lock
 * @dump_seq: moves with every published ruleset, never 0
 * @txn: the replacement being built, NULL if none; under @lock
 */
struct op25b_net {
	struct net *net;
	struct op25b_ruleset __rcu *ruleset;
	struct mutex lock;
	struct op25b_stats __percpu *stats;
	struct op25b_limiter *limiter;
	atomic64_t stats_base[__OP25B_COUNTER_MAX];
	struct nf_hook_ops ops[OP25B_FAMILIES];
	bool hooked[OP25B_FAMILIES];
	u32 dump_seq;
	struct op25b_txn *txn;
};

struct op25b_net *op25b_net(const struct net *net);

int op25b_net_init(void);
void op25b_net_exit(void);

#endif /* _OP25B_NET_H */
