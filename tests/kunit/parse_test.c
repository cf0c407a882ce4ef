// SPDX-License-Identifier: GPL-2.0
/*
 * The parser: a table of packets with the reason for each, a few long chains,
 * and random packets against the naive parser of parse_naive.h. Every packet is
 * parsed as skbs of many shapes, and the glance may never say more than that.
 */
#include <kunit/test.h>
#include <linux/moduleparam.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include "packet/parse.h"
#include "parse_naive.h"
#include "rnd.h"

static ulong seed;
module_param_named(parse_seed, seed, ulong, 0444);
MODULE_PARM_DESC(parse_seed, "repeat the random packets of this seed");

/*
 * Packets are put together from pieces; two big-endian words may be laid over
 * a piece. tot_len and payload_len stay 0, as in BIG TCP: nobody may look.
 */
struct piece {
	u8 len;
	u8 be_at;
	u16 be[2];
	u8 at[40];
};

static const u8 v4_addrs[] = { 100, 64, 7, 9, 198, 51, 100, 25 };
static const u8 v6_addrs[] = {
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9,
	0x20, 1, 0xd, 0xb8, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25
};

/* The headers in front; flatten() puts the addresses in. */
#define V4F(proto, ihl, frag) \
	{ 20, 6, { frag, 64 << 8 | (proto) }, { 0x40 | (ihl) } }
#define V4(proto)	V4F(proto, 5, 0)
#define V6(proto)	{ 40, 6, { (proto) << 8 | 64, 0x2001 }, { 0x60 } }
#define MF			0x2000
#define DF			0x4000

#define RAW(...)	{ .len = sizeof((u8[]){ __VA_ARGS__ }), \
			  .be_at = NO_WORDS, .at = { __VA_ARGS__ } }
#define NO_WORDS	255
#define EXT(next)	RAW(next, 0, 1, 4, 0, 0, 0, 0)	/* a PadN option */
#define EXT16(next)	RAW(next, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
#define EXTLEN(next, n)	RAW(next, n, 1, 4, 0, 0, 0, 0)
#define RH(next, left)	RAW(next, 0, 4, left, 0, 0, 0, 0)
#define FRAG(next, off)	{ 8, 2, { off, 0 }, { next, 0, 0, 0, 0, 0, 0, 7 } }
#define AH12(next)	RAW(next, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1)
#define AH24(next)	RAW(next, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, \
			    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
#define NOPS4		RAW(1, 1, 1, 1)
#define NOPS16		RAW(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)

/* Sequence number 1, window 1024, a wrong checksum. */
#define TCPF(sport, dport, doff, flags) \
	{ 20, 0, { sport, dport }, { [7] = 1, [12] = (doff) << 4, flags, \
				     4, 0, 0xb, 0xad } }
#define TCP(sport, dport)	TCPF(sport, dport, 5, SYN)
#define MAIL			TCP(40000, 25)

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { HOP = 0, T = 6, U = 17, ROUTE = 43, FR = 44, ESP = 50, AH = 51,
	NONE = 59, DST = 60 };

/* What the flow says beside its kind and the ports. */
enum { SYN_ = 1, MUTE = 2, ROUTED = 4, FRAGMENT = 8 };

/* As long a sport as a packet of the table has. */
#define S40	40000

struct row {
	const char *reason;
	const struct piece *pieces;
	int cut;		/* bytes missing at the end */
	u8 family;
	u8 kind;
	u16 sport;
	u16 dport;
	u8 notes;
};

#define PKT(...) \
	.pieces = (const struct piece[]){ __VA_ARGS__, {} }
#define ROW4(why, ...)	{ .reason = "v4 " why, .family = OP25B_V4, __VA_ARGS__ }
#define ROW6(why, ...)	{ .reason = "v6 " why, .family = OP25B_V6, __VA_ARGS__ }
#define OTHER		.kind = OP25B_KIND_OTHER
#define LOST(n)		.kind = OP25B_KIND_MALFORMED, .notes = MUTE | (n)
#define SMTP(n)		.kind = OP25B_KIND_SMTP, .sport = S40, .dport = 25, \
			.notes = n

