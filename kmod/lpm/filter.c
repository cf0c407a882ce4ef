// SPDX-License-Identifier: GPL-2.0
/*
 * The filter in front of tries.
 *
 * Theory of operation
 * ===================
 *
 * Nearly every packet that gets as far as the relays goes to none of them, and
 * nearly every source has no prefix of an origin that only adds a few to
 * CONFIG's. A walk through a trie to find that out costs several cache misses
 * where the trie is large, and several mispredicted branches where it is small.
 *
 * So a Bloom filter (Bloom, CACM 13(7), 1970) comes first, blocked (Putze,
 * Sanders, Singler, WEA 2007): all bits of a key are in one word, which is the
 * one miss. 16 bits and more for each prefix and three of them set: when the
 * filter is full, one key of a hundred goes on to the trie in vain.
 *
 * The key of a prefix is as much of it as its level has bits (Dharmapurikar,
 * Krishnamurthy, Taylor, SIGCOMM 2003, have a filter for each length; here a
 * level is several, and all are in one filter): the longest of
 *
 *	IPv4	0   8  16  24   32
 *	IPv6	0  32  48  64  128
 *
 * that is no longer than the prefix. An address is looked for by its key at
 * each level that has been added to. So a /28 answers for its /24, and one
 * shorter than the first level for all. Relays have one level and one key.
 *
 * A filter that a packet may see is never written: an edit takes a copy, of 256
 * KiB for MOST prefixes. A prefix that goes leaves its bits behind, so @room
 * counts what was added, whatever has gone since. When little is left, or the
 * filter is much too large, the next one is begun, and each edit puts a few of
 * the prefixes into it, in the order of the tries, and its own, if it adds one.
 * So no edit has to look at all of them:
 *
 *	filter	@room a quarter left ...... at worst used up    freed
 *	next	          begun, STEP an edit ....... all ----> filter
 *
 * Where there are more than MOST, copies would cost more than the filter saves:
 * it becomes a small one with all bits set, until half of them are gone.
 *
 * A filter that no memory could be had for is one with more false answers, no
 * reason to refuse a prefix.
 *
 * Who sends packets chooses the addresses that are looked up. There is no chain
 * that he could make long: prefixes are the operator's. He does not know the
 * seed either, a new one for each filter that is made, and if he guessed
 * addresses that pass, or sent from or to one that was in a prefix, each such
 * packet would cost a lookup in the trie, as his own address does anyway.
 */
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "lpm/filter.h"
#include "lpm/memory.h"

#define KEYS_A_WORD	4U
#define FEWEST		32U	/* prefixes: their words are a cache line */
#define MOST		65536U
#define STEP		8	/* prefixes that go into the next at once */

const struct op25b_addr op25b_filter_mask[OP25B_FAMILIES][OP25B_LEVELS] = {
	[OP25B_V4] = {
		{ 0, 0 },
		{ 0xff00000000000000, 0 },
		{ 0xffff000000000000, 0 },
		{ 0xffffff0000000000, 0 },
		{ 0xffffffff00000000, 0 },
	},
	[OP25B_V6] = {
		{ 0, 0 },
		{ 0xffffffff00000000, 0 },
		{ 0xffffffffffff0000, 0 },
		{ ~0ULL, 0 },
		{ ~0ULL, ~0ULL },
	},
};

static unsigned int level_of(const struct op25b_prefix *prefix)
{
	const struct op25b_addr *mask = op25b_filter_mask[prefix->family];
	unsigned int level = OP25B_LEVELS - 1;

	while (hweight64(mask[level].hi) + hweight64(mask[level].lo) >
	       prefix->len)
		level--;
	return level;
}

static u32 words_of(const struct op25b_filter *filter)
{
	return 1U << (64 - filter->shift);
}

/* So that @count may grow by half before the next is due. */
static u32 words_for(u32 count)
{
	return roundup_pow_of_two(max(2 * count, FEWEST)) / KEYS_A_WORD;
}

static size_t bytes_of(const struct op25b_filter *filter)
{
	return struct_size(filter, word, words_of(filter));
}

