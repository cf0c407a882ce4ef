/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory of entries. An entry has a number and stays where it is; entry.c
 * and index.c alone look at it here. Theory of operation in pool.c.
 */
#ifndef _OP25B_POOL_H
#define _OP25B_POOL_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "state/store.h"

#define OP25B_POOL_GFP		(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | \
				 __GFP_NOWARN | __GFP_ZERO)

/* A number is a page, above, and a place in it from 1 on, below; an entry has
 * more than 32 bytes. With pages of 4 KiB there are numbers for 58M entries of
 * IPv6 and 76M of IPv4: twice 16M, and what is not freed yet.
 */
#define OP25B_NUMBER_BITS	27
#define OP25B_NUMBER_MASK	(BIT(OP25B_NUMBER_BITS) - 1)
#define OP25B_PLACE_BITS	(PAGE_SHIFT - 5)
#define OP25B_PLACE_MASK	(BIT(OP25B_PLACE_BITS) - 1)
#define OP25B_SHELF_BITS	6
#define OP25B_SHELF_PAGES	BIT(OP25B_SHELF_BITS)
#define OP25B_SHELVES		BIT(OP25B_NUMBER_BITS - OP25B_PLACE_BITS - \
				    OP25B_SHELF_BITS)

/**
 * struct op25b_page - the head of a page of entries
 * @free: the first place to be used again, 0 for none
 * @top: places that have ever been used
 * @used: places that are
 * @entry: those, from place 1 on
 */
struct op25b_page {
	u16 free;
	u16 top;
	u16 used;
	u64 entry[] __aligned(8);
};

/**
 * struct op25b_shelf - some pages
 * @room: those in which one more entry has room, be they there or not
 * @page: where they are, NULL while none is there
 */
struct op25b_shelf {
	u64 room;
	struct op25b_page **page;
};

/**
 * struct op25b_pool - the pages of one kind and family of entries
 * @rcu: of the pool, which a larger one replaces; its shelves outlive it
 * @size: of an entry, bytes
 * @shelves: in @shelf
 * @pages: in these; on->lock
 */
struct op25b_pool {
	struct rcu_head rcu;
	u32 size;
	u32 shelves;
	u32 pages;
	struct op25b_shelf shelf[];
};

/* Memory in one piece, but not from neighbouring pages, for kvfree(). */
static inline void *op25b_pool_zalloc(size_t bytes)
{
	return bytes > PAGE_SIZE ? __vmalloc(bytes, OP25B_POOL_GFP) :
				   kmalloc(bytes, OP25B_POOL_GFP);
}

/* Context: RCU, after the acquire of the slot that has the number, or
 * on->lock.
 */
static inline const struct op25b_pool *
op25b_pool(struct op25b_store *on, const struct op25b_entries *entries)
{
	return rcu_dereference_check(entries->pool, lockdep_is_held(&on->lock));
}

/* The entry @number of @pool, which is there. */
static inline struct op25b_entry *op25b_pool_at(const struct op25b_pool *pool,
						u32 number)
{
	u32 nr = number >> OP25B_PLACE_BITS;
	struct op25b_page *page;

	page = pool->shelf[nr >> OP25B_SHELF_BITS].page[nr %
							OP25B_SHELF_PAGES];
	return (void *)page->entry +
	       ((number & OP25B_PLACE_MASK) - 1) * pool->size;
}

/* All below: on->lock held. */

/* Memory for one more entry, zeroed. Return: its number, 0 without memory. */
u32 op25b_pool_alloc(struct op25b_store *on, struct op25b_entries *entries);

/* Context: no reader is left. */
void op25b_pool_free(struct op25b_store *on, struct op25b_entries *entries,
		     u32 number);

#endif /* _OP25B_POOL_H */
