// SPDX-License-Identifier: GPL-2.0
/*
 * The parser: the packets of parse_rows.h, a few long chains, and random ones
 * against the naive parser of parse_naive.h. Every packet is parsed as skbs of
 * many shapes, and the glance may never say more than that.
 */
#include <kunit/test.h>
#include <linux/moduleparam.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include "packet/parse.h"
#include "parse_naive.h"
#include "parse_rows.h"
#include "rnd.h"

static ulong seed;
module_param_named(parse_seed, seed, ulong, 0444);
MODULE_PARM_DESC(parse_seed, "repeat the random packets of this seed");

/* As if nobody had glanced at it. */
static enum op25b_kind parse_odd(const struct sk_buff *skb, u8 family,
				 struct op25b_flow *flow)
{
	memset(flow, 0xa5, sizeof(*flow));
	return op25b_parse_odd(skb, family, flow);
}

/* The glance has not passed it. */
static enum op25b_kind parse(const struct sk_buff *skb, u8 family,
			     struct op25b_flow *flow)
{
	memset(flow, 0xa5, sizeof(*flow));
	return op25b_parse(skb, op25b_plain(skb, family), family, flow);
}

static bool glance(const struct sk_buff *skb, u8 family)
{
	return op25b_glance(skb, op25b_plain(skb, family), family);
}

/* @len bytes behind @front bytes of another header; what is beyond @linear
 * lies in page fragments of at most @piece bytes.
 */
static struct sk_buff *make_skb(struct kunit *test, const u8 *bytes, int len,
				int front, int linear, int piece)
{
	struct sk_buff *skb = alloc_skb(64 + front + linear, GFP_KERNEL);
	int at, n, i = 0;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	skb_put_zero(skb, front);
	skb_set_network_header(skb, front);
	skb_put_data(skb, bytes, linear);
	for (at = linear; at < len; at += n) {
		struct page *page = alloc_page(GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, page);
		/* The last fragment that there may be takes the rest. */
		n = i == MAX_SKB_FRAGS - 1 ? len - at :
					     min(piece, len - at);
		memcpy(page_address(page) + 3, bytes + at, n);
		skb_add_rx_frag(skb, i++, page, 3, n, PAGE_SIZE);
	}
	return skb;
}

static void put_be16(u16 word, u8 *at)
{
	at[0] = word >> 8;
	at[1] = word & 0xff;
}

static void put_addrs(u8 family, u8 *buf)
{
	if (family == OP25B_V4)
		memcpy(buf + 12, v4_addrs, sizeof(v4_addrs));
	else
		memcpy(buf + 8, v6_addrs, sizeof(v6_addrs));
}

/* The bytes of @row into @buf. Return: how many. */
static int flatten(const struct row *row, u8 *buf)
{
	const struct piece *p;
	int len = 0;

	for (p = row->pieces; p->len; p++) {
		memcpy(buf + len, p->at, p->len);
		if (p->be_at != NO_WORDS) {
			put_be16(p->be[0], buf + len + p->be_at);
			put_be16(p->be[1], buf + len + p->be_at + 2);
		}
		if (p == row->pieces)
			put_addrs(row->family, buf);
		len += p->len;
	}
	return len - row->cut;
}

static void expect_flow(struct kunit *test, const struct row *row,
			const struct op25b_flow *f, const char *shape, int n)
{
	u8 notes = (f->syn ? SYN_ : 0) | (f->mute ? MUTE : 0) |
		   (f->source_routed ? ROUTED : 0) |
		   (f->fragment ? FRAGMENT : 0);
	struct op25b_addr src, dst;
	__be32 words[8];

	if (row->family == OP25B_V4) {
		memcpy(words, v4_addrs, sizeof(v4_addrs));
		src = op25b_addr_v4(words[0]);
		dst = op25b_addr_v4(words[1]);
	} else {
		memcpy(words, v6_addrs, sizeof(v6_addrs));
		src = op25b_addr_v6(words);
		dst = op25b_addr_v6(words + 4);
	}
	KUNIT_EXPECT_TRUE_MSG(test, f->kind == row->kind &&
			      f->family == row->family &&
			      f->sport == row->sport &&
			      f->dport == row->dport && notes == row->notes,
			      "%s, %s %d: kind %d ports %d %d notes %x",
			      row->reason, shape, n, f->kind, f->sport,
			      f->dport, notes);
	KUNIT_EXPECT_TRUE_MSG(test, op25b_addr_equal(f->src, src) &&
			      op25b_addr_equal(f->dst, dst),
			      "%s, %s %d: addresses", row->reason, shape, n);
}

