// SPDX-License-Identifier: GPL-2.0
/*
 * The table of the worst sources against a naive exact counter: what it says of
 * a source, whom it must not have lost, and by how much it may be wrong.
 */
#include <kunit/test.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "rnd.h"
#include "see.h"

#define TABLES	4

/* Source number i of a test, as the tables and as the naive counter see it. */
struct source {
	struct op25b_addr addr;
	u32 hash;
	u8 family;
	u64 packets;
	u64 bytes;
	u64 syns;
	u64 attempts;
	u32 first_seen;
	u32 last_seen;
};

struct world {
	struct op25b_heavy *table[TABLES];
	unsigned int tables;
	struct source *sources;
	u32 count;
	u64 set[OP25B_HEAVY_SETS];	/* attempts that fell into it */
	struct op25b_heavy_item *items;	/* all of them, merged */
	unsigned int found;
	struct rnd rnd;
};

static bool world_up(struct kunit *test, struct world *w, unsigned int tables,
		     u32 count)
{
	unsigned int i;

	memset(w, 0, sizeof(*w));
	rnd_init(test, &w->rnd, 0);
	w->tables = tables;
	w->count = count;
	for (i = 0; i < tables; i++) {
		w->table[i] = kvcalloc(1, op25b_heavy_size(), GFP_KERNEL);
		if (!w->table[i])
			return false;
		op25b_heavy_setup(w->table[i]);
	}
	w->sources = kvcalloc(count, sizeof(*w->sources), GFP_KERNEL);
	w->items = kvcalloc(OP25B_HEAVY_PLACES * TABLES, sizeof(*w->items),
			    GFP_KERNEL);
	if (!w->sources || !w->items)
		return false;
	for (i = 0; i < count; i++) {
		struct source *s = &w->sources[i];

		s->family = rnd_below(&w->rnd, 2);
		s->addr.hi = rnd64(&w->rnd) & ~0xffffffULL;
		s->addr.hi |= i;
		if (s->family == OP25B_V4)
			s->addr.hi = (u64)i << 32;
		s->hash = rnd64(&w->rnd);
	}
	return true;
}

static void world_down(struct world *w)
{
	unsigned int i;

	for (i = 0; i < w->tables; i++)
		kvfree(w->table[i]);
	kvfree(w->sources);
	kvfree(w->items);
}

static struct op25b_sight sight_of(struct world *w, struct source *s, u32 now)
{
	return (struct op25b_sight){
		.addr = { s->addr.hi, s->family ? rnd64(&w->rnd) : 0 },
		.len = s->family ? 64 : 32,
		.hash = s->hash,
		.to.hi = rnd64(&w->rnd),
		.bytes = 40 + rnd_below(&w->rnd, 1460),
		.now = now,
		.traits = op25b_traits(s->family, 10, 1, OP25B_SAYS_ATTEMPT |
				       (rnd_below(&w->rnd, 2) ?
					OP25B_SAYS_SYN : 0)),
	};
}

/* One packet, told to a table and to the naive counter. */
static void packet(struct world *w, struct source *s, u32 now, bool attempt)
{
	struct op25b_sight sight = sight_of(w, s, now);

	if (!attempt)
		sight.traits &= ~OP25B_SAYS_ATTEMPT;
	see(w->table[rnd_below(&w->rnd, w->tables)], 1, &sight);
	s->packets++;
	s->bytes += sight.bytes;
	s->syns += !!(sight.traits & OP25B_SAYS_SYN);
	s->attempts += attempt;
	s->first_seen = s->first_seen ?: now;
	s->last_seen = now;
	w->set[op25b_heavy_set(s->hash)] += attempt;
}

static void collect(struct world *w, u32 version)
{
	unsigned int set, i, n;
	u64 floors;

	w->found = 0;
	for (set = 0; set < OP25B_HEAVY_SETS; set++) {
		struct op25b_heavy_item *items = w->items + w->found;

		for (i = 0, n = 0, floors = 0; i < w->tables; i++)
			n += op25b_heavy_read(w->table[i], version, set, 64,
					      &floors, items + n);
		w->found += op25b_heavy_merge(items, n, floors);
	}
}

static struct op25b_heavy_item *find(struct world *w, const struct source *s)
{
	unsigned int i;

