// SPDX-License-Identifier: GPL-2.0
/*
 * GET of one prefix or relay, and of all.
 *
 * Comments and expiries are in the entries, which change in place, those of a
 * commit one after the other: only under the writer's lock are they what the
 * ruleset in force says. So lists are filled under it, a thousand entries at a
 * time.
 *
 * A dump is a chain of messages; the ruleset may have been replaced in between.
 * What goes from one message to the next is the last key sent, a value and no
 * pointer, and the sequence: if that moved, the core sets NLM_F_DUMP_INTR in
 * the next message, be it NLMSG_DONE.
 */
#include <net/sock.h>

#include "state/entry.h"
#include "state/journal.h"
#include "ns/net.h"
#include "netlink/nl.h"
#include "lpm/trie.h"

int op25b_nl_put_u64(struct sk_buff *skb, int type, u64 value, int pad)
{
	return value ? nla_put_u64_64bit(skb, type, value, pad) : 0;
}

int op25b_nl_put_addr(struct sk_buff *skb, int type, u8 family,
		      struct op25b_addr addr)
{
	__be32 word[] = {
		cpu_to_be32(addr.hi >> 32), cpu_to_be32(addr.hi),
		cpu_to_be32(addr.lo >> 32), cpu_to_be32(addr.lo),
	};

	return nla_put(skb, type, op25b_family_bits(family) / 8, word);
}

static int put_prefix_info(struct sk_buff *skb,
			   const struct op25b_entry_info *info)
{
	if (info->comment &&
	    nla_put_string(skb, OP25B_PREFIX_A_COMMENT, info->comment))
		return -EMSGSIZE;
	if (nla_put_u8(skb, OP25B_PREFIX_A_ORIGIN, info->origin) ||
	    op25b_nl_put_u64(skb, OP25B_PREFIX_A_PACKETS, info->packets,
			     OP25B_PREFIX_A_PAD) ||
	    op25b_nl_put_u64(skb, OP25B_PREFIX_A_BYTES, info->bytes,
			     OP25B_PREFIX_A_PAD) ||
	    op25b_nl_put_u64(skb, OP25B_PREFIX_A_SYNS, info->syns,
			     OP25B_PREFIX_A_PAD) ||
	    op25b_nl_put_u64(skb, OP25B_PREFIX_A_LAST_SEEN, info->last_seen,
			     OP25B_PREFIX_A_PAD) ||
	    op25b_nl_put_u64(skb, OP25B_PREFIX_A_EXPIRES, info->expires,
			     OP25B_PREFIX_A_PAD) ||
	    (info->by_hand && nla_put_flag(skb, OP25B_PREFIX_A_BY_HAND)))
		return -EMSGSIZE;
	return 0;
}

int op25b_nl_put_prefix_as(struct sk_buff *skb, int type, struct op25b_net *on,
			   const struct op25b_prefix *prefix, u8 action)
{
	struct op25b_entry_info info;
	struct nlattr *nest;

	nest = nla_nest_start(skb, type);
	if (!nest)
		return -EMSGSIZE;

	if (op25b_nl_put_addr(skb, OP25B_PREFIX_A_ADDR, prefix->family,
			      prefix->addr) ||
	    nla_put_u8(skb, OP25B_PREFIX_A_LEN, prefix->len) ||
	    nla_put_u8(skb, OP25B_PREFIX_A_ACTION, action))
		goto cancel;
	if (op25b_entry_read(&on->store, OP25B_ENTRY_PREFIX, prefix, &info) &&
	    put_prefix_info(skb, &info))
		goto cancel;

	nla_nest_end(skb, nest);
	return 0;

cancel:
	nla_nest_cancel(skb, nest);
	return -EMSGSIZE;
}

int op25b_nl_put_prefix(struct sk_buff *skb, struct op25b_net *on,
			const struct op25b_prefix *prefix, u8 action)
{
	return op25b_nl_put_prefix_as(skb, OP25B_A_PREFIX, on, prefix, action);
}

static int put_relay_info(struct sk_buff *skb,
			  const struct op25b_entry_info *info)
{
	if (info->comment &&
	    nla_put_string(skb, OP25B_RELAY_A_COMMENT, info->comment))
		return -EMSGSIZE;
	if (nla_put_u8(skb, OP25B_RELAY_A_ORIGIN, info->origin) ||
	    op25b_nl_put_u64(skb, OP25B_RELAY_A_PACKETS, info->packets,
			     OP25B_RELAY_A_PAD) ||
	    op25b_nl_put_u64(skb, OP25B_RELAY_A_BYTES, info->bytes,
			     OP25B_RELAY_A_PAD) ||
	    op25b_nl_put_u64(skb, OP25B_RELAY_A_LAST_SEEN, info->last_seen,
			     OP25B_RELAY_A_PAD) ||
	    (info->by_hand && nla_put_flag(skb, OP25B_RELAY_A_BY_HAND)))
		return -EMSGSIZE;
	return 0;
}

