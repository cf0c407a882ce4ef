// SPDX-License-Identifier: GPL-2.0
/*
 * The verdict: the table of rows, in order. The numbers in the comments are
 * those of the manual.
 *
 *  1  neither port that counts is 25              accept, nothing counted
 *  2  reverse guard: an unlisted server answers   reject  BLOCK_REVERSE
 *  3  source in no prefix                         accept  PASS_UNLISTED
 *  4  source exempt                               accept  PASS_EXEMPT
 *  5  destination is a relay, no source route     accept  PASS_RELAY
 *  6  port cannot be read                         drop    BLOCK_MALFORMED
 *  7  TCP to port 25                              reject  BLOCK
 *
 * Action or mode `monitor` makes accept of 2, 6 and 7, counted WOULD_BLOCK*.
 */
#include "flow.h"
#include "relay.h"
#include "ruleset.h"
#include "verdict.h"

static void accept(struct op25b_judgement *j, u8 counter)
{
	j->outcome = OP25B_OUTCOME_ACCEPT;
	j->counter = counter;
}

/* Rows 2, 6 and 7: WOULD_BLOCK* where only watched, else BLOCK*. */
static void block(const struct op25b_ruleset *rs, struct op25b_judgement *j,
		  u8 counter, u8 would, u8 outcome)
{
	if (rs->knobs.mode != OP25B_MODE_ENFORCE ||
	    j->action == OP25B_ACTION_MONITOR)
		return accept(j, would);
	j->outcome = outcome;
	j->counter = counter;
}

static u8 reject_outcome(const struct op25b_ruleset *rs)
{
	return rs->knobs.reject == OP25B_REJECT_DROP ? OP25B_OUTCOME_DROP :
						       OP25B_OUTCOME_REJECT;
}

/* The longest prefix of @addr decides. Return: its action. */
static u8 decide(const struct op25b_ruleset *rs, u8 family,
		 struct op25b_addr addr, struct op25b_judgement *j)
{
	struct op25b_match match;

	match = op25b_trie_lookup(&rs->prefixes[family], addr);
	j->action = match.action;
	j->len = match.len;
	return match.action;
}

/* Row 2, for a source that is in no prefix. Return: it fits. */
static bool judge_reverse(const struct op25b_ruleset *rs,
			  const struct op25b_flow *flow,
			  struct op25b_judgement *j)
{
	struct op25b_judgement answer = {};
	u8 action;

	if (!rs->knobs.reverse || flow->sport != OP25B_SMTP_PORT)
		return false;
	if (op25b_relay_match(rs->relays, flow->family, flow->src))
		return false;
	action = decide(rs, flow->family, flow->dst, &answer);
	if (action != OP25B_ACTION_BLOCK && action != OP25B_ACTION_MONITOR)
		return false;
	answer.reverse = true;
	*j = answer;
	block(rs, j, OP25B_COUNTER_BLOCK_REVERSE,
	      OP25B_COUNTER_WOULD_BLOCK_REVERSE, reject_outcome(rs));
	return true;
}

void op25b_judge(const struct op25b_ruleset *rs, const struct op25b_flow *flow,
		 struct op25b_judgement *j)
{
	bool smtp = flow->kind == OP25B_KIND_SMTP;
	u8 action;

	*j = (struct op25b_judgement){ .outcome = OP25B_OUTCOME_ACCEPT };

	/* 1 */
	if (flow->kind == OP25B_KIND_OTHER)
		return;
	if (smtp && flow->dport != OP25B_SMTP_PORT && !rs->knobs.reverse)
		return;

	action = decide(rs, flow->family, flow->src, j);
	if (action == OP25B_ACTION_NONE) {
		/* 2, 3 */
		if (!judge_reverse(rs, flow, j))
			accept(j, OP25B_COUNTER_PASS_UNLISTED);
		return;
	}

	/* 4 */
	if (action == OP25B_ACTION_EXEMPT)
		return accept(j, OP25B_COUNTER_PASS_EXEMPT);

	/* 5 */
	if (!flow->source_routed &&
	    op25b_relay_match(rs->relays, flow->family, flow->dst)) {
		j->relay = true;
		return accept(j, OP25B_COUNTER_PASS_RELAY);
	}

	/* 6 */
	if (!smtp)
		return block(rs, j, OP25B_COUNTER_BLOCK_MALFORMED,
			     OP25B_COUNTER_WOULD_BLOCK_MALFORMED,
			     OP25B_OUTCOME_DROP);

	/* Only the source port is 25: no row. A listed mail server answers. */
	if (flow->dport != OP25B_SMTP_PORT)
		return;

	/* 7 */
	j->syn = flow->syn;
	block(rs, j, OP25B_COUNTER_BLOCK, OP25B_COUNTER_WOULD_BLOCK,
	      reject_outcome(rs));
}
