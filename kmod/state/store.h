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
 * @entries: comment, expiry and counters of prefixes and relays, a set for each
 *	class and family; from the first one, or the first time the mode leaves
 *	`off`, until death
 * @lock: the one writer lock; who looks at entries holds it too
 * @parked: the ruleset that a rollback would bring back, NULL if none. No
 *	packet has seen it; all it has is of what was in force
 * @side: of CONFIG's entries, which is the one of @ruleset
 * @by_hand: CONFIG's entries so marked
 * @due: the prefixes that expire, in order, on each side
 * @replacing: the REPLACE edit being built, NULL if none
 * @trash: what is to be freed
 * @serial: of each origin: grows with every change of what it has. Writers:
 *	@lock; read by anyone
 * @changed: of each origin: when that was, CLOCK_REALTIME seconds, 0 never;
 *	same
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
	struct op25b_entries *entries;

	struct mutex lock;	/* all that is not said to be otherwise */
	struct op25b_ruleset *parked;
	u8 side;
	u32 by_hand[OP25B_ENTRY_KINDS];
	struct op25b_due due[OP25B_SIDES];
	struct op25b_edit *replacing;
	struct op25b_trash trash;
	atomic64_t serial[OP25B_ORIGINS];
	u32 changed[OP25B_ORIGINS];
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

/* How often @origin has changed, and when last. Context: any. */
static inline u64 op25b_store_serial(const struct op25b_store *on, u8 origin)
{
	return atomic64_read(&on->serial[origin - OP25B_ORIGIN_CONFIG]);
}

static inline u32 op25b_store_changed(const struct op25b_store *on, u8 origin)
{
	return READ_ONCE(on->changed[origin - OP25B_ORIGIN_CONFIG]);
}

/* The side in force of the origin of @class. Context: on->lock. */
static inline u8 op25b_side_of(const struct op25b_store *on, u8 class)
{
	u8 origin = op25b_class_origin(class);

	return origin == OP25B_ORIGIN_CONFIG ? on->side : origin;
}

/* The ruleset in force. Context: on->lock. */
static inline struct op25b_ruleset *op25b_ruleset_locked(struct op25b_store *on)
{
	return rcu_dereference_protected(on->ruleset,
					 lockdep_is_held(&on->lock));
}

#endif /* _OP25B_STORE_H */
