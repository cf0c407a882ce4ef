// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that cross FORWARD more than once.
 *
 * Theory of operation
 * ===================
 *
 * A hypervisor may put a bridge of its own between a guest and the bridge of
 * all guests, and tie them together by a pair of devices (veth); a router may
 * lead from one VRF to another by such a pair:
 *
 *	tap0 - fwbr - fwln === fwpr - vmbr - eth0
 *
 * A packet is judged each time, since the first bridge need not be one that
 * netfilter sees; but it shall be counted once. What leaves by an end of a pair
 * whose other end is in the same namespace is remembered; what comes in by such
 * an end is looked for, and forgotten. It is the same skb by then, on the same
 * CPU, unless somebody steers packets (RPS), copies them, or delays them: then
 * it is counted again.
 *
 * The memory is small: a slot is overwritten by another packet that hashes to
 * it, and means nothing after a tenth of a second, before any TCP repeats
 * itself. On PREEMPT_RT packets may preempt each other here; at worst, one is
 * counted twice.
 */
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/percpu.h>

#include "ns/again.h"
#include "packet/flow.h"

#define SLOT_BITS	6
#define LASTS		(HZ / 10)

struct slot {
	const struct sk_buff *skb;	/* compared, never followed */
	u32 flow;
	u32 when;			/* jiffies */
};

static DEFINE_PER_CPU(struct slot[1 << SLOT_BITS], slots);

/* One of two devices in this namespace that name each other. */
static bool is_pair(struct net *net, const struct net_device *dev)
{
	const struct net_device *other;
	int iflink;

	if (!dev || !op25b_may_pair(dev))
		return false;
	iflink = dev_get_iflink(dev);
	other = dev_get_by_index_rcu(net, iflink);
	return other && dev_get_iflink(other) == dev->ifindex;
}

static bool by_pair(const struct nf_hook_state *state, bool bridged, int port,
		    const struct net_device *dev)
{
	return is_pair(state->net, bridged ?
		       dev_get_by_index_rcu(state->net, port) : dev);
}

static u32 hash_flow(const struct nf_hook_state *state,
		     const struct op25b_flow *flow)
{
	u64 hash = (u32)flow->sport << 16 | flow->dport;

	hash = op25b_addr_hash(hash ^ (uintptr_t)state->net, flow->src);
	return op25b_addr_hash(hash, flow->dst) >> 32;
}

bool op25b_came_again(const struct sk_buff *skb,
		      const struct nf_hook_state *state,
		      const struct op25b_flow *flow)
{
	struct slot *slot = &this_cpu_ptr(slots)[hash_ptr(skb, SLOT_BITS)];
	bool bridged = op25b_bridged(skb), again = false;

	if (by_pair(state, bridged, op25b_bridged_in(skb), state->in)) {
		again = slot->skb == skb &&
			slot->flow == hash_flow(state, flow) &&
			(u32)jiffies - slot->when < LASTS;
		slot->skb = NULL;
	}
	if (by_pair(state, bridged, op25b_bridged_out(skb), state->out)) {
		slot->skb = skb;
		slot->flow = hash_flow(state, flow);
		slot->when = jiffies;
	}
	return again;
}
