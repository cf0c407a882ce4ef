// SPDX-License-Identifier: GPL-2.0
/*
 * The sources that make the most attempts.
 *
 * Theory of operation
 * ===================
 *
 * Space-Saving (Metwally, Agrawal and El Abbadi, ICDT 2005), in sets as a CPU's
 * cache has them: a source's hash tells its set of seven places.
 *
 *	set	version, 7 tags, 7 scores, door		one cache line
 *	places	7 of two cache lines each
 *
 * A source that has a place and makes an attempt raises its score by one. One
 * that has none takes the place with the least score of the set, goes on from
 * that score, and has made so many attempts before, at most. Scores are never
 * lowered, and their sum in a set is the number of attempts that were counted
 * there, so the least of seven is a seventh of it at most.
 *
 * In a spray of sources that come once, each would take a place for nothing, at
 * the price of two cache lines. So a full set has a door (as TinyLFU has its
 * doorkeeper; Einziger, Friedman and Manes, TOS 13(4), 2017): 64 bits, of which
 * a source that has no place hits one. If it is the first to hit it, that
 * attempt is refused and does not count. After EPOCH refusals, at the next,
 * the bits are cleared. Each source is refused once in an epoch at most, hence
 * as often as there were epochs; and they take EPOCH attempts each, which is
 * more than the seven that raise the least score. Therefore, with n attempts of
 * all sources that fall into a set, whatever comes in whatever order:
 *
 *	- a source with more than n / 7 + 1 attempts has a place;
 *	- attempts <= what it really made <= attempts + error;
 *	- error, the least score and the epochs when it moved in, <= n / 7 + 1.
 *
 * The hash is keyed, so nobody can choose a set, and n is the 128th part of all
 * attempts, besides what the heavy ones of that set make themselves. Of a spray
 * from random sources, one of 18 packets finds its bit hit by another: N of
 * them drive out what made less than about N / 16000 attempts, and nothing
 * else.
 *
 * Each CPU has a table of its own. The reader adds the tables up set by set
 * (Agarwal et al., "Mergeable summaries", PODS 2012): where a source has no
 * place on a CPU, it may have made as many attempts there as the least score
 * and the epochs of that set, which goes into its error. The three sentences
 * hold for the sum, with n the attempts of a set on all CPUs, and one attempt
 * for each CPU instead of the 1: a source above that is above it on one CPU at
 * least.
 *
 * What else a place has (packets, bytes, SYNs) is exact since its source moved
 * in. How many destinations it talked to is estimated by linear counting (Whang
 * et al., TODS 1990): each destination hits one of 512 bits, and tables are
 * added by OR. The standard deviation is 3% at 100 destinations, 5% at 1000, 8%
 * at 2000; when all bits are hit, they were 3490 or more.
 *
 * A place is written by its CPU only. `seq` tells readers that one changes
 * hands; single numbers need no more than that on 64-bit machines, and `syncp`
 * on others. A set that is of another version than the counting CPU is told is
 * emptied by it: so one number, somewhere, empties all tables.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "packet/sight.h"

#define SETS	OP25B_HEAVY_SETS
#define WAYS	OP25B_HEAVY_WAYS
#define BITS	OP25B_HEAVY_BITS
#define WORD	OP25B_HEAVY_WORD
#define EPOCH	OP25B_HEAVY_EPOCH

DEFINE_PER_CPU(local_lock_t, op25b_heavy_lock) =
	INIT_LOCAL_LOCK(op25b_heavy_lock);

/* A reader gives up on a set that does not keep still. */
#define READ_TRIES	100

size_t op25b_heavy_size(void)
{
	static_assert(sizeof(struct op25b_place) == 128);
	return sizeof(struct op25b_heavy);
}

void op25b_heavy_setup(struct op25b_heavy *table)
{
	int i;

	u64_stats_init(&table->syncp);
	for (i = 0; i < SETS; i++)
		seqcount_init(&table->set[i].seq);
}

/* PREEMPT_RT preempts with bottom halves off, too: readers would wait. */
static void write_begin(struct op25b_set *set)
{
	preempt_disable();
	write_seqcount_begin(&set->seq);
}

static void write_end(struct op25b_set *set)
{
	write_seqcount_end(&set->seq);
	preempt_enable();
}

void op25b_heavy_begin(struct op25b_heavy *table, u32 hash, u32 version)
{
	struct op25b_set *set = &table->set[op25b_heavy_set(hash)];

	if (READ_ONCE(table->version) != version) {
		WRITE_ONCE(table->used, 0);
		WRITE_ONCE(table->version, version);
	}
	write_begin(set);
	WRITE_ONCE(set->version, version);
	memset(set->score, 0, sizeof(set->score));
	WRITE_ONCE(set->refusals, 0);
	write_end(set);
}

/* What is known of a hash by what is kept of it: its upper half. */
static u16 get_tag(const struct op25b_set *set, unsigned int way)
{
	u8 tag = READ_ONCE(set->tags) >> way * 8;

	return tag << 8 | READ_ONCE(set->more[way]);
}

