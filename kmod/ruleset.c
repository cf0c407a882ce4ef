// SPDX-License-Identifier: GPL-2.0
/*
 * Editing the ruleset.
 *
 * Theory of operation
 * ===================
 *
 * An edit is the next ruleset in the making. Tries are built by path copying
 * (build.c), relay changes are gathered in a red-black tree, which is also
 * their sorted order, and become a new set at commit. Entries are taken at once
 * (nobody finds them before the ruleset is published); what has to be done to
 * them at commit, or undone at abort, is in `changes`.
 *
 * Commit does all that can fail first, then publishes, then applies `changes`.
 * The edit itself carries what is to be freed: it becomes a work item that runs
 * a grace period later.
 *
 *	AMEND	shares nodes with the ruleset in force; the nodes it replaced
 *		are in build.retired, the entries it deleted in `changes`
 *	REPLACE	shares none; the old trie goes whole, and its entries one by
 *		one, in the worker ("whole"; so does what a flush drops)
 */
#include <linux/netlink.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "build.h"
#include "net.h"
#include "reject.h"
#include "relay.h"
#include "ruleset.h"

#define EDIT_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | \
			 __GFP_NOWARN | __GFP_ZERO)

/* Entries put, nodes freed in one hold of the lock. */
#define CHUNK		1024

const struct op25b_knobs op25b_knobs_default = {
	.mode = OP25B_MODE_OFF,
	.reject = OP25B_REJECT_TCP_RESET,
	.reverse = false,
	.counters = true,
	.reject_rate = OP25B_DEF_REJECT_RATE,
	.reject_source_rate = OP25B_DEF_REJECT_SOURCE_RATE,
};

/**
 * struct change - what an edit does to one entry
 * @list: in op25b_edit.changes
 * @key: of the entry
 * @kind: of the entry, enum op25b_entry_kind
 * @added: the edit has taken it: put at abort
 * @deleted: put at commit
 * @noted: at commit its comment becomes @note
 * @note: NULL for none
 */
struct change {
	struct list_head list;
	struct op25b_prefix key;
	u8 kind;
	bool added;
	bool deleted;
	bool noted;
	struct op25b_note *note;
};

/* A relay that the edit has touched. */
struct relay_change {
	struct rb_node node;
	struct op25b_relay relay;
	bool present;		/* in the edit as it stands */
};

/**
 * struct op25b_edit - a ruleset in the making, later its predecessor's garbage
 * @on: the namespace
 * @kind: AMEND or REPLACE
 * @rs: the new ruleset; its prefixes and relays are set at commit
 * @build: of its tries
 * @base_relays: what @relay_changes change
 * @relay_changes: by address
 * @relay_count: relays in the edit as it stands
 * @changes: of entries, in order
 * @whole: all old entries of a kind go, in the worker
 * @base_bytes: of the tries the edit began with
 * @charged: bytes of its tries in on->memory, those of the base included
 * @old: the predecessor, NULL if the edit was aborted
 * @limbo: entries whose memory waits for the grace period
 * @second: entries were put in the worker; their grace period is another one
 * @work: runs worker() a grace period after commit or abort
 */
struct op25b_edit {
	struct op25b_net *on;
	enum op25b_edit_kind kind;
	struct op25b_ruleset *rs;
	struct op25b_build build[OP25B_FAMILIES];
	const struct op25b_relays *base_relays;
	struct rb_root relay_changes;
	u32 relay_count;
	struct list_head changes;
	bool whole[OP25B_ENTRY_KINDS];
	u64 base_bytes;
	u64 charged;
	struct op25b_ruleset *old;
	struct op25b_limbo limbo;
	bool second;
	struct rcu_work work;
};

static struct workqueue_struct *workers;

int op25b_ruleset_init(void)
{
	workers = alloc_workqueue("op25b", WQ_UNBOUND, 0);
	return workers ? 0 : -ENOMEM;
}

void op25b_ruleset_exit(void)
{
	destroy_workqueue(workers);
}

