// SPDX-License-Identifier: GPL-2.0
/*
 * GET and SET of the knobs, the counters, and the test of a verdict.
 */
#include "packet/flow.h"
#include "state/edit.h"
#include "state/journal.h"
#include "ns/net.h"
#include "netlink/nl.h"
#include "ns/offender.h"
#include "state/stats.h"
#include "packet/verdict.h"

static int change_knobs(struct genl_info *info, struct op25b_edit *edit)
{
	return op25b_nl_knobs(info->attrs, op25b_edit_knobs(edit));
}

int op25b_nl_set(struct sk_buff *skb, struct genl_info *info)
{
	struct op25b_knobs ignored;
	int err;

	if (!op25b_nl_knobs(info->attrs, &ignored))
		return nl_missing(info->extack, NULL, OP25B_A_MODE,
				  "no knob is given");
	err = op25b_nl_message_once(info, 0);
	return err ?: op25b_nl_amend(info, change_knobs);
}

static int put_knobs(struct sk_buff *skb, const struct op25b_knobs *knobs)
{
	if (nla_put_u8(skb, OP25B_A_MODE, knobs->mode) ||
	    nla_put_u8(skb, OP25B_A_REJECT, knobs->reject) ||
	    nla_put_u8(skb, OP25B_A_REVERSE, knobs->reverse) ||
	    nla_put_u8(skb, OP25B_A_COUNTERS, knobs->counters) ||
	    nla_put_u32(skb, OP25B_A_REJECT_RATE, knobs->reject_rate) ||
	    nla_put_u32(skb, OP25B_A_REJECT_SOURCE_RATE,
			knobs->reject_source_rate) ||
	    nla_put_u8(skb, OP25B_A_WATCH_OFFENDERS, knobs->watch_offenders) ||
	    nla_put_u8(skb, OP25B_A_OFFENDER_LEN, knobs->offender_len) ||
	    nla_put_u32(skb, OP25B_A_OFFENDER_THRESHOLD,
			knobs->offender_threshold) ||
	    nla_put_u32(skb, OP25B_A_SESSION_PREFIXES,
			op25b_limit_of(knobs, OP25B_ORIGIN_SESSION)) ||
	    nla_put_u32(skb, OP25B_A_BGP_PREFIXES,
			op25b_limit_of(knobs, OP25B_ORIGIN_BGP)))
		return -EMSGSIZE;
	return 0;
}

static int put_totals(struct sk_buff *skb, struct op25b_net *on,
		      const struct op25b_ruleset *rs)
{
	if (nla_put_u64_64bit(skb, OP25B_A_GENERATION, rs->generation,
			      OP25B_A_PAD) ||
	    nla_put_u8(skb, OP25B_A_HOOK_V4,
		       READ_ONCE(on->hooked[OP25B_V4])) ||
	    nla_put_u8(skb, OP25B_A_HOOK_V6,
		       READ_ONCE(on->hooked[OP25B_V6])) ||
	    nla_put_u32(skb, OP25B_A_PREFIXES_V4,
			op25b_ruleset_prefixes(rs, OP25B_V4)) ||
	    nla_put_u32(skb, OP25B_A_PREFIXES_V6,
			op25b_ruleset_prefixes(rs, OP25B_V6)) ||
	    nla_put_u32(skb, OP25B_A_RELAY_COUNT, op25b_ruleset_relays(rs)) ||
	    nla_put_u32(skb, OP25B_A_CONFIRM_LEFT, op25b_confirm_left(on)) ||
	    nla_put_u32(skb, OP25B_A_OFFENDERS, op25b_offenders_used(on)))
		return -EMSGSIZE;
	return 0;
}

