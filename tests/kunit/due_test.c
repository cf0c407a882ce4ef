// SPDX-License-Identifier: GPL-2.0
/*
 * The order of expiry: named cases, and random ones against a naive list.
 */
#include <kunit/test.h>
#include <linux/moduleparam.h>

#include "state/due.h"
#include "state/entry.h"
#include "state/store.h"
#include "rnd.h"

static ulong seed;
module_param_named(due_seed, seed, ulong, 0444);
MODULE_PARM_DESC(due_seed, "repeat the random steps of this seed");

#define WORLD	3000		/* three pages of the heap */
#define STEPS	20000

/* A namespace of entries alone, and what the test knows of them. */
struct world {
	struct op25b_store on;
	struct op25b_ruleset ruleset;
	u32 number[WORLD];	/* of the entry, 0 none */
	u32 expires[WORLD];	/* the oracle */
};

/* Every third is IPv6. */
static struct op25b_prefix key_of(u32 i)
{
	return (struct op25b_prefix){
		.addr.hi = i % 3 ? (u64)i << 32 : 0x20010db800000000 | i,
		.family = i % 3 ? OP25B_V4 : OP25B_V6,
		.len = i % 3 ? 32 : 64,
	};
}

static struct world *world_new(struct kunit *test)
{
	struct world *w = kvzalloc(sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	mutex_init(&w->on.lock);
	op25b_entry_init(&w->on);
	RCU_INIT_POINTER(w->on.ruleset, &w->ruleset);
	mutex_lock(&w->on.lock);
	return w;
}

static void world_free(struct world *w)
{
	mutex_unlock(&w->on.lock);
	op25b_entry_exit(&w->on);
	op25b_due_exit(&w->on);
	mutex_destroy(&w->on.lock);
	kvfree(w);
}

#define SIDE	1		/* the other one stays empty */

/* Some have a comment besides. */
static void set(struct kunit *test, struct world *w, u32 i, u32 expires)
{
	struct op25b_prefix key = key_of(i);
	u64 fact;

	if (!w->number[i]) {
		KUNIT_ASSERT_EQ(test, 0, op25b_entry_get(&w->on,
							 OP25B_ENTRY_PREFIX,
							 &key));
		w->number[i] = op25b_entry_number(&w->on, OP25B_ENTRY_PREFIX,
						  &key);
	}
	KUNIT_ASSERT_EQ(test, 0, op25b_fact_make(&w->on, i % 5 ? NULL : "five",
						 expires, &fact));
	KUNIT_ASSERT_EQ(test, 0, op25b_due_reserve(&w->on, SIDE, 1));
	op25b_due_set(&w->on, SIDE, OP25B_ENTRY_PREFIX, key.family,
		      w->number[i], fact);
	op25b_due_trim(&w->on, SIDE);
	w->expires[i] = expires;
}

static void forget(struct kunit *test, struct world *w, u32 i)
{
	struct op25b_prefix key = key_of(i);
	struct op25b_limbo limbo;

	if (!w->number[i])
		return;
	set(test, w, i, 0);
	op25b_due_set(&w->on, SIDE, OP25B_ENTRY_PREFIX, key.family,
		      w->number[i], 0);
	op25b_entry_forget(&w->on, OP25B_ENTRY_PREFIX, &key);
	op25b_entry_limbo(&w->on, &limbo);
	mutex_unlock(&w->on.lock);
	op25b_entry_release(&w->on, &limbo);
	mutex_lock(&w->on.lock);
	w->number[i] = 0;
}

/* Whose entry expires first by the heap; WORLD if nothing does. */
static u32 first(struct kunit *test, struct world *w, u32 *expires)
{
	struct op25b_prefix key, known;
	u32 number, i;
	u8 family;

	*expires = op25b_due_first(&w->on, SIDE, &family, &number);
	if (!*expires)
		return WORLD;
	op25b_entry_key(op25b_entry_at(&w->on, OP25B_ENTRY_PREFIX, family,
				       number), family, &key);
	i = family == OP25B_V4 ? key.addr.hi >> 32 : (u32)key.addr.hi;
	KUNIT_ASSERT_LT(test, i, WORLD);
	known = key_of(i);
	KUNIT_ASSERT_EQ(test, memcmp(&known.addr, &key.addr, sizeof(key.addr)),
			0);
	return i;
}

static u32 least(const struct world *w)
{
	u32 min = 0, i;

	for (i = 0; i < WORLD; i++)
		if (w->expires[i] && (!min || w->expires[i] < min))
			min = w->expires[i];
	return min;
}

static void check(struct kunit *test, struct world *w)
{
	u32 expires, i = first(test, w, &expires);

	KUNIT_ASSERT_EQ(test, expires, least(w));
	if (i < WORLD)
		KUNIT_ASSERT_EQ(test, w->expires[i], expires);
}

static void nothing(struct kunit *test)
{
	struct world *w = world_new(test);
	u64 before;

	check(test, w);
	set(test, w, 7, 0);
	check(test, w);
	before = op25b_store_memory(&w->on);
	set(test, w, 7, U32_MAX);
	check(test, w);
	KUNIT_EXPECT_EQ(test, op25b_store_memory(&w->on),
			before + PAGE_SIZE + 8 * sizeof(u32 *));
	set(test, w, 7, 0);
	check(test, w);
	KUNIT_EXPECT_EQ(test, op25b_store_memory(&w->on), before);
	world_free(w);
}

/* Read out in order, many of them at the same time. */
static void sorted(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 last = 0, left, expires, i;
	u64 before;
	struct rnd r;

	rnd_init(test, &r, seed);
	for (i = 0; i < WORLD; i++)
		set(test, w, i, 0);
	before = op25b_store_memory(&w->on);
	for (i = 0; i < WORLD; i++)
		set(test, w, i, 1 + rnd_below(&r, WORLD / 4));
	for (left = WORLD; left; left--) {
		i = first(test, w, &expires);
		KUNIT_ASSERT_LT(test, i, WORLD);
		KUNIT_ASSERT_EQ(test, expires, w->expires[i]);
		KUNIT_ASSERT_GE(test, expires, last);
		last = expires;
		set(test, w, i, 0);
	}
	check(test, w);
	KUNIT_EXPECT_EQ(test, op25b_store_memory(&w->on), before);
	world_free(w);
}

/* What was reserved is there without another allocation. */
static void reserved(struct kunit *test)
{
	struct world *w = world_new(test);
	struct op25b_prefix key;
	u64 before, fact;
	u32 i;

	for (i = 0; i < WORLD; i++)
		set(test, w, i, 0);
	KUNIT_ASSERT_EQ(test, 0, op25b_due_reserve(&w->on, SIDE, WORLD));
	before = op25b_store_memory(&w->on);
	for (i = 0; i < WORLD; i++) {
		key = key_of(i);
		op25b_fact_make(&w->on, NULL, WORLD - i, &fact);
		op25b_due_set(&w->on, SIDE, OP25B_ENTRY_PREFIX, key.family,
			      w->number[i], fact);
		w->expires[i] = WORLD - i;
	}
	/* Less the comments that were there. */
	KUNIT_EXPECT_LE(test, op25b_store_memory(&w->on), before);
	check(test, w);
	world_free(w);
}

/* A heap that goes at once leaves facts that name places in it: they must not
 * touch what is in those places by then.
 */
static void dropped(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 i;

	for (i = 0; i < WORLD; i++)
		set(test, w, i, 1 + i);
	op25b_due_drop(&w->on, SIDE);
	KUNIT_EXPECT_EQ(test, w->on.due[SIDE].pages, 0);
	memset(w->expires, 0, sizeof(w->expires));
	for (i = WORLD; i-- > WORLD / 2;)
		set(test, w, i, 1 + WORLD - i);
	check(test, w);
	for (i = 0; i < WORLD / 2; i++) {
		set(test, w, i, 0);
		check(test, w);
	}
	world_free(w);
}

/* Counters are 64-bit atomics: an entry of any number has them aligned. */
static void aligned(struct kunit *test)
{
	struct world *w = world_new(test);
	struct op25b_entry *entry;
	struct op25b_prefix key;
	u32 i;

	for (i = 0; i < WORLD; i++) {
		set(test, w, i, 0);
		key = key_of(i);
		entry = op25b_entry_find(&w->on, OP25B_ENTRY_PREFIX, &key);
		KUNIT_ASSERT_EQ(test, (unsigned long)&entry->others % 8, 0);
	}
	world_free(w);
}

static u32 seen[WORLD];

static void see(struct op25b_store *on, u8 family, u32 number)
{
	struct op25b_prefix key;

	op25b_entry_key(op25b_entry_at(on, OP25B_ENTRY_PREFIX, family, number),
			family, &key);
	seen[family == OP25B_V4 ? key.addr.hi >> 32 : (u32)key.addr.hi]++;
}

/* A walk visits those of a span once, and no other. */
static void spans(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 round, from, to, i, wrong = 0;
	struct rnd r;

	rnd_init(test, &r, seed);
	for (round = 0; round < 50; round++) {
		for (i = 0; i < WORLD; i++)
			set(test, w, i, rnd_below(&r, 2 * WORLD));
		from = rnd_below(&r, 2 * WORLD);
		to = from + rnd_below(&r, WORLD);
		memset(seen, 0, sizeof(seen));
		op25b_due_each(&w->on, SIDE, from, to, see);
		for (i = 0; i < WORLD; i++)
			wrong += seen[i] != (w->expires[i] > from &&
					     w->expires[i] <= to);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	world_free(w);
}

static void random_steps(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 step, i, expires;
	struct rnd r;

	rnd_init(test, &r, seed);
	for (step = 0; step < STEPS; step++) {
		i = rnd_below(&r, WORLD);
		switch (rnd_below(&r, 8)) {
		case 0:
			forget(test, w, i);
			break;
		case 1:
			set(test, w, i, 0);
			break;
		case 2:
			i = first(test, w, &expires);
			if (i < WORLD)
				set(test, w, i, 0);
			break;
		case 3:
			set(test, w, i, rnd_below(&r, 2) ? 1 : U32_MAX);
			break;
		default:
			set(test, w, i, rnd64(&r));
		}
		check(test, w);
	}
	for (i = 0; i < WORLD; i++)
		forget(test, w, i);
	check(test, w);
	KUNIT_EXPECT_EQ(test, w->on.due[SIDE].pages, 0);
	world_free(w);
}

static struct kunit_case due_cases[] = {
	KUNIT_CASE(nothing),
	KUNIT_CASE(sorted),
	KUNIT_CASE(reserved),
	KUNIT_CASE(dropped),
	KUNIT_CASE(aligned),
	KUNIT_CASE(spans),
	KUNIT_CASE(random_steps),
	{}
};

static struct kunit_suite due_suite = {
	.name = "op25b_due",
	.test_cases = due_cases,
};

kunit_test_suite(due_suite);
