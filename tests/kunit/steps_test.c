// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever is done to a million prefixes is done in chunks: how much lies
 * between two yields at most.
 *
 * Kbuild has the compiler call __sanitizer_cov_trace_pc() at each basic block
 * of the module, and the linker send its __cond_resched() and what frees
 * memory through here. So no loop without a yield goes unnoticed, whatever it
 * thinks of itself. This kernel has one CPU and is not preempted; a worker that
 * sleeps elsewhere is counted as if it went on.
 */
#include <kunit/test.h>
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "lpm/chunk.h"
#include "ns/confirm.h"
#include "state/due.h"
#include "early.h"
#include "space.h"
#include "ns/expiry.h"
#include "ns/commit.h"
#include "ns/net.h"
#include "state/relay.h"
#include "state/ruleset.h"
#include "steps.h"

#define PREFIXES	1000000
#define RELAYS		60000

/* A chunk of one loop, and the head and tail of what is before and after it. */
#define MOST_FREED	(3 * OP25B_CHUNK)
/* The dearest of items is a pop of the heap of expiries and a path that is
 * copied. A step takes about 10 ns.
 */
#define MOST_STEPS	(1000 * OP25B_CHUNK)

/* An operation on one entry, whose size the number of entries is not. */
#define MOST_OF_ONE	60000
#define CHANGES		100

struct load {
	unsigned long steps, freed;
};

static struct load now, worst, total;

void __sanitizer_cov_trace_pc(void)
{
	now.steps++;
}

int __wrap___cond_resched(void)
{
	worst.steps = max(worst.steps, now.steps);
	worst.freed = max(worst.freed, now.freed);
	total.steps += now.steps;
	total.freed += now.freed;
	now = (struct load){};
	return __real___cond_resched();
}

void __wrap_kfree(const void *p)
{
	now.freed++;
	__real_kfree(p);
}

void __wrap_kmem_cache_free(struct kmem_cache *cache, void *p)
{
	now.freed++;
	__real_kmem_cache_free(cache, p);
}

void __wrap_free_pages(unsigned long addr, unsigned int order)
{
	now.freed++;
	__real_free_pages(addr, order);
}

/* A namespace that nobody else knows. */
struct world {
	struct op25b_net on;
	struct op25b_edit *edit;
	struct netlink_ext_ack extack;
	int err;
};

static void begin(struct world *w, enum op25b_edit_kind kind)
{
	mutex_lock(&w->on.store.lock);
	w->edit = op25b_edit_begin(&w->on.store, kind,
				   OP25B_ORIGIN_CONFIG, &w->extack);
	w->err = PTR_ERR_OR_ZERO(w->edit);
}

/* Begins to count. */
static void watch(void)
{
	now = (struct load){};
	worst = now;
	total = now;
}

static void verdict(struct kunit *test, const char *what)
{
	__wrap___cond_resched();
	kunit_info(test, "%s: freed %lu, %lu at once; %lu steps, %lu at once\n",
		   what, total.freed, worst.freed, total.steps, worst.steps);
	KUNIT_EXPECT_LE_MSG(test, worst.freed, MOST_FREED, "%s", what);
	KUNIT_EXPECT_LE_MSG(test, worst.steps, MOST_STEPS, "%s", what);
}

/* The end of an edit, counted until all it left is freed. */
static void end(struct kunit *test, struct world *w, bool commit,
		const char *what)
{
	KUNIT_EXPECT_EQ_MSG(test, w->err, 0, "%s", what);
	watch();
	if (!commit || op25b_commit(&w->on, w->edit, &w->extack))
		op25b_edit_abort(w->edit);
	mutex_unlock(&w->on.store.lock);
	op25b_trash_wait(&w->on.store);
	verdict(test, what);
}

/* Hosts side by side, and far apart those of IPv6, which are a fourth. */
static struct op25b_prefix prefix_of(u32 i)
{
	struct op25b_prefix prefix = {
		.family = i % 4 ? OP25B_V4 : OP25B_V6,
		.len = i % 4 ? 32 : 128,
	};

	if (i % 4)
		prefix.addr.hi = (u64)(10 << 24 | i) << 32;
	else
		prefix.addr = (struct op25b_addr){
			0x20010db800000000ULL | hash_32(i, 32), i,
		};
	return prefix;
}

