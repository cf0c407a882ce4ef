// SPDX-License-Identifier: GPL-2.0
/*
 * Headers to a flow.
 *
 * Lengths come from skb->len through skb_header_pointer(), never from tot_len
 * or payload_len, which are 0 in BIG TCP. The family is that of the function
 * called, never skb->protocol, which lies on bridges and VLANs.
 */
#include "packet/parse.h"

/*
 * How many extension headers may stand in front of TCP. The smallest takes 8
 * bytes, so no more than this fit into an IPv6 packet of 1500 bytes, and no
 * honest sender comes near. A chain that is longer yet (a jumbo frame) is
 * malformed; the bound keeps the walk short for what a stranger may send.
 */
#define MAX_EXTHDRS	((1500 - (int)sizeof(struct ipv6hdr)) / 8)

/* RFC 3128: a TCP fragment at this byte offset can overwrite the flags, and
 * with a tiny fragment before it, what was not there to be judged.
 */
#define TINY_OFFSET	8

static enum op25b_kind malformed(struct op25b_flow *flow)
{
	flow->kind = OP25B_KIND_MALFORMED;
	flow->sport = 0;
	flow->dport = 0;
	flow->syn = false;
	flow->mute = true;
	return OP25B_KIND_MALFORMED;
}

/* A TCP header that is cut short, but shows its ports. */
static enum op25b_kind parse_ports(const struct sk_buff *skb, int offset,
				   struct op25b_flow *flow)
{
	const __be32 *ports;
	const u8 *flags;
	__be32 _ports;
	u8 _flags;

	ports = skb_header_pointer(skb, offset, sizeof(_ports), &_ports);
	if (!ports)
		return malformed(flow);
	if (op25b_ports_other(ports))
		return OP25B_KIND_OTHER;

	flow->kind = OP25B_KIND_SMTP;
	flow->sport = ntohl(*ports) >> 16;
	flow->dport = ntohl(*ports) & 0xffff;
	flow->mute = true;

	/* Flags never matter to the verdict, only to counting, so a header cut
	 * off in front of them is no worse.
	 */
	flags = skb_header_pointer(skb, offset + OP25B_TCP_FLAGS,
				   sizeof(_flags), &_flags);
	flow->syn = flags && op25b_is_attempt(*flags);
	return OP25B_KIND_SMTP;
}

/* TCP begins at @offset; the rest of @flow is filled in by the caller. */
static enum op25b_kind parse_tcp(const struct sk_buff *skb, int offset,
				 struct op25b_flow *flow)
{
	const struct tcphdr *tcp;
	struct tcphdr _tcp;

	tcp = skb_header_pointer(skb, offset, sizeof(_tcp), &_tcp);
	if (!tcp)
		return parse_ports(skb, offset, flow);
	if (op25b_ports_other(tcp))
		return OP25B_KIND_OTHER;
	op25b_parse_smtp(tcp, flow);
	return OP25B_KIND_SMTP;
}

/*
 * Is a source route in play? The options are read from the packet: bridge
 * netfilter clears IPCB. A list that cannot be read to its end may hide one.
 */
static bool v4_source_routed(const struct sk_buff *skb, int start, int len)
{
	u8 buf[60 - sizeof(struct iphdr)];
	const u8 *opt;
	int i = 0;

	opt = skb_header_pointer(skb, start, len, buf);
	if (!opt)
		return true;

	while (i < len && opt[i] != IPOPT_END) {
		if (opt[i] == IPOPT_NOOP) {
			i++;
			continue;
		}
		if (i + 2 > len || opt[i + 1] < 2 || i + opt[i + 1] > len)
			return true;
		if (opt[i] == IPOPT_LSRR || opt[i] == IPOPT_SSRR) {
			/* The pointer counts from 1 at the type byte; beyond
			 * the length, all addresses have been visited.
			 */
			if (opt[i + 1] < 3 || opt[i + 2] <= opt[i + 1])
				return true;
		}
		i += opt[i + 1];
	}
	return false;
}

enum op25b_kind op25b_parse_odd_v4(const struct sk_buff *skb,
				   struct op25b_flow *flow)
{
	int start = skb_network_offset(skb);
	const struct iphdr *iph;
	struct iphdr _iph;
	u16 fragment;
	int hlen;

	iph = skb_header_pointer(skb, start, sizeof(_iph), &_iph);
	if (!iph || iph->protocol != IPPROTO_TCP)
		return OP25B_KIND_OTHER;

	/* Any other offset is accepted without a look at bytes that may only
	 * look like ports.
	 */
	fragment = ntohs(iph->frag_off);
	if ((fragment & IP_OFFSET) && (fragment & IP_OFFSET) != TINY_OFFSET / 8)
		return OP25B_KIND_OTHER;

