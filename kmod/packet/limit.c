// SPDX-License-Identifier: GPL-2.0
/*
 * How many replies may be sent.
 *
 * THEORY OF OPERATION
 *
 * A bucket is one number, the time at which it will be full again (GCRA, the
 * virtual scheduling of ITU-T I.371). Taking a token moves that time by one
 * interval; if it would then lie more than a second ahead, the bucket is empty:
 *
 *     now            full            full + interval
 *      |--------------|------------------|        |
 *      |<----------- one second, the depth ------>|    taken
 *
 * (rate times the interval, rather, which is rounded up: a limit is never
 * exceeded.) So a full bucket holds as many tokens as its rate says, any 64-bit
 * compare-and-exchange updates it, and an empty one is only read: a flood that
 * is past its limit writes nothing that others share.
 *
 * The sources' buckets are a table of sets, as in a CPU's cache. A word is
 *
 *     63       40 39                                   0
 *     [   tag    ][ when full, in microseconds, cut off ]
 *
 * A source hashes (siphash, a key of its own per namespace) to a set and a tag.
 * If no way of the set has the tag, it takes the way that is full the longest,
 * or, with all of them in use, will be full first: a newcomer always gets its
 * answer, and what an evicted source gains is bounded by the ceiling. A bucket
 * is in use for a second at most after its last token: 4096 ways are enough for
 * as many sources that are answered in one second.
 */
#include <linux/atomic.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "packet/limit.h"

#define WAYS		4
#define SETS		1024	/* 32 KiB a table */

#define FULL_BITS	40	/* 12.7 days of microseconds */
#define FULL_MASK	(BIT_ULL(FULL_BITS) - 1)

/* Somebody else was faster with the same word that often: then there is no
 * lack of replies in this moment.
 */
#define TRIES		4

struct set {
	atomic64_t way[WAYS];
};

struct budget {
	atomic64_t full;	/* the ceiling's bucket, nanoseconds */
	struct set sets[SETS];
};

struct op25b_limiter {
	siphash_key_t key;
	struct budget budget[OP25B_BUDGETS];
};

struct op25b_limiter *op25b_limiter_alloc(void)
{
	struct op25b_limiter *limiter;

	limiter = kvzalloc(sizeof(*limiter), GFP_KERNEL_ACCOUNT |
			   __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (limiter)
		get_random_bytes(&limiter->key, sizeof(limiter->key));
	return limiter;
}

void op25b_limiter_free(struct op25b_limiter *limiter)
{
	kvfree(limiter);
}

/* How far ahead of @now a bucket lies in microseconds, 0 when it is full. None
 * is ever filled further ahead than its depth, so what looks so is an old word
 * of a time long ago.
 */
static u32 ahead_us(u64 word, u64 now_us, u32 depth)
{
	u64 ahead = (word - now_us) & FULL_MASK;

	return ahead > depth ? 0 : ahead;
}

/* The way of @set that belongs to @tag, or else the one to take over. */
static atomic64_t *find_way(struct set *set, u64 tag, u64 now_us, u32 depth,
			    s64 *word)
{
	atomic64_t *best = NULL;
	u32 best_ahead = 0;
	int i;

	for (i = 0; i < WAYS; i++) {
		s64 w = atomic64_read(&set->way[i]);
		u32 ahead = ahead_us(w, now_us, depth);

		if ((u64)w >> FULL_BITS == tag) {
			*word = w;
			return &set->way[i];
		}
		if (!best || ahead < best_ahead) {
			best = &set->way[i];
			best_ahead = ahead;
			*word = w;
		}
	}
	return best;
}

static bool source_take(struct budget *budget, u64 hash, u32 rate, u64 now)
{
	struct set *set = &budget->sets[hash % SETS];
	u32 interval = DIV_ROUND_UP(USEC_PER_SEC, rate);
	u64 now_us = div_u64(now, NSEC_PER_USEC);
	u64 tag = hash >> FULL_BITS;
	u32 depth = interval * rate;
	atomic64_t *way;
	u32 ahead;
	s64 word;
	int i;

	for (i = 0; i < TRIES; i++) {
		way = find_way(set, tag, now_us, depth, &word);
		ahead = (u64)word >> FULL_BITS == tag ?
			ahead_us(word, now_us, depth) : 0;
		ahead += interval;
		if (ahead > depth)
			return false;
		if (atomic64_try_cmpxchg(way, &word, tag << FULL_BITS |
					 ((now_us + ahead) & FULL_MASK)))
			return true;
	}
	return false;
}

static bool ceiling_take(struct budget *budget, u32 rate, u64 now)
{
	s64 full = atomic64_read(&budget->full);
	u32 interval = DIV_ROUND_UP(NSEC_PER_SEC, rate);
	u32 depth = interval * rate;
	s64 next;

	do {
		next = max_t(s64, full, now) + interval;
		if (next > (s64)(now + depth))
			return false;
	} while (!atomic64_try_cmpxchg(&budget->full, &full, next));
	return true;
}

bool op25b_limiter_take(struct op25b_limiter *limiter,
			enum op25b_budget budget, u8 family,
			struct op25b_addr src, u32 source_rate, u32 rate,
			u64 now)
{
	struct budget *b = &limiter->budget[budget];
	u64 hash;

	if (!source_rate || !rate)
		return false;
	/* The upper half of an address is an IPv4 one or an IPv6 /64. */
	hash = siphash_2u64(src.hi, family, &limiter->key);
	return source_take(b, hash, source_rate, now) &&
	       ceiling_take(b, rate, now);
}
