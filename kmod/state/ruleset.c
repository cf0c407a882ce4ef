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
 *	EXPIRE	is an AMEND by the kernel itself, of what is in force or of what
 *		is parked
 *	REPLACE	shares none; the old trie goes whole, and its entries one by
 *		one, in the worker ("whole"; so does what a flush drops)
 */
#include <linux/slab.h>

#include "lpm/chunk.h"
#include "state/edit.h"
#include "ns/expiry.h"
#include "ns/net.h"
#include "ns/offender.h"
#include "ns/reject.h"

const struct op25b_knobs op25b_knobs_default = {
	.mode = OP25B_MODE_OFF,
	.reject = OP25B_REJECT_TCP_RESET,
	.reverse = false,
	.counters = true,
	.watch_offenders = true,
	.reject_rate = OP25B_DEF_REJECT_RATE,
	.reject_source_rate = OP25B_DEF_REJECT_SOURCE_RATE,
	.offender_len = OP25B_DEF_OFFENDER_LEN,
	.offender_threshold = OP25B_DEF_OFFENDER_THRESHOLD,
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
	/* Pairs with the release in worker(), which is through with @on. */
	while (atomic_read_acquire(&on->edits_freeing)) {
		rcu_barrier();
		flush_workqueue(workers);
	}
}

struct op25b_ruleset *op25b_ruleset_alloc(void)
{
	struct op25b_ruleset *rs = kzalloc(sizeof(*rs), OP25B_EDIT_GFP);
	unsigned int family;

	if (!rs)
		return NULL;
	rs->knobs = op25b_knobs_default;
	rs->seq = OP25B_FIRST_SEQ;
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
		if (++n % OP25B_CHUNK)
			continue;
		mutex_unlock(&on->lock);
		cond_resched();
		mutex_lock(&on->lock);
	}
	mutex_unlock(&on->lock);
}