	hlen = iph->ihl * 4;
	flow->family = OP25B_V4;
	flow->src = op25b_addr_v4(iph->saddr);
	flow->dst = op25b_addr_v4(iph->daddr);
	flow->fragment = fragment & (IP_OFFSET | IP_MF);
	flow->source_routed = hlen > sizeof(_iph) &&
			      v4_source_routed(skb, start + sizeof(_iph),
					       hlen - sizeof(_iph));
	if ((fragment & IP_OFFSET) || hlen < sizeof(_iph))
		return malformed(flow);
	return parse_tcp(skb, start + hlen, flow);
}

/* Where the walk through a chain of extension headers stands. */
struct walk {
	int offset;
	int left;		/* extension headers that may still come */
	u8 nexthdr;
	bool source_routed;
	bool fragment;
};

enum step {
	STEP_ON,		/* an extension header is behind us */
	STEP_TCP,		/* TCP begins at walk->offset */
	STEP_OTHER,		/* no TCP here: row 1 */
	STEP_LOST,		/* cut off, or RFC 3128 */
};

static enum step step_fragment(const struct sk_buff *skb, struct walk *walk)
{
	const struct frag_hdr *fh;
	struct frag_hdr _fh;
	u16 offset;

	fh = skb_header_pointer(skb, walk->offset, sizeof(_fh), &_fh);
	if (!fh)
		return STEP_LOST;

	offset = ntohs(fh->frag_off) & IP6_OFFSET;
	if (offset) {
		/* A later fragment: legal whatever comes next, and its bytes
		 * are not headers.
		 */
		if (fh->nexthdr != IPPROTO_TCP || offset != TINY_OFFSET)
			return STEP_OTHER;
		walk->fragment = true;
		return STEP_LOST;
	}
	if (fh->frag_off & htons(IP6_MF))
		walk->fragment = true;
	walk->nexthdr = fh->nexthdr;
	walk->offset += sizeof(_fh);
	return STEP_ON;
}

static enum step step_routing(const struct sk_buff *skb, struct walk *walk)
{
	const struct ipv6_rt_hdr *rh;
	struct ipv6_rt_hdr _rh;

	rh = skb_header_pointer(skb, walk->offset, sizeof(_rh), &_rh);
	if (!rh)
		return STEP_LOST;
	if (rh->segments_left)
		walk->source_routed = true;
	walk->nexthdr = rh->nexthdr;
	walk->offset += ipv6_optlen(rh);
	return STEP_ON;
}

/* AH counts its length in units of 4 bytes, the others in units of 8. */
static enum step step_options(const struct sk_buff *skb, struct walk *walk)
{
	const struct ipv6_opt_hdr *oh;
	struct ipv6_opt_hdr _oh;

	oh = skb_header_pointer(skb, walk->offset, sizeof(_oh), &_oh);
	if (!oh)
		return STEP_LOST;
	walk->offset += walk->nexthdr == NEXTHDR_AUTH ? ipv6_authlen(oh) :
							ipv6_optlen(oh);
	walk->nexthdr = oh->nexthdr;
	return STEP_ON;
}

/* ESP, no next header, mobility, HIP, shim6, tunnels and what nobody knows are
 * not TCP: whatever they carry, no TCP stack on the way takes it as that.
 */
static enum step step(const struct sk_buff *skb, struct walk *walk)
{
	switch (walk->nexthdr) {
	case IPPROTO_TCP:
		return STEP_TCP;
	case NEXTHDR_HOP:
	case NEXTHDR_DEST:
	case NEXTHDR_AUTH:
	case NEXTHDR_ROUTING:
	case NEXTHDR_FRAGMENT:
		break;
	default:
		return STEP_OTHER;
	}
	/* One too many, whatever it may say. */
	if (!walk->left--)
		return STEP_LOST;
	if (walk->nexthdr == NEXTHDR_ROUTING)
		return step_routing(skb, walk);
	if (walk->nexthdr == NEXTHDR_FRAGMENT)
		return step_fragment(skb, walk);
	return step_options(skb, walk);
}

enum op25b_kind op25b_parse_odd_v6(const struct sk_buff *skb,
				   struct op25b_flow *flow)
{
	int start = skb_network_offset(skb);
	const struct ipv6hdr *ip6h;
	struct walk walk = { .left = MAX_EXTHDRS };
	struct ipv6hdr _ip6h;
	enum step s;

	ip6h = skb_header_pointer(skb, start, sizeof(_ip6h), &_ip6h);
	if (!ip6h)
		return OP25B_KIND_OTHER;

	walk.nexthdr = ip6h->nexthdr;
	walk.offset = start + sizeof(_ip6h);
	do
		s = step(skb, &walk);
	while (s == STEP_ON);
	if (s == STEP_OTHER)
		return OP25B_KIND_OTHER;

	flow->family = OP25B_V6;
	flow->src = op25b_addr_v6(ip6h->saddr.s6_addr32);
	flow->dst = op25b_addr_v6(ip6h->daddr.s6_addr32);
	flow->fragment = walk.fragment;
	flow->source_routed = walk.source_routed;
	if (s != STEP_TCP)
		return malformed(flow);
	return parse_tcp(skb, walk.offset, flow);
}
