// SPDX-License-Identifier: GPL-2.0
/*
 * Events, at a rate that nobody can drown in.
 *
 * Who holds the writer lock fills the ring, who holds @sending empties it, so
 * neither waits for the other. An event has been sent before the change that
 * caused it is answered.
 *
 * A bucket per cause is one number, the time at which it is full again, as in
 * limit.c. What finds it empty is counted, and so is what finds no room in the
 * ring; the worker tells the count a second later, so a flood makes one LOST a
 * second. What a listener's own socket had no room for, the core tells it by
 * ENOBUFS.
 */
#include <linux/cred.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "lpm/memory.h"
#include "ns/event.h"
#include "ns/net.h"
#include "packet/verdict.h"
#include "state/trash.h"

/* Who sends, while there is somebody. */
static DECLARE_RWSEM(gate);
static const struct op25b_event_sender *sender;

bool op25b_event_wanted(struct op25b_net *on)
{
	const struct op25b_event_sender *now = READ_ONCE(sender);

	return now && now->wanted(on);
}

void op25b_event_by_caller(struct op25b_event *event)
{
	event->pid = task_tgid_nr(current);
	event->uid = from_kuid_munged(&init_user_ns, current_uid());
}

/* Return: it was sent, or nobody could hear it. */
static bool send(struct op25b_net *on, const struct op25b_event *event)
{
	bool sent = true;

	down_read(&gate);
	if (sender)
		sent = sender->send(on, event);
	up_read(&gate);
	return sent;
}

static bool take(struct op25b_events *events, enum op25b_event_cause cause)
{
	u64 now = ktime_get_ns(), full = max(events->full[cause], now);

	if (full + NSEC_PER_SEC / OP25B_EVENT_RATE > now + NSEC_PER_SEC)
		return false;
	events->full[cause] = full + NSEC_PER_SEC / OP25B_EVENT_RATE;
	return true;
}

static void lose(struct op25b_events *events, u32 count)
{
	atomic_add(count, &events->lost);
	queue_delayed_work(op25b_workers, &events->tell, HZ);
}

static struct op25b_event *at(struct op25b_events *events, u32 place)
{
	return &READ_ONCE(events->ring)[place % OP25B_EVENT_RING];
}

static bool is_full(struct op25b_events *events)
{
	/* Pairs with the release in flush(). */
	u32 tail = smp_load_acquire(&events->tail);

	return !READ_ONCE(events->ring) ||
	       events->head - tail == OP25B_EVENT_RING;
}

/* The entry may be gone when its event is sent. */
static void remember_entry(struct op25b_net *on, struct op25b_event *event)
{
	struct op25b_entry_info *info = &event->info;
	u8 origin = event->origin;

	if (event->action != OP25B_ACTION_NONE && !origin)
		origin = op25b_owner_of(op25b_ruleset_locked(&on->store),
					&event->prefix);
	event->known = event->action != OP25B_ACTION_NONE && origin &&
		       op25b_entry_read(&on->store,
					op25b_class(origin, OP25B_ENTRY_PREFIX),
					&event->prefix, info);
	if (!event->known || !info->comment)
		return;
	strscpy(event->comment, info->comment, sizeof(event->comment));
	info->comment = event->comment;
}

void op25b_event_put(struct op25b_net *on, const struct op25b_event *event)
{
	struct op25b_events *events = on->events;
	struct op25b_event *place;

	lockdep_assert_held(&on->store.lock);
	if (!op25b_event_wanted(on))
		return;
	if (is_full(events) ||
	    !take(events, event->pid ? OP25B_CAUSE_CALLER :
				       OP25B_CAUSE_KERNEL)) {
		lose(events, 1);
		return;
	}
	place = at(events, events->head);
	*place = *event;
	place->time = ktime_get_real_seconds();
	remember_entry(on, place);
	/* It is whole before flush() finds it. */
	smp_store_release(&events->head, events->head + 1);
}

static void flush(struct op25b_net *on)
{
	struct op25b_events *events = on->events;

	if (READ_ONCE(events->tail) == READ_ONCE(events->head))
		return;
	mutex_lock(&events->sending);
	/* Pairs with the release of @head. */
	while (events->tail != smp_load_acquire(&events->head)) {
		if (!send(on, at(events, events->tail)))
			lose(events, 1);
		/* It is not looked at any more. */
		smp_store_release(&events->tail, events->tail + 1);
	}
	mutex_unlock(&events->sending);
}

/* Without memory for it, events are lost, and told of as such. */
static void make_ring(struct op25b_net *on)
{
	struct op25b_event *ring;

	ring = __vmalloc(OP25B_EVENT_RING * sizeof(*ring), OP25B_GFP);
	if (ring && cmpxchg(&on->events->ring, NULL, ring))
		kvfree(ring);
}

void op25b_writer_lock(struct op25b_net *on)
{
	if (op25b_event_wanted(on) && !READ_ONCE(on->events->ring))
		make_ring(on);
	mutex_lock(&on->store.lock);
}

void op25b_writer_unlock(struct op25b_net *on)
{
	mutex_unlock(&on->store.lock);
	flush(on);
}

static void tell_lost(struct work_struct *work)
{
	struct op25b_events *events = container_of(to_delayed_work(work),
						   struct op25b_events, tell);
	struct op25b_net *on = events->on;
	struct op25b_event event = {
		.kind = OP25B_EVENT_LOST,
		.count = atomic_xchg(&events->lost, 0),
		.time = ktime_get_real_seconds(),
	};

	if (event.count && op25b_event_wanted(on) && !send(on, &event))
		lose(events, event.count);
}

int op25b_event_net_init(struct op25b_net *on)
{
	struct op25b_events *events = kzalloc(sizeof(*events),
					      GFP_KERNEL_ACCOUNT);

	if (!events)
		return -ENOMEM;
	mutex_init(&events->sending);
	INIT_DELAYED_WORK(&events->tell, tell_lost);
	events->on = on;
	on->events = events;
	return 0;
}

/* The worker may queue itself once more, until it is cancelled. */
void op25b_event_net_exit(struct op25b_net *on)
{
	cancel_delayed_work_sync(&on->events->tell);
	mutex_destroy(&on->events->sending);
	kvfree(on->events->ring);
	kfree(on->events);
}

void op25b_event_open(const struct op25b_event_sender *by)
{
	down_write(&gate);
	WRITE_ONCE(sender, by);
	up_write(&gate);
}

void op25b_event_shut(void)
{
	op25b_event_open(NULL);
}
