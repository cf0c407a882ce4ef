// SPDX-License-Identifier: GPL-2.0
/*
 * Comments of entries.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "state/entry.h"
#include "ns/net.h"
#include "state/note.h"

static size_t note_bytes(const char *comment)
{
	return sizeof(struct op25b_note) + strlen(comment) + 1;
}

struct op25b_note *op25b_note_alloc(struct op25b_net *on, const char *comment)
{
	size_t bytes = note_bytes(comment);
	struct op25b_note *note;

	note = kmalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL |
		       __GFP_NOWARN);
	if (!note)
		return NULL;
	memcpy(note->comment, comment, strlen(comment) + 1);
	atomic64_add(bytes, &on->memory);
	return note;
}

void op25b_note_free(struct op25b_net *on, struct op25b_note *note)
{
	if (!note)
		return;
	atomic64_sub(note_bytes(note->comment), &on->memory);
	kfree_rcu(note, rcu);
}

struct op25b_note *op25b_note_set(struct op25b_net *on,
				  struct op25b_entry *entry,
				  struct op25b_note *note)
{
	return rcu_replace_pointer(entry->note, note,
				   lockdep_is_held(&on->lock));
}

bool op25b_note_is(struct op25b_net *on, struct op25b_entry *entry,
		   const char *comment)
{
	struct op25b_note *note;

	note = rcu_dereference_protected(entry->note,
					 lockdep_is_held(&on->lock));
	return note && comment ? !strcmp(note->comment, comment) :
				 !note && !comment;
}
