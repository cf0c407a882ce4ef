// SPDX-License-Identifier: GPL-2.0
/*
 * What an edit does to entries: remembered while it is built, done at commit or
 * undone at abort.
 */
#include <linux/slab.h>

#include "lpm/chunk.h"
#include "state/due.h"
#include "state/edit.h"
#include "ns/net.h"
#include "state/note.h"
#include "lpm/trie.h"

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
	struct op25b_entry *entry;

	if (!change)
		return;
	if (change->timed)
		op25b_due_unpromise(on);
	if (change->apart) {
		entry = op25b_entry_find(on, change->kind, &change->key);
		if (entry)
			entry->apart = false;
	}
	op25b_note_free(on, change->note);
	atomic64_sub(sizeof(*change), &on->memory);
	kfree(change);
}

/* The expiry of @entry in the staged ruleset, later perhaps the parked one, is
 * in @change.
 */
static void set_apart(struct op25b_entry *entry, struct op25b_change *change)
{
	change->apart = true;
	entry->apart = true;
}

/* -ENOMEM leaves what there is to be freed. */
static int change_fill(struct op25b_edit *edit, struct op25b_change *change,
		       const char *comment, u32 expires, bool timed)
{
	if (timed && op25b_due_promise(edit->on))
		return -ENOMEM;
	change->timed = timed;
	change->expires = expires;
	if (!comment || !change->noted)
		return 0;
	change->note = op25b_note_alloc(edit->on, comment);
	return change->note ? 0 : -ENOMEM;
}

/* An AMEND may have something else in store for the entry already. */
static bool may_differ(const struct op25b_edit *edit)
{
	return edit->kind == OP25B_EDIT_AMEND && !list_empty(&edit->changes);
}

struct op25b_change *op25b_change_add(struct op25b_edit *edit, u8 kind,
				      const struct op25b_prefix *key,
				      bool added, const char *comment,
				      u32 expires)
{
	struct op25b_net *on = edit->on;
	struct op25b_entry *entry = op25b_entry_find(on, kind, key);
	struct op25b_change *change;
	bool noted, timed;

	noted = entry ? !op25b_note_is(on, entry, comment) : !!comment;
	/* An entry that nobody has yet gets its expiry when it is made. */
	timed = entry && entry->expires != expires;
	if (entry && may_differ(edit)) {
		noted = true;
		timed = kind == OP25B_ENTRY_PREFIX;
	}
	/* An AMEND is remembered as the work of hands. */
	if (!added && !noted && !timed && edit->kind != OP25B_EDIT_AMEND)
		return NULL;
	change = change_alloc(edit, kind, key);
	if (!change)
		return ERR_PTR(-ENOMEM);
	change->added = added;
	change->noted = noted;
	if (change_fill(edit, change, comment, expires, timed)) {
		op25b_change_free(on, change);
		return ERR_PTR(-ENOMEM);
	}
	if (timed && edit->kind == OP25B_EDIT_REPLACE)
		set_apart(entry, change);
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

/* The entry of @change gets what that has for it, and gives what it had. */
static void change_swap(struct op25b_net *on, struct op25b_change *change)
{
	u8 family = change->key.family;
	struct op25b_entry *entry;
	u32 number, expires;

	number = op25b_entry_number(on, change->kind, &change->key);
	entry = op25b_entry_at(on, change->kind, family, number);
	if (change->noted)
		change->note = op25b_note_set(on, entry, change->note);
	if (change->timed) {
		expires = entry->expires;
		op25b_due_set(on, family, number, change->expires);
		change->expires = expires;
	}
}

/* A replacement that is being built and already has the entry of @change
 * remembers the old comment and expiry: it was told nothing because those were
 * the right ones. They go to the front, so that what the replacement itself has
 * to say comes later, and older ones before younger.
 */
static bool hand_over(struct op25b_edit *edit, struct op25b_change *change)
{
	struct op25b_edit *other = edit->on->replacing;

	if (!other || other == edit || !has_key(other, change))
		return false;
	if (change->timed)
		set_apart(op25b_entry_find(edit->on, change->kind,
					   &change->key), change);
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
	unsigned int n = 0;

	list_for_each_entry_safe(change, next, &edit->changes, list) {
		op25b_chunk(&n);
		if (change->deleted) {
			change_forget(edit, change);
			continue;
		}
		if (edit->kind == OP25B_EDIT_AMEND)
			op25b_entry_set_by_hand(edit->on, change->kind,
						&change->key);
		if (change->noted || change->timed) {
			change_swap(edit->on, change);
			if (hand_over(edit, change))
				continue;
		}
		list_del(&change->list);
		op25b_change_free(edit->on, change);
	}
}

void op25b_changes_apply_keep(struct op25b_edit *edit)
{
	struct op25b_change *change, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(change, next, &edit->changes, list) {
		op25b_chunk(&n);
		if (change->deleted) {
			change_forget(edit, change);
			continue;
		}
		if (change->noted || change->timed) {
			change_swap(edit->on, change);
			continue;
		}
		list_del(&change->list);
		op25b_change_free(edit->on, change);
	}
}

/* Those with a number wait for their release. */
void op25b_changes_revert(struct op25b_edit *edit)
{
	struct op25b_change *change, *next;
	unsigned int n = 0;

	list_for_each_entry_safe_reverse(change, next, &edit->changes, list) {
		op25b_chunk(&n);
		if (change->number)
			continue;
		/* Expired meanwhile, it is in neither ruleset. */
		if (op25b_entry_find(edit->on, change->kind, &change->key))
			change_swap(edit->on, change);
		list_del(&change->list);
		op25b_change_free(edit->on, change);
	}
}

void op25b_changes_forget(struct op25b_edit *edit)
{
	struct op25b_change *change, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(change, next, &edit->changes, list) {
		op25b_chunk(&n);
		if (change->number)
			continue;
		list_del(&change->list);
		op25b_change_free(edit->on, change);
	}
}

void op25b_changes_undo(struct op25b_edit *edit)
{
	struct op25b_change *change, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(change, next, &edit->changes, list) {
		op25b_chunk(&n);
		/* What expired in a replacement was not put until now. */
		if (change->added || (change->deleted &&
				      edit->kind == OP25B_EDIT_REPLACE)) {
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
	unsigned int n = 0;

	lockdep_assert_held(&edit->on->lock);
	list_for_each_entry_safe(change, next, &edit->changes, list) {
		op25b_chunk(&n);
		op25b_entry_release(edit->on, change->kind, change->key.family,
				    change->number);
		list_del(&change->list);
		op25b_change_free(edit->on, change);
	}
}

