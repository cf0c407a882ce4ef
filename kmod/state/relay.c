// SPDX-License-Identifier: GPL-2.0
/*
 * The filter in front of the relays.
 *
 * Theory of operation
 * ===================
 *
 * Relays are kept in tries, as prefixes are: an edit copies a path, whatever
 * their number, and a commit, a trial or a rollback moves them with the
 * ruleset. But nearly every packet that gets that far goes to no relay, and a
 * walk through a trie of many costs several cache misses.
 *
 * So a Bloom filter (Bloom, CACM 13(7), 1970) comes first, blocked (Putze,
 * Sanders, Singler, WEA 2007): all bits of an address are in one word, which is
 * the one miss. 16 bits and more for each relay and three of them set: when the
 * filter is full, one packet of a hundred goes on to the trie in vain.
 *
 * A filter that a packet may see is never written: an edit of relays takes a
 * copy, of 256 KiB for the most relays there may be. A relay that goes leaves
 * its bits behind, so @room counts what was added, whatever has gone since.
 * When little is left, or the filter is much too large, the next one is begun,
 * and each edit puts a few of the relays into it, in the order of the tries,
 * and its own, if it adds one. So no edit has to look at all of them:
 *
 *	filter	@room a quarter left ...... at worst used up    freed
 *	next	          begun, 8 relays an edit ... all ----> filter
 *
 * A filter that no memory could be had for is one with more false answers, no
 * reason to refuse a relay.
 *
 * Who sends packets chooses the addresses that are looked up. There is no chain
 * that he could make long: relays are the operator's. He does not know the seed
 * either, a new one for each filter that is made, and if he guessed addresses
 * that pass, or sent to one that was a relay, each such packet would cost a
 * lookup in the trie, as his own address does anyway.
 */
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "state/edit.h"
#include "state/relay.h"

#define RELAYS_A_WORD	4U
#define FEWEST		32U	/* relays: their words are a cache line */
#define STEP		8	/* relays that go into the next at once */

static u32 words_of(const struct op25b_relay_filter *filter)
{
	return 1U << (64 - filter->shift);
}

/* So that @count may grow by half before the next is due. */
static u32 words_for(u32 count)
{
	return roundup_pow_of_two(max(2 * count, FEWEST)) / RELAYS_A_WORD;
}

static size_t bytes_of(const struct op25b_relay_filter *filter)
{
	return struct_size(filter, word, words_of(filter));
}

size_t op25b_relay_filter_bytes(const struct op25b_relay_filter *filter)
{
	size_t bytes = 0;

	for (; filter; filter = filter->next)
		bytes += bytes_of(filter);
	return bytes;
}

static struct op25b_relay_filter *filter_new(u32 count)
{
	struct op25b_relay_filter *filter;
	u32 words = words_for(count);

	filter = kvzalloc(struct_size(filter, word, words), OP25B_GFP);
	if (!filter)
		return NULL;
	filter->seed = get_random_u64();
	filter->shift = 64 - ilog2(words);
	filter->room = words * RELAYS_A_WORD;
	return filter;
}

static struct op25b_relay_filter *
copy_one(const struct op25b_relay_filter *filter)
{
	struct op25b_relay_filter *copy;

	copy = kvmalloc(bytes_of(filter), OP25B_GFP);
	if (!copy)
		return NULL;
	memcpy(copy, filter, bytes_of(filter));
	copy->next = NULL;
	return copy;
}

struct op25b_relay_filter *
op25b_relay_filter_copy(const struct op25b_relay_filter *filter)
{
	struct op25b_relay_filter *copy;

	if (!filter)
		return filter_new(0);
	copy = copy_one(filter);
	if (copy && filter->next)
		copy->next = copy_one(filter->next);	/* or anew */
	return copy;
}

void op25b_relay_filter_add(struct op25b_relay_filter *filter,
			    struct op25b_addr addr)
{
	for (; filter; filter = filter->next) {
		u64 hash = op25b_relay_hash(filter->seed, addr);

		filter->word[hash >> filter->shift] |= op25b_relay_bits(hash);
		filter->room -= !!filter->room;
	}
}

bool op25b_relay_filter_due(const struct op25b_relay_filter *filter, u32 count)
{
	u32 words = words_of(filter);

	return filter->next || filter->room < words * RELAYS_A_WORD / 4 ||
	       words > 2 * words_for(count);
}

/* Return: are all relays in @next? */
static bool advance(struct op25b_relay_filter *next,
		    const struct op25b_build builds[OP25B_FAMILIES])
{
	struct op25b_prefix *reached = &next->reached;
	struct op25b_trie_iter it;
	struct op25b_prefix relay;
	unsigned int n = 0;

	for (; reached->family < OP25B_FAMILIES; reached->family++) {
		op25b_trie_first(&it, &builds[reached->family].trie,
				 reached->len ? reached : NULL);
		while (op25b_trie_next(&it, &relay)) {
			op25b_relay_filter_add(next, relay.addr);
			*reached = relay;
			if (++n == STEP)
				return false;
		}
		reached->len = 0;
	}
	return true;
}

struct op25b_relay_filter *
op25b_relay_filter_step(struct op25b_relay_filter *filter,
			const struct op25b_build builds[OP25B_FAMILIES])
{
	u32 count = builds[OP25B_V4].trie.count + builds[OP25B_V6].trie.count;
	struct op25b_relay_filter *next;

	if (!op25b_relay_filter_due(filter, count))
		return filter;
	if (!filter->next)
		filter->next = filter_new(count);
	next = filter->next;
	if (!next || !advance(next, builds))
		return filter;
	kvfree(filter);
	return next;
}

void op25b_relay_filter_free(struct op25b_relay_filter *filter)
{
	if (filter)
		kvfree(filter->next);
	kvfree(filter);
}
