// SPDX-License-Identifier: GPL-2.0
/*
 * What packets count on entries, against sums that a naive array keeps: with
 * sources few and many, in turn, so that the journal looks for records, goes
 * blind and sees again.
 */
#include <kunit/test.h>
#include <linux/bottom_half.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "state/entry.h"
#include "state/journal.h"
#include "state/store.h"
#include "rnd.h"
#include "state/ruleset.h"

/* Of each kind and family; one in 29 has a record. */
#define KEYS	60000
#define FEW	200
#define SETS	(OP25B_ENTRY_KINDS * OP25B_FAMILIES)
#define LAP	OP25B_JOURNAL_RECORDS

struct sum {
	u64 packets, bytes, syns;
};

struct world {
	struct op25b_store on;
	struct op25b_ruleset *rs;
	struct sum *sum;	/* [SETS][KEYS] */
	struct rnd rnd;
	u32 before, after;	/* CLOCK_REALTIME seconds around all packets */
};

/* Neighbours of IPv6 have the first word in common, or the second one. */
static struct op25b_prefix key(u32 set, u32 i)
{
	struct op25b_prefix key = { .family = set % OP25B_FAMILIES };

	if (key.family == OP25B_V4) {
		key.addr.hi = (u64)(10 << 24 | i << 4) << 32;
		key.len = 28;
	} else {
		key.addr.hi = 0x20010db8ULL << 32 | i / 2;
		key.addr.lo = (u64)(i % 2 + 1) << 40;
		key.len = 88;
	}
	if (set / OP25B_FAMILIES == OP25B_ENTRY_RELAY)
		key.len = op25b_family_bits(key.family);
	return key;
}

static struct sum *sum_of(struct world *w, u32 set, u32 i)
{
	return &w->sum[set * KEYS + i];
}

/* One packet to one of the first @keys of @set, as the hook counts it. */
static void packet(struct world *w, u32 set, u32 keys)
{
	u32 i = rnd_below(&w->rnd, keys), bytes = 40 + rnd_below(&w->rnd, 1461);
	struct op25b_prefix p = key(set, i);
	bool syn = rnd_below(&w->rnd, 3);
	struct sum *sum = sum_of(w, set, i);

	sum->packets++;
	sum->bytes += bytes;
	sum->syns += syn;
	local_bh_disable();
	rcu_read_lock();
	op25b_journal_count(&w->on, p.addr,
			    op25b_record_id(w->rs->seq, set / OP25B_FAMILIES,
					    p.family, p.len),
			    bytes, syn, ktime_get_real_seconds());
	rcu_read_unlock();
	local_bh_enable();
}

static void packets(struct world *w, u32 set, u32 keys, u32 n)
{
	while (n--)
		packet(w, set, keys);
	cond_resched();
}

/* That of this CPU, which is the only one. */
static struct op25b_journal *journal(struct world *w)
{
	return w->on.journals[0];
}

static void check(struct kunit *test, struct world *w)
{
	u32 set, i, wrong = 0;

	op25b_journals_post(&w->on);
	w->after = ktime_get_real_seconds();
	for (set = 0; set < SETS; set++) {
		for (i = 0; i < KEYS; i++) {
			struct op25b_prefix p = key(set, i);
			struct sum *sum = sum_of(w, set, i);
			struct op25b_entry_info info;
			bool there;

			rcu_read_lock();
			there = op25b_entry_read(&w->on, set / OP25B_FAMILIES,
						 &p, &info);
			rcu_read_unlock();
			if (!there || info.packets != sum->packets ||
			    info.bytes != sum->bytes ||
			    info.syns != sum->syns ||
			    (sum->packets ? info.last_seen < w->before ||
					    info.last_seen > w->after :
					    info.last_seen))
				wrong++;
		}
		cond_resched();
	}
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "entries that are wrong");
}

