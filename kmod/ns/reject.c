// SPDX-License-Identifier: GPL-2.0
/*
 * Replies to blocked packets.
 *
 * WHY THE HELPERS ARE TAKEN BY NAME
 *
 * nf_reject_ipv4 and nf_reject_ipv6 are modules on every distribution, and
 * usually nobody has loaded them. Linked to in the ordinary way, op25b.ko would
 * load by modprobe only: insmod resolves no dependencies and would stop at an
 * unknown symbol. The ways out are copies of the helpers in here, which would
 * miss every fix the kernel's get, or symbol_request(): it takes the symbol if
 * it is there (built in, or loaded), else has modprobe load "symbol:NAME" (an
 * alias depmod writes for every exported symbol) and tries again. What it
 * returns has the type of the kernel's own prototype, and holds its module in
 * memory until symbol_put(). It finds GPL-only exports, which all four are.
 *
 * Without modprobe, or in a kernel without the helpers, the symbol is NULL, the
 * module loads all the same, and only a ruleset that would need it is refused.
 */
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <net/dst.h>
#include <net/flow.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "packet/flow.h"
#include "ns/bridged.h"
#include "ns/net.h"
#include "ns/reject.h"
#include "state/ruleset.h"
#include "state/stats.h"

static struct {
	typeof(nf_send_reset) *reset;
	typeof(nf_send_reset6) *reset6;
	typeof(nf_send_unreach) *unreach;
	typeof(nf_send_unreach6) *unreach6;
} helper __ro_after_init;

/* For modprobe and the makers of an initramfs, who can know beforehand. */
MODULE_SOFTDEP("pre: nf_reject_ipv4 nf_reject_ipv6");

void op25b_reject_init(void)
{
	helper.reset = symbol_request(nf_send_reset);
	helper.unreach = symbol_request(nf_send_unreach);
	if (!IS_ENABLED(CONFIG_IPV6))
		return;
	helper.reset6 = symbol_request(nf_send_reset6);
	helper.unreach6 = symbol_request(nf_send_unreach6);
}

/* Context: no packet can be in op25b_reject_send() any more. */
void op25b_reject_exit(void)
{
	if (helper.unreach6)
		symbol_put(nf_send_unreach6);
	if (helper.reset6)
		symbol_put(nf_send_reset6);
	if (helper.unreach)
		symbol_put(nf_send_unreach);
	if (helper.reset)
		symbol_put(nf_send_reset);
}

int op25b_reject_available(u8 reject, u8 family,
			   struct netlink_ext_ack *extack)
{
	if (reject == OP25B_REJECT_DROP)
		return 0;
	if (family == OP25B_V4) {
		if (helper.reset && helper.unreach)
			return 0;
		NL_SET_ERR_MSG(extack,
			       "nf_reject_ipv4 could not be loaded; use reject drop");
		return -EOPNOTSUPP;
	}
	if (!IS_ENABLED(CONFIG_IPV6) || (helper.reset6 && helper.unreach6))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "nf_reject_ipv6 could not be loaded; use reject drop");
	return -EOPNOTSUPP;
}

/* RFC 1122, section 3.2.2: no answer to or about an address that is no single
 * host: zero, loopback, multicast, class E with the broadcast.
 */
static bool v4_single_host(struct op25b_addr addr)
{
	u8 top = addr.hi >> 56;

	return top != 0 && top != 127 && top < 224;
}

/* RFC 4443, section 2.4 (e): likewise; unspecified, loopback, multicast. */
static bool v6_single_host(struct op25b_addr addr)
{
	return addr.hi >> 56 != 0xff && (addr.hi || addr.lo > 1);
}

/*
 * May anything answer this packet? The helpers ask most of it again, but behind
 * the limits; and they would look at a first fragment, whose checksum covers
 * what is not there.
 */
static bool may_answer(const struct op25b_flow *flow, const struct sk_buff *skb)
{
	if (flow->mute || flow->fragment)
		return false;
	if (skb->pkt_type == PACKET_BROADCAST ||
	    skb->pkt_type == PACKET_MULTICAST)
		return false;
	if (flow->family == OP25B_V4)
		return v4_single_host(flow->src) && v4_single_host(flow->dst);
	return v6_single_host(flow->src) && v6_single_host(flow->dst);
}

static void reset(const struct op25b_flow *flow, struct sk_buff *skb,
		  const struct nf_hook_state *state)
{
	if (flow->family == OP25B_V4 && helper.reset)
		helper.reset(state->net, state->sk, skb, state->hook);
	else if (flow->family == OP25B_V6 && helper.reset6)
		helper.reset6(state->net, state->sk, skb, state->hook);
}

