/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A filter in front of tries, of one family each: it answers for nearly all
 * addresses that are in no prefix of theirs. Theory of operation in filter.c.
 */
#ifndef _OP25B_FILTER_H
#define _OP25B_FILTER_H

#include <linux/bitops.h>

#include "lpm/build.h"

#define OP25B_LEVELS	5	/* of prefix lengths, see filter.c */

/**
 * struct op25b_filter - immutable once published, as what it belongs to
 * @seed: of the hash
 * @shift: what a hash is shifted by to be the number of its word
 * @room: prefixes that may yet be added before another should take its place
 * @next: that one, being made; NULL: none
 * @reached: in one that is being made: the last prefix that is in it, len 0 for
 *	none of that family
 * @levels: of a family: which of them have been added to
 * @full: it answers "maybe" to all: there are too many prefixes, or there were
 * @word: each prefix has set three bits of one of them
 */
struct op25b_filter {
	u64 seed;
	u32 shift;
	u32 room;
	struct op25b_filter *next;
	struct op25b_prefix reached;
	u8 levels[OP25B_FAMILIES];
	bool full;
	u64 word[];
};

/* The bits of an address that are its key at a level. */
extern const struct op25b_addr op25b_filter_mask[OP25B_FAMILIES][OP25B_LEVELS];

static inline u64 op25b_filter_hash(u64 seed, struct op25b_addr key)
{
	u64 hash = op25b_addr_hash(seed, key);

	/* Once more, for more of its bits are used than the best. */
	return (hash ^ hash >> 32) * GOLDEN_RATIO_64;
}

static inline u64 op25b_filter_bits(u64 hash)
{
	return BIT_ULL(hash >> 44 & 63) | BIT_ULL(hash >> 38 & 63) |
	       BIT_ULL(hash >> 32 & 63);
}

/* May @key, of whatever level, have been added? */
static inline bool op25b_filter_has(const struct op25b_filter *filter,
				    struct op25b_addr key)
{
	u64 hash = op25b_filter_hash(filter->seed, key);

	return !(op25b_filter_bits(hash) &
		 ~filter->word[hash >> filter->shift]);
}

/* May @addr be in a prefix? @filter: NULL for no prefix.
 * Context: RCU or the writer's lock, as for the tries.
 */
static inline bool op25b_filter_maybe(const struct op25b_filter *filter,
				      u8 family, struct op25b_addr addr)
{
	unsigned long levels;

	if (!filter)
		return false;
	for (levels = filter->levels[family]; levels; levels &= levels - 1) {
		struct op25b_addr key =
			op25b_filter_mask[family][__ffs(levels)];

		key.hi &= addr.hi;
		key.lo &= addr.lo;
		if (op25b_filter_has(filter, op25b_addr_of(family, key)))
			return true;
	}
	return false;
}

/* Memory of @filter and its next, 0 for NULL. */
size_t op25b_filter_bytes(const struct op25b_filter *filter);

/* A copy, with its next; of NULL, a new one for the first prefixes. NULL: no
 * memory. Context: may sleep.
 */
struct op25b_filter *op25b_filter_copy(const struct op25b_filter *filter);

/* All below: no reader can reach @filter. May sleep. */

void op25b_filter_add(struct op25b_filter *filter,
		      const struct op25b_prefix *prefix);

/* After a prefix came or went, @builds have these now: a step towards the next
 * filter, where one is due. Return: the filter from now on, @filter or its
 * next; then @filter is freed.
 */
struct op25b_filter *
op25b_filter_step(struct op25b_filter *filter,
		  const struct op25b_build builds[OP25B_FAMILIES]);

/* Would a step do anything, with so many prefixes? */
bool op25b_filter_due(const struct op25b_filter *filter, u32 count);

void op25b_filter_free(struct op25b_filter *filter);

#endif /* _OP25B_FILTER_H */
