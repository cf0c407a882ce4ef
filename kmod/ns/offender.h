/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Offenders: the worst sources of a namespace, whose packets were blocked or
 * would have been, and exempt ones that connect as often. A table per CPU
 * (heavy.h), added up by whoever reads.
 */
#ifndef _OP25B_OFFENDER_H
#define _OP25B_OFFENDER_H

#include <linux/types.h>

#include "packet/heavy.h"

struct op25b_flow;
struct op25b_judgement;
struct op25b_knobs;
struct op25b_net;
struct op25b_offenders;

/* Tables of all CPUs that may ever be, empty: 124 KiB each. NULL: no memory.
 * Context: may sleep.
 */
struct op25b_offenders *op25b_offenders_alloc(struct op25b_net *on);

/* Context: no packet and no reader is left; may sleep. */
void op25b_offenders_free(struct op25b_offenders *offenders);

/* Counts a packet that was judged, unless it says nothing about its source
 * (counters PASS_UNLISTED and PASS_RELAY). Who is counted is @flow's source,
 * but in row 2 its destination, in whose name somebody else sends. @now: in
 * seconds of CLOCK_REALTIME.
 * Context: packet path, bottom halves off; on->offenders is there.
 */
void op25b_offender_count(struct op25b_net *on, const struct op25b_flow *flow,
			  struct op25b_judgement j, u32 bytes, u32 now);

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
