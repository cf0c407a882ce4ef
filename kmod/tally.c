// SPDX-License-Identifier: GPL-2.0
/*
 * Counting packets on entries.
 *
 * Theory of operation
 * ===================
 *
 * A counter in the entry itself would be a cache line that all CPUs fight for
 * as soon as one pool of subscribers is busy; a counter per CPU and entry would
 * be memory that grows with both. So each CPU has a fixed number of tallies,
 * found by the entry's address. An entry that owns its tally is counted there,
 * in memory no other CPU writes. An entry that does not is counted in itself,
 * by atomic additions; if it misses the same place twice in a row, it moves in
 * and the one before is handed in. A few busy entries thus sit in tallies, and
 * a million quiet ones cost one memory access each and disturb nobody.
 *
 * A tally is written by its CPU alone, with bottom halves off. Readers add up
 * the entry and all tallies of it; `moves` tells them that a tally was handed
 * in meanwhile, or they would see it twice or not at all. A tally whose
 * generation is not its entry's counts for nothing: the entry was reset, or its
 * memory serves another key by now. Before entries' memory goes back to the
 * kernel, all tallies are replaced and the old ones handed in, so a tally's
 * pointer is always good (op25b_entry_shrink()).
 */
#include <linux/hash.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/ktime.h>

#include "entry.h"
#include "tally.h"

/* Readers give up on a steady sum after this many moves. */
#define READ_TRIES 8

struct op25b_tally_set *op25b_tally_alloc(void)
{
	struct op25b_tally_set *set;
	int cpu;

	set = kmalloc(sizeof(*set), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!set)
		return NULL;
	set->cpu = alloc_percpu_gfp(struct op25b_tallies,
				    GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!set->cpu) {
		kfree(set);
		return NULL;
	}
	for_each_possible_cpu(cpu) {
		seqcount_init(&per_cpu_ptr(set->cpu, cpu)->moves);
		u64_stats_init(&per_cpu_ptr(set->cpu, cpu)->syncp);
	}
	return set;
}

void op25b_tally_free(struct op25b_tally_set *set)
{
	if (!set)
		return;
	free_percpu(set->cpu);
	kfree(set);
}

static unsigned int place_of(const struct op25b_entry *entry)
{
	return hash_ptr(entry, ilog2(OP25B_TALLIES));
}

static void hand_in(struct op25b_tally *tally)
{
	struct op25b_entry *entry = tally->entry;

	if (!entry || READ_ONCE(entry->generation) != tally->generation)
		return;
	atomic64_add(tally->packets, &entry->packets);
	atomic64_add(tally->bytes, &entry->bytes);
	atomic64_add(tally->syns, &entry->syns);
	if (READ_ONCE(entry->last_seen) < tally->last_seen)
		WRITE_ONCE(entry->last_seen, tally->last_seen);
	atomic_dec(&entry->hot);
}

static void move_in(struct op25b_tallies *tallies, struct op25b_tally *tally,
		    struct op25b_entry *entry)
{
	/* On PREEMPT_RT, bottom halves off is not enough. */
	preempt_disable();
	write_seqcount_begin(&tallies->moves);
	hand_in(tally);
	WRITE_ONCE(tally->generation, READ_ONCE(entry->generation));
	WRITE_ONCE(tally->packets, 0);
	WRITE_ONCE(tally->bytes, 0);
	WRITE_ONCE(tally->syns, 0);
	WRITE_ONCE(tally->entry, entry);
	atomic_inc(&entry->hot);
	write_seqcount_end(&tallies->moves);
	preempt_enable();
}

static void add_shared(struct op25b_entry *entry, u32 bytes, bool syn, u32 now)
{
	atomic64_inc(&entry->packets);
	atomic64_add(bytes, &entry->bytes);
	if (syn)
		atomic64_inc(&entry->syns);
	if (READ_ONCE(entry->last_seen) != now)
		WRITE_ONCE(entry->last_seen, now);
}

