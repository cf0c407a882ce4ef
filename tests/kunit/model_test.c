// SPDX-License-Identifier: GPL-2.0
/*
 * The writer's side as a whole beside a naive oracle: random messages, FILLs,
 * commits, trials, expiries, rollbacks and aborts. The oracle is two maps of
 * each origin, of what is in force and of what is staged or parked, and what is
 * known of each entry's counters.
 */
#include <kunit/test.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "early.h"
#include "ns/confirm.h"
#include "ns/expiry.h"
#include "ns/commit.h"
#include "ns/net.h"
#include "rnd.h"
#include "space.h"
#include "state/due.h"
#include "state/entry.h"
#include "state/relay.h"
#include "state/ruleset.h"

static ulong seed;
module_param_named(model_seed, seed, ulong, 0444);
MODULE_PARM_DESC(model_seed, "repeat the random steps of this seed");

#define PREFIXES	24	/* the keys; relays come after them */
#define RELAYS		8
#define KEYS		(PREFIXES + RELAYS)
#define STEPS		3000

/* Comments, by number. */
static const char * const comments[] = { NULL, "a", "b", "a longer one" };

/* What a map says of a key. */
struct fact {
	bool present;
	u8 action;
	u8 comment;
	u32 expires;
};

enum other { NOTHING, STAGED, PARKED };

/**
 * struct model - the oracle of one origin
 * @now: what is in force
 * @other: what is staged or parked
 * @is: which of them
 * @id: of each key's entry: its counter, 0 for one that is made anew
 * @gone: some ruleset that had the key may not be freed yet, so that its entry
 *	may come back with its counter, or without
 * @by_hand: the entry is marked as the work of hands
 */
struct model {
	struct fact now[KEYS];
	struct fact other[KEYS];
	enum other is;
	u64 id[KEYS];
	bool gone[KEYS];
	bool by_hand[KEYS];
};

struct world {
	struct op25b_net on;
	struct op25b_edit *staged;
	struct netlink_ext_ack extack;
	struct model models[OP25B_ORIGINS];
	struct model *model;	/* of @origin */
	u8 origin;
	struct rnd rnd;
	u64 last_id;
	u32 past, step, wrong;
};

/* Whom the next steps are about. */
static void choose(struct world *w, u8 origin)
{
	w->origin = origin;
	w->model = &w->models[origin - OP25B_ORIGIN_CONFIG];
}

static void expect(struct kunit *test, struct world *w, u32 k, bool good,
		   const char *what)
{
	if (good)
		return;
	w->wrong++;
	KUNIT_FAIL(test, "step %u, origin %u, key %u: %s", w->step, w->origin,
		   k, what);
}

static bool is_relay(u32 k)
{
	return k >= PREFIXES;
}

/* Every third is IPv6; prefixes nest, each has a length of its own. */
static struct op25b_prefix prefix_of(u32 k)
{
	u8 len = is_relay(k) ? 32 : 8 + k;
	u64 word = 10U << 24 | (k & 3) << 22;

	if (is_relay(k))
		word |= k;
	if (k % 3)
		return (struct op25b_prefix){
			.addr = op25b_addr_head((struct op25b_addr){
						word << 32, 0 }, len),
			.family = OP25B_V4,
			.len = len,
		};
	len = is_relay(k) ? 128 : len + 32;
	return (struct op25b_prefix){
		.addr = op25b_addr_head((struct op25b_addr){
			0x20010db800000000ULL | word, 1 }, len),
		.family = OP25B_V6,
		.len = len,
	};
}

static struct op25b_relay relay_of(u32 k)
{
	struct op25b_prefix prefix = prefix_of(k);

	return (struct op25b_relay){
		.addr = prefix.addr,
		.family = prefix.family,
	};
}

static u8 class_of(const struct world *w, u32 k)
{
	return op25b_class(w->origin, is_relay(k) ? OP25B_ENTRY_RELAY :
						    OP25B_ENTRY_PREFIX);
}

static bool is_due(const struct world *w, const struct fact *f)
{
	return f->present && f->expires && f->expires <= w->past;
}

