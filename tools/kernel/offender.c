// SPDX-License-Identifier: GPL-2.0
/* Offenders from netlink. */
#include <string.h>
#include <sys/socket.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/offender.h"
#include "words/addr.h"

static uint64_t number(const struct nlattr *a)
{
	switch (a ? nla_len(a) : 0) {
	case 4:
		return nla_get_u32(a);
	case 8:
		return nla_get_u64((struct nlattr *)a);
	}
	return 0;
}

bool op25b_offender_get(const struct nlattr *nest, struct op25b_offender *o)
{
	struct nlattr *tb[OP25B_OFFENDER_A_MAX + 1];
	int len;

	memset(o, 0, sizeof(*o));
	if (nla_parse_nested(tb, OP25B_OFFENDER_A_MAX, (struct nlattr *)nest,
			     NULL) || !tb[OP25B_OFFENDER_A_ADDR])
		return false;
	len = nla_len(tb[OP25B_OFFENDER_A_ADDR]);
	if (len != 4 && len != 16)
		return false;
	o->family = len == 4 ? AF_INET : AF_INET6;
	memcpy(o->addr, nla_data(tb[OP25B_OFFENDER_A_ADDR]), len);
	o->len = tb[OP25B_OFFENDER_A_LEN] ?
		nla_get_u8(tb[OP25B_OFFENDER_A_LEN]) : len * 8;
	o->attempts = number(tb[OP25B_OFFENDER_A_ATTEMPTS]);
	o->error = number(tb[OP25B_OFFENDER_A_ERROR]);
	o->packets = number(tb[OP25B_OFFENDER_A_PACKETS]);
	o->bytes = number(tb[OP25B_OFFENDER_A_BYTES]);
	o->syns = number(tb[OP25B_OFFENDER_A_SYNS]);
	o->destinations = number(tb[OP25B_OFFENDER_A_DESTINATIONS]);
	o->first_seen = number(tb[OP25B_OFFENDER_A_FIRST_SEEN]);
	o->last_seen = number(tb[OP25B_OFFENDER_A_LAST_SEEN]);
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
