// SPDX-License-Identifier: GPL-2.0
/*
 * What of counting is inline in the hook: apart from preempt.c, which must not
 * preempt itself.
 */
#include "preempt.h"

void preempt_count(struct op25b_store *on, struct op25b_addr addr, u64 id,
		   bool syn)
{
	op25b_journal_count(on, addr, id, 40, syn, ktime_get_real_seconds());
}

void preempt_see(struct op25b_heavy *table, const struct op25b_sight *sight)
{
	local_lock_nested_bh(&op25b_heavy_lock);
	if (op25b_heavy_count(table, 1, OP25B_V4, sight) == OP25B_HEAVY_NEW)
		op25b_heavy_move_in(table, sight);
	local_unlock_nested_bh(&op25b_heavy_lock);
}