/* What is due goes when the worker comes by, which it does on its own. */
static bool stays(const struct world *w, const struct fact *f)
{
	return f->present && !is_due(w, f);
}

/* Does an entry of @k have to be there? May it? */
static bool lives(const struct world *w, u32 k)
{
	return stays(w, &w->model->now[k]) || stays(w, &w->model->other[k]);
}

static bool may_live(const struct world *w, u32 k)
{
	return w->model->now[k].present || w->model->other[k].present ||
	       w->model->gone[k];
}

/* The oracle's half of each step */

/* What is not in force any more need not be freed at once. */
static void drop(struct world *w, struct fact *map, u32 from, u32 to)
{
	u32 k;

	for (k = from; k < to; k++) {
		w->model->gone[k] |= map[k].present;
		map[k] = (struct fact){};
	}
}

static void expire(struct world *w)
{
	struct model *m = w->model;
	u32 k;

	for (k = 0; k < KEYS; k++) {
		if (is_due(w, &m->now[k]))
			drop(w, m->now, k, k + 1);
		if (m->is == PARKED && is_due(w, &m->other[k]))
			drop(w, m->other, k, k + 1);
	}
}

/* A change of one key in @map. Return: what the edit has to say. */
static int model_change(struct fact *map, u32 k, const struct fact *to,
			bool replace)
{
	if (!to->present && !map[k].present)
		return -ENOENT;
	if (to->present && map[k].present && !replace)
		return -EEXIST;
	map[k] = *to;
	return 0;
}

static void forget_hands(struct world *w)
{
	memset(w->model->by_hand, 0, sizeof(w->model->by_hand));
}

/* Doing it */

static struct fact random_fact(struct world *w, u32 k)
{
	u32 later = w->past + 100000;
	struct fact f = {
		.present = true,
		.action = OP25B_ACTION_BLOCK + rnd_below(&w->rnd, 3),
		.comment = rnd_below(&w->rnd, ARRAY_SIZE(comments)),
	};

	if (is_relay(k)) {
		f.action = OP25B_ACTION_NONE;
		return f;
	}
	switch (rnd_below(&w->rnd, 8)) {
	case 0:
		f.expires = w->past;
		break;
	case 1:
	case 2:
		f.expires = later + rnd_below(&w->rnd, 3);
		break;
	}
	return f;
}

static int edit_change(struct world *w, struct op25b_edit *edit, u32 k,
		       const struct fact *to, bool replace)
{
	struct op25b_prefix prefix = prefix_of(k);
	struct op25b_relay relay = relay_of(k);
	const char *comment = comments[to->comment];

	if (!to->present && is_relay(k))
		return op25b_edit_relay_del(edit, &relay, NULL, &w->extack);
	if (!to->present)
		return op25b_edit_prefix_del(edit, &prefix, NULL, &w->extack);
	if (is_relay(k))
		return op25b_edit_relay_add(edit, &relay, comment, replace,
					    &w->extack);
	return op25b_edit_prefix_add(edit, &prefix, to->action, comment,
				     to->expires, replace, &w->extack);
}

static struct op25b_edit *begin(struct kunit *test, struct world *w,
				enum op25b_edit_kind kind)
{
	struct op25b_edit *edit = op25b_edit_begin(&w->on.store, kind,
						   w->origin, &w->extack);

	if (IS_ERR(edit))
		KUNIT_FAIL(test, "no edit");
	return edit;
}

static void commit(struct kunit *test, struct world *w,
		   struct op25b_edit *edit)
{
	KUNIT_EXPECT_EQ(test, op25b_commit(&w->on, edit, &w->extack), 0);
}

