// SPDX-License-Identifier: GPL-2.0
/* Entries: to and from netlink, to text, and the verbs of both kinds. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "words/addr.h"
#include "kernel/entry.h"
#include "words/grammar.h"
#include "kernel/netlink.h"
#include "print.h"
#include "say.h"
#include "files/spool.h"
#include "kernel/state.h"
#include "words/when.h"

/* How often an interrupted dump is begun again. */
#define RETRIES		3

const char *op25b_entry_text(const struct op25b_kind *kind,
			     const struct op25b_entry *e, char *buf)
{
	if (!kind->is_prefix)
		return op25b_addr_text(e->addr, e->family, buf);
	return op25b_prefix_text(e->addr, e->family, e->len, buf);
}

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

struct dump {
	const struct op25b_kind *kind;
	struct op25b_spool *sp;
};

static int dump_message(struct nlattr *attrs, int len, void *arg)
{
	struct dump *d = arg;
	struct op25b_entry e;
	struct nlattr *a;
	int err;

	for (a = attrs; nla_ok(a, len); a = nla_next(a, &len)) {
		if (nla_type(a) != d->kind->nest)
			continue;
		err = op25b_entry_get(a, d->kind, &e) ?
			op25b_spool_add(d->sp, &e) : -EBADMSG;
		if (err)
			return err;
	}
	return 0;
}

int op25b_entry_dump(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		     struct op25b_spool *sp)
{
	struct dump d = { kind, sp };
	int tries, err = 0;

	for (tries = 0; tries <= RETRIES; tries++) {
		err = op25b_spool_reset(sp);
		if (err)
			return err;
		err = op25b_nl_dump(ctx, op25b_nl_new(ctx, kind->cmd_get,
						      OP25B_MSG_SMALL),
				    dump_message, &d);
		if (err != -EAGAIN)
			break;
	}
	return err;
}

static int show_all(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		    struct op25b_spool *sp)
{
	int dumped = op25b_entry_dump(ctx, kind, sp), err;
	struct op25b_entry e;

	if (sp->error)
		return op25b_copy_failed(ctx, sp->error);
	if (dumped && dumped != -EAGAIN)
		return op25b_nl_refused(ctx, "%s show", kind->name);
	op25b_out_list_open(ctx->out, NULL);
	err = op25b_spool_rewind(sp);
	while (!err && (err = op25b_spool_next(sp, &e)) > 0) {
		op25b_out_obj_open(ctx->out, NULL);
		op25b_entry_print(ctx->out, kind, &e);
		op25b_out_obj_close(ctx->out);
		err = 0;
	}
	op25b_out_list_close(ctx->out);
	if (err < 0)
		return op25b_copy_failed(ctx, err);
	if (!dumped)
		return OP25B_DONE;
	op25b_complain(ctx,
		       "%s show: the list changed each of the %d times it was read; this is a mix of old and new",
		       kind->name, RETRIES + 1);
	return OP25B_REFUSED;
}

struct one {
	const struct op25b_kind *kind;
	struct op25b_entry *e;
};

static int take_one(struct nlattr **tb, void *arg)
{
	struct one *one = arg;

	if (!tb[one->kind->nest] ||
	    !op25b_entry_get(tb[one->kind->nest], one->kind, one->e))
		return -EBADMSG;
	return 0;
}

static int show_one(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		    struct op25b_entry *e)
{
	struct nl_msg *msg = op25b_nl_new(ctx, kind->cmd_get, OP25B_MSG_SMALL);
	struct one one = { kind, e };
	char t[OP25B_ADDR_TEXT];

	op25b_entry_text(kind, e, t);
	op25b_entry_put(msg, kind, e);
	if (op25b_nl_talk(ctx, msg, take_one, &one))
		return op25b_nl_refused(ctx, "%s %s", kind->name, t);
	op25b_out_doc_open(ctx->out);
	op25b_entry_print(ctx->out, kind, e);
	op25b_out_doc_close(ctx->out);
	return OP25B_DONE;
}

/* Reads the words of a verb that takes an address and perhaps one @option.
 * Return: OP25B_DONE or OP25B_USAGE
 */
static int parse_key(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		     const struct op25b_word *w, int n, const char *option,
		     struct op25b_entry *e)
{
	struct op25b_err err;
	char q[OP25B_QUOTE];

