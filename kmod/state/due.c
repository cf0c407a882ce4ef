// SPDX-License-Identifier: GPL-2.0
/*
 * The order in which prefixes expire.
 *
 * Theory of operation
 * ===================
 *
 * A binary heap (Williams, "Algorithm 232", CACM 7(6), 1964): an element is not
 * due before its parent, at half its position. It holds names of entries, not
 * times, and each entry knows its position. So an expiry that changes, or an
 * entry that goes, is seen to at once: nothing stale is ever in the heap, and
 * its memory is bounded by the entries that expire.
 *
 *	position	1	2	3	4 ...
 *	element		family and number of an entry
 *	fact		expires, and the position, 0 if in no heap
 *
 * Each side has a heap, and an entry a fact and a position for each side of its
 * origin. When a ruleset goes, its heap goes with it, at once; the facts go
 * later, one by one, or are replaced when a ruleset that has this side now gets
 * the entry. So a position counts only where the heap has the entry there.
 *
 * A pop of a million looks at 40 entries, most of them cache misses: some 4 us.
 *
 * Memory comes in pages behind a directory, so that growing never copies it.
 * What an edit will need at its commit is reserved before, since a commit must
 * not fail half way.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "lpm/chunk.h"
#include "lpm/memory.h"
#include "state/due.h"
#include "state/entry.h"
#include "state/store.h"

#define PER_PAGE	((u32)(PAGE_SIZE / sizeof(u32)))
#define MIN_ROOM	8U

#define FAMILY_BIT	BIT(31)		/* of an element: IPv6 */

static u32 *at(struct op25b_due *due, u32 place)
{
	return &due->page[(place - 1) / PER_PAGE][(place - 1) % PER_PAGE];
}

/* What @side says of the entry that @element names. */
static u64 *fact_of(struct op25b_store *on, u8 side, u32 element)
{
	u8 class = op25b_class(op25b_side_origin(side), OP25B_ENTRY_PREFIX);
	u8 family = element & FAMILY_BIT ? OP25B_V6 : OP25B_V4;

	return op25b_entry_fact(op25b_entry_at(on, class, family,
					       element & ~FAMILY_BIT), side);
}

static u32 expires_of(struct op25b_store *on, u8 side, u32 element)
{
	return op25b_fact_expires(*fact_of(on, side, element));
}

static u32 expires_at(struct op25b_store *on, u8 side, u32 place)
{
	return expires_of(on, side, *at(&on->due[side], place));
}

static void place(struct op25b_store *on, u8 side, u32 element, u32 place)
{
	*at(&on->due[side], place) = element;
	op25b_fact_set_place(fact_of(on, side, element), place);
}

/* Memory */

static int add_room(struct op25b_store *on, struct op25b_due *due)
{
	u32 room = max(2 * due->room, MIN_ROOM);
	u32 **page;

	page = kvmalloc_array(room, sizeof(*page), OP25B_GFP);
	if (!page)
		return -ENOMEM;
	if (due->pages)
		memcpy(page, due->page, due->pages * sizeof(*page));
	kvfree(due->page);
	atomic64_add((room - due->room) * sizeof(*page), &on->memory);
	due->page = page;
	due->room = room;
	return 0;
}

static int add_page(struct op25b_store *on, struct op25b_due *due)
{
	void *page;

	if (due->pages == due->room && add_room(on, due))
		return -ENOMEM;
	page = (void *)__get_free_page(OP25B_GFP);
	if (!page)
		return -ENOMEM;
	due->page[due->pages++] = page;
	atomic64_add(PAGE_SIZE, &on->memory);
	return 0;
}

/* One page more than needed may stay, but none when nothing expires. */
void op25b_due_trim(struct op25b_store *on, u8 side)
{
	struct op25b_due *due = &on->due[side];
	u32 keep = due->count ? due->count / PER_PAGE + 2 : 0;
	unsigned int n = 0;

	lockdep_assert_held(&on->lock);
	while (due->pages > keep) {
		free_page((unsigned long)due->page[--due->pages]);
		atomic64_sub(PAGE_SIZE, &on->memory);
		op25b_chunk(&n);
	}
	if (keep || !due->room)
		return;
	atomic64_sub(due->room * sizeof(*due->page), &on->memory);
	kvfree(due->page);
	due->page = NULL;
	due->room = 0;
}

void op25b_due_drop(struct op25b_store *on, u8 side)
{
	on->due[side].count = 0;
	op25b_due_trim(on, side);
}

