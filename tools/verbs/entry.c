// SPDX-License-Identifier: GPL-2.0
/* Subscriber prefixes and relays: the verbs are the same. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "conf/advise.h"
#include "conf/sync.h"
#include "kernel/change.h"
#include "kernel/entry.h"
#include "kernel/netlink.h"
#include "kernel/state.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "words/select.h"
#include "print.h"
#include "say.h"

static int print_all(struct op25b_ctx *ctx, struct op25b_spool *sp)
{
	int err = op25b_spool_rewind(sp);
	struct op25b_entry e;

	op25b_out_list_open(ctx->out, NULL);
	while (!err && (err = op25b_spool_next(sp, &e)) > 0) {
		op25b_out_obj_open(ctx->out, NULL);
		op25b_entry_print(ctx->out, ctx->object->kind, &e);
		op25b_out_obj_close(ctx->out);
		err = 0;
	}
	op25b_out_list_close(ctx->out);
	return err ? op25b_copy_failed(ctx, err) : OP25B_DONE;
}

/* After a list is printed; @err: of its dump. Return: the exit status */
static int finish(struct op25b_ctx *ctx, int err)
{
	if (!err)
		return OP25B_DONE;
	return op25b_fail(ctx, OP25B_REFUSED,
			  "%s show: the list changed each of the %d times it was read; this is a mix of old and new",
			  ctx->object->name, OP25B_TRIES);
}

static int show_count(struct op25b_ctx *ctx, const struct op25b_select *sel)
{
	uint64_t n;
	int err = op25b_entry_count(ctx, ctx->object->kind, sel, &n);

	if (err && err != -EAGAIN)
		return op25b_nl_refused(ctx, "%s show", ctx->object->name);
	op25b_out_obj_open(ctx->out, NULL);
	op25b_out_u64(ctx->out, "count", "%llu\n", n);
	op25b_out_obj_close(ctx->out);
	return finish(ctx, err);
}

static int show_all(struct op25b_ctx *ctx, const struct op25b_select *sel,
		    struct op25b_spool *sp)
{
	int err = op25b_entry_dump(ctx, ctx->object->kind, sel, sp), ret;

