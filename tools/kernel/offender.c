// SPDX-License-Identifier: GPL-2.0
/* Offenders from netlink. */
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/netlink.h"
#include "kernel/entry.h"
#include "kernel/offender.h"
#include "words/addr.h"

bool op25b_offender_get(const struct nlattr *nest, struct op25b_offender *o)
{
	struct nlattr *tb[OP25B_OFFENDER_A_MAX + 1];

	memset(o, 0, sizeof(*o));
	if (nla_parse_nested(tb, OP25B_OFFENDER_A_MAX, (struct nlattr *)nest,
			     NULL))
		return false;
	o->family = op25b_addr_get(tb[OP25B_OFFENDER_A_ADDR],
				   tb[OP25B_OFFENDER_A_LEN], o->addr, &o->len);
	if (!o->family)
		return false;
	o->attempts = op25b_nl_u64(tb[OP25B_OFFENDER_A_ATTEMPTS]);
	o->error = op25b_nl_u64(tb[OP25B_OFFENDER_A_ERROR]);
	o->packets = op25b_nl_u64(tb[OP25B_OFFENDER_A_PACKETS]);
	o->bytes = op25b_nl_u64(tb[OP25B_OFFENDER_A_BYTES]);
	o->syns = op25b_nl_u64(tb[OP25B_OFFENDER_A_SYNS]);
	o->destinations = op25b_nl_u64(tb[OP25B_OFFENDER_A_DESTINATIONS]);
	o->first_seen = op25b_nl_u64(tb[OP25B_OFFENDER_A_FIRST_SEEN]);
	o->last_seen = op25b_nl_u64(tb[OP25B_OFFENDER_A_LAST_SEEN]);
	o->exempt = tb[OP25B_OFFENDER_A_EXEMPT];
	o->watched = tb[OP25B_OFFENDER_A_WATCHED];
	return tb[OP25B_OFFENDER_A_PREFIX] &&
	       op25b_entry_get(tb[OP25B_OFFENDER_A_PREFIX], &op25b_prefix_kind,
			       &o->prefix);
}

const char *op25b_offender_text(const struct op25b_offender *o, char *buf)
{
	if (o->len == op25b_addr_bits(o->family))
		return op25b_addr_text(o->addr, o->family, buf);
	return op25b_prefix_text(o->addr, o->family, o->len, buf);
}

const char *op25b_offender_state(const struct op25b_offender *o)
{
	return o->exempt ? "exempt" : o->watched ? "watched" : "blocked";
}
