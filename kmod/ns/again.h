/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that cross FORWARD more than once on their way through a namespace.
 */
#ifndef _OP25B_AGAIN_H
#define _OP25B_AGAIN_H

#include <linux/if_macvlan.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>

#include "ns/bridged.h"

struct op25b_flow;

/* Devices that name no other one are no pair, and those of which a router has
 * thousands name the one below.
 */
static inline bool op25b_may_pair(const struct net_device *dev)
{
	return dev->netdev_ops->ndo_get_iflink && !is_vlan_dev(dev) &&
	       !netif_is_macvlan(dev);
}

/* op25b_again() where one of the two devices may be of a pair. */
bool op25b_came_again(const struct sk_buff *skb,
		      const struct nf_hook_state *state,
		      const struct op25b_flow *flow);

/* Has @skb, which is let pass, been counted in this namespace before? If it
 * will come once more, that is remembered.
 * Context: packet path, bottom halves off.
 */
static inline bool op25b_again(const struct sk_buff *skb,
			       const struct nf_hook_state *state,
			       const struct op25b_flow *flow)
{
	if (likely(!op25b_bridged(skb) &&
		   !(state->in && op25b_may_pair(state->in)) &&
		   !(state->out && op25b_may_pair(state->out))))
		return false;
	return op25b_came_again(skb, state, flow);
}

#endif /* _OP25B_AGAIN_H */
