// SPDX-License-Identifier: GPL-2.0
/*
 * Events to a multicast group.
 */
#include <net/genetlink.h>

#include "netlink/nl.h"
#include "ns/event.h"
#include "ns/net.h"

/* A group that anybody could join must not tell of subscribers, nor one that
 * the root of a container can.
 */
static bool wanted(struct op25b_net *on)
{
	return op25b_genl_family.n_mcgrps &&
	       on->net->user_ns == &init_user_ns &&
	       genl_has_listeners(&op25b_genl_family, on->net, 0);
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

static int put_subject(struct sk_buff *skb, const struct op25b_event *event)
{
	const struct op25b_entry_info *info = &event->info;

	if (!event->known)
		info = NULL;
	if (event->kind != OP25B_EVENT_LOST &&
	    nla_put_u64_64bit(skb, OP25B_A_GENERATION, event->generation,
			      OP25B_A_PAD))
		return -EMSGSIZE;
	if (event->has_mode && nla_put_u8(skb, OP25B_A_MODE, event->mode))
		return -EMSGSIZE;
	if (event->count && nla_put_u32(skb, OP25B_A_COUNT, event->count))
		return -EMSGSIZE;
	if (event->has_offender)
		return op25b_nl_put_offender(skb, &event->offender, info);
	if (event->action == OP25B_ACTION_NONE)
		return 0;
	return op25b_nl_put_nest(skb, OP25B_A_PREFIX, OP25B_ENTRY_PREFIX,
				 &event->prefix, event->action, info);
}

static struct sk_buff *build(const struct op25b_event *event)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!skb)
		return NULL;
	hdr = genlmsg_put(skb, 0, 0, &op25b_genl_family, 0, OP25B_CMD_EVENT);
	if (!hdr || nla_put_u8(skb, OP25B_A_EVENT, event->kind) ||
	    nla_put_u64_64bit(skb, OP25B_A_TIME, event->time, OP25B_A_PAD) ||
	    put_cause(skb, event) || put_subject(skb, event)) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, hdr);
	return skb;
}

static bool send(struct op25b_net *on, const struct op25b_event *event)
{
	struct sk_buff *skb = build(event);

	if (!skb)
		return false;
	genlmsg_multicast_netns(&op25b_genl_family, on->net, skb, 0, 0,
				GFP_KERNEL);
	return true;
}

static const struct op25b_event_sender sender = {
	.wanted = wanted,
	.send = send,
};

/* While the family is registered: else its group's number is somebody else's.
 */
void op25b_notify_init(void)
{
	op25b_event_open(&sender);
}

void op25b_notify_exit(void)
{
	op25b_event_shut();
}
