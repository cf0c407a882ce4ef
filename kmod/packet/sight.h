/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A sight: one packet of a source, and how a CPU's table (heavy.h) takes it in.
 * The layout is here as well. Theory of operation in heavy.c.
 *
 * Inline, so that a sight stays in registers, and where the family is known to
 * the compiler, an IPv4 address is one word.
 */
#ifndef _OP25B_SIGHT_H
#define _OP25B_SIGHT_H

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/percpu.h>
#include <linux/seqlock.h>
#include <linux/u64_stats_sync.h>

#include "compat/local_lock.h"
#include "packet/heavy.h"

#define OP25B_HEAVY_WORD	(8 * sizeof(long))
#define OP25B_HEAVY_EPOCH	8U	/* more than the ways, see heavy.c */

/* What a packet says of its source. */
enum op25b_says {
	/* it was blocked, or is the SYN of a connection that was not */
	OP25B_SAYS_ATTEMPT	= 0x1,
	/* it is a SYN */
	OP25B_SAYS_SYN		= 0x2,
	/* it was let through, because of the source's prefix */
	OP25B_SAYS_EXEMPT	= 0x4,
	/* it was let through, but enforced or in a `block` prefix it would not
	 * have been
	 */
	OP25B_SAYS_WATCHED	= 0x8,
};

/* What a source keeps of its last packet, in one word that is read and written
 * as such. @family: enum op25b_family; @prefix_len: of the deciding prefix,
 * which holds the source; @action: enum op25b_action of that; @says: enum
 * op25b_says, whose bits are the lowest ones of the word.
 */
static inline u32 op25b_traits(u8 family, u8 prefix_len, u8 action, u8 says)
{
	return (u32)prefix_len << 24 | action << 16 | family << 8 | says;
}

static inline u8 op25b_traits_family(u32 traits)
{
	return traits >> 8;
}

static inline u8 op25b_traits_prefix_len(u32 traits)
{
	return traits >> 24;
}

static inline u8 op25b_traits_action(u32 traits)
{
	return traits >> 16;
}

static inline u8 op25b_traits_says(u32 traits)
{
	return traits;
}

/**
 * struct op25b_sight - one packet of a source
 * @addr: its address, whole
 * @to: the address that it talks to
 * @seed: of the hash of @to; nobody outside knows it
 * @hash: of the source, by op25b_heavy_hash() and another such seed
 * @bytes: of the packet
 * @now: seconds
 * @traits: op25b_traits() of it
 * @len: how many bits of @addr make the source
 */
struct op25b_sight {
	struct op25b_addr addr;
	struct op25b_addr to;
	u64 seed;
	u32 hash;
	u32 bytes;
	u32 now;
	u32 traits;
	u8 len;
};

/* Two cache lines. */
struct op25b_place {
	struct op25b_addr addr;
	u64 packets;
	u64 bytes;
	u64 attempts;
	u64 syns;
	u32 first_seen;
	u32 last_seen;
	u32 error;
	u32 traits;
	unsigned long seen[OP25B_HEAVY_BITS / OP25B_HEAVY_WORD];
};

/* One; a score of 0 is an empty place. A tag is eight bits of its source's
 * hash, the highest; that of way w is in bits w * 8 and up of @tags. The eight
 * bits below are in @more, for who has to tell sources apart by them.
 */
struct op25b_set {
	u32 version;
	seqcount_t seq;
	u64 tags;
	u8 more[8];
	u32 score[OP25B_HEAVY_WAYS];
	u32 refusals;		/* of the door */
	u64 door;
};

struct op25b_heavy {
	struct op25b_set set[OP25B_HEAVY_SETS];
	struct op25b_place place[OP25B_HEAVY_SETS][OP25B_HEAVY_WAYS];
	/* who was told of, by told_mark() */
	u16 told[OP25B_HEAVY_SETS][OP25B_HEAVY_WAYS];
	u32 version;
	u32 used;
	struct u64_stats_sync syncp;
};

/* local_lock_nested_bh(): on PREEMPT_RT, one packet may preempt another that is
 * being counted.
 */
DECLARE_PER_CPU(local_lock_t, op25b_heavy_lock);

/* Empties the set that @hash is of, for @version. Context: op25b_heavy_lock. */
void op25b_heavy_begin(struct op25b_heavy *table, u32 hash, u32 version);

/* What op25b_heavy_count() says of a source that is to have a place, and has
 * none: op25b_heavy_move_in() is next, before the lock is released.
 */
#define OP25B_HEAVY_NEW	U64_MAX

/* The source takes the place with the least score. A call of its own: a sight
 * in memory costs all other packets the stack's alignment and canary.
 * Return: 1, its attempts. Context: op25b_heavy_lock.
 */
u64 op25b_heavy_move_in(struct op25b_heavy *table,
			const struct op25b_sight *sight);

static inline u8 op25b_heavy_tag(u32 hash)
{
	return hash >> 24;
}

#define OP25B_LANES	0x0101010101010101ULL

/* The ways that have the tag of @hash, by the top bit of their bytes; above the
 * first one, perhaps others too (Mycroft; Hacker's Delight, 2nd edition, 6-1).
 */
static inline u64 op25b_heavy_tagged(const struct op25b_set *set, u32 hash)
{
	u64 other = set->tags ^ op25b_heavy_tag(hash) * OP25B_LANES;

	static_assert(OP25B_HEAVY_WAYS == 7);
	return (other - OP25B_LANES) & ~other & OP25B_LANES << 7 &
	       ~BIT_ULL(63);
}

