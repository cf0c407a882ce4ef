// SPDX-License-Identifier: GPL-2.0
/*
 * The second pass over a configuration file: BEGIN, FILLs, COMMIT. The file is
 * read again instead of being kept, so memory does not grow with it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "addr.h"
#include "bulk.h"
#include "grammar.h"
#include "load.h"
#include "nl.h"

struct load {
	struct op25b_ctx *ctx;
	struct op25b_reader *r;
	uint64_t txn;
	uint64_t generation;
	struct op25b_bulk bulk;
};

static int take_begin(struct nlattr **tb, void *arg)
{
	struct load *l = arg;

	if (!tb[OP25B_A_TXN] || !tb[OP25B_A_GENERATION])
		return -EBADMSG;
	l->txn = nla_get_u64(tb[OP25B_A_TXN]);
	l->generation = nla_get_u64(tb[OP25B_A_GENERATION]);
	return 0;
}

static struct nl_msg *in_txn(struct load *l, int cmd, size_t room)
{
	struct nl_msg *msg = op25b_nl_new(l->ctx, cmd, OP25B_MSG_SMALL + room);

	nla_put_u64(msg, OP25B_A_TXN, l->txn);
	return msg;
}

/* Complains about a FILL at the line of the entry that was refused. */
static int refused_fill(struct load *l)
{
	const struct op25b_mark *m = NULL;
	struct op25b_ctx *ctx = l->ctx;
	struct op25b_ctx at = *ctx;
	struct op25b_entry e = { 0 };
	char t[OP25B_ADDR_TEXT];

	if (ctx->nl->offset != OP25B_NO_OFFSET)
		m = op25b_bulk_find(&l->bulk, ctx->nl->offset);
	if (!m)
		return op25b_nl_refused(ctx, "%s", l->r->name);
	e.family = m->rec.family;
	e.len = m->rec.len;
	memcpy(e.addr, m->rec.addr, sizeof(e.addr));
	at.file = l->r->name;
	at.line = m->line;
	return op25b_nl_refused(&at, "%s %s", m->kind->name,
				op25b_entry_text(m->kind, &e, t));
}

static int send_fill(struct load *l)
{
	if (!l->bulk.n) {
		nlmsg_free(l->bulk.msg);
		return OP25B_DONE;
	}
	if (op25b_nl_talk(l->ctx, op25b_bulk_end(&l->bulk), NULL, NULL))
		return refused_fill(l);
	return OP25B_DONE;
}

static void begin_fill(struct load *l)
{
	op25b_bulk_begin(&l->bulk,
			 in_txn(l, OP25B_CMD_FILL, OP25B_BULK_ROOM));
}

/* Reads the next statement. Return: 1, 0 at the end, -1 if it is bad */
static int next_stmt(struct load *l, struct op25b_stmt *st)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	struct op25b_err err;
	size_t len;
	int found, n;
	char *s;

	while ((found = op25b_reader_next(l->r, &s, &len)) > 0) {
		n = found == OP25B_LINE_LONG ? -1 :
			op25b_split(s, len, w, &err);
		if (n < 0 || (n && op25b_parse_stmt(w, n, st, &err)))
			return -1;
		if (n)
			return 1;
	}
	return found;
}

static int fill_entries(struct load *l)
{
	struct op25b_stmt st;
	int more, ret;

	begin_fill(l);
	while ((more = next_stmt(l, &st)) > 0) {
		if (!st.kind ||
		    !op25b_bulk_add(&l->bulk, st.kind, &st.entry, l->r->line))
			continue;
		ret = send_fill(l);
		if (ret)
			return ret;
		begin_fill(l);
	}
	if (!more)
		return send_fill(l);
	nlmsg_free(l->bulk.msg);
	op25b_complain(l->ctx,
		       "%s: line %lu has changed since it was checked; nothing is applied",
		       l->r->name, l->r->line);
	return OP25B_USAGE;
}

/* Complains about a COMMIT, at the line of the knob that was refused. */
static int refused_commit(struct load *l, const struct op25b_summary *sum,
			  const uint32_t *offset)
{
	struct op25b_ctx at = *l->ctx;
	int i;

	for (i = 0; i < OP25B_KNOBS; i++) {
		if (!sum->knobs.given[i] || l->ctx->nl->offset != offset[i])
			continue;
		at.file = l->r->name;
		at.line = sum->knob_line[i];
		return op25b_nl_refused(&at, "%s", op25b_knobs[i].name);
	}
	return op25b_nl_refused(l->ctx, "%s", l->r->name);
}

/* The knobs come last: whatever the kernel has against them, it says when they
 * are to take effect, and then it can point at one.
 */
static int commit(struct load *l, const struct op25b_summary *sum)
{
	struct nl_msg *msg = in_txn(l, OP25B_CMD_COMMIT, 0);
	uint32_t offset[OP25B_KNOBS] = { 0 };
	int i;

	nla_put_u64(msg, OP25B_A_GENERATION, l->generation);
	for (i = 0; i < OP25B_KNOBS; i++) {
		if (!sum->knobs.given[i])
			continue;
		offset[i] = NLMSG_ALIGN(nlmsg_hdr(msg)->nlmsg_len);
		op25b_knob_put(msg, &op25b_knobs[i], sum->knobs.value[i]);
	}
	if (op25b_nl_talk(l->ctx, msg, NULL, NULL))
		return refused_commit(l, sum, offset);
	return OP25B_DONE;
}

static int run(struct load *l, const struct op25b_summary *sum)
{
	int ret;

	ret = fill_entries(l);
	if (!ret)
		ret = commit(l, sum);
	/* In a batch the socket, with which it would die, stays open. */
	if (ret)
		op25b_nl_talk(l->ctx, in_txn(l, OP25B_CMD_ABORT, 0), NULL,
			      NULL);
	return ret;
}

int op25b_load_apply(struct op25b_ctx *ctx, struct op25b_reader *r,
		     const struct op25b_summary *sum)
{
	struct load *l = calloc(1, sizeof(*l));
	int ret;

	if (!l || op25b_reader_rewind(r)) {
		op25b_complain(ctx, "cannot read %s again", r->name);
		free(l);
		return OP25B_USAGE;
	}
	l->ctx = ctx;
	l->r = r;
	if (op25b_nl_talk(ctx, op25b_nl_new(ctx, OP25B_CMD_BEGIN, 0),
			  take_begin, l))
		ret = op25b_nl_refused(ctx, "%s", r->name);
	else
		ret = run(l, sum);
	free(l);
	return ret;
}
