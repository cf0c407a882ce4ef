/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A number of 128 bits: an address, or how many of them. The compiler's own
 * type is there only where a long has 64.
 */
#ifndef OP25BCTL_WIDE_H
#define OP25BCTL_WIDE_H

#include <stdbool.h>
#include <stdint.h>

struct op25b_wide {
	uint64_t hi, lo;
};

#define OP25B_WIDE_MAX	((struct op25b_wide){ UINT64_MAX, UINT64_MAX })

static inline bool op25b_wide_less(struct op25b_wide a, struct op25b_wide b)
{
	return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

/* 2^128 - 1 where the sum is more. */
static inline struct op25b_wide op25b_wide_add(struct op25b_wide a,
					       struct op25b_wide b)
{
	struct op25b_wide sum = { a.hi + b.hi, a.lo + b.lo };

	sum.hi += sum.lo < a.lo;
	return op25b_wide_less(sum, a) ? OP25B_WIDE_MAX : sum;
}

static inline struct op25b_wide op25b_wide_sub(struct op25b_wide a,
					       struct op25b_wide b)
{
	return (struct op25b_wide){ a.hi - b.hi - (a.lo < b.lo), a.lo - b.lo };
}

static inline struct op25b_wide op25b_wide_half(struct op25b_wide a)
{
	return (struct op25b_wide){ a.hi >> 1, a.lo >> 1 | a.hi << 63 };
}

/* 2^@bits - 1, @bits up to 128. */
static inline struct op25b_wide op25b_wide_ones(unsigned int bits)
{
	if (!bits)
		return (struct op25b_wide){ 0, 0 };
	if (bits <= 64)
		return (struct op25b_wide){ 0, UINT64_MAX >> (64 - bits) };
	return (struct op25b_wide){ UINT64_MAX >> (128 - bits), UINT64_MAX };
}

#endif
