// SPDX-License-Identifier: GPL-2.0
/*
 * The verdict on a source that is in no prefix. All others are verdict.h's.
 */
#include "packet/verdict.h"

/* Row 2: does the answer come to somebody who may not have asked? Return: the
 * prefix of @flow's destination, whose action is NONE if not.
 */
static struct op25b_match asker(const struct op25b_ruleset *rs,
				const struct op25b_flow *flow)
{
	const struct op25b_match none = { OP25B_ACTION_NONE, 0 };
	struct op25b_match match;

	if (!rs->knobs.reverse || flow->sport != OP25B_SMTP_PORT ||
	    op25b_relay_match(rs, flow->family, flow->src))
		return none;
	match = op25b_trie_lookup(&rs->prefixes[flow->family], flow->dst);
	return match.action == OP25B_ACTION_EXEMPT ? none : match;
}

struct op25b_judgement op25b_judge_unlisted(const struct op25b_ruleset *rs,
					    const struct op25b_flow *flow)
{
	struct op25b_match match = asker(rs, flow);
	struct op25b_judgement j = {
		.outcome = OP25B_OUTCOME_ACCEPT,
		.counter = OP25B_COUNTER_PASS_UNLISTED,
		.action = match.action,
		.len = match.len,
		.reverse = match.action != OP25B_ACTION_NONE,
	};

	if (j.reverse)
		op25b_judge_block(rs, &j, OP25B_COUNTER_BLOCK_REVERSE,
				  OP25B_COUNTER_WOULD_BLOCK_REVERSE,
				  op25b_reject_outcome(rs));
	return j;
}
