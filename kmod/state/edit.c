// SPDX-License-Identifier: GPL-2.0
/*
 * Building an edit: prefixes, relays, knobs. Theory of operation in commit.c.
 */
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "lpm/chunk.h"
#include "state/due.h"
#include "state/edit.h"
#include "state/store.h"

/* Memory: on->memory has the tries in force, what edits have added to them and
 * what awaits its grace period.
 */

static u64 build_bytes(const struct op25b_edit *edit)
{
	u64 bytes = 0;
	unsigned int family;

	for (family = 0; family < OP25B_FAMILIES; family++)
		bytes += edit->build[family].trie.bytes +
			 edit->build[family].retired_bytes +
			 edit->build[family].retired.bytes;
	return bytes;
}

static void charge(struct op25b_edit *edit)
{
	u64 bytes = build_bytes(edit);

	atomic64_add(bytes - edit->charged, &edit->on->memory);
	edit->charged = bytes;
}

/* One step may pass the limit by the few KiB of a copied path, not more. */
static int check_limit(const struct op25b_edit *edit,
		       struct netlink_ext_ack *extack)
{
	if ((u64)atomic64_read(&edit->on->memory) < OP25B_MAX_MEMORY)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "the memory limit of this namespace is reached");
	return -ENOSPC;
}

struct op25b_edit *op25b_edit_begin(struct op25b_store *on,
				    enum op25b_edit_kind kind,
				    struct netlink_ext_ack *extack)
{
	struct op25b_edit *edit = kzalloc(sizeof(*edit), OP25B_EDIT_GFP);
	struct op25b_ruleset *now = op25b_ruleset_locked(on);
	unsigned int family;

	if (kind == OP25B_EDIT_EXPIRE_PARKED)
		now = on->parked;
	if (!edit)
		return ERR_PTR(op25b_no_memory(extack));
	edit->rs = op25b_ruleset_alloc();
	if (!edit->rs) {
		kfree(edit);
		return ERR_PTR(op25b_no_memory(extack));
	}
	edit->on = on;
	edit->kind = kind;
	edit->side = kind == OP25B_EDIT_REPLACE ||
		     kind == OP25B_EDIT_EXPIRE_PARKED ? !on->side : on->side;
	edit->relay_changes = RB_ROOT;
	INIT_LIST_HEAD(&edit->changes);
	for (family = 0; family < OP25B_FAMILIES; family++)
		op25b_build_begin(&edit->build[family],
				  kind == OP25B_EDIT_REPLACE ?
				  NULL : &now->prefixes[family], family);
	if (kind != OP25B_EDIT_REPLACE) {
		edit->rs->knobs = now->knobs;
		edit->base_relays = now->relays;
		edit->relay_count = op25b_relay_count(now->relays);
	}
	edit->base_bytes = build_bytes(edit);
	edit->charged = edit->base_bytes;
	if (kind == OP25B_EDIT_REPLACE)
		on->replacing = edit;
	return edit;
}

void op25b_edit_confirm(struct op25b_edit *edit, u32 seconds)
{
	edit->confirm = seconds;
}

struct op25b_knobs *op25b_edit_knobs(struct op25b_edit *edit)
{
	return &edit->rs->knobs;
}

/* Prefixes */

static int prefix_room(const struct op25b_edit *edit,
		       struct netlink_ext_ack *extack)
{
	if (edit->build[OP25B_V4].trie.count +
	    edit->build[OP25B_V6].trie.count < OP25B_MAX_PREFIXES)
		return check_limit(edit, extack);
	NL_SET_ERR_MSG(extack, "the limit of prefixes is reached");
	return -ENOSPC;
}

int op25b_edit_prefix_add(struct op25b_edit *edit,
			  const struct op25b_prefix *prefix, u8 action,
			  const char *comment, u32 expires, bool replace,
			  struct netlink_ext_ack *extack)
{
	bool is_new = !op25b_edit_has_prefix(edit, prefix);
	struct op25b_change *change;
	int err;

