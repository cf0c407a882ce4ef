// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses. Parsed and written by hand, because a configuration has a million
 * of them and because inet_pton() wants a NUL behind each.
 */
#include <arpa/inet.h>
#include <string.h>

#include "words/addr.h"
#include "op25bctl.h"

/* Reads four decimal numbers up to @end. Return: true if that is all. */
static bool parse_v4(const char *s, const char *end, uint8_t *out)
{
	int i;

	for (i = 0; i < 4; i++) {
		unsigned int v, digits = 1;

		if (s == end || *s < '0' || *s > '9')
			return false;
		v = *s++ - '0';
		while (s < end && *s >= '0' && *s <= '9') {
			if (!v || ++digits > 3)
				return false;
			v = v * 10 + (*s++ - '0');
		}
		if (v > 255)
			return false;
		out[i] = v;
		if (i < 3 && (s == end || *s++ != '.'))
			return false;
	}
	return s == end;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Reads one group of at most four hex digits at *@s. Return: it, or -1. */
static int parse_group(const char **s, const char *end)
{
	int v = 0, n = 0, d;

	while (*s < end && (d = hex_digit(**s)) >= 0) {
		if (++n > 4)
			return -1;
		v = v << 4 | d;
		(*s)++;
	}
	return n ? v : -1;
}

/* Moves what stands behind "::" (at @gap) to the end, zeroes between. */
static bool close_gap(uint8_t *out, int have, int gap)
{
	if (gap < 0)
		return have == 16;
	if (have > 14)
		return false;
	memmove(out + 16 - (have - gap), out + gap, have - gap);
	memset(out + gap, 0, 16 - have);
	return true;
}

static bool parse_v6(const char *s, const char *end, uint8_t *out)
{
	int have = 0, gap = -1;

	if (end - s >= 2 && s[0] == ':' && s[1] == ':') {
		gap = 0;
		s += 2;
	}
	while (s < end) {
		const char *start = s;
		int v = parse_group(&s, end);

		if (v < 0 || have > 14)
			return false;
		if (s < end && *s == '.') {
			if (have > 12 || !parse_v4(start, end, out + have))
				return false;
			have += 4;
			break;
		}
		out[have++] = v >> 8;
		out[have++] = v & 0xff;
		if (s == end)
			break;
		if (*s++ != ':' || s == end)
			return false;
		if (*s == ':') {
			if (gap >= 0)
				return false;
			gap = have;
			s++;
		}
	}
	return close_gap(out, have, gap);
}

int op25b_addr_parse(const char *s, size_t len, uint8_t *addr)
{
	memset(addr, 0, 16);
	if (memchr(s, ':', len))
		return parse_v6(s, s + len, addr) ? AF_INET6 : 0;
	return parse_v4(s, s + len, addr) ? AF_INET : 0;
}

bool op25b_addr_mask(uint8_t *addr, int family, unsigned int plen)
{
	unsigned int bytes = op25b_addr_bits(family) / 8, i = plen / 8;
	uint8_t lost = 0;

	if (i < bytes && plen % 8) {
		lost = addr[i] & (0xff >> plen % 8);
		addr[i++] ^= lost;
	}
	for (; i < bytes; i++) {
		lost |= addr[i];
		addr[i] = 0;
	}
	return lost;
}

static const struct never {
	int family;
	uint8_t addr[16];
	uint8_t len;
	const char *why;
} nevers[] = {
	{ AF_INET, { 0 }, 8, "unspecified addresses are not forwarded" },
	{ AF_INET, { 127 }, 8, "loopback addresses are not forwarded" },
	{ AF_INET, { 169, 254 }, 16, "link-local addresses are not forwarded" },
	{ AF_INET, { 224 }, 4, "TCP has no multicast addresses" },
	{ AF_INET, { 255, 255, 255, 255 }, 32,
	  "TCP has no broadcast addresses" },
	{ AF_INET6, { 0 }, 128, "unspecified addresses are not forwarded" },
	{ AF_INET6, { [15] = 1 }, 128, "loopback addresses are not forwarded" },
	{ AF_INET6, { 0xfe, 0x80 }, 10,
	  "link-local addresses are not forwarded" },
	{ AF_INET6, { 0xff }, 8, "TCP has no multicast addresses" },
	{ AF_INET6, { [10] = 0xff, [11] = 0xff }, 96,
	  "IPv4-mapped addresses are not on the wire" },
};

static bool lies_in(const uint8_t *addr, int family, unsigned int plen,
		    const struct never *n)
{
	uint8_t masked[16];

	if (family != n->family || plen < n->len)
		return false;
	memcpy(masked, addr, sizeof(masked));
	op25b_addr_mask(masked, family, n->len);
	return !memcmp(masked, n->addr, sizeof(masked));
}

const char *op25b_addr_never(const uint8_t *addr, int family,
			     unsigned int plen)
{
	size_t i;

	/* Nearly all of a million */
	if (addr[0] && addr[0] < 127)
		return NULL;
	for (i = 0; i < OP25B_ARRAY_SIZE(nevers); i++)
		if (lies_in(addr, family, plen, &nevers[i]))
			return nevers[i].why;
	return NULL;
}

bool op25b_addr_mapped(const uint8_t *addr, int family, unsigned int plen)
{
	static const uint8_t front[12] = { [10] = 0xff, [11] = 0xff };

	return family == AF_INET6 && plen >= 96 &&
	       !memcmp(addr, front, sizeof(front));
}

/* Writes @v in decimal digits. Return: behind them. */
static char *put_decimal(char *p, unsigned int v)
{
	if (v >= 100)
		*p++ = '0' + v / 100;
	if (v >= 10)
		*p++ = '0' + v / 10 % 10;
	*p++ = '0' + v % 10;
	return p;
}

static char *put_v4(char *p, const uint8_t *addr)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put_decimal(p, addr[i]);
	}
	*p = '\0';
	return p;
}

const char *op25b_addr_text(const uint8_t *addr, int family, char *buf)
{
	if (family == AF_INET)
		put_v4(buf, addr);
	else if (!inet_ntop(family, addr, buf, OP25B_ADDR_TEXT))
		strcpy(buf, "?");
	return buf;
}

const char *op25b_prefix_text(const uint8_t *addr, int family,
			      unsigned int plen, char *buf)
{
	char *p;

	op25b_addr_text(addr, family, buf);
	p = buf + strlen(buf);
	*p++ = '/';
	*put_decimal(p, plen) = '\0';
	return buf;
}
