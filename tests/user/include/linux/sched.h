/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_SCHED_H
#define _SHIM_SCHED_H

extern unsigned long shim_rescheds;
#define cond_resched()	((void)__atomic_fetch_add(&shim_rescheds, 1, __ATOMIC_RELAXED))

#endif