size_t op25b_filter_bytes(const struct op25b_filter *filter)
{
	size_t bytes = 0;

	for (; filter; filter = filter->next)
		bytes += bytes_of(filter);
	return bytes;
}

static struct op25b_filter *filter_new(u32 count)
{
	struct op25b_filter *filter;
	u32 words = words_for(count);

	filter = kvzalloc(struct_size(filter, word, words), OP25B_GFP);
	if (!filter)
		return NULL;
	filter->seed = get_random_u64();
	filter->shift = 64 - ilog2(words);
	filter->room = words * KEYS_A_WORD;
	return filter;
}

static struct op25b_filter *copy_one(const struct op25b_filter *filter)
{
	struct op25b_filter *copy = kvmalloc(bytes_of(filter), OP25B_GFP);

	if (!copy)
		return NULL;
	memcpy(copy, filter, bytes_of(filter));
	copy->next = NULL;
	return copy;
}

struct op25b_filter *op25b_filter_copy(const struct op25b_filter *filter)
{
	struct op25b_filter *copy;

	if (!filter)
		return filter_new(0);
	copy = copy_one(filter);
	if (copy && filter->next)
		copy->next = copy_one(filter->next);	/* or anew */
	return copy;
}

void op25b_filter_add(struct op25b_filter *filter,
		      const struct op25b_prefix *prefix)
{
	unsigned int level = level_of(prefix);
	struct op25b_addr key = op25b_filter_mask[prefix->family][level];

	key.hi &= prefix->addr.hi;
	key.lo &= prefix->addr.lo;
	for (; filter; filter = filter->next) {
		u64 hash = op25b_filter_hash(filter->seed, key);

		filter->word[hash >> filter->shift] |= op25b_filter_bits(hash);
		filter->levels[prefix->family] |= BIT(level);
		filter->room -= !!filter->room;
	}
}

bool op25b_filter_due(const struct op25b_filter *filter, u32 count)
{
	u32 words = words_of(filter);

	if (filter->next)
		return true;
	if (filter->full)
		return count <= MOST / 2;
	return count > MOST || filter->room < words * KEYS_A_WORD / 4 ||
	       words > 2 * words_for(count);
}

/* Instead of @filter: one that answers "maybe" to all. Without memory @filter
 * stays, fuller than it should be.
 */
static struct op25b_filter *fill_up(struct op25b_filter *filter)
{
	struct op25b_filter *full = filter->full ? NULL : filter_new(0);

	kvfree(filter->next);
	filter->next = NULL;
	if (!full)
		return filter;
	full->full = true;
	full->levels[OP25B_V4] = 1;
	full->levels[OP25B_V6] = 1;
	memset(full->word, 0xff, words_of(full) * sizeof(*full->word));
	kvfree(filter);
	return full;
}

/* Return: are all prefixes in @next? */
static bool advance(struct op25b_filter *next,
		    const struct op25b_build builds[OP25B_FAMILIES])
{
	struct op25b_prefix *reached = &next->reached;
	struct op25b_trie_iter it;
	struct op25b_prefix prefix;
	unsigned int n = 0;

	for (; reached->family < OP25B_FAMILIES; reached->family++) {
		op25b_trie_first(&it, &builds[reached->family].trie,
				 reached->len ? reached : NULL);
		while (op25b_trie_next(&it, &prefix)) {
			op25b_filter_add(next, &prefix);
			*reached = prefix;
			if (++n == STEP)
				return false;
		}
		reached->len = 0;
	}
	return true;
}

struct op25b_filter *
op25b_filter_step(struct op25b_filter *filter,
		  const struct op25b_build builds[OP25B_FAMILIES])
{
	u32 count = builds[OP25B_V4].trie.count + builds[OP25B_V6].trie.count;
	struct op25b_filter *next;

	if (!op25b_filter_due(filter, count))
		return filter;
	if (count > MOST)
		return fill_up(filter);
	if (!filter->next)
		filter->next = filter_new(count);
	next = filter->next;
	if (!next || !advance(next, builds))
		return filter;
	kvfree(filter);
	return next;
}

void op25b_filter_free(struct op25b_filter *filter)
{
	if (filter)
		kvfree(filter->next);
	kvfree(filter);
}