/* One message, which applies whole or not at all. */
static void amend(struct kunit *test, struct world *w)
{
	struct op25b_edit *edit = begin(test, w, OP25B_EDIT_AMEND);
	struct model *m = w->model;
	u32 n = 1 + rnd_below(&w->rnd, 6), k;
	bool hand[KEYS] = {}, touched[KEYS] = {};
	struct fact map[KEYS];

	memcpy(map, m->now, sizeof(map));
	while (n--) {
		bool replace = rnd_below(&w->rnd, 2);
		struct fact to = {};
		int err;

		/* The same key often has several changes in a message. */
		k = rnd_below(&w->rnd, rnd_below(&w->rnd, 2) ? KEYS : 3);
		if (rnd_below(&w->rnd, 3))
			to = random_fact(w, k);
		err = edit_change(w, edit, k, &to, replace);
		expect(test, w, k, err == model_change(map, k, &to, replace),
		       "a message");
		hand[k] |= to.present && !err &&
			   w->origin == OP25B_ORIGIN_CONFIG;
		touched[k] = true;
	}
	if (!rnd_below(&w->rnd, 5)) {
		op25b_edit_abort(edit);
		for (k = 0; k < KEYS; k++)
			m->gone[k] |= touched[k];
		return;
	}
	commit(test, w, edit);
	for (k = 0; k < KEYS; k++) {
		if (map[k].present && hand[k] && touched[k])
			m->by_hand[k] = true;
		m->gone[k] |= touched[k] && !map[k].present;
	}
	memcpy(m->now, map, sizeof(m->now));
}

static void flush(struct kunit *test, struct world *w, bool relays)
{
	struct op25b_edit *edit = begin(test, w, OP25B_EDIT_AMEND);

	if (relays)
		op25b_edit_relay_flush(edit);
	else
		op25b_edit_prefix_flush(edit);
	commit(test, w, edit);
	if (relays)
		drop(w, w->model->now, PREFIXES, KEYS);
	else
		drop(w, w->model->now, 0, PREFIXES);
}

static void fill(struct kunit *test, struct world *w)
{
	u32 n = 1 + rnd_below(&w->rnd, 12), k;
	struct model *m = w->model;
	struct fact to;

	if (m->is == NOTHING) {
		w->staged = begin(test, w, OP25B_EDIT_REPLACE);
		op25b_edit_knobs(w->staged)->counters = w->step % 2;
		m->is = STAGED;
	}
	while (n--) {
		k = rnd_below(&w->rnd, KEYS);
		/* Taken out before COMMIT or by it. */
		if (is_due(w, &m->other[k]))
			continue;
		to = random_fact(w, k);
		expect(test, w, k, edit_change(w, w->staged, k, &to, false) ==
		       model_change(m->other, k, &to, false), "a FILL");
	}
}

static void put_in_force(struct kunit *test, struct world *w, bool trial)
{
	struct model *m = w->model;
	u32 k;

	if (trial)
		op25b_edit_confirm(w->staged, 3600);
	commit(test, w, w->staged);
	w->staged = NULL;
	for (k = 0; k < KEYS; k++)
		swap(m->now[k], m->other[k]);
	m->is = trial ? PARKED : NOTHING;
	if (trial)
		return;
	drop(w, m->other, 0, KEYS);
	forget_hands(w);
}

static void give_up(struct world *w)
{
	op25b_edit_abort(w->staged);
	w->staged = NULL;
	drop(w, w->model->other, 0, KEYS);
	w->model->is = NOTHING;
}

static void decide(struct world *w, bool accept)
{
	struct model *m = w->model;
	u32 k;

	if (accept) {
		op25b_confirm_accept(&w->on);
		forget_hands(w);
	} else {
		op25b_confirm_rollback(&w->on, rnd_below(&w->rnd, 2), NULL);
		for (k = 0; k < KEYS; k++)
			swap(m->now[k], m->other[k]);
	}
	drop(w, m->other, 0, KEYS);
	m->is = NOTHING;
}

static void one_step(struct kunit *test, struct world *w)
{
	u32 what = rnd_below(&w->rnd, 40);

	if (!rnd_below(&w->rnd, 3)) {
		choose(w, OP25B_ORIGIN_SESSION +
			  rnd_below(&w->rnd, OP25B_OTHERS));
		if (what > 1)
			amend(test, w);
		else
			flush(test, w, what);
		return;
	}
	choose(w, OP25B_ORIGIN_CONFIG);
	if (w->model->is == PARKED) {
		if (what < 20)
			decide(w, what < 8);
		return;
	}
	if (what == 0)
		flush(test, w, false);
	else if (what == 1)
		flush(test, w, true);
	else if (what < 20)
		amend(test, w);
	else if (what < 34 || w->model->is == NOTHING)
		fill(test, w);
	else if (what == 34)
		give_up(w);
	else
		put_in_force(test, w, what > 36);
}

