/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that a namespace stores: the ruleset in force, the one that is staged or
 * parked, their entries and counters, and what is still to be freed.
 */
#ifndef _OP25B_STORE_H
#define _OP25B_STORE_H

#include <linux/atomic.h>
#include <linux/mutex.h>

#include "lpm/addr.h"
#include "state/due.h"
#include "state/entry.h"
#include "state/ruleset.h"
#include "state/stats.h"
#include "state/trash.h"

struct op25b_journal;

/**
 * struct op25b_store - of one namespace; under @lock unless said otherwise
 * @ruleset: what packets are judged by; never NULL. Writers: @lock
 * @stats: per CPU; from the first time the mode leaves `off`, until death
 * @journals: same life, by CPU; what packets count on entries
 * @seed: of the hash of keys of entries; never changes
 * @parked: the ruleset that a rollback would bring back, NULL if none. No
 *	packet has seen it; all it has is of what was in force
 * @entries: origin, comment and counters of prefixes and relays
 * @lock: the one writer lock; who looks at entries holds it too
 * @side: of entries, which is the one of @ruleset
 * @by_hand: entries so marked
 * @due: the prefixes that expire, in order, on each side
 * @replacing: the REPLACE edit being built, NULL if none
 * @trash: what is to be freed
 * @memory: bytes of tries, relays and entries, awaiting their grace period or
 *	not; read by anyone
 * @stats_base: subtracted from the sums of @stats; read by anyone
 */
struct op25b_store {
	/* What packets read, and who waits for the lock does not write. */
	struct op25b_ruleset __rcu *ruleset;
	struct op25b_stats __percpu *stats;
	struct op25b_journal **journals;
	u64 seed;
	struct op25b_ruleset *parked;
	struct op25b_entries entries[OP25B_ENTRY_SETS];

	struct mutex lock;	/* all that is not said to be otherwise */
	u8 side;
	u32 by_hand[OP25B_ENTRY_KINDS];
	struct op25b_due due[OP25B_SIDES];
	struct op25b_edit *replacing;
	struct op25b_trash trash;
	atomic64_t memory;
	atomic64_t stats_base[__OP25B_COUNTER_MAX];
};

/* All that a namespace may hold: 16M prefixes in the worst of tries (64 bytes
 * each), another such trie staged, and their entries.
 */
#define OP25B_MAX_MEMORY	(4ULL << 30)

static inline u64 op25b_store_memory(const struct op25b_store *on)
{
	return atomic64_read(&on->memory);
}

/* The ruleset in force. Context: on->lock. */
static inline struct op25b_ruleset *op25b_ruleset_locked(struct op25b_store *on)
{
	return rcu_dereference_protected(on->ruleset,
					 lockdep_is_held(&on->lock));
}

#endif /* _OP25B_STORE_H */
