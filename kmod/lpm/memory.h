/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How memory is asked for whose amount userspace decides: it counts for whoever
 * asks, and is refused rather than taken from others.
 */
#ifndef _OP25B_MEMORY_H
#define _OP25B_MEMORY_H

#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>

#define OP25B_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | \
			 __GFP_NOWARN)

/* @bytes of @cpu's own, zeroed; for kvfree(). In one piece if that is at hand,
 * which packets are a little faster with; nothing is moved or written out for
 * it, single pages will do. NULL: no memory.
 */
static inline void *op25b_cpu_alloc(size_t bytes, int cpu)
{
	void *piece = kzalloc_node(bytes, __GFP_ACCOUNT | __GFP_NOWARN,
				   cpu_to_node(cpu));

	return piece ?: __vmalloc(bytes, OP25B_GFP | __GFP_ZERO);
}

#endif /* _OP25B_MEMORY_H */