void op25b_tally_add(struct op25b_tally_set *set, struct op25b_entry *entry,
		     u32 bytes, bool syn)
{
	struct op25b_tallies *tallies = this_cpu_ptr(set->cpu);
	struct op25b_tally *tally = &tallies->tally[place_of(entry)];
	u32 now = ktime_get_real_seconds();

	if (tally->entry != entry ||
	    tally->generation != READ_ONCE(entry->generation)) {
		if (tally->next != entry) {
			tally->next = entry;
			add_shared(entry, bytes, syn, now);
			return;
		}
		move_in(tallies, tally, entry);
	}
	tally->next = NULL;
	u64_stats_update_begin(&tallies->syncp);
	WRITE_ONCE(tally->packets, tally->packets + 1);
	WRITE_ONCE(tally->bytes, tally->bytes + bytes);
	if (syn)
		WRITE_ONCE(tally->syns, tally->syns + 1);
	WRITE_ONCE(tally->last_seen, now);
	u64_stats_update_end(&tallies->syncp);
}

static void sum_cpu(const struct op25b_tallies *tallies,
		    const struct op25b_entry *entry,
		    struct op25b_entry_info *info)
{
	const struct op25b_tally *tally = &tallies->tally[place_of(entry)];
	u64 packets, bytes, syns;
	unsigned int start;

	if (READ_ONCE(tally->entry) != entry ||
	    READ_ONCE(tally->generation) != READ_ONCE(entry->generation))
		return;
	do {
		start = u64_stats_fetch_begin(&tallies->syncp);
		packets = READ_ONCE(tally->packets);
		bytes = READ_ONCE(tally->bytes);
		syns = READ_ONCE(tally->syns);
	} while (u64_stats_fetch_retry(&tallies->syncp, start));
	info->packets += packets;
	info->bytes += bytes;
	info->syns += syns;
	info->last_seen = max(info->last_seen, READ_ONCE(tally->last_seen));
}

/* Sum of all CPUs' move counters; odd parts are moves under way. */
static unsigned int moves(struct op25b_tally_set *set)
{
	unsigned int sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += read_seqcount_begin(&per_cpu_ptr(set->cpu, cpu)->moves);
	return sum;
}

void op25b_tally_read(struct op25b_tally_set *set, struct op25b_entry *entry,
		      struct op25b_entry_info *info)
{
	unsigned int tries = READ_TRIES, before = 0;
	bool hot;
	int cpu;

	do {
		hot = set && atomic_read(&entry->hot);
		if (hot)
			before = moves(set);
		info->packets = atomic64_read(&entry->packets);
		info->bytes = atomic64_read(&entry->bytes);
		info->syns = atomic64_read(&entry->syns);
		info->last_seen = READ_ONCE(entry->last_seen);
		if (!hot)
			return;
		for_each_possible_cpu(cpu)
			sum_cpu(per_cpu_ptr(set->cpu, cpu), entry, info);
		smp_rmb();	/* the counters before `moves` again */
	} while (moves(set) != before && --tries);
}

void op25b_tally_hand_in(struct op25b_tally_set *set)
{
	int cpu, i;

	for_each_possible_cpu(cpu) {
		for (i = 0; i < OP25B_TALLIES; i++)
			hand_in(&per_cpu_ptr(set->cpu, cpu)->tally[i]);
		cond_resched();
	}
}

void op25b_tally_reset(struct op25b_entry *entry)
{
	/* First the tallies lose their meaning, then the entry its counters; a
	 * packet that is counted between counts for one side or the other.
	 */
	WRITE_ONCE(entry->generation, entry->generation + 1);
	atomic_set(&entry->hot, 0);
	atomic64_set(&entry->packets, 0);
	atomic64_set(&entry->bytes, 0);
	atomic64_set(&entry->syns, 0);
	WRITE_ONCE(entry->last_seen, 0);
}