int op25b_nl_put_relay(struct sk_buff *skb, struct op25b_net *on,
		       const struct op25b_prefix *relay)
{
	struct op25b_entry_info info;
	struct nlattr *nest;

	nest = nla_nest_start(skb, OP25B_A_RELAY);
	if (!nest)
		return -EMSGSIZE;

	if (op25b_nl_put_addr(skb, OP25B_RELAY_A_ADDR, relay->family,
			      relay->addr) ||
	    nla_put_u8(skb, OP25B_RELAY_A_LEN, relay->len))
		goto cancel;
	if (op25b_entry_read(&on->store, OP25B_ENTRY_RELAY, relay, &info) &&
	    put_relay_info(skb, &info))
		goto cancel;

	nla_nest_end(skb, nest);
	return 0;

cancel:
	nla_nest_cancel(skb, nest);
	return -EMSGSIZE;
}

/* One policy serves do and dump. */
static int check_get(struct genl_info *info)
{
	int err = op25b_nl_message_once(info, 0);

	if (err || !info->attrs[OP25B_A_BY_HAND])
		return err;
	return nl_refuse(info->extack, info->attrs[OP25B_A_BY_HAND],
			 "only a dump asks for the work of hands");
}

/* One prefix or relay. @fill puts it: -ENOENT if it is not there. */
static int get(struct genl_info *info, const void *key,
	       int (*fill)(struct sk_buff *skb, struct op25b_net *on,
			   const struct op25b_ruleset *rs, const void *key))
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return nl_no_memory(info->extack);
	hdr = genlmsg_put_reply(skb, info, &op25b_genl_family, 0,
				info->genlhdr->cmd);

	op25b_journals_post(&on->store);
	mutex_lock(&on->store.lock);
	rcu_read_lock();
	err = fill(skb, on, op25b_ruleset_locked(&on->store), key);
	rcu_read_unlock();
	mutex_unlock(&on->store.lock);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

static int fill_prefix(struct sk_buff *skb, struct op25b_net *on,
		       const struct op25b_ruleset *rs, const void *key)
{
	const struct op25b_prefix *prefix = key;
	u8 action;

	action = op25b_trie_find(&rs->prefixes[prefix->family], prefix);
	if (action == OP25B_ACTION_NONE)
		return -ENOENT;
	return op25b_nl_put_prefix(skb, on, prefix, action);
}

int op25b_nl_prefix_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[OP25B_A_PREFIX];
	struct op25b_nl_prefix p;
	int err;

	if (!nest)
		return nl_missing(info->extack, NULL, OP25B_A_PREFIX,
				  "no prefix is given");
	err = check_get(info);
	if (!err)
		err = op25b_nl_prefix_nest(nest, true, &p, info->extack);
	if (err)
		return err;

	err = get(info, &p.prefix, fill_prefix);
	if (err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "there is no such prefix");
	return err;
}

static int fill_relay(struct sk_buff *skb, struct op25b_net *on,
		      const struct op25b_ruleset *rs, const void *key)
{
	const struct op25b_prefix relay = op25b_relay_key(key);

	if (!op25b_relay_match(rs, relay.family, relay.addr))
		return -ENOENT;
	return op25b_nl_put_relay(skb, on, &relay);
}

int op25b_nl_relay_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[OP25B_A_RELAY];
	struct op25b_nl_relay r;
	int err;

	if (!nest)
		return nl_missing(info->extack, NULL, OP25B_A_RELAY,
				  "no relay is given");
	err = check_get(info);
	if (!err)
		err = op25b_nl_relay_nest(nest, &r, info->extack);
	if (err)
		return err;

	err = get(info, &r.relay, fill_relay);
	if (err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "there is no such relay");
	return err;
}

/* Where a dump goes on, in cb->ctx, which begins zeroed. */
struct cursor {
	struct op25b_prefix last;	/* sent; means something if @begun */
	u8 family;		/* the trie we are in */
	bool begun;
	bool by_hand;		/* only those */
	bool posted;		/* counters are those of the dump's beginning */
};

static struct cursor *cursor_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct cursor) > sizeof(cb->ctx));
	return (struct cursor *)cb->ctx;
}

/* Entries that are looked at in one hold of on->store.lock, sent or not. */
#define SECTION 1024

