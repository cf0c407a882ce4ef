// SPDX-License-Identifier: GPL-2.0
/* Subscriber prefixes. */
#include "conf/advise.h"
#include "kernel/entry.h"

const struct op25b_kind op25b_prefix_kind = {
	.name		= "prefix",
	.is_prefix	= true,
	.cmd_add	= OP25B_CMD_PREFIX_ADD,
	.cmd_replace	= OP25B_CMD_PREFIX_REPLACE,
	.cmd_del	= OP25B_CMD_PREFIX_DEL,
	.cmd_get	= OP25B_CMD_PREFIX_GET,
	.cmd_flush	= OP25B_CMD_PREFIX_FLUSH,
	.nest		= OP25B_A_PREFIX,
	.packed		= OP25B_A_PREFIXES,
	.a_addr		= OP25B_PREFIX_A_ADDR,
	.a_len		= OP25B_PREFIX_A_LEN,
	.a_action	= OP25B_PREFIX_A_ACTION,
	.a_comment	= OP25B_PREFIX_A_COMMENT,
	.a_origin	= OP25B_PREFIX_A_ORIGIN,
	.a_packets	= OP25B_PREFIX_A_PACKETS,
	.a_bytes	= OP25B_PREFIX_A_BYTES,
	.a_syns		= OP25B_PREFIX_A_SYNS,
	.a_last_seen	= OP25B_PREFIX_A_LAST_SEEN,
	.a_expires	= OP25B_PREFIX_A_EXPIRES,
	.a_by_hand	= OP25B_PREFIX_A_BY_HAND,
};

static const struct op25b_kind * const kind = &op25b_prefix_kind;

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
	{ "add",
	  "PREFIX block|exempt|monitor [timeout DURATION|until TIME] [comment TEXT]",
	  "add a prefix that is not there", add },
	{ "replace",
	  "PREFIX block|exempt|monitor [timeout DURATION|until TIME] [comment TEXT]",
	  "add a prefix or change it; its counters stay", replace },
	{ "del", "PREFIX [if-present]",
	  "delete a prefix; with if-present it may be absent", del },
	{ "show", "[PREFIX]",
	  "show all prefixes in order, or exactly this one", show },
	{ "flush", "[force]",
	  "delete all prefixes; in mode enforce only with force", flush },
	{ 0 }
};

const struct op25b_object op25b_prefix_object = {
	.name	= "prefix",
	.help	= "subscriber prefixes; the longest match decides",
	.notes	=
		"PREFIX is ADDRESS/LENGTH, IPv4 or IPv6, without bits set beyond its length.\n"
		"DURATION is such as 90s, 5m, 2h, 7d or 1d12h; TIME is such as\n"
		"2026-12-24T09:00Z, which is UTC, or 2026-12-24T18:00+09:00. From then on the\n"
		"prefix is gone.\n"
		"A comment of several words is one argument: quote it.\n"
		"`show` leaves out counters that are zero; JSON has them all, and last_seen\n"
		"once a packet came. Times are UTC.\n",
	.verbs	= verbs,
};