	if (sp->error)
		return op25b_copy_failed(ctx, sp->error);
	if (err && err != -EAGAIN)
		return op25b_nl_refused(ctx, "%s show", ctx->object->name);
	ret = print_all(ctx, sp);
	return ret ? ret : finish(ctx, err);
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

/* A request about one entry. */
static struct nl_msg *about(struct op25b_ctx *ctx, int cmd,
			    const struct op25b_entry *e)
{
	const struct op25b_kind *kind = ctx->object->kind;
	struct nl_msg *msg = op25b_nl_new(ctx, cmd, OP25B_MSG_SMALL);

	op25b_origin_put(msg, e->origin, cmd == kind->cmd_get ?
			 OP25B_ORIGIN_UNSPEC : OP25B_ORIGIN_CONFIG);
	op25b_entry_put(msg, kind, e);
	return msg;
}

/* Complains about what was refused. Return: the exit status */
static int refused(struct op25b_ctx *ctx, const struct op25b_entry *e)
{
	const struct op25b_kind *kind = ctx->object->kind;
	char t[OP25B_ADDR_TEXT];

	return op25b_nl_refused(ctx, "%s %s", kind->name,
				op25b_entry_text(kind, e, t));
}

static int show_one(struct op25b_ctx *ctx, const struct op25b_entry *key)
{
	const struct op25b_kind *kind = ctx->object->kind;
	struct op25b_entry e;
	struct one one = { kind, &e };

	if (op25b_nl_talk(ctx, about(ctx, kind->cmd_get, key), take_one, &one))
		return refused(ctx, key);
	op25b_out_obj_open(ctx->out, NULL);
	op25b_entry_print(ctx->out, kind, &e);
	op25b_out_obj_close(ctx->out);
	return OP25B_DONE;
}

/* The word is an address, and no word that selects. */
static bool is_key(const struct op25b_word *w)
{
	return w->len && (strchr("0123456789:", w->s[0]) ||
			  memchr(w->s, ':', w->len));
}

static int show_selected(struct op25b_ctx *ctx, const struct op25b_select *sel)
{
	int ret = op25b_nl_open(ctx);
	struct op25b_spool sp;

	if (ret)
		return ret;
	if (sel->count)
		return show_count(ctx, sel);
	if (op25b_spool_init(&sp))
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	ret = show_all(ctx, sel, &sp);
	op25b_spool_free(&sp);
	return ret;
}

static int show_key(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct op25b_entry e;
	struct op25b_err err;
	int used, ret;

	if (op25b_parse_key(ctx->object->kind, w, n, &e, &err))
		return op25b_fail(ctx, OP25B_USAGE, "%s", err.text);
	/* Whose it is, the kernel says. */
	e.origin = OP25B_ORIGIN_UNSPEC;
	used = op25b_parse_origin(&w[1], n - 1, &e.origin, &err);
	if (used < 0)
		return op25b_fail(ctx, OP25B_USAGE, "%s", err.text);
	if (n > 1 + used)
		return op25b_surplus(ctx, &w[1 + used]);
	ret = op25b_nl_open(ctx);
	return ret ? ret : show_one(ctx, &e);
}

static int show(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	const struct op25b_kind *kind = ctx->object->kind;
	struct op25b_select sel = { 0 };
	struct op25b_err err;
	int ret;

	if (n && is_key(w))
		return show_key(ctx, w, n);
	if (op25b_parse_select(kind, w, n, &sel, &err))
		ret = op25b_fail(ctx, OP25B_USAGE, "%s", err.text);
	else
		ret = show_selected(ctx, &sel);
	op25b_select_free(&sel);
	return ret;
}

/* An operation as a request of its own. */
static struct nl_msg *request(struct op25b_ctx *ctx, enum op25b_op op,
			      const struct op25b_entry *e)
{
	const struct op25b_kind *kind = ctx->object->kind;
	struct nl_msg *msg;

	switch (op) {
	case OP25B_OP_REPLACE:
		return about(ctx, kind->cmd_replace, e);
	case OP25B_OP_DEL:
		return about(ctx, kind->cmd_del, e);
	case OP25B_OP_DEL_IF_PRESENT:
		msg = about(ctx, kind->cmd_del, e);
		nla_put_flag(msg, OP25B_A_IF_PRESENT);
		return msg;
	default:
		return about(ctx, kind->cmd_add, e);
	}
}

static int ask(struct op25b_ctx *ctx, enum op25b_op op,
	       const struct op25b_entry *e)
{
	int ret = op25b_nl_open(ctx);

	if (ret || !op25b_nl_talk(ctx, request(ctx, op, e), NULL, NULL))
		return ret;
	if (ctx->nl->error == -EEXIST && op == OP25B_OP_ADD_IF_ABSENT)
		return OP25B_DONE;
	if (ctx->nl->error == -EEXIST)
		op25b_nl_add(ctx, "; `replace` changes it");
	return refused(ctx, e);
}

/* Does @op, or adds it to what is gathered. */
static int change(struct op25b_ctx *ctx, enum op25b_op op,
		  const struct op25b_entry *e)
{
	const struct op25b_kind *kind = ctx->object->kind;
	int ret = ctx->change ? op25b_change_entry(ctx, op, kind, e) :
				ask(ctx, op, e);

	return ret || op >= OP25B_OP_DEL ? ret :
		op25b_advise_entry(ctx, kind, e);
}

/* A list on standard input in place of arguments? */
static bool is_list(const struct op25b_ctx *ctx, const struct op25b_word *w,
		    int n)
{
	return n == 1 && op25b_is(w, "-") && !ctx->change;
}

static int put(struct op25b_ctx *ctx, enum op25b_op op,
	       const struct op25b_word *w, int n)
{
	struct op25b_entry e;
	struct op25b_err err;

	if (op25b_parse_entry(ctx->object->kind, w, n, OP25B_BY_HAND, &e, &err))
		return op25b_fail(ctx, OP25B_USAGE, "%s", err.text);
	return change(ctx, op, &e);
}

static int add(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	bool absent = n > 1 && op25b_is(&w[n - 1], "if-absent") &&
		!op25b_is(&w[n - 2], "comment");

	if (is_list(ctx, w, n))
		return op25b_change_file(ctx, "-", add);
	return put(ctx, absent ? OP25B_OP_ADD_IF_ABSENT : OP25B_OP_ADD, w,
		   n - absent);
}

static int replace(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	if (is_list(ctx, w, n))
		return op25b_change_file(ctx, "-", replace);
	return put(ctx, OP25B_OP_REPLACE, w, n);
}

/* The words behind the address. Return: OP25B_DONE or OP25B_USAGE */
static int del_words(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
		     struct op25b_entry *e, bool *present)
{
	int comment, origin = 0;
	struct op25b_err err;
	char q[OP25B_QUOTE];

