/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work on a million things is cut into chunks, so that nobody waits long for
 * the CPU.
 */
#ifndef _OP25B_CHUNK_H
#define _OP25B_CHUNK_H

#include <linux/sched.h>

/* Things that are freed, moved or looked at in one go. The dearest of them, a
 * prefix that expires, takes some 5 us.
 */
#define OP25B_CHUNK 256U

/* One thing more; *@n counts them, from 0. At a chunk's end others get the CPU.
 * Context: may sleep.
 */
static inline void op25b_chunk(unsigned int *n)
{
	if (!(++*n % OP25B_CHUNK))
		cond_resched();
}

#endif /* _OP25B_CHUNK_H */
