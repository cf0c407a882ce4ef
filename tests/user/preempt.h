/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PREEMPT_H
#define PREEMPT_H

#include "ns/net.h"
#include "state/journal.h"

/* A SYN of 40 bytes is counted, and may be preempted. */
void preempt_count(struct op25b_net *on, struct op25b_addr addr, u64 id);

#endif
