// SPDX-License-Identifier: GPL-2.0
/*
 * Counting packets on entries.
 *
 * Theory of operation
 * ===================
 *
 * A counter in the entry itself would be a cache line that all CPUs fight for
 * as soon as one pool of subscribers is busy, and where a million of them are,
 * three cache misses in a row: index, entry, entry's end. A counter per CPU and
 * entry would be memory that grows with both. So each CPU keeps a journal of
 * fixed size. A packet is counted in a record of the journal, found by a hash
 * of the entry's key; nobody else writes there, and nobody waits for memory.
 *
 *	index[hash of key] -> record[]   a ring: tail, the oldest
 *	                                 ...
 *	                                 head, where the next one goes
 *
 * The index only remembers: it may name a record that is another key's or
 * posted by now, which its key tells, if five more bits of the hash have not
 * told already. Then the packet gets a new record. Two keys that share a place
 * of the index have several records each; the sums are right all the same.
 *
 * When the ring is full, the oldest POST records are posted to their entries
 * (op25b_entry_post()) at once, so that the memory accesses of many overlap
 * where one would have to wait for each of its own. A busy entry is posted once
 * in RECORDS new records, a million quiet ones in good company.
 *
 * Where sources are many and at random, looking for a record takes time and
 * finds none. As long as less than one packet in HITS finds one, the journal is
 * blind for most laps of the ring: each packet gets a new record, unseen.
 *
 * Who reads counters has all journals posted first, each by its own CPU
 * (op25b_journals_post()); so a journal is its CPU's alone, and needs neither
 * atomic operation nor lock but one that keeps packets of the same CPU apart:
 * bottom halves that are off, and on PREEMPT_RT, where one packet may preempt
 * another, op25b_journal_lock.
 *
 * A record names its entry by key, not by pointer: the entry may be gone by the
 * time it is posted, and another one have the same key. The sequence number of
 * the ruleset that judged the packets tells: none older than an entry can have
 * counted on it. It is part of a record's @id; so a record is given up when the
 * ruleset changes.
 *
 * The time of a record's last packet is kept in jiffies, the one clock that is
 * read by a load, and becomes a date when the record is posted. They stand
 * still in a suspend, after which what was counted before looks later. Of their
 * 32 bits, 49 days come around (at 1000 jiffies a second); so all journals are
 * posted once a day, whoever reads or not.
 */
#include <linux/bottom_half.h>
#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/topology.h>

#include "state/entry.h"
#include "state/journal.h"
#include "state/store.h"

#define RECORDS		OP25B_JOURNAL_RECORDS
#define POST		OP25B_ENTRY_POST

/* To look for a record takes 6 ns, one more record 19 (100,000 entries) to 80
 * (a million; tests/bench): worth it from one hit in 3 to 13 on. BLIND is in
 * laps; the last one fills the ring with records that can be found.
 */
#define HITS		16
#define BLIND		15

/* Where head and tail begin: they wrap after three laps, not after years. */
#define FIRST		((u32)(-3 * RECORDS))

#define DAY		(24 * 60 * 60 * HZ)

#define JOURNAL_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | \
			 __GFP_NOWARN | __GFP_ZERO)

DEFINE_PER_CPU(local_lock_t, op25b_journal_lock) =
	INIT_LOCAL_LOCK(op25b_journal_lock);

/* One reader at a time has journals posted: each has one work item. */
static DEFINE_MUTEX(post_lock);

/* A lap is over, RECORDS have been posted. How many packets found a record? The
 * first lap that looks for them again posts those that were begun blind, so it
 * is the second one that tells.
 */
static void lap(struct op25b_journal *journal)
{
	if (journal->blind)
		journal->blind--;
	else if (journal->packets - RECORDS < RECORDS / HITS)
		journal->blind = BLIND;
	journal->packets = 0;
}

/* The oldest records, @n at most, leave the ring. Context: RCU,
 * op25b_journal_lock; the journal is this CPU's.
 */
