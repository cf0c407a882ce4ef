// SPDX-License-Identifier: GPL-2.0
/*
 * A ruleset's birth, publication and end.
 */
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/string.h>

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
	.other_prefixes = {
		OP25B_DEF_ORIGIN_PREFIXES,
		OP25B_DEF_ORIGIN_PREFIXES,
	},
};

u32 op25b_ruleset_prefixes(const struct op25b_ruleset *rs, u8 family)
{
	u32 count = 0;
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++)
		count += op25b_part_of(rs, origin)->prefixes[family].count;
	return count;
}

u32 op25b_ruleset_relays(const struct op25b_ruleset *rs)
{
	u32 count = 0;
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++)
		count += op25b_part_relays(op25b_part_of(rs, origin));
	return count;
}

bool op25b_ruleset_will_have(const struct op25b_ruleset *rs, u8 origin,
			     const struct op25b_trie *trie)
{
	const struct op25b_part *part = op25b_part_of(rs, origin);
	u32 others = op25b_ruleset_prefixes(rs, trie->family) -
		     part->prefixes[trie->family].count;

	return others || trie->count;
}

struct op25b_ruleset *op25b_ruleset_alloc(void)
{
	struct op25b_ruleset *rs = kzalloc(sizeof(*rs), OP25B_GFP);
	unsigned int i;

	if (!rs)
		return NULL;
	rs->knobs = op25b_knobs_default;
	rs->seq = OP25B_FIRST_SEQ;
	rs->left = OP25B_ORIGIN_CONFIG;
	rs->config = op25b_part_empty;
	for (i = 0; i < OP25B_OTHERS; i++)
		rs->other[i] = &op25b_part_empty;
	return rs;
}

void op25b_ruleset_free(struct op25b_ruleset *rs)
{
	unsigned int i;

	op25b_part_empty_out(&rs->config);
	for (i = 0; i < OP25B_OTHERS; i++) {
		if (rs->other[i] == &op25b_part_empty)
			continue;
		op25b_part_empty_out(rs->other[i]);
		kfree(rs->other[i]);
	}
	kfree(rs);
}

void op25b_ruleset_share(struct op25b_ruleset *rs,
			 const struct op25b_ruleset *from)
{
	memcpy(rs->other, from->other, sizeof(rs->other));
	rs->mixed = from->mixed;
}

void op25b_ruleset_give(struct op25b_ruleset *rs, u8 origin,
			struct op25b_part *part)
{
	unsigned int i;

	rs->other[op25b_other(origin)] = part;
	rs->mixed = false;
	for (i = 0; i < OP25B_OTHERS; i++)
		rs->mixed |= rs->other[i] != &op25b_part_empty;
}

void op25b_ruleset_publish(struct op25b_store *on, struct op25b_ruleset *rs,
			   u8 origin)
{
	u8 i = origin - OP25B_ORIGIN_CONFIG;

	rs->seq = op25b_ruleset_locked(on)->seq + 1;
	if (!(u32)rs->seq)
		rs->seq++;
	rcu_assign_pointer(on->ruleset, rs);
	WRITE_ONCE(on->changed[i], ktime_get_real_seconds());
	atomic64_inc(&on->serial[i]);
}

void op25b_ruleset_retire(struct op25b_store *on, struct op25b_ruleset *rs,
			  u8 side)
{
	rs->gone[OP25B_ENTRY_PREFIX] = true;
	rs->gone[OP25B_ENTRY_RELAY] = true;
	rs->filter_gone[OP25B_ENTRY_PREFIX] = true;
	rs->filter_gone[OP25B_ENTRY_RELAY] = true;
	op25b_due_drop(on, side);
	op25b_trash_ruleset(on, rs);
	op25b_trash_kick(on);
}
