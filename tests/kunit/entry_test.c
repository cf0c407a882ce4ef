// SPDX-License-Identifier: GPL-2.0
/*
 * Entries that come and go, beside a naive array; how many of them an operation
 * on one moves, and what memory is left.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "state/store.h"
#include "rnd.h"
#include "state/due.h"
#include "state/entry.h"
#include "state/index.h"
#include "state/ruleset.h"

static ulong seed;
module_param_named(entry_seed, seed, ulong, 0444);
MODULE_PARM_DESC(entry_seed, "repeat the random steps of this seed");

#define KEYS	60000
#define CHURN	100000
#define FEW	10
#define APART	(KEYS / FEW + 1)	/* of each family some */
#define PLACES	512		/* of the directories that these have */

struct world {
	struct op25b_store on;
	struct op25b_ruleset ruleset;
	struct rnd rnd;
	u64 mark[KEYS];		/* the oracle: a counter, 0 for no entry */
	u32 count;		/* of those */
	u64 last_mark;
	/* The directories as they were. */
	u32 depth[OP25B_FAMILIES];
	const void *bucket[OP25B_FAMILIES][PLACES];
	u64 moved;
};

/* Every third is IPv6. */
static struct op25b_prefix key_of(u32 i)
{
	return (struct op25b_prefix){
		.addr.hi = i % 3 ? (u64)(10 << 24 | i) << 32 :
				   0x20010db800000000 | i,
		.addr.lo = i % 3 ? 0 : (u64)i << 32,
		.family = i % 3 ? OP25B_V4 : OP25B_V6,
		.len = i % 3 ? 32 : 96,
	};
}

