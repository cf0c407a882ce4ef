/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What br_netfilter knows of a packet that it brings into FORWARD. A kernel
 * that is built without it brings none.
 */
#ifndef _OP25B_BRIDGED_H
#define _OP25B_BRIDGED_H

#include <linux/netfilter_bridge.h>

#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
static inline bool op25b_bridged(const struct sk_buff *skb)
{
	return nf_bridge_info_exists(skb);
}

/* The ports that it came in by and goes out by, 0 for none. */
static inline int op25b_bridged_in(const struct sk_buff *skb)
{
	return nf_bridge_get_physinif(skb);
}

static inline int op25b_bridged_out(const struct sk_buff *skb)
{
	return nf_bridge_get_physoutif(skb);
}
#else
static inline bool op25b_bridged(const struct sk_buff *skb)
{
	return false;
}

static inline int op25b_bridged_in(const struct sk_buff *skb)
{
	return 0;
}

static inline int op25b_bridged_out(const struct sk_buff *skb)
{
	return 0;
}
#endif

#endif /* _OP25B_BRIDGED_H */
