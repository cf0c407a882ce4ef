// SPDX-License-Identifier: GPL-2.0
/*
 * The limits of a namespace that no lab has the memory to reach: the counters
 * are set to just below them.
 */
#include <kunit/test.h>
#include <linux/netlink.h>

#include "state/due.h"
#include "early.h"
#include "state/edit.h"
#include "state/store.h"
#include "state/ruleset.h"

/* A namespace that has no hooks, and one edit of it. */
struct world {
	struct op25b_store on;
	struct op25b_ruleset *rs;
	struct op25b_edit *edit;
	struct netlink_ext_ack extack;
};

static struct op25b_prefix net_of(u8 i)
{
	return (struct op25b_prefix){
		.addr.hi = i % 2 ? 0x20010db800000000 | i << 16 :
				   (u64)i << 56,
		.family = i % 2 ? OP25B_V6 : OP25B_V4,
		.len = i % 2 ? 48 : 8,
	};
}

static struct world *world_new(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	mutex_init(&w->on.lock);
	op25b_entry_init(&w->on);
	op25b_trash_init(&w->on);
	w->rs = op25b_ruleset_alloc();
	KUNIT_ASSERT_NOT_NULL(test, w->rs);
	RCU_INIT_POINTER(w->on.ruleset, w->rs);
	return w;
}

static void begin(struct kunit *test, struct world *w)
{
	mutex_lock(&w->on.lock);
	w->edit = op25b_edit_begin(&w->on, OP25B_EDIT_AMEND,
				   OP25B_ORIGIN_CONFIG, &w->extack);
	KUNIT_ASSERT_FALSE(test, IS_ERR(w->edit));
}

static int add(struct world *w, u8 i, bool replace)
{
	struct op25b_prefix prefix = net_of(i);

	w->extack._msg = NULL;
	return op25b_edit_prefix_add(w->edit, &prefix, OP25B_ACTION_BLOCK,
				     NULL, 0, replace, &w->extack);
}

static void world_free(struct world *w)
{
	op25b_edit_abort(w->edit);
	mutex_unlock(&w->on.lock);
	op25b_trash_wait(&w->on);
	op25b_ruleset_free(w->rs);
	op25b_entry_exit(&w->on);
	op25b_due_exit(&w->on);
	mutex_destroy(&w->on.lock);
}

/* Both families count, together. */
static void most_prefixes(struct kunit *test)
{
	struct world *w = world_new(test);

	w->rs->config.prefixes[OP25B_V4].count = OP25B_MAX_PREFIXES / 2;
	w->rs->config.prefixes[OP25B_V6].count = OP25B_MAX_PREFIXES / 2 - 2;
	begin(test, w);
	KUNIT_EXPECT_EQ(test, add(w, 10, false), 0);
	KUNIT_EXPECT_EQ(test, add(w, 11, false), 0);
	KUNIT_EXPECT_EQ(test, add(w, 12, false), -ENOSPC);
	KUNIT_EXPECT_STREQ(test, w->extack._msg,
			   "the limit of prefixes is reached");
	KUNIT_EXPECT_EQ(test, add(w, 13, true), -ENOSPC);
	KUNIT_EXPECT_EQ(test, add(w, 10, true), 0);
	KUNIT_EXPECT_EQ(test, add(w, 11, true), 0);
	world_free(w);
}

static void most_memory(struct kunit *test)
{
	struct world *w = world_new(test);
	u64 held;

	begin(test, w);
	KUNIT_EXPECT_EQ(test, add(w, 10, false), 0);
	held = OP25B_MAX_MEMORY - op25b_store_memory(&w->on);
	atomic64_add(held, &w->on.memory);
	KUNIT_EXPECT_EQ(test, add(w, 12, false), -ENOSPC);
	KUNIT_EXPECT_STREQ(test, w->extack._msg,
			   "the memory limit of this namespace is reached");
	KUNIT_EXPECT_EQ(test, add(w, 11, false), -ENOSPC);
	atomic64_sub(held, &w->on.memory);
	KUNIT_EXPECT_EQ(test, add(w, 12, false), 0);
	world_free(w);
}

/* The new nodes of a refused amendment lead to nodes of the ruleset in force,
 * which the next change may free: they are gone before the lock is.
 */
static void abort_at_once(struct kunit *test)
{
	struct world *w = world_new(test);
	u64 before, nodes;
	unsigned int i;

	begin(test, w);
	for (i = 1; i < 100; i++)
		KUNIT_EXPECT_EQ(test, add(w, i, false), 0);
	before = op25b_store_memory(&w->on);
	nodes = w->edit->build[OP25B_V4].trie.bytes +
		w->edit->build[OP25B_V6].trie.bytes;
	KUNIT_EXPECT_GT(test, nodes, 0);
	op25b_edit_abort(w->edit);
	KUNIT_EXPECT_LE(test, op25b_store_memory(&w->on), before - nodes);
	mutex_unlock(&w->on.lock);
	begin(test, w);
	world_free(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(most_prefixes),
	KUNIT_CASE(abort_at_once),
	KUNIT_CASE(most_memory),
	{}
};

static struct kunit_suite edit_suite = {
	.name = "op25b_edit",
	.suite_init = early_writers_init,
	.suite_exit = early_writers_exit,
	.test_cases = cases,
};

kunit_test_suite(edit_suite);
