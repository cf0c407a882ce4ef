// SPDX-License-Identifier: GPL-2.0
/*
 * Commit and abort of an edit.
 *
 * Theory of operation
 * ===================
 *
 * An edit is the next ruleset in the making. Tries are built by path copying
 * (build.c), the filter is copied if an entry is added (lpm/filter.c). Entries
 * are made at once (nobody finds them before the ruleset is published).
 *
 * Comment and expiry belong to a side of the ruleset. There are two, for at
 * most two rulesets have anything to say: what is in force, and what is staged
 * or parked. An entry has a word for each (fact.h). COMMIT of a replacement
 * changes sides with the ruleset, a rollback changes back, and neither looks at
 * an entry.
 *
 *	in force  side 0 ---COMMIT---> side 1	the old one's facts are dead
 *	staged    side 1               side 0
 *
 * That is CONFIG's. Another origin has a part of the ruleset and one side of
 * its entries, with which no replacement meddles: an edit of it builds a new
 * part and takes the rest as it is, an edit of CONFIG takes the others' parts
 * as they are when it is published, and so does a rollback.
 *
 * What a side says of an entry counts only while the ruleset that has the side
 * has the entry. Dead facts are replaced when that side gets the entry anew, or
 * cleared by the worker that frees the dead ruleset, whoever comes first:
 * op25b_sweep() asks the rulesets themselves.
 *
 * Commit does all that can fail first, then publishes, then goes through the
 * `changes` of an amendment (change.c). What it replaced goes to the trash
 * (trash.c).
 *
 *	AMEND	shares nodes with the ruleset in force
 *	EXPIRE	is an AMEND by the kernel itself, of what is in force or of what
 *		is parked
 *	REPLACE	shares none; the old trie goes whole ("whole"; so does what a
 *		flush drops)
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "lpm/filter.h"
#include "state/store.h"
#include "state/due.h"
#include "state/edit.h"

static void edit_free(struct op25b_edit *edit)
{
	unsigned int i;

	for (i = 0; i < OP25B_TRIES; i++)
		op25b_trash_nodes(edit->on, &edit->build[i]);
	op25b_trash_kick(edit->on);
	kfree(edit);
}

static void take_tries(struct op25b_edit *edit)
{
	unsigned int i;

	for (i = 0; i < OP25B_TRIES; i++)
		edit->part->tries[i] = edit->build[i].trie;
}

/* A replacement goes as one that was in force would. */
static void abort_replace(struct op25b_edit *edit)
{
	struct op25b_store *on = edit->on;

	on->replacing = NULL;
	take_tries(edit);
	op25b_ruleset_retire(on, edit->rs, edit->side);
}

/* ORDER: while the lock is held. Below an amendment's new nodes hang those of
 * the ruleset in force, and the next change may free them.
 */
static void abort_amend(struct op25b_edit *edit)
{
	unsigned int i;

	op25b_changes_end(edit, false);
	for (i = 0; i < OP25B_TRIES; i++) {
		op25b_build_abort(&edit->build[i]);
		edit->build[i].retired_bytes = 0;
	}
	atomic64_sub(edit->charged - edit->base_bytes, &edit->on->memory);
	for (i = 0; i < OP25B_ENTRY_KINDS; i++)
		if (edit->part->filter[i] != edit->base_filter[i])
			op25b_filter_free(edit->part->filter[i]);
	if (edit->origin != OP25B_ORIGIN_CONFIG)
		op25b_part_free(edit->on, edit->part);
	kfree(edit->rs);
}

void op25b_edit_abort(struct op25b_edit *edit)
{
	lockdep_assert_held(&edit->on->lock);
	if (edit->kind == OP25B_EDIT_REPLACE)
		abort_replace(edit);
	else
		abort_amend(edit);
	edit_free(edit);
}

int op25b_edit_ready(struct op25b_edit *edit, struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&edit->on->lock);
	if (!edit->confirm)
		return 0;
	edit->parked = op25b_ruleset_alloc();
	return edit->parked ? 0 : op25b_no_memory(extack);
}

void op25b_edit_unready(struct op25b_edit *edit)
{
	kfree(edit->parked);
	edit->parked = NULL;
}

/* CONFIG's part is as it was, the edit's origin has another. */
static void take_part(struct op25b_edit *edit)
{
	struct op25b_ruleset *rs = edit->rs;

	if (op25b_part_is_empty(edit->part)) {
		op25b_part_free(edit->on, edit->part);
		edit->part = &op25b_part_empty;
	}
	rs->config = edit->old->config;
	op25b_ruleset_give(rs, edit->origin, edit->part);
}

/* The new ruleset gets what was built, and the rest of the old one. */
static void finish(struct op25b_edit *edit)
{
	unsigned int i;

	for (i = 0; i < OP25B_TRIES; i++)
		op25b_build_seal(&edit->build[i]);
	take_tries(edit);
	edit->rs->generation = edit->old->generation;
	op25b_ruleset_share(edit->rs, edit->old);
	if (edit->origin != OP25B_ORIGIN_CONFIG)
		take_part(edit);
}

/* The old one goes, with what the amendment does not share with it. */
static void leave_behind(struct op25b_edit *edit)
{
	struct op25b_ruleset *old = edit->old;
	const struct op25b_part *was = op25b_part_of(old, edit->origin);
	unsigned int i;

	old->left = edit->origin;
	memcpy(old->gone, edit->whole, sizeof(old->gone));
	for (i = 0; i < OP25B_ENTRY_KINDS; i++)
		old->filter_gone[i] = edit->part->filter[i] != was->filter[i];
	if (edit->whole[OP25B_ENTRY_PREFIX])
		op25b_due_drop(edit->on, edit->side);
	op25b_changes_end(edit, true);
	op25b_trash_ruleset(edit->on, old);
}

/* @parked has what CONFIG has in @rs. */
static void park(struct op25b_ruleset *parked, const struct op25b_ruleset *rs)
{
	parked->knobs = rs->knobs;
	parked->config = rs->config;
	parked->generation = rs->generation;
	parked->seq = rs->seq;
}

/* What was in force is parked until somebody decides, or goes. */
static void change_sides(struct op25b_edit *edit)
{
	struct op25b_store *on = edit->on;

	on->side = edit->side;
	on->replacing = NULL;
	on->parked = edit->parked;
	if (on->parked) {
		park(on->parked, edit->old);
		op25b_trash_ruleset(on, edit->old);
		return;
	}
	op25b_entry_forget_hands(on);
	op25b_ruleset_retire(on, edit->old, !on->side);
}

/* What is parked has another version. No packet looks at it. */
static void publish_parked(struct op25b_edit *edit)
{
	edit->old = edit->on->parked;
	finish(edit);
	edit->on->parked = edit->rs;
	leave_behind(edit);
}

void op25b_edit_publish(struct op25b_edit *edit)
{
	struct op25b_store *on = edit->on;

	lockdep_assert_held(&on->lock);
	if (edit->kind == OP25B_EDIT_EXPIRE_PARKED) {
		publish_parked(edit);
		goto free;
	}
	edit->old = op25b_ruleset_locked(on);
	finish(edit);
	if (edit->kind != OP25B_EDIT_EXPIRE &&
	    edit->origin == OP25B_ORIGIN_CONFIG)
		edit->rs->generation++;
	/* ORDER: entries of what is new were made before, those of what is old
	 * go after; a packet in between finds the one it is counted on.
	 */
	op25b_ruleset_publish(on, edit->rs, edit->origin);
	if (edit->kind == OP25B_EDIT_REPLACE)
		change_sides(edit);
	else
		leave_behind(edit);
free:
	edit_free(edit);
}
