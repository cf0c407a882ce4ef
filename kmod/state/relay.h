/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The permitted relays: a trie a family, as prefixes have, and in front of them
 * a filter that answers for nearly all packets that go to no relay. Theory of
 * operation in relay.c.
 */
#ifndef _OP25B_RELAY_H
#define _OP25B_RELAY_H

#include <linux/bits.h>

#include "lpm/build.h"
#include "state/ruleset.h"

struct op25b_relay {
	struct op25b_addr addr;
	u8 family;		/* enum op25b_family */
};

/* A relay has no action; this is what its trie says of it. */
#define OP25B_RELAY_ACTION	OP25B_ACTION_EXEMPT

/**
 * struct op25b_relay_filter - immutable once published, as what it belongs to
 * @seed: of the hash
 * @shift: what a hash is shifted by to be the number of its word
 * @room: relays that may yet be added before another should take its place
 * @next: that one, being made; NULL: none
 * @reached: in one that is being made: the last relay that is in it, len 0 for
 *	none of that family
 * @word: each relay has set three bits of one of them
 */
struct op25b_relay_filter {
	u64 seed;
	u32 shift;
	u32 room;
	struct op25b_relay_filter *next;
	struct op25b_prefix reached;
	u64 word[];
};

static inline u64 op25b_relay_hash(u64 seed, struct op25b_addr addr)
{
	u64 hash = op25b_addr_hash(seed, addr);

	/* Once more, for more of its bits are used than the best. */
	return (hash ^ hash >> 32) * GOLDEN_RATIO_64;
}

static inline u64 op25b_relay_bits(u64 hash)
{
	return BIT_ULL(hash >> 44 & 63) | BIT_ULL(hash >> 38 & 63) |
	       BIT_ULL(hash >> 32 & 63);
}

/* May @addr be a relay of either family? @filter: NULL for no relay.
 * Context: RCU or the writer's lock.
 */
static inline bool op25b_relay_maybe(const struct op25b_relay_filter *filter,
				     struct op25b_addr addr)
{
	u64 hash;

	if (!filter)
		return false;
	hash = op25b_relay_hash(filter->seed, addr);
	return !(op25b_relay_bits(hash) & ~filter->word[hash >> filter->shift]);
}

/* Is @addr a relay of @part? Context: same. */
static inline bool op25b_relay_match(const struct op25b_part *part, u8 family,
				     struct op25b_addr addr)
{
	return op25b_relay_maybe(part->filter, op25b_addr_of(family, addr)) &&
	       op25b_trie_lookup(&part->relays[family], addr).action !=
	       OP25B_ACTION_NONE;
}

static inline struct op25b_prefix
op25b_relay_key(const struct op25b_relay *relay)
{
	return (struct op25b_prefix){
		.addr = relay->addr,
		.family = relay->family,
		.len = op25b_family_bits(relay->family),
	};
}

/* Memory of @filter and its next, 0 for NULL. */
size_t op25b_relay_filter_bytes(const struct op25b_relay_filter *filter);

/* A copy, with its next; of NULL, a new one for the first relays. NULL: no
 * memory. Context: may sleep.
 */
struct op25b_relay_filter *
op25b_relay_filter_copy(const struct op25b_relay_filter *filter);

/* All below: no reader can reach @filter. May sleep. */

void op25b_relay_filter_add(struct op25b_relay_filter *filter,
			    struct op25b_addr addr);

/* After a relay came or went, @builds have these now: a step towards the next
 * filter, where one is due. Return: the filter from now on, @filter or its
 * next; then @filter is freed.
 */
struct op25b_relay_filter *
op25b_relay_filter_step(struct op25b_relay_filter *filter,
			const struct op25b_build builds[OP25B_FAMILIES]);

/* Would a step do anything, with so many relays? */
bool op25b_relay_filter_due(const struct op25b_relay_filter *filter, u32 count);

void op25b_relay_filter_free(struct op25b_relay_filter *filter);

#endif /* _OP25B_RELAY_H */
