// SPDX-License-Identifier: GPL-2.0
/*
 * Which origin decides: each pair of origins and actions that have the same
 * prefix, then random rulesets, beside a naive oracle.
 */
#include <kunit/test.h>
#include <linux/moduleparam.h>
#include <linux/netlink.h>

#include "early.h"
#include "ns/commit.h"
#include "packet/verdict.h"
#include "rnd.h"
#include "space.h"
#include "state/relay.h"
#include "state/ruleset.h"

static ulong seed;
module_param_named(origin_seed, seed, ulong, 0444);
MODULE_PARM_DESC(origin_seed, "repeat the random rulesets of this seed");

#define ROUNDS	200
#define TRIES	64		/* addresses a round */
#define MOST	24		/* prefixes, and relays, of an origin */

/* What the oracle has: a list. */
struct line {
	struct op25b_prefix key;
	u8 origin;
	u8 action;		/* NONE: a relay */
};

struct world {
	struct op25b_net on;
	struct netlink_ext_ack extack;
	struct line lines[OP25B_ORIGINS * MOST * 2];
	u32 count;
	struct rnd rnd;
};

static struct world *world_new(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w || space_init(test, &w->on))
		return NULL;
	mutex_lock(&w->on.store.lock);
	return w;
}

static void world_free(struct world *w)
{
	mutex_unlock(&w->on.store.lock);
	space_exit(&w->on);
}

static const struct op25b_ruleset *in_force(struct world *w)
{
	return op25b_ruleset_locked(&w->on.store);
}

static struct op25b_edit *begin(struct kunit *test, struct world *w, u8 origin)
{
	struct op25b_edit *edit = op25b_edit_begin(&w->on.store,
						   OP25B_EDIT_AMEND, origin,
						   &w->extack);

	KUNIT_ASSERT_EQ(test, 0, IS_ERR(edit));
	return edit;
}

static void commit(struct kunit *test, struct world *w, struct op25b_edit *edit)
{
	KUNIT_EXPECT_EQ(test, op25b_commit(&w->on, edit, &w->extack), 0);
}

static void flush_all(struct kunit *test, struct world *w)
{
	struct op25b_edit *edit;
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		edit = begin(test, w, origin);
		op25b_edit_prefix_flush(edit);
		op25b_edit_relay_flush(edit);
		commit(test, w, edit);
	}
	w->count = 0;
}

/* Is it there already? */
static bool has(const struct world *w, const struct line *line)
{
	const struct line *l;

	for (l = w->lines; l < w->lines + w->count; l++)
		if (l->origin == line->origin &&
		    !l->action == !line->action &&
		    l->key.family == line->key.family &&
		    l->key.len == line->key.len &&
		    op25b_addr_equal(l->key.addr, line->key.addr))
			return true;
	return false;
}

static void put(struct kunit *test, struct world *w, struct op25b_edit *edit,
		const struct line *line)
{
	struct op25b_relay relay = {
		.addr = line->key.addr,
		.family = line->key.family,
	};
	int err;

	if (has(w, line))
		return;
	if (line->action)
		err = op25b_edit_prefix_add(edit, &line->key, line->action,
					    NULL, 0, false, &w->extack);
	else
		err = op25b_edit_relay_add(edit, &relay, NULL, false,
					   &w->extack);
	KUNIT_EXPECT_EQ(test, err, 0);
	w->lines[w->count++] = *line;
}

/* Does @b, later in the list, come before @a, which holds the address too? The
 * words of the design: the longest; config; block, monitor, exempt.
 */
static bool beats(const struct line *a, const struct line *b)
{
	if (a->key.len != b->key.len)
		return b->key.len > a->key.len;
	if (a->origin == OP25B_ORIGIN_CONFIG ||
	    b->origin == OP25B_ORIGIN_CONFIG)
		return b->origin == OP25B_ORIGIN_CONFIG;
	if (a->action == OP25B_ACTION_BLOCK)
		return false;
	if (b->action == OP25B_ACTION_BLOCK)
		return true;
	return a->action == OP25B_ACTION_EXEMPT &&
	       b->action == OP25B_ACTION_MONITOR;
}

