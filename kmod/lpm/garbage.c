// SPDX-License-Identifier: GPL-2.0
/*
 * Slots to be freed. An object that readers can still reach must not be
 * written, so it cannot be chained by a field of its own.
 */
#include <linux/build_bug.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "lpm/chunk.h"
#include "lpm/garbage.h"
#include "lpm/memory.h"
#include "lpm/node.h"

#define BLOCK_SLOTS ((PAGE_SIZE - sizeof(struct list_head) - sizeof(u64)) / \
		     sizeof(u64))

struct block {
	struct list_head list;
	u64 used;
	u64 slot[];
};

void op25b_bag_init(struct op25b_bag *bag)
{
	INIT_LIST_HEAD(&bag->blocks);
	bag->room = 0;
	bag->bytes = 0;
}

int op25b_bag_reserve(struct op25b_bag *bag, unsigned int n)
{
	struct block *block;

	BUILD_BUG_ON(sizeof(*block) + OP25B_BAG_ROOM * sizeof(u64) > PAGE_SIZE);
	if (bag->room >= n)
		return 0;
	block = (struct block *)__get_free_page(OP25B_GFP);
	if (!block)
		return -ENOMEM;
	block->used = 0;
	list_add_tail(&block->list, &bag->blocks);
	bag->room = BLOCK_SLOTS;
	bag->bytes += PAGE_SIZE;
	return 0;
}

void op25b_bag_add(struct op25b_bag *bag, u64 slot)
{
	struct block *block = list_last_entry(&bag->blocks, struct block, list);

	block->slot[block->used++] = slot;
	bag->room--;
}

/* A block of a small change is mostly empty: so its slots move, if they fit. */
void op25b_bag_pour(struct op25b_bag *to, struct op25b_bag *from)
{
	struct block *block, *next;
	u64 i;

	list_for_each_entry_safe(block, next, &from->blocks, list) {
		list_del(&block->list);
		if (block->used > to->room) {
			list_add_tail(&block->list, &to->blocks);
			to->room = BLOCK_SLOTS - block->used;
			to->bytes += PAGE_SIZE;
			continue;
		}
		for (i = 0; i < block->used; i++)
			op25b_bag_add(to, block->slot[i]);
		free_page((unsigned long)block);
	}
	op25b_bag_init(from);
}

static void empty(struct op25b_bag *bag, bool free)
{
	struct block *block, *next;
	unsigned int n = 0;
	u64 i;

	list_for_each_entry_safe(block, next, &bag->blocks, list) {
		for (i = 0; free && i < block->used; i++) {
			op25b_slot_free(block->slot[i]);
			op25b_chunk(&n);
		}
		free_page((unsigned long)block);
		op25b_chunk(&n);
	}
	op25b_bag_init(bag);
}

void op25b_bag_forget(struct op25b_bag *bag)
{
	empty(bag, false);
}

void op25b_bag_free(struct op25b_bag *bag)
{
	empty(bag, true);
}