/* Parse, compare, free. */
static void expect(struct kunit *test, const struct row *row,
		   enum op25b_kind kind, const struct op25b_flow *flow,
		   const char *shape, int n)
{
	KUNIT_EXPECT_EQ_MSG(test, kind, row->kind, "%s, %s %d", row->reason,
			    shape, n);
	if (kind != OP25B_KIND_OTHER && kind == row->kind)
		expect_flow(test, row, flow, shape, n);
}

static void try_skb(struct kunit *test, const struct row *row,
		    struct sk_buff *skb, const char *shape, int n)
{
	struct op25b_flow flow;
	enum op25b_kind kind;

	kind = parse_odd(skb, row->family, &flow);
	expect(test, row, kind, &flow, shape, n);
	if (glance(skb, row->family)) {
		KUNIT_EXPECT_EQ_MSG(test, kind, OP25B_KIND_OTHER,
				    "%s, %s %d: the glance lied", row->reason,
				    shape, n);
	} else {
		kind = parse(skb, row->family, &flow);
		expect(test, row, kind, &flow, shape, n);
	}
	kfree_skb(skb);
}

static void try_shapes(struct kunit *test, const struct row *row)
{
	struct sk_buff *skb, *clone;
	int len, i;
	u8 b[256];

	len = flatten(row, b);
	try_skb(test, row, make_skb(test, b, len, 0, len, 0), "linear", 0);
	try_skb(test, row, make_skb(test, b, len, 18, len, 0), "behind", 18);
	for (i = 0; i < len; i++)
		try_skb(test, row, make_skb(test, b, len, 0, i, 1500),
			"split at", i);
	for (i = 1; i <= 9; i += 2)
		try_skb(test, row, make_skb(test, b, len, 14, i, i),
			"pieces of", i);

	skb = make_skb(test, b, len, 0, min(30, len), 7);
	clone = skb_clone(skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	try_skb(test, row, skb, "cloned", 0);
	try_skb(test, row, clone, "clone", 0);
}

static void table_test(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		try_shapes(test, &rows[i]);
	kunit_info(test, "%d packets", i);
}

/* The glance must take what nearly every packet is, or it is no use. */
static void glance_test(struct kunit *test)
{
	const struct row quick[] = {
		ROW4("TCP", PKT(V4F(T, 5, DF), TCP(S40, 443))),
		ROW4("TCP with options", PKT(V4F(T, 6, 0), NOPS4, TCP(443, 1))),
		ROW4("UDP", PKT(V4(U), MAIL)),
		ROW4("UDP fragment", PKT(V4F(U, 5, 1 | MF), MAIL)),
		ROW4("ESP", PKT(V4(ESP))),
		ROW6("TCP", PKT(V6(T), TCP(S40, 443))),
		ROW6("UDP", PKT(V6(U), MAIL)),
		ROW6("ESP", PKT(V6(ESP))),
	};
	struct sk_buff *skb;
	int len, i;
	u8 b[256];

	for (i = 0; i < ARRAY_SIZE(quick); i++) {
		len = flatten(&quick[i], b);
		skb = make_skb(test, b, len, 14, len, 0);
		KUNIT_EXPECT_TRUE_MSG(test, glance(skb, quick[i].family), "%s",
				      quick[i].reason);
		kfree_skb(skb);
	}
}

/* @n destination options headers of 8 bytes, then TCP, into @buf. */
static int make_chain(u8 *buf, int n)
{
	const struct row one = ROW6("", PKT(V6(DST), EXT(T), MAIL));
	static const u8 link[8] = { DST, 0, 1, 4 };
	int len = 40, rest;
	u8 b[256];

	rest = flatten(&one, b) - len;
	memcpy(buf, b, len);
	for (; n > 1; n--, len += 8)
		memcpy(buf + len, link, 8);
	memcpy(buf + len, b + 40, rest);
	return len + rest;
}

static void chain_test(struct kunit *test)
{
	static const struct { int n; struct row want; } chains[] = {
		{ 1, ROW6("chain", SMTP(SYN_)) },
		{ 64, ROW6("chain", SMTP(SYN_)) },
		{ 181, ROW6("chain", SMTP(SYN_)) },
		/* 40 + 182 * 8 + 4 = 1500 */
		{ 182, ROW6("the longest chain", SMTP(SYN_)) },
		{ 183, ROW6("too long a chain", LOST(0)) },
		{ 400, ROW6("far too long a chain", LOST(0)) },
	};
	u8 *buf = kunit_kzalloc(test, 4096, GFP_KERNEL);
	int i, len;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i < ARRAY_SIZE(chains); i++) {
		len = make_chain(buf, chains[i].n);
		try_skb(test, &chains[i].want,
			make_skb(test, buf, len, 0, len, 0),
			"headers:", chains[i].n);
		try_skb(test, &chains[i].want,
			make_skb(test, buf, len, 0, 77, 1400),
			"headers in fragments:", chains[i].n);
	}

	/* The last of 183 says that it is a later fragment's. */
	len = make_chain(buf, 183);
	buf[40 + 181 * 8] = NEXTHDR_FRAGMENT;
	buf[40 + 182 * 8] = NEXTHDR_DEST;
	try_skb(test, &chains[4].want, make_skb(test, buf, len, 0, len, 0),
		"headers, the last a fragment:", 183);
}

