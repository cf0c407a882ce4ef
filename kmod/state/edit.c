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
#include "state/relay.h"
#include "state/store.h"

/* Memory: on->memory has the tries in force, what edits have added to them and
 * what awaits its grace period.
 */

static u64 build_bytes(const struct op25b_edit *edit)
{
	u64 bytes = 0;
	unsigned int i;

	for (i = 0; i < OP25B_ENTRY_KINDS; i++) {
		bytes += op25b_filter_bytes(edit->part->filter[i]);
		if (edit->part->filter[i] != edit->base_filter[i])
			bytes += op25b_filter_bytes(edit->base_filter[i]);
	}
	for (i = 0; i < OP25B_TRIES; i++)
		bytes += edit->build[i].trie.bytes +
			 edit->build[i].retired_bytes +
			 edit->build[i].retired.bytes;
	return bytes;
}

static void charge(struct op25b_edit *edit)
{
	u64 bytes = build_bytes(edit);

	atomic64_add(bytes - edit->charged, &edit->on->memory);
	edit->charged = bytes;
}

/* Entries of @kind in the edit. */
static u32 count_of(const struct op25b_edit *edit, enum op25b_entry_kind kind)
{
	return edit->build[op25b_trie_of(kind, OP25B_V4)].trie.count +
	       edit->build[op25b_trie_of(kind, OP25B_V6)].trie.count;
}

/* One step may pass the limit by a copied path and filter, not more. */
static int check_limit(const struct op25b_edit *edit,
		       struct netlink_ext_ack *extack)
{
	if ((u64)atomic64_read(&edit->on->memory) < OP25B_MAX_MEMORY)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "the memory limit of this namespace is reached");
	return -ENOSPC;
}

/* Does it edit what is staged or parked? */
static bool is_aside(enum op25b_edit_kind kind)
{
	return kind == OP25B_EDIT_REPLACE || kind == OP25B_EDIT_EXPIRE_PARKED;
}

/* With a ruleset and a part for @origin. NULL: no memory. */
static struct op25b_edit *edit_alloc(struct op25b_store *on, u8 origin)
{
	struct op25b_edit *edit = kzalloc(sizeof(*edit), OP25B_GFP);

	if (!edit)
		return NULL;
	edit->rs = op25b_ruleset_alloc();
	if (!edit->rs) {
		kfree(edit);
		return NULL;
	}
	edit->part = origin == OP25B_ORIGIN_CONFIG ? &edit->rs->config :
						     op25b_part_alloc(on);
	if (!edit->part) {
		kfree(edit->rs);
		kfree(edit);
		return NULL;
	}
	return edit;
}

struct op25b_edit *op25b_edit_begin(struct op25b_store *on,
				    enum op25b_edit_kind kind, u8 origin,
				    struct netlink_ext_ack *extack)
{
	const struct op25b_ruleset *now = op25b_ruleset_locked(on);
	const struct op25b_part *base = op25b_part_of(now, origin);
	struct op25b_edit *edit = edit_alloc(on, origin);
	u8 side = op25b_side_of(on, op25b_class(origin, OP25B_ENTRY_PREFIX));
	unsigned int i;

