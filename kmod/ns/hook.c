// SPDX-License-Identifier: GPL-2.0
/*
 * The hook: skb to flow to verdict to NF_*.
 */
#include <linux/bottom_half.h>
#include <linux/ktime.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "state/entry.h"
#include "ns/again.h"
#include "ns/hook.h"
#include "state/journal.h"
#include "ns/net.h"
#include "ns/offender.h"
#include "packet/parse.h"
#include "ns/reject.h"
#include "state/ruleset.h"
#include "state/stats.h"
#include "packet/verdict.h"

/* Bytes from the IP header on, wherever skb->data stands. */
static u32 ip_bytes(const struct sk_buff *skb)
{
	return skb->len - skb_network_offset(skb);
}

static __always_inline void count_entries(struct op25b_store *store,
					  const struct op25b_ruleset *rs,
					  const struct op25b_flow *flow,
					  struct op25b_judgement j, u8 family,
					  u32 bytes, u32 now)
{
	u8 prefix = op25b_class(j.origin, OP25B_ENTRY_PREFIX);
	u8 relay = op25b_class(j.relay, OP25B_ENTRY_RELAY);

	op25b_journal_count(store, op25b_judged_addr(flow, j, family),
			    op25b_record_id(rs->seq, prefix, family, j.len),
			    bytes, flow->syn, now);
	if (j.relay)
		op25b_journal_count(store, op25b_addr_of(family, flow->dst),
				    op25b_record_id(rs->seq, relay, family,
						    op25b_family_bits(family)),
				    bytes, flow->syn, now);
}

static __always_inline void count(struct op25b_net *on,
				  const struct op25b_ruleset *rs,
				  const struct op25b_flow *flow,
				  struct op25b_judgement j, u8 family,
				  u32 bytes)
{
	u32 now = ktime_get_real_seconds();

	if (rs->knobs.watch_offenders)
		op25b_offender_count(on->offenders, family, flow, j, bytes,
				     now);
	if (rs->knobs.counters)
		count_entries(&on->store, rs, flow, j, family, bytes, now);
}

static __always_inline unsigned int judge(struct op25b_net *on,
					  const struct op25b_ruleset *rs,
					  struct sk_buff *skb,
					  const struct nf_hook_state *state,
					  const struct op25b_flow *flow,
					  u8 family, bool mixed)
{
	struct op25b_judgement j;

	j = op25b_judge_as(rs, flow, family, mixed);
	if (j.counter == OP25B_COUNTER_NONE)
		return NF_ACCEPT;
	if (j.outcome == OP25B_OUTCOME_ACCEPT && op25b_again(skb, state, flow))
		return NF_ACCEPT;

	op25b_stats_count(on->store.stats, j.counter, j.syn);
	if (j.action == OP25B_ACTION_NONE)
		return NF_ACCEPT;	/* the source is in no prefix */
	if (rs->knobs.watch_offenders || rs->knobs.counters)
		count(on, rs, flow, j, family, ip_bytes(skb));
	if (j.outcome == OP25B_OUTCOME_ACCEPT)
		return NF_ACCEPT;
	if (j.outcome == OP25B_OUTCOME_REJECT)
		op25b_reject_send(on, rs, flow, skb, state, j.reverse);
	return NF_DROP;
}

/* Mail, or what may hide it. noinline: their locals stay out of the frame that
 * every packet pays for. Their first arguments are the hook's, in its order, so
 * that it need not move them. What is plain, where CONFIG has all the entries,
 * is a single one's and pays nothing for the others.
 */
typedef unsigned int mail_fn(struct op25b_net *on, struct sk_buff *skb,
			     const struct nf_hook_state *state,
			     const struct op25b_ruleset *rs, const void *plain);

/* An NFQUEUE verdict brings a packet here in process context, under
 * rcu_read_lock() but with bottom halves on and preemptible; everything in
 * judge() is per CPU or made for softirq. All others come with them off.
 */
static noinline unsigned int
with_bh_off(mail_fn *mail, struct op25b_net *on, struct sk_buff *skb,
	    const struct nf_hook_state *state, const struct op25b_ruleset *rs,
	    const void *plain)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = mail(on, skb, state, rs, plain);
	local_bh_enable();
	return verdict;
}

static __always_inline unsigned int mail(mail_fn *self, struct op25b_net *on,
					 struct sk_buff *skb,
					 const struct nf_hook_state *state,
					 const struct op25b_ruleset *rs,
					 const void *plain, u8 family,
					 bool mixed)
{
	struct op25b_flow flow __uninitialized;	/* all of it is filled in */

	if (unlikely(!in_softirq()))
		return with_bh_off(self, on, skb, state, rs, plain);
	if (!mixed)
		op25b_parse_plain(plain, family, &flow);
	else if (op25b_parse(skb, plain, family, &flow) == OP25B_KIND_OTHER)
		return NF_ACCEPT;
	return judge(on, rs, skb, state, &flow, family, mixed);
}

static noinline unsigned int single_v4(struct op25b_net *on,
				       struct sk_buff *skb,
				       const struct nf_hook_state *state,
				       const struct op25b_ruleset *rs,
				       const void *plain)
{
	return mail(single_v4, on, skb, state, rs, plain, OP25B_V4, false);
}