static void world_end(struct world *w)
{
	op25b_journals_free(w->on.journals);
	op25b_entry_exit(&w->on);
	op25b_due_exit(&w->on);
	if (w->rs)
		op25b_ruleset_free(w->rs);
	kvfree(w->sum);
	kvfree(w);
}

static struct world *world(struct kunit *test)
{
	struct world *w = kvzalloc(sizeof(*w), GFP_KERNEL);
	int err = 0;
	u32 set, i;

	if (!w)
		return NULL;
	rnd_init(test, &w->rnd, 0);
	w->before = ktime_get_real_seconds();
	mutex_init(&w->on.lock);
	op25b_entry_init(&w->on);
	w->sum = kvcalloc(SETS * KEYS, sizeof(*w->sum), GFP_KERNEL);
	w->on.journals = op25b_journals_alloc(&w->on);
	w->rs = op25b_ruleset_alloc();
	if (!w->sum || !w->on.journals || !w->rs)
		goto fail;
	w->rs->seq = 1;
	RCU_INIT_POINTER(w->on.ruleset, w->rs);
	mutex_lock(&w->on.lock);
	for (set = 0; set < SETS && !err; set++)
		for (i = 0; i < KEYS && !err; i++) {
			struct op25b_prefix p = key(set, i);

			err = op25b_entry_get(&w->on, set / OP25B_FAMILIES, &p);
		}
	mutex_unlock(&w->on.lock);
	if (!err)
		return w;
fail:
	world_end(w);
	return NULL;
}

/* Traffic of every sort, one after the other, and what it adds up to. */
static void journal_adds_up(struct kunit *test)
{
	struct world *w = world(test);
	u32 set, i, few;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = 0; i < 60; i++) {
		set = rnd_below(&w->rnd, SETS);
		few = rnd_below(&w->rnd, FEW) + 1;
		switch (rnd_below(&w->rnd, 4)) {
		case 0:
			packets(w, set, few, rnd_below(&w->rnd, 20 * LAP));
			break;
		case 1:
			packets(w, set, KEYS, rnd_below(&w->rnd, 20 * LAP));
			break;
		case 2:
			for (u32 n = rnd_below(&w->rnd, 20 * LAP); n; n--)
				packet(w, rnd_below(&w->rnd, SETS),
				       n % 2 ? KEYS : few);
			break;
		case 3:
			op25b_journals_post(&w->on);
			break;
		}
		if (i % 10 == 9)
			check(test, w);
	}
	world_end(w);
}

/* The records that @n packets to one of @keys take. */
static u32 records(struct world *w, u32 keys, u32 n)
{
	u32 head = journal(w)->head;

	packets(w, OP25B_V4, keys, n);
	return journal(w)->head - head;
}

/* Few sources have a record each, however many packets there are; many do not
 * make it look for records, and for few it looks again.
 */
static void journal_goes_blind(struct kunit *test)
{
	struct world *w = world(test);

	KUNIT_ASSERT_NOT_NULL(test, w);
	KUNIT_EXPECT_LE(test, records(w, FEW, 20 * LAP), 2 * LAP);
	KUNIT_EXPECT_LE(test, journal(w)->blind, 1);

	packets(w, OP25B_V4, KEYS, 4 * LAP);
	KUNIT_EXPECT_TRUE(test, journal(w)->blind > 1);
	KUNIT_EXPECT_EQ(test, records(w, 1, LAP), LAP);

	/* Sixteen laps, at most, as if they were many. */
	packets(w, OP25B_V4, FEW, 16 * LAP);
	KUNIT_EXPECT_LE(test, records(w, FEW, 20 * LAP), 2 * LAP);
	KUNIT_EXPECT_LE(test, journal(w)->blind, 1);
	check(test, w);
	world_end(w);
}

