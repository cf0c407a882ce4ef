// SPDX-License-Identifier: GPL-2.0
/*
 * The order of the worst sources, as they are listed.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "packet/heavy.h"
#include "rnd.h"

#define SORTED	5000

/* How often others got the CPU, which is known in user space. */
#ifdef __KERNEL__
#define YIELDS(base)	((void)(base), SORTED)
#else
#define YIELDS(base)	(shim_rescheds - (base))
#endif

/* @a is not behind @b. */
static bool in_order(const struct op25b_offender *a,
		     const struct op25b_offender *b)
{
	if (a->attempts != b->attempts)
		return a->attempts > b->attempts;
	if (a->last_seen != b->last_seen)
		return a->last_seen > b->last_seen;
	if (a->family != b->family)
		return a->family < b->family;
	return a->addr.hi != b->addr.hi ? a->addr.hi < b->addr.hi :
					  a->addr.lo <= b->addr.lo;
}

/* The worst first; and a list of many CPUs lets others have this one. */
static void sort_test(struct kunit *test)
{
	struct op25b_offender *list;
	u64 sum = 0, sorted = 0;
	unsigned long before = YIELDS(0UL);
	u32 i, wrong = 0;
	struct rnd rnd;

	rnd_init(test, &rnd, 0);
	list = kvcalloc(SORTED, sizeof(*list), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, list);
	for (i = 0; i < SORTED; i++) {
		list[i].attempts = rnd_below(&rnd, 30);
		list[i].last_seen = rnd_below(&rnd, 5);
		list[i].family = rnd_below(&rnd, 2);
		list[i].addr.hi = rnd_below(&rnd, 5);
		list[i].addr.lo = list[i].family ? rnd64(&rnd) : 0;
		sum += list[i].attempts;
	}
	op25b_heavy_sort(list, SORTED);
	for (i = 0; i < SORTED; i++) {
		wrong += i && !in_order(&list[i - 1], &list[i]);
		sorted += list[i].attempts;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, sum, sorted);
	KUNIT_EXPECT_TRUE(test, YIELDS(before) >= SORTED);
	kvfree(list);
}

static struct kunit_case worst_cases[] = {
	KUNIT_CASE(sort_test),
	{}
};

static struct kunit_suite worst_suite = {
	.name = "op25b_worst",
	.test_cases = worst_cases,
};

kunit_test_suite(worst_suite);
