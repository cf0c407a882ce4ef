// SPDX-License-Identifier: GPL-2.0
/*
 * The loops that are timed, and the clock.
 *
 * Timed is nf_hook() as ip_forward() calls it: the hook entries are looked up,
 * every hook called, the verdict acted upon. A dropped packet is "freed" by
 * giving back one of the many references the skb is given at the start; that
 * is a plain decrement here, and the floor that drops pays it too. Subtracted
 * is the same loop without the call: taking the next source from the array and
 * writing it into the header.
 */
#include <linux/bits.h>
#include <linux/bottom_half.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/ktime.h>
#include <linux/netfilter.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "bench.h"

/* More than a round's drops, less than where refcount_t saturates. */
#define REFERENCES BIT(30)

/* User-mode Linux is a thread of a machine that has other work. What the
 * thread has used of its CPU is not disturbed by that, the time of day is.
 */
u64 bench_now_ns(void)
{
#ifdef CONFIG_UML
	enum { SYS_CLOCK_GETTIME = 228, THREAD_CPUTIME = 3 };
	struct { long sec, nsec; } ts = { };
	long ret;

	asm volatile("syscall" : "=a" (ret)
		     : "0" (SYS_CLOCK_GETTIME), "D" (THREAD_CPUTIME), "S" (&ts)
		     : "rcx", "r11", "memory");
	return ret ? ktime_get_ns() : ts.sec * NSEC_PER_SEC + ts.nsec;
#else
	return ktime_get_ns();
#endif
}

static int arrive(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	return 0;
}

static u32 next_source(struct bench_sources *sources)
{
	u32 at = sources->at;

	sources->at = at + 1 == sources->count ? 0 : at + 1;
	return at;
}

/* Return: how many came through. Two functions, as nf_hook() wants to know the
 * family when it is compiled.
 */
static noinline u32 send_v4(struct net *net, struct sk_buff *skb,
			    struct bench_sources *sources, u32 count)
{
	struct net_device *dev = skb->dev;
	struct iphdr *iph = ip_hdr(skb);
	const __be32 *src = sources->data;
	u32 accepted = 0;

	while (count--) {
		iph->saddr = src[next_source(sources)];
		accepted += nf_hook(NFPROTO_IPV4, NF_INET_FORWARD, net, NULL,
				    skb, dev, dev, arrive) == 1;
	}
	return accepted;
}

static noinline u32 send_v6(struct net *net, struct sk_buff *skb,
			    struct bench_sources *sources, u32 count)
{
	struct net_device *dev = skb->dev;
	struct ipv6hdr *ip6h = ipv6_hdr(skb);
	const struct in6_addr *src = sources->data;
	u32 accepted = 0;

	while (count--) {
		ip6h->saddr = src[next_source(sources)];
		accepted += nf_hook(NFPROTO_IPV6, NF_INET_FORWARD, net, NULL,
				    skb, dev, dev, arrive) == 1;
	}
	return accepted;
}

static noinline void idle_v4(struct sk_buff *skb, struct bench_sources *sources,
			     u32 count)
{
	struct iphdr *iph = ip_hdr(skb);
	const __be32 *src = sources->data;

	while (count--) {
		iph->saddr = src[next_source(sources)];
		barrier();
	}
}

static noinline void idle_v6(struct sk_buff *skb, struct bench_sources *sources,
			     u32 count)
{
	struct ipv6hdr *ip6h = ipv6_hdr(skb);
	const struct in6_addr *src = sources->data;

	while (count--) {
		ip6h->saddr = src[next_source(sources)];
		barrier();
	}
}

static u64 per_item_ps(u64 start, u64 end, u32 count)
{
	return div_u64((end - start) * 1000, count);
}

static void time_round(struct net *net, struct sk_buff *skb,
		       struct bench_sources *sources, u32 count,
		       struct bench_result *result)
{
	bool v6 = sources->family == BENCH_V6;
	u64 start, middle, end;
	u32 accepted;

	/* FORWARD runs with bottom halves off, in softirq. */
	refcount_set(&skb->users, REFERENCES);
	local_bh_disable();
	start = bench_now_ns();
	if (v6)
		accepted = send_v6(net, skb, sources, count);
	else
		accepted = send_v4(net, skb, sources, count);
	middle = bench_now_ns();
	if (v6)
		idle_v6(skb, sources, count);
	else
		idle_v4(skb, sources, count);
	end = bench_now_ns();
	local_bh_enable();
	refcount_set(&skb->users, 1);

	result->accepted += accepted;
	result->dropped += count - accepted;
	result->best_ps = min(result->best_ps,
			      per_item_ps(start, middle, count));
	result->empty_ps = min(result->empty_ps,
			       per_item_ps(middle, end, count));
}

int bench_time(struct net *net, struct bench_sources *sources,
	       const struct bench_packet *packet, u32 count, u32 rounds,
	       struct bench_result *result)
{
	struct sk_buff *skb;

	if (sources->family != packet->family || !sources->count)
		return -ENODATA;
	skb = bench_skb(packet, net->loopback_dev);
	if (!skb)
		return -ENOMEM;
	*result = (struct bench_result){ .best_ps = U64_MAX,
					 .empty_ps = U64_MAX };
	while (rounds--) {
		time_round(net, skb, sources, count, result);
		cond_resched();
	}
	kfree_skb(skb);
	return 0;
}

/* One cache line of the chase. */
struct link {
	u32 next;
	u32 pad[15];
};

/* Sattolo's shuffle: one cycle through all links. */
static void shuffle(struct link *links, u32 n)
{
	u32 i, other;

	for (i = 0; i < n; i++)
		links[i].next = i;
	for (i = n - 1; i > 0; i--) {
		other = reciprocal_scale(get_random_u32(), i);
		swap(links[i].next, links[other].next);
	}
}

int bench_chase(void *memory, u64 bytes, u32 count, u32 rounds,
		struct bench_result *result)
{
	u32 n = div_u64(bytes, sizeof(struct link)), at = 0, i;
	struct link *links = memory;
	u64 start, end;

	if (n < 2)
		return -EINVAL;
	shuffle(links, n);
	*result = (struct bench_result){ .best_ps = U64_MAX };
	while (rounds--) {
		start = bench_now_ns();
		for (i = 0; i < count; i++)
			at = READ_ONCE(links[at].next);
		end = bench_now_ns();
		result->best_ps = min(result->best_ps,
				      per_item_ps(start, end, count));
		cond_resched();
	}
	return 0;
}