/* An eighth of the packets is from a few: that is worth looking for them. */
static void journal_sees_the_few(struct kunit *test)
{
	struct world *w = world(test);
	u32 i, laps = 0;

	KUNIT_ASSERT_NOT_NULL(test, w);
	packets(w, OP25B_V4, FEW, LAP);
	for (i = 0; i < 20 * LAP; i++) {
		packet(w, OP25B_V4, i % 8 ? KEYS : 4);
		laps += journal(w)->blind > 1;
	}
	KUNIT_EXPECT_EQ(test, laps, 0);
	check(test, w);
	world_end(w);
}

/* A year of changes after another, an entry counts, and what was counted before
 * an entry was made is none of its packets.
 */
static void journal_outlives_its_numbers(struct kunit *test)
{
	static const u64 seqs[] = {
		1, U32_MAX / 2, U32_MAX - 1ULL, U32_MAX, U32_MAX + 1ULL,
		3ULL << 31, 5ULL << 31, (1ULL << 48) - 2,
	};
	struct world *w = world(test);
	struct op25b_prefix p = key(OP25B_V4, 0);
	struct op25b_limbo limbo;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = 0; i < ARRAY_SIZE(seqs); i++) {
		w->rs->seq = seqs[i];
		packets(w, OP25B_V4, FEW, 3 * FEW);
		check(test, w);

		packets(w, OP25B_V4, 1, 1);
		w->rs->seq++;
		mutex_lock(&w->on.lock);
		op25b_entry_forget(&w->on, OP25B_ENTRY_PREFIX, &p);
		op25b_entry_limbo(&w->on, &limbo);
		mutex_unlock(&w->on.lock);
		op25b_entry_release(&w->on, &limbo);
		mutex_lock(&w->on.lock);
		KUNIT_EXPECT_EQ(test, op25b_entry_get(&w->on,
						      OP25B_ENTRY_PREFIX, &p),
				0);
		mutex_unlock(&w->on.lock);
		*sum_of(w, OP25B_V4, 0) = (struct sum){};
		check(test, w);
	}
	world_end(w);
}

/* The clock was a day ahead, and is set right. */
static void journal_follows_the_clock(struct kunit *test)
{
	struct world *w = world(test);
	struct op25b_prefix p = key(OP25B_V4, 0);
	struct op25b_entry *entry;

	KUNIT_ASSERT_NOT_NULL(test, w);
	mutex_lock(&w->on.lock);
	entry = op25b_entry_find(&w->on, OP25B_ENTRY_PREFIX, &p);
	WRITE_ONCE(entry->last_seen, w->before + 24 * 60 * 60);
	mutex_unlock(&w->on.lock);
	packets(w, OP25B_V4, 1, 1);
	check(test, w);
	world_end(w);
}

/* What readers leave of a record is added to, and its CPU posts the rest: few
 * sources have a record each, however often they are read.
 */
static void journal_keeps_what_is_read(struct kunit *test)
{
	struct world *w = world(test);
	u32 i, n = 0;

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (i = 0; i < 20; i++) {
		n += records(w, FEW, LAP);
		op25b_journals_post(&w->on);
	}
	KUNIT_EXPECT_LE(test, n, 2 * LAP);
	for (i = 0; i < 60; i++) {
		/* Some new ones: it ends anywhere in the ring. */
		packets(w, OP25B_V6, KEYS, rnd_below(&w->rnd, LAP));
		packets(w, OP25B_V4, FEW, LAP);
		if (i % 20 == 19)
			check(test, w);
		else if (i % 3)
			op25b_journals_post(&w->on);
	}
	world_end(w);
}

static struct kunit_case journal_cases[] = {
	KUNIT_CASE(journal_adds_up),
	KUNIT_CASE(journal_goes_blind),
	KUNIT_CASE(journal_sees_the_few),
	KUNIT_CASE(journal_outlives_its_numbers),
	KUNIT_CASE(journal_follows_the_clock),
	KUNIT_CASE(journal_keeps_what_is_read),
	{}
};

static struct kunit_suite journal_suite = {
	.name = "op25b_journal",
	.test_cases = journal_cases,
};

kunit_test_suite(journal_suite);
