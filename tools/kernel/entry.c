// SPDX-License-Identifier: GPL-2.0
/* Entries to and from netlink. */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/entry.h"
#include "words/addr.h"

int op25b_entry_put(struct nl_msg *msg, const struct op25b_kind *kind,
		    const struct op25b_entry *e)
{
	struct nlattr *nest = nla_nest_start(msg, kind->nest);

	if (!nest ||
	    nla_put(msg, kind->a_addr, op25b_addr_bits(e->family) / 8,
		    e->addr) ||
	    nla_put_u8(msg, kind->a_len, e->len) ||
	    (e->action && nla_put_u8(msg, kind->a_action, e->action)) ||
	    (e->expires && nla_put_u64(msg, kind->a_expires, e->expires)) ||
	    (e->comment_len &&
	     nla_put_string(msg, kind->a_comment, e->comment)))
		return -1;
	nla_nest_end(msg, nest);
	return 0;
}

static uint64_t get_u64(struct nlattr **tb, int attr)
{
	return attr && tb[attr] && nla_len(tb[attr]) >= 8 ?
		nla_get_u64(tb[attr]) : 0;
}

static uint8_t get_u8(struct nlattr **tb, int attr)
{
	return attr && tb[attr] ? nla_get_u8(tb[attr]) : 0;
}

bool op25b_entry_get(const struct nlattr *nest, const struct op25b_kind *kind,
		     struct op25b_entry *e)
{
	struct nlattr *tb[OP25B_PREFIX_A_MAX + 1];
	int len;

	static_assert(OP25B_PREFIX_A_MAX >= OP25B_RELAY_A_MAX,
		      "tb holds the attributes of both kinds");
	memset(e, 0, offsetof(struct op25b_entry, comment) + 1);
	if (nla_parse_nested(tb, OP25B_PREFIX_A_MAX, (struct nlattr *)nest,
			     NULL) || !tb[kind->a_addr])
		return false;
	len = nla_len(tb[kind->a_addr]);
	if (len != 4 && len != 16)
		return false;
	e->family = len == 4 ? 2 /* AF_INET */ : 10 /* AF_INET6 */;
	memcpy(e->addr, nla_data(tb[kind->a_addr]), len);
	e->len = tb[kind->a_len] ? get_u8(tb, kind->a_len) : len * 8;
	e->action = get_u8(tb, kind->a_action);
	e->origin = get_u8(tb, kind->a_origin);
	e->expires = get_u64(tb, kind->a_expires);
	e->by_hand = tb[kind->a_by_hand];
	e->packets = get_u64(tb, kind->a_packets);
	e->bytes = get_u64(tb, kind->a_bytes);
	e->syns = get_u64(tb, kind->a_syns);
	e->last_seen = get_u64(tb, kind->a_last_seen);
	if (tb[kind->a_comment]) {
		nla_strlcpy(e->comment, tb[kind->a_comment],
			    sizeof(e->comment));
		e->comment_len = strlen(e->comment);
	}
	return true;
}
