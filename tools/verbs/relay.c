// SPDX-License-Identifier: GPL-2.0
/* Relays: the provider's own mail servers. */
#include "conf/advise.h"
#include "kernel/entry.h"

const struct op25b_kind op25b_relay_kind = {
	.name		= "relay",
	.is_prefix	= false,
	.cmd_add	= OP25B_CMD_RELAY_ADD,
	.cmd_replace	= OP25B_CMD_RELAY_REPLACE,
	.cmd_del	= OP25B_CMD_RELAY_DEL,
	.cmd_get	= OP25B_CMD_RELAY_GET,
	.cmd_flush	= OP25B_CMD_RELAY_FLUSH,
	.nest		= OP25B_A_RELAY,
	.packed		= OP25B_A_RELAYS,
	.a_addr		= OP25B_RELAY_A_ADDR,
	.a_len		= OP25B_RELAY_A_LEN,
	.a_comment	= OP25B_RELAY_A_COMMENT,
	.a_origin	= OP25B_RELAY_A_ORIGIN,
	.a_packets	= OP25B_RELAY_A_PACKETS,
	.a_bytes	= OP25B_RELAY_A_BYTES,
	.a_last_seen	= OP25B_RELAY_A_LAST_SEEN,
	.a_by_hand	= OP25B_RELAY_A_BY_HAND,
};

static const struct op25b_kind * const kind = &op25b_relay_kind;

static int add_by(struct op25b_ctx *ctx, int cmd, const struct op25b_word *w,
		  int n)
{
	struct op25b_entry e;
	int ret = op25b_entry_add(ctx, kind, cmd, w, n, &e);

	return ret ? ret : op25b_advise_entry(ctx, kind, &e);
}

static int add(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	return add_by(ctx, kind->cmd_add, w, n);
}

static int replace(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	return add_by(ctx, kind->cmd_replace, w, n);
}

static int del(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	return op25b_entry_del(ctx, kind, w, n);
}

static int show(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	return op25b_entry_show(ctx, kind, w, n);
}

static int flush(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	return op25b_entry_flush(ctx, kind, w, n);
}

static const struct op25b_verb verbs[] = {
	{ "add", "ADDRESS [comment TEXT]",
	  "add a relay that is not there", add },
	{ "replace", "ADDRESS [comment TEXT]",
	  "add a relay or change its comment; its counters stay", replace },
	{ "del", "ADDRESS [if-present]",
	  "delete a relay; with if-present it may be absent", del },
	{ "show", "[ADDRESS]",
	  "show all relays in order, or exactly this one", show },
	{ "flush", "[force]",
	  "delete all relays; in mode enforce only with force", flush },
	{ 0 }
};

const struct op25b_object op25b_relay_object = {
	.name	= "relay",
	.help	= "destinations that mail may always go to",
	.notes	=
		"A comment of several words is one argument: quote it.\n"
		"`show` leaves out counters that are zero; JSON has them all, and last_seen\n"
		"once a packet came. Times are UTC.\n",
	.verbs	= verbs,
};
