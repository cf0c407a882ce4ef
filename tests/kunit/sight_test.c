// SPDX-License-Identifier: GPL-2.0
/*
 * What one more packet of a source leaves behind in a table: each thing that is
 * kept of it, and what a packet that is no attempt must not move.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "see.h"

#define HASH	(0xabcdU << 16 | 5)	/* of set 5 */

static struct op25b_heavy *table_up(struct kunit *test)
{
	struct op25b_heavy *table = kvcalloc(1, op25b_heavy_size(), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	op25b_heavy_setup(table);
	return table;
}

/* A blocked SYN of source number @n, an IPv6 /64; all are of one set. */
static struct op25b_sight sight_of(u32 n)
{
	return (struct op25b_sight){
		.addr = { 0x20010db800000000ULL + n, 1 },
		.to = { 0x20010db900000000ULL, 25 },
		.hash = HASH + (n << 24),
		.bytes = 60,
		.now = 100,
		.traits = op25b_traits(OP25B_V6, 48, 1, OP25B_SAYS_ATTEMPT |
				       OP25B_SAYS_SYN),
		.len = 64,
	};
}

/* The sources of the set, and the error of one that would come. */
static unsigned int read(const struct op25b_heavy *table, u64 *error,
			 struct op25b_heavy_item *items)
{
	*error = 0;
	return op25b_heavy_read(table, 1, op25b_heavy_set(HASH), 64, error,
				items);
}

/* Each thing that a second packet says otherwise than the first. */
static void kept_test(struct kunit *test)
{
	struct op25b_heavy_item items[OP25B_HEAVY_WAYS];
	struct op25b_heavy *table = table_up(test);
	struct op25b_sight sight = sight_of(0);
	struct op25b_offender *o = &items[0].offender;
	u64 error;

	KUNIT_EXPECT_EQ(test, see(table, 1, &sight), 1);
	sight.addr.lo = 0xfffe;
	sight.bytes = 1000;
	sight.now = 107;
	sight.traits = op25b_traits(OP25B_V6, 32, 2, OP25B_SAYS_EXEMPT);
	KUNIT_EXPECT_EQ(test, see(table, 1, &sight), 0);

	KUNIT_ASSERT_EQ(test, read(table, &error, items), 1);
	KUNIT_EXPECT_EQ(test, o->addr.hi, sight.addr.hi);
	KUNIT_EXPECT_EQ(test, o->addr.lo, 0xfffe);
	KUNIT_EXPECT_EQ(test, o->packets, 2);
	KUNIT_EXPECT_EQ(test, o->bytes, 1060);
	KUNIT_EXPECT_EQ(test, o->attempts, 1);
	KUNIT_EXPECT_EQ(test, o->syns, 1);
	KUNIT_EXPECT_EQ(test, o->first_seen, 100);
	KUNIT_EXPECT_EQ(test, o->last_seen, 107);
	KUNIT_EXPECT_EQ(test, o->family, OP25B_V6);
	KUNIT_EXPECT_EQ(test, o->prefix_len, 32);
	KUNIT_EXPECT_EQ(test, o->action, 2);
	KUNIT_EXPECT_TRUE(test, o->exempt);
	KUNIT_EXPECT_FALSE(test, o->watched);

	sight.traits = op25b_traits(OP25B_V6, 0, 3, OP25B_SAYS_ATTEMPT |
				    OP25B_SAYS_WATCHED);
	KUNIT_EXPECT_EQ(test, see(table, 1, &sight), 2);
	KUNIT_ASSERT_EQ(test, read(table, &error, items), 1);
	KUNIT_EXPECT_EQ(test, o->prefix_len, 0);
	KUNIT_EXPECT_EQ(test, o->action, 3);
	KUNIT_EXPECT_EQ(test, o->syns, 1);
	KUNIT_EXPECT_FALSE(test, o->exempt);
	KUNIT_EXPECT_TRUE(test, o->watched);
	kvfree(table);
}

/* Fills the set, each source with @attempts. */
static void fill(struct kunit *test, struct op25b_heavy *table, u32 attempts)
{
	struct op25b_sight sight;
	u32 i, n;

	for (n = 0; n < OP25B_HEAVY_WAYS; n++) {
		sight = sight_of(n);
		for (i = 1; i <= attempts; i++)
			KUNIT_EXPECT_EQ(test, see(table, 1, &sight), i);
	}
}

/* What is no attempt raises no score: a newcomer's error would grow by it. */
static void score_test(struct kunit *test)
{
	struct op25b_heavy_item items[OP25B_HEAVY_WAYS];
	struct op25b_heavy *table = table_up(test);
	struct op25b_sight sight;
	u64 error;
	u32 i, n;

	fill(test, table, 3);
	for (n = 0; n < OP25B_HEAVY_WAYS; n++) {
		sight = sight_of(n);
		sight.traits &= ~OP25B_SAYS_ATTEMPT;
		for (i = 0; i < 50; i++)
			KUNIT_EXPECT_EQ(test, see(table, 1, &sight), 0);
	}
	KUNIT_EXPECT_EQ(test, read(table, &error, items), OP25B_HEAVY_WAYS);
	KUNIT_EXPECT_EQ(test, error, 3);
	kvfree(table);
}

/* A score that cannot grow stays, and its source with it. */
static void full_score_test(struct kunit *test)
{
	struct op25b_heavy_item items[OP25B_HEAVY_WAYS];
	struct op25b_heavy *table = table_up(test);
	struct op25b_sight sight = sight_of(0);
	u64 error;
	u32 i;

	see(table, 1, &sight);
	table->set[op25b_heavy_set(HASH)].score[0] = U32_MAX - 1;
	for (i = 2; i <= 5; i++)
		KUNIT_EXPECT_EQ(test, see(table, 1, &sight), i);
	KUNIT_EXPECT_EQ(test, read(table, &error, items), 1);
	KUNIT_EXPECT_EQ(test, table->set[op25b_heavy_set(HASH)].score[0],
			U32_MAX);
	kvfree(table);
}

/* An IPv4 and an IPv6 source whose first words, and hashes, are the same. */
static void family_test(struct kunit *test)
{
	struct op25b_heavy_item items[OP25B_HEAVY_WAYS];
	struct op25b_heavy *table = table_up(test);
	struct op25b_sight v6 = sight_of(0), v4;
	u64 error;
	u32 i;

	v6.addr.lo = 0;
	v4 = v6;
	v4.len = 32;
	v4.traits = op25b_traits(OP25B_V4, 8, 1, OP25B_SAYS_ATTEMPT);
	for (i = 1; i <= 3; i++) {
		KUNIT_EXPECT_EQ(test, see(table, 1, &v6), i);
		KUNIT_EXPECT_EQ(test, see(table, 1, &v4), i);
	}
	KUNIT_EXPECT_EQ(test, read(table, &error, items), 2);
	kvfree(table);
}

/* Who takes a place inherits nothing that was told, not even where its hash is
 * the former one's.
 */
static void heir_test(struct kunit *test)
{
	struct op25b_heavy_item items[OP25B_HEAVY_WAYS];
	struct op25b_heavy *table = table_up(test);
	struct op25b_sight sight = sight_of(0);
	unsigned int i, n;
	u64 error;

	fill(test, table, 1);
	op25b_heavy_tell(table, sight.hash);
	n = read(table, &error, items);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, items[i].told,
				items[i].offender.addr.hi == sight.addr.hi);
	/* The door refuses it once. */
	sight.addr.hi ^= 1ULL << 32;
	KUNIT_EXPECT_EQ(test, see(table, 1, &sight), 0);
	KUNIT_EXPECT_EQ(test, see(table, 1, &sight), 1);
	n = read(table, &error, items);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_FALSE(test, items[i].told);
	kvfree(table);
}

static struct kunit_case sight_cases[] = {
	KUNIT_CASE(kept_test),
	KUNIT_CASE(score_test),
	KUNIT_CASE(full_score_test),
	KUNIT_CASE(family_test),
	KUNIT_CASE(heir_test),
	{}
};

static struct kunit_suite sight_suite = {
	.name = "op25b_sight",
	.test_cases = sight_cases,
};

kunit_test_suite(sight_suite);