void op25b_ruleset_wait(struct op25b_net *on)
{
	while (atomic_read(&on->edits_freeing)) {
		rcu_barrier();
		flush_workqueue(workers);
	}
}

struct op25b_ruleset *op25b_ruleset_alloc(void)
{
	struct op25b_ruleset *rs = kzalloc(sizeof(*rs), EDIT_GFP);
	unsigned int family;

	if (!rs)
		return NULL;
	rs->knobs = op25b_knobs_default;
	rs->seq = 1;
	for (family = 0; family < OP25B_FAMILIES; family++)
		rs->prefixes[family].family = family;
	return rs;
}

void op25b_ruleset_free(struct op25b_ruleset *rs)
{
	unsigned int family;

	for (family = 0; family < OP25B_FAMILIES; family++)
		op25b_trie_free(&rs->prefixes[family]);
	op25b_relay_free(rs->relays);
	kfree(rs);
}

static struct op25b_ruleset *in_force(struct op25b_net *on)
{
	return rcu_dereference_protected(on->ruleset,
					 lockdep_is_held(&on->lock));
}

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

static int no_memory(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "the kernel has no memory for this");
	return -ENOMEM;
}

struct op25b_edit *op25b_edit_begin(struct op25b_net *on,
				    enum op25b_edit_kind kind,
				    struct netlink_ext_ack *extack)
{
	struct op25b_edit *edit = kzalloc(sizeof(*edit), EDIT_GFP);
	struct op25b_ruleset *now = in_force(on);
	unsigned int family;

	if (!edit)
		return ERR_PTR(no_memory(extack));
	edit->rs = op25b_ruleset_alloc();
	if (!edit->rs) {
		kfree(edit);
		return ERR_PTR(no_memory(extack));
	}
	edit->on = on;
	edit->kind = kind;
	edit->relay_changes = RB_ROOT;
	INIT_LIST_HEAD(&edit->changes);
	for (family = 0; family < OP25B_FAMILIES; family++)
		op25b_build_begin(&edit->build[family],
				  kind == OP25B_EDIT_AMEND ?
				  &now->prefixes[family] : NULL, family);
	if (kind == OP25B_EDIT_AMEND) {
		edit->rs->knobs = now->knobs;
		edit->base_relays = now->relays;
		edit->relay_count = op25b_relay_count(now->relays);
	}
	edit->base_bytes = build_bytes(edit);
	edit->charged = edit->base_bytes;
	return edit;
}

struct op25b_knobs *op25b_edit_knobs(struct op25b_edit *edit)
{
	return &edit->rs->knobs;
}

/* Entries */

static struct op25b_note *note_alloc(const char *comment)
{
	struct op25b_note *note;

	note = kmalloc(struct_size(note, comment, strlen(comment) + 1),
		       EDIT_GFP);
	if (note)
		strcpy(note->comment, comment);
	return note;
}

static void change_free(struct change *change)
{
	if (!change)
		return;
	kfree(change->note);
	kfree(change);
}