	if (op25b_parse_key(kind, w, n, e, &err)) {
		op25b_complain(ctx, "%s", err.text);
		return OP25B_USAGE;
	}
	if (n == 1)
		return OP25B_DONE;
	if (!option)
		return op25b_surplus(ctx, &w[1]);
	if (w[1].len == strlen(option) && !memcmp(w[1].s, option, w[1].len))
		return n > 2 ? op25b_surplus(ctx, &w[2]) : OP25B_DONE;
	op25b_complain(ctx, "%s: expected \"%s\" or the end",
		       op25b_quote(&w[1], q), option);
	return OP25B_USAGE;
}

int op25b_entry_show(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		     const struct op25b_word *w, int n)
{
	struct op25b_spool sp;
	struct op25b_entry e;
	int ret;

	if (n) {
		ret = parse_key(ctx, kind, w, n, NULL, &e);
		if (!ret)
			ret = op25b_nl_open(ctx);
		return ret ? ret : show_one(ctx, kind, &e);
	}
	ret = op25b_nl_open(ctx);
	if (ret)
		return ret;
	if (op25b_spool_init(&sp)) {
		op25b_complain(ctx, "out of memory");
		return OP25B_UNASKED;
	}
	ret = show_all(ctx, kind, &sp);
	op25b_spool_free(&sp);
	return ret;
}

int op25b_entry_add(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		    int cmd, const struct op25b_word *w, int n,
		    struct op25b_entry *e)
{
	char t[OP25B_ADDR_TEXT];
	struct op25b_err err;
	struct nl_msg *msg;
	int ret;

	if (op25b_parse_entry(kind, w, n, OP25B_BY_HAND, e, &err)) {
		op25b_complain(ctx, "%s", err.text);
		return OP25B_USAGE;
	}
	ret = op25b_nl_open(ctx);
	if (ret)
		return ret;
	msg = op25b_nl_new(ctx, cmd, OP25B_MSG_SMALL);
	op25b_entry_put(msg, kind, e);
	if (!op25b_nl_talk(ctx, msg, NULL, NULL))
		return OP25B_DONE;
	if (ctx->nl->error == -EEXIST)
		op25b_nl_add(ctx, "; `replace` changes it");
	return op25b_nl_refused(ctx, "%s %s", kind->name,
				op25b_entry_text(kind, e, t));
}

int op25b_entry_del(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		    const struct op25b_word *w, int n)
{
	char t[OP25B_ADDR_TEXT];
	struct op25b_entry e;
	struct nl_msg *msg;
	int ret;

	ret = parse_key(ctx, kind, w, n, "if-present", &e);
	if (!ret)
		ret = op25b_nl_open(ctx);
	if (ret)
		return ret;
	msg = op25b_nl_new(ctx, kind->cmd_del, OP25B_MSG_SMALL);
	op25b_entry_put(msg, kind, &e);
	if (n > 1)
		nla_put_flag(msg, OP25B_A_IF_PRESENT);
	if (op25b_nl_talk(ctx, msg, NULL, NULL))
		return op25b_nl_refused(ctx, "%s %s", kind->name,
					op25b_entry_text(kind, &e, t));
	return OP25B_DONE;
}

/* In mode enforce a flush opens or closes the way for everybody. */
static int may_flush(struct op25b_ctx *ctx, const struct op25b_kind *kind)
{
	struct op25b_state st;

	if (op25b_state_get(ctx, &st))
		return op25b_nl_refused(ctx, "%s flush", kind->name);
	if (st.knobs.value[OP25B_KNOB_MODE] != OP25B_MODE_ENFORCE)
		return OP25B_DONE;
	op25b_complain(ctx,
		       "%s flush: the mode is enforce; the word `force` behind it deletes them all the same",
		       kind->name);
	return OP25B_REFUSED;
}

int op25b_entry_flush(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		      const struct op25b_word *w, int n)
{
	bool force = n && op25b_is(w, "force");
	char q[OP25B_QUOTE];
	int ret;

	if (n > 1 && force)
		return op25b_surplus(ctx, &w[1]);
	if (n && !force) {
		op25b_complain(ctx, "%s: expected \"force\" or the end",
			       op25b_quote(w, q));
		return OP25B_USAGE;
	}
	ret = op25b_nl_open(ctx);
	if (!ret && !force)
		ret = may_flush(ctx, kind);
	if (ret)
		return ret;
	if (op25b_nl_talk(ctx, op25b_nl_new(ctx, kind->cmd_flush, 0), NULL,
			  NULL))
		return op25b_nl_refused(ctx, "%s flush", kind->name);
	return OP25B_DONE;
}
