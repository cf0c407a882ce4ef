// SPDX-License-Identifier: GPL-2.0
/* Events as they happen, a line each. */
#include <time.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/entry.h"
#include "kernel/netlink.h"
#include "kernel/offender.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "words/knob.h"
#include "print.h"
#include "say.h"

static void print_number(struct op25b_out *out, const char *key,
			 const char *fmt, const struct nlattr *a)
{
	if (a)
		op25b_out_u64(out, key, fmt, nla_len(a) == 8 ?
			      nla_get_u64((struct nlattr *)a) :
			      nla_get_u32(a));
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
	char t[OP25B_ADDR_TEXT];

	if (!nest || !op25b_offender_get(nest, &o))
		return;
	op25b_out_str(out, "source", " %s", op25b_offender_text(&o, t));
	op25b_out_str(out, "state", " %s", op25b_offender_state(&o));
	op25b_out_u64(out, "attempts", " attempts %llu", o.attempts);
	op25b_out_u64(out, "destinations", " destinations %llu",
		      o.destinations);
	op25b_out_u64(out, "packets", " packets %llu", o.packets);
	op25b_out_u64(out, "syns", " syns %llu", o.syns);
	op25b_out_time(out, "first_seen", " first-seen %s", o.first_seen);
	op25b_out_str(out, "prefix", " prefix %s",
		      op25b_entry_text(&op25b_prefix_kind, &o.prefix, t));
	if (o.prefix.comment_len)
		op25b_out_quoted(out, "comment", " comment %s",
				 o.prefix.comment);
}

/* Who can be told what without a word of the kernel. */
static void print_head(struct op25b_out *out, uint64_t time, const char *event)
{
	op25b_out_doc_open(out);
	op25b_out_time(out, "time", "%s", time);
	op25b_out_str(out, "event", " %s", event);
}

/* Each line at once: whoever reads them is waiting. */
static int print_end(struct op25b_out *out)
{
	op25b_out_text(out, "\n");
	op25b_out_doc_close(out);
	return -op25b_flush();
}

static int print_event(struct nlattr **tb, void *arg)
{
	int kind = tb[OP25B_A_EVENT] ? nla_get_u8(tb[OP25B_A_EVENT]) : 0;
	struct op25b_out *out = arg;

	print_head(out, tb[OP25B_A_TIME] ? nla_get_u64(tb[OP25B_A_TIME]) : 0,
		   op25b_word_of(op25b_event_words, kind));
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
	return print_end(out);
}

static int print_overflow(void *arg)
{
	print_head(arg, time(NULL), "overflow");
	return print_end(arg);
}

static int events(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	int ret = op25b_nl_open_alone(ctx, w, n);

	if (ret)
		return ret;
	op25b_nl_listen(ctx, print_event, print_overflow, ctx->out);
	/* What could not be written is said at the end of the program. */
	if (op25b_flush())
		return OP25B_UNWRITTEN;
	return op25b_nl_refused(ctx, "events");
}

static const struct op25b_verb verbs[] = {
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
		"  expiring      an exemption ends in 7 days, or in one\n"
		"  expired       a prefix came to its end\n"
		"  stats-reset   the counters were set to zero\n"
		"  offender      a source made offender-threshold attempts\n"
		"  lost          the kernel held back `count` events: too many at once\n"
		"  overflow      this reader did not keep up and missed some\n"
		"`pid` and `uid` tell who did it; without them the kernel acted by itself.\n"
		"With -j, a JSON document a line. It goes on until it is stopped.\n",
	.verbs	= verbs,
};
