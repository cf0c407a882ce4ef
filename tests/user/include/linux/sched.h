/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_SCHED_H
#define _SHIM_SCHED_H

extern unsigned long shim_rescheds;

/* Called at each, where a program has one. */
extern void shim_on_resched(void) __attribute__((weak));

static inline void cond_resched(void)
{
	__atomic_fetch_add(&shim_rescheds, 1, __ATOMIC_RELAXED);
	if (shim_on_resched)
		shim_on_resched();
}

#endif
