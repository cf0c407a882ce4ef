// SPDX-License-Identifier: GPL-2.0
/*
 * GET of one prefix or relay, and of all or those that a dump selects.
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

#include "state/edit.h"
#include "state/entry.h"
#include "state/journal.h"
#include "ns/net.h"
#include "netlink/nl.h"
#include "lpm/trie.h"

/* The attributes of an entry's nest; 0: it has none such. */
struct layout {
	u8 addr;
	u8 len;
	u8 action;
	u8 comment;
	u8 origin;
	u8 packets;
	u8 bytes;
	u8 syns;
	u8 last_seen;
	u8 expires;
	u8 by_hand;
	u8 pad;
};

static const struct layout layouts[OP25B_ENTRY_KINDS] = {
	[OP25B_ENTRY_PREFIX] = {
		.addr = OP25B_PREFIX_A_ADDR,
		.len = OP25B_PREFIX_A_LEN,
		.action = OP25B_PREFIX_A_ACTION,
		.comment = OP25B_PREFIX_A_COMMENT,
		.origin = OP25B_PREFIX_A_ORIGIN,
		.packets = OP25B_PREFIX_A_PACKETS,
		.bytes = OP25B_PREFIX_A_BYTES,
		.syns = OP25B_PREFIX_A_SYNS,
		.last_seen = OP25B_PREFIX_A_LAST_SEEN,
		.expires = OP25B_PREFIX_A_EXPIRES,
		.by_hand = OP25B_PREFIX_A_BY_HAND,
		.pad = OP25B_PREFIX_A_PAD,
	},
	[OP25B_ENTRY_RELAY] = {
		.addr = OP25B_RELAY_A_ADDR,
		.len = OP25B_RELAY_A_LEN,
		.comment = OP25B_RELAY_A_COMMENT,
		.origin = OP25B_RELAY_A_ORIGIN,
		.packets = OP25B_RELAY_A_PACKETS,
		.bytes = OP25B_RELAY_A_BYTES,
		.last_seen = OP25B_RELAY_A_LAST_SEEN,
		.by_hand = OP25B_RELAY_A_BY_HAND,
		.pad = OP25B_RELAY_A_PAD,
	},
};