static int put_part(struct sk_buff *skb, struct op25b_store *store,
		    const struct op25b_ruleset *rs, u8 origin)
{
	const struct op25b_part *part = op25b_part_of(rs, origin);
	const int pad = OP25B_PART_A_PAD;
	struct nlattr *nest;

	nest = nla_nest_start(skb, OP25B_A_PART);
	if (!nest || nla_put_u8(skb, OP25B_PART_A_ORIGIN, origin) ||
	    nla_put_u32(skb, OP25B_PART_A_PREFIXES_V4,
			part->prefixes[OP25B_V4].count) ||
	    nla_put_u32(skb, OP25B_PART_A_PREFIXES_V6,
			part->prefixes[OP25B_V6].count) ||
	    nla_put_u32(skb, OP25B_PART_A_RELAY_COUNT,
			op25b_part_relays(part)) ||
	    nla_put_u32(skb, OP25B_PART_A_MAX_PREFIXES,
			op25b_limit_of(&rs->knobs, origin)) ||
	    nla_put_u64_64bit(skb, OP25B_PART_A_SERIAL,
			      op25b_store_serial(store, origin), pad) ||
	    op25b_nl_put_u64(skb, OP25B_PART_A_CHANGED,
			     op25b_store_changed(store, origin), pad))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_parts(struct sk_buff *skb, struct op25b_store *store,
		     const struct op25b_ruleset *rs)
{
	int err = 0;
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++)
		err = err ?: put_part(skb, store, rs, origin);
	return err;
}

static int put_limits(struct sk_buff *skb, struct op25b_net *on)
{
	if (nla_put_u64_64bit(skb, OP25B_A_MEMORY,
			      op25b_store_memory(&on->store), OP25B_A_PAD) ||
	    nla_put_u32(skb, OP25B_A_MAX_PREFIXES, OP25B_MAX_PREFIXES) ||
	    nla_put_u32(skb, OP25B_A_MAX_RELAYS, OP25B_MAX_RELAYS) ||
	    nla_put_u64_64bit(skb, OP25B_A_MAX_MEMORY, OP25B_MAX_MEMORY,
			      OP25B_A_PAD))
		return -EMSGSIZE;
	return 0;
}

int op25b_nl_get(struct sk_buff *request, struct genl_info *info)
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	const struct op25b_ruleset *rs;
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = op25b_nl_reply_begin(info, &hdr);
	if (!skb)
		return -ENOMEM;

	rcu_read_lock();
	rs = rcu_dereference(on->store.ruleset);
	err = put_knobs(skb, &rs->knobs) ?: put_totals(skb, on, rs) ?:
	      put_parts(skb, &on->store, rs);
	rcu_read_unlock();
	return op25b_nl_reply_end(skb, info, hdr, err ?: put_limits(skb, on));
}

static int put_stats(struct sk_buff *skb, struct op25b_net *on)
{
	u64 sum[__OP25B_COUNTER_MAX];
	struct nlattr *nest;
	u8 i;

	nest = nla_nest_start(skb, OP25B_A_STATS);
	if (!nest)
		return -EMSGSIZE;

	op25b_stats_read(&on->store, sum);
	for (i = OP25B_COUNTER_NONE + 1; i < __OP25B_COUNTER_MAX; i++)
		if (nla_put_u64_64bit(skb, i, sum[i], OP25B_COUNTER_NONE))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int op25b_nl_stats_get(struct sk_buff *request, struct genl_info *info)
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	struct sk_buff *skb;
	void *hdr;

	skb = op25b_nl_reply_begin(info, &hdr);
	if (!skb)
		return -ENOMEM;
	return op25b_nl_reply_end(skb, info, hdr, put_stats(skb, on));
}

int op25b_nl_stats_reset(struct sk_buff *skb, struct genl_info *info)
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	struct op25b_event event = { .kind = OP25B_EVENT_STATS_RESET };

	op25b_journals_post(&on->store);
	op25b_writer_lock(on);
	op25b_stats_reset(&on->store);
	op25b_entry_reset(&on->store);
	op25b_offenders_reset(on);
	event.generation = op25b_ruleset_locked(&on->store)->generation;
	op25b_event_by_caller(&event);
	op25b_event_put(on, &event);
	op25b_writer_unlock(on);
	return 0;
}