static struct world *world_new(struct kunit *test)
{
	struct world *w = kvzalloc(sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	mutex_init(&w->on.lock);
	op25b_entry_init(&w->on);
	RCU_INIT_POINTER(w->on.ruleset, &w->ruleset);
	rnd_init(test, &w->rnd, seed);
	mutex_lock(&w->on.lock);
	return w;
}

static void world_free(struct world *w)
{
	mutex_unlock(&w->on.lock);
	op25b_entry_exit(&w->on);
	mutex_destroy(&w->on.lock);
	kvfree(w);
}

static struct op25b_directory *directory(struct world *w, u8 family)
{
	return w->on.entries ?
	       rcu_dereference_protected(w->on.entries[family].directory,
					 true) : NULL;
}

static struct op25b_bucket *bucket(struct world *w, u8 family, u32 place)
{
	return rcu_dereference_protected(directory(w, family)->bucket[place],
					 true);
}

/* What was at @place of the directory as it is now. */
static const void *bucket_before(struct world *w, u8 family, u32 place)
{
	u32 depth = directory(w, family)->depth;

	if (depth > w->depth[family])
		return w->bucket[family][place >> 1];
	return w->bucket[family][place << (w->depth[family] - depth)];
}

/* Entries that the last operation has put into other buckets. */
static u32 moved(struct world *w, u8 family)
{
	const struct op25b_directory *d = directory(w, family);
	u32 moved = 0, places, place, i;
	bool is_new;

	if (!d)
		return 0;
	for (place = 0; place < BIT(d->depth); place += places) {
		const struct op25b_bucket *b = bucket(w, family, place);

		places = BIT(d->depth - b->depth);
		is_new = false;
		for (i = place; i < place + places; i++)
			is_new |= bucket_before(w, family, i) != b;
		moved += is_new ? b->count : 0;
	}
	for (place = 0; place < BIT(d->depth); place++)
		w->bucket[family][place] = bucket(w, family, place);
	w->depth[family] = d->depth;
	return moved;
}

static void count_moved(struct kunit *test, struct world *w, u8 family)
{
	u32 n = moved(w, family);

	KUNIT_EXPECT_LE(test, n, OP25B_BUCKET_FULL + 1);
	w->moved += n;
}

static void add(struct kunit *test, struct world *w, u32 i)
{
	struct op25b_prefix key = key_of(i);

	KUNIT_ASSERT_EQ(test, 0, op25b_entry_get(&w->on, OP25B_ENTRY_PREFIX,
						 &key));
	count_moved(test, w, key.family);
	if (w->mark[i])
		return;
	w->mark[i] = ++w->last_mark;
	w->count++;
	atomic64_set(&op25b_entry_find(&w->on, OP25B_ENTRY_PREFIX,
				       &key)->others, w->mark[i]);
}

static void del(struct kunit *test, struct world *w, u32 i)
{
	struct op25b_prefix key = key_of(i);

	if (!w->mark[i])
		return;
	op25b_entry_forget(&w->on, OP25B_ENTRY_PREFIX, &key);
	count_moved(test, w, key.family);
	w->mark[i] = 0;
	w->count--;
}

/* As the worker does a grace period later. */
static void release(struct world *w)
{
	struct op25b_limbo limbo;

	if (!op25b_entry_limbo(&w->on, &limbo))
		return;
	mutex_unlock(&w->on.lock);
	op25b_entry_release(&w->on, &limbo);
	mutex_lock(&w->on.lock);
}

static void check(struct kunit *test, struct world *w, u32 i)
{
	struct op25b_prefix key = key_of(i), found;
	const struct op25b_entry *entry;

	entry = op25b_entry_find(&w->on, OP25B_ENTRY_PREFIX, &key);
	KUNIT_ASSERT_EQ(test, !entry, !w->mark[i]);
	if (!entry)
		return;
	op25b_entry_key(entry, key.family, &found);
	KUNIT_EXPECT_TRUE(test, op25b_entry_is(entry, &key));
	KUNIT_EXPECT_EQ(test, found.addr.hi, key.addr.hi);
	KUNIT_EXPECT_EQ(test, found.addr.lo, key.addr.lo);
	KUNIT_EXPECT_EQ(test, found.len, key.len);
	KUNIT_EXPECT_EQ(test, (u64)atomic64_read(&entry->others), w->mark[i]);
}

static void check_all(struct kunit *test, struct world *w)
{
	u32 i;

	for (i = 0; i < KEYS; i++) {
		check(test, w, i);
		cond_resched();
	}
}

/* @n random ones come or go, until there are @to. */
static void steps(struct kunit *test, struct world *w, u32 n, u32 to)
{
	u32 i;

	while (n--) {
		i = rnd_below(&w->rnd, KEYS);
		if (w->mark[i] && (w->count > to || rnd_below(&w->rnd, 8)))
			del(test, w, i);
		else if (w->count < to || rnd_below(&w->rnd, 8))
			add(test, w, i);
		check(test, w, i);
		if (!rnd_below(&w->rnd, 100))
			release(w);
		cond_resched();
	}
	check_all(test, w);
}

static void entries_come_and_go(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 i;

	steps(test, w, 2 * KEYS, KEYS / 2);
	steps(test, w, KEYS, KEYS);
	steps(test, w, 2 * KEYS, KEYS / 10);
	for (i = 0; i < KEYS; i++)
		add(test, w, i);
	check_all(test, w);
	for (i = 0; i < KEYS; i++)
		del(test, w, i);
	check_all(test, w);
	release(w);
	KUNIT_EXPECT_EQ(test, op25b_store_memory(&w->on), 0);
	world_free(w);
}

/* At a constant number of entries, most come into a grave. */
static void graves_are_used_again(struct kunit *test)
{
	struct world *w = world_new(test);
	u64 memory;
	u32 i;

	for (i = 0; i < KEYS / 2; i++)
		add(test, w, i);
	memory = op25b_store_memory(&w->on);
	w->moved = 0;
	for (i = 0; i < CHURN; i++) {
		del(test, w, i % (KEYS / 2));
		add(test, w, i % (KEYS / 2));
		release(w);
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, w->moved, 0);
	KUNIT_EXPECT_LE(test, op25b_store_memory(&w->on), memory);
	/* Others each time: what a bucket takes to be cleaned is worth it. */
	for (i = 0; i < CHURN; i++) {
		del(test, w, i % KEYS);
		add(test, w, (i + KEYS / 2) % KEYS);
		if (i % 100 == 99)
			release(w);
		cond_resched();
	}
	KUNIT_EXPECT_LE(test, w->moved, 2 * CHURN);
	KUNIT_EXPECT_LE(test, op25b_store_memory(&w->on), memory / 8 * 9);
	check_all(test, w);
	world_free(w);
}

/* Of many, a few stay, far apart: so does a page and a shelf of each. */
static void memory_follows_entries(struct kunit *test)
{
	struct world *w = world_new(test);
	u64 fresh;
	u32 i;

	for (i = 0; i < KEYS; i += APART)
		add(test, w, i);
	fresh = op25b_store_memory(&w->on);
	for (i = 0; i < KEYS; i++)
		add(test, w, i);
	for (i = 0; i < KEYS; i++)
		if (i % APART)
			del(test, w, i);
	for (i = 0; i < KEYS; i++)
		add(test, w, i);
	for (i = 0; i < KEYS; i++)
		if (i % APART != 5)
			del(test, w, i);
	release(w);
	check_all(test, w);
	KUNIT_EXPECT_EQ(test, w->count, FEW);
	KUNIT_EXPECT_LE(test, op25b_store_memory(&w->on), fresh + 64 * 1024);
	world_free(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(entries_come_and_go),
	KUNIT_CASE(graves_are_used_again),
	KUNIT_CASE(memory_follows_entries),
	{}
};

static struct kunit_suite entry_suite = {
	.name = "op25b_entry",
	.test_cases = cases,
};

kunit_test_suite(entry_suite);