int op25b_nl_put_u64(struct sk_buff *skb, int type, u64 value, int pad)
{
	return type && value ? nla_put_u64_64bit(skb, type, value, pad) : 0;
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

static int put_info(struct sk_buff *skb, const struct layout *a,
		    const struct op25b_entry_info *info)
{
	if (info->comment && nla_put_string(skb, a->comment, info->comment))
		return -EMSGSIZE;
	if (nla_put_u8(skb, a->origin, info->origin) ||
	    op25b_nl_put_u64(skb, a->packets, info->packets, a->pad) ||
	    op25b_nl_put_u64(skb, a->bytes, info->bytes, a->pad) ||
	    op25b_nl_put_u64(skb, a->syns, info->syns, a->pad) ||
	    op25b_nl_put_u64(skb, a->last_seen, info->last_seen, a->pad) ||
	    op25b_nl_put_u64(skb, a->expires, info->expires, a->pad) ||
	    (info->by_hand && nla_put_flag(skb, a->by_hand)))
		return -EMSGSIZE;
	return 0;
}

int op25b_nl_put_nest(struct sk_buff *skb, int type, enum op25b_entry_kind kind,
		      const struct op25b_prefix *key, u8 action,
		      const struct op25b_entry_info *info)
{
	const struct layout *a = &layouts[kind];
	struct nlattr *nest;

	nest = nla_nest_start(skb, type);
	if (!nest)
		return -EMSGSIZE;
	if (op25b_nl_put_addr(skb, a->addr, key->family, key->addr) ||
	    nla_put_u8(skb, a->len, key->len) ||
	    (a->action && nla_put_u8(skb, a->action, action)) ||
	    (info && put_info(skb, a, info))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

int op25b_nl_put_entry(struct sk_buff *skb, struct op25b_store *store, int type,
		       u8 class, const struct op25b_prefix *key, u8 action)
{
	struct op25b_entry_info info;
	bool known = op25b_entry_read(store, class, key, &info);

	return op25b_nl_put_nest(skb, type, op25b_class_kind(class), key,
				 action, known ? &info : NULL);
}

static int attr_of(enum op25b_entry_kind kind)
{
	return kind == OP25B_ENTRY_PREFIX ? OP25B_A_PREFIX : OP25B_A_RELAY;
}

/* One policy serves do and dump. */
static int check_get(struct genl_info *info)
{
	static const u8 selects[] = {
		OP25B_A_BY_HAND, OP25B_A_ACTION, OP25B_A_WITHIN,
		OP25B_A_COVERING,
	};
	int i, err = op25b_nl_message_once(info, 0);

	for (i = 0; !err && i < ARRAY_SIZE(selects); i++)
		if (info->attrs[selects[i]])
			err = nl_refuse(info->extack, info->attrs[selects[i]],
					"only a dump selects");
	return err;
}

/* -ENOENT: @origin does not have it. Context: store->lock. */
static int put_one(struct sk_buff *skb, struct op25b_store *store,
		   const struct op25b_nl_entry *e, u8 origin)
{
	u8 class = op25b_class(origin, e->kind);
	u8 action;

	action = op25b_trie_find(op25b_trie_in(op25b_ruleset_locked(store),
					       class, e->key.family), &e->key);
	return action == OP25B_ACTION_NONE ? -ENOENT :
	       op25b_nl_put_entry(skb, store, attr_of(e->kind), class, &e->key,
				  action);
}

/* @asked: the ORIGIN of the request, or NULL for the first that has it. */
static int fill_one(struct sk_buff *skb, struct op25b_store *store,
		    const struct op25b_nl_entry *e, const struct nlattr *asked)
{
	int err = -ENOENT;
	u8 origin;

	mutex_lock(&store->lock);
	rcu_read_lock();
	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++)
		if (err == -ENOENT && (!asked || nla_get_u8(asked) == origin))
			err = put_one(skb, store, e, origin);
	rcu_read_unlock();
	mutex_unlock(&store->lock);
	return err;
}

int op25b_nl_entry_get(struct sk_buff *request, struct genl_info *info)
{
	bool relay = info->genlhdr->cmd == OP25B_CMD_RELAY_GET;
	const struct nlattr *nest = info->attrs[relay ? OP25B_A_RELAY :
							OP25B_A_PREFIX];
	struct op25b_net *on = op25b_net(genl_info_net(info));
	struct op25b_nl_entry e;
	struct sk_buff *skb;
	void *hdr;
	int err;

	if (!nest && relay)
		return nl_missing(info->extack, NULL, OP25B_A_RELAY,
				  "no relay is given");
	if (!nest)
		return nl_missing(info->extack, NULL, OP25B_A_PREFIX,
				  "no prefix is given");
	err = check_get(info) ?: op25b_nl_nest(nest, true, &e, info->extack);
	if (err)
		return err;
	skb = op25b_nl_reply_begin(info, &hdr);
	if (!skb)
		return -ENOMEM;
	op25b_journals_post(&on->store);
	err = fill_one(skb, &on->store, &e, info->attrs[OP25B_A_ORIGIN]);
	if (err == -ENOENT && relay)
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "there is no such relay");
	else if (err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "there is no such prefix");
	return op25b_nl_reply_end(skb, info, hdr, err);
}

/* Where a dump goes on, in cb->ctx, which begins zeroed. */
struct cursor {
	struct op25b_prefix last;	/* sent; means something if @begun */
	u8 origin;		/* the trie we are in */
	u8 family;		/* same */
	bool begun;
	bool posted;		/* counters are those of the dump's beginning */
	u16 seen;		/* in this section */
};

static struct cursor *cursor_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct cursor) > sizeof(cb->ctx));
	return (struct cursor *)cb->ctx;
}

