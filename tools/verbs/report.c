// SPDX-License-Identifier: GPL-2.0
/* A dated summary, to be filed: what is covered, who is exempt until when, what
 * was blocked, who tried.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "kernel/netlink.h"
#include "kernel/offender.h"
#include "kernel/state.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "words/knob.h"
#include "print.h"
#include "say.h"

#define DEFAULT_COUNT	20

/**
 * struct report - what goes into it
 * @count: offenders, at most
 * @host: where we are
 * @prefixes: all of them, origin by origin
 * @scope: how many by family, 0 for IPv4 and 1 for IPv6, and action
 * @ending: exemptions that have an end
 */
struct report {
	uint32_t count;
	char host[256];
	struct op25b_stats stats;
	struct op25b_spool prefixes;
	uint64_t scope[2][__OP25B_ACTION_MAX];
	uint64_t ending;
	struct op25b_offenders offenders;
};

static bool ends(const struct op25b_entry *e)
{
	return e->action == OP25B_ACTION_EXEMPT && e->expires;
}

/* Return: 0 or -errno of the spool */
static int count_scope(struct report *r)
{
	struct op25b_entry e;
	int err = op25b_spool_rewind(&r->prefixes);

	while (!err && (err = op25b_spool_next(&r->prefixes, &e)) > 0) {
		if (e.action < __OP25B_ACTION_MAX)
			r->scope[e.family == AF_INET6][e.action]++;
		r->ending += ends(&e);
		err = 0;
	}
	return err;
}

/* Those that tried most servers first: that is what a bot does. */
static int by_destinations(const void *a, const void *b)
{
	const struct op25b_offender *p = a, *q = b;

	if (p->destinations != q->destinations)
		return p->destinations < q->destinations ? 1 : -1;
	if (p->attempts != q->attempts)
		return p->attempts < q->attempts ? 1 : -1;
	return 0;
}

static int read_all(struct op25b_ctx *ctx, struct report *r)
{
	const struct op25b_select all = { 0 };
	int err = op25b_stats_read(ctx, &r->stats);

	/* A list that changes all the time is told as it was read. */
	if (!err)
		err = op25b_entry_dump(ctx, &op25b_prefix_kind, &all,
				       &r->prefixes);
	if (r->prefixes.error)
		return op25b_copy_failed(ctx, r->prefixes.error);
	if (!err || err == -EAGAIN)
		err = op25b_offenders_read(ctx, OP25B_OFFENDERS_MAX,
					   &r->offenders);
	if (err)
		return op25b_nl_refused(ctx, "report");
	if (r->offenders.n)
		qsort(r->offenders.list, r->offenders.n,
		      sizeof(*r->offenders.list), by_destinations);
	err = count_scope(r);
	return err ? op25b_copy_failed(ctx, err) : OP25B_DONE;
}

static void print_head(const struct op25b_ctx *ctx, const struct report *r)
{
	struct op25b_out *out = ctx->out;
	const uint64_t *get = r->stats.get;

	op25b_out_time(out, "time", "report %s", time(NULL));
	op25b_out_str(out, "host", " host %s", r->host);
	if (ctx->netns)
		op25b_out_str(out, "netns", " netns %s", ctx->netns);
	op25b_out_str(out, "mode", "\nmode %s",
		      op25b_word_of(op25b_mode_words, get[OP25B_A_MODE]));
	op25b_out_str(out, "reject", " reject %s",
		      op25b_word_of(op25b_reject_words, get[OP25B_A_REJECT]));
	op25b_out_u64(out, "generation", " generation %llu\n",
		      get[OP25B_A_GENERATION]);
}

static void print_scope(struct op25b_out *out, const struct report *r)
{
	static const char * const families[] = { "ipv4", "ipv6" };
	int family, action;

	op25b_out_obj_open(out, "scope");
	for (family = 0; family < 2; family++) {
		op25b_out_obj_open(out, families[family]);
		op25b_out_text(out, "scope %s", families[family]);
		for (action = 1; action < __OP25B_ACTION_MAX; action++) {
			const char *word = op25b_word_of(op25b_action_words,
							 action);

			op25b_out_text(out, " %s", word);
			op25b_out_u64(out, word, " %llu",
				      r->scope[family][action]);
		}
		op25b_out_text(out, "\n");
		op25b_out_obj_close(out);
	}
	op25b_out_u64(out, "relays", "scope relays %llu\n",
		      r->stats.get[OP25B_A_RELAY_COUNT]);
	op25b_out_obj_close(out);
}

