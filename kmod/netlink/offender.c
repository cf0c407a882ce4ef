// SPDX-License-Identifier: GPL-2.0
/*
 * The offenders, worst first. They are read and sorted when the dump begins,
 * and sent from that copy.
 */
#include <linux/mm.h>
#include <net/sock.h>

#include "ns/net.h"
#include "netlink/nl.h"
#include "ns/offender.h"
#include "packet/verdict.h"

static int put_counts(struct sk_buff *skb, const struct op25b_offender *o)
{
	const int pad = OP25B_OFFENDER_A_PAD;

	if (nla_put_u64_64bit(skb, OP25B_OFFENDER_A_ATTEMPTS, o->attempts,
			      pad) ||
	    op25b_nl_put_u64(skb, OP25B_OFFENDER_A_ERROR, o->error, pad) ||
	    op25b_nl_put_u64(skb, OP25B_OFFENDER_A_PACKETS, o->packets, pad) ||
	    op25b_nl_put_u64(skb, OP25B_OFFENDER_A_BYTES, o->bytes, pad) ||
	    op25b_nl_put_u64(skb, OP25B_OFFENDER_A_SYNS, o->syns, pad) ||
	    nla_put_u32(skb, OP25B_OFFENDER_A_DESTINATIONS, o->destinations) ||
	    op25b_nl_put_u64(skb, OP25B_OFFENDER_A_FIRST_SEEN, o->first_seen,
			     pad) ||
	    op25b_nl_put_u64(skb, OP25B_OFFENDER_A_LAST_SEEN, o->last_seen,
			     pad))
		return -EMSGSIZE;
	return 0;
}

static struct op25b_prefix prefix_of(const struct op25b_offender *o)
{
	return (struct op25b_prefix){
		.addr = op25b_addr_head(o->addr, o->prefix_len),
		.family = o->family,
		.len = o->prefix_len,
	};
}

int op25b_nl_put_offender(struct sk_buff *skb, const struct op25b_offender *o,
			  const struct op25b_entry_info *info)
{
	const struct op25b_prefix prefix = prefix_of(o);
	struct nlattr *nest;

	nest = nla_nest_start(skb, OP25B_A_OFFENDER);
	if (!nest)
		return -EMSGSIZE;
	if (op25b_nl_put_addr(skb, OP25B_OFFENDER_A_ADDR, o->family,
			      op25b_addr_head(o->addr, o->len)) ||
	    nla_put_u8(skb, OP25B_OFFENDER_A_LEN, o->len) ||
	    put_counts(skb, o) ||
	    (o->exempt && nla_put_flag(skb, OP25B_OFFENDER_A_EXEMPT)) ||
	    (o->watched && nla_put_flag(skb, OP25B_OFFENDER_A_WATCHED)) ||
	    op25b_nl_put_nest(skb, OP25B_OFFENDER_A_PREFIX, OP25B_ENTRY_PREFIX,
			      &prefix, o->action, info)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/* In cb->ctx. */
struct dump {
	struct op25b_offender *list;
	u32 count;
	u32 at;
	bool begun;
};

static struct dump *dump_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dump) > sizeof(cb->ctx));
	return (struct dump *)cb->ctx;
}

/* With the first message and not by .start, which has no extended ACK. */
static int begin(struct op25b_net *on, struct netlink_callback *cb)
{
	struct dump *dump = dump_of(cb);
	const struct nlattr *most;
	int err;

	err = op25b_nl_request_once(cb->nlh, 0, cb->extack);
	if (err)
		return err;
	if (op25b_offenders_list(on, &dump->list, &dump->count))
		return nl_no_memory(cb->extack);
	most = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, OP25B_A_COUNT);
	if (most)
		dump->count = min(dump->count, nla_get_u32(most));
	dump->begun = true;
	return 0;
}

static int put_one(struct sk_buff *skb, struct op25b_store *store,
		   const struct op25b_offender *o)
{
	const struct op25b_prefix prefix = prefix_of(o);
	u8 origin = op25b_owner_of(op25b_ruleset_locked(store), &prefix);
	struct op25b_entry_info info;
	bool known;

	known = origin && op25b_entry_read(store,
					   op25b_class(origin,
						       OP25B_ENTRY_PREFIX),
					   &prefix, &info);
	return op25b_nl_put_offender(skb, o, known ? &info : NULL);
}

static int put_some(struct sk_buff *skb, struct op25b_store *store,
		    struct dump *dump)
{
	int err = 0;

	mutex_lock(&store->lock);
	while (!err && dump->at < dump->count) {
		err = put_one(skb, store, &dump->list[dump->at]);
		if (!err)
			dump->at++;
	}
	mutex_unlock(&store->lock);
	return err;
}

/* An offender fits an empty skb, see dump_message() in netlink/dump.c. */
int op25b_nl_offender_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct op25b_net *on = op25b_net(sock_net(skb->sk));
	struct dump *dump = dump_of(cb);
	u32 before = dump->at;
	void *hdr;
	int err;

	err = dump->begun ? 0 : begin(on, cb);
	if (err)
		return err;
	if (dump->at == dump->count)
		return 0;
	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &op25b_genl_family, NLM_F_MULTI,
			  OP25B_CMD_OFFENDER_GET);
	if (!hdr)
		return -EMSGSIZE;
	err = put_some(skb, &on->store, dump);
	if (dump->at == before) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	genlmsg_end(skb, hdr);
	return skb->len;
}

int op25b_nl_offender_done(struct netlink_callback *cb)
{
	kvfree(dump_of(cb)->list);
	return 0;
}
