// SPDX-License-Identifier: GPL-2.0
/* Subscribers that look like mail servers, as lines for the configuration. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "files/sort.h"
#include "kernel/netlink.h"
#include "kernel/offender.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "words/when.h"
#include "print.h"
#include "say.h"

#define DEFAULT_DESTINATIONS	5
#define MAX_DESTINATIONS	3490	/* what the estimate comes to */
#define DEFAULT_SECONDS		86400
#define DEFAULT_ATTEMPTS	10

/**
 * struct learn - what a source has to be like
 * @destinations: servers that it tried, at most
 * @attempts: at least
 * @seconds: between its first and its last attempt, at least, and since the
 *	last one, at most
 */
struct learn {
	uint32_t destinations;
	uint32_t attempts;
	uint32_t seconds;
};

/* A bot tries many servers, and what is seen for a moment is no server. What
 * is blocked or exempt already is decided.
 */
static bool looks_steady(const struct learn *l, const struct op25b_offender *o,
			 uint64_t now)
{
	return o->watched && o->destinations <= l->destinations &&
	       o->attempts >= l->attempts &&
	       o->last_seen - o->first_seen >= l->seconds &&
	       o->last_seen + l->seconds >= now;
}

static int by_address(const void *a, const void *b)
{
	const struct op25b_offender *p = a, *q = b;
	struct op25b_entry e = { .family = p->family, .len = p->len };
	struct op25b_entry f = { .family = q->family, .len = q->len };

	memcpy(e.addr, p->addr, sizeof(e.addr));
	memcpy(f.addr, q->addr, sizeof(f.addr));
	return op25b_entry_order(&e, &f);
}

static void print_one(struct op25b_out *out, const struct op25b_offender *o)
{
	char t[OP25B_ADDR_TEXT];

	op25b_out_obj_open(out, NULL);
	op25b_out_str(out, "prefix", "prefix %s exempt",
		      op25b_prefix_text(o->addr, o->family, o->len, t));
	op25b_out_u64(out, "destinations",
		      " comment \"learned: destinations %llu",
		      o->destinations);
	op25b_out_u64(out, "attempts", ", attempts %llu", o->attempts);
	op25b_out_time(out, "first_seen", ", from %s", o->first_seen);
	op25b_out_time(out, "last_seen", " to %s\"\n", o->last_seen);
	op25b_out_obj_close(out);
}

static void print(struct op25b_out *out, const struct learn *l,
		  const struct op25b_offenders *all)
{
	uint64_t now = time(NULL);
	size_t i;

	op25b_out_list_open(out, NULL);
	for (i = 0; i < all->n; i++)
		if (looks_steady(l, &all->list[i], now))
			print_one(out, &all->list[i]);
	op25b_out_list_close(out);
}

static int read_number(struct op25b_ctx *ctx, const struct op25b_word *w,
		       int n, uint32_t max, uint32_t *value)
{
	int64_t v = n > 1 ? op25b_parse_number(&w[1], max) : 0;

	*value = v;
	if (v > 0)
		return OP25B_DONE;
	return op25b_fail(ctx, OP25B_USAGE,
			  "learn: %.*s: expected a number from 1 to %u",
			  (int)w->len, w->s, max);
}

static int read_duration(struct op25b_ctx *ctx, const struct op25b_word *w,
			 int n, uint32_t *seconds)
{
	struct op25b_err err;

	if (n < 2)
		return op25b_fail(ctx, OP25B_USAGE,
				  "learn: over: expected a duration");
	if (op25b_parse_duration(&w[1], seconds, &err))
		return op25b_fail(ctx, OP25B_USAGE, "learn: %s", err.text);
	return OP25B_DONE;
}

static int parse(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
		 struct learn *l)
{
	int ret = OP25B_DONE;

	for (; n > 0 && !ret; w += 2, n -= 2) {
		if (op25b_is(w, "destinations"))
			ret = read_number(ctx, w, n, MAX_DESTINATIONS,
					  &l->destinations);
		else if (op25b_is(w, "attempts"))
			ret = read_number(ctx, w, n, UINT32_MAX, &l->attempts);
		else if (op25b_is(w, "over"))
			ret = read_duration(ctx, w, n, &l->seconds);
		else
			return op25b_surplus(ctx, w);
	}
	return ret;
}

static int learn(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct learn l = {
		.destinations = DEFAULT_DESTINATIONS,
		.attempts = DEFAULT_ATTEMPTS,
		.seconds = DEFAULT_SECONDS,
	};
	struct op25b_offenders all = { 0 };
	int ret = parse(ctx, w, n, &l);

	if (!ret)
		ret = op25b_nl_open(ctx);
	if (ret)
		return ret;
	if (op25b_offenders_read(ctx, OP25B_OFFENDERS_MAX, &all)) {
		ret = op25b_nl_refused(ctx, "learn");
	} else {
		if (all.n)
			qsort(all.list, all.n, sizeof(*all.list), by_address);
		print(ctx->out, &l, &all);
	}
	op25b_offenders_free(&all);
	return ret;
}

static const struct op25b_verb verbs[] = {
	{ NULL, "[destinations NUMBER|attempts NUMBER|over DURATION]...",
	  "print sources that look like mail servers as lines of a file",
	  learn },
	{ 0 }
};

const struct op25b_object op25b_learn_object = {
	.name	= "learn",
	.help	= "who might need an exemption, before mode enforce",
	.notes	=
		"Sources that would be blocked, in mode monitor or by a prefix that says so,\n"
		"which have tried at most so many servers (destinations, 5), at least so often\n"
		"(attempts, 10), over at least this time and again within it (1d). Look at\n"
		"each: a bot that sends through one server looks the same.\n",
	.verbs	= verbs,
};
