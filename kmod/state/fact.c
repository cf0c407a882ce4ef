// SPDX-License-Identifier: GPL-2.0
/*
 * Comment and expiry of an entry.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "lpm/memory.h"
#include "state/fact.h"
#include "state/store.h"

#define INLINE		1ULL
#define PLACE_SHIFT	4
#define PLACE_MASK	(((1ULL << 28) - 1) << PLACE_SHIFT)
#define EXPIRES_SHIFT	32

struct op25b_note {
	u32 expires;
	u32 place;
	char comment[];
};

/* NULL: @fact has no comment. */
static struct op25b_note *note_of(u64 fact)
{
	return fact & INLINE ? NULL : (struct op25b_note *)(uintptr_t)fact;
}

static size_t note_bytes(const char *comment)
{
	return sizeof(struct op25b_note) + strlen(comment) + 1;
}

int op25b_fact_make(struct op25b_store *on, const char *comment, u32 expires,
		    u64 *fact)
{
	struct op25b_note *note;

	*fact = expires ? (u64)expires << EXPIRES_SHIFT | INLINE : 0;
	if (!comment)
		return 0;
	note = kmalloc(note_bytes(comment), OP25B_GFP);
	if (!note)
		return -ENOMEM;
	note->expires = expires;
	note->place = 0;
	memcpy(note->comment, comment, strlen(comment) + 1);
	atomic64_add(note_bytes(comment), &on->memory);
	*fact = (uintptr_t)note;
	return 0;
}

void op25b_fact_free(struct op25b_store *on, u64 fact)
{
	struct op25b_note *note = note_of(fact);

	if (!note)
		return;
	atomic64_sub(note_bytes(note->comment), &on->memory);
	kfree(note);
}

const char *op25b_fact_comment(u64 fact)
{
	struct op25b_note *note = note_of(fact);

	return note ? note->comment : NULL;
}

u32 op25b_fact_expires(u64 fact)
{
	struct op25b_note *note = note_of(fact);

	return note ? note->expires : fact >> EXPIRES_SHIFT;
}

u32 op25b_fact_place(u64 fact)
{
	struct op25b_note *note = note_of(fact);

	return note ? note->place : (fact & PLACE_MASK) >> PLACE_SHIFT;
}

void op25b_fact_set_place(u64 *fact, u32 place)
{
	struct op25b_note *note = note_of(*fact);

	if (note)
		note->place = place;
	else
		*fact = (*fact & ~PLACE_MASK) | (u64)place << PLACE_SHIFT;
}
