/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counters of a namespace: per CPU, 64 bit, right on SMP and on 32-bit
 * machines. Those of entries are entry.h's.
 */
#ifndef _OP25B_STATS_H
#define _OP25B_STATS_H

#include <linux/op25b.h>
#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

struct op25b_store;

struct op25b_stats {
	u64_stats_t counter[__OP25B_COUNTER_MAX];
	struct u64_stats_sync syncp;
};

/* Return: zeroed counters, NULL without memory; to be put into on->stats with
 * smp_store_release(), since readers take no lock. Context: may sleep.
 */
struct op25b_stats __percpu *op25b_stats_alloc(void);
void op25b_stats_free(struct op25b_stats __percpu *stats);

/* Adds 1 to @counter, and to the counter next to it when @syn.
 * Context: the packet path, bottom halves off.
 */
static inline void op25b_stats_count(struct op25b_stats __percpu *stats,
				     u8 counter, bool syn)
{
	struct op25b_stats *mine = this_cpu_ptr(stats);

	u64_stats_update_begin(&mine->syncp);
	u64_stats_inc(&mine->counter[counter]);
	if (syn)
		u64_stats_inc(&mine->counter[counter + 1]);
	u64_stats_update_end(&mine->syncp);
}

/* Adds @count to a counter of what is rare and no packet: EXPIRED, ROLLED_BACK,
 * OFFENDER_FOUND. It goes into the base that readers subtract, so on->stats
 * need not be there. Context: any.
 */
void op25b_stats_add(struct op25b_store *on, u8 counter, u32 count);

/* Sums of all CPUs since the last reset into @sum[__OP25B_COUNTER_MAX].
 * Context: any; on->stats may be NULL (all zero).
 */
void op25b_stats_read(struct op25b_store *on, u64 *sum);

/* Context: on->lock. Readers of the counters subtract a base, so nothing that
 * is counted meanwhile is lost.
 */
void op25b_stats_reset(struct op25b_store *on);

/* The name of @counter, as in /proc/net/op25b: "pass_unlisted", ... */
const char *op25b_stats_name(u8 counter);

#endif /* _OP25B_STATS_H */