void op25b_due_exit(struct op25b_store *on)
{
	u8 side;

	/* Nobody else is there; but lockdep cannot know. */
	mutex_lock(&on->lock);
	for (side = 0; side < OP25B_SIDES; side++)
		op25b_due_drop(on, side);
	mutex_unlock(&on->lock);
}

int op25b_due_reserve(struct op25b_store *on, u8 side, u32 n)
{
	struct op25b_due *due = &on->due[side];

	lockdep_assert_held(&on->lock);
	while (due->count + n > due->pages * PER_PAGE)
		if (add_page(on, due))
			return -ENOMEM;
	return 0;
}

/* The heap */

static void sift_up(struct op25b_store *on, u8 side, u32 element, u32 where)
{
	u32 expires = expires_of(on, side, element);

	for (; where > 1 && expires_at(on, side, where / 2) > expires;
	     where /= 2)
		place(on, side, *at(&on->due[side], where / 2), where);
	place(on, side, element, where);
}

static void sift_down(struct op25b_store *on, u8 side, u32 element, u32 where)
{
	u32 expires = expires_of(on, side, element);
	u32 count = on->due[side].count, child;

	for (; (child = 2 * where) <= count; where = child) {
		if (child < count && expires_at(on, side, child + 1) <
				     expires_at(on, side, child))
			child++;
		if (expires_at(on, side, child) >= expires)
			break;
		place(on, side, *at(&on->due[side], child), where);
	}
	place(on, side, element, where);
}

/* The place of @element, 0 for none. */
static u32 place_of(struct op25b_store *on, u8 side, u32 element, u64 fact)
{
	u32 place = op25b_fact_place(fact);

	if (!place || place > on->due[side].count ||
	    *at(&on->due[side], place) != element)
		return 0;
	return place;
}

static void take_out(struct op25b_store *on, u8 side, u32 where)
{
	struct op25b_due *due = &on->due[side];
	u32 last = *at(due, due->count);

	if (where > --due->count)
		return;
	/* To where it was, or what was there is not later than its parent. */
	if (where > 1 && expires_at(on, side, where / 2) >
			 expires_of(on, side, last))
		sift_up(on, side, last, where);
	else
		sift_down(on, side, last, where);
}

void op25b_due_set(struct op25b_store *on, u8 side, u8 class, u8 family,
		   u32 number, u64 fact)
{
	u64 *now = op25b_entry_fact(op25b_entry_at(on, class, family, number),
				    side);
	u32 element = number | (family == OP25B_V6 ? FAMILY_BIT : 0);
	u64 old = *now;
	u32 where;

	lockdep_assert_held(&on->lock);
	where = place_of(on, side, element, old);
	if (where)
		take_out(on, side, where);
	*now = fact;
	op25b_fact_free(on, old);
	if (op25b_fact_expires(fact))
		sift_up(on, side, element, ++on->due[side].count);
}

static u8 family_of(u32 element)
{
	return element & FAMILY_BIT ? OP25B_V6 : OP25B_V4;
}

u32 op25b_due_first(struct op25b_store *on, u8 side, u8 *family, u32 *number)
{
	u32 element;

	lockdep_assert_held(&on->lock);
	if (!on->due[side].count)
		return 0;
	element = *at(&on->due[side], 1);
	*family = family_of(element);
	*number = element & ~FAMILY_BIT;
	return expires_of(on, side, element);
}

void op25b_due_pop(struct op25b_store *on, u8 side)
{
	take_out(on, side, 1);
}

/* The heap is a tree: below one that is too late there are only such. */
static u32 next_place(u32 place, bool down)
{
	if (down)
		return 2 * place;
	while (place & 1)
		place /= 2;
	return place ? place + 1 : 0;
}

void op25b_due_each(struct op25b_store *on, u8 side, u32 from, u32 to,
		    void (*each)(struct op25b_store *on, u8 family,
				 u32 number))
{
	struct op25b_due *due = &on->due[side];
	unsigned int n = 0;
	u32 where, element;
	bool down;

	lockdep_assert_held(&on->lock);
	for (where = 1; where; where = next_place(where, down)) {
		op25b_chunk(&n);
		down = where <= due->count && expires_at(on, side, where) <= to;
		if (!down)
			continue;
		element = *at(due, where);
		if (expires_of(on, side, element) > from)
			each(on, family_of(element), element & ~FAMILY_BIT);
	}
}
