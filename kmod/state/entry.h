/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries: what a prefix or relay is besides its action: comment, expiry and
 * counters. They belong to the namespace, keyed by what they describe, and are
 * shared by all rulesets, so no replacement copies or forgets a counter.
 *
 * Theory of operation in entry.c; how packets are counted, in journal.c.
 */
#ifndef _OP25B_ENTRY_H
#define _OP25B_ENTRY_H

#include <linux/atomic.h>
#include <linux/op25b.h>
#include <linux/rcupdate.h>

#include "lpm/addr.h"
#include "state/fact.h"

struct op25b_directory;
struct op25b_pool;
struct op25b_record;
struct op25b_store;

enum op25b_entry_kind {
	OP25B_ENTRY_PREFIX,
	OP25B_ENTRY_RELAY,
	OP25B_ENTRY_KINDS
};

/* A class: whose entries, and of which kind. Those of CONFIG come first, so
 * they have the numbers of their kinds.
 */
#define OP25B_ORIGINS		(__OP25B_ORIGIN_MAX - OP25B_ORIGIN_CONFIG)
#define OP25B_CLASSES		(OP25B_ORIGINS * OP25B_ENTRY_KINDS)

static inline u8 op25b_class(u8 origin, enum op25b_entry_kind kind)
{
	return (origin - OP25B_ORIGIN_CONFIG) * OP25B_ENTRY_KINDS + kind;
}

static inline u8 op25b_class_origin(u8 class)
{
	return class / OP25B_ENTRY_KINDS + OP25B_ORIGIN_CONFIG;
}

static inline enum op25b_entry_kind op25b_class_kind(u8 class)
{
	return class % OP25B_ENTRY_KINDS;
}

/* Those of a class and family lie together: class by class. */
#define OP25B_ENTRY_SETS	(OP25B_CLASSES * OP25B_FAMILIES)

/**
 * struct op25b_entry - 56 bytes for IPv4, 72 for IPv6
 * @fact: what its sides say of it, if they have it: op25b_entry_fact().
 *	on->lock
 * @others: packets that are no SYN, but for what CPUs still hold (journal.c).
 *	Not all packets: most blocked ones are SYNs, so two atomic operations do
 *	where three would be needed. From here on, what posting needs: 40 bytes
 *	for IPv4, so half of them are one cache line
 * @syns: SYNs, same
 * @bytes: of both, same
 * @last_seen: CLOCK_REALTIME seconds, 0 never
 * @born: seq of the ruleset in force when it was made, its lower 32 bits; older
 *	ones cannot have counted on it. In an entry that is forgotten, the
 *	number of the next such entry; in a place that is free, the next place
 * @by_hand: added or replaced since the last COMMIT; that which is on trial
 *	does not count. on->lock
 * @len: prefix length
 * @born_high: the next 16 bits of that seq
 * @addr: its first one (IPv4) or four (IPv6) words, the top one first
 */
struct op25b_entry {
	u64 fact[2];
	atomic64_t others;
	atomic64_t syns;
	atomic64_t bytes;
	u32 last_seen;
	u32 born;
	bool by_hand;
	u8 len;
	u16 born_high;
	u32 addr[];
};

/**
 * struct op25b_entries - the entries of one class and family
 * @directory: from a key to a number (index.h), NULL until the first entry
 * @pool: from a number to the entry (pool.h), same
 * @first: no shelf of @pool below it has room; on->lock, as all below
 * @limbo: the first entry that is forgotten, but that readers may still
 *	compare keys with; 0 for none
 * @family: enum op25b_family
 */
struct op25b_entries {
	struct op25b_directory __rcu *directory;
	struct op25b_pool __rcu *pool;
	u32 first;
	u32 limbo;
	u8 family;
};

struct op25b_entry_info {
	u64 packets;
	u64 bytes;
	u64 syns;
	u32 last_seen;		/* CLOCK_REALTIME seconds, 0 never */
	u32 expires;		/* same */
	u8 origin;		/* enum op25b_origin */
	bool by_hand;
	const char *comment;	/* NULL none; valid under the lock */
};

/* What @side says of @entry. */
static inline u64 *op25b_entry_fact(struct op25b_entry *entry, u8 side)
{
	return &entry->fact[side % 2];
}

/* The hash of a key in two rounds. The top bits of the first are good enough
 * for a journal; equidistant keys would gather in an index. @seed: on->seed.
 */