static const struct row rows[] = {
	/* 1, 2: ports and protocols */
	ROW4("SYN to port 25", PKT(V4(T), MAIL), SMTP(SYN_)),
	ROW6("SYN to port 25", PKT(V6(T), MAIL), SMTP(SYN_)),
	ROW4("submission", PKT(V4(T), TCP(S40, 587)), OTHER),
	ROW6("submission", PKT(V6(T), TCP(S40, 587)), OTHER),
	ROW4("465", PKT(V4(T), TCP(S40, 465)), OTHER),
	ROW4("port 24", PKT(V4(T), TCP(S40, 24)), OTHER),
	ROW4("port 26", PKT(V4(T), TCP(S40, 26)), OTHER),
	ROW4("25 in the other byte", PKT(V4(T), TCP(S40, 25 << 8)), OTHER),
	ROW6("25 in the other byte", PKT(V6(T), TCP(25 << 8, S40)), OTHER),
	ROW4("2525", PKT(V4(T), TCP(S40, 2525)), OTHER),
	ROW4("source port 25 is for the reverse guard",
	     PKT(V4(T), TCPF(25, S40, 5, SYN | ACK)),
	     .kind = OP25B_KIND_SMTP, .sport = 25, .dport = S40),
	ROW6("source port 25 is for the reverse guard",
	     PKT(V6(T), TCPF(25, S40, 5, ACK)),
	     .kind = OP25B_KIND_SMTP, .sport = 25, .dport = S40),
	ROW4("both ports 25", PKT(V4(T), TCP(25, 25)),
	     .kind = OP25B_KIND_SMTP, .sport = 25, .dport = 25, .notes = SYN_),
	ROW4("UDP", PKT(V4(U), MAIL), OTHER),
	ROW6("UDP", PKT(V6(U), MAIL), OTHER),
	ROW4("SCTP", PKT(V4(132), MAIL), OTHER),
	ROW6("SCTP", PKT(V6(132), MAIL), OTHER),
	ROW4("ICMP", PKT(V4(1), MAIL), OTHER),
	ROW6("ICMPv6", PKT(V6(58), MAIL), OTHER),

	/* 4: flags, data offset and checksum do not matter */
	ROW4("SYN ACK is no attempt", PKT(V4(T), TCPF(S40, 25, 5, SYN | ACK)),
	     SMTP(0)),
	ROW4("SYN RST is no attempt", PKT(V4(T), TCPF(S40, 25, 5, SYN | RST)),
	     SMTP(MUTE)),
	ROW4("SYN FIN is one", PKT(V4(T), TCPF(S40, 25, 5, SYN | FIN)),
	     SMTP(SYN_)),
	ROW4("RST is not answered", PKT(V4(T), TCPF(S40, 25, 5, RST)),
	     SMTP(MUTE)),
	ROW6("RST ACK is not answered", PKT(V6(T), TCPF(S40, 25, 5, RST | ACK)),
	     SMTP(MUTE)),
	ROW4("no flags", PKT(V4(T), TCPF(S40, 25, 5, 0)), SMTP(0)),
	ROW6("all flags", PKT(V6(T), TCPF(S40, 25, 5, 255)), SMTP(MUTE)),
	ROW4("data offset 0", PKT(V4(T), TCPF(S40, 25, 0, ACK)), SMTP(0)),
	ROW4("data offset 4", PKT(V4(T), TCPF(S40, 25, 4, ACK)), SMTP(0)),
	ROW6("data offset 15", PKT(V6(T), TCPF(S40, 25, 15, ACK)), SMTP(0)),

	/* 5: cut TCP headers */
	ROW4("19 bytes of TCP", PKT(V4(T), MAIL), .cut = 1, SMTP(SYN_ | MUTE)),
	ROW6("19 bytes of TCP", PKT(V6(T), MAIL), .cut = 1, SMTP(SYN_ | MUTE)),
	ROW4("14 bytes still show the flags", PKT(V4(T), MAIL), .cut = 6,
	     SMTP(SYN_ | MUTE)),
	ROW4("13 bytes do not", PKT(V4(T), MAIL), .cut = 7, SMTP(MUTE)),
	ROW4("8 bytes", PKT(V4(T), MAIL), .cut = 12, SMTP(MUTE)),
	ROW6("8 bytes", PKT(V6(T), MAIL), .cut = 12, SMTP(MUTE)),
	ROW4("4 bytes: just the ports", PKT(V4(T), MAIL), .cut = 16,
	     SMTP(MUTE)),
	ROW6("4 bytes: just the ports", PKT(V6(T), MAIL), .cut = 16,
	     SMTP(MUTE)),
	ROW4("4 bytes to port 80", PKT(V4(T), TCP(S40, 80)), .cut = 16, OTHER),
	ROW4("3 bytes", PKT(V4(T), MAIL), .cut = 17, LOST(0)),
	ROW6("3 bytes", PKT(V6(T), MAIL), .cut = 17, LOST(0)),
	ROW4("2 bytes", PKT(V4(T), MAIL), .cut = 18, LOST(0)),
	ROW6("2 bytes", PKT(V6(T), MAIL), .cut = 18, LOST(0)),
	ROW4("0 bytes", PKT(V4(T)), LOST(0)),
	ROW6("0 bytes", PKT(V6(T)), LOST(0)),
	ROW4("0 bytes of UDP", PKT(V4(U)), OTHER),
	ROW4("3 bytes, first fragment", PKT(V4F(T, 5, MF), MAIL), .cut = 17,
	     LOST(FRAGMENT)),
	ROW4("0 bytes, first fragment", PKT(V4F(T, 5, MF)), LOST(FRAGMENT)),
	ROW6("3 bytes, first fragment", PKT(V6(FR), FRAG(T, 1), MAIL),
	     .cut = 17, LOST(FRAGMENT)),
	ROW6("0 bytes, first fragment", PKT(V6(FR), FRAG(T, 1)),
	     LOST(FRAGMENT)),

	/* 6, 7: IPv4 options */
	ROW4("DF", PKT(V4F(T, 5, DF), MAIL), SMTP(SYN_)),
	ROW4("the evil bit", PKT(V4F(T, 5, 0x8000), MAIL), SMTP(SYN_)),
	ROW4("ihl 6", PKT(V4F(T, 6, 0), NOPS4, MAIL), SMTP(SYN_)),
	ROW4("ihl 15", PKT(V4F(T, 15, 0), NOPS16, NOPS16, NOPS4, NOPS4, MAIL),
	     SMTP(SYN_)),
	ROW4("ports are behind the options",
	     PKT(V4F(T, 6, 0), RAW(0x9c, 0x40, 0, 25), TCP(S40, 80)), OTHER),
	ROW4("ihl 4 hides the ports", PKT(V4F(T, 4, 0), MAIL), LOST(0)),
	ROW4("ihl 0 hides the ports", PKT(V4F(T, 0, 0), MAIL), LOST(0)),
	ROW4("ihl 15 beyond the packet", PKT(V4F(T, 15, 0), MAIL),
	     LOST(ROUTED)),
	ROW4("ihl 4 with UDP", PKT(V4F(U, 4, 0), MAIL), OTHER),
	ROW4("LSRR with a hop left",
	     PKT(V4F(T, 7, 0), RAW(131, 7, 4, 9, 9, 9, 9, 0), MAIL),
	     SMTP(SYN_ | ROUTED)),
	ROW4("SSRR with a hop left",
	     PKT(V4F(T, 7, 0), RAW(137, 7, 4, 9, 9, 9, 9, 0), MAIL),
	     SMTP(SYN_ | ROUTED)),
	ROW4("LSRR behind NOP and router alert",
	     PKT(V4F(T, 8, 0), RAW(148, 4, 0, 0, 1, 131, 7, 4, 9, 9, 9, 9),
		 MAIL),
	     SMTP(SYN_ | ROUTED)),
	ROW4("LSRR that is used up",
	     PKT(V4F(T, 7, 0), RAW(131, 7, 8, 9, 9, 9, 9, 0), MAIL),
	     SMTP(SYN_)),
	ROW4("LSRR, pointer on the last byte",
	     PKT(V4F(T, 7, 0), RAW(131, 7, 7, 9, 9, 9, 9, 0), MAIL),
	     SMTP(SYN_ | ROUTED)),
	ROW4("LSRR, pointer 0",
	     PKT(V4F(T, 7, 0), RAW(131, 7, 0, 9, 9, 9, 9, 0), MAIL),
	     SMTP(SYN_ | ROUTED)),
	ROW4("LSRR without a pointer",
	     PKT(V4F(T, 6, 0), RAW(131, 2, 0, 0), MAIL), SMTP(SYN_ | ROUTED)),
	ROW4("a used up one, then one with a hop left",
	     PKT(V4F(T, 9, 0), RAW(131, 7, 8, 9, 9, 9, 9, 137, 7, 4,
				   9, 9, 9, 9, 1, 1), MAIL),
	     SMTP(SYN_ | ROUTED)),
	ROW4("record route is no source route",
	     PKT(V4F(T, 7, 0), RAW(7, 7, 4, 0, 0, 0, 0, 0), MAIL), SMTP(SYN_)),
	ROW4("LSRR behind the end of the list is padding",
	     PKT(V4F(T, 7, 0), RAW(0, 131, 7, 4, 9, 9, 9, 9), MAIL),
	     SMTP(SYN_)),
	ROW4("option of length 0 hides the rest",
	     PKT(V4F(T, 7, 0), RAW(7, 0, 131, 7, 4, 1, 1, 1), MAIL),
	     SMTP(SYN_ | ROUTED)),
	ROW4("option beyond the list", PKT(V4F(T, 6, 0), RAW(7, 5, 4, 0), MAIL),
	     SMTP(SYN_ | ROUTED)),
	ROW4("option type in the last byte",
	     PKT(V4F(T, 6, 0), RAW(1, 1, 1, 131), MAIL), SMTP(SYN_ | ROUTED)),

	/* 8, 9, 11: IPv4 fragments */
	ROW4("8-byte first fragment", PKT(V4F(T, 5, MF), MAIL), .cut = 12,
	     SMTP(MUTE | FRAGMENT)),
	ROW4("24-byte first fragment", PKT(V4F(T, 5, MF), MAIL, NOPS4),
	     SMTP(SYN_ | FRAGMENT)),
	ROW4("first fragment to port 80", PKT(V4F(T, 5, MF), TCP(S40, 80)),
	     OTHER),
	ROW4("TCP at offset 1", PKT(V4F(T, 5, 1), MAIL), LOST(FRAGMENT)),
	ROW4("TCP at offset 1, more to come", PKT(V4F(T, 5, 1 | MF), MAIL),
	     LOST(FRAGMENT)),
	ROW4("TCP at offset 1, whatever the bytes",
	     PKT(V4F(T, 5, 1), TCP(S40, 80)), LOST(FRAGMENT)),
	ROW4("TCP at offset 1, no bytes", PKT(V4F(T, 5, 1)), LOST(FRAGMENT)),
	ROW4("UDP at offset 1", PKT(V4F(U, 5, 1), MAIL), OTHER),
	ROW4("TCP at offset 2 only looks like ports",
	     PKT(V4F(T, 5, 2), MAIL), OTHER),
	ROW4("TCP at offset 3", PKT(V4F(T, 5, 3 | MF), MAIL), OTHER),
	ROW4("TCP at offset 256", PKT(V4F(T, 5, 256), MAIL), OTHER),
	ROW4("the last offset", PKT(V4F(T, 5, 0x1fff)), OTHER),

	/* 8, 9, 11, 12: IPv6 fragments */
	ROW6("8-byte first fragment", PKT(V6(FR), FRAG(T, 1), MAIL), .cut = 12,
	     SMTP(MUTE | FRAGMENT)),
	ROW6("24-byte first fragment", PKT(V6(FR), FRAG(T, 1), MAIL, NOPS4),
	     SMTP(SYN_ | FRAGMENT)),
	ROW6("first fragment to port 80",
	     PKT(V6(FR), FRAG(T, 1), TCP(S40, 80)), OTHER),
	ROW6("atomic fragment", PKT(V6(FR), FRAG(T, 0), MAIL), SMTP(SYN_)),
	ROW6("reserved bits mean nothing",
	     PKT(V6(FR), RAW(T, 0xff, 0, 6, 0, 0, 0, 7), MAIL), SMTP(SYN_)),
	ROW6("TCP at byte offset 8", PKT(V6(FR), FRAG(T, 8), MAIL),
	     LOST(FRAGMENT)),
	ROW6("TCP at byte offset 8, all low bits set",
	     PKT(V6(FR), FRAG(T, 8 | 7), MAIL), LOST(FRAGMENT)),
	ROW6("UDP at byte offset 8", PKT(V6(FR), FRAG(U, 8), MAIL), OTHER),
	ROW6("TCP at byte offset 16", PKT(V6(FR), FRAG(T, 16), MAIL), OTHER),
	ROW6("later fragment of an extension header",
	     PKT(V6(FR), FRAG(DST, 8), MAIL), OTHER),
	ROW6("later fragment without a byte", PKT(V6(FR), FRAG(T, 64)), OTHER),
	ROW6("first fragment of UDP", PKT(V6(FR), FRAG(U, 1), MAIL), OTHER),
	ROW6("cut fragment header", PKT(V6(FR), FRAG(T, 0)), .cut = 1,
	     LOST(0)),
	ROW6("destination options end behind the first fragment",
	     PKT(V6(FR), FRAG(DST, 1), EXTLEN(T, 3)), LOST(FRAGMENT)),
	ROW6("atomic in atomic fragment",
	     PKT(V6(FR), FRAG(FR, 0), FRAG(T, 0), MAIL), SMTP(SYN_)),
	ROW6("first fragment within an atomic one",
	     PKT(V6(FR), FRAG(FR, 0), FRAG(T, 1), MAIL),
	     SMTP(SYN_ | FRAGMENT)),
	ROW6("later fragment within a first one",
	     PKT(V6(FR), FRAG(FR, 1), FRAG(T, 16), MAIL), OTHER),

	/* 13, 14, 15: extension headers */
	ROW6("hop-by-hop options", PKT(V6(HOP), EXT(T), MAIL), SMTP(SYN_)),
	ROW6("destination options", PKT(V6(DST), EXT(T), MAIL), SMTP(SYN_)),
	ROW6("16 bytes of options", PKT(V6(DST), EXT16(T), MAIL), SMTP(SYN_)),
	ROW6("destination options x8",
	     PKT(V6(DST), EXT(DST), EXT(DST), EXT(DST), EXT(DST), EXT(DST),
		 EXT16(DST), EXT(DST), EXT(T), MAIL), SMTP(SYN_)),
	ROW6("options in front of port 80",
	     PKT(V6(DST), EXT(T), TCP(S40, 80)), OTHER),
	ROW6("options in front of UDP", PKT(V6(DST), EXT(U), MAIL), OTHER),
	ROW6("options, fragment, options",
	     PKT(V6(HOP), EXT(FR), FRAG(DST, 1), EXT(T), MAIL),
	     SMTP(SYN_ | FRAGMENT)),
	ROW6("routing header, none left", PKT(V6(ROUTE), RH(T, 0), MAIL),
	     SMTP(SYN_)),
	ROW6("routing header, one left", PKT(V6(ROUTE), RH(T, 1), MAIL),
	     SMTP(SYN_ | ROUTED)),
	ROW6("routing header, one left, TCP at byte offset 8",
	     PKT(V6(ROUTE), RH(FR, 1), FRAG(T, 8), MAIL),
	     LOST(ROUTED | FRAGMENT)),
	ROW6("routing header, one left, port cut off",
	     PKT(V6(ROUTE), RH(T, 1), MAIL), .cut = 17, LOST(ROUTED)),
	ROW6("routing header cut in front of segments left",
	     PKT(V6(ROUTE), RAW(T, 0, 4)), LOST(0)),
	ROW6("AH of 12 bytes", PKT(V6(AH), AH12(T), MAIL), SMTP(SYN_)),
	ROW6("AH of 24 bytes", PKT(V6(AH), AH24(T), MAIL), SMTP(SYN_)),
	ROW6("AH in front of UDP", PKT(V6(AH), AH12(U), MAIL), OTHER),
	ROW4("AH: not TCP", PKT(V4(AH), AH12(T), MAIL), OTHER),
	ROW4("ESP", PKT(V4(ESP), MAIL), OTHER),
	ROW6("ESP", PKT(V6(ESP), MAIL), OTHER),
	ROW6("no next header", PKT(V6(NONE), MAIL), OTHER),
	ROW6("options, then no next header", PKT(V6(DST), EXT(NONE), MAIL),
	     OTHER),
	ROW6("mobility", PKT(V6(135), EXT(T), MAIL), OTHER),
	ROW6("HIP", PKT(V6(139), EXT(T), MAIL), OTHER),
	ROW6("shim6", PKT(V6(140), EXT(T), MAIL), OTHER),
	ROW6("experiment 253", PKT(V6(253), EXT(T), MAIL), OTHER),
	ROW4("GRE", PKT(V4(47), MAIL), OTHER),
	ROW4("IPIP", PKT(V4(4), V4(T), MAIL), OTHER),
	ROW4("6in4", PKT(V4(41), V6(T), MAIL), OTHER),
	ROW6("4in6", PKT(V6(4), V4(T), MAIL), OTHER),

	/* 16: chains that cannot be walked */
	ROW6("options run past the end", PKT(V6(DST), EXTLEN(T, 200), MAIL),
	     LOST(0)),
	ROW6("options end just where the packet does",
	     PKT(V6(DST), EXTLEN(T, 0)), LOST(0)),
	ROW6("options run past the end, then options",
	     PKT(V6(DST), EXTLEN(DST, 200), MAIL), LOST(0)),
	ROW6("past the end is UDP: no way leads to TCP",
	     PKT(V6(DST), EXTLEN(U, 200), MAIL), OTHER),
	ROW6("one byte of options", PKT(V6(DST), RAW(T)), LOST(0)),
	ROW6("no byte of options", PKT(V6(DST)), LOST(0)),
	ROW6("no byte of a fragment header", PKT(V6(FR)), LOST(0)),
	ROW6("AH past the end", PKT(V6(AH), AH24(T)), .cut = 1, LOST(0)),
};

