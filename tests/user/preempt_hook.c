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
