// SPDX-License-Identifier: GPL-2.0
/*
 * The verdict where several origins have a say, or the source is in no prefix.
 * All others are verdict.h's.
 */
#include "packet/verdict.h"

/* What several origins say of one address, in order: the longer prefix's, then
 * CONFIG's, then the stricter. 0: nothing is said.
 */
static u32 rank_of(struct op25b_match match, u8 origin)
{
	static const u8 strictness[__OP25B_ACTION_MAX] = {
		[OP25B_ACTION_EXEMPT]	= 1,
		[OP25B_ACTION_MONITOR]	= 2,
		[OP25B_ACTION_BLOCK]	= 3,
	};

	if (match.action == OP25B_ACTION_NONE)
		return 0;
	if (origin == OP25B_ORIGIN_CONFIG)
		return match.len << 3 | 4;
	return match.len << 3 | strictness[match.action];
}

struct op25b_decision op25b_decide(const struct op25b_ruleset *rs, u8 family,
				   struct op25b_addr addr)
{
	const struct op25b_part *part = &rs->config;
	struct op25b_match best, match;
	u8 origin, owner;
	u32 most, rank;

	best = op25b_trie_lookup(&part->prefixes[family], family, addr);
	most = rank_of(best, OP25B_ORIGIN_CONFIG);
	owner = most ? OP25B_ORIGIN_CONFIG : OP25B_ORIGIN_UNSPEC;
	for (origin = OP25B_ORIGIN_SESSION; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		part = rs->other[op25b_other(origin)];
		if (!op25b_filter_maybe(part->filter[OP25B_ENTRY_PREFIX],
					family, addr))
			continue;
		match = op25b_trie_lookup(&part->prefixes[family], family,
					  addr);
		rank = rank_of(match, origin);
		if (rank > most) {
			most = rank;
			best = match;
			owner = origin;
		}
	}
	return (struct op25b_decision){ best.action, best.len, owner };
}

u8 op25b_owner_of(const struct op25b_ruleset *rs,
		  const struct op25b_prefix *key)
{
	u8 origin, owner = OP25B_ORIGIN_UNSPEC;
	u32 most = 0, rank;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		u8 class = op25b_class(origin, OP25B_ENTRY_PREFIX);
		const struct op25b_trie *trie = op25b_trie_in(rs, class,
							      key->family);

		rank = rank_of((struct op25b_match){
			.action = op25b_trie_find(trie, key),
			.len = key->len,
		}, origin);
		if (rank > most) {
			most = rank;
			owner = origin;
		}
	}
	return owner;
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