static enum op25b_kind parse(const struct sk_buff *skb, u8 family,
			     struct op25b_flow *flow)
{
	memset(flow, 0xa5, sizeof(*flow));
	return family == OP25B_V4 ?
	       op25b_parse_v4(skb, op25b_plain_v4(skb), flow) :
	       op25b_parse_v6(skb, op25b_plain_v6(skb), flow);
}

static bool glance(const struct sk_buff *skb, u8 family)
{
	return family == OP25B_V4 ?
	       op25b_glance_v4(skb, op25b_plain_v4(skb)) :
	       op25b_glance_v6(skb, op25b_plain_v6(skb));
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
static void try_skb(struct kunit *test, const struct row *row,
		    struct sk_buff *skb, const char *shape, int n)
{
	struct op25b_flow flow;
	enum op25b_kind kind;

	kind = parse(skb, row->family, &flow);
	KUNIT_EXPECT_EQ_MSG(test, kind, row->kind, "%s, %s %d", row->reason,
			    shape, n);
	if (kind != OP25B_KIND_OTHER && kind == row->kind)
		expect_flow(test, row, &flow, shape, n);
	if (glance(skb, row->family))
		KUNIT_EXPECT_EQ_MSG(test, kind, OP25B_KIND_OTHER,
				    "%s, %s %d: the glance lied", row->reason,
				    shape, n);
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
