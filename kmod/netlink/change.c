// SPDX-License-Identifier: GPL-2.0
/*
 * ADD, REPLACE, DEL, CHANGE and FLUSH: one message is one edit, one
 * publication, and one generation; or none of it.
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
	u8 op;			/* enum op25b_op */
	int changes;
};

static bool is_del(const struct change *c)
{
	return c->op == OP25B_OP_DEL || c->op == OP25B_OP_DEL_IF_PRESENT;
}

static int edit_prefix(struct change *c, const struct op25b_nl_entry *e)
{
	if (is_del(c))
		return op25b_edit_prefix_del(c->edit, &e->key, e->comment,
					     c->extack);
	return op25b_edit_prefix_add(c->edit, &e->key, e->action, e->comment,
				     e->expires, c->op == OP25B_OP_REPLACE,
				     c->extack);
}

static int edit_relay(struct change *c, const struct op25b_nl_entry *e)
{
	const struct op25b_relay relay = op25b_nl_relay(&e->key);

	if (is_del(c))
		return op25b_edit_relay_del(c->edit, &relay, e->comment,
					    c->extack);
	return op25b_edit_relay_add(c->edit, &relay, e->comment,
				    c->op == OP25B_OP_REPLACE, c->extack);
}

/* The edit says what is wrong, @bad is with which entry. */
static int change_entry(struct change *c, const struct op25b_nl_entry *e,
			const void *bad)
{
	int err = e->kind == OP25B_ENTRY_RELAY ? edit_relay(c, e) :
						 edit_prefix(c, e);

	if ((err == -ENOENT && c->op == OP25B_OP_DEL_IF_PRESENT) ||
	    (err == -EEXIST && c->op == OP25B_OP_ADD_IF_ABSENT)) {
		/* or the ACK would carry it as a warning */
		c->extack->_msg = NULL;
		return 0;
	}
	if (err)
		NL_SET_BAD_ATTR(c->extack, (const struct nlattr *)bad);
	else
		c->changes++;
	return err;
}

static int change_nest(struct change *c, const struct nlattr *nest)
{
	struct op25b_nl_entry e;

	if (c->op == OP25B_OP_UNSPEC)
		return nl_refuse(c->extack, nest,
				 "an entry stands behind its operation");
	return op25b_nl_nest(nest, is_del(c), &e, c->extack) ?:
	       change_entry(c, &e, nest);
}

static int change_rec(struct change *c, bool relay, const void *rec)
{
	struct op25b_nl_entry e;
	int err;

	err = relay ? op25b_nl_relay_rec(rec, &e, c->extack) :
		      op25b_nl_prefix_rec(rec, is_del(c), &e, c->extack);
	return err ?: change_entry(c, &e, rec);
}

static int change_packed(struct change *c, const struct nlattr *attr)
{
	bool relay = nla_type(attr) == OP25B_A_RELAYS;
	const u8 *rec = nla_data(attr);
	int left = nla_len(attr);
	int err;

	if (!left)
		return nl_refuse(c->extack, attr, "the packed array is empty");

	for (; left >= (int)RECORD_SIZE; left -= RECORD_SIZE) {
		err = change_rec(c, relay, rec);
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
	case OP25B_A_OP:
		c->op = nla_get_u8(attr);
		return 0;
	case OP25B_A_PREFIX:
	case OP25B_A_RELAY:
		return change_nest(c, attr);
	case OP25B_A_PREFIXES:
	case OP25B_A_RELAYS:
		return change_packed(c, attr);
	default:
		return 0;
	}
}

/* Of all entries of the message; a CHANGE says it of each. */
static u8 op_of(const struct genl_info *info)
{
	switch (info->genlhdr->cmd) {
	case OP25B_CMD_PREFIX_REPLACE:
	case OP25B_CMD_RELAY_REPLACE:
		return OP25B_OP_REPLACE;
	case OP25B_CMD_PREFIX_DEL:
	case OP25B_CMD_RELAY_DEL:
		return info->attrs[OP25B_A_IF_PRESENT] ?
		       OP25B_OP_DEL_IF_PRESENT : OP25B_OP_DEL;
	case OP25B_CMD_CHANGE:
		return OP25B_OP_UNSPEC;
	default:
		return OP25B_OP_ADD;
	}
}

int op25b_nl_entries(struct genl_info *info, struct op25b_edit *edit)
{
	struct change c = {
		.extack = info->extack,
		.edit = edit,
		.op = op_of(info),
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
	u8 origin = op25b_nl_origin(info);
	struct op25b_edit *edit;
	int err;

	err = op25b_trash_wait_room(&on->store);
	if (err)
		return err;
	op25b_writer_lock(on);
	/* Whoever cannot wait may always stop blocking. */
	err = origin != OP25B_ORIGIN_CONFIG || op25b_nl_only_off(info) ? 0 :
	      op25b_confirm_busy(on, info->extack);
	if (err)
		goto unlock;
	edit = op25b_edit_begin(&on->store, OP25B_EDIT_AMEND, origin,
				info->extack);
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
	op25b_writer_unlock(on);
	return err;
}

/* Entries of the kind that the operation is for. */
static int check_entries(struct genl_info *info)
{
	bool relay = info->genlhdr->cmd >= OP25B_CMD_RELAY_ADD;

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

int op25b_nl_change(struct sk_buff *skb, struct genl_info *info)
{
	return check_entries(info) ?: op25b_nl_amend(info, op25b_nl_entries);
}

static int change_any(struct genl_info *info, struct op25b_edit *edit)
{
	unsigned int knobs = op25b_nl_knobs(info->attrs,
					    op25b_edit_knobs(edit));
	int n;

	if (knobs && op25b_nl_origin(info) != OP25B_ORIGIN_CONFIG)
		return nl_refuse(info->extack, info->attrs[OP25B_A_ORIGIN],
				 "knobs belong to the configuration");
	n = op25b_nl_entries(info, edit);
	return n < 0 ? n : n + knobs;
}

int op25b_nl_change_any(struct sk_buff *skb, struct genl_info *info)
{
	int err = op25b_nl_message_once(info, OP25B_NL_ENTRIES |
					BIT_ULL(OP25B_A_OP));

	return err ?: op25b_nl_amend(info, change_any);
}

static int flush(struct genl_info *info, struct op25b_edit *edit)
{
	if (info->genlhdr->cmd == OP25B_CMD_RELAY_FLUSH)
		op25b_edit_relay_flush(edit);
	else
		op25b_edit_prefix_flush(edit);
	return 1;
}

int op25b_nl_flush(struct sk_buff *skb, struct genl_info *info)
{
	return op25b_nl_message_once(info, 0) ?: op25b_nl_amend(info, flush);
}