/* Comparing */

static const struct op25b_part *part_of(struct world *w)
{
	return op25b_part_of(op25b_ruleset_locked(&w->on.store), w->origin);
}

static u8 action_of(struct world *w, u32 k)
{
	struct op25b_prefix prefix = prefix_of(k);

	return op25b_trie_find(&part_of(w)->prefixes[prefix.family], &prefix);
}

static bool in_force(struct world *w, u32 k)
{
	struct op25b_relay relay = relay_of(k);

	if (is_relay(k))
		return op25b_relay_match(part_of(w), relay.family, relay.addr);
	return action_of(w, k) != OP25B_ACTION_NONE;
}

static const char *no_null(const char *s)
{
	return s ? s : "";
}

/* An entry that lives has its counter; a new one is given a counter. */
static void check_life(struct kunit *test, struct world *w, u32 k)
{
	struct op25b_prefix key = prefix_of(k);
	struct model *m = w->model;
	struct op25b_entry *entry;
	u64 id = 0;

	entry = op25b_entry_find(&w->on.store, class_of(w, k), &key);
	if (entry)
		id = atomic64_read(&entry->others);
	if (!lives(w, k)) {
		expect(test, w, k, !entry || may_live(w, k),
		       "an entry that is in no ruleset");
		return;
	}
	expect(test, w, k, entry, "no entry");
	expect(test, w, k, id == m->id[k] || (m->gone[k] && !id),
	       "another counter");
	if (entry && !id) {
		id = ++w->last_id;
		atomic64_set(&entry->others, id);
	}
	m->id[k] = id;
	m->gone[k] = false;
}

static void check_key(struct kunit *test, struct world *w, u32 k)
{
	const struct fact *f = &w->model->now[k];
	struct op25b_prefix key = prefix_of(k);
	struct op25b_entry_info info = {};

	if (is_due(w, f))
		return;
	expect(test, w, k, in_force(w, k) == f->present, "presence");
	if (!f->present)
		return;
	expect(test, w, k, is_relay(k) || action_of(w, k) == f->action,
	       "action");
	rcu_read_lock();
	op25b_entry_read(&w->on.store, class_of(w, k), &key, &info);
	expect(test, w, k, !strcmp(no_null(info.comment),
				   no_null(comments[f->comment])), "comment");
	expect(test, w, k, info.expires == f->expires, "expiry");
	expect(test, w, k, info.origin == w->origin, "origin");
	expect(test, w, k, info.by_hand == (w->model->by_hand[k] &&
					    w->model->is != PARKED), "by hand");
	rcu_read_unlock();
}

static void check_one(struct kunit *test, struct world *w)
{
	u32 k;

	for (k = 0; k < KEYS; k++) {
		check_life(test, w, k);
		if (!lives(w, k))
			w->model->by_hand[k] = false;
		check_key(test, w, k);
	}
}

static void check(struct kunit *test, struct world *w)
{
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		choose(w, origin);
		check_one(test, w);
	}
}

static bool any_due(struct world *w)
{
	bool any = false;
	u8 origin;
	u32 k;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		choose(w, origin);
		for (k = 0; k < PREFIXES; k++)
			any |= is_due(w, &w->model->now[k]) && in_force(w, k);
	}
	return any;
}

/* Until the worker has taken out what is due in what is in force. */
static void expire_all(struct world *w)
{
	u8 origin;

	while (any_due(w)) {
		mutex_unlock(&w->on.store.lock);
		flush_delayed_work(&w->on.expiry);
		mutex_lock(&w->on.store.lock);
	}
	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		choose(w, origin);
		expire(w);
	}
}