static noinline unsigned int single_v6(struct op25b_net *on,
				       struct sk_buff *skb,
				       const struct nf_hook_state *state,
				       const struct op25b_ruleset *rs,
				       const void *plain)
{
	return mail(single_v6, on, skb, state, rs, plain, OP25B_V6, false);
}

/* Several origins have entries, or the packet is not plain. */
static noinline unsigned int mixed_v4(struct op25b_net *on,
				      struct sk_buff *skb,
				      const struct nf_hook_state *state,
				      const struct op25b_ruleset *rs,
				      const void *plain)
{
	return mail(mixed_v4, on, skb, state, rs, plain, OP25B_V4, true);
}

static noinline unsigned int mixed_v6(struct op25b_net *on,
				      struct sk_buff *skb,
				      const struct nf_hook_state *state,
				      const struct op25b_ruleset *rs,
				      const void *plain)
{
	return mail(mixed_v6, on, skb, state, rs, plain, OP25B_V6, true);
}

static __always_inline unsigned int hook(struct op25b_net *on,
					 struct sk_buff *skb,
					 const struct nf_hook_state *state,
					 u8 family, mail_fn *single,
					 mail_fn *mixed)
{
	const void *plain = op25b_plain(skb, family);
	const struct op25b_ruleset *rs;

	if (likely(op25b_glance(skb, plain, family)))
		return NF_ACCEPT;
	rs = rcu_dereference(on->store.ruleset);
	if (unlikely(rs->mixed || !plain))
		return mixed(on, skb, state, rs, plain);
	return single(on, skb, state, rs, plain);
}

static unsigned int op25b_hook_v4(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	return hook(priv, skb, state, OP25B_V4, single_v4, mixed_v4);
}

static unsigned int op25b_hook_v6(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	return hook(priv, skb, state, OP25B_V6, single_v6, mixed_v6);
}

/* Behind everything else in OUTPUT: a reply that comes here has left. */
static unsigned int op25b_hook_out(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	op25b_reject_left();
	return NF_ACCEPT;
}

enum {
	HOOK_FORWARD,
	HOOK_OUT,
};

/* One before the filter table: what its rules accept by a wide brush (an
 * "established" at the top) is still judged here.
 */
static const struct nf_hook_ops ops_template[OP25B_FAMILIES][OP25B_HOOKS] = {
	[OP25B_V4] = {
		[HOOK_FORWARD] = {
			.hook = op25b_hook_v4,
			.pf = NFPROTO_IPV4,
			.hooknum = NF_INET_FORWARD,
			.priority = NF_IP_PRI_FILTER - 1,
		},
		[HOOK_OUT] = {
			.hook = op25b_hook_out,
			.pf = NFPROTO_IPV4,
			.hooknum = NF_INET_LOCAL_OUT,
			.priority = NF_IP_PRI_LAST,
		},
	},
	[OP25B_V6] = {
		[HOOK_FORWARD] = {
			.hook = op25b_hook_v6,
			.pf = NFPROTO_IPV6,
			.hooknum = NF_INET_FORWARD,
			.priority = NF_IP6_PRI_FILTER - 1,
		},
		[HOOK_OUT] = {
			.hook = op25b_hook_out,
			.pf = NFPROTO_IPV6,
			.hooknum = NF_INET_LOCAL_OUT,
			.priority = NF_IP6_PRI_LAST,
		},
	},
};

static void unregister_family(struct op25b_net *on, unsigned int family)
{
	if (!on->hooked[family])
		return;
	nf_unregister_net_hooks(on->net, on->ops[family], OP25B_HOOKS);
	WRITE_ONCE(on->hooked[family], false);
}

static int register_family(struct op25b_net *on, unsigned int family)
{
	int err;

	if (on->hooked[family])
		return 0;
	err = nf_register_net_hooks(on->net, on->ops[family], OP25B_HOOKS);
	WRITE_ONCE(on->hooked[family], !err);
	return err;
}

/* Once and for all: a dump of hooks may still look at the ops of an earlier
 * registration.
 */
static int make_ops(struct op25b_net *on)
{
	unsigned int family, i;

	if (on->ops)
		return 0;
	on->ops = kmemdup(ops_template, sizeof(ops_template),
			  GFP_KERNEL_ACCOUNT);
	if (!on->ops)
		return -ENOMEM;
	for (family = 0; family < OP25B_FAMILIES; family++)
		for (i = 0; i < OP25B_HOOKS; i++)
			on->ops[family][i].priv = on;
	return 0;
}

int op25b_hook_register(struct op25b_net *on)
{
	bool had_v4 = on->hooked[OP25B_V4];
	int err;

	lockdep_assert_held(&on->store.lock);
	err = make_ops(on);
	if (err)
		return err;
	err = register_family(on, OP25B_V4) ?: register_family(on, OP25B_V6);
	if (!err)
		return 0;

	/* Packets may be inside one that was there for a moment: the caller is
	 * about to free what they look at.
	 */
	if (!had_v4)
		unregister_family(on, OP25B_V4);
	synchronize_net();
	return err;
}

/* ORDER: the reverse of registration. */
void op25b_hook_unregister(struct op25b_net *on)
{
	lockdep_assert_held(&on->store.lock);
	unregister_family(on, OP25B_V6);
	unregister_family(on, OP25B_V4);
}

void op25b_hook_free(struct op25b_net *on)
{
	kfree(on->ops);
}
