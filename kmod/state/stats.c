// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of a namespace.
 */
#include <linux/percpu.h>

#include "state/store.h"
#include "state/stats.h"

static const char * const names[__OP25B_COUNTER_MAX] = {
	[OP25B_COUNTER_NONE] = "none",
	[OP25B_COUNTER_PASS_UNLISTED] = "pass_unlisted",
	[OP25B_COUNTER_PASS_EXEMPT] = "pass_exempt",
	[OP25B_COUNTER_PASS_RELAY] = "pass_relay",
	[OP25B_COUNTER_BLOCK] = "block",
	[OP25B_COUNTER_BLOCK_SYN] = "block_syn",
	[OP25B_COUNTER_BLOCK_MALFORMED] = "block_malformed",
	[OP25B_COUNTER_BLOCK_REVERSE] = "block_reverse",
	[OP25B_COUNTER_WOULD_BLOCK] = "would_block",
	[OP25B_COUNTER_WOULD_BLOCK_SYN] = "would_block_syn",
	[OP25B_COUNTER_WOULD_BLOCK_MALFORMED] = "would_block_malformed",
	[OP25B_COUNTER_WOULD_BLOCK_REVERSE] = "would_block_reverse",
	[OP25B_COUNTER_REPLY_SENT] = "reply_sent",
	[OP25B_COUNTER_REPLY_LIMITED] = "reply_limited",
	[OP25B_COUNTER_EXPIRED] = "expired",
	[OP25B_COUNTER_ROLLED_BACK] = "rolled_back",
	[OP25B_COUNTER_OFFENDER_FOUND] = "offender_found",
};

const char *op25b_stats_name(u8 counter)
{
	return counter < __OP25B_COUNTER_MAX ? names[counter] : NULL;
}

struct op25b_stats __percpu *op25b_stats_alloc(void)
{
	struct op25b_stats __percpu *stats;
	int cpu;

	stats = alloc_percpu_gfp(struct op25b_stats, GFP_KERNEL_ACCOUNT |
					       __GFP_NOWARN);
	if (!stats)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(stats, cpu)->syncp);
	return stats;
}

void op25b_stats_free(struct op25b_stats __percpu *stats)
{
	free_percpu(stats);
}

void op25b_stats_add(struct op25b_store *on, u8 counter, u32 count)
{
	atomic64_sub(count, &on->stats_base[counter]);
}

static void sum_cpu(const struct op25b_stats *stats, u64 *sum)
{
	u64 got[__OP25B_COUNTER_MAX];
	unsigned int start;
	int i;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		for (i = 0; i < __OP25B_COUNTER_MAX; i++)
			got[i] = u64_stats_read(&stats->counter[i]);
	} while (u64_stats_fetch_retry(&stats->syncp, start));

	for (i = 0; i < __OP25B_COUNTER_MAX; i++)
		sum[i] += got[i];
}

static void add_all(struct op25b_store *on, u64 *sum)
{
	/* The address dependency pairs with the release that stats.h asks of
	 * whoever lets the mode leave `off`.
	 */
	struct op25b_stats __percpu *stats = READ_ONCE(on->stats);
	int cpu;

	if (!stats)
		return;
	for_each_possible_cpu(cpu)
		sum_cpu(per_cpu_ptr(stats, cpu), sum);
}

/*
 * ORDER: the base before the counters. They only grow, and a base is a sum that
 * was once read, so what the acquire makes visible is never below it and no
 * difference is negative, however a reset falls in between.
 */
void op25b_stats_read(struct op25b_store *on, u64 *sum)
{
	int i;

	for (i = 0; i < __OP25B_COUNTER_MAX; i++)
		sum[i] = -(u64)atomic64_read_acquire(&on->stats_base[i]);
	add_all(on, sum);
}

void op25b_stats_reset(struct op25b_store *on)
{
	u64 sum[__OP25B_COUNTER_MAX] = {};
	int i;

	lockdep_assert_held(&on->lock);
	add_all(on, sum);
	for (i = 0; i < __OP25B_COUNTER_MAX; i++)
		atomic64_set_release(&on->stats_base[i], sum[i]);
}
