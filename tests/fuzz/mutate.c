// SPDX-License-Identifier: GPL-2.0
/*
 * What libFuzzer does to packets beside flipping bytes: it puts headers and
 * options between others, so that chains stay whole and grow, and sets the
 * fields on which a parser turns.
 */
#include <string.h>

#include "fuzz.h"

enum { HOP = 0, TCP = 6, UDP = 17, ROUTE = 43, FRAG = 44, AUTH = 51, DST = 60 };

struct packet {
	u8 *at;
	size_t len;
	size_t max;
	u64 random;
};

/* 0 to @n - 1 (splitmix64, as in tests/kunit/rnd.h) */
static unsigned int below(struct packet *p, unsigned int n)
{
	u64 z = p->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (unsigned int)((z ^ (z >> 31)) >> 32) % n;
}

/* Room for @n bytes at @at. Return: there is. */
static bool open_gap(struct packet *p, size_t at, size_t n)
{
	if (at > p->len || p->len + n > p->max)
		return false;
	memmove(p->at + at + n, p->at + at, p->len - at);
	memset(p->at + at, 0, n);
	p->len += n;
	return true;
}

static u8 any_header(struct packet *p)
{
	static const u8 types[] = { HOP, ROUTE, FRAG, FRAG, AUTH, DST, DST };

	return types[below(p, sizeof(types))];
}

/* Where a random header of the chain begins, and where it is named. */
static size_t walk(struct packet *p, size_t *named)
{
	unsigned int steps = below(p, 8);
	size_t at = 40;

	*named = 6;
	while (steps-- && at + 8 <= p->len) {
		u8 type = p->at[*named];

		if (type != HOP && type != ROUTE && type != FRAG &&
		    type != AUTH && type != DST)
			break;
		*named = at;
		at += type == FRAG ? 8 : type == AUTH ?
		      8 + p->at[at + 1] * 4 : 8 + p->at[at + 1] * 8;
	}
	return at;
}

static void put_header(struct packet *p)
{
	unsigned int extra = below(p, 4) ? 0 : below(p, 3);
	u8 type = any_header(p);
	size_t named, at, size;

	at = walk(p, &named);
	size = type == FRAG ? 8 : type == AUTH ? 8 + extra * 4 : 8 + extra * 8;
	if (!open_gap(p, at, size))
		return;
	p->at[at] = p->at[named];
	p->at[named] = type;
	if (type != FRAG)
		p->at[at + 1] = extra;
	else
		p->at[at + 3] = "\0\0\1\6\7\x08\x09\x10"[below(p, 8)];
	if (type == ROUTE)
		p->at[at + 3] = below(p, 2);
}

static void name_header(struct packet *p)
{
	size_t named;

	walk(p, &named);
	p->at[named] = below(p, 3) ? TCP : below(p, 3) ? any_header(p) : UDP;
}

static void put_option(struct packet *p)
{
	static const u8 types[] = { 0, 1, 1, 7, 131, 137, 148, 131 };
	unsigned int ihl = p->at[0] & 15;
	u8 option[4];

	option[0] = types[below(p, sizeof(types))];
	option[1] = "\4\3\7\2\0\x0b"[below(p, 6)];
	option[2] = below(p, 12);
	option[3] = 1;
	if (ihl < 5 || ihl > 14 || !open_gap(p, 20, 4))
		return;
	memcpy(p->at + 20, option, 4);
	p->at[0] = (p->at[0] & 0xf0) | (ihl + 1);
}

static void set_v4(struct packet *p)
{
	switch (below(p, 3)) {
	case 0:
		p->at[0] = 0x40 | below(p, 16);
		break;
	case 1:
		p->at[6] = below(p, 8) << 5 | !below(p, 8);
		p->at[7] = below(p, 3);
		break;
	default:
		p->at[9] = below(p, 4) ? TCP : UDP;
	}
}

static void set_ports(struct packet *p, size_t at)
{
	if (at + 4 > p->len)
		return;
	at += below(p, 2) * 2;
	p->at[at] = below(p, 4) ? 0 : 25;
	p->at[at + 1] = below(p, 4) ? 25 : 80;
}

size_t LLVMFuzzerCustomMutator(u8 *input, size_t size, size_t max,
			       unsigned int seed)
{
	struct packet p = { input + SHAPE_BYTES, size - SHAPE_BYTES,
			    max - SHAPE_BYTES, seed };
	bool v6 = size > SHAPE_BYTES && input[0] & 1;
	size_t named;

	if (size < SHAPE_BYTES + 40 || below(&p, 2))
		return LLVMFuzzerMutate(input, size, max);
	switch (below(&p, 4)) {
	case 0:
		p.len -= below(&p, p.len - (v6 ? 40 : 20) + 1);
		break;
	case 1:
		set_ports(&p, v6 ? walk(&p, &named) : (p.at[0] & 15) * 4u);
		break;
	case 2:
		v6 ? name_header(&p) : set_v4(&p);
		break;
	default:
		v6 ? put_header(&p) : put_option(&p);
	}
	return SHAPE_BYTES + p.len;
}