static void set_tag(struct op25b_set *set, unsigned int way, u32 hash)
{
	u64 tags = set->tags & ~(0xffULL << way * 8);

	WRITE_ONCE(set->tags, tags | (u64)op25b_heavy_tag(hash) << way * 8);
	WRITE_ONCE(set->more[way], hash >> 16);
}

/* In a spray the least score is anywhere, and no branch would be foreseen. GCC
 * leaves seven turns of a few instructions a loop, unless asked; so below.
 */
static unsigned int least(const struct op25b_set *set)
{
	u64 best = ~0ULL;
	unsigned int i;

	static_assert(WAYS <= 8);
#pragma GCC unroll 8
	for (i = 0; i < WAYS; i++)
		best = min(best, (u64)set->score[i] << 3 | i);
	return best & 7;
}

/* All of @place is written and nothing read: nobody waits for its cache lines.
 */
static void see_first(struct op25b_place *place,
		      const struct op25b_sight *sight, u32 error)
{
	u32 to = op25b_sight_bit(sight), i;

	WRITE_ONCE(place->packets, 1);
	WRITE_ONCE(place->bytes, sight->bytes);
	WRITE_ONCE(place->syns, !!(sight->traits & OP25B_SAYS_SYN));
	WRITE_ONCE(place->attempts, 1);
	WRITE_ONCE(place->first_seen, sight->now);
	WRITE_ONCE(place->error, error);
#pragma GCC unroll 8
	for (i = 0; i < BITS / WORD; i++)
		WRITE_ONCE(place->seen[i], 0);
	WRITE_ONCE(place->seen[to / WORD], 1UL << to % WORD);
	WRITE_ONCE(place->addr.hi, sight->addr.hi);
	WRITE_ONCE(place->addr.lo, sight->addr.lo);
	WRITE_ONCE(place->last_seen, sight->now);
	WRITE_ONCE(place->traits, sight->traits);
}

/* So many attempts may a source have made in a set that it has no place in: the
 * least score there, and one for each epoch that has begun.
 */
static u32 newcomers_error(const struct op25b_set *set, u32 least)
{
	u32 refusals = READ_ONCE(set->refusals);
	u32 epochs = refusals / EPOCH + !!(refusals % EPOCH);

	return least + min(epochs, U32_MAX - least);
}

u64 op25b_heavy_move_in(struct op25b_heavy *table,
			const struct op25b_sight *sight)
{
	u32 index = op25b_heavy_set(sight->hash);
	struct op25b_set *set = &table->set[index];
	unsigned int way = least(set);
	u32 score = set->score[way];

	if (!score)
		WRITE_ONCE(table->used, table->used + 1);
	write_begin(set);
	see_first(&table->place[index][way], sight,
		  newcomers_error(set, score));
	set_tag(set, way, sight->hash);
	WRITE_ONCE(set->score[way], score + (score != U32_MAX));
	WRITE_ONCE(table->told[index][way], 0);
	write_end(set);
	return 1;
}

/* The CPU that counts may be emptying the set for @version. */
static void forget(u32 *version, u32 but)
{
	u32 old = READ_ONCE(*version);

	if (old != but)
		cmpxchg(version, old, 0);
}

void op25b_heavy_forget(struct op25b_heavy *table, u32 version)
{
	int i;

	forget(&table->version, version);
	for (i = 0; i < SETS; i++)
		forget(&table->set[i].version, version);
}

u32 op25b_heavy_used(const struct op25b_heavy *table, u32 version)
{
	return READ_ONCE(table->version) == version ?
		READ_ONCE(table->used) : 0;
}

static void read_place(const struct op25b_heavy *table, u32 index,
		       unsigned int way, struct op25b_heavy_item *item)
{
	const struct op25b_place *place = &table->place[index][way];
	struct op25b_offender *o = &item->offender;
	u32 traits;
	unsigned int start, i;

	do {
		start = u64_stats_fetch_begin(&table->syncp);
		o->addr.hi = READ_ONCE(place->addr.hi);
		o->addr.lo = READ_ONCE(place->addr.lo);
		o->packets = READ_ONCE(place->packets);
		o->bytes = READ_ONCE(place->bytes);
		o->attempts = READ_ONCE(place->attempts);
		o->syns = READ_ONCE(place->syns);
	} while (u64_stats_fetch_retry(&table->syncp, start));
	o->error = READ_ONCE(place->error);
	o->first_seen = READ_ONCE(place->first_seen);
	o->last_seen = READ_ONCE(place->last_seen);
	traits = READ_ONCE(place->traits);
	o->family = op25b_traits_family(traits);
	o->prefix_len = op25b_traits_prefix_len(traits);
	o->action = op25b_traits_action(traits);
	o->exempt = traits & OP25B_SAYS_EXEMPT;
	o->watched = traits & OP25B_SAYS_WATCHED;
	for (i = 0; i < BITS / WORD; i++)
		item->seen[i] = READ_ONCE(place->seen[i]);
}

/* Not 0, which is nobody's. */
static u16 told_mark(u16 tag)
{
	return tag | 1;
}