static void print_counts(struct op25b_out *out, const struct report *r)
{
	const uint64_t *c = r->stats.counter;

	op25b_out_obj_open(out, "counts");
	op25b_out_u64(out, "blocked", "blocked packets %llu",
		      c[OP25B_COUNTER_BLOCK] +
		      c[OP25B_COUNTER_BLOCK_MALFORMED] +
		      c[OP25B_COUNTER_BLOCK_REVERSE]);
	op25b_out_u64(out, "blocked_syns", " syns %llu\n",
		      c[OP25B_COUNTER_BLOCK_SYN]);
	op25b_out_u64(out, "would_block", "would-block packets %llu",
		      c[OP25B_COUNTER_WOULD_BLOCK] +
		      c[OP25B_COUNTER_WOULD_BLOCK_MALFORMED] +
		      c[OP25B_COUNTER_WOULD_BLOCK_REVERSE]);
	op25b_out_u64(out, "would_block_syns", " syns %llu\n",
		      c[OP25B_COUNTER_WOULD_BLOCK_SYN]);
	op25b_out_u64(out, "exempt", "passed exempt %llu",
		      c[OP25B_COUNTER_PASS_EXEMPT]);
	op25b_out_u64(out, "relay", " relay %llu",
		      c[OP25B_COUNTER_PASS_RELAY]);
	op25b_out_u64(out, "unlisted", " unlisted %llu\n",
		      c[OP25B_COUNTER_PASS_UNLISTED]);
	op25b_out_obj_close(out);
}

/* Return: 0 or -errno of the spool */
static int print_exemptions(struct op25b_out *out, struct report *r)
{
	uint64_t all = r->scope[0][OP25B_ACTION_EXEMPT] +
		       r->scope[1][OP25B_ACTION_EXEMPT];
	struct op25b_entry e;
	int err;

	op25b_out_u64(out, "exemptions_without_end",
		      "exemptions without-end %llu", all - r->ending);
	op25b_out_text(out, " with-end %llu\n", (unsigned long long)r->ending);
	op25b_out_list_open(out, "exemptions");
	err = op25b_spool_rewind(&r->prefixes);
	while (!err && (err = op25b_spool_next(&r->prefixes, &e)) > 0) {
		err = 0;
		if (!ends(&e))
			continue;
		op25b_out_obj_open(out, NULL);
		op25b_out_text(out, "exemption ");
		op25b_entry_print(out, &op25b_prefix_kind, &e);
		op25b_out_obj_close(out);
	}
	op25b_out_list_close(out);
	return err;
}

static void print_offenders(struct op25b_out *out, const struct report *r)
{
	size_t i;

	op25b_out_list_open(out, "offenders");
	for (i = 0; i < r->offenders.n && i < r->count; i++) {
		const struct op25b_offender *o = &r->offenders.list[i];

		op25b_out_obj_open(out, NULL);
		op25b_out_text(out, "offender");
		op25b_offender_print_fields(out, o);
		op25b_out_time(out, "last_seen", " last-seen %s\n",
			       o->last_seen);
		op25b_out_obj_close(out);
	}
	op25b_out_list_close(out);
}

static int print(struct op25b_ctx *ctx, struct report *r)
{
	int err;

	op25b_out_obj_open(ctx->out, NULL);
	print_head(ctx, r);
	print_scope(ctx->out, r);
	print_counts(ctx->out, r);
	err = print_exemptions(ctx->out, r);
	print_offenders(ctx->out, r);
	op25b_out_obj_close(ctx->out);
	return err ? op25b_copy_failed(ctx, err) : OP25B_DONE;
}

static int parse(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
		 struct report *r)
{
	int64_t count = n ? op25b_parse_number(w, OP25B_OFFENDERS_MAX) :
			    DEFAULT_COUNT;
	char q[OP25B_QUOTE];

	if (count <= 0)
		return op25b_fail(ctx, OP25B_USAGE,
				  "report: %s: expected a number of sources from 1 to %u",
				  op25b_quote(w, q), OP25B_OFFENDERS_MAX);
	r->count = count;
	return n > 1 ? op25b_surplus(ctx, &w[1]) : OP25B_DONE;
}

static int report(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct report r = { 0 };
	int ret = parse(ctx, w, n, &r);

	if (!ret)
		ret = op25b_nl_open(ctx);
	if (ret)
		return ret;
	if (op25b_spool_init(&r.prefixes))
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	gethostname(r.host, sizeof(r.host) - 1);
	ret = read_all(ctx, &r);
	if (!ret)
		ret = print(ctx, &r);
	op25b_spool_free(&r.prefixes);
	op25b_offenders_free(&r.offenders);
	return ret;
}

static const struct op25b_verb verbs[] = {
	{ NULL, "[NUMBER]",
	  "summarize it, with so many of the sources that tried most servers (20)",
	  report },
	{ 0 }
};

const struct op25b_object op25b_report_object = {
	.name	= "report",
	.help	= "a dated summary, for the files of an abuse desk",
	.notes	=
		"What is covered, what was blocked since `stats reset`, which exemptions end\n"
		"when, and the offenders, those that tried most servers first. Counts of\n"
		"packets have all reasons together.\n",
	.verbs	= verbs,
};
