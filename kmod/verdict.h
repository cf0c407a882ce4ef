/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verdict: a flow and a ruleset in, what happens and what is counted out.
 * Pure; knows no skb, no namespace and no clock, so that it can be tested as
 * a truth table.
 */
#ifndef _OP25B_VERDICT_H
#define _OP25B_VERDICT_H

#include <linux/op25b.h>

#include "flow.h"

struct op25b_ruleset;

/**
 * struct op25b_judgement - the answer
 * @outcome: enum op25b_outcome
 * @counter: enum op25b_counter to move; OP25B_COUNTER_NONE for row 1
 * @action: enum op25b_action of the deciding prefix; NONE when there is none
 * @len: length of that prefix, 0 when there is none
 * @syn: move the SYN counter next to @counter too (@counter is BLOCK or
 *	WOULD_BLOCK)
 * @relay: the destination is a relay and that decided (row 5)
 * @reverse: the deciding prefix is the destination's (row 2), not the source's
 */
struct op25b_judgement {
	u8 outcome;
	u8 counter;
	u8 action;
	u8 len;
	bool syn;
	bool relay;
	bool reverse;
};

/**
 * op25b_judge() - the table of design.md section 3
 * @rs: the ruleset, read once by the caller
 * @flow: from the parser, its kind not OP25B_KIND_OTHER
 * @j: filled in whole
 *
 * Mode `off` is judged as mode `monitor`: a packet that was already inside the
 * hook when the mode changed loses nothing.
 *
 * Context: rcu_read_lock() held over @rs.
 */
void op25b_judge(const struct op25b_ruleset *rs, const struct op25b_flow *flow,
		 struct op25b_judgement *j);

/* The prefix that decided on @flow, for @j whose action is not NONE. */
static inline struct op25b_prefix
op25b_judged_prefix(const struct op25b_flow *flow,
		    const struct op25b_judgement *j)
{
	return (struct op25b_prefix){
		.addr = op25b_addr_head(j->reverse ? flow->dst : flow->src,
					j->len),
		.family = flow->family,
		.len = j->len,
	};
}

#endif /* _OP25B_VERDICT_H */
