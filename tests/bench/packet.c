// SPDX-License-Identifier: GPL-2.0
/*
 * The packet: a TCP SYN, made once and sent many times.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>

#include "bench.h"

#define HEADROOM 128

static void put_ipv4(struct sk_buff *skb, const struct bench_packet *packet)
{
	struct iphdr *iph;

	skb_reset_network_header(skb);
	iph = skb_put_zero(skb, sizeof(*iph));
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->ttl = 63;
	iph->protocol = IPPROTO_TCP;
	iph->tot_len = htons(sizeof(*iph) + sizeof(struct tcphdr));
	iph->daddr = packet->dst.s6_addr32[0];
	skb->protocol = htons(ETH_P_IP);
}

static void put_ipv6(struct sk_buff *skb, const struct bench_packet *packet)
{
	struct ipv6hdr *ip6h;

	skb_reset_network_header(skb);
	ip6h = skb_put_zero(skb, sizeof(*ip6h));
	ip6h->version = 6;
	ip6h->hop_limit = 63;
	ip6h->nexthdr = IPPROTO_TCP;
	ip6h->payload_len = htons(sizeof(struct tcphdr));
	ip6h->daddr = packet->dst;
	skb->protocol = htons(ETH_P_IPV6);
}

struct sk_buff *bench_skb(const struct bench_packet *packet,
			  struct net_device *dev)
{
	struct sk_buff *skb = alloc_skb(HEADROOM * 2, GFP_KERNEL);
	struct tcphdr *th;

	if (!skb)
		return NULL;
	skb_reserve(skb, HEADROOM);
	if (packet->family == BENCH_V6)
		put_ipv6(skb, packet);
	else
		put_ipv4(skb, packet);
	skb_set_transport_header(skb, skb->len);
	th = skb_put_zero(skb, sizeof(*th));
	th->source = htons(40000);
	th->dest = htons(packet->dport);
	th->doff = sizeof(*th) / 4;
	th->syn = 1;
	skb->dev = dev;
	return skb;
}
