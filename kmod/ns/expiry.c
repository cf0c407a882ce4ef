// SPDX-License-Identifier: GPL-2.0
/*
 * Expiry.
 *
 * Theory of operation
 * ===================
 *
 * due.c knows which prefix expires first. A worker sleeps until then, takes out
 * what is due, some hundred at a time, each time as one edit, and
 * lets go of on->store.lock in between.
 *
 * Times are those of CLOCK_REALTIME, which may be set. The worker does not ask
 * to be told (an hrtimer would be, but how one is set up differs between the
 * kernels that this has to be built for): while something expires, it looks at
 * the clock twice a second. It sleeps by jiffies, so after a suspend it does
 * that within half a second too.
 *
 * Each side has its own heap (state/commit.c): what is due goes from what is in
 * force, of each origin, and from what is staged or parked.
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

/* Prefixes of one edit: the lock is held for the 4 us or so that each takes. */
#define BATCH		512

/* Rulesets in the trash above which a batch waits for a moment, but not longer:
 * they may be others' who change a lot.
 */
#define FREEING		64
#define MOMENT		(HZ / 8)

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

/* A batch: the first by name, the rest as a number. All are still there. */
static void tell(struct op25b_net *on, const struct op25b_edit *edit)
{
	const struct op25b_ruleset *rs = op25b_ruleset_locked(&on->store);
	u8 class = op25b_class(edit->origin, OP25B_ENTRY_PREFIX);
	u32 count = 0, told = 0;
	struct op25b_event event = {
		.kind = OP25B_EVENT_EXPIRED,
		.origin = edit->origin,
		.generation = rs->generation,
	};
	struct op25b_change *change;

	list_for_each_entry(change, &edit->changes, list)
		count++;
	op25b_stats_add(&on->store, OP25B_COUNTER_EXPIRED, count);
	if (!op25b_event_wanted(on))
		return;
	list_for_each_entry(change, &edit->changes, list) {
		if (told == TOLD)
			break;
		event.count = 1;
		event.prefix = change->key;
		event.action =
			op25b_trie_find(op25b_trie_in(rs, class,
						      change->key.family),
					&change->key);
		op25b_event_put(on, &event);
		told++;
	}
	event.count = count - told;
	event.action = OP25B_ACTION_NONE;
	if (event.count)
		op25b_event_put(on, &event);
}

static bool is_due(struct op25b_store *store, u8 side, u8 *family, u32 *number)
{
	u32 expires = op25b_due_first(store, side, family, number);

	return expires && time_left(expires) <= 0;
}

/* Return: 0 or -ENOMEM: it is still due. */
static int expire_one(struct op25b_edit *edit, u8 family, u32 number)
{
	u8 class = op25b_class(edit->origin, OP25B_ENTRY_PREFIX);
	struct op25b_prefix prefix;
	int err;

	op25b_entry_key(op25b_entry_at(edit->on, class, family, number), family,
			&prefix);
	err = op25b_edit_prefix_del(edit, &prefix, NULL, NULL);
	/* What a REPLACE deletes leaves the heap by itself. */
	if (!err && edit->kind != OP25B_EDIT_REPLACE)
		op25b_due_pop(edit->on, edit->side);
	return err;
}

static int expire_batch(struct op25b_edit *edit)
{
	unsigned int n = 0;
	u32 number;
	u8 family;
	int err = 0;

	while (n < BATCH && !err &&
	       is_due(edit->on, edit->side, &family, &number)) {
		err = expire_one(edit, family, number);
		op25b_chunk(&n);
	}
	return err;
}

/* Return: 0, or -ENOMEM, perhaps after some. */
static int expire_some(struct op25b_net *on, enum op25b_edit_kind kind,
		       u8 origin)
{
	struct op25b_edit *edit = op25b_edit_begin(&on->store, kind, origin,
						   NULL);
	int err;

	if (IS_ERR(edit))
		return PTR_ERR(edit);
	err = expire_batch(edit);
	if (list_empty(&edit->changes)) {
		op25b_edit_abort(edit);
		return err;
	}
	if (kind == OP25B_EDIT_EXPIRE)
		tell(on, edit);
	op25b_edit_publish(edit);
	return err;
}

static int expire_side(struct op25b_net *on, u8 side)
{
	u8 origin = op25b_side_origin(side), family;
	u32 number;

	if (!is_due(&on->store, side, &family, &number))
		return 0;
	if (origin != OP25B_ORIGIN_CONFIG || side == on->store.side)
		return expire_some(on, OP25B_EDIT_EXPIRE, origin);
	if (on->store.parked)
		return expire_some(on, OP25B_EDIT_EXPIRE_PARKED, origin);
	return expire_batch(on->store.replacing);
}

/* When something is due first, 0: never. */
static u32 first(struct op25b_net *on)
{
	u32 expires, first = 0, number;
	u8 side, family;

	for (side = 0; side < OP25B_SIDES; side++) {
		expires = op25b_due_first(&on->store, side, &family, &number);
		if (expires && (!first || expires < first))
			first = expires;
	}
	return first;
}

/* Too much waits to be freed, and it is not long that we wait for it. */
static bool is_early(struct op25b_net *on)
{
	return READ_ONCE(on->store.trash.count) >= FREEING &&
	       time_before(jiffies, on->expired + MOMENT);
}

static unsigned long next_look(struct op25b_net *on, u32 expires)
{
	s64 left = time_left(expires);

	if (left > 0)
		return min_t(u64, nsecs_to_jiffies64(left) + 1, LOOK);
	return is_early(on);
}

void op25b_expiry_kick(struct op25b_net *on)
{
	u32 expires = first(on);

	lockdep_assert_held(&on->store.lock);
	if (expires)
		mod_delayed_work(op25b_timers, &on->expiry,
				 next_look(on, expires));
}

/* An exemption that comes to its end is worth a word to those who listen. One
 * of a session ends with it.
 */
static void warn_one(struct op25b_store *store, u8 family, u32 number)
{
	struct op25b_net *on = container_of(store, struct op25b_net, store);
	struct op25b_ruleset *rs = op25b_ruleset_locked(store);
	struct op25b_event event = {
		.kind = OP25B_EVENT_EXPIRING,
		.origin = OP25B_ORIGIN_CONFIG,
		.action = OP25B_ACTION_EXEMPT,
		.count = 1,
		.generation = rs->generation,
	};

	op25b_entry_key(op25b_entry_at(store, OP25B_ENTRY_PREFIX, family,
				       number), family, &event.prefix);
	if (op25b_trie_find(&rs->config.prefixes[family], &event.prefix) ==
	    event.action)
		op25b_event_put(on, &event);
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
		op25b_due_each(&on->store, on->store.side,
			       min_t(u64, before + ahead[i], U32_MAX),
			       min_t(u64, now + ahead[i], U32_MAX), warn_one);
}

static void expiry_work(struct work_struct *work)
{
	struct op25b_net *on = container_of(to_delayed_work(work),
					    struct op25b_net, expiry);

	int err = 0;
	u8 side;

	op25b_writer_lock(on);
	warn(on);
	if (!is_early(on)) {
		for (side = 0; side < OP25B_SIDES && !err; side++)
			err = expire_side(on, side);
		on->expired = jiffies;
	}
	if (err)
		mod_delayed_work(op25b_timers, &on->expiry, LOOK);
	else
		op25b_expiry_kick(on);
	op25b_writer_unlock(on);
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
