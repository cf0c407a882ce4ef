/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The oracle of the parser: the same rules, written once more in another way.
 * It works on a flat array byte by byte, shares no constant, structure or
 * helper with kmod/packet/parse.c, and takes no care to be fast.
 */
#ifndef _OP25B_TEST_PARSE_NAIVE_H
#define _OP25B_TEST_PARSE_NAIVE_H

#include <linux/types.h>

struct naive {
	char kind;		/* 'o'ther, 's'mtp, 'm'alformed */
	int sport;
	int dport;
	bool syn;
	bool mute;
	bool routed;
	bool fragment;
};

struct bytes {
	const u8 *at;
	int len;
};

/* The byte at @i, -1 behind the end. */
static int byte_at(struct bytes b, int i)
{
	return i < b.len ? b.at[i] : -1;
}

static int word_at(struct bytes b, int i)
{
	if (byte_at(b, i) < 0 || byte_at(b, i + 1) < 0)
		return -1;
	return byte_at(b, i) * 256 + byte_at(b, i + 1);
}

static struct naive naive_lost(bool routed, bool fragment)
{
	return (struct naive){ .kind = 'm', .mute = true, .routed = routed,
			       .fragment = fragment };
}

static struct naive naive_tcp(struct bytes b, int at, bool routed,
			      bool fragment)
{
	struct naive n = { .kind = 's', .routed = routed,
			   .fragment = fragment };
	int flags = byte_at(b, at + 13);

	n.sport = word_at(b, at);
	n.dport = word_at(b, at + 2);
	if (n.sport < 0 || n.dport < 0)
		return naive_lost(routed, fragment);
	if (n.sport != 25 && n.dport != 25)
		return (struct naive){ .kind = 'o' };
	/* FIN SYN RST PSH ACK URG: bits 0 to 5 */
	n.syn = flags >= 0 && flags % 4 / 2 && !(flags % 8 / 4) &&
		!(flags % 32 / 16);
	n.mute = byte_at(b, at + 19) < 0 || flags % 8 / 4;
	return n;
}

static bool naive_v4_routed(struct bytes b, int end)
{
	int i = 20;

	while (i < end) {
		int type = byte_at(b, i);
		int len = byte_at(b, i + 1);

		if (type == 0)
			return false;
		if (type == 1) {
			i++;
			continue;
		}
		if (i + 1 >= end || len < 2 || i + len > end)
			return true;
		if (type == 131 || type == 137) {
			if (len == 2 || byte_at(b, i + 2) <= len)
				return true;
		}
		i += len;
	}
	return false;
}

static struct naive naive_v4(struct bytes b)
{
	int hlen, offset;
	bool more, routed;

	if (b.len < 20 || byte_at(b, 9) != 6)
		return (struct naive){ .kind = 'o' };
	hlen = byte_at(b, 0) % 16 * 4;
	offset = word_at(b, 6) % 8192;
	more = word_at(b, 6) / 8192 % 2;
	if (offset > 1)
		return (struct naive){ .kind = 'o' };
	routed = hlen > 20 && (b.len < hlen || naive_v4_routed(b, hlen));
	if (offset == 1 || hlen < 20)
		return naive_lost(routed, more || offset);
	return naive_tcp(b, hlen, routed, more);
}

/* One header at a time; @budget extension headers may still come. */
static struct naive naive_v6_chain(struct bytes b, int type, int at, int budget,
				   bool routed, bool fragment)
{
	int next = byte_at(b, at);
	int len = byte_at(b, at + 1);

	if (type == 6)
		return naive_tcp(b, at, routed, fragment);
	if (type != 0 && type != 43 && type != 44 && type != 51 && type != 60)
		return (struct naive){ .kind = 'o' };
	if (!budget || len < 0)
		return naive_lost(routed, fragment);

	if (type == 44) {
		int field = word_at(b, at + 2);

		if (b.len < at + 8)
			return naive_lost(routed, fragment);
		if (field / 8 == 1 && next == 6)
			return naive_lost(routed, true);
		if (field / 8)
			return (struct naive){ .kind = 'o' };
		return naive_v6_chain(b, next, at + 8, budget - 1, routed,
				      fragment || field % 2);
	}
	if (type == 43) {
		if (byte_at(b, at + 3) < 0)
			return naive_lost(routed, fragment);
		routed = routed || byte_at(b, at + 3);
	}
	at += type == 51 ? len * 4 + 8 : len * 8 + 8;
	return naive_v6_chain(b, next, at, budget - 1, routed, fragment);
}

static struct naive naive_v6(struct bytes b)
{
	if (b.len < 40)
		return (struct naive){ .kind = 'o' };
	/* 1500 - 40 bytes hold 182 headers of 8 bytes */
	return naive_v6_chain(b, byte_at(b, 6), 40, 182, false, false);
}

#endif /* _OP25B_TEST_PARSE_NAIVE_H */
