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

int op25b_nl_confirm(struct sk_buff *skb, struct genl_info *info)
{
	if (!info->attrs[OP25B_A_GENERATION])
		return nl_missing(info->extack, NULL, OP25B_A_GENERATION,
				  "no generation is given");
	return op25b_nl_message_once(info, 0) ?: op25b_nl_act(info, confirm);
}

int op25b_nl_rollback(struct sk_buff *skb, struct genl_info *info)
{
	return op25b_nl_message_once(info, 0) ?: op25b_nl_act(info, rollback);
}