/* What the request selects, all of it; read anew for each message, since the
 * context has no room for it.
 */
struct selection {
	enum op25b_entry_kind kind;
	u8 origin;			/* UNSPEC: all, one after the other */
	u8 families;			/* bits: of which there can be any */
	u8 action;			/* NONE: any */
	bool by_hand;
	struct op25b_prefix within;	/* length 0: anywhere */
	struct op25b_prefix covering;	/* a full one; length 0: anything */
};

static int select_within(struct selection *sel, const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	struct op25b_nl_entry e;
	int err = op25b_nl_nest(attr, true, &e, extack);

	if (err)
		return err;
	sel->within = e.key;
	sel->families &= BIT(e.key.family);
	return 0;
}

static void select_covering(struct selection *sel, const struct nlattr *attr)
{
	struct op25b_prefix *key = &sel->covering;

	key->family = op25b_nl_addr(attr, &key->addr);
	key->len = op25b_family_bits(key->family);
	sel->families &= BIT(key->family);
}

static int select_by(struct selection *sel, const struct nlattr *attr,
		     struct netlink_ext_ack *extack)
{
	switch (nla_type(attr)) {
	case OP25B_A_ORIGIN:
		sel->origin = nla_get_u8(attr);
		return 0;
	case OP25B_A_BY_HAND:
		sel->by_hand = true;
		return 0;
	case OP25B_A_ACTION:
		sel->action = nla_get_u8(attr);
		return 0;
	case OP25B_A_WITHIN:
		return select_within(sel, attr, extack);
	case OP25B_A_COVERING:
		select_covering(sel, attr);
		return 0;
	}
	/* One policy serves do and dump, so the core lets a key through. */
	return nl_refuse(extack, attr, "a dump takes no key");
}

static int read_selection(struct netlink_callback *cb, struct selection *sel)
{
	const struct nlattr *attr;
	int rem, err;

	sel->families = BIT(OP25B_V4) | BIT(OP25B_V6);
	err = op25b_nl_request_once(cb->nlh, 0, cb->extack);
	if (err)
		return err;
	nlmsg_for_each_attr(attr, cb->nlh, GENL_HDRLEN, rem) {
		err = select_by(sel, attr, cb->extack);
		if (err)
			return err;
	}
	return 0;
}

static bool is_within(const struct selection *sel,
		      const struct op25b_prefix *key)
{
	const struct op25b_prefix *around = &sel->within;

	return key->len >= around->len &&
	       op25b_addr_equal(op25b_addr_head(key->addr, around->len),
				around->addr);
}

/* Entries that are looked at in one hold of the lock, sent or not. */
#define SECTION 1024

/* All of these: -EMSGSIZE when @skb is full, -EAGAIN after a section, else 0.
 */
static int dump_entry(struct sk_buff *skb, struct op25b_store *store,
		      struct cursor *cur, const struct selection *sel,
		      const struct op25b_prefix *key, u8 action)
{
	u8 class = op25b_class(cur->origin, sel->kind);

	if ((!sel->action || action == sel->action) &&
	    (!sel->by_hand || op25b_entry_by_hand(store, class, key)) &&
	    op25b_nl_put_entry(skb, store, attr_of(sel->kind), class, key,
			       action))
		return -EMSGSIZE;
	cur->last = *key;
	cur->begun = true;
	return ++cur->seen == SECTION ? -EAGAIN : 0;
}

/* What lies within a prefix is one stretch of the walk, which begins with the
 * prefix itself: behind a shorter one of the same address.
 */
