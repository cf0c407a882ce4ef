/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stopwatch of tests/bench: what a packet costs in NF_INET_FORWARD, and
 * what this machine's memory costs.
 */
#ifndef _OP25B_BENCH_H
#define _OP25B_BENCH_H

#include <linux/compiler.h>
#include <linux/in6.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include <net/net_namespace.h>

#define BENCH_V6 6

/**
 * struct bench_sources - addresses that packets come from, in their order
 * @data: be32 or struct in6_addr, as @family says
 * @count: how many
 * @at: the next one; goes round and is never reset, so that a source returns
 *	only when all others have been
 * @family: 4 or 6
 */
struct bench_sources {
	void *data;
	u32 count;
	u32 at;
	u8 family;
};

/**
 * struct bench_packet - what to send
 * @dst: destination; IPv4 in the first word
 * @dport: of the TCP header, host order
 * @family: 4 or 6
 */
struct bench_packet {
	struct in6_addr dst;
	u16 dport;
	u8 family;
};

/**
 * struct bench_result - of many rounds
 * @best_ps: picoseconds for each packet in the best round, loop included
 * @empty_ps: the same loop without a packet's way through the hooks
 * @accepted: packets of all rounds that came through
 * @dropped: packets of all rounds that did not
 */
struct bench_result {
	u64 best_ps;
	u64 empty_ps;
	u64 accepted;
	u64 dropped;
};

/* CPU time of this thread where the machine has other work, else time. */
u64 bench_now_ns(void);

/* A TCP SYN that the network stack would forward. NULL: no memory. */
struct sk_buff *bench_skb(const struct bench_packet *packet,
			  struct net_device *dev);

/* @rounds times @count packets through the FORWARD hooks of @net. */
int bench_time(struct net *net, struct bench_sources *sources,
	       const struct bench_packet *packet, u32 count, u32 rounds,
	       struct bench_result *result);

/* @rounds times @count dependent reads, random over @bytes of @memory. */
int bench_chase(void *memory, u64 bytes, u32 count, u32 rounds,
		struct bench_result *result);

#endif /* _OP25B_BENCH_H */
