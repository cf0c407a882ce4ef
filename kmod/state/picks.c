// SPDX-License-Identifier: GPL-2.0
/*
 * The relays of an edit: those it began with and what it has changed of them.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "lpm/chunk.h"
#include "state/edit.h"

/* A relay that the edit has touched. */
struct relay_change {
	struct rb_node node;
	struct op25b_relay relay;
	bool present;		/* in the edit as it stands */
};

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

bool op25b_picks_has(const struct op25b_edit *edit,
		     const struct op25b_relay *relay)
{
	struct rb_node *node = rb_find(relay, &edit->relay_changes, cmp_key);

	if (node)
		return to_relay_change(node)->present;
	return op25b_relay_match(edit->base_relays, relay->family, relay->addr);
}

/* Return: 0 or -ENOMEM. */
int op25b_picks_mark(struct op25b_edit *edit, const struct op25b_relay *relay,
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

void op25b_picks_forget(struct op25b_edit *edit,
			void (*each)(struct op25b_store *on,
				     enum op25b_entry_kind kind,
				     const struct op25b_prefix *key))
{
	struct relay_change *c, *next;
	unsigned int n = 0;

	rbtree_postorder_for_each_entry_safe(c, next, &edit->relay_changes,
					     node) {
		struct op25b_prefix key = op25b_relay_key(&c->relay);

		if (each)
			each(edit->on, OP25B_ENTRY_RELAY, &key);
		kfree(c);
		op25b_chunk(&n);
	}
	edit->relay_changes = RB_ROOT;
}

struct op25b_relays *op25b_picks_set(struct op25b_edit *edit)
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

bool op25b_picks_changed(const struct op25b_edit *edit)
{
	return edit->kind == OP25B_EDIT_REPLACE ||
	       edit->whole[OP25B_ENTRY_RELAY] ||
	       !RB_EMPTY_ROOT(&edit->relay_changes);
}
