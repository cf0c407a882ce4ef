// SPDX-License-Identifier: GPL-2.0
/*
 * Relays: edits of them against a naive list of flags, with commits, trials and
 * rollbacks, and what the filter in front of them weighs.
 */
#include <kunit/test.h>
#include <linux/moduleparam.h>
#include <linux/netlink.h>

#include "early.h"
#include "ns/commit.h"
#include "ns/confirm.h"
#include "ns/expiry.h"
#include "ns/net.h"
#include "rnd.h"
#include "space.h"
#include "state/due.h"
#include "state/edit.h"
#include "state/relay.h"

static ulong seed;
module_param_named(relay_seed, seed, ulong, 0444);
MODULE_PARM_DESC(relay_seed, "repeat the random edits of this seed");

static struct op25b_relay v4(u32 addr)
{
	return (struct op25b_relay){
		.addr = op25b_addr_v4(cpu_to_be32(addr)),
		.family = OP25B_V4,
	};
}

static struct op25b_relay v6(u64 hi, u64 lo)
{
	return (struct op25b_relay){
		.addr = { .hi = hi, .lo = lo },
		.family = OP25B_V6,
	};
}

/* Edits */

#define WORLD	600
#define STEPS	3000
#define MANY	5000	/* their filter takes pages */

/* A namespace without hooks, and the oracle: which relays are in force, in the
 * edit under way and in what is parked.
 */
struct world {
	struct op25b_net on;
	struct op25b_edit *edit;
	struct netlink_ext_ack extack;
	struct rnd rnd;
	struct op25b_relay relay[WORLD];
	bool now[WORLD], staged[WORLD], parked[WORLD];
};

static struct op25b_relay world_at(struct rnd *r, u32 i)
{
	/* Every third IPv4, some of IPv6 differing in one word only. */
	if (i % 3 == 0)
		return v4(rnd64(r));
	if (i % 3 == 1)
		return v6(0x20010db800000000, rnd64(r));
	return v6(rnd64(r), rnd64(r));
}

static struct world *world_new(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	u32 i;

	if (!w || space_init(test, &w->on))
		return NULL;
	rnd_init(test, &w->rnd, seed);
	for (i = 0; i < WORLD; i++)
		w->relay[i] = world_at(&w->rnd, i);
	mutex_lock(&w->on.store.lock);
	return w;
}

static struct op25b_ruleset *in_force(struct world *w)
{
	return rcu_dereference_protected(w->on.store.ruleset, true);
}

static void world_free(struct world *w)
{
	if (w->edit)
		op25b_edit_abort(w->edit);
	mutex_unlock(&w->on.store.lock);
	space_exit(&w->on);
}

static void begin(struct kunit *test, struct world *w,
		  enum op25b_edit_kind kind)
{
	w->edit = op25b_edit_begin(&w->on.store, kind,
				   OP25B_ORIGIN_CONFIG, &w->extack);
	if (IS_ERR(w->edit))
		KUNIT_FAIL(test, "no edit");
	if (kind == OP25B_EDIT_REPLACE)
		memset(w->staged, 0, sizeof(w->staged));
	else
		memcpy(w->staged, w->now, sizeof(w->now));
}

static int change(struct world *w, u32 i)
{
	const struct op25b_relay *relay = &w->relay[i];

	if (w->staged[i])
		return op25b_edit_relay_del(w->edit, relay, NULL, &w->extack);
	return op25b_edit_relay_add(w->edit, relay, NULL, false, &w->extack);
}

static void changes(struct kunit *test, struct world *w)
{
	/* From single changes to nearly everything. */
	u32 odds = 1U << rnd_below(&w->rnd, 9);
	u32 i;

	for (i = 0; i < WORLD; i++) {
		if (rnd_below(&w->rnd, odds))
			continue;
		KUNIT_EXPECT_EQ(test, 0, change(w, i));
		w->staged[i] = !w->staged[i];
	}
}

static void end(struct kunit *test, struct world *w, bool commit, bool trial)
{
	if (!commit) {
		op25b_edit_abort(w->edit);
		w->edit = NULL;
		return;
	}
	if (trial) {
		op25b_edit_confirm(w->edit, 3600);
		memcpy(w->parked, w->now, sizeof(w->now));
	}
	KUNIT_EXPECT_EQ(test, 0, op25b_commit(&w->on, w->edit, &w->extack));
	w->edit = NULL;
	memcpy(w->now, w->staged, sizeof(w->now));
}

