// SPDX-License-Identifier: GPL-2.0
/*
 * Expiry.
 *
 * Theory of operation
 * ===================
 *
 * due.c knows which prefix expires first. A worker sleeps until then, takes out
 * what is due, some hundred at a time, each time as one edit (ruleset.c), and
 * lets go of on->lock in between.
 *
 * Times are those of CLOCK_REALTIME, which may be set. The worker does not ask
 * to be told (an hrtimer would be, but how one is set up differs between the
 * kernels that this has to be built for): while something expires, it looks at
 * the clock twice a second. It sleeps by jiffies, so after a suspend it does
 * that within half a second too.
 *
 * An entry's expiry is that in the ruleset in force. What is due goes there,
 * and from the one that is staged or parked (never both, confirm.c), unless
 * that has another expiry for it in store (entry.apart, change.c), which the
 * entry gets at COMMIT or rollback.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "lpm/chunk.h"
#include "state/due.h"
#include "state/edit.h"
#include "ns/event.h"
#include "ns/expiry.h"
#include "ns/net.h"
#include "state/stats.h"
#include "lpm/trie.h"

/* Prefixes of one edit: on->lock is held for the 4 us or so that each takes. */
#define BATCH		512

/* Edits whose leftovers may wait for their grace period: 32k prefixes, and the
 * nodes above them, at the most.
 */
#define FREEING		64

/* Events of one batch that name an entry. */
#define TOLD		16

/* Seconds between two looks at what is to be warned of. */
#define WARN_EACH	60

/* The longest sleep. */
#define LOOK		(HZ / 2)

struct workqueue_struct *op25b_timers;

/* Nanoseconds until then; due if not positive. */
static s64 time_left(u32 expires)
{
	return (s64)expires * NSEC_PER_SEC - ktime_get_real_ns();
}

static const struct op25b_trie *trie_of(const struct op25b_edit *edit,
					const struct op25b_change *change)
{
	return &edit->old->prefixes[change->key.family];
}

/* A batch: the first by name, the rest as a number. */
void op25b_expiry_tell(const struct op25b_edit *edit)
{
	u32 count = 0, told = 0;
	struct op25b_net *on = edit->on;
	struct op25b_event event = {
		.kind = OP25B_EVENT_EXPIRED,
		.origin = OP25B_ORIGIN_CONFIG,
		.generation = edit->rs->generation,
	};
	struct op25b_change *change;

	list_for_each_entry(change, &edit->changes, list)
		count++;
	op25b_stats_add(on, OP25B_COUNTER_EXPIRED, count);
	if (!op25b_event_wanted(on))
		return;
	list_for_each_entry(change, &edit->changes, list) {
		if (told == TOLD)
			break;
		event.count = 1;
		event.prefix = &change->key;
		event.action = op25b_trie_find(trie_of(edit, change),
					       &change->key);
		op25b_event_send(on, &event);
		told++;
	}
	event.count = count - told;
	event.prefix = NULL;
	if (event.count)
		op25b_event_send(on, &event);
}

static int del(struct op25b_edit *edit, const struct op25b_prefix *prefix)
{
	if (!edit || !op25b_edit_has_prefix(edit, prefix))
		return 0;
	return op25b_edit_prefix_del(edit, prefix, NULL);
}

/* From the ruleset in force, by @edit, and from the staged or parked one.
 * Return: 0 or -ENOMEM: it is still due.
 */
static int expire_one(struct op25b_edit *edit, struct op25b_edit *other,
		      u8 family, u32 number)
{
	struct op25b_net *on = edit->on;
	struct op25b_prefix prefix;
	struct op25b_entry *entry;
	int err;

	entry = op25b_entry_at(on, OP25B_ENTRY_PREFIX, family, number);
	op25b_entry_key(entry, family, &prefix);
	err = del(edit, &prefix);
	if (!err && !entry->apart)
		err = del(other, &prefix);
	if (!err)
		op25b_due_set(on, family, number, 0);
	return err;
}

static int expire_batch(struct op25b_edit *edit, struct op25b_edit *other)
{
	u32 expires, number;
	unsigned int n = 0;
	u8 family;
	int err = 0;

	while (n < BATCH && !err) {
		expires = op25b_due_first(edit->on, &family, &number);
		if (!expires || time_left(expires) > 0)
			break;
		err = expire_one(edit, other, family, number);
		op25b_chunk(&n);
	}
	return err;
}

