/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers that a seed repeats: splitmix64 (Steele, Lea, Flood, OOPSLA
 * 2014).
 */
#ifndef _OP25B_TEST_RND_H
#define _OP25B_TEST_RND_H

#include <kunit/test.h>
#ifdef __KERNEL__
#include <linux/random.h>
#endif

struct rnd {
	u64 state;
};

static inline u64 rnd64(struct rnd *r)
{
	u64 z = r->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* 0 to @n - 1 */
static inline u32 rnd_below(struct rnd *r, u32 n)
{
	return (u32)(rnd64(r) >> 32) % n;
}

/* @given: the seed to repeat, 0 for a fresh one. */
static inline void rnd_init(struct kunit *test, struct rnd *r, u64 given)
{
	r->state = given ? given : get_random_u64();
	kunit_info(test, "seed 0x%llx", (unsigned long long)r->state);
}

#endif /* _OP25B_TEST_RND_H */
