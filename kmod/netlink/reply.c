// SPDX-License-Identifier: GPL-2.0
/*
 * What every answer begins with, and what several of them have in common.
 */
#include <linux/module.h>

#include "netlink/nl.h"
#include "ns/event.h"
#include "ns/net.h"

/* Family.c adds operations and groups. resv_start_op is left at 0: the core
 * checks header and policies of all.
 */
struct genl_family op25b_genl_family __ro_after_init = {
	.name		= OP25B_GENL_NAME,
	.version	= OP25B_GENL_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
};

int op25b_nl_check_generation(struct op25b_net *on, struct genl_info *info)
{
	const struct nlattr *expected = info->attrs[OP25B_A_GENERATION];
	u64 generation = op25b_ruleset_locked(&on->store)->generation;

	if (!expected || nla_get_u64(expected) == generation)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, expected,
			    "the generation has moved");
	return -ESTALE;
}

struct sk_buff *op25b_nl_reply_begin(struct genl_info *info, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (skb)
		*hdr = genlmsg_put_reply(skb, info, &op25b_genl_family, 0,
					 info->genlhdr->cmd);
	else
		nl_no_memory(info->extack);
	return skb;
}

int op25b_nl_reply_end(struct sk_buff *skb, struct genl_info *info, void *hdr,
		       int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

struct sk_buff *op25b_nl_reply_new(struct genl_info *info)
{
	struct sk_buff *skb;

	skb = genlmsg_new(2 * nla_total_size_64bit(sizeof(u64)), GFP_KERNEL);
	if (skb)
		genlmsg_put_reply(skb, info, &op25b_genl_family, 0,
				  info->genlhdr->cmd);
	else
		nl_no_memory(info->extack);
	return skb;
}

int op25b_nl_reply_generation(struct genl_info *info, struct sk_buff *skb,
			      u64 id, u64 generation)
{
	if ((id && nla_put_u64_64bit(skb, OP25B_A_TXN, id, OP25B_A_PAD)) ||
	    nla_put_u64_64bit(skb, OP25B_A_GENERATION, generation,
			      OP25B_A_PAD)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlmsg_hdr(skb));
	return genlmsg_reply(skb, info);
}

int op25b_nl_act(struct genl_info *info,
		 int (*what)(struct op25b_net *on, struct genl_info *info))
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	struct sk_buff *skb;
	u64 now;
	int err;

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