static void put_relays(struct op25b_net *on, const struct op25b_relays *relays)
{
	u32 count = op25b_relay_count(relays), i;
	unsigned int n = 0;

	for (i = 0; i < count; i++) {
		struct op25b_prefix key;

		key = op25b_relay_key(op25b_relay_at(relays, i));

		mutex_lock(&on->lock);
		op25b_entry_put(on, OP25B_ENTRY_RELAY, &key);
		mutex_unlock(&on->lock);
		op25b_chunk(&n);
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
	if (op25b_edit_relays_changed(edit)) {
		bytes += op25b_relay_bytes(op25b_relay_count(old->relays));
		op25b_relay_free(old->relays);
	}
	atomic64_sub(bytes, &edit->on->memory);
	kfree(old);
	kfree(edit->husk);
}

/* An amendment's tries went with the abort itself. */
static void free_aborted(struct op25b_edit *edit)
{
	unsigned int family;

	if (edit->kind == OP25B_EDIT_REPLACE)
		for (family = 0; family < OP25B_FAMILIES; family++) {
			put_prefixes(edit->on, &edit->build[family].trie);
			op25b_build_abort(&edit->build[family]);
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
	op25b_changes_release(edit);
	if (edit->second)
		op25b_entry_reuse(on, &edit->limbo);
	else
		more = op25b_entry_limbo(on, &edit->limbo);
	mutex_unlock(&on->lock);

	op25b_edit_relays_forget(edit);
	if (more) {
		edit->second = true;
		queue_rcu_work(workers, &edit->work);
		return;
	}
	op25b_entry_shrink(on);
	kfree(edit);
	atomic_dec_return_release(&on->edits_freeing);
}

void op25b_edit_free_later(struct op25b_edit *edit)
{
	if (edit->on->replacing == edit)
		edit->on->replacing = NULL;
	atomic_inc(&edit->on->edits_freeing);
	INIT_RCU_WORK(&edit->work, worker);
	queue_rcu_work(workers, &edit->work);
}

void op25b_edit_abort(struct op25b_edit *edit)
{
	unsigned int family;

	lockdep_assert_held(&edit->on->lock);
	op25b_changes_undo(edit);
	/* ORDER: while the lock is held. Below an amendment's new nodes hang
	 * those of the ruleset in force, and the next change may free them.
	 */
	if (edit->kind != OP25B_EDIT_REPLACE)
		for (family = 0; family < OP25B_FAMILIES; family++)
			op25b_build_abort(&edit->build[family]);
	op25b_edit_free_later(edit);
}

static void tell(struct op25b_net *on, u8 kind, bool by_caller)
{
	const struct op25b_ruleset *rs = op25b_ruleset_locked(on);
	struct op25b_event event = {
		.kind = kind,
		.origin = OP25B_ORIGIN_CONFIG,
		.has_mode = kind == OP25B_EVENT_MODE,
		.mode = rs->knobs.mode,
		.generation = rs->generation,
	};

	if (by_caller)
		op25b_event_by_caller(&event);
	op25b_event_send(on, &event);
}

void op25b_ruleset_publish(struct op25b_net *on, struct op25b_ruleset *rs)
{
	rs->seq = op25b_ruleset_locked(on)->seq + 1;
	if (!(u32)rs->seq)
		rs->seq++;
	rcu_assign_pointer(on->ruleset, rs);
}

void op25b_ruleset_settle(struct op25b_net *on,
			  const struct op25b_ruleset *old, bool by_caller)
{
	op25b_net_settle(on);
	op25b_offenders_knobs(on, &op25b_ruleset_locked(on)->knobs);
	if (op25b_ruleset_locked(on)->knobs.mode != old->knobs.mode)
		tell(on, OP25B_EVENT_MODE, by_caller);
	op25b_expiry_kick(on);
}

/* What can fail at commit: *@relays is the new set, *@parked for what is to be
 * parked, NULL if nothing is.
 */
static int prepare(struct op25b_edit *edit, struct op25b_relays **relays,
		   struct op25b_ruleset **parked,
		   struct netlink_ext_ack *extack)
{
	bool blocks[OP25B_FAMILIES];
	unsigned int family;
	int err = -ENOMEM;

	if (edit->confirm) {
		*parked = op25b_ruleset_alloc();
		if (!*parked)
			return op25b_no_memory(extack);
	}
	if (op25b_edit_relays_changed(edit)) {
		*relays = op25b_edit_relays(edit);
		if (IS_ERR(*relays)) {
			op25b_no_memory(extack);
			goto free_parked;
		}
	}
	/* Neither knobs nor relays expire. */
	if (edit->kind == OP25B_EDIT_EXPIRE ||
	    edit->kind == OP25B_EDIT_EXPIRE_PARKED)
		return 0;
	for (family = 0; family < OP25B_FAMILIES; family++)
		blocks[family] = edit->build[family].trie.count;
	err = op25b_net_prepare(edit->on, &edit->rs->knobs, blocks, extack);
	if (!err)
		return 0;
	op25b_relay_free(*relays);
free_parked:
	kfree(*parked);
	return err;
}

/* The new ruleset gets what was built. */
static void finish(struct op25b_edit *edit, struct op25b_relays *relays)
{
	struct op25b_ruleset *rs = edit->rs;
	unsigned int family;

	if (edit->kind == OP25B_EDIT_REPLACE) {
		edit->whole[OP25B_ENTRY_PREFIX] = true;
		edit->whole[OP25B_ENTRY_RELAY] = true;
	}
	for (family = 0; family < OP25B_FAMILIES; family++) {
		op25b_build_seal(&edit->build[family]);
		rs->prefixes[family] = edit->build[family].trie;
	}
	rs->relays = edit->old->relays;
	if (op25b_edit_relays_changed(edit)) {
		rs->relays = relays;
		atomic64_add(op25b_relay_bytes(op25b_relay_count(relays)),
			     &edit->on->memory);
	}
	rs->generation = edit->old->generation;
}

/* What was in force lies in @parked until somebody decides. */
static void park(struct op25b_edit *edit, struct op25b_ruleset *parked)
{
	struct op25b_ruleset *old = edit->old;

	*parked = *old;
	op25b_changes_apply_keep(edit);
	edit->husk = old;
	edit->old = NULL;
	op25b_confirm_park(edit, parked);
	tell(edit->on, OP25B_EVENT_REPLACED, true);
	op25b_ruleset_settle(edit->on, old, true);
}

/* What is parked has another version. No packet looks at it. */
static void expire_parked(struct op25b_edit *edit)
{
	edit->on->confirm.parked = edit->rs;
	op25b_changes_apply(edit);
	op25b_expiry_kick(edit->on);
	op25b_edit_free_later(edit);
}

int op25b_edit_commit(struct op25b_edit *edit, struct netlink_ext_ack *extack)
{
	struct op25b_ruleset *parked = NULL, *old;
	struct op25b_relays *relays = NULL;
	struct op25b_net *on = edit->on;
	int err;

	lockdep_assert_held(&on->lock);
	err = prepare(edit, &relays, &parked, extack);
	if (err)
		return err;

	/* Nothing fails from here on. */
	old = op25b_ruleset_locked(on);
	edit->old = old;
	if (edit->kind == OP25B_EDIT_EXPIRE_PARKED)
		edit->old = on->confirm.parked;
	finish(edit, relays);
	if (edit->kind == OP25B_EDIT_EXPIRE_PARKED) {
		expire_parked(edit);
		return 0;
	}
	if (edit->kind != OP25B_EDIT_EXPIRE)
		edit->rs->generation++;
	/* ORDER: entries of what is new were made before, those of what is old
	 * go after; a packet in between finds the one it is counted on.
	 */
	op25b_ruleset_publish(on, edit->rs);
	if (parked) {
		park(edit, parked);
		return 0;
	}
	if (edit->kind == OP25B_EDIT_EXPIRE)
		op25b_expiry_tell(edit);
	op25b_changes_apply(edit);
	if (edit->kind == OP25B_EDIT_REPLACE) {
		op25b_entry_forget_hands(on);
		tell(on, OP25B_EVENT_REPLACED, true);
	}
	op25b_ruleset_settle(on, old, true);
	op25b_edit_free_later(edit);
	return 0;
}