static int test_flow(struct genl_info *info, struct op25b_flow *flow)
{
	const struct nlattr *src = info->attrs[OP25B_A_SRC];
	const struct nlattr *dst = info->attrs[OP25B_A_DST];

	if (!src)
		return nl_missing(info->extack, NULL, OP25B_A_SRC,
				  "no source is given");
	if (!dst)
		return nl_missing(info->extack, NULL, OP25B_A_DST,
				  "no destination is given");
	if (nla_len(src) != nla_len(dst))
		return nl_refuse(info->extack, dst,
				 "source and destination differ in family");

	*flow = (struct op25b_flow){
		.sport = 49152,	/* RFC 6335, section 6: the first dynamic one */
		.dport = OP25B_SMTP_PORT,
		.kind = OP25B_KIND_SMTP,
		.syn = true,
	};
	flow->family = op25b_nl_addr(src, &flow->src);
	op25b_nl_addr(dst, &flow->dst);
	return op25b_nl_message_once(info, 0);
}

/* What each origin's longest prefix of the source says, as PREFIX for the one
 * that decides.
 */
static int put_matches(struct sk_buff *skb, struct op25b_store *store,
		       const struct op25b_ruleset *rs,
		       const struct op25b_flow *flow, u8 decides)
{
	struct op25b_match match;
	int err = 0;
	u8 origin;

	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++) {
		u8 class = op25b_class(origin, OP25B_ENTRY_PREFIX);
		struct op25b_prefix prefix = { .family = flow->family };

		match = op25b_trie_lookup(op25b_trie_in(rs, class,
							flow->family),
					  flow->family, flow->src);
		prefix.addr = op25b_addr_head(flow->src, match.len);
		prefix.len = match.len;
		if (!err && match.action != OP25B_ACTION_NONE)
			err = op25b_nl_put_entry(skb, store,
						 origin == decides ?
						 OP25B_A_PREFIX : OP25B_A_OTHER,
						 class, &prefix, match.action);
	}
	return err;
}

static int put_verdict(struct sk_buff *skb, struct op25b_store *store,
		       const struct op25b_ruleset *rs,
		       const struct op25b_flow *flow)
{
	const struct op25b_prefix relay = {
		.addr = flow->dst,
		.family = flow->family,
		.len = op25b_family_bits(flow->family),
	};
	u8 permits = op25b_relay_of(rs, flow->family, flow->dst);
	struct op25b_judgement j = op25b_judge(rs, flow);

	if (nla_put_u8(skb, OP25B_A_OUTCOME, j.outcome) ||
	    nla_put_u8(skb, OP25B_A_COUNTER, j.counter) ||
	    nla_put_u8(skb, OP25B_A_MODE, rs->knobs.mode) ||
	    nla_put_u8(skb, OP25B_A_REJECT, rs->knobs.reject))
		return -EMSGSIZE;
	if (permits &&
	    op25b_nl_put_entry(skb, store, OP25B_A_RELAY,
			       op25b_class(permits, OP25B_ENTRY_RELAY), &relay,
			       OP25B_ACTION_NONE))
		return -EMSGSIZE;
	return j.action == OP25B_ACTION_NONE ? 0 :
	       put_matches(skb, store, rs, flow, j.origin);
}

int op25b_nl_test(struct sk_buff *request, struct genl_info *info)
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	struct op25b_flow flow;
	struct sk_buff *skb;
	void *hdr;
	int err;

	err = test_flow(info, &flow);
	if (err)
		return err;

	skb = op25b_nl_reply_begin(info, &hdr);
	if (!skb)
		return -ENOMEM;
	op25b_journals_post(&on->store);
	/* For what it says of entries, see netlink/dump.c. */
	mutex_lock(&on->store.lock);
	rcu_read_lock();
	err = put_verdict(skb, &on->store, op25b_ruleset_locked(&on->store),
			  &flow);
	rcu_read_unlock();
	mutex_unlock(&on->store.lock);
	return op25b_nl_reply_end(skb, info, hdr, err);
}
