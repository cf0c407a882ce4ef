// SPDX-License-Identifier: GPL-2.0
/*
 * The hash of addresses: nobody who does not know the seed finds many addresses
 * that have one hash.
 */
#include <kunit/test.h>
#include <linux/bitops.h>

#include "lpm/addr.h"
#include "rnd.h"

#define KEYS	512
#define BITS	9		/* of the hash, as many places as keys */
#define SEEDS	20

/* The second word of an address whose words fold to @fold, whatever they are
 * multiplied by before: both sums have been used here.
 */
static u64 folded(u64 hi, u64 fold, bool other)
{
	u64 inverse = GOLDEN_RATIO_64;
	int i;

	if (other)
		return fold ^ hi * -GOLDEN_RATIO_64;
	for (i = 0; i < 5; i++)		/* Newton */
		inverse *= 2 - GOLDEN_RATIO_64 * inverse;
	return (fold ^ hi) * inverse;
}

/* Places that are hit; of 512 keys at random, 324 on average. */
static unsigned int places(u64 seed, u64 first, u64 step, u64 fold, int kind)
{
	u64 hit[(1 << BITS) / 64] = {};
	unsigned int i, place, n = 0;

	for (i = 0; i < KEYS; i++) {
		struct op25b_addr addr = { .hi = first + i * step };

		if (kind == 0)
			addr.lo = folded(addr.hi, fold, false);
		else if (kind == 1)
			addr.lo = folded(addr.hi, fold, true);
		else if (kind == 2)
			addr.lo = addr.hi;
		place = op25b_addr_hash(seed, addr) >> (64 - BITS);
		hit[place / 64] |= 1ULL << place % 64;
	}
	for (i = 0; i < ARRAY_SIZE(hit); i++)
		n += hweight64(hit[i]);
	return n;
}

static void chosen_test(struct kunit *test)
{
	unsigned int seed, kind, least = KEYS, n;
	struct rnd rnd;

	rnd_init(test, &rnd, 0);
	for (seed = 0; seed < SEEDS; seed++) {
		for (kind = 0; kind < 3; kind++) {
			n = places(rnd64(&rnd), rnd64(&rnd), rnd64(&rnd) | 1,
				   rnd64(&rnd), kind);
			least = n < least ? n : least;
			n = places(rnd64(&rnd), 0x20010db800000000ULL, 1,
				   rnd64(&rnd), kind);
			least = n < least ? n : least;
		}
	}
	kunit_info(test, "%u of %u places at least", least, KEYS);
	KUNIT_EXPECT_TRUE(test, least > KEYS / 2);
}

static struct kunit_case addr_cases[] = {
	KUNIT_CASE(chosen_test),
	{}
};

static struct kunit_suite addr_suite = {
	.name = "op25b_addr",
	.test_cases = addr_cases,
};

kunit_test_suite(addr_suite);
