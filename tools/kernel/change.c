// SPDX-License-Identifier: GPL-2.0
/* Many changes in one message, and the line of what is refused. */
#include <stdlib.h>

#include <netlink/msg.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include "kernel/change.h"
#include "kernel/entry.h"
#include "kernel/netlink.h"
#include "kernel/state.h"
#include "words/addr.h"
#include "say.h"

/* The largest nest, and what may stand in front of it. */
#define STEP	512

/* An attribute of the message, and the line that it is from. */
struct mark {
	uint32_t offset;
	uint32_t line;
};

/**
 * struct op25b_change - what was gathered
 * @file: the name of the file, NULL if it comes from none
 * @msg: the message
 * @gathered: there is something in it
 * @origin: of all entries, 0 before the first
 * @op: of the entry put last
 * @knobs: to be put at the end, each once
 * @knob_line: where they stand
 * @mark: of each attribute but operations, @n of them, in their order
 */
struct op25b_change {
	const char *file;
	struct nl_msg *msg;
	bool gathered;
	uint8_t origin;
	enum op25b_op op;
	struct op25b_knobs knobs;
	unsigned long knob_line[OP25B_KNOBS];
	struct mark *mark;
	size_t n, room;
};

static size_t used(const struct op25b_change *c)
{
	return NLMSG_ALIGN(nlmsg_hdr(c->msg)->nlmsg_len);
}

/* Makes room for a step more. Return: OP25B_DONE or OP25B_USAGE */
static int grow(struct op25b_ctx *ctx, struct op25b_change *c)
{
	size_t room = c->n + c->n / 2 + 64, bytes = used(c) + STEP;
	struct mark *more;

	if (c->n == c->room) {
		more = realloc(c->mark, room * sizeof(*more));
		if (!more)
			goto full;
		c->mark = more;
		c->room = room;
	}
	if (bytes <= nlmsg_get_max_size(c->msg) ||
	    (bytes <= OP25B_CHANGE_MAX && !nlmsg_expand(c->msg, 2 * bytes)))
		return OP25B_DONE;
full:
	return op25b_fail(ctx, OP25B_USAGE,
			  "too many changes for one step; `conf apply` takes any number");
}

/* The first entry's origin is that of all. Return: OP25B_DONE or OP25B_USAGE */
static int take_origin(struct op25b_ctx *ctx, struct op25b_change *c,
		       uint8_t origin)
{
	if (!c->origin)
		op25b_origin_put(c->msg, origin, OP25B_ORIGIN_CONFIG);
	else if (c->origin != origin)
		return op25b_fail(ctx, OP25B_USAGE,
				  "origin %s, and %s before: expected one origin in one step",
				  op25b_word_of(op25b_origin_words, origin),
				  op25b_word_of(op25b_origin_words,
						c->origin));
	c->origin = origin;
	return OP25B_DONE;
}

static void mark_next(struct op25b_change *c, unsigned long line)
{
	c->mark[c->n++] = (struct mark){ used(c), line };
}

int op25b_change_entry(struct op25b_ctx *ctx, enum op25b_op op,
		       const struct op25b_kind *kind,
		       const struct op25b_entry *e)
{
	struct op25b_change *c = ctx->change;
	int ret = grow(ctx, c);

	if (!ret)
		ret = take_origin(ctx, c, e->origin);
	if (ret)
		return ret;
	c->file = ctx->file;
	c->gathered = true;
	if (op != c->op)
		nla_put_u8(c->msg, OP25B_A_OP, op);
	c->op = op;
	mark_next(c, ctx->line);
	op25b_entry_put(c->msg, kind, e);
	return OP25B_DONE;
}

int op25b_change_knobs(struct op25b_ctx *ctx, const struct op25b_knobs *knobs)
{
	struct op25b_change *c = ctx->change;
	int i;

	c->file = ctx->file;
	c->gathered = true;
	for (i = 0; i < OP25B_KNOBS; i++) {
		if (!knobs->given[i])
			continue;
		c->knobs.given[i] = true;
		c->knobs.value[i] = knobs->value[i];
		c->knob_line[i] = ctx->line;
	}
	return OP25B_DONE;
}

/* What the attribute at @offset is about. */
static void describe(const struct op25b_change *c, uint32_t offset, char *buf,
		     size_t size)
{
	const struct nlattr *a = (void *)((char *)nlmsg_hdr(c->msg) + offset);
	const struct op25b_kind *kind = nla_type(a) == OP25B_A_PREFIX ?
		&op25b_prefix_kind : &op25b_relay_kind;
	char t[OP25B_ADDR_TEXT];
	struct op25b_entry e;
	int i;

	snprintf(buf, size, "set");
	if (nla_type(a) == kind->nest && op25b_entry_get(a, kind, &e))
		snprintf(buf, size, "%s %s", kind->name,
			 op25b_entry_text(kind, &e, t));
	for (i = 0; i < OP25B_KNOBS; i++)
		if (nla_type(a) == op25b_knobs[i].attr)
			snprintf(buf, size, "set: %s", op25b_knobs[i].name);
}

static int refused(struct op25b_ctx *ctx, const struct op25b_change *c)
{
	struct op25b_ctx at = *ctx;
	uint32_t offset = ctx->nl->offset;
	const struct mark *m = NULL;
	char what[100];
	size_t i;

	for (i = 0; offset != OP25B_NO_OFFSET && i < c->n &&
	     c->mark[i].offset <= offset; i++)
		m = &c->mark[i];
	if (m)
		describe(c, m->offset, what, sizeof(what));
	if (m && m->line) {
		at.file = c->file;
		at.line = m->line;
		return op25b_nl_refused(&at, "%s", what);
	}
	return op25b_nl_refused(ctx, "%s%s%s", c->file ? c->file : "",
				c->file && m ? ": " : "", m ? what : "");
}

static int send_all(struct op25b_ctx *ctx, struct op25b_change *c)
{
	int i, ret = op25b_nl_open(ctx);

	if (ret)
		return ret;
	for (i = 0; i < OP25B_KNOBS; i++) {
		if (!c->knobs.given[i])
			continue;
		if (grow(ctx, c))
			return OP25B_USAGE;
		mark_next(c, c->knob_line[i]);
		op25b_knob_put(c->msg, &op25b_knobs[i], c->knobs.value[i]);
	}
	/* What is refused is looked up in it. */
	nlmsg_get(c->msg);
	if (op25b_nl_talk_long(ctx, c->msg))
		return refused(ctx, c);
	return OP25B_DONE;
}

int op25b_change_begin(struct op25b_ctx *ctx)
{
	struct op25b_change *c = calloc(1, sizeof(*c));

	if (c)
		c->msg = nlmsg_alloc_size(64 * 1024);
	if (!c || !c->msg ||
	    !genlmsg_put(c->msg, NL_AUTO_PORT, NL_AUTO_SEQ, 0, 0, 0,
			 OP25B_CMD_CHANGE, OP25B_GENL_VERSION)) {
		free(c);
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	}
	ctx->change = c;
	return OP25B_DONE;
}

int op25b_change_end(struct op25b_ctx *ctx, int ret)
{
	struct op25b_change *c = ctx->change;

	ctx->change = NULL;
	if (!ret && c->gathered)
		ret = send_all(ctx, c);
	nlmsg_free(c->msg);
	free(c->mark);
	free(c);
	return ret;
}

int op25b_change_file(struct op25b_ctx *ctx, const char *name,
		      op25b_words_fn each)
{
	int ret = op25b_change_begin(ctx);

	if (ret)
		return ret;
	return op25b_change_end(ctx, op25b_each_line(ctx, name, each, true));
}