	if (!edit)
		return ERR_PTR(op25b_no_memory(extack));
	if (kind == OP25B_EDIT_EXPIRE_PARKED)
		base = &on->parked->config;
	else if (kind == OP25B_EDIT_REPLACE)
		base = &op25b_part_empty;
	edit->on = on;
	edit->kind = kind;
	edit->origin = origin;
	edit->side = is_aside(kind) ? !side : side;
	INIT_LIST_HEAD(&edit->changes);
	for (i = 0; i < OP25B_TRIES; i++)
		op25b_build_begin(&edit->build[i], &base->tries[i],
				  i % OP25B_FAMILIES);
	if (kind == OP25B_EDIT_EXPIRE_PARKED)
		edit->rs->knobs = on->parked->knobs;
	else if (kind != OP25B_EDIT_REPLACE)
		edit->rs->knobs = now->knobs;
	for (i = 0; i < OP25B_ENTRY_KINDS; i++) {
		edit->part->filter[i] = base->filter[i];
		edit->base_filter[i] = base->filter[i];
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

/* Filters */

static bool has_filter(const struct op25b_edit *edit,
		       enum op25b_entry_kind kind)
{
	return kind == OP25B_ENTRY_RELAY ||
	       edit->origin != OP25B_ORIGIN_CONFIG;
}

/* The edit gets one of its own. Return: it, or NULL without memory. */
static struct op25b_filter *own_filter(struct op25b_edit *edit,
				       enum op25b_entry_kind kind)
{
	struct op25b_filter *filter = edit->part->filter[kind];

	if (filter && filter != edit->base_filter[kind])
		return filter;
	filter = op25b_filter_copy(filter);
	if (filter)
		edit->part->filter[kind] = filter;
	return filter;
}

static int filter_add(struct op25b_edit *edit, enum op25b_entry_kind kind,
		      const struct op25b_prefix *key)
{
	struct op25b_filter *filter = own_filter(edit, kind);

	if (!filter)
		return -ENOMEM;
	op25b_filter_add(filter, key);
	return 0;
}

/* After an entry came or went. */
static void filter_step(struct op25b_edit *edit, enum op25b_entry_kind kind)
{
	const struct op25b_build *builds =
		&edit->build[op25b_trie_of(kind, OP25B_V4)];
	struct op25b_filter *filter = edit->part->filter[kind];
	u32 count = count_of(edit, kind);

	if (!count) {
		if (filter != edit->base_filter[kind])
			op25b_filter_free(filter);
		edit->part->filter[kind] = NULL;
		return;
	}
	if (!op25b_filter_due(filter, count))
		return;
	filter = own_filter(edit, kind);
	if (filter)
		edit->part->filter[kind] = op25b_filter_step(filter, builds);
}

/* Both kinds of entries */

/* @key, for which there is room, is added or replaced. */
static int put(struct op25b_edit *edit, enum op25b_entry_kind kind,
	       const struct op25b_prefix *key, u8 action, const char *comment,
	       u32 expires, struct netlink_ext_ack *extack)
{
	struct op25b_build *build =
		&edit->build[op25b_trie_of(kind, key->family)];
	bool filtered = has_filter(edit, kind) &&
			!op25b_edit_has(edit, kind, key);
	struct op25b_change *change = op25b_change_new(edit, kind, key);
	int err;

	if (!change)
		return op25b_no_memory(extack);
	err = op25b_change_add(edit, change, comment, expires);
	if (!err && filtered)
		err = filter_add(edit, kind, key);
	if (!err)
		err = op25b_build_set(build, key, action);
	if (!err && filtered)
		filter_step(edit, kind);
	charge(edit);
	if (err) {
		op25b_change_undo(edit, change);
		return op25b_no_memory(extack);
	}
	op25b_change_done(edit, change);
	return 0;
}

/* @key is there and goes. */
static int take(struct op25b_edit *edit, enum op25b_entry_kind kind,
		const struct op25b_prefix *key, struct netlink_ext_ack *extack)
{
	struct op25b_change *change = op25b_change_new(edit, kind, key);
	int err;

	if (!change)
		return op25b_no_memory(extack);
	err = op25b_build_del(&edit->build[op25b_trie_of(kind, key->family)],
			      key);
	if (!err && has_filter(edit, kind))
		filter_step(edit, kind);
	charge(edit);
	if (err) {
		op25b_change_undo(edit, change);
		return op25b_no_memory(extack);
	}
	op25b_change_done(edit, change);
	return 0;
}

static void flush(struct op25b_edit *edit, enum op25b_entry_kind kind)
{
	unsigned int family;

	lockdep_assert_held(&edit->on->lock);
	edit->whole[kind] = true;
	for (family = 0; family < OP25B_FAMILIES; family++)
		op25b_build_begin(&edit->build[op25b_trie_of(kind, family)],
				  NULL, family);
	edit->part->filter[kind] = NULL;
	edit->base_filter[kind] = NULL;
	/* The old memory stays charged until the worker frees it. */
	edit->base_bytes = build_bytes(edit);
	edit->charged = edit->base_bytes;
}

/* Prefixes */

int op25b_edit_prefix_add(struct op25b_edit *edit,
			  const struct op25b_prefix *prefix, u8 action,
			  const char *comment, u32 expires, bool replace,
			  struct netlink_ext_ack *extack)
{
	bool is_new = !op25b_edit_has(edit, OP25B_ENTRY_PREFIX, prefix);
	int err;

	lockdep_assert_held(&edit->on->lock);
	if (!is_new && !replace) {
		NL_SET_ERR_MSG(extack, "this prefix is there already");
		return -EEXIST;
	}
	if (is_new && count_of(edit, OP25B_ENTRY_PREFIX) >=
		      op25b_limit_of(&edit->rs->knobs, edit->origin)) {
		NL_SET_ERR_MSG(extack, "the limit of prefixes is reached");
		return -ENOSPC;
	}
	err = check_limit(edit, extack);
	return err ?: put(edit, OP25B_ENTRY_PREFIX, prefix, action, comment,
			  expires, extack);
}

int op25b_edit_prefix_del(struct op25b_edit *edit,
			  const struct op25b_prefix *prefix,
			  const char *comment, struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&edit->on->lock);
	if (!op25b_edit_has(edit, OP25B_ENTRY_PREFIX, prefix)) {
		NL_SET_ERR_MSG(extack, "there is no such prefix");
		return -ENOENT;
	}
	if (comment && !op25b_edit_comment_is(edit, OP25B_ENTRY_PREFIX, prefix,
					      comment)) {
		NL_SET_ERR_MSG(extack, "the prefix has another comment");
		return -ENOENT;
	}
	return take(edit, OP25B_ENTRY_PREFIX, prefix, extack);
}

void op25b_edit_prefix_flush(struct op25b_edit *edit)
{
	flush(edit, OP25B_ENTRY_PREFIX);
}

/* Relays */

int op25b_edit_relay_add(struct op25b_edit *edit,
			 const struct op25b_relay *relay, const char *comment,
			 bool replace, struct netlink_ext_ack *extack)
{
	const struct op25b_prefix key = op25b_relay_key(relay);
	bool is_new = !op25b_edit_has(edit, OP25B_ENTRY_RELAY, &key);
	int err;

	lockdep_assert_held(&edit->on->lock);
	if (!is_new && !replace) {
		NL_SET_ERR_MSG(extack, "this relay is there already");
		return -EEXIST;
	}
	if (is_new && count_of(edit, OP25B_ENTRY_RELAY) >= OP25B_MAX_RELAYS) {
		NL_SET_ERR_MSG(extack, "the limit of relays is reached");
		return -ENOSPC;
	}
	err = check_limit(edit, extack);
	return err ?: put(edit, OP25B_ENTRY_RELAY, &key, OP25B_RELAY_ACTION,
			  comment, 0, extack);
}

int op25b_edit_relay_del(struct op25b_edit *edit,
			 const struct op25b_relay *relay,
			 const char *comment, struct netlink_ext_ack *extack)
{
	const struct op25b_prefix key = op25b_relay_key(relay);

	lockdep_assert_held(&edit->on->lock);
	if (!op25b_edit_has(edit, OP25B_ENTRY_RELAY, &key)) {
		NL_SET_ERR_MSG(extack, "there is no such relay");
		return -ENOENT;
	}
	if (comment &&
	    !op25b_edit_comment_is(edit, OP25B_ENTRY_RELAY, &key, comment)) {
		NL_SET_ERR_MSG(extack, "the relay has another comment");
		return -ENOENT;
	}
	return take(edit, OP25B_ENTRY_RELAY, &key, extack);
}

void op25b_edit_relay_flush(struct op25b_edit *edit)
{
	flush(edit, OP25B_ENTRY_RELAY);
}
