// SPDX-License-Identifier: GPL-2.0
/*
 * A ruleset's birth, publication and end.
 */
#include <linux/slab.h>

#include "lpm/build.h"
#include "state/store.h"
#include "state/due.h"
#include "state/edit.h"
#include "state/relay.h"

const struct op25b_knobs op25b_knobs_default = {
	.mode = OP25B_MODE_OFF,
	.reject = OP25B_REJECT_TCP_RESET,
	.reverse = false,
	.counters = true,
	.watch_offenders = true,
	.reject_rate = OP25B_DEF_REJECT_RATE,
	.reject_source_rate = OP25B_DEF_REJECT_SOURCE_RATE,
	.offender_len = OP25B_DEF_OFFENDER_LEN,
	.offender_threshold = OP25B_DEF_OFFENDER_THRESHOLD,
};

struct op25b_ruleset *op25b_ruleset_alloc(void)
{
	struct op25b_ruleset *rs = kzalloc(sizeof(*rs), OP25B_GFP);
	unsigned int i;

	if (!rs)
		return NULL;
	rs->knobs = op25b_knobs_default;
	rs->seq = OP25B_FIRST_SEQ;
	for (i = 0; i < OP25B_TRIES; i++)
		rs->tries[i].family = i % OP25B_FAMILIES;
	return rs;
}

void op25b_ruleset_free(struct op25b_ruleset *rs)
{
	unsigned int i;

	for (i = 0; i < OP25B_TRIES; i++)
		op25b_trie_free(&rs->tries[i]);
	op25b_relay_filter_free(rs->filter);
	kfree(rs);
}

void op25b_ruleset_publish(struct op25b_store *on, struct op25b_ruleset *rs)
{
	rs->seq = op25b_ruleset_locked(on)->seq + 1;
	if (!(u32)rs->seq)
		rs->seq++;
	rcu_assign_pointer(on->ruleset, rs);
}

void op25b_ruleset_retire(struct op25b_store *on, struct op25b_ruleset *rs,
			  u8 side)
{
	rs->gone[OP25B_ENTRY_PREFIX] = true;
	rs->gone[OP25B_ENTRY_RELAY] = true;
	rs->filter_gone = true;
	op25b_due_drop(on, side);
	op25b_trash_ruleset(on, rs);
	op25b_trash_kick(on);
}
