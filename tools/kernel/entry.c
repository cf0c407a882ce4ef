// SPDX-License-Identifier: GPL-2.0
/* Entries to and from netlink. */
#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/entry.h"
#include "kernel/netlink.h"
#include "words/addr.h"

/* As attribute @type. */
static int put_nest(struct nl_msg *msg, int type, const struct op25b_kind *kind,
		    const struct op25b_entry *e)
{
	struct nlattr *nest = nla_nest_start(msg, type);

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

int op25b_entry_put(struct nl_msg *msg, const struct op25b_kind *kind,
		    const struct op25b_entry *e)
{
	return put_nest(msg, kind->nest, kind, e);
}

int op25b_origin_put(struct nl_msg *msg, uint8_t origin, uint8_t absent)
{
	if (origin == absent)
		return 0;
	return nla_put_u8(msg, OP25B_A_ORIGIN, origin) ? -1 : 0;
}

int op25b_select_put(struct nl_msg *msg, const struct op25b_select *sel)
{
	const struct op25b_entry *covering = &sel->covering;

	if (op25b_origin_put(msg, sel->origin, OP25B_ORIGIN_UNSPEC) ||
	    (sel->action && nla_put_u8(msg, OP25B_A_ACTION, sel->action)) ||
	    (sel->within.family &&
	     put_nest(msg, OP25B_A_WITHIN, &op25b_prefix_kind, &sel->within)) ||
	    (covering->family &&
	     nla_put(msg, OP25B_A_COVERING,
		     op25b_addr_bits(covering->family) / 8, covering->addr)))
		return -1;
	return 0;
}

int op25b_addr_get(const struct nlattr *a, const struct nlattr *len,
		   uint8_t *addr, uint8_t *plen)
{
	int bytes = a ? nla_len(a) : 0;

	if (bytes != 4 && bytes != 16)
		return 0;
	memcpy(addr, nla_data(a), bytes);
	*plen = len ? nla_get_u8(len) : bytes * 8;
	return bytes == 4 ? AF_INET : AF_INET6;
}

static_assert(OP25B_PREFIX_A_MAX >= OP25B_RELAY_A_MAX,
	      "an array for the attributes of one holds the other's");

/* Number 0 stands for an attribute that a kind does not have. */
static uint64_t number(struct nlattr **tb, int attr)
{
	return attr ? op25b_nl_u64(tb[attr]) : 0;
}

bool op25b_entry_get(const struct nlattr *nest, const struct op25b_kind *kind,
		     struct op25b_entry *e)
{
	struct nlattr *tb[OP25B_PREFIX_A_MAX + 1];

	memset(e, 0, offsetof(struct op25b_entry, comment) + 1);
	if (nla_parse_nested(tb, OP25B_PREFIX_A_MAX, (struct nlattr *)nest,
			     NULL))
		return false;
	e->family = op25b_addr_get(tb[kind->a_addr], tb[kind->a_len], e->addr,
				   &e->len);
	if (!e->family)
		return false;
	e->action = number(tb, kind->a_action);
	e->origin = number(tb, kind->a_origin);
	e->expires = number(tb, kind->a_expires);
	e->by_hand = tb[kind->a_by_hand];
	e->packets = number(tb, kind->a_packets);
	e->bytes = number(tb, kind->a_bytes);
	e->syns = number(tb, kind->a_syns);
	e->last_seen = number(tb, kind->a_last_seen);
	if (tb[kind->a_comment]) {
		nla_strlcpy(e->comment, tb[kind->a_comment],
			    sizeof(e->comment));
		e->comment_len = strlen(e->comment);
	}
	return true;
}
