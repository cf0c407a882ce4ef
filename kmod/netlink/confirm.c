// SPDX-License-Identifier: GPL-2.0
/*
 * CONFIRM and ROLLBACK of what a COMMIT has put in force on trial.
 */
#include "ns/confirm.h"
#include "ns/net.h"
#include "netlink/nl.h"

static int pending(struct op25b_net *on, struct genl_info *info)
{
	lockdep_assert_held(&on->store.lock);
	if (on->store.parked)
		return 0;
	NL_SET_ERR_MSG(info->extack, "nothing awaits its confirmation");
	return -ENOENT;
}

static int confirm(struct op25b_net *on, struct genl_info *info)
{
	int err;

	err = pending(on, info) ?: op25b_nl_check_generation(on, info);
	if (!err)
		op25b_confirm_accept(on);
	return err;
}

static int rollback(struct op25b_net *on, struct genl_info *info)
{
	return pending(on, info) ?:
	       op25b_confirm_rollback(on, true, info->extack);
}

/* Answers the generation that is in force afterwards. */
static int act(struct genl_info *info,
	       int (*what)(struct op25b_net *on, struct genl_info *info))
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	struct sk_buff *skb;
	u64 now;
	int err;

	err = op25b_nl_message_once(info, 0);
	if (err)
		return err;
	skb = op25b_nl_reply_new(info);
	if (!skb)
		return -ENOMEM;
	op25b_writer_lock(on);
	err = what(on, info);
	now = op25b_ruleset_locked(&on->store)->generation;
	op25b_writer_unlock(on);

	/* It has happened, so a reply that is lost is no refusal. */
	if (!err)
		op25b_nl_reply_generation(info, skb, 0, now);
	else
		nlmsg_free(skb);
	return err;
}

int op25b_nl_confirm(struct sk_buff *skb, struct genl_info *info)
{
	if (!info->attrs[OP25B_A_GENERATION])
		return nl_missing(info->extack, NULL, OP25B_A_GENERATION,
				  "no generation is given");
	return act(info, confirm);
}

int op25b_nl_rollback(struct sk_buff *skb, struct genl_info *info)
{
	return act(info, rollback);
}