/* Nothing waits to be freed: an entry in no ruleset is none. */
static void wait(struct world *w)
{
	struct model *m;
	u32 k;

	mutex_unlock(&w->on.store.lock);
	op25b_trash_wait(&w->on.store);
	mutex_lock(&w->on.store.lock);
	for (m = w->models; m < w->models + OP25B_ORIGINS; m++) {
		for (k = 0; k < KEYS; k++) {
			if (m->other[k].present)
				continue;
			m->gone[k] = false;
			if (!m->now[k].present)
				m->id[k] = 0;
		}
	}
}

/* NULL: no memory */
static struct world *world_new(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w || space_init(test, &w->on))
		return NULL;
	w->past = ktime_get_real_seconds() - 1;
	choose(w, OP25B_ORIGIN_CONFIG);
	mutex_lock(&w->on.store.lock);
	return w;
}

/* As net.c does it. */
static void world_free(struct world *w)
{
	space_exit(&w->on);
}

static void random_steps(struct kunit *test)
{
	struct world *w = world_new(test);

	KUNIT_ASSERT_NOT_NULL(test, w);
	rnd_init(test, &w->rnd, seed);
	for (w->step = 0; w->step < STEPS && !w->wrong; w->step++) {
		one_step(test, w);
		check(test, w);
		expire_all(w);
		if (!rnd_below(&w->rnd, 8))
			wait(w);
		check(test, w);
	}
	/* Nobody has decided, as at the end of a namespace. */
	if (w->staged)
		op25b_edit_abort(w->staged);
	mutex_unlock(&w->on.store.lock);
	world_free(w);
}

/* So many that the memory of entries is given back when they have gone. */
#define MANY	200

static void put_many(struct kunit *test, struct world *w, struct op25b_edit *e)
{
	u32 later = w->past + 100000, i;

	for (i = 0; i < 2 * MANY; i++) {
		struct op25b_prefix prefix = {
			.addr.hi = (u64)i << 40,
			.family = i % 2 ? OP25B_V6 : OP25B_V4,
			.len = 28,
		};
		struct op25b_relay relay = {
			.addr.hi = (u64)i << 32,
			.family = i % 2 ? OP25B_V6 : OP25B_V4,
		};

		KUNIT_EXPECT_EQ(test, 0,
				op25b_edit_prefix_add(e, &prefix,
						      OP25B_ACTION_BLOCK,
						      comments[i % 4],
						      i % 3 ? later : 0, true,
						      &w->extack));
		KUNIT_EXPECT_EQ(test, 0,
				op25b_edit_relay_add(e, &relay, comments[i % 4],
						     true, &w->extack));
	}
}

/* Whatever comes and goes, by whichever way: all memory comes back. */
static void memory(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 way;

	KUNIT_ASSERT_NOT_NULL(test, w);
	rnd_init(test, &w->rnd, seed);
	for (way = 0; way < 24; way++) {
		struct op25b_edit *edit;

		/* All but an AMEND is CONFIG's. */
		choose(w, way & 1 || way < 12 ? OP25B_ORIGIN_CONFIG :
		       OP25B_ORIGIN_SESSION + rnd_below(&w->rnd, OP25B_OTHERS));
		edit = begin(test, w, way & 1 ? OP25B_EDIT_REPLACE :
						OP25B_EDIT_AMEND);
		put_many(test, w, edit);
		if (way & 1 && way & 2)
			op25b_edit_confirm(edit, 3600);
		if (way % 3 == 2)
			op25b_edit_abort(edit);
		else
			commit(test, w, edit);
		if (w->on.store.parked && way < 6)
			op25b_confirm_accept(&w->on);
		else if (w->on.store.parked)
			op25b_confirm_rollback(&w->on, true, NULL);
		flush(test, w, false);
		flush(test, w, true);
		wait(w);
		KUNIT_EXPECT_EQ_MSG(test, op25b_store_memory(&w->on.store), 0,
				    "way %u", way);
	}
	mutex_unlock(&w->on.store.lock);
	world_free(w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(random_steps),
	KUNIT_CASE(memory),
	{}
};

static struct kunit_suite model_suite = {
	.name = "op25b_model",
	.suite_init = early_writers_init,
	.suite_exit = early_writers_exit,
	.test_cases = cases,
};

kunit_test_suite(model_suite);
