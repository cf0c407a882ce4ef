/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Headers to a flow: what the verdict needs to know of a packet, and nothing
 * of its skb. Every access is bounds-checked by skb_header_pointer().
 */
#ifndef _OP25B_PARSE_H
#define _OP25B_PARSE_H

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "addr.h"

#define OP25B_SMTP_PORT 25	/* RFC 5321, section 4.5.4.2 */

enum op25b_kind {
	/* Row 1 of the verdict table whatever the knobs: not TCP, or its ports
	 * can be read and neither is 25, or a later fragment. The flow is not
	 * filled in.
	 */
	OP25B_KIND_OTHER,
	/* TCP, its ports can be read and at least one of them is 25. */
	OP25B_KIND_SMTP,
	/* TCP whose port cannot be read, or what may hide it: row 6. */
	OP25B_KIND_MALFORMED,
};

/**
 * struct op25b_flow - a packet as the verdict sees it
 * @src: source address
 * @dst: destination address as FORWARD sees it
 * @sport: source port, host order; 0 when malformed
 * @dport: destination port, host order; 0 when malformed
 * @family: enum op25b_family
 * @kind: enum op25b_kind
 * @syn: SYN set, ACK and RST not: an attempt to connect
 * @mute: RST set, or the TCP header is cut short: nothing answers that
 * @source_routed: a source route is in play, so @dst may not be the end
 * @fragment: part of a fragmented datagram (an atomic fragment is not)
 */
struct op25b_flow {
	struct op25b_addr src;
	struct op25b_addr dst;
	u16 sport;
	u16 dport;
	u8 family;
	u8 kind;
	bool syn;
	bool mute;
	bool source_routed;
	bool fragment;
};

/* All three: @flow is whole unless OP25B_KIND_OTHER comes back. The network
 * header of @skb is set; nothing else of the skb is assumed (no dst, no IPCB).
 */
enum op25b_kind op25b_parse_v4(const struct sk_buff *skb,
			       struct op25b_flow *flow);
enum op25b_kind op25b_parse_v6(const struct sk_buff *skb,
			       struct op25b_flow *flow);

/*
 * The glance: is @skb OP25B_KIND_OTHER, as far as its linear bytes tell? Every
 * packet of the router pays for this, so it is inlined into the hook, takes no
 * local's address (which would cost a stack canary) and calls nothing: the
 * skb to copy from is NULL, hence what is not linear is not found. False means
 * "parse it", true is what the parser would have said.
 */
static inline const void *op25b_linear(const struct sk_buff *skb, int offset,
				       int len)
{
	return __skb_header_pointer(NULL, offset, len, skb->data,
				    skb_headlen(skb), NULL);
}

/* Both ports at once, in network order. */
static inline bool op25b_ports_other(__be32 ports)
{
	u32 both = ntohl(ports);

	return both >> 16 != OP25B_SMTP_PORT &&
	       (both & 0xffff) != OP25B_SMTP_PORT;
}

static inline bool op25b_glance_v4(const struct sk_buff *skb)
{
	int start = skb_network_offset(skb);
	const struct iphdr *iph;
	const __be32 *ports;

	iph = op25b_linear(skb, start, sizeof(*iph));
	if (!iph)
		return false;
	if (iph->protocol != IPPROTO_TCP)
		return true;
	if (iph->ihl < 5 || iph->frag_off & htons(IP_OFFSET))
		return false;
	ports = op25b_linear(skb, start + iph->ihl * 4, sizeof(*ports));
	return ports && op25b_ports_other(*ports);
}

static inline bool op25b_glance_v6(const struct sk_buff *skb)
{
	int start = skb_network_offset(skb);
	const struct ipv6hdr *ip6h;
	const __be32 *ports;

	ip6h = op25b_linear(skb, start, sizeof(*ip6h));
	if (!ip6h)
		return false;
	if (ip6h->nexthdr == IPPROTO_UDP || ip6h->nexthdr == IPPROTO_ESP)
		return true;
	if (ip6h->nexthdr != IPPROTO_TCP)
		return false;
	ports = op25b_linear(skb, start + sizeof(*ip6h), sizeof(*ports));
	return ports && op25b_ports_other(*ports);
}

#endif /* _OP25B_PARSE_H */