static void post(struct op25b_journal *journal, u32 n)
{
	u32 at = journal->tail % RECORDS, i;
	struct op25b_record *record = &journal->record[at];

	n = min(n, journal->head - journal->tail);
	op25b_entry_post(journal->on, record, &journal->lo[at], n);
	for (i = 0; i < n; i++) {
		journal->packets += record[i].packets;
		record[i].id = 0;
	}
	/* For post_all(), which may look from another CPU. */
	WRITE_ONCE(journal->tail, journal->tail + n);
	if (journal->tail % RECORDS == 0 && n)
		lap(journal);
}

/* Context: this CPU's journal, or that of a CPU that is off. */
static void post_all(struct op25b_journal *journal)
{
	u32 end = READ_ONCE(journal->head), left;

	do {
		local_bh_disable();
		rcu_read_lock();
		local_lock_nested_bh(&op25b_journal_lock);
		post(journal, POST - journal->tail % POST);
		left = end - journal->tail;
		local_unlock_nested_bh(&op25b_journal_lock);
		rcu_read_unlock();
		local_bh_enable();
		cond_resched();
	} while ((s32)left > 0);	/* packets may post beyond @end */
}

static void post_work(struct work_struct *work)
{
	post_all(container_of(work, struct op25b_journal, work));
}

void op25b_journals_post(struct op25b_store *on)
{
	struct op25b_journals *journals = READ_ONCE(on->journals);
	struct op25b_journal *journal;
	int cpu;

	if (!journals)
		return;
	mutex_lock(&post_lock);
	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		journal = journals->of[cpu];
		if (READ_ONCE(journal->head) == READ_ONCE(journal->tail))
			continue;
		if (cpu_online(cpu))
			schedule_work_on(cpu, &journal->work);
		else
			post_all(journal);
	}
	for_each_possible_cpu(cpu)
		flush_work(&journals->of[cpu]->work);
	cpus_read_unlock();
	mutex_unlock(&post_lock);
}

void op25b_journal_make_room(struct op25b_journal *journal)
{
	post(journal, POST - journal->tail % POST);
}

/* Whoever looks once in two months finds dates that are right. */
static void daily_work(struct work_struct *work)
{
	struct op25b_journals *journals =
		container_of(to_delayed_work(work), struct op25b_journals,
			     daily);

	op25b_journals_post(journals->on);
	schedule_delayed_work(&journals->daily, DAY);
}

static struct op25b_journal *journal_alloc(struct op25b_store *on, int cpu)
{
	struct op25b_journal *journal;

	journal = kvmalloc_node(sizeof(*journal), JOURNAL_GFP,
				cpu_to_node(cpu));
	if (!journal)
		return NULL;
	journal->on = on;
	journal->head = FIRST;
	journal->tail = FIRST;
	INIT_WORK(&journal->work, post_work);
	return journal;
}

struct op25b_journals *op25b_journals_alloc(struct op25b_store *on)
{
	struct op25b_journals *journals;
	int cpu;

	BUILD_BUG_ON(RECORDS % POST || RECORDS > U16_MAX + 1 ||
		     FIRST % RECORDS);
	journals = kzalloc(struct_size(journals, of, nr_cpu_ids), JOURNAL_GFP);
	if (!journals)
		return NULL;
	journals->on = on;
	INIT_DELAYED_WORK(&journals->daily, daily_work);
	for_each_possible_cpu(cpu) {
		journals->of[cpu] = journal_alloc(on, cpu);
		if (journals->of[cpu])
			continue;
		op25b_journals_free(journals);
		return NULL;
	}
	schedule_delayed_work(&journals->daily, DAY);
	return journals;
}

void op25b_journals_free(struct op25b_journals *journals)
{
	int cpu;

	if (!journals)
		return;
	cancel_delayed_work_sync(&journals->daily);
	for_each_possible_cpu(cpu)
		kvfree(journals->of[cpu]);
	kfree(journals);
}
