// SPDX-License-Identifier: GPL-2.0
/*
 * Building an edit: prefixes, relays, knobs. Theory of operation in ruleset.c.
 */
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "lpm/chunk.h"
#include "state/due.h"
#include "state/edit.h"
#include "ns/net.h"

/* A relay that the edit has touched. */
struct relay_change {
	struct rb_node node;
	struct op25b_relay relay;
	bool present;		/* in the edit as it stands */
};

/* Memory: on->memory has the tries in force, what edits have added to them and
 * what awaits its grace period.
 */

static u64 build_bytes(const struct op25b_edit *edit)
{
	u64 bytes = 0;
	unsigned int family;

	for (family = 0; family < OP25B_FAMILIES; family++)
		bytes += edit->build[family].trie.bytes +
			 edit->build[family].retired_bytes;
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

int op25b_no_memory(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "the kernel has no memory for this");
	return -ENOMEM;
}

static int refuse(int err, struct netlink_ext_ack *extack)
{
	if (err != -EBUSY)
		return op25b_no_memory(extack);
	NL_SET_ERR_MSG(extack,
		       "too many changes of this entry are not freed yet");
	return err;
}

struct op25b_edit *op25b_edit_begin(struct op25b_net *on,
				    enum op25b_edit_kind kind,
				    struct netlink_ext_ack *extack)
{
	struct op25b_edit *edit = kzalloc(sizeof(*edit), OP25B_EDIT_GFP);
	struct op25b_ruleset *now = op25b_ruleset_locked(on);
	unsigned int family;

	if (kind == OP25B_EDIT_EXPIRE_PARKED)
		now = on->confirm.parked;
	if (!edit)
		return ERR_PTR(op25b_no_memory(extack));
	edit->rs = op25b_ruleset_alloc();
	if (!edit->rs) {
		kfree(edit);
		return ERR_PTR(op25b_no_memory(extack));
	}
	edit->on = on;
	edit->kind = kind;
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

/* Which relays the edit has */

static struct relay_change *to_relay_change(struct rb_node *node)
{
	return rb_entry(node, struct relay_change, node);
}

static int cmp_key(const void *relay, const struct rb_node *node)
{
	const struct relay_change *c;

	c = rb_entry(node, struct relay_change, node);

	return op25b_relay_cmp(relay, &c->relay);
}

static int cmp_node(struct rb_node *a, const struct rb_node *b)
{
	return cmp_key(&to_relay_change(a)->relay, b);
}

bool op25b_edit_has_relay(const struct op25b_edit *edit,
			  const struct op25b_relay *relay)
{
	struct rb_node *node = rb_find(relay, &edit->relay_changes, cmp_key);

	if (node)
		return to_relay_change(node)->present;
	return op25b_relay_match(edit->base_relays, relay->family, relay->addr);
}

/* Return: 0 or -ENOMEM. */
static int relay_mark(struct op25b_edit *edit, const struct op25b_relay *relay,
		      bool present)
{
	struct rb_node *node = rb_find(relay, &edit->relay_changes, cmp_key);
	struct relay_change *c;

	if (!node) {
		c = kzalloc(sizeof(*c), OP25B_EDIT_GFP);
		if (!c)
			return -ENOMEM;
		c->relay = *relay;
		node = &c->node;
		rb_find_add(node, &edit->relay_changes, cmp_node);
	}
	to_relay_change(node)->present = present;
	edit->relay_count += present ? 1 : -1;
	return 0;
}

/* Prefixes */

bool op25b_edit_has_prefix(const struct op25b_edit *edit,
			   const struct op25b_prefix *prefix)
{
	return op25b_trie_find(&edit->build[prefix->family].trie, prefix) !=
	       OP25B_ACTION_NONE;
}

static int prefix_room(const struct op25b_edit *edit,
		       struct netlink_ext_ack *extack)
{
	if (edit->build[OP25B_V4].trie.count +
	    edit->build[OP25B_V6].trie.count < OP25B_MAX_PREFIXES)
		return check_limit(edit, extack);
	NL_SET_ERR_MSG(extack, "the limit of prefixes is reached");
	return -ENOSPC;
}

/* The entry of @prefix, which is given its expiry if it is made here: nobody
 * else has it before the edit is committed.
 */
static int take_prefix(struct op25b_net *on, const struct op25b_prefix *prefix,
		       u32 expires)
{
	bool timed = expires && !op25b_entry_find(on, OP25B_ENTRY_PREFIX,
						  prefix);
	u32 number;
	int err;

	if (timed && op25b_due_promise(on))
		return -ENOMEM;
	err = op25b_entry_get(on, OP25B_ENTRY_PREFIX, prefix);
	if (!timed)
		return err;
	if (!err) {
		number = op25b_entry_number(on, OP25B_ENTRY_PREFIX, prefix);
		op25b_due_set(on, prefix->family, number, expires);
	}
	op25b_due_unpromise(on);
	return err;
}

int op25b_edit_prefix_add(struct op25b_edit *edit,
			  const struct op25b_prefix *prefix, u8 action,
			  const char *comment, u32 expires, bool replace,
			  struct netlink_ext_ack *extack)
{
	struct op25b_build *build = &edit->build[prefix->family];
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

