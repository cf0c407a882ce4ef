/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verdict: a flow and a ruleset in, what happens and what is counted out.
 * Pure; knows no skb, no namespace and no clock, so that it can be tested as
 * a truth table. Its rows, in order, by the manual's numbers:
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
 *
 * Inline, so that flow and judgement stay in the hook's registers.
 */
#ifndef _OP25B_VERDICT_H
#define _OP25B_VERDICT_H

#include <linux/op25b.h>

#include "packet/flow.h"
#include "state/relay.h"
#include "state/ruleset.h"

/**
 * struct op25b_judgement - the answer
 * @outcome: enum op25b_outcome
 * @counter: enum op25b_counter to move; OP25B_COUNTER_NONE for row 1
 * @action: enum op25b_action of the deciding prefix; NONE when there is none
 * @len: length of that prefix, 0 when there is none
 * @syn: move the SYN counter next to @counter too (@counter is BLOCK or
 *	WOULD_BLOCK)
 * @origin: enum op25b_origin of that prefix
 * @relay: the destination is a relay and that decided (row 5): the first origin
 *	that says so, else 0
 * @reverse: the deciding prefix is the destination's (row 2), not the source's
 */
struct op25b_judgement {
	u8 outcome;
	u8 counter;
	u8 action;
	u8 len;
	u8 origin;
	u8 relay;
	bool syn;
	bool reverse;
};

/* The prefix that decides about an address. @action: NONE: there is none. */
struct op25b_decision {
	u8 action;
	u8 len;
	u8 origin;
};

/* Such a prefix in one word, of which the greatest decides: the longer one,
 * then CONFIG's, then the stricter, then the first origin's. 0: there is none.
 * Of an IPv4 address @addr is the first word.
 */
u32 op25b_say_v4(const struct op25b_ruleset *rs, u64 addr);
u32 op25b_say_v6(const struct op25b_ruleset *rs, struct op25b_addr addr);

static inline struct op25b_decision op25b_said(u32 word)
{
	return (struct op25b_decision){
		.action = word >> 8,
		.len = word >> 24,
		.origin = word ? __OP25B_ORIGIN_MAX - (u8)word :
				 OP25B_ORIGIN_UNSPEC,
	};
}

/* The longest of all origins' prefixes that hold @addr. Of equal ones CONFIG's,
 * else the stricter: block, monitor, exempt. @family: best a constant.
 */
static __always_inline struct op25b_decision
op25b_decide(const struct op25b_ruleset *rs, u8 family, struct op25b_addr addr)
{
	return op25b_said(family == OP25B_V4 ? op25b_say_v4(rs, addr.hi) :
					       op25b_say_v6(rs, addr));
}

/* The first origin of which @addr is a relay, 0 if none. */
u8 op25b_relay_of(const struct op25b_ruleset *rs, u8 family,
		  struct op25b_addr addr);
/* Of the origins that have exactly @key, the one that decides; 0: none has. */
u8 op25b_owner_of(const struct op25b_ruleset *rs,
		  const struct op25b_prefix *key);

/* Rows 2, 6 and 7: WOULD_BLOCK* where only watched, else BLOCK*. */
static inline void op25b_judge_block(const struct op25b_ruleset *rs,
				     struct op25b_judgement *j, u8 counter,
				     u8 would, u8 outcome)
{
	bool watched = rs->knobs.mode != OP25B_MODE_ENFORCE ||
		       j->action == OP25B_ACTION_MONITOR;

	j->outcome = watched ? OP25B_OUTCOME_ACCEPT : outcome;
	j->counter = watched ? would : counter;
}

static inline u8 op25b_reject_outcome(const struct op25b_ruleset *rs)
{
	return rs->knobs.reject == OP25B_REJECT_DROP ? OP25B_OUTCOME_DROP :
						       OP25B_OUTCOME_REJECT;
}

/* Rows 2 and 3: the source is in no prefix. Context: as below. */
struct op25b_judgement op25b_judge_unlisted(const struct op25b_ruleset *rs,
					    const struct op25b_flow *flow);

/* The same where it is known to the compiler whether @rs is @mixed: if not, one
 * trie and one filter are looked at, and CONFIG is who decides.
 */
