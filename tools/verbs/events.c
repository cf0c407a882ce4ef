// SPDX-License-Identifier: GPL-2.0
/* Events as they happen, a line each. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/entry.h"
#include "kernel/netlink.h"
#include "kernel/offender.h"
#include "verbs/journal.h"
#include "words/grammar.h"
#include "words/knob.h"
#include "print.h"
#include "say.h"

static void print_number(struct op25b_out *out, const char *key,
			 const char *fmt, const struct nlattr *a)
{
	if (a)
		op25b_out_u64(out, key, fmt, op25b_nl_u64(a));
}

static void print_entry(struct op25b_out *out, const struct nlattr *nest)
{
	struct op25b_entry e;

	if (!nest || !op25b_entry_get(nest, &op25b_prefix_kind, &e))
		return;
	op25b_out_text(out, " prefix ");
	op25b_out_obj_open(out, "prefix");
	op25b_entry_print_fields(out, &op25b_prefix_kind, &e);
	op25b_out_obj_close(out);
}

static void print_offender(struct op25b_out *out, const struct nlattr *nest)
{
	struct op25b_offender o;

	if (nest && op25b_offender_get(nest, &o))
		op25b_offender_print_fields(out, &o);
}

/**
 * struct listener - who hears events
 * @ctx: of the run
 * @journal: where they go instead of to its printer, unless NULL
 */
struct listener {
	struct op25b_ctx *ctx;
	struct op25b_journal *journal;
};

/* What can be told of any event. Return: where the rest of it goes, or NULL */
static struct op25b_out *begin(struct listener *l, uint64_t time,
			       const char *event)
{
	struct op25b_out *out = l->ctx->out;

	if (l->journal) {
		if (op25b_journal_begin(l->journal))
			return NULL;
		out = &l->journal->out;
	}
	op25b_out_obj_open(out, NULL);
	op25b_out_time(out, "time", "%s", time);
	op25b_out_str(out, l->journal ? "op25b_event" : "event", " %s", event);
	if (l->journal && l->ctx->netns)
		op25b_out_str(out, "netns", " netns %s", l->ctx->netns);
	return out;
}

/* Each at once: whoever reads them is waiting. Return: 0 or -errno */
static int end(struct listener *l)
{
	if (l->journal)
		return op25b_journal_end(l->journal);
	op25b_out_text(l->ctx->out, "\n");
	op25b_out_obj_close(l->ctx->out);
	return -op25b_flush();
}

static int take_event(struct nlattr **tb, void *arg)
{
	unsigned int kind = op25b_nl_u64(tb[OP25B_A_EVENT]);
	struct op25b_out *out;

	out = begin(arg, op25b_nl_u64(tb[OP25B_A_TIME]),
		    op25b_word_of(op25b_event_words, kind));
	if (!out)
		return -ENOMEM;
	if (tb[OP25B_A_MODE])
		op25b_out_str(out, "mode", kind == OP25B_EVENT_MODE ? " %s" :
			      " mode %s",
			      op25b_word_of(op25b_mode_words,
					    nla_get_u8(tb[OP25B_A_MODE])));
	print_number(out, "count", " count %llu", tb[OP25B_A_COUNT]);
	print_entry(out, tb[OP25B_A_PREFIX]);
	print_offender(out, tb[OP25B_A_OFFENDER]);
	print_number(out, "generation", " generation %llu",
		     tb[OP25B_A_GENERATION]);
	if (tb[OP25B_A_ORIGIN])
		op25b_out_str(out, "origin", " origin %s",
			      op25b_word_of(op25b_origin_words,
					    nla_get_u8(tb[OP25B_A_ORIGIN])));
	print_number(out, "pid", " pid %llu", tb[OP25B_A_PID]);
	print_number(out, "uid", " uid %llu", tb[OP25B_A_UID]);
	return end(arg);
}

static int take_overflow(void *arg)
{
	return begin(arg, time(NULL), "overflow") ? end(arg) : -ENOMEM;
}

static int no_journal(struct op25b_ctx *ctx, int err)
{
	return op25b_fail(ctx, OP25B_UNWRITTEN,
			  "cannot write to the journal: %s", strerror(-err));
}

static int listen_on(struct op25b_ctx *ctx, struct op25b_journal *journal)
{
	struct listener l = { ctx, journal };

	op25b_nl_listen(ctx, take_event, take_overflow, &l);
	if (journal && journal->err)
		return no_journal(ctx, journal->err);
	/* What could not be written is said at the end of the program. */
	if (op25b_flush())
		return OP25B_UNWRITTEN;
	return op25b_nl_refused(ctx, "events");
}

static int events(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	int ret = op25b_nl_open_alone(ctx, w, n);

	return ret ? ret : listen_on(ctx, NULL);
}

static int events_journal(struct op25b_ctx *ctx, const struct op25b_word *w,
			  int n)
{
	struct op25b_journal j = { 0 };
	int ret;

	if (ctx->out->json)
		return op25b_fail(ctx, OP25B_USAGE,
				  "events --journal: expected no -j or -p");
	ret = op25b_nl_open_alone(ctx, w, n);
	if (ret)
		return ret;
	if (op25b_journal_open(&j))
		return no_journal(ctx, j.err);
	ret = listen_on(ctx, &j);
	op25b_journal_close(&j);
	return ret;
}

static const struct op25b_verb verbs[] = {
	{ "--journal", "", "send it to systemd's journal instead",
	  events_journal },
	{ NULL, "", "print what happens as it happens, a line each", events },
	{ 0 }
};

const struct op25b_object op25b_events_object = {
	.name	= "events",
	.help	= "what happens, as it happens",
	.notes	=
		"An event is a time, a word and what belongs to it:\n"
		"  mode MODE     the mode was changed\n"
		"  replaced      the configuration was replaced\n"
		"  confirmed     what was applied with `confirm` was confirmed\n"
		"  rolled-back   it was rolled back\n"
		"  rollback-failed  it could not be, and is tried again\n"
		"  expiring      an exemption ends in 7 days, or in one\n"
		"  expired       a prefix came to its end\n"
		"  stats-reset   the counters were set to zero\n"
		"  offender      a source made offender-threshold attempts\n"
		"  lost          the kernel held back `count` events: too many at once\n"
		"  overflow      this reader did not keep up and missed some\n"
		"`pid` and `uid` tell who did it; without them the kernel acted by itself.\n"
		"With -j, a JSON document a line; with --journal, each key of it is a field.\n"
		"It goes on until it is stopped.\n",
	.verbs	= verbs,
};
