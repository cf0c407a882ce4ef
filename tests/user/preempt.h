/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PREEMPT_H
#define PREEMPT_H

#include "packet/sight.h"
#include "state/journal.h"
#include "state/store.h"

/* A packet of 40 bytes is counted, and may be preempted. */
void preempt_count(struct op25b_store *on, struct op25b_addr addr, u64 id,
		   bool syn);

/* A source of IPv4 is seen, and that may be preempted. */
void preempt_see(struct op25b_heavy *table, const struct op25b_sight *sight);

#endif