/* What was due may have been in this ruleset or not. */
static void finish(struct op25b_edit *edit)
{
	if (list_empty(&edit->changes))
		op25b_edit_abort(edit);
	else
		op25b_edit_commit(edit, NULL);
}

/* Return: 0, or -ENOMEM, perhaps after some. */
static int expire_some(struct op25b_net *on)
{
	struct op25b_edit *edit, *parked = NULL;
	int err;

	edit = op25b_edit_begin(on, OP25B_EDIT_EXPIRE, NULL);
	if (IS_ERR(edit))
		return PTR_ERR(edit);
	if (on->confirm.parked) {
		parked = op25b_edit_begin(on, OP25B_EDIT_EXPIRE_PARKED, NULL);
		if (IS_ERR(parked)) {
			op25b_edit_abort(edit);
			return PTR_ERR(parked);
		}
	}
	err = expire_batch(edit, parked ?: on->replacing);
	finish(edit);
	if (parked)
		finish(parked);
	return err;
}

static unsigned long next_look(struct op25b_net *on, u32 expires)
{
	s64 left = time_left(expires);

	if (left > 0)
		return min_t(u64, nsecs_to_jiffies64(left) + 1, LOOK);
	return atomic_read(&on->edits_freeing) < FREEING ? 0 : 1;
}

void op25b_expiry_kick(struct op25b_net *on)
{
	u32 expires, number;
	u8 family;

	lockdep_assert_held(&on->lock);
	expires = op25b_due_first(on, &family, &number);
	if (expires)
		mod_delayed_work(op25b_timers, &on->expiry,
				 next_look(on, expires));
}

static bool is_due(struct op25b_net *on)
{
	u32 expires, number;
	u8 family;

	expires = op25b_due_first(on, &family, &number);
	return expires && time_left(expires) <= 0 &&
	       atomic_read(&on->edits_freeing) < FREEING;
}

/* An exemption that comes to its end is worth a word to those who listen. */
static void warn_one(struct op25b_net *on, u8 family, u32 number)
{
	struct op25b_ruleset *rs = op25b_ruleset_locked(on);
	struct op25b_prefix prefix;
	struct op25b_event event = {
		.kind = OP25B_EVENT_EXPIRING,
		.origin = OP25B_ORIGIN_CONFIG,
		.action = OP25B_ACTION_EXEMPT,
		.count = 1,
		.generation = rs->generation,
		.prefix = &prefix,
	};

	op25b_entry_key(op25b_entry_at(on, OP25B_ENTRY_PREFIX, family, number),
			family, &prefix);
	if (op25b_trie_find(&rs->prefixes[family], &prefix) == event.action)
		op25b_event_send(on, &event);
}

/* Those whose end was further away than a week or a day when we looked last,
 * and is not now. Who begins to listen is not told of those before.
 */
static void warn(struct op25b_net *on)
{
	static const u32 ahead[] = { 7 * 86400, 86400 };
	u64 now = ktime_get_real_seconds(), before = on->warned;
	unsigned int i;

	if (now >= before && now < before + WARN_EACH)
		return;
	on->warned = now;
	if (!before || now < before || !op25b_event_wanted(on))
		return;
	for (i = 0; i < ARRAY_SIZE(ahead); i++)
		op25b_due_each(on, min_t(u64, before + ahead[i], U32_MAX),
			       min_t(u64, now + ahead[i], U32_MAX), warn_one);
}

static void expiry_work(struct work_struct *work)
{
	struct op25b_net *on = container_of(to_delayed_work(work),
					    struct op25b_net, expiry);

	mutex_lock(&on->lock);
	warn(on);
	if (is_due(on) && expire_some(on))
		mod_delayed_work(op25b_timers, &on->expiry, LOOK);
	else
		op25b_expiry_kick(on);
	mutex_unlock(&on->lock);
}

void op25b_expiry_init(struct op25b_net *on)
{
	INIT_DELAYED_WORK(&on->expiry, expiry_work);
}

void op25b_expiry_exit(struct op25b_net *on)
{
	cancel_delayed_work_sync(&on->expiry);
}

int op25b_expiry_start(void)
{
	op25b_timers = alloc_workqueue("op25b_timers", WQ_UNBOUND, 0);
	return op25b_timers ? 0 : -ENOMEM;
}

void op25b_expiry_stop(void)
{
	destroy_workqueue(op25b_timers);
}
