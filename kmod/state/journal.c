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
 * So far a journal is its CPU's alone, and needs neither atomic operation nor
 * lock but one that keeps packets of the same CPU apart: bottom halves that are
 * off, and on PREEMPT_RT, where one packet may preempt another,
 * op25b_journal_lock.
 *
 * Who reads counters posts what is in all journals, and waits for none of their
 * CPUs to do so, which a real-time task may keep from it for ever. A reader
 * takes no record out of the ring and writes to none: packets go on adding to
 * it meanwhile. It posts what has been added since the last reader was there,
 * and notes in @share what has been posted in all, so that the CPU posts the
 * rest only. What the two of them share is @lock: the CPU takes it once in POST
 * new records, a reader for SOME records at a time. It is a raw one, because
 * nobody may be preempted who holds it.
 *
 * A reader may see a packet before it sees the one that was counted earlier in
 * another record, or its bytes before itself: each number only grows, and what
 * is not posted now is posted by the next one. What has been counted before a
 * reader begins, it finds.
 *
 * A record names its entry by key, not by pointer: the entry may be gone by the
 * time it is posted, and another one have the same key. The sequence number of
 * the ruleset that judged the packets tells: none older than an entry can have
 * counted on it. It is part of a record's @id; so a record is given up when the
 * ruleset changes.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "lpm/memory.h"
#include "state/entry.h"
#include "state/journal.h"
#include "state/store.h"

#define RECORDS		OP25B_JOURNAL_RECORDS
#define POST		OP25B_ENTRY_POST
#define SOME		16U	/* records that fit a stack */

/* To look for a record takes 6 ns, one more record 19 (100,000 entries) to 80
 * (a million; tests/bench): worth it from one hit in 3 to 13 on. BLIND is in
 * laps; the last one fills the ring with records that can be found.
 */
#define HITS		16
#define BLIND		15

/* Where head and tail begin: they wrap after three laps, not after years. */
#define FIRST		((u32)(-3 * RECORDS))

#define JOURNAL_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | \
			 __GFP_NOWARN | __GFP_ZERO)

DEFINE_PER_CPU(local_lock_t, op25b_journal_lock) =
	INIT_LOCAL_LOCK(op25b_journal_lock);

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

/* What readers have not posted is left of the oldest records. */
static void subtract_shares(struct op25b_journal *journal)
{
	u32 at = journal->tail % RECORDS, n = min(journal->shared, POST), i;

	for (i = at; i < at + n; i++) {
		struct op25b_record *record = &journal->record[i];
		const struct op25b_share *share = &journal->share[i];

		record->packets[0] -= share->packets[0];
		record->packets[1] -= share->packets[1];
		record->bytes -= share->bytes;
	}
	journal->shared -= n;
}

void op25b_journal_make_room(struct op25b_journal *journal)
{
	u32 at = journal->tail % RECORDS, i;
	struct op25b_record *record = &journal->record[at];

	for (i = 0; i < POST; i++)
		journal->packets += record[i].packets[0] + record[i].packets[1];
	raw_spin_lock(&journal->lock);
	subtract_shares(journal);
	op25b_entry_post(journal->on, record, &journal->lo[at], POST);
	journal->tail += POST;
	raw_spin_unlock(&journal->lock);
	for (i = 0; i < POST; i++)
		record[i].id = 0;
	if (journal->tail % RECORDS == 0)
		lap(journal);
}

/* What has been added to @record beyond @share, which grows by it, goes into
 * @due. Return: is it anything?
 */
static bool take(const struct op25b_record *record, struct op25b_share *share,
		 struct op25b_record *due)
{
	struct op25b_share now;

	/* Pairs with the release in op25b_journal_more(): of the packets that
	 * are seen here, bytes and time are seen below.
	 */
	now.packets[0] = smp_load_acquire(&record->packets[0]);
	/* Same. */
	now.packets[1] = smp_load_acquire(&record->packets[1]);
	if (now.packets[0] == share->packets[0] &&
	    now.packets[1] == share->packets[1])
		return false;
	now.bytes = READ_ONCE(record->bytes);
	*due = (struct op25b_record){
		.hi = record->hi,
		.id = record->id,
		.packets = {
			now.packets[0] - share->packets[0],
			now.packets[1] - share->packets[1],
		},
		.bytes = now.bytes - share->bytes,
		.last_seen = READ_ONCE(record->last_seen),
	};
	*share = now;
	return true;
}

/* Posts what is in some of the last @left records before @end. Return: how many
 * are left. Context: @journal->lock.
 */
static u32 read_some(struct op25b_journal *journal, u32 end, u32 left)
{
	u32 alive = end - journal->tail, n = 0, i;
	struct op25b_record due[SOME];
	u64 lo[SOME];

	/* Their CPU may have posted some of them; or all, and more. */
	left = alive > RECORDS ? 0 : min(left, alive);
	for (i = min(left, SOME); i; i--, left--) {
		u32 at = (end - left) % RECORDS;
		struct op25b_share *share = &journal->share[at];

		/* No reader has been there. Older ones it has left out none. */
		if (alive - left == journal->shared) {
			*share = (struct op25b_share){};
			journal->shared++;
		}
		lo[n] = journal->lo[at];
		n += take(&journal->record[at], share, &due[n]);
	}
	op25b_entry_post(journal->on, due, lo, n);
	return left;
}

static void read_journal(struct op25b_journal *journal)
{
	/* Pairs with the release in op25b_journal_begin(). */
	u32 end = smp_load_acquire(&journal->head), left = RECORDS;

	while (left) {
		rcu_read_lock();
		raw_spin_lock_irq(&journal->lock);
		left = read_some(journal, end, left);
		raw_spin_unlock_irq(&journal->lock);
		rcu_read_unlock();
		cond_resched();
	}
}

void op25b_journals_post(struct op25b_store *on)
{
	/* Address dependency; pairs with the release in settle.c. */
	struct op25b_journal **journals = READ_ONCE(on->journals);
	int cpu;

	if (!journals)
		return;
	for_each_possible_cpu(cpu)
		read_journal(journals[cpu]);
}

static struct op25b_journal *journal_alloc(struct op25b_store *on, int cpu)
{
	struct op25b_journal *journal;

	journal = op25b_cpu_alloc(sizeof(*journal), cpu);
	if (!journal)
		return NULL;
	journal->on = on;
	journal->head = FIRST;
	journal->tail = FIRST;
	raw_spin_lock_init(&journal->lock);
	return journal;
}

struct op25b_journal **op25b_journals_alloc(struct op25b_store *on)
{
	struct op25b_journal **journals;
	int cpu;

	BUILD_BUG_ON(RECORDS % POST || RECORDS > U16_MAX + 1 ||
		     FIRST % RECORDS);
	journals = kcalloc(nr_cpu_ids, sizeof(*journals), JOURNAL_GFP);
	if (!journals)
		return NULL;
	for_each_possible_cpu(cpu) {
		journals[cpu] = journal_alloc(on, cpu);
		if (journals[cpu])
			continue;
		op25b_journals_free(journals);
		return NULL;
	}
	return journals;
}

void op25b_journals_free(struct op25b_journal **journals)
{
	int cpu;

	if (!journals)
		return;
	for_each_possible_cpu(cpu)
		kvfree(journals[cpu]);
	kfree(journals);
}
