/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Offenders: the worst sources of a namespace, whose packets were blocked or
 * would have been, and exempt ones that connect as often. A table per CPU
 * (heavy.h), added up by whoever reads.
 */
#ifndef _OP25B_OFFENDER_H
#define _OP25B_OFFENDER_H

#include <linux/types.h>

#include "packet/sight.h"
#include "packet/verdict.h"

struct op25b_net;
struct op25b_offenders;

/* Tables of all CPUs that may ever be, empty: 124 KiB each. NULL: no memory.
 * Context: may sleep.
 */
struct op25b_offenders *op25b_offenders_alloc(struct op25b_net *on);

/* Context: no packet and no reader is left; may sleep. */
void op25b_offenders_free(struct op25b_offenders *offenders);

/* Below, for what is not simply blocked. @counter: enum op25b_counter. */
u8 op25b_offender_says_odd(const struct op25b_flow *flow, u8 counter);

/* What a packet says of its source: enum op25b_says. 0: nothing, and it does
 * not count.
 *
 * Packets of connections that go through do not compare with blocked ones: of
 * those, only SYNs are attempts. Answers that the reverse guard would block
 * have none that is told apart, so all of them are.
 */
static __always_inline u8 op25b_offender_says(const struct op25b_flow *flow,
					      u8 counter)
{
	if (likely(counter == OP25B_COUNTER_BLOCK))
		return (flow->syn ? OP25B_SAYS_SYN : 0) | OP25B_SAYS_ATTEMPT;
	return op25b_offender_says_odd(flow, counter);
}

/* Below, of either family. */
void op25b_offender_count_v4(struct op25b_offenders *offenders,
			     const struct op25b_addr *source,
			     const struct op25b_addr *to,
			     u32 traits, u32 bytes, u32 now);
void op25b_offender_count_v6(struct op25b_offenders *offenders,
			     const struct op25b_addr *source,
			     const struct op25b_addr *to,
			     u32 traits, u32 bytes, u32 now);

/* Counts a packet that was judged, unless it says nothing about its source
 * (counters PASS_UNLISTED and PASS_RELAY). Who is counted is @flow's source,
 * but in row 2 its destination, in whose name somebody else sends. @family: of
 * @flow, best a constant. @now: in seconds of CLOCK_REALTIME.
 * Context: packet path, bottom halves off. @offenders are there.
 */
static __always_inline void
op25b_offender_count(struct op25b_offenders *offenders, u8 family,
		     const struct op25b_flow *flow, struct op25b_judgement j,
		     u32 bytes, u32 now)
{
	u8 says = op25b_offender_says(flow, j.counter);
	u32 traits = op25b_traits(family, j.len, j.action, says);
	const struct op25b_addr *source = j.reverse ? &flow->dst : &flow->src;
	const struct op25b_addr *to = j.reverse ? &flow->src : &flow->dst;

	if (!says)
		return;
	if (family == OP25B_V4)
		op25b_offender_count_v4(offenders, source, to, traits, bytes,
					now);
	else
		op25b_offender_count_v6(offenders, source, to, traits, bytes,
					now);
}

/* All below: on->offenders may be NULL. */

/* @knobs are in force. Another length empties the tables. Context:
 * on->store.lock.
 */
void op25b_offenders_knobs(struct op25b_net *on,
			   const struct op25b_knobs *knobs);

/* Empties the tables. Context: on->store.lock. */
void op25b_offenders_reset(struct op25b_net *on);

/* Places in use, on all CPUs together. Context: any. */
u32 op25b_offenders_used(struct op25b_net *on);

/* All offenders, worst first: by attempts, then who was seen later, then by
 * address. @list is to be kvfree()d. Return: 0 or -ENOMEM. Context: may sleep.
 */
int op25b_offenders_list(struct op25b_net *on, struct op25b_offender **list,
			 u32 *count);

#endif /* _OP25B_OFFENDER_H */
