/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries: what a prefix or relay is besides its action: origin, comment and
 * counters. They belong to the namespace, keyed by what they describe, and are
 * shared by all rulesets, so no replacement copies or forgets a counter.
 *
 * Theory of operation in entry.c; how packets are counted, in journal.c.
 */
#ifndef _OP25B_ENTRY_H
#define _OP25B_ENTRY_H

#include <linux/atomic.h>
#include <linux/rcupdate.h>

#include "lpm/addr.h"
#include "state/fact.h"

struct op25b_store;
struct op25b_entry_table;
struct op25b_record;

enum op25b_entry_kind {
	OP25B_ENTRY_PREFIX,
	OP25B_ENTRY_RELAY,
	OP25B_ENTRY_KINDS
};

/**
 * struct op25b_entry - 56 bytes for IPv4, 72 for IPv6
 * @fact: what each side says of it, if it has it (fact.h). on->lock
 * @others: packets that are no SYN, but for what CPUs still hold (journal.c).
 *	Not all packets: most blocked ones are SYNs, so two atomic operations do
 *	where three would be needed. From here on, what posting needs: 40 bytes
 *	for IPv4, so half of them are one cache line
 * @syns: SYNs, same
 * @bytes: of both, same
 * @last_seen: CLOCK_REALTIME seconds, 0 never
 * @born: seq of the ruleset in force when it was made, its lower 32 bits; older
 *	ones cannot have counted on it. In an entry that is forgotten, the
 *	number of the next such entry
 * @by_hand: added or replaced since the last COMMIT; that which is on trial
 *	does not count. on->lock
 * @len: prefix length
 * @born_high: the next 16 bits of that seq
 * @addr: its first one (IPv4) or four (IPv6) words, the top one first
 */
struct op25b_entry {
	u64 fact[OP25B_SIDES];
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
 * struct op25b_line - entries in a line, each with the next one's number
 * @first: 0 for none
 * @last: if there is a first
 * @count: of them
 */
struct op25b_line {
	u32 first;
	u32 last;
	u32 count;
};

/**
 * struct op25b_entries - the entries of one kind and family
 * @table: index and memory, NULL until the first entry
 * @count: entries in use; on->lock, as all below
 * @slots_used: slots of the index that are not empty, graves included
 * @top: entries ever handed out; those above are untouched memory
 * @free: first entry to be used again, 0 none
 * @unreleased: entries that are forgotten but not used again, in limbo or not
 * @limbo: entries that readers may still compare keys with
 * @family: enum op25b_family
 */
struct op25b_entries {
	struct op25b_entry_table __rcu *table;
	u32 count;
	u32 slots_used;
	u32 top;
	u32 free;
	u32 unreleased;
	struct op25b_line limbo;
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
bool op25b_entry_read(struct op25b_store *on, enum op25b_entry_kind kind,
		      const struct op25b_prefix *key,
		      struct op25b_entry_info *info);

/* Was it added or replaced since the last COMMIT? */
bool op25b_entry_by_hand(struct op25b_store *on, enum op25b_entry_kind kind,
			 const struct op25b_prefix *key);

/* The entry of @key, which is there, is one. */
void op25b_entry_set_by_hand(struct op25b_store *on, enum op25b_entry_kind kind,
			     const struct op25b_prefix *key);
/* No entry is. */
void op25b_entry_forget_hands(struct op25b_store *on);

void op25b_entry_init(struct op25b_store *on);
/* Context: the namespace is dead and its workers are through. */
void op25b_entry_exit(struct op25b_store *on);

/* The number of the entry of @key, 0 if there is none, and the entry of a
 * number, which stays where it is.
 */
u32 op25b_entry_number(struct op25b_store *on, enum op25b_entry_kind kind,
		       const struct op25b_prefix *key);
struct op25b_entry *op25b_entry_at(struct op25b_store *on,
				   enum op25b_entry_kind kind, u8 family,
				   u32 number);
/* NULL: none. */
struct op25b_entry *op25b_entry_find(struct op25b_store *on,
				     enum op25b_entry_kind kind,
				     const struct op25b_prefix *key);
/* What the entry describes. */
void op25b_entry_key(const struct op25b_entry *entry, u8 family,
		     struct op25b_prefix *key);

/* Makes the entry of @key unless it is there. Return: 0 or -ENOMEM. */
int op25b_entry_get(struct op25b_store *on, enum op25b_entry_kind kind,
		    const struct op25b_prefix *key);

/* The entry of @key, which is there, has no facts any more. Nobody finds it
 * from now on; its memory is used again after a grace period: until then it is
 * in limbo.
 */
void op25b_entry_forget(struct op25b_store *on, enum op25b_entry_kind kind,
			const struct op25b_prefix *key);

/* Takes what is in limbo, one list for each kind and family, to be given back
 * after a grace period.
 * Return: was there any?
 */
struct op25b_limbo {
	struct op25b_line line[OP25B_ENTRY_KINDS][OP25B_FAMILIES];
};

bool op25b_entry_limbo(struct op25b_store *on, struct op25b_limbo *limbo);
void op25b_entry_reuse(struct op25b_store *on, const struct op25b_limbo *limbo);

/* Gives the memory of kinds and families that have no entry, and had none for a
 * grace period, back to the kernel.
 */
void op25b_entry_shrink(struct op25b_store *on);

/* Sets the counters of all entries to zero. */
void op25b_entry_reset(struct op25b_store *on);

#endif /* _OP25B_ENTRY_H */
