// SPDX-License-Identifier: GPL-2.0
/*
 * The last pass over configuration files: BEGIN, FILLs, COMMIT. They are read
 * again instead of being kept, so memory does not grow with them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "conf/load.h"
#include "kernel/bulk.h"
#include "kernel/netlink.h"
#include "kernel/state.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "say.h"

struct load {
	struct op25b_ctx *ctx;
	struct op25b_source *s;
	const struct op25b_summary *sum;
	struct op25b_commit *c;
	uint64_t txn;
	struct op25b_bulk bulk;
};

static struct nl_msg *in_txn(struct load *l, int cmd, size_t room)
{
	struct nl_msg *msg = op25b_nl_new(l->ctx, cmd, OP25B_MSG_SMALL + room);

	nla_put_u64(msg, OP25B_A_TXN, l->txn);
	return msg;
}

static const char *name(const struct load *l)
{
	return op25b_source_name(l->s, 0);
}

static int refused(struct load *l)
{
	return op25b_nl_refused(l->ctx, "%s", name(l));
}

/* Complains about entries that stand twice. Return: there are some */
static bool complained_twice(struct load *l)
{
	struct op25b_warnings ws = { 0 };
	struct op25b_summary sum;
	int ret;

	ret = op25b_load_check(l->ctx, l->s, &sum, &ws, true);
	op25b_warnings_free(&ws);
	return ret != OP25B_DONE;
}

/* Complains about a FILL at the line of the entry that was refused. */
static int refused_fill(struct load *l)
{
	const struct op25b_mark *m = NULL;
	struct op25b_ctx *ctx = l->ctx, at;
	struct op25b_entry e = { 0 };
	char t[OP25B_ADDR_TEXT];

	if (ctx->nl->error == -EEXIST && complained_twice(l))
		return OP25B_USAGE;
	if (ctx->nl->offset != OP25B_NO_OFFSET)
		m = op25b_bulk_find(&l->bulk, ctx->nl->offset);
	if (!m)
		return refused(l);
	e.family = m->rec.family;
	e.len = m->rec.len;
	memcpy(e.addr, m->rec.addr, sizeof(e.addr));
	at = op25b_source_ctx(ctx, l->s, m->place);
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

static int fill_entries(struct load *l)
{
	struct op25b_stmt st;
	unsigned long n = 0;
	int found, ret;

	begin_fill(l);
	while ((found = op25b_source_next(l->s, &st, NULL)) ==
	       OP25B_FOUND_STMT) {
		if (!st.kind || op25b_source_past(l->s, &st.entry))
			continue;
		n++;
		if (!op25b_bulk_add(&l->bulk, st.kind, &st.entry, l->s->at))
			continue;
		ret = send_fill(l);
		if (ret)
			return ret;
		begin_fill(l);
	}
	if (found == OP25B_FOUND_END && n == l->sum->prefixes[0] +
	    l->sum->prefixes[1] + l->sum->relays)
		return send_fill(l);
	nlmsg_free(l->bulk.msg);
	return op25b_source_changed(l->ctx, l->s);
}

/* Somebody else was quicker: who, nobody knows, but which generation is his. */
static int stale(struct load *l)
{
	struct op25b_state now;
	uint64_t is = 0;

	if (!op25b_state_get(l->ctx, &now))
		is = now.generation;
	return op25b_fail(l->ctx, OP25B_REFUSED,
			  "%s: somebody else has changed the configuration: this was built on generation %llu, and %llu is in force; nothing is changed",
			  name(l), (unsigned long long)l->c->generation,
			  (unsigned long long)is);
}

/* Complains about a COMMIT, at the line of the knob that was refused. */
static int refused_commit(struct load *l, const uint32_t *offset)
{
	const struct op25b_summary *sum = l->sum;
	struct op25b_ctx at;
	int i;

	if (l->ctx->nl->error == -ESTALE)
		return stale(l);
	for (i = 0; i < OP25B_KNOBS; i++) {
		if (!sum->knobs.given[i] || l->ctx->nl->offset != offset[i])
			continue;
		at = op25b_source_ctx(l->ctx, l->s, sum->knob_at[i]);
		return op25b_nl_refused(&at, "%s", op25b_knobs[i].name);
	}
	return refused(l);
}

/* The knobs come last: whatever the kernel has against them, it says when they
 * are to take effect, and then it can point at one.
 */
static int commit(struct load *l)
{
	struct nl_msg *msg = in_txn(l, OP25B_CMD_COMMIT, 0);
	const struct op25b_knobs *knobs = &l->sum->knobs;
	uint32_t offset[OP25B_KNOBS] = { 0 };
	int i;

	nla_put_u64(msg, OP25B_A_GENERATION, l->c->generation);
	if (l->c->confirm)
		nla_put_u32(msg, OP25B_A_CONFIRM, l->c->confirm);
	for (i = 0; i < OP25B_KNOBS; i++) {
		if (!knobs->given[i])
			continue;
		offset[i] = NLMSG_ALIGN(nlmsg_hdr(msg)->nlmsg_len);
		op25b_knob_put(msg, &op25b_knobs[i], knobs->value[i]);
	}
	if (op25b_nl_ask(l->ctx, msg, OP25B_A_GENERATION, &l->c->result))
		return refused_commit(l, offset);
	return OP25B_DONE;
}

static int run(struct load *l)
{
	int ret;

	ret = fill_entries(l);
	if (!ret)
		ret = commit(l);
	/* In a batch the socket, with which it would die, stays open. */
	if (ret)
		op25b_nl_talk(l->ctx, in_txn(l, OP25B_CMD_ABORT, 0), NULL,
			      NULL);
	return ret;
}

int op25b_load_apply(struct op25b_ctx *ctx, struct op25b_source *s,
		     const struct op25b_summary *sum, struct op25b_commit *c)
{
	struct load *l = calloc(1, sizeof(*l));
	int ret;

	if (!l || op25b_source_rewind(s)) {
		op25b_complain(ctx, "cannot read %s again",
			       op25b_source_name(s, 0));
		free(l);
		return OP25B_USAGE;
	}
	l->ctx = ctx;
	l->s = s;
	l->sum = sum;
	l->c = c;
	if (op25b_nl_ask(ctx, op25b_nl_new(ctx, OP25B_CMD_BEGIN, 0),
			 OP25B_A_TXN, &l->txn))
		ret = refused(l);
	else
		ret = run(l);
	free(l);
	return ret;
}
