/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packets of parse_test.c, each with the reason for it, and what they are
 * put together from.
 */
#ifndef PARSE_ROWS_H
#define PARSE_ROWS_H

#include "packet/parse.h"

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

#endif