/* NULL: no prefix holds @addr. */
static const struct line *naive(const struct world *w, u8 family,
				struct op25b_addr addr)
{
	const struct line *best = NULL, *l;

	for (l = w->lines; l < w->lines + w->count; l++)
		if (l->action && l->key.family == family &&
		    op25b_addr_equal(op25b_addr_head(addr, l->key.len),
				     l->key.addr) &&
		    (!best || beats(best, l)))
			best = l;
	return best;
}

static u8 naive_relay(const struct world *w, u8 family, struct op25b_addr addr)
{
	const struct line *l;
	u8 first = 0;

	for (l = w->lines; l < w->lines + w->count; l++)
		if (!l->action && l->key.family == family &&
		    op25b_addr_equal(l->key.addr, addr) &&
		    (!first || l->origin < first))
			first = l->origin;
	return first;
}

/* Return: was it judged rightly? */
static bool judged(struct world *w, u8 family, struct op25b_addr addr)
{
	struct op25b_decision got = op25b_decide(in_force(w), family, addr);
	const struct line *best = naive(w, family, addr);

	if (!best)
		return got.action == OP25B_ACTION_NONE;
	/* Of two others that say the same, either may be counted on. */
	return got.action == best->action && got.len == best->key.len &&
	       (got.origin == OP25B_ORIGIN_CONFIG) ==
	       (best->origin == OP25B_ORIGIN_CONFIG);
}

/* Two lines of one key, by each origin and with each action. */
static void ties_of(struct kunit *test, struct world *w,
		    struct op25b_prefix key)
{
	struct op25b_edit *edit;
	struct line line[2];
	u32 pair, i;

	key.addr = op25b_addr_head(key.addr, key.len);
	for (pair = 0; pair < 81; pair++) {
		line[0] = (struct line){ key, 1 + pair % 3, 1 + pair / 3 % 3 };
		line[1] = (struct line){ key, 1 + pair / 9 % 3,
					 1 + pair / 27 % 3 };
		for (i = 0; i < 2; i++) {
			edit = begin(test, w, line[i].origin);
			put(test, w, edit, &line[i]);
			commit(test, w, edit);
		}
		KUNIT_EXPECT_EQ_MSG(test, true,
				    judged(w, key.family, key.addr),
				    "IPv%c/%u, pair %u",
				    key.family == OP25B_V4 ? '4' : '6', key.len,
				    pair);
		flush_all(test, w);
	}
}

static void ties(struct kunit *test)
{
	static const struct op25b_prefix keys[] = {
		{ { 0x0a00000000000000ULL, 0 }, OP25B_V4, 0 },
		{ { 0x0a00000000000000ULL, 0 }, OP25B_V4, 24 },
		{ { 0x0a00000000000000ULL, 0 }, OP25B_V4, 32 },
		{ { 0x20010db800000000ULL, 1 }, OP25B_V6, 0 },
		{ { 0x20010db800000000ULL, 1 }, OP25B_V6, 64 },
		{ { 0x20010db800000000ULL, 1 }, OP25B_V6, 128 },
	};
	struct world *w = world_new(test);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		ties_of(test, w, keys[i]);
	world_free(w);
}

/* Few bits, so that they nest and meet. */
static struct op25b_prefix random_key(struct rnd *r, bool relay)
{
	u8 family = rnd_below(r, OP25B_FAMILIES);
	struct op25b_prefix key = {
		.addr.hi = 0x0a00000000000000ULL |
			   (u64)rnd_below(r, 64) << 32,
		.family = family,
		.len = op25b_family_bits(family),
	};

	if (relay)
		return key;
	key.len = rnd_below(r, 8) ? 26 + rnd_below(r, 7) : rnd_below(r, 9);
	key.addr = op25b_addr_head(key.addr, key.len);
	return key;
}

static void fill(struct kunit *test, struct world *w, u8 origin)
{
	struct op25b_edit *edit = begin(test, w, origin);
	u32 n = rnd_below(&w->rnd, MOST), i;

	for (i = 0; i < 2 * n; i++) {
		bool relay = i % 2;

		put(test, w, edit, &(struct line){
			.key = random_key(&w->rnd, relay),
			.origin = origin,
			.action = relay ? 0 : 1 + rnd_below(&w->rnd, 3),
		});
	}
	commit(test, w, edit);
}

