// SPDX-License-Identifier: GPL-2.0
/* The two kinds of entries, and how entries are written. */
#include <string.h>

#include "words/addr.h"
#include "words/kind.h"
#include "words/knob.h"
#include "words/when.h"
#include "print.h"

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

const char *op25b_entry_text(const struct op25b_kind *kind,
			     const struct op25b_entry *e, char *buf)
{
	if (!kind->is_prefix)
		return op25b_addr_text(e->addr, e->family, buf);
	return op25b_prefix_text(e->addr, e->family, e->len, buf);
}

bool op25b_entry_in(const struct op25b_entry *e,
		    const struct op25b_entry *outer)
{
	uint8_t addr[16];

	if (e->family != outer->family || e->len < outer->len)
		return false;
	memcpy(addr, e->addr, sizeof(addr));
	op25b_addr_mask(addr, e->family, outer->len);
	return !memcmp(addr, outer->addr, sizeof(addr));
}

static void print_key(struct op25b_out *out, const struct op25b_kind *kind,
		      const struct op25b_entry *e)
{
	char t[OP25B_ADDR_TEXT];

	op25b_out_str(out, kind->is_prefix ? "prefix" : "address", "%s",
		      op25b_entry_text(kind, e, t));
	if (kind->is_prefix)
		op25b_out_str(out, "action", " %s",
			      op25b_word_of(op25b_action_words, e->action));
}

static void print_until(struct op25b_out *out, const struct op25b_entry *e)
{
	char t[OP25B_WHEN_TEXT];

	if (e->expires)
		op25b_out_str(out, "until", " until %s",
			      op25b_time_text(e->expires, t));
}

/* The time left: JSON has it as a number of seconds. */
static void print_left(struct op25b_out *out, const struct op25b_entry *e)
{
	char t[OP25B_WHEN_TEXT];

	if (!e->expires)
		return;
	if (out->json)
		op25b_out_u64(out, "left", NULL, op25b_left(e->expires));
	else
		op25b_out_text(out, " left %s",
			       op25b_duration_text(op25b_left(e->expires), t));
}

void op25b_entry_print_config_fields(struct op25b_out *out,
				     const struct op25b_kind *kind,
				     const struct op25b_entry *e)
{
	op25b_out_text(out, "%s ", kind->name);
	print_key(out, kind, e);
	print_until(out, e);
	if (e->comment_len)
		op25b_out_quoted(out, "comment", " comment %s", e->comment);
	op25b_out_text(out, "\n");
}

void op25b_entry_print_config(struct op25b_out *out,
			      const struct op25b_kind *kind,
			      const struct op25b_entry *e)
{
	op25b_out_obj_open(out, NULL);
	op25b_entry_print_config_fields(out, kind, e);
	op25b_out_obj_close(out);
}

/* Counters that are zero are left out of text, and kept in JSON. */
static void print_count(struct op25b_out *out, const char *key,
			const char *fmt, uint64_t v)
{
	op25b_out_u64(out, key, v ? fmt : NULL, v);
}

void op25b_entry_print_fields(struct op25b_out *out,
			      const struct op25b_kind *kind,
			      const struct op25b_entry *e)
{
	print_key(out, kind, e);
	if (e->origin != OP25B_ORIGIN_CONFIG)
		op25b_out_text(out, " origin");
	op25b_out_str(out, "origin",
		      e->origin != OP25B_ORIGIN_CONFIG ? " %s" : NULL,
		      op25b_word_of(op25b_origin_words, e->origin));
	print_until(out, e);
	print_left(out, e);
	print_count(out, "packets", " packets %llu", e->packets);
	print_count(out, "bytes", " bytes %llu", e->bytes);
	if (kind->a_syns)
		print_count(out, "syns", " syns %llu", e->syns);
	if (e->last_seen)
		op25b_out_time(out, "last_seen", " last-seen %s",
			       e->last_seen);
	if (e->comment_len)
		op25b_out_quoted(out, "comment", " comment %s", e->comment);
}

void op25b_entry_print(struct op25b_out *out, const struct op25b_kind *kind,
		       const struct op25b_entry *e)
{
	op25b_entry_print_fields(out, kind, e);
	op25b_out_text(out, "\n");
}
