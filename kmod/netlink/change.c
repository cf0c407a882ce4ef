// SPDX-License-Identifier: GPL-2.0
/*
 * ADD, REPLACE, DEL and FLUSH: one message is one edit, one publication, and
 * one generation; or none of it.
 */
#include "ns/commit.h"
#include "ns/net.h"
#include "netlink/nl.h"

/* The one record size of version 1; larger records may come. */
#define RECORD_SIZE sizeof(struct op25b_prefix_rec)
static_assert(sizeof(struct op25b_prefix_rec) == 24);
static_assert(offsetof(struct op25b_prefix_rec, expires) == 20);
static_assert(sizeof(struct op25b_relay_rec) == RECORD_SIZE);

struct change {
	struct netlink_ext_ack *extack;
	struct op25b_edit *edit;
	enum op25b_nl_verb verb;
	bool if_present;
	int changes;
};

/* The edit has said what is wrong, @bad is with which entry. */
static int settle(struct change *c, int err, const void *bad)
{
	if (err == -ENOENT && c->if_present) {
		/* or the ACK would carry it as a warning */
		c->extack->_msg = NULL;
		return 0;
	}
	if (err) {
		NL_SET_BAD_ATTR(c->extack, (const struct nlattr *)bad);
		return err;
	}
	c->changes++;
	return 0;
}

static int change_prefix(struct change *c, const struct op25b_nl_prefix *p,
			 const void *bad)
{
	if (c->verb == OP25B_NL_DEL)
		return settle(c, op25b_edit_prefix_del(c->edit, &p->prefix,
						       c->extack), bad);
	return settle(c, op25b_edit_prefix_add(c->edit, &p->prefix, p->action,
					       p->comment, p->expires,
					       c->verb == OP25B_NL_REPLACE,
					       c->extack), bad);
}

static int change_relay(struct change *c, const struct op25b_nl_relay *r,
			const void *bad)
{
	if (c->verb == OP25B_NL_DEL)
		return settle(c, op25b_edit_relay_del(c->edit, &r->relay,
						      c->extack), bad);
	return settle(c, op25b_edit_relay_add(c->edit, &r->relay, r->comment,
					      c->verb == OP25B_NL_REPLACE,
					      c->extack), bad);
}

static int prefix_nest(struct change *c, const struct nlattr *nest)
{
	struct op25b_nl_prefix p;
	int err;

	err = op25b_nl_prefix_nest(nest, c->verb == OP25B_NL_DEL, &p,
				   c->extack);
	return err ?: change_prefix(c, &p, nest);
}

static int relay_nest(struct change *c, const struct nlattr *nest)
{
	struct op25b_nl_relay r;
	int err;

	err = op25b_nl_relay_nest(nest, &r, c->extack);
	return err ?: change_relay(c, &r, nest);
}

static int prefix_rec(struct change *c, const void *rec)
{
	struct op25b_nl_prefix p;
	int err;

	err = op25b_nl_prefix_rec(rec, c->verb == OP25B_NL_DEL, &p, c->extack);
	return err ?: change_prefix(c, &p, rec);
}

static int relay_rec(struct change *c, const void *rec)
{
	struct op25b_nl_relay r;
	int err;

	err = op25b_nl_relay_rec(rec, &r, c->extack);
	return err ?: change_relay(c, &r, rec);
}

static int change_packed(struct change *c, const struct nlattr *attr,
			 int (*one)(struct change *c, const void *rec))
{
	const u8 *rec = nla_data(attr);
	int left = nla_len(attr);
	int err;

	if (!left)
		return nl_refuse(c->extack, attr, "the packed array is empty");

	for (; left >= (int)RECORD_SIZE; left -= RECORD_SIZE) {
		err = one(c, rec);
		if (err)
			return err;
		rec += RECORD_SIZE;
		cond_resched();
	}
	if (left)
		return nl_refuse(c->extack, rec,
				 "the packed array ends inside a record");
	return 0;
}

static int check_record_size(struct genl_info *info)
{
	struct nlattr *size = info->attrs[OP25B_A_RECORD_SIZE];

	if (!info->attrs[OP25B_A_PREFIXES] && !info->attrs[OP25B_A_RELAYS])
		return 0;
	if (!size)
		return nl_missing(info->extack, NULL, OP25B_A_RECORD_SIZE,
				  "a packed array needs its record size");
	if (nla_get_u32(size) != RECORD_SIZE)
		return nl_refuse(info->extack, size,
				 "the record size is 24 in version 1");
	return 0;
}

