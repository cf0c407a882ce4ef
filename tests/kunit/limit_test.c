// SPDX-License-Identifier: GPL-2.0
/*
 * The limits of replies, on a clock of the test's own.
 */
#include <kunit/test.h>
#include <linux/time64.h>

#include "packet/limit.h"

/* Some time after boot; what lies before is empty. */
#define START	(1000ULL * NSEC_PER_SEC)

static struct op25b_addr v4(u32 addr)
{
	return (struct op25b_addr){ .hi = (u64)addr << 32 };
}

static struct op25b_limiter *limiter_of(struct kunit *test)
{
	struct op25b_limiter *l = op25b_limiter_alloc();

	KUNIT_ASSERT_NOT_NULL(test, l);
	return l;
}

/* How many of @n tokens one source gets at @now. */
static int burst(struct op25b_limiter *l, enum op25b_budget budget, u32 src,
		 u32 source_rate, u32 rate, u64 now, int n)
{
	int got = 0;

	while (n--)
		got += op25b_limiter_take(l, budget, OP25B_V4, v4(src),
					  source_rate, rate, now);
	return got;
}

/* A bucket holds one second's tokens and fills at its rate, whatever that is.
 */
static void rate_test(struct kunit *test)
{
	static const u32 rates[] = { 1, 2, 3, 7, 10, 100, 999, 1000, 5000 };
	int i, rate;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		struct op25b_limiter *l = limiter_of(test);
		u64 now = START;

		rate = rates[i];
		KUNIT_EXPECT_EQ_MSG(test, rate,
				    burst(l, 0, 1, rate, 1000000, now, 20000),
				    "burst at %d/s", rate);
		/* Half of it comes back in half a second: all of it within
		 * the rounding of an interval up to a microsecond.
		 */
		now += NSEC_PER_SEC / 2;
		KUNIT_EXPECT_LE(test, abs(burst(l, 0, 1, rate, 1000000, now,
						20000) - rate / 2), 1);
		/* Never more than it holds. */
		now += 3600ULL * NSEC_PER_SEC;
		KUNIT_EXPECT_EQ(test, rate,
				burst(l, 0, 1, rate, 1000000, now, 20000));
		op25b_limiter_free(l);
	}
}

static void zero_test(struct kunit *test)
{
	struct op25b_limiter *l = limiter_of(test);

	KUNIT_EXPECT_EQ(test, 0, burst(l, 0, 1, 0, 1000, START, 100));
	KUNIT_EXPECT_EQ(test, 0, burst(l, 0, 1, 10, 0, START, 100));
	op25b_limiter_free(l);
}

/* A flood of one source leaves the others and the other budget theirs. */
static void apart_test(struct kunit *test)
{
	struct op25b_limiter *l = limiter_of(test);

	KUNIT_EXPECT_EQ(test, 10, burst(l, OP25B_BUDGET_FORWARD, 1, 10, 1000,
					START, 100000));
	KUNIT_EXPECT_EQ(test, 10, burst(l, OP25B_BUDGET_FORWARD, 2, 10, 1000,
					START, 100));
	KUNIT_EXPECT_EQ(test, 10, burst(l, OP25B_BUDGET_REVERSE, 1, 10, 1000,
					START, 100));
	op25b_limiter_free(l);
}

static void ceiling_test(struct kunit *test)
{
	struct op25b_limiter *l = limiter_of(test);
	int i, got = 0;

	for (i = 0; i < 5000; i++)
		got += burst(l, OP25B_BUDGET_FORWARD, i, 10, 100, START, 1);
	KUNIT_EXPECT_EQ(test, got, 100);
	/* The reverse budget has a ceiling of its own. */
	for (i = 0, got = 0; i < 5000; i++)
		got += burst(l, OP25B_BUDGET_REVERSE, i, 10, 100, START, 1);
	KUNIT_EXPECT_EQ(test, got, 100);
	for (i = 0, got = 0; i < 5000; i++)
		got += burst(l, OP25B_BUDGET_FORWARD, i, 10, 100,
			     START + NSEC_PER_SEC / 4, 1);
	KUNIT_EXPECT_EQ(test, got, 25);
	op25b_limiter_free(l);
}

