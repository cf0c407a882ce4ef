/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a side of the ruleset says of an entry besides its action: comment and
 * expiry, in one word. 0 is neither; an expiry alone lies in the word itself; a
 * comment needs memory, to which the word points.
 *
 *	63 expires 32 | 31 place 4 | 0 1	no comment
 *	63 struct op25b_note * 0		its low bits are 0
 *
 * The place is that in the heap of due.c. All of it: on->lock held.
 */
#ifndef _OP25B_FACT_H
#define _OP25B_FACT_H

#include <linux/build_bug.h>
#include <linux/op25b.h>
#include <linux/types.h>

struct op25b_store;

/* Of CONFIG, at most two rulesets have something to say: what is in force, and
 * what is staged or parked: sides 0 and 1. COMMIT and rollback change them. Any
 * other origin has one side, which has its number.
 */
#define OP25B_SIDES	__OP25B_ORIGIN_MAX
static_assert(OP25B_ORIGIN_SESSION == 2);

static inline u8 op25b_side_origin(u8 side)
{
	return side < OP25B_ORIGIN_SESSION ? OP25B_ORIGIN_CONFIG : side;
}

/* @comment may be NULL. @expires: CLOCK_REALTIME seconds, 0 never.
 * Return: 0 or -ENOMEM. May sleep. Bytes go to on->memory.
 */
int op25b_fact_make(struct op25b_store *on, const char *comment, u32 expires,
		    u64 *fact);
void op25b_fact_free(struct op25b_store *on, u64 fact);

/* NULL for none; valid as long as @fact. */
const char *op25b_fact_comment(u64 fact);
u32 op25b_fact_expires(u64 fact);
u32 op25b_fact_place(u64 fact);
void op25b_fact_set_place(u64 *fact, u32 place);

#endif /* _OP25B_FACT_H */