static void fill(struct world *w, u32 from, u32 n, const char *comment,
		 u32 expires)
{
	u32 i;

	for (i = from; !w->err && i < from + n; i++) {
		struct op25b_prefix prefix = prefix_of(i);

		w->err = op25b_edit_prefix_add(w->edit, &prefix,
					       OP25B_ACTION_BLOCK, comment,
					       expires, false, &w->extack);
		cond_resched();
	}
}

static void empty(struct world *w, u32 from, u32 n)
{
	u32 i;

	for (i = from; !w->err && i < from + n; i++) {
		struct op25b_prefix prefix = prefix_of(i);

		w->err = op25b_edit_prefix_del(w->edit, &prefix, NULL,
					       &w->extack);
		cond_resched();
	}
}

static struct world *world_new(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w || space_init(test, &w->on))
		return NULL;
	return w;
}

static void replace(struct kunit *test, struct world *w, const char *comment,
		    u32 expires, const char *what)
{
	begin(w, OP25B_EDIT_REPLACE);
	fill(w, 0, PREFIXES, comment, expires);
	end(test, w, true, what);
}

/* As net.c does it. */
static void world_free(struct kunit *test, struct world *w, const char *what)
{
	watch();
	space_exit(&w->on);
	verdict(test, what);
}

static void flush(struct kunit *test, struct world *w, const char *what)
{
	begin(w, OP25B_EDIT_AMEND);
	op25b_edit_prefix_flush(w->edit);
	op25b_edit_relay_flush(w->edit);
	end(test, w, true, what);
}

static u32 prefixes(struct world *w)
{
	const struct op25b_ruleset *rs;
	u32 count;

	rcu_read_lock();
	rs = rcu_dereference(w->on.store.ruleset);
	count = rs->config.prefixes[OP25B_V4].count +
		rs->config.prefixes[OP25B_V6].count;
	rcu_read_unlock();
	return count;
}

static void replace_and_flush(struct kunit *test)
{
	struct world *w = world_new(test);

	KUNIT_ASSERT_NOT_NULL(test, w);
	replace(test, w, NULL, 0, "replacement of nothing");
	replace(test, w, NULL, 0, "replacement of a million");
	begin(w, OP25B_EDIT_REPLACE);
	fill(w, 0, PREFIXES, NULL, 0);
	end(test, w, false, "abort of a million");
	flush(test, w, "flush of a million");
	begin(w, OP25B_EDIT_REPLACE);
	fill(w, 0, PREFIXES, NULL, 0);
	end(test, w, false, "abort of a million new ones");
	replace(test, w, NULL, 0, "replacement after a flush");
	world_free(test, w, "unload");
}

/* Each entry gets another comment and another expiry at COMMIT. */
static void million_changes(struct kunit *test)
{
	u32 later = ktime_get_real_seconds() + 86400;
	struct world *w = world_new(test);

	KUNIT_ASSERT_NOT_NULL(test, w);
	replace(test, w, "a", later, "COMMIT with comments and expiries");
	replace(test, w, "b", later + 5, "COMMIT of a million changes");
	begin(w, OP25B_EDIT_REPLACE);
	fill(w, 0, PREFIXES, "c", later + 9);
	end(test, w, false, "ABORT of a million changes");
	begin(w, OP25B_EDIT_AMEND);
	empty(w, 0, PREFIXES);
	end(test, w, true, "a message that deletes a million");
	begin(w, OP25B_EDIT_AMEND);
	fill(w, 0, PREFIXES, "d", later);
	end(test, w, true, "a message that adds a million");
	begin(w, OP25B_EDIT_AMEND);
	empty(w, 0, PREFIXES);
	end(test, w, false, "one of these that fails in the end");
	world_free(test, w, "unload of a million comments");
}

static void confirm(struct kunit *test)
{
	u32 later = ktime_get_real_seconds() + 86400;
	struct world *w = world_new(test);
	bool accept;

	KUNIT_ASSERT_NOT_NULL(test, w);
	replace(test, w, "a", later, "COMMIT with comments and expiries");
	for (accept = false;; accept = true) {
		begin(w, OP25B_EDIT_REPLACE);
		fill(w, PREFIXES / 2, PREFIXES, "b", later + 5);
		op25b_edit_confirm(w->edit, 3600);
		end(test, w, true, "COMMIT on trial");
		watch();
		mutex_lock(&w->on.store.lock);
		if (accept)
			op25b_confirm_accept(&w->on);
		else
			op25b_confirm_rollback(&w->on, true, NULL);
		mutex_unlock(&w->on.store.lock);
		op25b_trash_wait(&w->on.store);
		verdict(test, accept ? "confirmation" : "rollback");
		if (accept)
			break;
	}
	begin(w, OP25B_EDIT_REPLACE);
	fill(w, 0, PREFIXES, "c", later);
	op25b_edit_confirm(w->edit, 3600);
	end(test, w, true, "COMMIT on trial");
	world_free(test, w, "unload of one on trial and one parked");
}