	for (i = 0; i < w->found; i++)
		if (w->items[i].offender.family == s->family &&
		    w->items[i].offender.addr.hi == s->addr.hi)
			return &w->items[i];
	return NULL;
}

/* The same number of sources, or one more, in each set. */
static void spread(struct world *w)
{
	u32 i;

	for (i = 0; i < w->count; i++)
		w->sources[i].hash = w->sources[i].hash /
			OP25B_HEAVY_SETS * OP25B_HEAVY_SETS +
			i % OP25B_HEAVY_SETS;
}

/* Below seven sources a set, everything is exact. */
static void exact_test(struct kunit *test)
{
	u32 i, now = 1000;
	struct world w;

	KUNIT_ASSERT_TRUE(test, world_up(test, &w, 3, 600));
	spread(&w);
	for (i = 0; i < w.count; i++)
		packet(&w, &w.sources[i], ++now, true);
	for (i = 0; i < 100000; i++)
		packet(&w, &w.sources[rnd_below(&w.rnd, w.count)], ++now, true);
	collect(&w, 1);
	KUNIT_EXPECT_EQ(test, w.found, w.count);
	for (i = 0; i < w.count; i++) {
		struct op25b_heavy_item *item = find(&w, &w.sources[i]);
		struct source *s = &w.sources[i];

		KUNIT_ASSERT_NOT_NULL(test, item);
		KUNIT_EXPECT_EQ(test, item->offender.packets, s->packets);
		KUNIT_EXPECT_EQ(test, item->offender.bytes, s->bytes);
		KUNIT_EXPECT_EQ(test, item->offender.syns, s->syns);
		KUNIT_EXPECT_EQ(test, item->offender.attempts, s->attempts);
		KUNIT_EXPECT_EQ(test, item->offender.first_seen, s->first_seen);
		KUNIT_EXPECT_EQ(test, item->offender.last_seen, s->last_seen);
		KUNIT_EXPECT_EQ(test, item->offender.error, 0);
	}
	world_down(&w);
}

/* Sources of one set whose hashes are much alike: none is taken for another,
 * and none overlooked.
 */
static void alike_test(struct kunit *test)
{
	static const u32 differ[] = {
		0, 0, 1, 0xff, 0x100, 0x200, 0x7f00, 0x8000, 0xff00
	};
	u32 round, i, base, wrong = 0;
	struct world w;

	KUNIT_ASSERT_TRUE(test, world_up(test, &w, 1, OP25B_HEAVY_WAYS));
	for (round = 0; round < 3000; round++) {
		memset(w.table[0], 0, op25b_heavy_size());
		op25b_heavy_setup(w.table[0]);
		base = rnd_below(&w.rnd, 2) ? 0 : rnd64(&w.rnd) << 16;
		for (i = 0; i < w.count; i++) {
			struct source *s = &w.sources[i];

			s->attempts = 0;
			s->bytes = 0;
			s->hash = base ^ differ[rnd_below(&w.rnd, 9)] << 16;
		}
		for (i = 0; i < 50; i++)
			packet(&w, &w.sources[rnd_below(&w.rnd, w.count)], 1,
			       true);
		collect(&w, 1);
		for (i = 0; i < w.count; i++) {
			struct source *s = &w.sources[i];
			struct op25b_heavy_item *item = find(&w, s);

			wrong += s->attempts && !item;
			wrong += item && (item->offender.error ||
					  item->offender.bytes != s->bytes);
		}
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	world_down(&w);
}

/* Is it more than a seventh of @n, and one for each CPU? */
static bool above(const struct world *w, u64 attempts, u64 n)
{
	return attempts > w->tables &&
	       (attempts - w->tables) * OP25B_HEAVY_WAYS > n;
}

/* The three sentences of heavy.c, for every source. Return: how many had to
 * have a place.
 */
static u32 check_sentences(struct kunit *test, struct world *w)
{
	u32 i, must = 0, lost = 0, wrong = 0, far = 0;

	for (i = 0; i < w->count; i++) {
		struct source *s = &w->sources[i];
		u64 n = w->set[op25b_heavy_set(s->hash)];
		struct op25b_heavy_item *item;
		struct op25b_offender *o;

		/* Looking for all takes too long; what is found is checked. */
		if (!above(w, s->attempts, n) && i >= 2000)
			continue;
		must += above(w, s->attempts, n);
		item = find(w, s);
		if (!item) {
			lost += above(w, s->attempts, n);
			continue;
		}
		o = &item->offender;
		wrong += s->attempts < o->attempts ||
			 s->attempts > o->attempts + o->error;
		wrong += s->packets < o->packets || s->bytes < o->bytes ||
			 s->syns < o->syns || s->last_seen < o->last_seen;
		far += above(w, o->error, n);
	}
	KUNIT_EXPECT_EQ(test, lost, 0);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, far, 0);
	return must;
}