static void decide(struct kunit *test, struct world *w, bool accept)
{
	if (accept) {
		op25b_confirm_accept(&w->on);
		return;
	}
	KUNIT_EXPECT_EQ(test, 0, op25b_confirm_rollback(&w->on, true, NULL));
	memcpy(w->now, w->parked, sizeof(w->now));
}

static bool has(const struct op25b_ruleset *rs, struct op25b_relay relay)
{
	return op25b_relay_match(&rs->config, relay.family, relay.addr);
}

/* What is in force against the oracle; also beside and in the other family. */
static u32 compare(struct world *w)
{
	const struct op25b_ruleset *rs = op25b_ruleset_locked(&w->on.store);
	u32 i, n = 0, wrong = 0;

	for (i = 0; i < WORLD; i++) {
		struct op25b_relay relay = w->relay[i];

		n += w->now[i];
		wrong += has(rs, relay) != w->now[i];
		relay.family = !relay.family;
		wrong += relay.family == OP25B_V6 && has(rs, relay);
		relay = w->relay[i];
		relay.addr.hi ^= 1ULL << 32;
		wrong += has(rs, relay);
	}
	return wrong + (op25b_ruleset_relays(rs) != n);
}

static void random_step(struct kunit *test, struct world *w)
{
	u32 what = rnd_below(&w->rnd, 16);
	bool replace = what < 4;

	if (w->on.store.parked) {
		decide(test, w, what % 2);
		return;
	}
	begin(test, w, replace ? OP25B_EDIT_REPLACE : OP25B_EDIT_AMEND);
	if (what == 15) {
		op25b_edit_relay_flush(w->edit);
		memset(w->staged, 0, sizeof(w->staged));
	} else if (what != 14) {	/* which changes no relay */
		changes(test, w);
	}
	KUNIT_EXPECT_EQ(test, 0, compare(w));	/* what is staged is unseen */
	end(test, w, rnd_below(&w->rnd, 4), replace && what % 2);
}

static void random_edits(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 i, wrong = 0;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = 0; i < STEPS && !wrong; i++) {
		random_step(test, w);
		wrong = compare(w);
		KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "step %u", i);
		/* The worker frees what nobody can reach. */
		mutex_unlock(&w->on.store.lock);
		if (!(i % 16))
			op25b_trash_wait(&w->on.store);
		mutex_lock(&w->on.store.lock);
	}
	world_free(w);
}

/* 192.0.2.25 and c000:219:: have the same bits and are not the same. */
static void families_differ(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->relay[0] = v4(0xc0000219);
	w->relay[1] = v6(0xc000021900000000, 0);
	for (i = 0; i < 4; i++) {
		begin(test, w, OP25B_EDIT_AMEND);
		KUNIT_EXPECT_EQ(test, 0, change(w, i % 2));
		w->staged[i % 2] = !w->staged[i % 2];
		end(test, w, true, false);
		KUNIT_EXPECT_EQ(test, w->now[0],
				has(in_force(w), w->relay[0]));
		KUNIT_EXPECT_EQ(test, w->now[1],
				has(in_force(w), w->relay[1]));
	}
	world_free(w);
}

static void drop(struct kunit *test, struct world *w, u32 from)
{
	u32 i;

	begin(test, w, OP25B_EDIT_AMEND);
	for (i = from; i < WORLD; i++) {
		if (!w->staged[i])
			continue;
		KUNIT_EXPECT_EQ(test, 0, change(w, i));
		w->staged[i] = false;
	}
	end(test, w, true, false);
}

static const struct op25b_filter *filter_of(struct world *w)
{
	const struct op25b_ruleset *rs = op25b_ruleset_locked(&w->on.store);

	return rs->config.filter[OP25B_ENTRY_RELAY];
}