	/* REPLACE puts its entries by a walk of the trie. */
	change = op25b_change_add(edit, OP25B_ENTRY_PREFIX, prefix,
				  is_new && edit->kind == OP25B_EDIT_AMEND,
				  comment, expires);
	if (IS_ERR(change))
		return op25b_no_memory(extack);
	if (is_new) {
		err = take_prefix(edit->on, prefix, expires);
		if (err)
			goto free_change;
	}
	err = op25b_build_set(build, prefix, action);
	charge(edit);
	if (err)
		goto put_entry;
	if (change)
		list_add_tail(&change->list, &edit->changes);
	return 0;

put_entry:
	if (is_new)
		op25b_entry_put(edit->on, OP25B_ENTRY_PREFIX, prefix);
free_change:
	op25b_change_free(edit->on, change);
	return refuse(err, extack);
}

int op25b_edit_prefix_del(struct op25b_edit *edit,
			  const struct op25b_prefix *prefix,
			  struct netlink_ext_ack *extack)
{
	struct op25b_build *build = &edit->build[prefix->family];
	struct op25b_change *change;
	int err;

	lockdep_assert_held(&edit->on->lock);
	if (!op25b_edit_has_prefix(edit, prefix)) {
		NL_SET_ERR_MSG(extack, "there is no such prefix");
		return -ENOENT;
	}
	change = op25b_change_del(edit, OP25B_ENTRY_PREFIX, prefix);
	if (!change)
		return op25b_no_memory(extack);
	err = op25b_build_del(build, prefix);
	charge(edit);
	if (err) {
		op25b_change_free(edit->on, change);
		return op25b_no_memory(extack);
	}
	list_add_tail(&change->list, &edit->changes);
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

void op25b_edit_relays_forget(struct op25b_edit *edit)
{
	struct relay_change *c, *next;
	unsigned int n = 0;

	rbtree_postorder_for_each_entry_safe(c, next, &edit->relay_changes,
					     node) {
		kfree(c);
		op25b_chunk(&n);
	}
	edit->relay_changes = RB_ROOT;
}

int op25b_edit_relay_add(struct op25b_edit *edit,
			 const struct op25b_relay *relay, const char *comment,
			 bool replace, struct netlink_ext_ack *extack)
{
	struct op25b_prefix key = op25b_relay_key(relay);
	bool is_new = !op25b_edit_has_relay(edit, relay);
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
	change = op25b_change_add(edit, OP25B_ENTRY_RELAY, &key, is_new,
				  comment, 0);
	if (IS_ERR(change))
		return op25b_no_memory(extack);
	if (is_new) {
		err = op25b_entry_get(edit->on, OP25B_ENTRY_RELAY, &key);
		if (err)
			goto free_change;
		err = relay_mark(edit, relay, true);
		if (err)
			goto put_entry;
	}
	if (change)
		list_add_tail(&change->list, &edit->changes);
	return 0;

put_entry:
	op25b_entry_put(edit->on, OP25B_ENTRY_RELAY, &key);
free_change:
	op25b_change_free(edit->on, change);
	return refuse(err, extack);
}

int op25b_edit_relay_del(struct op25b_edit *edit,
			 const struct op25b_relay *relay,
			 struct netlink_ext_ack *extack)
{
	struct op25b_prefix key = op25b_relay_key(relay);
	struct op25b_change *change;

	lockdep_assert_held(&edit->on->lock);
	if (!op25b_edit_has_relay(edit, relay)) {
		NL_SET_ERR_MSG(extack, "there is no such relay");
		return -ENOENT;
	}
	change = op25b_change_del(edit, OP25B_ENTRY_RELAY, &key);
	if (!change || relay_mark(edit, relay, false)) {
		op25b_change_free(edit->on, change);
		return op25b_no_memory(extack);
	}
	list_add_tail(&change->list, &edit->changes);
	return 0;
}

void op25b_edit_relay_flush(struct op25b_edit *edit)
{
	lockdep_assert_held(&edit->on->lock);
	edit->whole[OP25B_ENTRY_RELAY] = true;
	edit->base_relays = NULL;
	edit->relay_count = 0;
}

struct op25b_relays *op25b_edit_relays(struct op25b_edit *edit)
{
	const struct op25b_relays *base = edit->base_relays;
	u32 n = 0, n_add = 0, n_del = 0;
	struct op25b_relay *add, *del;
	struct op25b_relays *relays;
	unsigned int seen = 0;
	struct rb_node *node;

	for (node = rb_first(&edit->relay_changes); node; node = rb_next(node))
		op25b_chunk(&n);
	add = kvmalloc_array(n + 1, 2 * sizeof(*add), OP25B_EDIT_GFP);
	if (!add)
		return ERR_PTR(-ENOMEM);
	del = add + n;
	for (node = rb_first(&edit->relay_changes); node;
	     node = rb_next(node)) {
		struct relay_change *c = to_relay_change(node);
		bool was = op25b_relay_match(base, c->relay.family,
					     c->relay.addr);

		if (c->present && !was)
			add[n_add++] = c->relay;
		else if (!c->present && was)
			del[n_del++] = c->relay;
		op25b_chunk(&seen);
	}
	relays = op25b_relay_edit(base, add, n_add, del, n_del);
	kvfree(add);
	return relays;
}

bool op25b_edit_relays_changed(const struct op25b_edit *edit)
{
	return edit->kind == OP25B_EDIT_REPLACE ||
	       edit->whole[OP25B_ENTRY_RELAY] ||
	       !RB_EMPTY_ROOT(&edit->relay_changes);
}

