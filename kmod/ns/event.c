// SPDX-License-Identifier: GPL-2.0
/*
 * Events to a multicast group.
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
#include <net/genetlink.h>

#include "ns/event.h"
#include "ns/net.h"
#include "netlink/nl.h"

/* The family is registered: without, its group's number is somebody else's. */
static DECLARE_RWSEM(gate);
static bool is_open;

/* A group that anybody could join must not tell of subscribers, nor one that
 * the root of a container can.
 */
bool op25b_event_wanted(struct op25b_net *on)
{
	return op25b_genl_family.n_mcgrps &&
	       on->net->user_ns == &init_user_ns &&
	       genl_has_listeners(&op25b_genl_family, on->net, 0);
}

void op25b_event_by_caller(struct op25b_event *event)
{
	event->pid = task_tgid_nr(current);
	event->uid = from_kuid_munged(&init_user_ns, current_uid());
}

static int put_cause(struct sk_buff *skb, const struct op25b_event *event)
{
	if (event->origin && nla_put_u8(skb, OP25B_A_ORIGIN, event->origin))
		return -EMSGSIZE;
	if (event->pid && (nla_put_u32(skb, OP25B_A_PID, event->pid) ||
			   nla_put_u32(skb, OP25B_A_UID, event->uid)))
		return -EMSGSIZE;
	return 0;
}

static int put_subject(struct sk_buff *skb, struct op25b_net *on,
		       const struct op25b_event *event)
{
	int err = 0;

	if (event->kind != OP25B_EVENT_LOST &&
	    nla_put_u64_64bit(skb, OP25B_A_GENERATION, event->generation,
			      OP25B_A_PAD))
		return -EMSGSIZE;
	if (event->has_mode && nla_put_u8(skb, OP25B_A_MODE, event->mode))
		return -EMSGSIZE;
	if (event->count && nla_put_u32(skb, OP25B_A_COUNT, event->count))
		return -EMSGSIZE;
	rcu_read_lock();
	if (event->prefix)
		err = op25b_nl_put_prefix(skb, on, event->prefix,
					  event->action);
	if (!err && event->offender)
		err = op25b_nl_put_offender(skb, on, event->offender);
	rcu_read_unlock();
	return err;
}

static struct sk_buff *build(struct op25b_net *on,
			     const struct op25b_event *event)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!skb)
		return NULL;
	hdr = genlmsg_put(skb, 0, 0, &op25b_genl_family, 0, OP25B_CMD_EVENT);
	if (!hdr || nla_put_u8(skb, OP25B_A_EVENT, event->kind) ||
	    nla_put_u64_64bit(skb, OP25B_A_TIME, ktime_get_real_seconds(),
			      OP25B_A_PAD) ||
	    put_cause(skb, event) || put_subject(skb, on, event)) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, hdr);
	return skb;
}

/* Return: it was sent, or nobody could hear it. */
static bool send(struct op25b_net *on, const struct op25b_event *event)
{
	struct sk_buff *skb = NULL;

	down_read(&gate);
	if (is_open) {
		skb = build(on, event);
		if (skb)
			genlmsg_multicast_netns(&op25b_genl_family, on->net,
						skb, 0, 0, GFP_KERNEL);
	}
	up_read(&gate);
	return skb || !is_open;
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
	schedule_delayed_work(&events->tell, HZ);
}

void op25b_event_send(struct op25b_net *on, const struct op25b_event *event)
{
	struct op25b_events *events = &on->events;
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
	struct op25b_net *on = container_of(events, struct op25b_net, events);
	struct op25b_event event = { .kind = OP25B_EVENT_LOST };

	spin_lock(&events->lock);
	event.count = events->lost;
	events->lost = 0;
	spin_unlock(&events->lock);
	if (!event.count || !op25b_event_wanted(on) || send(on, &event))
		return;

	spin_lock(&events->lock);
	events->lost += event.count;
	schedule_delayed_work(&events->tell, HZ);
	spin_unlock(&events->lock);
}

void op25b_event_net_init(struct op25b_net *on)
{
	spin_lock_init(&on->events.lock);
	INIT_DELAYED_WORK(&on->events.tell, tell_lost);
}

/* The worker may queue itself once more, until it is cancelled. */
void op25b_event_net_exit(struct op25b_net *on)
{
	cancel_delayed_work_sync(&on->events.tell);
}

void op25b_event_open(void)
{
	down_write(&gate);
	is_open = true;
	up_write(&gate);
}

void op25b_event_shut(void)
{
	down_write(&gate);
	is_open = false;
	up_write(&gate);
}