static int put_entry(struct sk_buff *skb, struct op25b_net *on,
		     enum op25b_entry_kind kind, const struct op25b_prefix *key,
		     u8 action)
{
	if (kind == OP25B_ENTRY_RELAY)
		return op25b_nl_put_relay(skb, on, key);
	return op25b_nl_put_prefix(skb, on, key, action);
}

/* Return: -EMSGSIZE when @skb is full, -EAGAIN after a section, 0 when all has
 * been sent.
 */
static int dump_entries(struct sk_buff *skb, struct op25b_net *on,
			const struct op25b_ruleset *rs, struct cursor *cur,
			enum op25b_entry_kind kind)
{
	struct op25b_trie_iter it;
	struct op25b_prefix key;
	unsigned int seen = 0;
	u8 action;

	for (; cur->family < OP25B_FAMILIES; cur->family++) {
		op25b_trie_first(&it, &rs->tries[op25b_trie_of(kind,
							       cur->family)],
				 cur->begun ? &cur->last : NULL);
		while ((action = op25b_trie_next(&it, &key))) {
			if ((!cur->by_hand ||
			     op25b_entry_by_hand(&on->store, kind, &key)) &&
			    put_entry(skb, on, kind, &key, action))
				return -EMSGSIZE;
			cur->last = key;
			cur->begun = true;
			if (++seen == SECTION)
				return -EAGAIN;
		}
		cur->begun = false;
	}
	return 0;
}

/* One policy serves do and dump, so the core lets a key through. */
static int check_dump(struct netlink_callback *cb, struct cursor *cur)
{
	const struct nlattr *attr;
	int rem, err;

	err = op25b_nl_request_once(cb->nlh, 0, cb->extack);
	if (err)
		return err;
	nlmsg_for_each_attr(attr, cb->nlh, GENL_HDRLEN, rem) {
		if (nla_type(attr) != OP25B_A_BY_HAND)
			return nl_refuse(cb->extack, attr,
					 "a dump takes no key");
		cur->by_hand = true;
	}
	return 0;
}

/* A ruleset that is replaced between two sections of one message is told like
 * one between messages.
 */
static int dump_section(struct sk_buff *skb, struct netlink_callback *cb,
			enum op25b_entry_kind kind)
{
	struct op25b_net *on = op25b_net(sock_net(skb->sk));
	const struct op25b_ruleset *rs;
	int err;

	mutex_lock(&on->store.lock);
	rcu_read_lock();
	rs = op25b_ruleset_locked(&on->store);
	cb->seq = (u32)rs->seq;
	if (!cb->prev_seq)
		cb->prev_seq = cb->seq;
	err = dump_entries(skb, on, rs, cursor_of(cb), kind);
	rcu_read_unlock();
	mutex_unlock(&on->store.lock);
	return err;
}

/* Fills one message.
 *
 * An entry always fits an empty skb: the longest nest, an IPv6 prefix with a
 * full comment, all counters and an expiry, takes 396 bytes, and the core
 * allocates no less than NLMSG_GOODSIZE, over 3 KiB. Should it not, -EMSGSIZE
 * ends the dump instead of a silent gap.
 *
 * cb->seq is set even when nothing is left to send, so that NLMSG_DONE, which
 * the core checks by itself, tells of a change since the last message. When the
 * last entry fits, 0 says so at once: NLMSG_DONE follows without another look,
 * and what was sent is of one version, whatever has changed since.
 */
static int dump_message(struct sk_buff *skb, struct netlink_callback *cb,
			u8 cmd, enum op25b_entry_kind kind)
{
	struct op25b_net *on = op25b_net(sock_net(skb->sk));
	struct cursor *cur = cursor_of(cb);
	unsigned int empty;
	void *hdr;
	int err;

	err = check_dump(cb, cur);
	if (err)
		return err;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &op25b_genl_family, NLM_F_MULTI, cmd);
	if (!hdr)
		return -EMSGSIZE;
	empty = skb->len;

	if (!cur->posted)
		op25b_journals_post(&on->store);
	cur->posted = true;
	do {
		err = dump_section(skb, cb, kind);
		cond_resched();
	} while (err == -EAGAIN);

	if (skb->len == empty) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	genl_dump_check_consistent(cb, hdr);
	genlmsg_end(skb, hdr);
	return err ? skb->len : 0;
}

int op25b_nl_prefix_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_message(skb, cb, OP25B_CMD_PREFIX_GET, OP25B_ENTRY_PREFIX);
}

int op25b_nl_relay_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_message(skb, cb, OP25B_CMD_RELAY_GET, OP25B_ENTRY_RELAY);
}
