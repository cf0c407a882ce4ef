// SPDX-License-Identifier: GPL-2.0
/*
 * The verdict where several origins have a say, or the source is in no prefix.
 * All others are verdict.h's.
 */
#include <linux/minmax.h>

#include "packet/verdict.h"

/* What an origin says of an address, in one word (verdict.h): of several, the
 * greatest decides.
 */
static __always_inline u32 say(struct op25b_match match, u8 origin)
{
	u32 rank = origin == OP25B_ORIGIN_CONFIG ? 2 :
		   match.action == OP25B_ACTION_BLOCK;

	static_assert(OP25B_ACTION_EXEMPT < OP25B_ACTION_MONITOR);
	if (match.action == OP25B_ACTION_NONE)
		return 0;
	return (u32)match.len << 24 | rank << 16 | match.action << 8 |
	       (__OP25B_ORIGIN_MAX - origin);
}

static __always_inline u32 say_all(const struct op25b_ruleset *rs, u8 family,
				   struct op25b_addr addr)
{
	u32 word = say(op25b_trie_lookup(&rs->config.prefixes[family], family,
					 addr), OP25B_ORIGIN_CONFIG);
	u8 origin;

#pragma GCC unroll 2
	for (origin = OP25B_ORIGIN_SESSION; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		const struct op25b_part *part = rs->other[op25b_other(origin)];

		if (!op25b_filter_maybe(part->filter[OP25B_ENTRY_PREFIX],
					family, addr))
			continue;
		word = max(word, say(op25b_trie_lookup(&part->prefixes[family],
						       family, addr), origin));
	}
	return word;
}

u32 op25b_say_v4(const struct op25b_ruleset *rs, u64 addr)
{
	return say_all(rs, OP25B_V4, (struct op25b_addr){ .hi = addr });
}

u32 op25b_say_v6(const struct op25b_ruleset *rs, struct op25b_addr addr)
{
	return say_all(rs, OP25B_V6, addr);
}

u8 op25b_owner_of(const struct op25b_ruleset *rs,
		  const struct op25b_prefix *key)
{
	struct op25b_match match = { .len = key->len };
	u32 word = 0;
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		u8 class = op25b_class(origin, OP25B_ENTRY_PREFIX);

		match.action = op25b_trie_find(op25b_trie_in(rs, class,
							     key->family), key);
		word = max(word, say(match, origin));
	}
	return op25b_said(word).origin;
}

u8 op25b_relay_of(const struct op25b_ruleset *rs, u8 family,
		  struct op25b_addr addr)
{
	return op25b_relay_as(rs, family, addr, true);
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