/* Random packets: every field is mostly what leads on, sometimes anything. */
static u8 pick(struct rnd *r, const u8 *from, int n)
{
	return rnd_below(r, 8) ? from[rnd_below(r, n)] : rnd64(r);
}

static int random_tcp(struct rnd *r, u8 *b)
{
	static const u8 ports[] = { 25, 25, 80, 26 };
	int i;

	for (i = 0; i < 24; i++)
		b[i] = rnd64(r);
	b[0] = rnd_below(r, 4) ? 0 : 200;
	b[1] = pick(r, ports, ARRAY_SIZE(ports));
	b[2] = rnd_below(r, 6) ? 0 : 25;
	b[3] = pick(r, ports, ARRAY_SIZE(ports));
	return 24;
}

static int random_v4(struct rnd *r, u8 *b)
{
	static const u8 protos[] = { T, T, T, T, U, AH };
	static const u8 ihls[] = { 5, 5, 6, 7, 9, 15 };
	static const u16 offsets[] = { 0, 0, 0, 0, 1, 2, 0x1fff };
	static const u8 types[] = { 0, 1, 1, 7, 131, 137, 131, 148 };
	static const u8 lens[] = { 2, 3, 4, 7, 7, 11 };
	int ihl, i, n;

	put_addrs(OP25B_V4, b);
	ihl = pick(r, ihls, ARRAY_SIZE(ihls)) & 15;
	b[0] = 0x40 | ihl;
	n = offsets[rnd_below(r, ARRAY_SIZE(offsets))];
	b[6] = n >> 8 | (rnd_below(r, 8) << 5);
	b[7] = n;
	b[9] = pick(r, protos, ARRAY_SIZE(protos));
	for (i = 20; i < ihl * 4; i += n) {
		n = 1;
		b[i] = pick(r, types, ARRAY_SIZE(types));
		if (b[i] < 2)
			continue;
		n = pick(r, lens, ARRAY_SIZE(lens)) % 16;
		b[i + 1] = n;
		b[i + 2] = rnd_below(r, 13);
		n = max(n, 3);
	}
	return max(ihl * 4, 20) + random_tcp(r, b + max(ihl * 4, 20));
}