/* An IPv6 source is its /64, and no IPv4 source is one. */
static void family_test(struct kunit *test)
{
	struct op25b_addr a = { .hi = 0x20010db800010001, .lo = 1 };
	struct op25b_limiter *l = limiter_of(test);
	int i, got = 0;

	for (i = 0; i < 100; i++, a.lo = a.lo * 3 + 1)
		got += op25b_limiter_take(l, 0, OP25B_V6, a, 10, 1000, START);
	KUNIT_EXPECT_EQ(test, got, 10);
	a.hi++;
	KUNIT_EXPECT_TRUE(test, op25b_limiter_take(l, 0, OP25B_V6, a, 10, 1000,
						   START));
	a = v4(0xc0000201);
	for (i = 0, got = 0; i < 10; i++)
		got += op25b_limiter_take(l, 0, OP25B_V6, a, 10, 1000, START);
	for (i = 0; i < 10; i++)
		got += op25b_limiter_take(l, 0, OP25B_V4, a, 10, 1000, START);
	KUNIT_EXPECT_EQ(test, got, 20);
	op25b_limiter_free(l);
}

/* More sources than the table has room for: each newcomer is answered, and
 * with far fewer, none loses its bucket.
 */
static void crowd_test(struct kunit *test)
{
	struct op25b_limiter *l = limiter_of(test);
	int i, got = 0;

	for (i = 0; i < 100000; i++)
		got += burst(l, 0, i, 10, 1000000, START, 1);
	KUNIT_EXPECT_EQ(test, got, 100000);
	op25b_limiter_free(l);

	l = limiter_of(test);
	for (i = 0; i < 300; i++)
		burst(l, 0, i, 10, 1000000, START, 10);
	for (i = 0, got = 0; i < 300; i++)
		got += burst(l, 0, i, 10, 1000000, START, 10);
	/* Five of 300 in one of 1024 sets: once in 10^6 runs. */
	KUNIT_EXPECT_LE(test, got, 20);
	op25b_limiter_free(l);
}

/* The cut-off time of a bucket wraps around after 12.7 days. */
static void old_test(struct kunit *test)
{
	u64 wrap = (1ULL << 40) * NSEC_PER_USEC;
	struct op25b_limiter *l = limiter_of(test);
	int i;

	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, 10,
				burst(l, 0, 1, 10, 1000, START + i * wrap / 7,
				      100));
	/* Across the wrap itself. */
	KUNIT_EXPECT_EQ(test, 10, burst(l, 0, 2, 10, 1000,
					9 * wrap - NSEC_PER_SEC / 2, 100));
	KUNIT_EXPECT_LE(test, burst(l, 0, 2, 10, 1000,
				    9 * wrap + NSEC_PER_SEC / 4, 100), 8);
	op25b_limiter_free(l);
}

/* The namespace of a machine that has just booted. */
static void boot_test(struct kunit *test)
{
	struct op25b_limiter *l = limiter_of(test);

	KUNIT_EXPECT_EQ(test, 10, burst(l, 0, 1, 10, 1000, 0, 100));
	KUNIT_EXPECT_EQ(test, 10, burst(l, 0, 2, 10, 1000, 1000, 100));
	op25b_limiter_free(l);
}

static struct kunit_case limit_cases[] = {
	KUNIT_CASE(rate_test),
	KUNIT_CASE(zero_test),
	KUNIT_CASE(apart_test),
	KUNIT_CASE(ceiling_test),
	KUNIT_CASE(family_test),
	KUNIT_CASE(crowd_test),
	KUNIT_CASE(old_test),
	KUNIT_CASE(boot_test),
	{}
};

static struct kunit_suite limit_suite = {
	.name = "op25b_limit",
	.test_cases = limit_cases,
};

kunit_test_suite(limit_suite);
