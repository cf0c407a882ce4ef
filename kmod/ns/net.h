/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One network namespace: birth, hooks, publication of a ruleset, death.
 */
#ifndef _OP25B_NET_H
#define _OP25B_NET_H

#include <linux/netfilter.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "ns/confirm.h"
#include "ns/event.h"
#include "ns/hook.h"
#include "state/store.h"

struct op25b_limiter;
struct op25b_offenders;
struct op25b_txn;

/**
 * struct op25b_net - what a namespace holds
 * @net: the namespace
 * @limiter: of replies; from the first time the mode leaves `off`, until death
 * @offenders: same life
 * @store: what is in force; its lock is that of all below, too
 * @ops: the hooks of each family; from the first registration, until death
 * @hooked: which families' hooks are registered; read by anyone, set under the
 *	lock of @store
 * @events: what is told and how often
 * @expiry: expiry.c's
 * @expired: when it last took out what was due, jiffies
 * @warned: until when expiry.c has looked for ends to warn of, CLOCK_REALTIME
 *	seconds
 * @confirm: when what is parked is put in force again
 * @txn: the netlink side of a replacement
 */
struct op25b_net {
	/* ORDER: what packets read, here and first in @store, is one cache
	 * line; the lock begins the next one.
	 */
	struct net *net;
	struct op25b_limiter *limiter;
	struct op25b_offenders *offenders;
	struct op25b_store store;
	struct nf_hook_ops (*ops)[OP25B_HOOKS];
	bool hooked[OP25B_FAMILIES];
	struct op25b_events *events;
	struct delayed_work expiry;
	unsigned long expired;
	u64 warned;
	struct op25b_confirm confirm;
	struct op25b_txn *txn;
};

struct op25b_net *op25b_net(const struct net *net);

int op25b_net_init(void);
void op25b_net_exit(void);

/* /proc/net/op25b of each namespace: knobs, totals, counters, one "key value"
 * a line, readable by all. No address ever stands there. Keys are only added.
 * Context: while namespaces have their state, which readers look at.
 */
int op25b_proc_init(void);
void op25b_proc_exit(void);

#endif /* _OP25B_NET_H */
