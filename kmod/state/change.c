// SPDX-License-Identifier: GPL-2.0
/*
 * What an edit does to entries.
 *
 * A REPLACE does it at once: nobody looks at its side before COMMIT. What else
 * edits the side that is in force must leave it as it is until the commit,
 * which may not fail: what it has to do lies in `changes`, made by then.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "lpm/chunk.h"
#include "lpm/trie.h"
#include "state/store.h"
#include "state/due.h"
#include "state/edit.h"

static bool ruleset_has(const struct op25b_ruleset *rs, u8 class,
			const struct op25b_prefix *key)
{
	return op25b_trie_find(op25b_trie_in(rs, class, key->family), key) !=
	       OP25B_ACTION_NONE;
}

bool op25b_edit_has(const struct op25b_edit *edit, enum op25b_entry_kind kind,
		    const struct op25b_prefix *key)
{
	u32 i = op25b_trie_of(kind, key->family);

	return op25b_trie_find(&edit->build[i].trie, key) != OP25B_ACTION_NONE;
}

bool op25b_edit_comment_is(const struct op25b_edit *edit,
			   enum op25b_entry_kind kind,
			   const struct op25b_prefix *key, const char *comment)
{
	struct op25b_store *on = edit->on;
	u8 class = op25b_class(edit->origin, kind);
	struct op25b_entry_info info;

	return ruleset_has(op25b_ruleset_locked(on), class, key) &&
	       op25b_entry_read(on, class, key, &info) && info.comment &&
	       !strcmp(info.comment, comment);
}

/* Has the ruleset that is on @side now the entry of @key? */
static bool side_has(struct op25b_store *on, u8 side, u8 class,
		     const struct op25b_prefix *key)
{
	if (side == op25b_side_of(on, class))
		return ruleset_has(op25b_ruleset_locked(on), class, key);
	if (on->parked)
		return ruleset_has(on->parked, class, key);
	return on->replacing &&
	       op25b_edit_has(on->replacing, op25b_class_kind(class), key);
}

void op25b_sweep(struct op25b_store *on, u8 class,
		 const struct op25b_prefix *key)
{
	u32 number = op25b_entry_number(on, class, key);
	bool any = false;
	u8 side;

	lockdep_assert_held(&on->lock);
	if (!number)
		return;
	for (side = 0; side < OP25B_SIDES; side++) {
		if (op25b_side_origin(side) != op25b_class_origin(class))
			continue;
		if (side_has(on, side, class, key))
			any = true;
		else
			op25b_due_set(on, side, class, key->family, number, 0);
	}
	if (!any)
		op25b_entry_forget(on, class, key);
}

struct op25b_change *op25b_change_new(struct op25b_edit *edit,
				      enum op25b_entry_kind kind,
				      const struct op25b_prefix *key)
{
	struct op25b_change *change = &edit->only;

	if (edit->kind != OP25B_EDIT_REPLACE) {
		change = kzalloc(sizeof(*change), OP25B_GFP);
		if (!change)
			return NULL;
		atomic64_add(sizeof(*change), &edit->on->memory);
	}
	change->key = *key;
	change->kind = kind;
	change->deleted = true;
	change->fact = 0;
	return change;
}

static u8 class_of(const struct op25b_edit *edit,
		   const struct op25b_change *change)
{
	return op25b_class(edit->origin, change->kind);
}

int op25b_change_add(struct op25b_edit *edit, struct op25b_change *change,
		     const char *comment, u32 expires)
{
	struct op25b_store *on = edit->on;

	change->deleted = false;
	if (expires && op25b_due_reserve(on, edit->side, edit->timed + 1))
		return -ENOMEM;
	if (op25b_fact_make(on, comment, expires, &change->fact))
		return -ENOMEM;
	return op25b_entry_get(on, class_of(edit, change), &change->key);
}

static void change_free(struct op25b_edit *edit, struct op25b_change *change)
{
	if (change == &edit->only)
		return;
	atomic64_sub(sizeof(*change), &edit->on->memory);
	kfree(change);
}

void op25b_change_undo(struct op25b_edit *edit, struct op25b_change *change)
{
	op25b_fact_free(edit->on, change->fact);
	op25b_sweep(edit->on, class_of(edit, change), &change->key);
	change_free(edit, change);
}

static void change_apply(struct op25b_edit *edit, struct op25b_change *change)
{
	struct op25b_store *on = edit->on;
	u8 class = class_of(edit, change);
	u32 number;

	if (change->deleted) {
		op25b_sweep(on, class, &change->key);
		return;
	}
	number = op25b_entry_number(on, class, &change->key);
	if (!number) {		/* deleted by an earlier one and a later one */
		op25b_fact_free(on, change->fact);
		return;
	}
	op25b_due_set(on, edit->side, class, change->key.family, number,
		      change->fact);
	if (edit->kind == OP25B_EDIT_AMEND &&
	    edit->origin == OP25B_ORIGIN_CONFIG)
		op25b_entry_set_by_hand(on, class, &change->key);
}

void op25b_change_done(struct op25b_edit *edit, struct op25b_change *change)
{
	if (edit->kind == OP25B_EDIT_REPLACE) {
		change_apply(edit, change);
		return;
	}
	list_add_tail(&change->list, &edit->changes);
	edit->timed += !!op25b_fact_expires(change->fact);
}

void op25b_changes_end(struct op25b_edit *edit, bool apply)
{
	struct op25b_change *change, *next;
	unsigned int n = 0;

	lockdep_assert_held(&edit->on->lock);
	list_for_each_entry_safe(change, next, &edit->changes, list) {
		op25b_chunk(&n);
		if (!apply) {
			op25b_change_undo(edit, change);
			continue;
		}
		change_apply(edit, change);
		change_free(edit, change);
	}
	op25b_due_trim(edit->on, edit->side);
}
