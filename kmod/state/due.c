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
 *	entry		expires, and `place`: the position, 0 if in no heap
 *
 * A pop of a million looks at 40 entries, most of them cache misses: some 4 us.
 *
 * Memory comes in pages behind a directory, so that growing never copies it.
 * What an edit will need at its commit is promised to it before, since a commit
 * must not fail half way.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "lpm/chunk.h"
#include "state/due.h"
#include "state/entry.h"
#include "ns/net.h"

#define DUE_GFP		(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | \
			 __GFP_NOWARN)

#define PER_PAGE	((u32)(PAGE_SIZE / sizeof(u32)))
#define MIN_ROOM	8U

#define FAMILY_BIT	BIT(31)		/* of an element: IPv6 */

static u32 *at(struct op25b_due *due, u32 place)
{
	return &due->page[(place - 1) / PER_PAGE][(place - 1) % PER_PAGE];
}

static struct op25b_entry *entry_of(struct op25b_net *on, u32 element)
{
	return op25b_entry_at(on, OP25B_ENTRY_PREFIX,
			      element & FAMILY_BIT ? OP25B_V6 : OP25B_V4,
			      element & ~FAMILY_BIT);
}

static u32 expires_at(struct op25b_net *on, u32 place)
{
	return entry_of(on, *at(&on->due, place))->expires;
}

static void place(struct op25b_net *on, u32 element, u32 place)
{
	*at(&on->due, place) = element;
	entry_of(on, element)->place = place;
}

/* Memory */

static int add_room(struct op25b_net *on)
{
	struct op25b_due *due = &on->due;
	u32 room = max(2 * due->room, MIN_ROOM);
	u32 **page;

	page = kvmalloc_array(room, sizeof(*page), DUE_GFP);
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

static int add_page(struct op25b_net *on)
{
	struct op25b_due *due = &on->due;
	void *page;

	if (due->pages == due->room && add_room(on))
		return -ENOMEM;
	page = (void *)__get_free_page(DUE_GFP);
	if (!page)
		return -ENOMEM;
	due->page[due->pages++] = page;
	atomic64_add(PAGE_SIZE, &on->memory);
	return 0;
}

/* One page more than needed may stay, but none when nothing expires. */
static void trim(struct op25b_net *on)
{
	struct op25b_due *due = &on->due;
	u32 used = due->count + due->promised;
	u32 keep = used ? used / PER_PAGE + 2 : 0;

	while (due->pages > keep) {
		free_page((unsigned long)due->page[--due->pages]);
		atomic64_sub(PAGE_SIZE, &on->memory);
	}
	if (keep || !due->room)
		return;
	atomic64_sub(due->room * sizeof(*due->page), &on->memory);
	kvfree(due->page);
	due->page = NULL;
	due->room = 0;
}

void op25b_due_exit(struct op25b_net *on)
{
	struct op25b_due *due = &on->due;
	unsigned int n = 0;

	while (due->pages) {
		free_page((unsigned long)due->page[--due->pages]);
		op25b_chunk(&n);
	}
	kvfree(due->page);
}

int op25b_due_promise(struct op25b_net *on)
{
	struct op25b_due *due = &on->due;

	lockdep_assert_held(&on->lock);
	if (due->count + due->promised >= due->pages * PER_PAGE &&
	    add_page(on)) {
		trim(on);
		return -ENOMEM;
	}
	due->promised++;
	return 0;
}

void op25b_due_unpromise(struct op25b_net *on)
{
	lockdep_assert_held(&on->lock);
	on->due.promised--;
	trim(on);
}

/* The heap */

static void sift_up(struct op25b_net *on, u32 element, u32 where)
{
	u32 expires = entry_of(on, element)->expires;

	for (; where > 1 && expires_at(on, where / 2) > expires; where /= 2)
		place(on, *at(&on->due, where / 2), where);
	place(on, element, where);
}

static void sift_down(struct op25b_net *on, u32 element, u32 where)
{
	u32 expires = entry_of(on, element)->expires;
	u32 count = on->due.count, child;

	for (; (child = 2 * where) <= count; where = child) {
		if (child < count &&
		    expires_at(on, child + 1) < expires_at(on, child))
			child++;
		if (expires_at(on, child) >= expires)
			break;
		place(on, *at(&on->due, child), where);
	}
	place(on, element, where);
}

/* @element's time has changed, or it is put at @where. */
static void sift(struct op25b_net *on, u32 element, u32 where)
{
	u32 expires = entry_of(on, element)->expires;

	if (where > 1 && expires_at(on, where / 2) > expires)
		sift_up(on, element, where);
	else
		sift_down(on, element, where);
}

static void take_out(struct op25b_net *on, struct op25b_entry *entry)
{
	u32 last = *at(&on->due, on->due.count), where = entry->place;

	on->due.count--;
	entry->place = 0;
	if (where <= on->due.count)
		sift(on, last, where);
	trim(on);
}

void op25b_due_set(struct op25b_net *on, u8 family, u32 number, u32 expires)
{
	u32 element = number | (family == OP25B_V6 ? FAMILY_BIT : 0);
	struct op25b_entry *entry = entry_of(on, element);

	lockdep_assert_held(&on->lock);
	if (entry->expires == expires)
		return;
	WRITE_ONCE(entry->expires, expires);
	if (!expires)
		take_out(on, entry);
	else if (entry->place)
		sift(on, element, entry->place);
	else
		sift_up(on, element, ++on->due.count);
}

u32 op25b_due_first(struct op25b_net *on, u8 *family, u32 *number)
{
	u32 element;

	lockdep_assert_held(&on->lock);
	if (!on->due.count)
		return 0;
	element = *at(&on->due, 1);
	*family = element & FAMILY_BIT ? OP25B_V6 : OP25B_V4;
	*number = element & ~FAMILY_BIT;
	return entry_of(on, element)->expires;
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

void op25b_due_each(struct op25b_net *on, u32 from, u32 to,
		    void (*each)(struct op25b_net *on, u8 family, u32 number))
{
	u32 where, element, expires;
	unsigned int n = 0;
	bool down;

	lockdep_assert_held(&on->lock);
	for (where = 1; where; where = next_place(where, down)) {
		op25b_chunk(&n);
		down = where <= on->due.count &&
		       expires_at(on, where) <= to;
		if (!down)
			continue;
		element = *at(&on->due, where);
		expires = expires_at(on, where);
		if (expires > from)
			each(on, element & FAMILY_BIT ? OP25B_V6 : OP25B_V4,
			     element & ~FAMILY_BIT);
	}
}
