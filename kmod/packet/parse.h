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
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "packet/flow.h"

/* A plain packet: both headers whole and linear, IP without options and
 * extension headers, no fragment. Nearly all TCP is.
 */
struct op25b_plain_v4 {
	struct iphdr ip;
	struct tcphdr tcp;
};

struct op25b_plain_v6 {
	struct ipv6hdr ip;
	struct tcphdr tcp;
};

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

static inline const struct op25b_plain_v4 *
op25b_plain_v4(const struct sk_buff *skb)
{
	const struct op25b_plain_v4 *plain;

	plain = op25b_linear(skb, skb_network_offset(skb), sizeof(*plain));
	if (!plain || plain->ip.protocol != IPPROTO_TCP ||
	    plain->ip.ihl != sizeof(plain->ip) / 4 ||
	    plain->ip.frag_off & htons(IP_MF | IP_OFFSET))
		return NULL;
	return plain;
}

static inline const struct op25b_plain_v6 *
op25b_plain_v6(const struct sk_buff *skb)
{
	const struct op25b_plain_v6 *plain;

	plain = op25b_linear(skb, skb_network_offset(skb), sizeof(*plain));
	return plain && plain->ip.nexthdr == IPPROTO_TCP ? plain : NULL;
}

/* The headers of a plain packet, NULL for any other. @family: enum
 * op25b_family, best a constant, here and below.
 */
static __always_inline const void *op25b_plain(const struct sk_buff *skb,
					       u8 family)
{
	return family == OP25B_V4 ? (const void *)op25b_plain_v4(skb) :
				    (const void *)op25b_plain_v6(skb);
}

/* Both ports at once, in network order; @tcp is their address. */
static inline bool op25b_ports_other(const void *tcp)
{
	u32 both = ntohl(*(const __be32 *)tcp);

	return both >> 16 != OP25B_SMTP_PORT &&
	       (both & 0xffff) != OP25B_SMTP_PORT;
}

static inline bool op25b_glance_v4(const struct sk_buff *skb,
				   const struct op25b_plain_v4 *plain)
{
	int start = skb_network_offset(skb);
	const struct iphdr *iph;
	const void *tcp;

	if (likely(plain))
		return op25b_ports_other(&plain->tcp);
	iph = op25b_linear(skb, start, sizeof(*iph));
	if (!iph)
		return false;
	if (iph->protocol != IPPROTO_TCP)
		return true;
	if (iph->ihl < 5 || iph->frag_off & htons(IP_OFFSET))
		return false;
	tcp = op25b_linear(skb, start + iph->ihl * 4, sizeof(__be32));
	return tcp && op25b_ports_other(tcp);
}

static inline bool op25b_glance_v6(const struct sk_buff *skb,
				   const struct op25b_plain_v6 *plain)
{
	const struct ipv6hdr *ip6h;

	if (likely(plain))
		return op25b_ports_other(&plain->tcp);
	ip6h = op25b_linear(skb, skb_network_offset(skb), sizeof(*ip6h));
	return ip6h && (ip6h->nexthdr == IPPROTO_UDP ||
			ip6h->nexthdr == IPPROTO_ESP);
}

/* @plain: what op25b_plain() says of @skb, here and below. */
static __always_inline bool op25b_glance(const struct sk_buff *skb,
					 const void *plain, u8 family)
{
	return family == OP25B_V4 ? op25b_glance_v4(skb, plain) :
				    op25b_glance_v6(skb, plain);
}

/* Where in the TCP header the flags are. */
#define OP25B_TCP_FLAGS	13
#define OP25B_TCP_SYN	0x02
#define OP25B_TCP_RST	0x04
#define OP25B_TCP_ACK	0x10

static inline bool op25b_is_attempt(u8 flags)
{
	return (flags & (OP25B_TCP_SYN | OP25B_TCP_ACK | OP25B_TCP_RST)) ==
	       OP25B_TCP_SYN;
}

/* A whole TCP header, one of whose ports is 25. */
static inline void op25b_parse_smtp(const struct tcphdr *tcp,
				    struct op25b_flow *flow)
{
	u8 flags = ((const u8 *)tcp)[OP25B_TCP_FLAGS];

	flow->kind = OP25B_KIND_SMTP;
	flow->sport = ntohs(tcp->source);
	flow->dport = ntohs(tcp->dest);
	flow->syn = op25b_is_attempt(flags);
	flow->mute = flags & OP25B_TCP_RST;
}

static inline void op25b_parse_plain_v4(const struct op25b_plain_v4 *plain,
					struct op25b_flow *flow)
{
	flow->src = op25b_addr_v4(plain->ip.saddr);
	flow->dst = op25b_addr_v4(plain->ip.daddr);
	op25b_parse_smtp(&plain->tcp, flow);
}

static inline void op25b_parse_plain_v6(const struct op25b_plain_v6 *plain,
					struct op25b_flow *flow)
{
	flow->src = op25b_addr_v6(plain->ip.saddr.s6_addr32);
	flow->dst = op25b_addr_v6(plain->ip.daddr.s6_addr32);
	op25b_parse_smtp(&plain->tcp, flow);
}

/* A plain packet that is not OP25B_KIND_OTHER. */
static __always_inline void op25b_parse_plain(const void *plain, u8 family,
					      struct op25b_flow *flow)
{
	flow->family = family;
	flow->source_routed = false;
	flow->fragment = false;
	if (family == OP25B_V4)
		op25b_parse_plain_v4(plain, flow);
	else
		op25b_parse_plain_v6(plain, flow);
}

/* Any packet, with whatever may be odd about it. @flow is whole unless
 * OP25B_KIND_OTHER comes back. The network header of @skb is set; nothing else
 * of the skb is assumed (no dst, no IPCB).
 */
enum op25b_kind op25b_parse_odd_v4(const struct sk_buff *skb,
				   struct op25b_flow *flow);
enum op25b_kind op25b_parse_odd_v6(const struct sk_buff *skb,
				   struct op25b_flow *flow);

static __always_inline enum op25b_kind
op25b_parse_odd(const struct sk_buff *skb, u8 family, struct op25b_flow *flow)
{
	return family == OP25B_V4 ? op25b_parse_odd_v4(skb, flow) :
				    op25b_parse_odd_v6(skb, flow);
}

/* The same, for what the glance did not pass. */
static __always_inline enum op25b_kind op25b_parse(const struct sk_buff *skb,
						   const void *plain, u8 family,
						   struct op25b_flow *flow)
{
	if (unlikely(!plain))
		return op25b_parse_odd(skb, family, flow);
	op25b_parse_plain(plain, family, flow);
	return OP25B_KIND_SMTP;
}

#endif /* _OP25B_PARSE_H */
