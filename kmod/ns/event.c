// SPDX-License-Identifier: GPL-2.0
/*
 * Events, at a rate that nobody can drown in.
 *
 * A bucket per cause is one number, the time at which it is full again, as in
 * limit.c. What finds it empty is counted; the worker tells the count a second
 * later, so a flood makes one LOST a second. What a listener's own socket had
 * no room for, the core tells it by ENOBUFS.
 */
#include <linux/cred.h>
#include <linux/ktime.h>
#include <linux/pid.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "ns/event.h"
#include "ns/net.h"

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

static void lose(struct op25b_events *events)
{
	lockdep_assert_held(&events->lock);
	events->lost++;
	queue_delayed_work(system_unbound_wq, &events->tell, HZ);
}

void op25b_event_send(struct op25b_net *on, const struct op25b_event *event)
{
	struct op25b_events *events = on->events;
	bool may;

	might_sleep();
	if (!op25b_event_wanted(on))
		return;

	spin_lock(&events->lock);
	may = take(events, event->pid ? OP25B_CAUSE_CALLER :
					OP25B_CAUSE_KERNEL);
	if (!may)
		lose(events);
	spin_unlock(&events->lock);
	if (!may || send(on, event))
		return;

	spin_lock(&events->lock);
	lose(events);
	spin_unlock(&events->lock);
}

static void tell_lost(struct work_struct *work)
{
	struct op25b_events *events = container_of(to_delayed_work(work),
						   struct op25b_events, tell);
	struct op25b_net *on = events->on;
	struct op25b_event event = { .kind = OP25B_EVENT_LOST };

	spin_lock(&events->lock);
	event.count = events->lost;
	events->lost = 0;
	spin_unlock(&events->lock);
	if (!event.count || !op25b_event_wanted(on) || send(on, &event))
		return;

	spin_lock(&events->lock);
	events->lost += event.count;
	queue_delayed_work(system_unbound_wq, &events->tell, HZ);
	spin_unlock(&events->lock);
}

int op25b_event_net_init(struct op25b_net *on)
{
	struct op25b_events *events = kzalloc(sizeof(*events),
					      GFP_KERNEL_ACCOUNT);

	if (!events)
		return -ENOMEM;
	spin_lock_init(&events->lock);
	INIT_DELAYED_WORK(&events->tell, tell_lost);
	events->on = on;
	on->events = events;
	return 0;
}

/* The worker may queue itself once more, until it is cancelled. */
void op25b_event_net_exit(struct op25b_net *on)
{
	cancel_delayed_work_sync(&on->events->tell);
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