static void unreach(const struct op25b_flow *flow, struct sk_buff *skb,
		    const struct nf_hook_state *state)
{
	if (flow->family == OP25B_V4 && helper.unreach)
		helper.unreach(skb, ICMP_PKT_FILTERED, state->hook);
	else if (flow->family == OP25B_V6 && helper.unreach6)
		helper.unreach6(state->net, skb, ICMPV6_ADM_PROHIBITED,
				state->hook);
}

/*
 * WHAT LEAVES
 *
 * The helpers do not say what has become of a reply: it may find no route, be
 * one too many for the kernel's own limits on ICMP, or be dropped by OUTPUT.
 * They are through with it when they return, so what comes to the end of OUTPUT
 * meanwhile, in the same context, is the reply.
 *
 * On PREEMPT_RT another task may do the same on this CPU in between, and a
 * reply may go uncounted. Nothing here is a pointer that is followed.
 */
struct reply {
	const struct task_struct *sender;	/* NULL: nobody is sending */
	bool left;
};

static DEFINE_PER_CPU(struct reply, reply);

void op25b_reject_left(void)
{
	if (unlikely(this_cpu_read(reply.sender) == current))
		this_cpu_write(reply.left, true);
}

/* Is the checksum of TCP right? The helpers answer no other, and look for it as
 * this does. To be asked before them: a checksum that was looked at once is
 * kept with the packet, and behind PRE_ROUTING taken for right.
 */
static bool is_sound(const struct op25b_flow *flow, struct sk_buff *skb,
		     unsigned int hook)
{
	__be16 fragment;
	int offset;
	u8 proto;

	if (flow->family == OP25B_V4)
		return !nf_checksum(skb, hook, ip_hdrlen(skb), IPPROTO_TCP,
				    AF_INET);
	proto = ipv6_hdr(skb)->nexthdr;
	offset = ipv6_skip_exthdr(skb, sizeof(struct ipv6hdr), &proto,
				  &fragment);
	return offset > 0 && proto == IPPROTO_TCP &&
	       !nf_checksum(skb, hook, offset, IPPROTO_TCP, AF_INET6);
}

/* Is there a route to where the packet came from? */
static bool has_way_back(const struct op25b_flow *flow,
			 const struct sk_buff *skb, struct net *net)
{
	bool v4 = flow->family == OP25B_V4, routed;
	struct dst_entry *dst = NULL;
	struct flowi fl = {};

	if (v4)
		fl.u.ip4.daddr = ip_hdr(skb)->saddr;
	else
		fl.u.ip6.daddr = ipv6_hdr(skb)->saddr;
	if (nf_route(net, &dst, &fl, false, v4 ? AF_INET : AF_INET6))
		return false;
	routed = !dst->error;
	dst_release(dst);
	return routed;
}

/*
 * Resets of bridged packets pass no OUTPUT: they go straight to the device that
 * these came by, if only there is a route to where they came from.
 *
 * Return: the reset has left.
 */
static bool reset_bridged(const struct op25b_flow *flow, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	if (!is_sound(flow, skb, state->hook) ||
	    !has_way_back(flow, skb, state->net))
		return false;
	reset(flow, skb, state);
	return true;
}

/* Return: the reply has left. */
static bool answer(const struct op25b_flow *flow, struct sk_buff *skb,
		   const struct nf_hook_state *state, u8 how)
{
	struct reply before = *this_cpu_ptr(&reply), mine;

	if (how == OP25B_REJECT_TCP_RESET && op25b_bridged(skb))
		return reset_bridged(flow, skb, state);
	*this_cpu_ptr(&reply) = (struct reply){ .sender = current };
	if (how == OP25B_REJECT_TCP_RESET)
		reset(flow, skb, state);
	else
		unreach(flow, skb, state);
	mine = *this_cpu_ptr(&reply);
	*this_cpu_ptr(&reply) = before;
	return mine.sender == current && mine.left;
}

void op25b_reject_send(struct op25b_net *on, const struct op25b_ruleset *rs,
		       const struct op25b_flow *flow, struct sk_buff *skb,
		       const struct nf_hook_state *state, bool reverse)
{
	const struct op25b_knobs *knobs = &rs->knobs;

	if (!may_answer(flow, skb))
		return;
	/* ORDER: the limits come before the helpers, which checksum. */
	if (!op25b_limiter_take(on->limiter, reverse ? OP25B_BUDGET_REVERSE :
				OP25B_BUDGET_FORWARD, flow->family, flow->src,
				knobs->reject_source_rate, knobs->reject_rate,
				ktime_get_coarse_ns())) {
		op25b_stats_count(on->store.stats, OP25B_COUNTER_REPLY_LIMITED,
				  false);
		return;
	}
	if (answer(flow, skb, state, knobs->reject))
		op25b_stats_count(on->store.stats, OP25B_COUNTER_REPLY_SENT,
				  false);
}
