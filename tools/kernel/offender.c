// SPDX-License-Identifier: GPL-2.0
/* Offenders from netlink. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/netlink.h"
#include "kernel/entry.h"
#include "kernel/offender.h"
#include "words/addr.h"
#include "print.h"

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

static int take_offender(const struct nlattr *a, void *arg)
{
	struct op25b_offenders *o = arg;
	size_t room = o->room;
	void *list = o->list;

	if (o->n == room) {
		room = room * 2 + 64;
		list = realloc(list, room * sizeof(*o->list));
	}
	if (!list)
		return -ENOMEM;
	o->list = list;
	o->room = room;
	return op25b_offender_get(a, &o->list[o->n++]) ? 0 : -EBADMSG;
}

int op25b_offenders_read(struct op25b_ctx *ctx, uint32_t count,
			 struct op25b_offenders *o)
{
	struct nl_msg *msg = op25b_nl_new(ctx, OP25B_CMD_OFFENDER_GET,
					  OP25B_MSG_SMALL);

	o->n = 0;
	nla_put_u32(msg, OP25B_A_COUNT, count);
	return op25b_nl_dump(ctx, msg, OP25B_A_OFFENDER, take_offender, o);
}

void op25b_offenders_free(struct op25b_offenders *o)
{
	free(o->list);
}

void op25b_offender_print_fields(struct op25b_out *out,
				 const struct op25b_offender *o)
{
	char t[OP25B_ADDR_TEXT];

	op25b_out_str(out, "source", " %s", op25b_offender_text(o, t));
	op25b_out_str(out, "state", " %s", op25b_offender_state(o));
	op25b_out_u64(out, "attempts", " attempts %llu", o->attempts);
	op25b_out_u64(out, "destinations", " destinations %llu",
		      o->destinations);
	op25b_out_u64(out, "packets", " packets %llu", o->packets);
	op25b_out_u64(out, "syns", " syns %llu", o->syns);
	op25b_out_time(out, "first_seen", " first-seen %s", o->first_seen);
	op25b_out_str(out, "prefix", " prefix %s",
		      op25b_entry_text(&op25b_prefix_kind, &o->prefix, t));
	if (o->prefix.comment_len)
		op25b_out_quoted(out, "comment", " comment %s",
				 o->prefix.comment);
}