/* Do @a and @b agree in their first @len bits, 1 to 128? */
static inline bool op25b_same_head(struct op25b_addr a, struct op25b_addr b,
				   u8 len)
{
	u64 hi = a.hi ^ b.hi;

	if (likely(op25b_addr_equal(a, b)))
		return true;
	if (len <= 64)
		return !(hi >> (64 - len));
	return !(hi | (a.lo ^ b.lo) >> (128 - len));
}

static __always_inline bool op25b_place_is_of(const struct op25b_place *place,
					      u8 family,
					      const struct op25b_sight *sight)
{
	if (op25b_traits_family(place->traits) != family)
		return false;
	if (family == OP25B_V4)
		return place->addr.hi == sight->addr.hi;
	return op25b_same_head(place->addr, sight->addr, sight->len);
}

/* Where its source is, or OP25B_HEAVY_WAYS. */
static __always_inline unsigned int
op25b_heavy_way(const struct op25b_set *set, const struct op25b_place *places,
		u8 family, const struct op25b_sight *sight)
{
	u64 tagged = op25b_heavy_tagged(set, sight->hash);
	unsigned int way;

	for (; tagged; tagged &= tagged - 1) {
		way = __ffs64(tagged) / 8;
		if (set->score[way] &&
		    op25b_place_is_of(&places[way], family, sight))
			return way;
	}
	return OP25B_HEAVY_WAYS;
}

/* Is it the first to hit its bit? The lowest bits of the hash are the set's.
 * When refusals cannot be counted any more, nobody is refused.
 */
static inline bool op25b_heavy_refuse(struct op25b_set *set, u32 hash)
{
	u64 bit = BIT_ULL(hash >> 26);

	if (set->refusals % OP25B_HEAVY_EPOCH == 0)
		set->door = 0;
	if (set->door & bit || set->refusals == U32_MAX)
		return false;
	set->door |= bit;
	WRITE_ONCE(set->refusals, set->refusals + 1);
	return true;
}

/* The source has no place. Places are taken in their order. */
static __always_inline u64 op25b_heavy_knock(struct op25b_set *set,
					     const struct op25b_sight *sight)
{
	if (!(sight->traits & OP25B_SAYS_ATTEMPT))
		return 0;
	if (set->score[OP25B_HEAVY_WAYS - 1] &&
	    op25b_heavy_refuse(set, sight->hash))
		return 0;
	return OP25B_HEAVY_NEW;
}

/* Which of its destinations' bits. */
static __always_inline u32 op25b_sight_bit(const struct op25b_sight *sight)
{
	return op25b_heavy_hash(sight->seed, sight->to) % OP25B_HEAVY_BITS;
}

/* Of several addresses that make an IPv6 source, the last one is kept. */
static __always_inline u64 op25b_place_see(struct op25b_place *place, u8 family,
					   const struct op25b_sight *sight,
					   struct u64_stats_sync *syncp)
{
	u8 says = op25b_traits_says(sight->traits);
	u32 to = op25b_sight_bit(sight);
	unsigned long bit = 1UL << to % OP25B_HEAVY_WORD;
	unsigned long *word = &place->seen[to / OP25B_HEAVY_WORD];

	static_assert(OP25B_SAYS_ATTEMPT == 1 && OP25B_SAYS_SYN == 2);
	u64_stats_update_begin(syncp);
	WRITE_ONCE(place->packets, place->packets + 1);
	WRITE_ONCE(place->bytes, place->bytes + sight->bytes);
	WRITE_ONCE(place->syns, place->syns + (says >> 1 & 1));
	WRITE_ONCE(place->attempts, place->attempts + (says & 1));
	if (family == OP25B_V6) {
		WRITE_ONCE(place->addr.hi, sight->addr.hi);
		WRITE_ONCE(place->addr.lo, sight->addr.lo);
	}
	u64_stats_update_end(syncp);
	WRITE_ONCE(place->last_seen, sight->now);
	WRITE_ONCE(place->traits, sight->traits);
	if (!(*word & bit))
		WRITE_ONCE(*word, *word | bit);
	return says & OP25B_SAYS_ATTEMPT ? place->attempts : 0;
}

/**
 * op25b_heavy_count() - a packet has been seen
 * @table: of this CPU
 * @version: of what is in it; another than before, and it begins empty
 * @family: of @sight, best a constant
 * @sight: the packet
 *
 * Return: how many attempts the source has made since it came into @table; 0
 * if the packet is none, or its source is refused; OP25B_HEAVY_NEW, see there.
 * Context: op25b_heavy_lock, with bottom halves off, and no other CPU counts in
 * @table; others may read it.
 */
static __always_inline u64 op25b_heavy_count(struct op25b_heavy *table,
					     u32 version, u8 family,
					     const struct op25b_sight *sight)
{
	u32 index = op25b_heavy_set(sight->hash);
	struct op25b_place *places = table->place[index];
	struct op25b_set *set = &table->set[index];
	unsigned int way;
	u32 score;

	if (unlikely(READ_ONCE(set->version) != version))
		op25b_heavy_begin(table, sight->hash, version);
	way = op25b_heavy_way(set, places, family, sight);
	if (way == OP25B_HEAVY_WAYS)
		return op25b_heavy_knock(set, sight);
	score = set->score[way] + (sight->traits & OP25B_SAYS_ATTEMPT);
	if (likely(score))
		WRITE_ONCE(set->score[way], score);
	return op25b_place_see(&places[way], family, sight, &table->syncp);
}

#endif /* _OP25B_SIGHT_H */
