// SPDX-License-Identifier: GPL-2.0
/*
 * The verdict where several origins have a say, or the source is in no prefix.
 * All others are verdict.h's.
 */
#include "packet/verdict.h"

static const u8 strictness[__OP25B_ACTION_MAX] = {
	[OP25B_ACTION_EXEMPT]	= 1,
	[OP25B_ACTION_MONITOR]	= 2,
	[OP25B_ACTION_BLOCK]	= 3,
};

/* @origin says @match, too: does that come before @best? */
static void consider(struct op25b_decision *best, struct op25b_match match,
		     u8 origin)
{
	bool first;

	if (match.action == OP25B_ACTION_NONE)
		return;
	if (best->action == OP25B_ACTION_NONE || match.len != best->len)
		first = match.len >= best->len;
	else
		first = best->origin != OP25B_ORIGIN_CONFIG &&
			strictness[match.action] > strictness[best->action];
	if (first)
		*best = (struct op25b_decision){
			.action = match.action,
			.len = match.len,
			.origin = origin,
		};
}

struct op25b_decision op25b_decide(const struct op25b_ruleset *rs, u8 family,
				   struct op25b_addr addr)
{
	struct op25b_decision best = { .action = OP25B_ACTION_NONE };
	const struct op25b_part *part;
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		part = op25b_part_of(rs, origin);
		consider(&best, op25b_trie_lookup(&part->prefixes[family],
						  addr), origin);
	}
	return best;
}

u8 op25b_owner_of(const struct op25b_ruleset *rs,
		  const struct op25b_prefix *key)
{
	struct op25b_decision best = { .action = OP25B_ACTION_NONE };
	struct op25b_match match = { .len = key->len };
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		u8 class = op25b_class(origin, OP25B_ENTRY_PREFIX);

		match.action = op25b_trie_find(op25b_trie_in(rs, class,
							     key->family), key);
		consider(&best, match, origin);
	}
	return best.action == OP25B_ACTION_NONE ? OP25B_ORIGIN_UNSPEC :
						  best.origin;
}

u8 op25b_relay_of(const struct op25b_ruleset *rs, u8 family,
		  struct op25b_addr addr)
{
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++)
		if (op25b_relay_match(op25b_part_of(rs, origin), family, addr))
			return origin;
	return OP25B_ORIGIN_UNSPEC;
}

/* Row 2: does the answer come to somebody who may not have asked? */
static bool has_asker(const struct op25b_ruleset *rs,
		      const struct op25b_flow *flow,
		      struct op25b_decision *asker)
{
	if (op25b_relay_of(rs, flow->family, flow->src))
		return false;
	*asker = op25b_decide(rs, flow->family, flow->dst);
	return asker->action != OP25B_ACTION_NONE &&
	       asker->action != OP25B_ACTION_EXEMPT;
}

struct op25b_judgement op25b_judge_unlisted(const struct op25b_ruleset *rs,
					    const struct op25b_flow *flow)
{
	struct op25b_judgement j = {
		.outcome = OP25B_OUTCOME_ACCEPT,
		.counter = OP25B_COUNTER_PASS_UNLISTED,
	};
	struct op25b_decision asker;

	if (!rs->knobs.reverse || flow->sport != OP25B_SMTP_PORT ||
	    !has_asker(rs, flow, &asker))
		return j;
	j.action = asker.action;
	j.len = asker.len;
	j.origin = asker.origin;
	j.reverse = true;
	op25b_judge_block(rs, &j, OP25B_COUNTER_BLOCK_REVERSE,
			  OP25B_COUNTER_WOULD_BLOCK_REVERSE,
			  op25b_reject_outcome(rs));
	return j;
}