static void expire(struct kunit *test)
{
	u32 soon = ktime_get_real_seconds() - 1;
	struct world *w = world_new(test);

	KUNIT_ASSERT_NOT_NULL(test, w);
	begin(w, OP25B_EDIT_REPLACE);
	fill(w, 0, PREFIXES, "a", soon);
	/* The worker expires them in both rulesets. */
	op25b_edit_confirm(w->edit, 3600);
	KUNIT_EXPECT_EQ(test, w->err, 0);
	watch();
	KUNIT_EXPECT_EQ(test, op25b_commit(&w->on, w->edit, &w->extack), 0);
	mutex_unlock(&w->on.store.lock);
	while (prefixes(w))
		schedule_timeout_uninterruptible(1);
	op25b_trash_wait(&w->on.store);
	verdict(test, "expiry of a million");
	world_free(test, w, "unload after that");
}

/* What @w has done since watch(), whoever yielded meanwhile. */
static unsigned long steps(void)
{
	return total.steps + now.steps;
}

static unsigned long change_one(struct world *w, u32 i, bool add)
{
	unsigned long before = steps(), took;

	begin(w, OP25B_EDIT_AMEND);
	if (add)
		fill(w, i, 1, NULL, 0);
	else
		empty(w, i, 1);
	w->err = w->err ?: op25b_commit(&w->on, w->edit, &w->extack);
	took = steps() - before;
	mutex_unlock(&w->on.store.lock);
	op25b_trash_wait(&w->on.store);
	return took;
}

/* However many there are. */
static void one_of_a_million(struct kunit *test)
{
	struct world *w = world_new(test);
	unsigned long most = 0, before;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	watch();
	begin(w, OP25B_EDIT_REPLACE);
	for (i = 0; i < PREFIXES; i++) {
		before = steps();
		fill(w, i, 1, NULL, 0);
		most = max(most, steps() - before);
	}
	KUNIT_ASSERT_EQ(test, w->err, 0);
	w->err = op25b_commit(&w->on, w->edit, &w->extack);
	mutex_unlock(&w->on.store.lock);
	op25b_trash_wait(&w->on.store);
	for (i = 0; i < CHANGES && !w->err; i++) {
		most = max(most, change_one(w, i, false));
		most = max(most, change_one(w, PREFIXES + i, true));
	}
	KUNIT_EXPECT_EQ(test, w->err, 0);
	kunit_info(test, "one of a million: %lu steps\n", most);
	KUNIT_EXPECT_LE(test, most, MOST_OF_ONE);
	world_free(test, w, "unload after that");
}

static void most_relays(struct kunit *test)
{
	struct world *w = world_new(test);
	u32 i, round;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (round = 0; round < 2; round++) {
		begin(w, OP25B_EDIT_REPLACE);
		for (i = 0; !w->err && i < RELAYS; i++) {
			struct op25b_relay relay = {
				.addr.hi = (u64)(10 << 24 | i) << 32,
				.family = OP25B_V4,
			};

			w->err = op25b_edit_relay_add(w->edit, &relay, NULL,
						      false, &w->extack);
			cond_resched();
		}
		end(test, w, true, round ? "those once more" :
		    "as many as there may be");
	}
	flush(test, w, "flush of these");
	world_free(test, w, "unload after that");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(replace_and_flush),
	KUNIT_CASE(million_changes),
	KUNIT_CASE(confirm),
	KUNIT_CASE(expire),
	KUNIT_CASE(one_of_a_million),
	KUNIT_CASE(most_relays),
	{}
};

static struct kunit_suite steps_suite = {
	.name = "op25b_steps",
	.suite_init = early_writers_init,
	.suite_exit = early_writers_exit,
	.test_cases = cases,
};

kunit_test_suite(steps_suite);
