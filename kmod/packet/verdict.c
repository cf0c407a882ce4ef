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

/* Does @match of another origin come before @best? */
static bool comes_first(struct op25b_match match, struct op25b_decision best)
{
	if (match.action == OP25B_ACTION_NONE)
		return false;
	if (best.action == OP25B_ACTION_NONE || match.len != best.len)
		return match.len >= best.len;
	return best.origin != OP25B_ORIGIN_CONFIG &&
	       strictness[match.action] > strictness[best.action];
}

struct op25b_decision op25b_decide_mixed(const struct op25b_ruleset *rs,
					 u8 family, struct op25b_addr addr,
					 struct op25b_decision config)
{
	struct op25b_decision best = config;
	struct op25b_match match;
	unsigned int i;

	for (i = 0; i < OP25B_OTHERS; i++) {
		match = op25b_trie_lookup(&rs->other[i]->prefixes[family],
					  addr);
		if (comes_first(match, best))
			best = (struct op25b_decision){
				.action = match.action,
				.len = match.len,
				.origin = OP25B_ORIGIN_SESSION + i,
			};
	}
	return best;
}

u8 op25b_relay_mixed(const struct op25b_ruleset *rs, u8 family,
		     struct op25b_addr addr)
{
	unsigned int i;

	for (i = 0; i < OP25B_OTHERS; i++)
		if (op25b_relay_match(rs->other[i], family, addr))
			return OP25B_ORIGIN_SESSION + i;
	return OP25B_ORIGIN_UNSPEC;
}

/* Row 2: does the answer come to somebody who may not have asked? Return: the
 * prefix of @flow's destination, whose action is NONE if not.
 */
static struct op25b_decision asker(const struct op25b_ruleset *rs,
				   const struct op25b_flow *flow)
{
	const struct op25b_decision none = { .action = OP25B_ACTION_NONE };
	struct op25b_decision decision;

	if (!rs->knobs.reverse || flow->sport != OP25B_SMTP_PORT ||
	    op25b_relay_of(rs, flow->family, flow->src))
		return none;
	decision = op25b_decide(rs, flow->family, flow->dst);
	return decision.action == OP25B_ACTION_EXEMPT ? none : decision;
}

struct op25b_judgement op25b_judge_unlisted(const struct op25b_ruleset *rs,
					    const struct op25b_flow *flow)
{
	struct op25b_decision decision = asker(rs, flow);
	struct op25b_judgement j = {
		.outcome = OP25B_OUTCOME_ACCEPT,
		.counter = OP25B_COUNTER_PASS_UNLISTED,
		.action = decision.action,
		.len = decision.len,
		.origin = decision.origin,
		.reverse = decision.action != OP25B_ACTION_NONE,
	};

	if (j.reverse)
		op25b_judge_block(rs, &j, OP25B_COUNTER_BLOCK_REVERSE,
				  OP25B_COUNTER_WOULD_BLOCK_REVERSE,
				  op25b_reject_outcome(rs));
	return j;
}