static void random_rulesets(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 round, i, wrong = 0;
	struct op25b_prefix at;
	u8 origin;

	KUNIT_ASSERT_NOT_NULL(test, w);
	rnd_init(test, &w->rnd, seed);
	for (round = 0; round < ROUNDS; round++) {
		for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
		     origin++)
			if (rnd_below(&w->rnd, 3))
				fill(test, w, origin);
		for (i = 0; i < TRIES; i++) {
			at = random_key(&w->rnd, true);
			wrong += !judged(w, at.family, at.addr);
			wrong += op25b_relay_of(in_force(w), at.family,
						at.addr) !=
				 naive_relay(w, at.family, at.addr);
		}
		flush_all(test, w);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	/* With all gone, a packet is looked up once, as ever. */
	KUNIT_EXPECT_FALSE(test, in_force(w)->mixed);
	world_free(w);
}

/* An origin's edit is seen in its serial and in nobody else's, and the
 * generation is CONFIG's.
 */
static void serials(struct kunit *test)
{
	struct world *w = world_new(test);
	u64 before[__OP25B_ORIGIN_MAX], generation;
	struct line line = { .action = OP25B_ACTION_BLOCK };
	struct op25b_edit *edit;
	u8 origin, other;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		for (other = OP25B_ORIGIN_CONFIG; other < __OP25B_ORIGIN_MAX;
		     other++)
			before[other] = op25b_store_serial(&w->on.store, other);
		generation = in_force(w)->generation;
		line.origin = origin;
		edit = begin(test, w, origin);
		put(test, w, edit, &line);
		commit(test, w, edit);
		for (other = OP25B_ORIGIN_CONFIG; other < __OP25B_ORIGIN_MAX;
		     other++)
			KUNIT_EXPECT_EQ(test, before[other] +
					(other == origin),
					op25b_store_serial(&w->on.store,
							   other));
		KUNIT_EXPECT_EQ(test, in_force(w)->generation, generation +
				(origin == OP25B_ORIGIN_CONFIG));
		KUNIT_EXPECT_TRUE(test, op25b_store_changed(&w->on.store,
							    origin) != 0);
	}
	world_free(w);
}

/* A full origin takes no room from another. */
static void limits(struct kunit *test)
{
	struct world *w = world_new(test);
	struct op25b_prefix key = { .family = OP25B_V4, .len = 32 };
	struct op25b_edit *edit;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	edit = begin(test, w, OP25B_ORIGIN_CONFIG);
	op25b_edit_knobs(edit)->other_prefixes[op25b_other(OP25B_ORIGIN_BGP)] =
		10;
	commit(test, w, edit);
	edit = begin(test, w, OP25B_ORIGIN_BGP);
	for (i = 0; i < 12; i++) {
		key.addr.hi = (u64)i << 32;
		KUNIT_EXPECT_EQ(test, i < 10 ? 0 : -ENOSPC,
				op25b_edit_prefix_add(edit, &key,
						      OP25B_ACTION_BLOCK, NULL,
						      0, false, &w->extack));
	}
	/* What is there may still be replaced. */
	key.addr.hi = 0;
	KUNIT_EXPECT_EQ(test, 0,
			op25b_edit_prefix_add(edit, &key, OP25B_ACTION_EXEMPT,
					      NULL, 0, true, &w->extack));
	commit(test, w, edit);
	edit = begin(test, w, OP25B_ORIGIN_SESSION);
	KUNIT_EXPECT_EQ(test, 0,
			op25b_edit_prefix_add(edit, &key, OP25B_ACTION_BLOCK,
					      NULL, 0, false, &w->extack));
	commit(test, w, edit);
	world_free(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ties),
	KUNIT_CASE(random_rulesets),
	KUNIT_CASE(serials),
	KUNIT_CASE(limits),
	{}
};

static struct kunit_suite origin_suite = {
	.name = "op25b_origin",
	.suite_init = early_writers_init,
	.suite_exit = early_writers_exit,
	.test_cases = cases,
};

kunit_test_suite(origin_suite);
