// SPDX-License-Identifier: GPL-2.0
/*
 * What an edit does to entries: remembered while it is built, done at commit or
 * undone at abort.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "edit.h"
#include "net.h"
#include "trie.h"

static struct op25b_change *change_alloc(struct op25b_edit *edit, u8 kind,
					 const struct op25b_prefix *key)
{
	struct op25b_change *change = kzalloc(sizeof(*change), OP25B_EDIT_GFP);

	if (!change)
		return NULL;
	atomic64_add(sizeof(*change), &edit->on->memory);
	change->key = *key;
	change->kind = kind;
	return change;
}

void op25b_change_free(struct op25b_net *on, struct op25b_change *change)
{
	if (!change)
		return;
	op25b_note_free(on, change->note);
	atomic64_sub(sizeof(*change), &on->memory);
	kfree(change);
}

static bool same_comment(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

struct op25b_change *op25b_change_add(struct op25b_edit *edit, u8 kind,
				      const struct op25b_prefix *key,
				      bool added, const char *comment)
{
	const char *now = op25b_entry_comment(edit->on, kind, key);
	struct op25b_change *change;
	bool noted;

	/* An AMEND may have another comment for it in store already. */
	noted = !same_comment(now, comment) ||
		(edit->kind == OP25B_EDIT_AMEND && !list_empty(&edit->changes));
	if (!added && !noted)
		return NULL;
	change = change_alloc(edit, kind, key);
	if (!change)
		return ERR_PTR(-ENOMEM);
	change->added = added;
	change->noted = noted;
	if (comment && noted) {
		change->note = op25b_note_alloc(edit->on, comment);
		if (!change->note) {
			op25b_change_free(edit->on, change);
			return ERR_PTR(-ENOMEM);
		}
	}
	return change;
}

struct op25b_change *op25b_change_del(struct op25b_edit *edit, u8 kind,
				      const struct op25b_prefix *key)
{
	struct op25b_change *change = change_alloc(edit, kind, key);

	if (change)
		change->deleted = true;
	return change;
}

static bool has_key(const struct op25b_edit *edit,
		    const struct op25b_change *change)
{
	struct op25b_relay relay = {
		.addr = change->key.addr,
		.family = change->key.family,
	};

	if (change->kind == OP25B_ENTRY_RELAY)
		return op25b_edit_has_relay(edit, &relay);
	return op25b_edit_has_prefix(edit, &change->key);
}

/* The entry of @change gets its new comment. A replacement that is being built
 * and already has the entry remembers the old one: it was told nothing because
 * that was the right one. It goes to the front, so that what the replacement
 * itself has to say of comments comes later, and older ones before younger.
 */
static bool note_apply(struct op25b_edit *edit, struct op25b_change *change)
{
	struct op25b_edit *other = edit->on->replacing;

	change->note = op25b_entry_set_note(edit->on, change->kind,
					    &change->key, change->note);
	if (!other || other == edit || change->deleted ||
	    !has_key(other, change))
		return false;
	change->added = false;
	list_move(&change->list, &other->changes);
	return true;
}

static void change_forget(struct op25b_edit *edit, struct op25b_change *change)
{
	change->number = op25b_entry_forget(edit->on, change->kind,
					    &change->key);
	if (change->number)
		return;		/* changes_release() */
	list_del(&change->list);
	op25b_change_free(edit->on, change);
}

void op25b_changes_apply(struct op25b_edit *edit)
{
	struct op25b_change *change, *next;

	list_for_each_entry_safe(change, next, &edit->changes, list) {
		if (change->noted && note_apply(edit, change))
			continue;
		if (change->deleted) {
			change_forget(edit, change);
			continue;
		}
		list_del(&change->list);
		op25b_change_free(edit->on, change);
	}
}

void op25b_changes_undo(struct op25b_edit *edit)
{
	struct op25b_change *change, *next;

	list_for_each_entry_safe(change, next, &edit->changes, list) {
		if (change->added) {
			change_forget(edit, change);
			continue;
		}
		list_del(&change->list);
		op25b_change_free(edit->on, change);
	}
}

/* A grace period after the entries were forgotten. */
void op25b_changes_release(struct op25b_edit *edit)
{
	struct op25b_change *change, *next;

	lockdep_assert_held(&edit->on->lock);
	list_for_each_entry_safe(change, next, &edit->changes, list) {
		op25b_entry_release(edit->on, change->kind, change->key.family,
				    change->number);
		list_del(&change->list);
		op25b_change_free(edit->on, change);
	}
}