/* Source i of weight 1 / (i + 1) ^ (@twice / 2), @twice 2 or 3: Zipf. */
static u64 *zipf(u32 count, unsigned int twice)
{
	u64 *sum = kvcalloc(count, sizeof(*sum), GFP_KERNEL), all = 0;
	u32 i, root = 1;

	for (i = 0; sum && i < count; i++) {
		while ((root + 1) * (root + 1) <= i + 1)
			root++;
		all += div_u64(1ULL << 40, twice == 2 ? i + 1 : (i + 1) * root);
		sum[i] = all;
	}
	return sum;
}

static u32 draw(const u64 *sum, u32 count, struct rnd *rnd)
{
	u64 x = rnd64(rnd) >> 16, want;
	u32 low = 0, high = count - 1;

	/* 48 bits, the sum has fewer than 46 */
	want = mul_u64_u64_shr(x, sum[count - 1], 48);
	while (low < high) {
		u32 mid = (low + high) / 2;

		if (sum[mid] > want)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static void zipf_case(struct kunit *test, unsigned int tables,
		      unsigned int twice)
{
	u32 i, must, got = 0;
	struct world w;
	u64 *sum;

	KUNIT_ASSERT_TRUE(test, world_up(test, &w, tables, 100000));
	sum = zipf(w.count, twice);
	KUNIT_ASSERT_NOT_NULL(test, sum);
	for (i = 0; i < 2000000; i++) {
		packet(&w, &w.sources[draw(sum, w.count, &w.rnd)], i / 1000 + 1,
		       true);
		if (!(i % 4096))
			cond_resched();
	}
	collect(&w, 1);
	must = check_sentences(test, &w);
	for (i = 0; i < 100; i++)
		got += !!find(&w, &w.sources[i]);
	kunit_info(test,
		   "%u tables, Zipf %u/2: %u sources above n/7, all there; %u of the 100 worst",
		   tables, twice, must, got);
	KUNIT_EXPECT_TRUE(test, must);
	KUNIT_EXPECT_TRUE(test, got >= 90);
	kvfree(sum);
	world_down(&w);
}

static void zipf_test(struct kunit *test)
{
	zipf_case(test, 1, 2);
	zipf_case(test, 2, 2);
	zipf_case(test, 4, 3);
}

/* Offenders, no two of them in a set, among ten million packets of sources that
 * come once; and some that stopped before, and stay.
 */
#define SPRAY		10000000
#define OFFENDERS	100
#define STOPPED		28

static void spray_test(struct kunit *test)
{
	u32 i, least = 0, seen = 0, sum = 0, stay = 0;
	struct world w;

	KUNIT_ASSERT_TRUE(test, world_up(test, &w, 2, OFFENDERS + STOPPED));
	spread(&w);
	for (i = 0; i < STOPPED * 1000; i++)
		packet(&w, &w.sources[OFFENDERS + i % STOPPED], 1, true);
	for (i = 0; i < SPRAY; i++) {
		struct source once = {
			.addr.hi = rnd64(&w.rnd) << 32 | 1,
			.hash = rnd64(&w.rnd),
			.family = OP25B_V6,
		};

		packet(&w, &once, 1, true);
		/* One in 500 of all packets each; n / 7 is one in 849. */
		if (!(i % 4))
			packet(&w, &w.sources[i / 4 % OFFENDERS], 1, true);
		if (!(i % 4096))
			cond_resched();
	}
	collect(&w, 1);
	KUNIT_EXPECT_EQ(test, check_sentences(test, &w), OFFENDERS);
	for (i = 0; i < OFFENDERS; i++) {
		struct op25b_heavy_item *item = find(&w, &w.sources[i]);

		seen += !!item;
		sum += item ? item->offender.attempts : 0;
	}
	for (i = 0; i < STOPPED; i++)
		stay += !!find(&w, &w.sources[OFFENDERS + i]);
	for (i = 0; i < w.found; i++)
		least += w.items[i].offender.attempts < 10;
	kunit_info(test,
		   "%u of %u offenders with %u attempts each, %u counted on average; %u places of the spray",
		   seen, OFFENDERS, SPRAY / 4 / OFFENDERS, sum / OFFENDERS,
		   least);
	KUNIT_EXPECT_EQ(test, seen, OFFENDERS);
	KUNIT_EXPECT_EQ(test, stay, STOPPED);
	KUNIT_EXPECT_TRUE(test, least > OP25B_HEAVY_PLACES / 2);
	world_down(&w);
}

/* Sources of one set, each with another bit of its door, in an order that never
 * lets the unlucky one in: it comes once in each epoch, before others that fill
 * it up. When it comes twice, it has made as many attempts as its error says.
 */
#define BITS_OF_DOOR	64
#define ROUNDS		1000

static void door_test(struct kunit *test)
{
	u32 i, round, next = 0;
	struct source *places, *others, *unlucky;
	struct op25b_heavy_item *item;
	struct op25b_sight sight;
	struct world w;

	KUNIT_ASSERT_TRUE(test, world_up(test, &w, 1, BITS_OF_DOOR));
	for (i = 0; i < w.count; i++)
		w.sources[i].hash = i << 26;
	places = w.sources;
	others = places + OP25B_HEAVY_WAYS;
	unlucky = &w.sources[w.count - 1];
	for (i = 0; i < 10 * OP25B_HEAVY_WAYS; i++)
		packet(&w, &places[i % OP25B_HEAVY_WAYS], 1, true);
	for (round = 0; round < ROUNDS; round++) {
		packet(&w, unlucky, 1, true);
		packet(&w, &others[next % 56], 1, false); /* moves nothing */
		for (i = 0; i < 7; i++, next++)
			packet(&w, &others[next % 56], 1, true);
	}
	collect(&w, 1);
	KUNIT_EXPECT_EQ(test, w.found, OP25B_HEAVY_WAYS);
	KUNIT_EXPECT_TRUE(test, !find(&w, unlucky));
	check_sentences(test, &w);
	/* The first of these begins an epoch, the second has its bit. */
	packet(&w, unlucky, 2, true);
	packet(&w, unlucky, 3, true);
	collect(&w, 1);
	check_sentences(test, &w);
	item = find(&w, unlucky);
	KUNIT_ASSERT_NOT_NULL(test, item);
	KUNIT_EXPECT_EQ(test, item->offender.attempts, 1);
	KUNIT_EXPECT_EQ(test, item->offender.error, 10 + ROUNDS + 1);
	/* Another version knows nothing of these epochs. */
	sight = sight_of(&w, unlucky, 4);
	KUNIT_EXPECT_EQ(test, see(w.table[0], 2, &sight), 1);
	collect(&w, 2);
	item = find(&w, unlucky);
	KUNIT_ASSERT_NOT_NULL(test, item);
	KUNIT_EXPECT_EQ(test, item->offender.error, 0);
	world_down(&w);
}

/* Only attempts bring a source in; what else it sends counts while it is in. */
static void attempt_test(struct kunit *test)
{
	struct op25b_heavy_item *item;
	struct world w;
	int i;

	KUNIT_ASSERT_TRUE(test, world_up(test, &w, 1, 2));
	for (i = 0; i < 10; i++)
		packet(&w, &w.sources[0], 1, false);
	collect(&w, 1);
	KUNIT_EXPECT_EQ(test, w.found, 0);
	packet(&w, &w.sources[1], 2, true);
	for (i = 0; i < 10; i++)
		packet(&w, &w.sources[1], 3, false);
	collect(&w, 1);
	KUNIT_EXPECT_EQ(test, w.found, 1);
	item = find(&w, &w.sources[1]);
	KUNIT_ASSERT_NOT_NULL(test, item);
	KUNIT_EXPECT_EQ(test, item->offender.attempts, 1);
	KUNIT_EXPECT_EQ(test, item->offender.packets, 11);
	KUNIT_EXPECT_EQ(test, item->offender.last_seen, 3);
	world_down(&w);
}

/* Another version is an empty table, and nothing of the old one comes back. */
static void version_test(struct kunit *test)
{
	struct op25b_sight sight;
	struct world w;
	u32 i;

	KUNIT_ASSERT_TRUE(test, world_up(test, &w, 2, 500));
	for (i = 0; i < 5000; i++)
		packet(&w, &w.sources[i % w.count], 1, true);
	collect(&w, 1);
	KUNIT_EXPECT_TRUE(test, w.found > 400);
	/* A source has a place in either table, or it would not be merged. */
	KUNIT_EXPECT_TRUE(test, op25b_heavy_used(w.table[0], 1) +
			  op25b_heavy_used(w.table[1], 1) > w.found);
	collect(&w, 2);
	KUNIT_EXPECT_EQ(test, w.found, 0);
	KUNIT_EXPECT_EQ(test, op25b_heavy_used(w.table[0], 2), 0);
	for (i = 0; i < 10; i++) {
		sight = sight_of(&w, &w.sources[i], 7);
		KUNIT_EXPECT_EQ(test, see(w.table[0], 2, &sight), 1);
	}
	collect(&w, 2);
	KUNIT_EXPECT_EQ(test, w.found, 10);
	KUNIT_EXPECT_EQ(test, op25b_heavy_used(w.table[0], 2), 10);
	for (i = 0; i < w.found; i++) {
		KUNIT_EXPECT_EQ(test, w.items[i].offender.first_seen, 7);
		KUNIT_EXPECT_EQ(test, w.items[i].offender.error, 0);
	}
	world_down(&w);
}

/* Forgotten is what is not of the version, and its own brings it not back. */
static void forget_test(struct kunit *test)
{
	struct op25b_sight sight;
	struct world w;
	u32 i, used = 0;

	KUNIT_ASSERT_TRUE(test, world_up(test, &w, 2, 500));
	for (i = 0; i < 5000; i++)
		packet(&w, &w.sources[i % w.count], 1, true);
	for (i = 0; i < 3; i++) {
		sight = sight_of(&w, &w.sources[i], 7);
		see(w.table[0], 2, &sight);
	}
	for (i = 0; i < 2; i++)
		op25b_heavy_forget(w.table[i], 2);
	collect(&w, 2);
	KUNIT_EXPECT_EQ(test, w.found, 3);
	KUNIT_EXPECT_EQ(test, op25b_heavy_used(w.table[0], 2), 3);
	collect(&w, 1);
	KUNIT_EXPECT_EQ(test, w.found, 0);
	for (i = 0; i < 2; i++)
		used += op25b_heavy_used(w.table[i], 1);
	KUNIT_EXPECT_EQ(test, used, 0);
	world_down(&w);
}

/* A family, and a prefix of the length asked for, is a source. */
static void source_test(struct kunit *test)
{
	struct source s = { .hash = 5, .family = OP25B_V6 };
	static const u8 lens[] = { 48, 64, 65, 128 };
	struct op25b_sight sight;
	struct world w;
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		KUNIT_ASSERT_TRUE(test, world_up(test, &w, 1, 1));
		s.addr.hi = rnd64(&w.rnd);
		/* The bit after its end is nobody's, the last one its own. */
		for (bit = lens[i]; bit + 1 >= lens[i]; bit--) {
			sight = sight_of(&w, &s, 1);
			sight.len = lens[i];
			sight.addr.lo = 0;
			if (bit < 64)
				sight.addr.hi ^= 1ULL << (63 - bit);
			else if (bit < 128)
				sight.addr.lo ^= 1ULL << (127 - bit);
			see(w.table[0], 1, &sight);
			KUNIT_EXPECT_EQ(test, op25b_heavy_used(w.table[0], 1),
					bit < lens[i] ? 2 : 1);
		}
		sight.traits = op25b_traits(OP25B_V4, 10, 1,
					    OP25B_SAYS_ATTEMPT);
		sight.addr.hi &= ~0ULL << 32;
		sight.len = 32;
		see(w.table[0], 1, &sight);
		KUNIT_EXPECT_EQ(test, op25b_heavy_used(w.table[0], 1), 3);
		world_down(&w);
	}
}

/* What was told stays with the source, on every table, until it moves out. */
static void told_test(struct kunit *test)
{
	struct op25b_sight sight;
	struct world w;
	u32 i, told = 0;

	KUNIT_ASSERT_TRUE(test, world_up(test, &w, 2, 20));
	for (i = 0; i < 1000; i++)
		packet(&w, &w.sources[i % w.count], 1, true);
	op25b_heavy_tell(w.table[1], w.sources[3].hash);
	collect(&w, 1);
	for (i = 0; i < w.found; i++)
		told += w.items[i].told;
	KUNIT_EXPECT_EQ(test, told, 1);
	KUNIT_ASSERT_NOT_NULL(test, find(&w, &w.sources[3]));
	KUNIT_EXPECT_TRUE(test, find(&w, &w.sources[3])->told);
	/* Others, often enough, take its place; they have not been told. */
	for (i = 0; i < 1000000; i++) {
		sight = sight_of(&w, &w.sources[0], 1);
		sight.addr.hi |= (u64)(i + 1) << 40;
		sight.hash = w.sources[3].hash + (i + 1) * OP25B_HEAVY_SETS;
		see(w.table[1], 1, &sight);
	}
	collect(&w, 1);
	for (i = 0, told = 0; i < w.found; i++)
		told += w.items[i].told;
	KUNIT_EXPECT_EQ(test, told, 0);
	world_down(&w);
}

/* The estimate of destinations, many times over. */
static void distinct_test(struct kunit *test)
{
	/* destinations; permille that the root of the mean square may be off,
	 * a third above what heavy.c says
	 */
	static const struct {
		u32 n, permille;
	} cases[] = {
		{ 1, 0 }, { 2, 40 }, { 10, 40 }, { 100, 42 }, { 300, 48 },
		{ 1000, 63 }, { 2000, 104 },
	};
	unsigned int i, j, round;
	struct world w;

	KUNIT_ASSERT_TRUE(test, world_up(test, &w, 2, 1));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 square = 0, n = cases[i].n;
		u32 rounds = n <= 10 ? 1000 : 100;
		s64 off;

		for (round = 0; round < rounds; round++) {
			u32 version = i * 1000 + round + 1;

			for (j = 0; j < 2 * n; j++) {
				struct op25b_sight sight;
				struct rnd r = { version * 5000 + j % n };

				sight = sight_of(&w, &w.sources[0], 1);
				sight.to.hi = rnd64(&r);
				see(w.table[j & 1], version, &sight);
			}
			collect(&w, version);
			KUNIT_ASSERT_EQ(test, w.found, 1);
			off = (s64)w.items[0].offender.destinations - (s64)n;
			square += off * off;
		}
		/* mean square / n^2 <= permille^2 / 10^6 */
		KUNIT_EXPECT_LE(test, square * 1000000, rounds * n * n *
				cases[i].permille * cases[i].permille);
		kunit_info(test, "%u destinations: mean square error %u",
			   (u32)n, (u32)div_u64(square, rounds));
	}
	KUNIT_EXPECT_EQ(test, op25b_heavy_distinct(OP25B_HEAVY_BITS), 3490);
	KUNIT_EXPECT_EQ(test, op25b_heavy_distinct(0), 0);
	world_down(&w);
}

static struct kunit_case heavy_cases[] = {
	KUNIT_CASE(exact_test),
	KUNIT_CASE(alike_test),
	KUNIT_CASE(zipf_test),
	KUNIT_CASE(spray_test),
	KUNIT_CASE(door_test),
	KUNIT_CASE(attempt_test),
	KUNIT_CASE(version_test),
	KUNIT_CASE(forget_test),
	KUNIT_CASE(source_test),
	KUNIT_CASE(told_test),
	KUNIT_CASE(distinct_test),
	{}
};

static struct kunit_suite heavy_suite = {
	.name = "op25b_heavy",
	.test_cases = heavy_cases,
};

kunit_test_suite(heavy_suite);
