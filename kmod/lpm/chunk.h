/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work on a million things is cut into chunks, so that nobody waits long for
 * the CPU.
 */
#ifndef _OP25B_CHUNK_H
#define _OP25B_CHUNK_H

#include <linux/sched.h>

/* Things that are freed, moved or looked at in one go. The dearest of them, an
 * entry whose going makes its index smaller, takes some 30 us. So they are 2
 * ms, where 10 would be too many.
 */
#define OP25B_CHUNK 64U

/* One thing more; *@n counts them, from 0. At a chunk's end others get the CPU.
 * Context: may sleep.
 */
static inline void op25b_chunk(unsigned int *n)
{
	if (!(++*n % OP25B_CHUNK))
		cond_resched();
}

#endif /* _OP25B_CHUNK_H */