	comment = op25b_parse_comment(w, n, e, &err);
	if (comment >= 0)
		origin = op25b_parse_origin(w + comment, n - comment,
					    &e->origin, &err);
	if (comment < 0 || origin < 0)
		return op25b_fail(ctx, OP25B_USAGE, "%s", err.text);
	w += comment + origin;
	n -= comment + origin;
	*present = n && op25b_is(w, "if-present");
	if (n > 1 && *present)
		return op25b_surplus(ctx, &w[1]);
	if (!n || *present)
		return OP25B_DONE;
	return op25b_fail(ctx, OP25B_USAGE,
			  "%s: expected %s%s\"if-present\" or the end",
			  op25b_quote(w, q),
			  comment || origin ? "" : "\"comment\", ",
			  origin ? "" : "\"origin\", ");
}

static int del(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct op25b_entry e;
	struct op25b_err err;
	bool present = false;

	if (is_list(ctx, w, n))
		return op25b_change_file(ctx, "-", del);
	if (op25b_parse_key(ctx->object->kind, w, n, &e, &err))
		return op25b_fail(ctx, OP25B_USAGE, "%s", err.text);
	if (del_words(ctx, w + 1, n - 1, &e, &present))
		return OP25B_USAGE;
	return change(ctx, present ? OP25B_OP_DEL_IF_PRESENT : OP25B_OP_DEL,
		      &e);
}

/* Reads "origin ORIGIN" and "force", both of which may be absent.
 * Return: OP25B_DONE or OP25B_USAGE
 */
static int how(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
	       uint8_t *origin, bool *force)
{
	struct op25b_err err;
	char q[OP25B_QUOTE];
	int used;

	used = op25b_parse_origin(w, n, origin, &err);
	if (used < 0)
		return op25b_fail(ctx, OP25B_USAGE, "%s", err.text);
	w += used;
	n -= used;
	*force = n && op25b_is(w, "force");
	if (n > 1 && *force)
		return op25b_surplus(ctx, &w[1]);
	if (!n || *force)
		return OP25B_DONE;
	return op25b_fail(ctx, OP25B_USAGE,
			  "%s: expected %s\"force\" or the end",
			  op25b_quote(w, q), used ? "" : "\"origin\", ");
}

/* In mode enforce a flush opens or closes the way for everybody. */
static int may_flush(struct op25b_ctx *ctx)
{
	const char *name = ctx->object->name;
	struct op25b_state st;

	if (op25b_state_get(ctx, &st))
		return op25b_nl_refused(ctx, "%s flush", name);
	if (st.knobs.value[OP25B_KNOB_MODE] != OP25B_MODE_ENFORCE)
		return OP25B_DONE;
	return op25b_fail(ctx, OP25B_REFUSED,
			  "%s flush: the mode is enforce; the word `force` behind it deletes them all the same",
			  name);
}

static int flush_all(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	uint8_t origin = OP25B_ORIGIN_CONFIG;
	struct nl_msg *msg;
	bool force;
	int ret;

	ret = how(ctx, w, n, &origin, &force);
	if (!ret)
		ret = op25b_nl_open(ctx);
	if (!ret && !force)
		ret = may_flush(ctx);
	if (ret)
		return ret;
	msg = op25b_nl_new(ctx, ctx->object->kind->cmd_flush, OP25B_MSG_SMALL);
	op25b_origin_put(msg, origin, OP25B_ORIGIN_CONFIG);
	if (op25b_nl_talk(ctx, msg, NULL, NULL))
		return op25b_nl_refused(ctx, "%s flush", ctx->object->name);
	return OP25B_DONE;
}

/* Makes an origin equal to a file. */
static int sync_file(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	uint8_t origin = OP25B_ORIGIN_UNSPEC;
	char *name;
	bool force;
	int ret;

	if (!n || !w->len)
		return op25b_fail(ctx, OP25B_USAGE,
				  "prefix sync: expected the name of a file");
	ret = how(ctx, w + 1, n - 1, &origin, &force);
	if (ret)
		return ret;
	if (origin == OP25B_ORIGIN_CONFIG)
		return op25b_fail(ctx, OP25B_USAGE,
				  "prefix sync: expected origin session or bgp; `conf apply` replaces what is of origin config");
	if (!origin)
		return op25b_fail(ctx, OP25B_USAGE,
				  "prefix sync: expected \"origin\" and session or bgp behind the file");
	name = strndup(w->s, w->len);
	if (!name)
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	ret = op25b_sync(ctx, name, origin, force);
	free(name);
	return ret;
}

static const struct op25b_verb prefix_verbs[] = {
	{ "add",
	  "PREFIX block|exempt|monitor [timeout DURATION|until TIME] [comment TEXT] [origin ORIGIN] [if-absent]",
	  "add a prefix; with if-absent one that is there stays as it is",
	  add },
	{ "replace",
	  "PREFIX block|exempt|monitor [timeout DURATION|until TIME] [comment TEXT] [origin ORIGIN]",
	  "add a prefix or change it; its counters stay", replace },
	{ "del", "PREFIX [comment TEXT] [origin ORIGIN] [if-present]",
	  "delete a prefix, if TEXT is its comment; with if-present it may be absent",
	  del },
	{ "show",
	  "[PREFIX|block|exempt|monitor|within PREFIX|covering ADDRESS|comment TEXT|expiring DURATION|seen DURATION|origin ORIGIN|count]...",
	  "show prefixes in order: all, exactly this one, or those selected",
	  show },
	{ "flush", "[origin ORIGIN] [force]",
	  "delete all prefixes of an origin; in mode enforce only with force",
	  flush_all },
	{ "sync", "FILE origin session|bgp [force]",
	  "make prefixes and relays of an origin those of a file, in one step",
	  sync_file },
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
		"ORIGIN is who the entry belongs to: config (the default, the configuration),\n"
		"session or bgp, which `conf` neither shows nor changes. Where several of them\n"
		"have the same prefix, config decides, else block before monitor before exempt.\n"
		"With `-` alone, add, replace and del read their arguments from standard input,\n"
		"those of one a line and all of one origin, and do all of them in one step or\n"
		"nothing.\n"
		"`show` leaves out counters that are zero; JSON has them all, and last_seen\n"
		"once a packet came. Times are UTC. It selects what is all of this: has the\n"
		"action, lies within PREFIX, covers ADDRESS, has TEXT in its comment, ends within\n"
		"DURATION (expiring), had a packet in the last DURATION (seen), is of ORIGIN.\n"
		"count: how many.\n"
		"The file of `sync` has lines `prefix` and `relay` as a configuration has them.\n"
		"It wants `force` where most of what is there would go, or everybody be blocked.\n",
	.kind	= &op25b_prefix_kind,
	.verbs	= prefix_verbs,
};

static const struct op25b_verb relay_verbs[] = {
	{ "add", "ADDRESS [comment TEXT] [origin ORIGIN] [if-absent]",
	  "add a relay; with if-absent one that is there stays as it is", add },
	{ "replace", "ADDRESS [comment TEXT] [origin ORIGIN]",
	  "add a relay or change its comment; its counters stay", replace },
	{ "del", "ADDRESS [comment TEXT] [origin ORIGIN] [if-present]",
	  "delete a relay, if TEXT is its comment; with if-present it may be absent",
	  del },
	{ "show",
	  "[ADDRESS|comment TEXT|seen DURATION|origin ORIGIN|count]...",
	  "show relays in order: all, exactly this one, or those selected",
	  show },
	{ "flush", "[origin ORIGIN] [force]",
	  "delete all relays of an origin; in mode enforce only with force",
	  flush_all },
	{ 0 }
};

const struct op25b_object op25b_relay_object = {
	.name	= "relay",
	.help	= "destinations that mail may always go to",
	.notes	=
		"A comment of several words is one argument: quote it.\n"
		"ORIGIN is who the entry belongs to: config (the default), session or bgp. An\n"
		"address is a relay if any of them has it.\n"
		"With `-` alone, add, replace and del read their arguments from standard input,\n"
		"those of one a line and all of one origin, and do all of them in one step or\n"
		"nothing.\n"
		"`show` leaves out counters that are zero; JSON has them all, and last_seen\n"
		"once a packet came. Times are UTC.\n",
	.kind	= &op25b_relay_kind,
	.verbs	= relay_verbs,
};