static int random_v6(struct rnd *r, u8 *b)
{
	static const u8 nexts[] = { T, T, T, DST, HOP, ROUTE, FR, FR, AH, U };
	static const u8 lens[] = { 0, 0, 0, 1, 2 };
	static const u8 offsets[] = { 0, 0, 0, 1, 2, 6, 8, 9, 16 };
	int at = 40;
	u8 next;

	put_addrs(OP25B_V6, b);
	b[0] = 0x60;
	next = pick(r, nexts, ARRAY_SIZE(nexts));
	b[6] = next;
	while (next != T && at < 400) {
		u8 type = next;

		next = pick(r, nexts, ARRAY_SIZE(nexts));
		memset(b + at, 0, 40);
		b[at] = next;
		b[at + 1] = pick(r, lens, ARRAY_SIZE(lens));
		if (type == FR)
			b[at + 3] = pick(r, offsets, ARRAY_SIZE(offsets));
		else if (type == ROUTE)
			b[at + 3] = rnd_below(r, 2);
		at += type == FR ? 8 : type == AH ? 8 + b[at + 1] % 4 * 4 :
						    8 + b[at + 1] % 4 * 8;
	}
	return at + random_tcp(r, b + at);
}

static void ask_naive(struct row *row, const u8 *b, int len)
{
	struct bytes bytes = { b, len };
	struct naive n = row->family == OP25B_V4 ? naive_v4(bytes) :
						   naive_v6(bytes);

	row->kind = n.kind == 'o' ? OP25B_KIND_OTHER :
		    n.kind == 's' ? OP25B_KIND_SMTP : OP25B_KIND_MALFORMED;
	row->sport = n.sport;
	row->dport = n.dport;
	row->notes = (n.syn ? SYN_ : 0) | (n.mute ? MUTE : 0) |
		     (n.routed ? ROUTED : 0) | (n.fragment ? FRAGMENT : 0);
}

static void random_test(struct kunit *test)
{
	u8 *buf = kunit_kzalloc(test, 1024, GFP_KERNEL);
	struct row row = { .reason = "random" };
	int kinds[3] = {};
	struct rnd r;
	int i, len;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	rnd_init(test, &r, seed);
	for (i = 0; i < 40000 && test->status == KUNIT_SUCCESS; i++) {
		row.family = i % 2 ? OP25B_V6 : OP25B_V4;
		memset(buf, 0, 1024);
		len = row.family == OP25B_V4 ? random_v4(&r, buf) :
					       random_v6(&r, buf);
		if (!rnd_below(&r, 4))
			len -= rnd_below(&r, len + 1);
		ask_naive(&row, buf, len);
		kinds[row.kind]++;
		try_skb(test, &row, make_skb(test, buf, len, 0, len, 0),
			"linear", i);
		try_skb(test, &row, make_skb(test, buf, len, rnd_below(&r, 20),
					     rnd_below(&r, len + 1),
					     1 + rnd_below(&r, 900)),
			"pieces", i);
	}
	/* Tests of packets that are all of one kind would prove little. */
	kunit_info(test, "%d other, %d smtp, %d malformed", kinds[0], kinds[1],
		   kinds[2]);
	KUNIT_EXPECT_GT(test, kinds[OP25B_KIND_OTHER], 1000);
	KUNIT_EXPECT_GT(test, kinds[OP25B_KIND_SMTP], 1000);
	KUNIT_EXPECT_GT(test, kinds[OP25B_KIND_MALFORMED], 1000);
}

static struct kunit_case parse_cases[] = {
	KUNIT_CASE(table_test),
	KUNIT_CASE(glance_test),
	KUNIT_CASE(chain_test),
	KUNIT_CASE(random_test),
	{}
};

static struct kunit_suite parse_suite = {
	.name = "op25b_parse",
	.test_cases = parse_cases,
};

kunit_test_suite(parse_suite);
