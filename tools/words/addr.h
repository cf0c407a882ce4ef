/* SPDX-License-Identifier: GPL-2.0 */
/* IPv4 and IPv6 addresses and prefixes, text to bytes and back. */
#ifndef OP25BCTL_ADDR_H
#define OP25BCTL_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest text of an address with "/128" and a NUL. */
#define OP25B_ADDR_TEXT		52

/**
 * op25b_addr_parse() - read the whole of @s as an address
 * @s: text, @len bytes, no NUL needed
 * @addr: 16 bytes; an IPv4 address fills the first four, the rest are zero
 *
 * Strict: four decimal numbers without leading zeros, or RFC 4291 text. No
 * zone. An IPv4-mapped IPv6 address is an IPv6 address.
 *
 * Return: AF_INET, AF_INET6, or 0 when it is no address.
 */
int op25b_addr_parse(const char *s, size_t len, uint8_t *addr);

/* Bits in an address of @family. */
static inline unsigned int op25b_addr_bits(int family)
{
	return family == 2 /* AF_INET */ ? 32 : 128;
}

/* Zeroes what lies beyond @plen bits. Return: true if any of it was set. */
bool op25b_addr_mask(uint8_t *addr, int family, unsigned int plen);

/* Why no packet of TCP that is forwarded has an address of this prefix, as a
 * clause: "loopback addresses are not forwarded". Return: it, or NULL
 */
const char *op25b_addr_never(const uint8_t *addr, int family,
			     unsigned int plen);

/* Is it IPv4-mapped, of at least 96 bits? */
bool op25b_addr_mapped(const uint8_t *addr, int family, unsigned int plen);

/* Text of an address. Return: @buf */
const char *op25b_addr_text(const uint8_t *addr, int family, char *buf);

/* Text of a prefix. Return: @buf */
const char *op25b_prefix_text(const uint8_t *addr, int family,
			      unsigned int plen, char *buf);

#endif /* OP25BCTL_ADDR_H */