	lockdep_assert_held(&edit->on->lock);
	if (!is_new && !replace) {
		NL_SET_ERR_MSG(extack, "this prefix is there already");
		return -EEXIST;
	}
	err = is_new ? prefix_room(edit, extack) : check_limit(edit, extack);
	if (err)
		return err;
	change = op25b_change_new(edit, OP25B_ENTRY_PREFIX, prefix);
	if (!change)
		return op25b_no_memory(extack);
	err = op25b_change_add(edit, change, comment, expires) ?:
	      op25b_build_set(&edit->build[prefix->family], prefix, action);
	charge(edit);
	if (err) {
		op25b_change_undo(edit, change);
		return op25b_no_memory(extack);
	}
	op25b_change_done(edit, change);
	return 0;
}

int op25b_edit_prefix_del(struct op25b_edit *edit,
			  const struct op25b_prefix *prefix,
			  struct netlink_ext_ack *extack)
{
	struct op25b_change *change;
	int err;

	lockdep_assert_held(&edit->on->lock);
	if (!op25b_edit_has_prefix(edit, prefix)) {
		NL_SET_ERR_MSG(extack, "there is no such prefix");
		return -ENOENT;
	}
	change = op25b_change_new(edit, OP25B_ENTRY_PREFIX, prefix);
	if (!change)
		return op25b_no_memory(extack);
	err = op25b_build_del(&edit->build[prefix->family], prefix);
	charge(edit);
	if (err) {
		op25b_change_undo(edit, change);
		return op25b_no_memory(extack);
	}
	op25b_change_done(edit, change);
	return 0;
}

void op25b_edit_prefix_flush(struct op25b_edit *edit)
{
	unsigned int family;

	lockdep_assert_held(&edit->on->lock);
	edit->whole[OP25B_ENTRY_PREFIX] = true;
	for (family = 0; family < OP25B_FAMILIES; family++)
		op25b_build_begin(&edit->build[family], NULL, family);
	/* The old nodes stay charged until the worker frees them. */
	edit->base_bytes = 0;
	edit->charged = 0;
}

/* Relays */

int op25b_edit_relay_add(struct op25b_edit *edit,
			 const struct op25b_relay *relay, const char *comment,
			 bool replace, struct netlink_ext_ack *extack)
{
	struct op25b_prefix key = op25b_relay_key(relay);
	bool is_new = !op25b_picks_has(edit, relay);
	struct op25b_change *change;
	int err;

	lockdep_assert_held(&edit->on->lock);
	if (!is_new && !replace) {
		NL_SET_ERR_MSG(extack, "this relay is there already");
		return -EEXIST;
	}
	if (is_new && edit->relay_count >= OP25B_MAX_RELAYS) {
		NL_SET_ERR_MSG(extack, "the limit of relays is reached");
		return -ENOSPC;
	}
	change = op25b_change_new(edit, OP25B_ENTRY_RELAY, &key);
	if (!change)
		return op25b_no_memory(extack);
	err = op25b_change_add(edit, change, comment, 0);
	if (!err && is_new)
		err = op25b_picks_mark(edit, relay, true);
	if (err) {
		op25b_change_undo(edit, change);
		return op25b_no_memory(extack);
	}
	op25b_change_done(edit, change);
	return 0;
}

int op25b_edit_relay_del(struct op25b_edit *edit,
			 const struct op25b_relay *relay,
			 struct netlink_ext_ack *extack)
{
	struct op25b_prefix key = op25b_relay_key(relay);
	struct op25b_change *change;

	lockdep_assert_held(&edit->on->lock);
	if (!op25b_picks_has(edit, relay)) {
		NL_SET_ERR_MSG(extack, "there is no such relay");
		return -ENOENT;
	}
	change = op25b_change_new(edit, OP25B_ENTRY_RELAY, &key);
	if (!change)
		return op25b_no_memory(extack);
	if (op25b_picks_mark(edit, relay, false)) {
		op25b_change_undo(edit, change);
		return op25b_no_memory(extack);
	}
	op25b_change_done(edit, change);
	return 0;
}

void op25b_edit_relay_flush(struct op25b_edit *edit)
{
	lockdep_assert_held(&edit->on->lock);
	edit->whole[OP25B_ENTRY_RELAY] = true;
	edit->base_relays = NULL;
	edit->relay_count = 0;
}
