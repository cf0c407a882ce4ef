/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_BITOPS_H
#define _SHIM_BITOPS_H

#include <linux/types.h>

#define BIT_ULL(n)	(1ULL << (n))
#define hweight_long(x)	((unsigned int)__builtin_popcountl(x))
#define hweight64(x)	((unsigned int)__builtin_popcountll(x))
#define __ffs64(x)	((unsigned int)__builtin_ctzll(x))
#define __ffs(x)	((unsigned int)__builtin_ctzl(x))
#define __fls(x)	((unsigned int)(8 * sizeof(long)) - 1 - __builtin_clzl(x))

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline u64 rol64(u64 x, unsigned int n)
{
	return x << (n & 63) | x >> (-n & 63);
}

#endif