static int dump_within(struct sk_buff *skb, struct op25b_store *store,
		       const struct op25b_trie *trie, struct cursor *cur,
		       const struct selection *sel)
{
	const struct op25b_prefix *after = NULL;
	struct op25b_prefix key = sel->within;
	struct op25b_trie_iter it;
	int err = 0;
	u8 action;

	if (cur->begun) {
		after = &cur->last;
	} else if (key.len) {
		key.len--;
		after = &key;
	}
	op25b_trie_first(&it, trie, after);
	while (!err && (action = op25b_trie_next(&it, &key)) &&
	       is_within(sel, &key))
		err = dump_entry(skb, store, cur, sel, &key, action);
	return err;
}

/* What covers an address is at most one prefix of each length. */
static int dump_covering(struct sk_buff *skb, struct op25b_store *store,
			 const struct op25b_trie *trie, struct cursor *cur,
			 const struct selection *sel)
{
	unsigned int len = cur->begun ? cur->last.len + 1 : 0;
	struct op25b_prefix key = sel->covering;
	int err = 0;
	u8 action;

	for (; !err && len <= sel->covering.len; len++) {
		key.addr = op25b_addr_head(sel->covering.addr, len);
		key.len = len;
		action = op25b_trie_find(trie, &key);
		if (action && is_within(sel, &key))
			err = dump_entry(skb, store, cur, sel, &key, action);
	}
	return err;
}

/* Those of the cursor's origin. */
static int dump_origin(struct sk_buff *skb, struct op25b_store *store,
		       const struct op25b_ruleset *rs, struct cursor *cur,
		       const struct selection *sel)
{
	u8 class = op25b_class(cur->origin, sel->kind);
	const struct op25b_trie *trie;
	int err;

	for (; cur->family < OP25B_FAMILIES; cur->family++) {
		if (!(sel->families & BIT(cur->family)))
			continue;
		trie = op25b_trie_in(rs, class, cur->family);
		err = sel->covering.len ?
		      dump_covering(skb, store, trie, cur, sel) :
		      dump_within(skb, store, trie, cur, sel);
		if (err)
			return err;
		cur->begun = false;
	}
	return 0;
}

static int dump_entries(struct sk_buff *skb, struct op25b_store *store,
			const struct op25b_ruleset *rs, struct cursor *cur,
			const struct selection *sel)
{
	u8 end = sel->origin ? sel->origin + 1 : __OP25B_ORIGIN_MAX;
	int err;

	if (!cur->origin)
		cur->origin = sel->origin ?: OP25B_ORIGIN_CONFIG;
	for (; cur->origin < end; cur->origin++) {
		err = dump_origin(skb, store, rs, cur, sel);
		if (err)
			return err;
		cur->family = 0;
	}
	return 0;
}

/* What moves with every change of what is listed, and is never 0: sessions and
 * routes come and go all the time, and who lists the configuration shall not
 * have to wait for a moment without them.
 */
static u32 sequence(const struct op25b_store *store,
		    const struct op25b_ruleset *rs,
		    const struct selection *sel)
{
	if (sel->origin)
		return (u32)op25b_store_serial(store, sel->origin) << 1 | 1;
	return rs->seq;
}

/* A ruleset that is replaced between two sections of one message is told like
 * one between messages.
 */
static int dump_section(struct sk_buff *skb, struct netlink_callback *cb,
			const struct selection *sel)
{
	struct op25b_store *store = &op25b_net(sock_net(skb->sk))->store;
	struct cursor *cur = cursor_of(cb);
	const struct op25b_ruleset *rs;
	int err;

	cur->seen = 0;
	mutex_lock(&store->lock);
	rcu_read_lock();
	rs = op25b_ruleset_locked(store);
	cb->seq = sequence(store, rs, sel);
	if (!cb->prev_seq)
		cb->prev_seq = cb->seq;
	err = dump_entries(skb, store, rs, cur, sel);
	rcu_read_unlock();
	mutex_unlock(&store->lock);
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
	struct selection sel = { .kind = kind };
	struct cursor *cur = cursor_of(cb);
	unsigned int empty;
	void *hdr;
	int err;

	err = read_selection(cb, &sel);
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
		err = dump_section(skb, cb, &sel);
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