static int change_attr(struct change *c, const struct nlattr *attr)
{
	switch (nla_type(attr)) {
	case OP25B_A_PREFIX:
		return prefix_nest(c, attr);
	case OP25B_A_PREFIXES:
		return change_packed(c, attr, prefix_rec);
	case OP25B_A_RELAY:
		return relay_nest(c, attr);
	case OP25B_A_RELAYS:
		return change_packed(c, attr, relay_rec);
	default:
		return 0;
	}
}

int op25b_nl_entries(struct genl_info *info, struct op25b_edit *edit,
		     enum op25b_nl_verb verb)
{
	struct change c = {
		.extack = info->extack,
		.edit = edit,
		.verb = verb,
		.if_present = verb == OP25B_NL_DEL &&
			      info->attrs[OP25B_A_IF_PRESENT],
	};
	const struct nlattr *attr;
	int err, rem;

	err = check_record_size(info);
	if (err)
		return err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		err = change_attr(&c, attr);
		if (err)
			return err;
		cond_resched();
	}
	return c.changes;
}

int op25b_nl_amend(struct genl_info *info,
		   int (*change)(struct genl_info *info,
				 struct op25b_edit *edit))
{
	struct op25b_net *on = op25b_net(genl_info_net(info));
	struct op25b_edit *edit;
	int err;

	err = op25b_trash_wait_room(&on->store);
	if (err)
		return err;
	mutex_lock(&on->store.lock);
	/* Whoever cannot wait may always stop blocking. */
	err = op25b_nl_only_off(info) ? 0 :
	      op25b_confirm_busy(on, info->extack);
	if (err)
		goto unlock;
	edit = op25b_edit_begin(&on->store, OP25B_EDIT_AMEND, info->extack);
	if (IS_ERR(edit)) {
		err = PTR_ERR(edit);
		goto unlock;
	}

	err = change(info, edit);
	if (err > 0) {
		err = op25b_commit(on, edit, info->extack);
		if (!err && op25b_nl_only_off(info))
			op25b_confirm_off(on);
		if (!err)
			goto unlock;
		op25b_nl_blame(info, err);
	}
	op25b_edit_abort(edit);
unlock:
	mutex_unlock(&on->store.lock);
	return err;
}

static int check_entries(struct genl_info *info)
{
	bool relay = info->genlhdr->cmd == OP25B_CMD_RELAY_ADD ||
		     info->genlhdr->cmd == OP25B_CMD_RELAY_REPLACE ||
		     info->genlhdr->cmd == OP25B_CMD_RELAY_DEL;

	if (relay && !info->attrs[OP25B_A_RELAY] &&
	    !info->attrs[OP25B_A_RELAYS])
		return nl_missing(info->extack, NULL, OP25B_A_RELAY,
				  "no relay is given");
	if (!relay && !info->attrs[OP25B_A_PREFIX] &&
	    !info->attrs[OP25B_A_PREFIXES])
		return nl_missing(info->extack, NULL, OP25B_A_PREFIX,
				  "no prefix is given");
	return op25b_nl_message_once(info, OP25B_NL_ENTRIES);
}

static int add(struct genl_info *info, struct op25b_edit *edit)
{
	return op25b_nl_entries(info, edit, OP25B_NL_ADD);
}

int op25b_nl_add(struct sk_buff *skb, struct genl_info *info)
{
	return check_entries(info) ?: op25b_nl_amend(info, add);
}

static int replace(struct genl_info *info, struct op25b_edit *edit)
{
	return op25b_nl_entries(info, edit, OP25B_NL_REPLACE);
}

int op25b_nl_replace(struct sk_buff *skb, struct genl_info *info)
{
	return check_entries(info) ?: op25b_nl_amend(info, replace);
}

static int del(struct genl_info *info, struct op25b_edit *edit)
{
	return op25b_nl_entries(info, edit, OP25B_NL_DEL);
}

int op25b_nl_del(struct sk_buff *skb, struct genl_info *info)
{
	return check_entries(info) ?: op25b_nl_amend(info, del);
}

static int prefix_flush(struct genl_info *info, struct op25b_edit *edit)
{
	op25b_edit_prefix_flush(edit);
	return 1;
}

int op25b_nl_prefix_flush(struct sk_buff *skb, struct genl_info *info)
{
	return op25b_nl_amend(info, prefix_flush);
}

static int relay_flush(struct genl_info *info, struct op25b_edit *edit)
{
	op25b_edit_relay_flush(edit);
	return 1;
}

int op25b_nl_relay_flush(struct sk_buff *skb, struct genl_info *info)
{
	return op25b_nl_amend(info, relay_flush);
}