/* The filter of many does not stay when a few are left, or none. */
static void filter_shrinks(struct kunit *test)
{
	struct world *w = world_new(test);
	const struct op25b_filter *filter;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	begin(test, w, OP25B_EDIT_AMEND);
	for (i = 0; i < WORLD; i++) {
		KUNIT_EXPECT_EQ(test, 0, change(w, i));
		w->staged[i] = true;
	}
	end(test, w, true, false);
	filter = filter_of(w);
	KUNIT_EXPECT_TRUE(test, op25b_filter_bytes(filter) > 1024);
	for (i = WORLD; i > 4; i -= 4)
		drop(test, w, i - 4);
	filter = filter_of(w);
	KUNIT_EXPECT_LE(test, op25b_filter_bytes(filter), 256);
	KUNIT_EXPECT_EQ(test, compare(w), 0);
	drop(test, w, 0);
	filter = filter_of(w);
	KUNIT_EXPECT_TRUE(test, !filter);
	world_free(w);
}

/* Puts @n relays from the @first one in, in one edit. */
static void put(struct kunit *test, struct world *w, u32 first, u32 n)
{
	u32 i;

	begin(test, w, OP25B_EDIT_AMEND);
	for (i = first; i < first + n; i++) {
		struct op25b_relay relay = v4(0x0a000000 + i);

		KUNIT_EXPECT_EQ(test, 0,
				op25b_edit_relay_add(w->edit, &relay, NULL,
						     false, &w->extack));
	}
	end(test, w, true, false);
}

static u32 weight_left(struct world *w)
{
	mutex_unlock(&w->on.store.lock);
	op25b_trash_wait(&w->on.store);
	mutex_lock(&w->on.store.lock);
	return w->on.store.trash.count;
}

/* Who edits waits until what others left behind is freed: a filter counts, too.
 */
static void filters_weigh(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 pages;

	KUNIT_ASSERT_NOT_NULL(test, w);
	put(test, w, 0, MANY);
	KUNIT_EXPECT_EQ(test, weight_left(w), 0);
	pages = op25b_filter_bytes(filter_of(w)) / 4096;
	KUNIT_EXPECT_TRUE(test, pages > 0);
	put(test, w, MANY, 1);
	KUNIT_EXPECT_EQ(test, w->on.store.trash.count, 1 + pages);
	KUNIT_EXPECT_EQ(test, weight_left(w), 0);
	world_free(w);
}

#ifndef __KERNEL__
static u32 relays_of(const struct op25b_edit *edit)
{
	const struct op25b_build *relays =
		&edit->build[op25b_trie_of(OP25B_ENTRY_RELAY, OP25B_V4)];

	return relays[OP25B_V4].trie.count + relays[OP25B_V6].trie.count;
}

/* Every allocation of every change fails once, then it is made. (In the kernel,
 * the fail-nth ring does this through netlink.)
 */
static void no_memory(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 i, n, fails = 0;
	long nth;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = 0; i < 2 * WORLD; i++) {
		u32 k = i % WORLD;
		int err = -ENOMEM;

		begin(test, w, OP25B_EDIT_AMEND);
		n = op25b_ruleset_relays(op25b_ruleset_locked(&w->on.store));
		for (nth = 1; err && nth < 100; nth++) {
			shim_fail_nth = nth;
			err = change(w, k);
			shim_fail_nth = 0;
			if (!err)
				break;
			fails++;
			KUNIT_EXPECT_EQ(test, err, -ENOMEM);
			KUNIT_EXPECT_EQ(test, n, relays_of(w->edit));
		}
		KUNIT_EXPECT_EQ(test, err, 0);
		w->staged[k] = !w->staged[k];
		end(test, w, true, false);
		KUNIT_EXPECT_EQ(test, compare(w), 0);
	}
	KUNIT_EXPECT_TRUE(test, fails > 2 * WORLD);
	world_free(w);
}
#endif

static struct kunit_case relay_cases[] = {
	KUNIT_CASE(random_edits),
	KUNIT_CASE(families_differ),
	KUNIT_CASE(filter_shrinks),
	KUNIT_CASE(filters_weigh),
#ifndef __KERNEL__
	KUNIT_CASE(no_memory),
#endif
	{}
};

static struct kunit_suite relay_suite = {
	.name = "op25b_relay",
	.suite_init = early_writers_init,
	.suite_exit = early_writers_exit,
	.test_cases = relay_cases,
};

kunit_test_suite(relay_suite);
