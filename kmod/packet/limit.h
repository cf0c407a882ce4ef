/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many replies may be sent: token buckets per source under a ceiling per
 * namespace. Knows no skb. Theory of operation in limit.c.
 */
#ifndef _OP25B_LIMIT_H
#define _OP25B_LIMIT_H

#include "lpm/addr.h"

struct op25b_limiter;

/* Budgets are apart: what one uses up, the other keeps. */
enum op25b_budget {
	OP25B_BUDGET_FORWARD,		/* row 7: the subscriber is answered */
	OP25B_BUDGET_REVERSE,		/* row 2: a server outside is */
	OP25B_BUDGETS
};

/* The buckets of one namespace, all full. NULL: no memory. Context: may sleep.
 */
struct op25b_limiter *op25b_limiter_alloc(void);
void op25b_limiter_free(struct op25b_limiter *limiter);

/**
 * op25b_limiter_take() - may one reply be sent?
 * @limiter: of the namespace
 * @budget: whose tokens
 * @family: enum op25b_family
 * @src: who would be answered; an IPv6 source stands for its /64
 * @source_rate: replies a second and source, 0 none
 * @rate: replies a second of the whole budget, 0 none
 * @now: nanoseconds, monotonic, ktime_get_coarse_ns() will do
 *
 * A rate is also the burst: a bucket holds the tokens of one second.
 *
 * Context: any; takes no lock.
 */
bool op25b_limiter_take(struct op25b_limiter *limiter,
			enum op25b_budget budget, u8 family,
			struct op25b_addr src, u32 source_rate, u32 rate,
			u64 now);

#endif /* _OP25B_LIMIT_H */