static __always_inline struct op25b_decision
op25b_decide_as(const struct op25b_ruleset *rs, u8 family,
		struct op25b_addr addr, bool mixed)
{
	struct op25b_match match;

	if (mixed)
		return op25b_decide(rs, family, addr);
	match = op25b_trie_lookup(&rs->config.prefixes[family], family, addr);
	return (struct op25b_decision){
		.action = match.action,
		.len = match.len,
		.origin = OP25B_ORIGIN_CONFIG,
	};
}

static __always_inline u8 op25b_relay_as(const struct op25b_ruleset *rs,
					 u8 family, struct op25b_addr addr,
					 bool mixed)
{
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG;
	     origin < (mixed ? __OP25B_ORIGIN_MAX : OP25B_ORIGIN_SESSION);
	     origin++)
		if (op25b_relay_match(op25b_part_of(rs, origin), family, addr))
			return origin;
	return OP25B_ORIGIN_UNSPEC;
}

/**
 * op25b_judge_as() - the table of design.md section 3
 * @rs: the ruleset, read once by the caller
 * @flow: from the parser
 * @family: of @flow, best a constant
 * @mixed: rs->mixed
 *
 * Mode `off` is judged as mode `monitor`: a packet that was already inside the
 * hook when the mode changed loses nothing.
 *
 * Context: rcu_read_lock() held over @rs.
 */
static __always_inline struct op25b_judgement
op25b_judge_as(const struct op25b_ruleset *rs, const struct op25b_flow *flow,
	       u8 family, bool mixed)
{
	struct op25b_judgement j = { .outcome = OP25B_OUTCOME_ACCEPT };
	bool smtp = flow->kind == OP25B_KIND_SMTP;
	struct op25b_decision decision;

	/* 1 */
	if (flow->kind == OP25B_KIND_OTHER)
		return j;
	if (smtp && flow->dport != OP25B_SMTP_PORT && !rs->knobs.reverse)
		return j;

	/* The longest prefix of the source decides. */
	decision = op25b_decide_as(rs, family, flow->src, mixed);
	if (decision.action == OP25B_ACTION_NONE) {
		j = op25b_judge_unlisted(rs, flow);	/* 2, 3 */
		if (!mixed)
			j.origin = OP25B_ORIGIN_CONFIG;
		j.relay = OP25B_ORIGIN_UNSPEC;
		return j;
	}
	j.action = decision.action;
	j.len = decision.len;
	j.origin = decision.origin;

	/* 4 */
	if (decision.action == OP25B_ACTION_EXEMPT) {
		j.counter = OP25B_COUNTER_PASS_EXEMPT;
		return j;
	}

	/* 5 */
	if (!flow->source_routed)
		j.relay = op25b_relay_as(rs, family, flow->dst, mixed);
	if (j.relay) {
		j.counter = OP25B_COUNTER_PASS_RELAY;
		return j;
	}

	/* 6 */
	if (!smtp) {
		op25b_judge_block(rs, &j, OP25B_COUNTER_BLOCK_MALFORMED,
				  OP25B_COUNTER_WOULD_BLOCK_MALFORMED,
				  OP25B_OUTCOME_DROP);
		return j;
	}

	/* Only the source port is 25: no row. A listed mail server answers. */
	if (flow->dport != OP25B_SMTP_PORT)
		return j;

	/* 7 */
	j.syn = flow->syn;
	op25b_judge_block(rs, &j, OP25B_COUNTER_BLOCK,
			  OP25B_COUNTER_WOULD_BLOCK, op25b_reject_outcome(rs));
	return j;
}

static inline struct op25b_judgement
op25b_judge(const struct op25b_ruleset *rs, const struct op25b_flow *flow)
{
	return op25b_judge_as(rs, flow, flow->family, rs->mixed);
}

/* The address of the prefix that decided on @flow, which is of @family: @j.len
 * bits of it.
 */
static inline struct op25b_addr
op25b_judged_addr(const struct op25b_flow *flow, struct op25b_judgement j,
		  u8 family)
{
	struct op25b_addr addr = j.reverse ? flow->dst : flow->src;

	return op25b_addr_of(family, op25b_addr_head(addr, j.len));
}

#endif /* _OP25B_VERDICT_H */
