// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of entries.
 *
 * Theory of operation
 * ===================
 *
 * Entries lie in pages that never move, and are named by number: which page,
 * and which entry in it. 64 pages are a shelf, and a pool is an array of these.
 *
 *	number  page 130, place 3  ->  shelf[2].page[2]  ->  third entry there
 *
 * A page comes with its first entry and goes with its last, and so do a shelf's
 * array and the pool. New entries go to the lowest page that has room, so that
 * those further up are left to become empty. A shelf has a bit for each page
 * with room; a page chains the places that are free.
 *
 * When its shelves are not enough, a pool is replaced by a copy of twice the
 * length, 16 KiB for 4M entries. Readers look for the pool after they have read
 * a number, from a slot of the index that was written by a release; so they
 * find one that is long enough.
 */
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "state/pool.h"

#define MIN_SHELVES	4U
#define SHELF_BYTES	(OP25B_SHELF_PAGES * sizeof(struct op25b_page *))

static size_t entry_size(u8 family)
{
	/* Not sizeof, which is padded; but the counters stay aligned. */
	return ALIGN(offsetof(struct op25b_entry, addr) +
		     (family == OP25B_V4 ? 1 : 4) * sizeof(u32), sizeof(u64));
}

static u32 per_page(const struct op25b_pool *pool)
{
	return (PAGE_SIZE - sizeof(struct op25b_page)) / pool->size;
}

static struct op25b_pool *pool_locked(struct op25b_store *on,
				      struct op25b_entries *entries)
{
	return rcu_dereference_protected(entries->pool,
					 lockdep_is_held(&on->lock));
}

static size_t pool_bytes(const struct op25b_pool *pool)
{
	return struct_size(pool, shelf, pool->shelves);
}

/* A pool of twice as many shelves. NULL: no memory. */
static struct op25b_pool *grow(struct op25b_store *on,
			       struct op25b_entries *entries)
{
	struct op25b_pool *old = pool_locked(on, entries), *pool;
	u32 had = old ? old->shelves : 0;
	u32 shelves = had ? 2 * had : MIN_SHELVES;

	if (shelves > OP25B_SHELVES)
		return NULL;
	pool = op25b_pool_zalloc(struct_size(pool, shelf, shelves));
	if (!pool)
		return NULL;
	pool->size = entry_size(entries->family);
	pool->shelves = shelves;
	while (shelves-- > had)
		pool->shelf[shelves].room = ~0ULL;
	atomic64_add(pool_bytes(pool), &on->memory);
	if (old) {
		pool->pages = old->pages;
		memcpy(pool->shelf, old->shelf, had * sizeof(*pool->shelf));
		atomic64_sub(pool_bytes(old), &on->memory);
		kvfree_rcu(old, rcu);
	}
	rcu_assign_pointer(entries->pool, pool);
	return pool;
}

/* What is empty goes. */
static void tidy(struct op25b_store *on, struct op25b_entries *entries,
		 struct op25b_shelf *shelf)
{
	struct op25b_pool *pool = pool_locked(on, entries);

	if (shelf->page && !memchr_inv(shelf->page, 0, SHELF_BYTES)) {
		kfree(shelf->page);
		atomic64_sub(SHELF_BYTES, &on->memory);
		shelf->page = NULL;
	}
	if (pool->pages)
		return;
	RCU_INIT_POINTER(entries->pool, NULL);
	entries->first = 0;
	atomic64_sub(pool_bytes(pool), &on->memory);
	kvfree(pool);
}

/* The page @i of @shelf, which has room. NULL: no memory. */
static struct op25b_page *page_get(struct op25b_store *on,
				   struct op25b_pool *pool,
				   struct op25b_shelf *shelf, u32 i)
{
	if (!shelf->page) {
		shelf->page = kmalloc(SHELF_BYTES, OP25B_POOL_GFP);
		if (!shelf->page)
			return NULL;
		atomic64_add(SHELF_BYTES, &on->memory);
	}
	if (!shelf->page[i]) {
		shelf->page[i] = (void *)__get_free_page(OP25B_POOL_GFP);
		if (!shelf->page[i])
			return NULL;
		atomic64_add(PAGE_SIZE, &on->memory);
		pool->pages++;
	}
	return shelf->page[i];
}

u32 op25b_pool_alloc(struct op25b_store *on, struct op25b_entries *entries)
{
	struct op25b_pool *pool = pool_locked(on, entries);
	struct op25b_entry *entry;
	struct op25b_shelf *shelf;
	struct op25b_page *page;
	u32 i, number;

	/* Below @first there is no room. */
	while (pool && entries->first < pool->shelves &&
	       !pool->shelf[entries->first].room)
		entries->first++;
	if (!pool || entries->first == pool->shelves)
		pool = grow(on, entries);
	if (!pool)
		return 0;
	shelf = &pool->shelf[entries->first];
	i = __ffs64(shelf->room);
	page = page_get(on, pool, shelf, i);
	if (!page) {
		tidy(on, entries, shelf);
		return 0;
	}

	number = (entries->first << OP25B_SHELF_BITS | i) << OP25B_PLACE_BITS |
		 (page->free ?: ++page->top);
	entry = op25b_pool_at(pool, number);
	if (page->free)
		page->free = entry->born;
	if (++page->used == per_page(pool))
		shelf->room &= ~BIT_ULL(i);
	memset(entry, 0, pool->size);
	return number;
}

void op25b_pool_free(struct op25b_store *on, struct op25b_entries *entries,
		     u32 number)
{
	u32 nr = number >> OP25B_PLACE_BITS, i = nr % OP25B_SHELF_PAGES;
	struct op25b_pool *pool = pool_locked(on, entries);
	struct op25b_shelf *shelf = &pool->shelf[nr >> OP25B_SHELF_BITS];
	struct op25b_page *page = shelf->page[i];

	lockdep_assert_held(&on->lock);
	op25b_pool_at(pool, number)->born = page->free;
	page->free = number & OP25B_PLACE_MASK;
	shelf->room |= BIT_ULL(i);
	entries->first = min(entries->first, nr >> OP25B_SHELF_BITS);
	if (--page->used)
		return;
	free_page((unsigned long)page);
	atomic64_sub(PAGE_SIZE, &on->memory);
	shelf->page[i] = NULL;
	pool->pages--;
	tidy(on, entries, shelf);
}