static unsigned int read_set(const struct op25b_heavy *table, u32 version,
			     u32 index, u32 *floor,
			     struct op25b_heavy_item *items)
{
	const struct op25b_set *set = &table->set[index];
	u32 score, least = U32_MAX;
	unsigned int i, n = 0;

	*floor = 0;
	if (READ_ONCE(set->version) != version)
		return 0;
	for (i = 0; i < WAYS; i++) {
		score = READ_ONCE(set->score[i]);
		least = min(least, score);
		if (!score)
			continue;
		read_place(table, index, i, &items[n]);
		items[n].hash = (u32)get_tag(set, i) << 16 | index;
		items[n].told = READ_ONCE(table->told[index][i]) ==
				told_mark(get_tag(set, i));
		n++;
	}
	*floor = newcomers_error(set, least);
	return n;
}

unsigned int op25b_heavy_read(const struct op25b_heavy *table, u32 version,
			      u32 set, u8 len, u64 *floors,
			      struct op25b_heavy_item *items)
{
	const seqcount_t *seq = &table->set[set].seq;
	unsigned int start, n, i, tries = READ_TRIES;
	u32 floor;

	do {
		start = read_seqcount_begin(seq);
		n = read_set(table, version, set, &floor, items);
	} while (read_seqcount_retry(seq, start) && --tries);
	if (!tries)
		return 0;
	for (i = 0; i < n; i++) {
		struct op25b_offender *o = &items[i].offender;

		o->len = o->family == OP25B_V4 ? 32 : len;
		items[i].floor = floor;
	}
	*floors += floor;
	return n;
}

/* Both orders yield, since sort() does not: there may be thousands of CPUs. */
static int by_source(const void *x, const void *y)
{
	const struct op25b_offender *a =
		&((const struct op25b_heavy_item *)x)->offender;
	const struct op25b_offender *b =
		&((const struct op25b_heavy_item *)y)->offender;

	cond_resched();
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return op25b_addr_cmp(op25b_addr_head(a->addr, a->len),
			      op25b_addr_head(b->addr, b->len));
}

static int worst_first(const void *x, const void *y)
{
	const struct op25b_offender *a = x, *b = y;

	cond_resched();
	if (a->attempts != b->attempts)
		return a->attempts > b->attempts ? -1 : 1;
	if (a->last_seen != b->last_seen)
		return a->last_seen > b->last_seen ? -1 : 1;
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return op25b_addr_cmp(a->addr, b->addr);
}

void op25b_heavy_sort(struct op25b_offender *list, u32 count)
{
	sort(list, count, sizeof(*list), worst_first, NULL);
}

/* @from, of another table, is the same source. */
static void add(struct op25b_heavy_item *item,
		const struct op25b_heavy_item *from)
{
	const struct op25b_offender *b = &from->offender;
	struct op25b_offender *a = &item->offender;
	unsigned int i;

	if (b->last_seen > a->last_seen) {
		a->addr = b->addr;
		a->last_seen = b->last_seen;
		a->prefix_len = b->prefix_len;
		a->action = b->action;
		a->exempt = b->exempt;
		a->watched = b->watched;
	}
	a->first_seen = min(a->first_seen, b->first_seen);
	a->packets += b->packets;
	a->bytes += b->bytes;
	a->attempts += b->attempts;
	a->syns += b->syns;
	a->error += b->error;
	for (i = 0; i < BITS / WORD; i++)
		item->seen[i] |= from->seen[i];
	item->told |= from->told;
}

/* Each item's error takes the floor of the tables that it is not in. */
unsigned int op25b_heavy_merge(struct op25b_heavy_item *items, unsigned int n,
			       u64 floors)
{
	unsigned int i, out = 0, w, bits;

	sort(items, n, sizeof(*items), by_source, NULL);
	for (i = 0; i < n; i++) {
		if (out && !by_source(&items[out - 1], &items[i])) {
			items[out - 1].offender.error -= items[i].floor;
			add(&items[out - 1], &items[i]);
			continue;
		}
		items[out] = items[i];
		items[out++].offender.error += floors - items[i].floor;
	}
	for (i = 0; i < out; i++) {
		for (w = 0, bits = 0; w < BITS / WORD; w++)
			bits += hweight_long(items[i].seen[w]);
		items[i].offender.destinations = op25b_heavy_distinct(bits);
	}
	return out;
}

void op25b_heavy_tell(struct op25b_heavy *table, u32 hash)
{
	u32 index = op25b_heavy_set(hash);
	u16 tag = hash >> 16;
	unsigned int i;

	/* If the source has moved out meanwhile, the mark is not its heir's. */
	for (i = 0; i < WAYS; i++)
		if (get_tag(&table->set[index], i) == tag)
			WRITE_ONCE(table->told[index][i], told_mark(tag));
}

/* The mean number of throws until the last of @bits is hit: a new one of m, of
 * which i are hit, takes m / (m - i) throws.
 */
u32 op25b_heavy_distinct(unsigned int bits)
{
	u32 sum = 0, i;

	for (i = 0; i < bits; i++)
		sum += (BITS << 16) / (BITS - i) >> 4;
	return (sum + (1 << 11)) >> 12;
}