static bool same_comment(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* What adding @key will do to its entry, NULL for nothing that has to be
 * remembered, ERR_PTR(-ENOMEM).
 */
static struct change *change_to_add(struct op25b_edit *edit, u8 kind,
				    const struct op25b_prefix *key, bool added,
				    const char *comment)
{
	const char *now = op25b_entry_comment(edit->on, kind, key);
	struct change *change;
	bool noted = !same_comment(now, comment) || !list_empty(&edit->changes);

	/* An earlier change in this edit may have a comment in store. */
	if (!added && !noted)
		return NULL;
	change = kzalloc(sizeof(*change), EDIT_GFP);
	if (!change)
		return ERR_PTR(-ENOMEM);
	change->key = *key;
	change->kind = kind;
	change->added = added;
	change->noted = noted;
	if (comment) {
		change->note = note_alloc(comment);
		if (!change->note) {
			kfree(change);
			return ERR_PTR(-ENOMEM);
		}
	}
	return change;
}

static struct change *change_to_del(u8 kind, const struct op25b_prefix *key)
{
	struct change *change = kzalloc(sizeof(*change), EDIT_GFP);

	if (change) {
		change->key = *key;
		change->kind = kind;
		change->deleted = true;
	}
	return change;
}

static void changes_apply(struct op25b_edit *edit)
{
	struct change *change, *next;

	list_for_each_entry_safe(change, next, &edit->changes, list) {
		if (change->noted)
			op25b_entry_set_note(edit->on, change->kind,
					     &change->key, change->note);
		if (change->deleted)
			op25b_entry_put(edit->on, change->kind, &change->key);
		kfree(change);
	}
	INIT_LIST_HEAD(&edit->changes);
}

static void changes_undo(struct op25b_edit *edit)
{
	struct change *change, *next;

	list_for_each_entry_safe(change, next, &edit->changes, list) {
		if (change->added)
			op25b_entry_put(edit->on, change->kind, &change->key);
		change_free(change);
	}
	INIT_LIST_HEAD(&edit->changes);
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
			  const char *comment, bool replace,
			  struct netlink_ext_ack *extack)
{
	struct op25b_build *build = &edit->build[prefix->family];
	bool is_new = !op25b_trie_find(&build->trie, prefix);
	struct change *change;
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
	change = change_to_add(edit, OP25B_ENTRY_PREFIX, prefix,
			       is_new && edit->kind == OP25B_EDIT_AMEND,
			       comment);
	if (IS_ERR(change))
		return no_memory(extack);
	if (is_new && op25b_entry_get(edit->on, OP25B_ENTRY_PREFIX, prefix))
		goto free_change;
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
	change_free(change);
	return no_memory(extack);
}

int op25b_edit_prefix_del(struct op25b_edit *edit,
			  const struct op25b_prefix *prefix,
			  struct netlink_ext_ack *extack)
{
	struct op25b_build *build = &edit->build[prefix->family];
	struct change *change;
	int err;

	lockdep_assert_held(&edit->on->lock);
	if (!op25b_trie_find(&build->trie, prefix)) {
		NL_SET_ERR_MSG(extack, "there is no such prefix");
		return -ENOENT;
	}
	change = change_to_del(OP25B_ENTRY_PREFIX, prefix);
	if (!change)
		return no_memory(extack);
	err = op25b_build_del(build, prefix);
	charge(edit);
	if (err) {
		change_free(change);
		return no_memory(extack);
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

static struct op25b_prefix relay_key(const struct op25b_relay *relay)
{
	return (struct op25b_prefix){
		.addr = relay->addr,
		.family = relay->family,
		.len = op25b_family_bits(relay->family),
	};
}

static struct relay_change *to_relay_change(struct rb_node *node)
{
	return rb_entry(node, struct relay_change, node);
}

static int cmp_key(const void *relay, const struct rb_node *node)
{
	const struct relay_change *c = rb_entry(node, struct relay_change, node);

	return op25b_relay_cmp(relay, &c->relay);
}

static int cmp_node(struct rb_node *a, const struct rb_node *b)
{
	return cmp_key(&to_relay_change(a)->relay, b);
}

static bool relay_present(const struct op25b_edit *edit,
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
		c = kzalloc(sizeof(*c), EDIT_GFP);
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

static void relay_changes_free(struct op25b_edit *edit)
{
	struct relay_change *c, *next;

	rbtree_postorder_for_each_entry_safe(c, next, &edit->relay_changes,
					     node)
		kfree(c);
	edit->relay_changes = RB_ROOT;
}

int op25b_edit_relay_add(struct op25b_edit *edit,
			 const struct op25b_relay *relay, const char *comment,
			 bool replace, struct netlink_ext_ack *extack)
{
	struct op25b_prefix key = relay_key(relay);
	bool is_new = !relay_present(edit, relay);
	struct change *change;

	lockdep_assert_held(&edit->on->lock);
	if (!is_new && !replace) {
		NL_SET_ERR_MSG(extack, "this relay is there already");
		return -EEXIST;
	}
	if (is_new && edit->relay_count >= OP25B_MAX_RELAYS) {
		NL_SET_ERR_MSG(extack, "the limit of relays is reached");
		return -ENOSPC;
	}
	change = change_to_add(edit, OP25B_ENTRY_RELAY, &key, is_new, comment);
	if (IS_ERR(change))
		return no_memory(extack);
	if (is_new) {
		if (op25b_entry_get(edit->on, OP25B_ENTRY_RELAY, &key))
			goto free_change;
		if (relay_mark(edit, relay, true))
			goto put_entry;
	}
	if (change)
		list_add_tail(&change->list, &edit->changes);
	return 0;

put_entry:
	op25b_entry_put(edit->on, OP25B_ENTRY_RELAY, &key);
free_change:
	change_free(change);
	return no_memory(extack);
}

int op25b_edit_relay_del(struct op25b_edit *edit,
			 const struct op25b_relay *relay,
			 struct netlink_ext_ack *extack)
{
	struct op25b_prefix key = relay_key(relay);
	struct change *change;

	lockdep_assert_held(&edit->on->lock);
	if (!relay_present(edit, relay)) {
		NL_SET_ERR_MSG(extack, "there is no such relay");
		return -ENOENT;
	}
	change = change_to_del(OP25B_ENTRY_RELAY, &key);
	if (!change || relay_mark(edit, relay, false)) {
		change_free(change);
		return no_memory(extack);
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

/* The set that the changes make of base_relays.
 * Return: it, NULL for the empty one, or ERR_PTR(-ENOMEM).
 */
static struct op25b_relays *relays_build(struct op25b_edit *edit)
{
	const struct op25b_relays *base = edit->base_relays;
	u32 n = 0, n_add = 0, n_del = 0;
	struct op25b_relay *add, *del;
	struct op25b_relays *relays;
	struct rb_node *node;

	for (node = rb_first(&edit->relay_changes); node; node = rb_next(node))
		n++;
	add = kvmalloc_array(n + 1, 2 * sizeof(*add), EDIT_GFP);
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
	}
	relays = op25b_relay_edit(base, add, n_add, del, n_del);
	kvfree(add);
	return relays;
}

/* Does the edit have a relay set of its own? */
static bool relays_changed(const struct op25b_edit *edit)
{
	return edit->kind == OP25B_EDIT_REPLACE ||
	       edit->whole[OP25B_ENTRY_RELAY] ||
	       !RB_EMPTY_ROOT(&edit->relay_changes);
}

/* Commit, abort, and what comes a grace period later */

static void put_prefixes(struct op25b_net *on, const struct op25b_trie *trie)
{
	struct op25b_trie_iter it;
	struct op25b_prefix prefix;
	unsigned int n = 0;

	op25b_trie_first(&it, trie, NULL);
	mutex_lock(&on->lock);
	while (op25b_trie_next(&it, &prefix)) {
		op25b_entry_put(on, OP25B_ENTRY_PREFIX, &prefix);
		if (++n % CHUNK)
			continue;
		mutex_unlock(&on->lock);
		cond_resched();
		mutex_lock(&on->lock);
	}
	mutex_unlock(&on->lock);
}

static void put_relays(struct op25b_net *on, const struct op25b_relays *relays)
{
	u32 n = op25b_relay_count(relays), i;

	for (i = 0; i < n; i++) {
		struct op25b_prefix key = relay_key(op25b_relay_at(relays, i));

		mutex_lock(&on->lock);
		op25b_entry_put(on, OP25B_ENTRY_RELAY, &key);
		mutex_unlock(&on->lock);
	}
}

static void free_old(struct op25b_edit *edit)
{
	struct op25b_ruleset *old = edit->old;
	unsigned int family;
	u64 bytes = 0;

	for (family = 0; family < OP25B_FAMILIES; family++) {
		struct op25b_build *build = &edit->build[family];

		bytes += build->retired_bytes;
		op25b_bag_free(&build->retired);
		if (!edit->whole[OP25B_ENTRY_PREFIX])
			continue;
		put_prefixes(edit->on, &old->prefixes[family]);
		bytes += old->prefixes[family].bytes;
		op25b_trie_free(&old->prefixes[family]);
	}
	if (edit->whole[OP25B_ENTRY_RELAY])
		put_relays(edit->on, old->relays);
	if (relays_changed(edit)) {
		bytes += op25b_relay_bytes(op25b_relay_count(old->relays));
		op25b_relay_free(old->relays);
	}
	atomic64_sub(bytes, &edit->on->memory);
	kfree(old);
}

static void free_aborted(struct op25b_edit *edit)
{
	unsigned int family;

	for (family = 0; family < OP25B_FAMILIES; family++) {
		struct op25b_build *build = &edit->build[family];

		if (edit->kind == OP25B_EDIT_REPLACE)
			put_prefixes(edit->on, &build->trie);
		op25b_build_abort(build);
	}
	atomic64_sub(edit->charged - edit->base_bytes, &edit->on->memory);
	kfree(edit->rs);
}

static void worker(struct work_struct *work)
{
	struct op25b_edit *edit = container_of(to_rcu_work(work),
					       struct op25b_edit, work);
	struct op25b_net *on = edit->on;
	bool more = false;

	if (!edit->second && edit->old)
		free_old(edit);
	else if (!edit->second)
		free_aborted(edit);

	mutex_lock(&on->lock);
	op25b_entry_reuse(on, &edit->limbo);
	if (!edit->second)
		more = op25b_entry_limbo(on, &edit->limbo);
	mutex_unlock(&on->lock);

	relay_changes_free(edit);
	if (more) {
		edit->second = true;
		queue_rcu_work(workers, &edit->work);
		return;
	}
	kfree(edit);
	atomic_dec(&on->edits_freeing);
}

static void free_later(struct op25b_edit *edit)
{
	atomic_inc(&edit->on->edits_freeing);
	op25b_entry_limbo(edit->on, &edit->limbo);
	INIT_RCU_WORK(&edit->work, worker);
	queue_rcu_work(workers, &edit->work);
}

void op25b_edit_abort(struct op25b_edit *edit)
{
	lockdep_assert_held(&edit->on->lock);
	changes_undo(edit);
	free_later(edit);
}

int op25b_edit_commit(struct op25b_edit *edit, struct netlink_ext_ack *extack)
{
	struct op25b_relays *relays = NULL;
	struct op25b_net *on = edit->on;
	struct op25b_ruleset *rs = edit->rs;
	unsigned int family;
	int err;

	lockdep_assert_held(&on->lock);
	edit->old = in_force(on);
	if (relays_changed(edit)) {
		relays = relays_build(edit);
		if (IS_ERR(relays)) {
			err = no_memory(extack);
			goto err_old;
		}
	}
	err = op25b_net_prepare(on, &rs->knobs, extack);
	if (err)
		goto err_relays;

	/* Nothing fails from here on. */
	if (edit->kind == OP25B_EDIT_REPLACE) {
		edit->whole[OP25B_ENTRY_PREFIX] = true;
		edit->whole[OP25B_ENTRY_RELAY] = true;
	}
	for (family = 0; family < OP25B_FAMILIES; family++) {
		op25b_build_seal(&edit->build[family]);
		rs->prefixes[family] = edit->build[family].trie;
	}
	rs->relays = relays_changed(edit) ? relays : edit->old->relays;
	if (relays_changed(edit))
		atomic64_add(op25b_relay_bytes(op25b_relay_count(relays)),
			     &on->memory);
	rs->generation = edit->old->generation + 1;
	rs->seq = edit->old->seq + 1 ?: 1;
	/* ORDER: entries of what is new were made before, those of what is old
	 * go after; a packet in between finds the one it is counted on.
	 */
	rcu_assign_pointer(on->ruleset, rs);
	changes_apply(edit);
	op25b_net_settle(on, &rs->knobs);
	free_later(edit);
	return 0;

err_relays:
	op25b_relay_free(relays);
err_old:
	edit->old = NULL;
	return err;
}
