// SPDX-License-Identifier: GPL-2.0
/*
 * What one origin has in a ruleset.
 */
#include <linux/slab.h>

#include "lpm/filter.h"
#include "lpm/memory.h"
#include "state/part.h"
#include "state/store.h"

struct op25b_part op25b_part_empty = {
	.prefixes[OP25B_V6].family = OP25B_V6,
	.relays[OP25B_V6].family = OP25B_V6,
};

struct op25b_part *op25b_part_alloc(struct op25b_store *on)
{
	struct op25b_part *part = kmalloc(sizeof(*part), OP25B_GFP);

	if (!part)
		return NULL;
	*part = op25b_part_empty;
	atomic64_add(sizeof(*part), &on->memory);
	return part;
}

void op25b_part_free(struct op25b_store *on, struct op25b_part *part)
{
	if (part == &op25b_part_empty)
		return;
	atomic64_sub(sizeof(*part), &on->memory);
	kfree(part);
}

u32 op25b_part_relays(const struct op25b_part *part)
{
	return part->relays[OP25B_V4].count + part->relays[OP25B_V6].count;
}

bool op25b_part_is_empty(const struct op25b_part *part)
{
	unsigned int i;

	for (i = 0; i < OP25B_TRIES; i++)
		if (part->tries[i].root)
			return false;
	return true;
}

void op25b_part_empty_out(struct op25b_part *part)
{
	unsigned int i;

	for (i = 0; i < OP25B_TRIES; i++)
		op25b_trie_free(&part->tries[i]);
	for (i = 0; i < OP25B_ENTRY_KINDS; i++)
		op25b_filter_free(part->filter[i]);
}
