/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses and prefixes as everything behind the parser sees them: two host
 * order words, left aligned, so that bit 0 of an address is the top bit of
 * @hi in both families and one engine serves them.
 *
 *   IPv4 192.0.2.1    hi = 0xc000020100000000, lo = 0
 *   IPv6 2001:db8::1  hi = 0x20010db800000000, lo = 1
 */
#ifndef _OP25B_ADDR_H
#define _OP25B_ADDR_H

#include <linux/hash.h>
#include <linux/types.h>
#ifdef __KERNEL__
#include <asm/byteorder.h>
#endif

enum op25b_family {
	OP25B_V4,
	OP25B_V6,
	OP25B_FAMILIES
};

struct op25b_addr {
	u64 hi;
	u64 lo;
};

/* A prefix. Bits beyond @len are zero in everything that is stored. */
struct op25b_prefix {
	struct op25b_addr addr;
	u8 family;		/* enum op25b_family */
	u8 len;
};

static inline unsigned int op25b_family_bits(u8 family)
{
	return family == OP25B_V4 ? 32 : 128;
}

/* @bytes of an IPv4 address in network order; any alignment the caller has. */
static inline struct op25b_addr op25b_addr_v4(__be32 addr)
{
	return (struct op25b_addr){ .hi = (u64)be32_to_cpu(addr) << 32 };
}

static inline struct op25b_addr op25b_addr_v6(const __be32 addr[4])
{
	return (struct op25b_addr){
		.hi = (u64)be32_to_cpu(addr[0]) << 32 | be32_to_cpu(addr[1]),
		.lo = (u64)be32_to_cpu(addr[2]) << 32 | be32_to_cpu(addr[3]),
	};
}

static inline bool op25b_addr_equal(struct op25b_addr a, struct op25b_addr b)
{
	return !((a.hi ^ b.hi) | (a.lo ^ b.lo));
}

static inline int op25b_addr_cmp(struct op25b_addr a, struct op25b_addr b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	if (a.lo != b.lo)
		return a.lo < b.lo ? -1 : 1;
	return 0;
}

/* The first @n bits of @addr, the rest zero. @n is 0 to 128. */
static inline struct op25b_addr op25b_addr_head(struct op25b_addr addr,
						unsigned int n)
{
	if (n < 64) {
		addr.hi &= ~(~0ULL >> n);
		addr.lo = 0;
	} else if (n < 128) {
		addr.lo &= ~(~0ULL >> (n - 64));
	}
	return addr;
}

/* @addr, which is of @family. Where that is a constant, the compiler learns
 * that an IPv4 address is one word.
 */
static __always_inline struct op25b_addr op25b_addr_of(u8 family,
						       struct op25b_addr addr)
{
	if (family == OP25B_V4)
		addr.lo = 0;
	return addr;
}

/* Fibonacci hashing (Knuth, TAOCP vol. 3, 6.4): the top bits are the best. The
 * second word is mixed in behind the seed: who does not know that can make many
 * addresses out of two words, but not many with one hash.
 */
static inline u64 op25b_addr_hash(u64 seed, struct op25b_addr addr)
{
	u64 hash = (addr.hi ^ seed) * GOLDEN_RATIO_64;

	if (addr.lo)
		hash = (hash ^ hash >> 32 ^ addr.lo) * GOLDEN_RATIO_64;
	return hash;
}

/* @addr shifted left by @n bits, 0 to 128. */
static inline struct op25b_addr op25b_addr_shl(struct op25b_addr addr,
					       unsigned int n)
{
	if (n >= 64) {
		addr.hi = n < 128 ? addr.lo << (n - 64) : 0;
		addr.lo = 0;
	} else if (n) {
		addr.hi = addr.hi << n | addr.lo >> (64 - n);
		addr.lo <<= n;
	}
	return addr;
}

/* @bits put behind the first @n bits of @head, 0 to 127. Both are zero where
 * they have nothing to say.
 */
static inline struct op25b_addr op25b_addr_join(struct op25b_addr head,
						unsigned int n,
						struct op25b_addr bits)
{
	if (n >= 64) {
		head.lo |= bits.hi >> (n - 64);
	} else if (n) {
		head.hi |= bits.hi >> n;
		head.lo |= bits.hi << (64 - n) | bits.lo >> n;
	} else {
		head = bits;
	}
	return head;
}

#endif /* _OP25B_ADDR_H */
