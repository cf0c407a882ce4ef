// SPDX-License-Identifier: GPL-2.0
/*
 * The peer in eBPF: a netfilter program (Linux 6.4 and later) with a trie of
 * subscribers, BPF_MAP_TYPE_LPM_TRIE, and a hash of relays. It does the least
 * that may be compared: first fragments and whole packets to port 25; it looks
 * behind no extension header, counts nothing and answers nothing.
 */
#include <linux/types.h>

#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "kfunc.h"
#include "peer.h"

#define NF_DROP		0
#define NF_ACCEPT	1
#define FRAGMENT_OFFSET	0x1fff
#define SMTP		25

/* Of include/linux/netfilter.h and kernel/bpf: the verifier puts the kernel's
 * own types in their places, and takes the skb for a __sk_buff.
 */
struct bpf_nf_ctx {
	const void *state;
	void *skb;
};

/* max_entries: what the loader says. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct key4);
	__type(value, __u32);
} prefixes4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct key6);
	__type(value, __u32);
} prefixes6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u8[4]);
	__type(value, __u32);
} relays4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u8[16]);
	__type(value, __u32);
} relays6 SEC(".maps");

/* A function of its own: what only pointers in other structs name is not
 * described whole in the object, and the kernel compares.
 */
static __noinline int packet_of(struct __sk_buff *skb,
				struct bpf_dynptr *packet)
{
	return bpf_dynptr_from_skb(skb, 0, packet);
}

struct ports {
	__be16 source;
	__be16 dest;
};

static __always_inline int verdict(void *prefixes, const void *src,
				   void *relays, const void *dst)
{
	__u32 *action = bpf_map_lookup_elem(prefixes, src);

	if (!action || *action != PEER_BLOCK)
		return NF_ACCEPT;
	return bpf_map_lookup_elem(relays, dst) ? NF_ACCEPT : NF_DROP;
}

SEC("netfilter")
int filter4(struct bpf_nf_ctx *ctx)
{
	struct key4 src = { .bits = 32 };
	__u8 dst[4];
	struct bpf_dynptr packet;
	struct ports room, *ports;
	struct iphdr head, *ip;

	if (packet_of(ctx->skb, &packet))
		return NF_ACCEPT;
	ip = bpf_dynptr_slice(&packet, 0, &head, sizeof(head));
	if (!ip || ip->protocol != IPPROTO_TCP ||
	    ip->frag_off & bpf_htons(FRAGMENT_OFFSET))
		return NF_ACCEPT;
	ports = bpf_dynptr_slice(&packet, ip->ihl * 4, &room, sizeof(room));
	if (!ports || ports->dest != bpf_htons(SMTP))
		return NF_ACCEPT;
	__builtin_memcpy(src.addr, &ip->saddr, sizeof(src.addr));
	__builtin_memcpy(dst, &ip->daddr, sizeof(dst));
	return verdict(&prefixes4, &src, &relays4, dst);
}

SEC("netfilter")
int filter6(struct bpf_nf_ctx *ctx)
{
	struct key6 src = { .bits = 128 };
	__u8 dst[16];
	struct bpf_dynptr packet;
	struct ports room, *ports;
	struct ipv6hdr head, *ip;

	if (packet_of(ctx->skb, &packet))
		return NF_ACCEPT;
	ip = bpf_dynptr_slice(&packet, 0, &head, sizeof(head));
	if (!ip || ip->nexthdr != IPPROTO_TCP)
		return NF_ACCEPT;
	ports = bpf_dynptr_slice(&packet, sizeof(head), &room, sizeof(room));
	if (!ports || ports->dest != bpf_htons(SMTP))
		return NF_ACCEPT;
	__builtin_memcpy(src.addr, &ip->saddr, sizeof(src.addr));
	__builtin_memcpy(dst, &ip->daddr, sizeof(dst));
	return verdict(&prefixes6, &src, &relays6, dst);
}

char _license[] SEC("license") = "GPL";