static inline u64 op25b_entry_mix(u64 seed, struct op25b_addr addr, u8 len)
{
	return op25b_addr_hash(seed ^ len, addr);
}

/* Of what op25b_entry_mix() returns; of it, too, the top bits are the best. */
static inline u32 op25b_entry_hash(u64 mix)
{
	return (mix ^ mix >> 32) * GOLDEN_RATIO_64 >> 32;
}

/* What the entry describes. */
static inline void op25b_entry_key(const struct op25b_entry *entry, u8 family,
				   struct op25b_prefix *key)
{
	const u32 *word = entry->addr;

	*key = (struct op25b_prefix){
		.addr.hi = (u64)word[0] << 32,
		.family = family,
		.len = entry->len,
	};
	if (family == OP25B_V4)
		return;
	key->addr.hi |= word[1];
	key->addr.lo = (u64)word[2] << 32 | word[3];
}

/* Is it @key? */
static inline bool op25b_entry_is(const struct op25b_entry *entry,
				  const struct op25b_prefix *key)
{
	const struct op25b_addr *a = &key->addr;

	if (entry->len != key->len || entry->addr[0] != a->hi >> 32)
		return false;
	return key->family == OP25B_V4 ||
	       (entry->addr[1] == (u32)a->hi &&
		entry->addr[2] == a->lo >> 32 &&
		entry->addr[3] == (u32)a->lo);
}

#define OP25B_ENTRY_POST 64U	/* records posted at once */

/* Adds @n records, OP25B_ENTRY_POST at most, to the entries that (still) are
 * there. @lo: as in struct op25b_journal. Context: RCU, bottom halves off.
 */
void op25b_entry_post(struct op25b_store *on, const struct op25b_record *record,
		      const u64 *lo, u32 n);

/* All below: on->lock held, may sleep. */

/* Return: is there such an entry? Then @info is what the ruleset in force says
 * of it, but for packets that have not been posted (op25b_journals_post()).
 */
bool op25b_entry_read(struct op25b_store *on, u8 class,
		      const struct op25b_prefix *key,
		      struct op25b_entry_info *info);

/* Was it added or replaced since the last COMMIT? */
bool op25b_entry_by_hand(struct op25b_store *on, u8 class,
			 const struct op25b_prefix *key);

/* The entry of @key, which is there, is one. */
void op25b_entry_set_by_hand(struct op25b_store *on, u8 class,
			     const struct op25b_prefix *key);
/* No entry is. */
void op25b_entry_forget_hands(struct op25b_store *on);

void op25b_entry_init(struct op25b_store *on);
/* Makes on->entries unless they are there. Packets look at them without the
 * lock: before the first can be counted. Return: 0 or -ENOMEM.
 */
int op25b_entry_ready(struct op25b_store *on);
/* Context: the namespace is dead and its workers are through. */
void op25b_entry_exit(struct op25b_store *on);

/* The number of the entry of @key, 0 if there is none, and the entry of a
 * number, which stays where it is.
 */
u32 op25b_entry_number(struct op25b_store *on, u8 class,
		       const struct op25b_prefix *key);
struct op25b_entry *op25b_entry_at(struct op25b_store *on, u8 class, u8 family,
				   u32 number);
/* NULL: none. */
struct op25b_entry *op25b_entry_find(struct op25b_store *on, u8 class,
				     const struct op25b_prefix *key);
/* Makes the entry of @key unless it is there. Return: 0 or -ENOMEM. */
int op25b_entry_get(struct op25b_store *on, u8 class,
		    const struct op25b_prefix *key);

/* The entry of @key, which is there, has no facts any more. Nobody finds it
 * from now on; its memory goes after a grace period: until then it is in limbo.
 */
void op25b_entry_forget(struct op25b_store *on, u8 class,
			const struct op25b_prefix *key);

/**
 * struct op25b_limbo - entries in limbo
 * @first: of each set, 0 for none; each has the next one's number
 */
struct op25b_limbo {
	u32 first[OP25B_ENTRY_SETS];
};

/* Takes what is in limbo. Return: was there any? */
bool op25b_entry_limbo(struct op25b_store *on, struct op25b_limbo *limbo);

/* Sets the counters of all entries to zero. */
void op25b_entry_reset(struct op25b_store *on);

/* Gives the memory of those back. Context: their grace period is over; without
 * on->lock; may sleep.
 */
void op25b_entry_release(struct op25b_store *on,
			 const struct op25b_limbo *limbo);

#endif /* _OP25B_ENTRY_H */
