// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer on the parser. An input is four bytes that say how the packet lies
 * in its skb, then the packet from the IP header on:
 *
 *	0  bit 0: IPv6; bit 1: linear
 *	1  bytes of another header in front, 0 to 31
 *	2  linear bytes, modulo the length
 *	3  bytes of each further piece
 *
 * The oracle is the naive parser, which sees nothing of the skb. Beside that,
 * the glance may never say more than the parser, and nobody may touch a byte
 * that is not the packet's: head and pieces are allocations of their own.
 */
#include <linux/skbuff.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "packet/parse.h"
#include "parse_naive.h"

/* Longer ones tell nothing new; 2^16 and more is for the lab's GSO packets. */
#define LONGEST	4096

static const char kinds[] = {
	[OP25B_KIND_OTHER] = 'o',
	[OP25B_KIND_SMTP] = 's',
	[OP25B_KIND_MALFORMED] = 'm',
};

static void cut_up(struct sk_buff *skb, const u8 *packet, int piece)
{
	int at, n;

	for (at = skb->headlen - skb->network; at < skb->len - skb->network;
	     at += n) {
		struct shim_piece *p = &skb->piece[skb->pieces++];
		u8 *bytes;

		n = skb->len - skb->network - at;
		if (skb->pieces < SHIM_PIECES && n > piece)
			n = piece;
		bytes = malloc(n);
		memcpy(bytes, packet + at, n);
		*p = (struct shim_piece){ bytes, n };
	}
}

static void make_skb(struct sk_buff *skb, const u8 *shape, const u8 *packet,
		     int len)
{
	int front = shape[1] % 32;
	int linear = shape[0] & 2 ? len : shape[2] % (len + 1);

	*skb = (struct sk_buff){ .network = front, .len = front + len,
				 .headlen = front + linear };
	skb->head = malloc(skb->headlen ? skb->headlen : 1);
	skb->data = skb->head;
	memset(skb->data, 0xa5, front);
	memcpy(skb->data + front, packet, linear);
	cut_up(skb, packet, shape[3] % 64 + 1);
}

static void free_skb(struct sk_buff *skb)
{
	int i;

	for (i = 0; i < skb->pieces; i++)
		free((void *)skb->piece[i].at);
	free(skb->head);
}

static bool same_addr(struct op25b_addr addr, const u8 *bytes, int len)
{
	int i;

	for (i = 0; i < 16; i++) {
		u64 half = i < 8 ? addr.hi : addr.lo;
		u8 want = i < len ? bytes[i] : 0;

		if ((half >> (56 - i % 8 * 8) & 0xff) != want)
			return false;
	}
	return true;
}

/* Return: what differs, NULL if nothing does. */
static const char *compare(const struct op25b_flow *flow,
			   const struct naive *want, bool v6, const u8 *packet)
{
	int size = v6 ? 16 : 4;
	const u8 *addrs = packet + (v6 ? 8 : 12);

	if (kinds[flow->kind] != want->kind)
		return "kind of flow";
	if (flow->family != (v6 ? OP25B_V6 : OP25B_V4))
		return "family";
	if (flow->sport != want->sport || flow->dport != want->dport)
		return "ports";
	if (flow->syn != want->syn)
		return "syn";
	if (flow->mute != want->mute)
		return "mute";
	if (flow->source_routed != want->routed)
		return "source_routed";
	if (flow->fragment != want->fragment)
		return "fragment";
	if (!same_addr(flow->src, addrs, size))
		return "source address";
	if (!same_addr(flow->dst, addrs + size, size))
		return "destination address";
	return NULL;
}

static const char *check(enum op25b_kind kind, const struct op25b_flow *flow,
			 const struct naive *want, bool v6, const u8 *packet)
{
	if (kinds[kind] != want->kind)
		return "kind";
	if (kind == OP25B_KIND_OTHER)
		return NULL;
	return compare(flow, want, v6, packet);
}

static const char *judge(const struct sk_buff *skb, bool v6, const u8 *packet,
			 int len)
{
	struct bytes bytes = { packet, len };
	struct naive want = v6 ? naive_v6(bytes) : naive_v4(bytes);
	u8 family = v6 ? OP25B_V6 : OP25B_V4;
	const void *plain = op25b_plain(skb, family);
	struct op25b_flow flow;
	enum op25b_kind kind;
	const char *differs;

	memset(&flow, 0xa5, sizeof(flow));
	kind = op25b_parse_odd(skb, family, &flow);
	differs = check(kind, &flow, &want, v6, packet);
	if (differs)
		return differs;
	if (op25b_glance(skb, plain, family))
		return kind == OP25B_KIND_OTHER ? NULL : "glance";
	/* As the hook does what the glance has not passed. */
	memset(&flow, 0xa5, sizeof(flow));
	kind = op25b_parse(skb, plain, family, &flow);
	return check(kind, &flow, &want, v6, packet);
}

int LLVMFuzzerTestOneInput(const u8 *input, size_t size)
{
	const char *differs;
	struct sk_buff skb;
	const u8 *packet;
	int len;

	if (size < SHAPE_BYTES || size > LONGEST)
		return 0;
	/* An allocation of its own: the naive parser is watched as well. */
	len = size - SHAPE_BYTES;
	packet = memcpy(malloc(len ? len : 1), input + SHAPE_BYTES, len);
	make_skb(&skb, input, packet, len);
	differs = judge(&skb, input[0] & 1, packet, len);
	if (differs) {
		fprintf(stderr, "parser and naive parser differ: %s\n",
			differs);
		abort();
	}
	free_skb(&skb);
	free((void *)packet);
	return 0;
}
