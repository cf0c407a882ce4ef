/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One network namespace: birth, hooks, publication of a ruleset, death.
 */
#ifndef _OP25B_NET_H
#define _OP25B_NET_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "lpm/addr.h"
#include "ns/confirm.h"
#include "state/due.h"
#include "state/entry.h"
#include "ns/event.h"
#include "ns/hook.h"
#include "state/ruleset.h"
#include "state/stats.h"
#include "state/trash.h"

struct op25b_journals;
struct op25b_limiter;
struct op25b_offenders;
struct op25b_txn;

/**
 * struct op25b_net - what a namespace holds
 * @net: the namespace
 * @ruleset: what packets are judged by; never NULL. Writers: @lock
 * @lock: the one writer lock; who tells of entries holds it too (dump.c)
 * @stats: per CPU; from the first time the mode leaves `off`, until death
 * @limiter: same life
 * @offenders: same life
 * @journals: same life; what packets count on entries
 * @seed: of the hash of keys of entries
 * @entries: origin, comment and counters of prefixes and relays
 * @stats_base: subtracted from the sums of @stats; read by anyone, set under
 *	@lock
 * @ops: the hooks of each family; from the first registration, until death
 * @hooked: which families' hooks are registered; read by anyone, set under
 *	@lock
 * @side: of entries, which is the one of @ruleset; under @lock
 * @memory: bytes of tries, relays and entries, awaiting their grace period or
 *	not
 * @by_hand: entries so marked; under @lock
 * @due: the prefixes that expire, in order, on each side; under @lock
 * @trash: what is to be freed
 * @expiry: expiry.c's
 * @expired: when it last took out what was due, jiffies; under @lock
 * @warned: until when expiry.c has looked for ends to warn of, CLOCK_REALTIME
 *	seconds; under @lock
 * @parked: the ruleset that a rollback would bring back, NULL if none; under
 *	@lock. No packet has seen it; all it has is of what was in force
 * @confirm: when
 * @txn: the netlink side of a replacement; under @lock
 * @replacing: the REPLACE edit being built, NULL if none; under @lock
 * @events: what is told and how often
 */
struct op25b_net {
	struct net *net;
	struct op25b_ruleset __rcu *ruleset;
	struct mutex lock;	/* all that is not said to be otherwise */
	struct op25b_stats __percpu *stats;
	struct op25b_limiter *limiter;
	struct op25b_offenders *offenders;
	struct op25b_journals *journals;
	u64 seed;
	struct op25b_entries entries[OP25B_ENTRY_KINDS][OP25B_FAMILIES];
	atomic64_t stats_base[__OP25B_COUNTER_MAX];
	struct nf_hook_ops (*ops)[OP25B_HOOKS];
	bool hooked[OP25B_FAMILIES];
	u8 side;
	atomic64_t memory;
	u32 by_hand[OP25B_ENTRY_KINDS];
	struct op25b_due due[OP25B_SIDES];
	struct op25b_trash trash;
	struct delayed_work expiry;
	unsigned long expired;
	u64 warned;
	struct op25b_ruleset *parked;
	struct op25b_confirm confirm;
	struct op25b_txn *txn;
	struct op25b_edit *replacing;
	struct op25b_events *events;
};

/* All that a namespace may hold: 16M prefixes in the worst of tries (64 bytes
 * each), another such trie staged, and their entries.
 */
#define OP25B_MAX_MEMORY	(4ULL << 30)

struct op25b_net *op25b_net(const struct net *net);

static inline u64 op25b_net_memory(struct op25b_net *on)
{
	return atomic64_read(&on->memory);
}

static inline u64 op25b_net_max_memory(struct op25b_net *on)
{
	return OP25B_MAX_MEMORY;
}

/* The ruleset in force. Context: on->lock. */
static inline struct op25b_ruleset *op25b_ruleset_locked(struct op25b_net *on)
{
	return rcu_dereference_protected(on->ruleset,
					 lockdep_is_held(&on->lock));
}

int op25b_net_init(void);
void op25b_net_exit(void);

#endif /* _OP25B_NET_H */
