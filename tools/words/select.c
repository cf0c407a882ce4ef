// SPDX-License-Identifier: GPL-2.0
/* Which entries a list shows. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "words/addr.h"
#include "words/select.h"
#include "words/when.h"
#include "say.h"

static int twice(const char *word, struct op25b_err *err)
{
	return op25b_err(err, "%s: expected it once", word);
}

static int parse_within(const struct op25b_word *w, struct op25b_select *sel,
			struct op25b_err *err)
{
	return sel->within.family ? twice("within", err) :
	       op25b_parse_key(&op25b_prefix_kind, w, 1, &sel->within, err);
}

static int parse_covering(const struct op25b_word *w, struct op25b_select *sel,
			  struct op25b_err *err)
{
	struct op25b_entry *e = &sel->covering;
	char q[OP25B_QUOTE];

	if (e->family)
		return twice("covering", err);
	e->family = op25b_addr_parse(w->s, w->len, e->addr);
	if (!e->family)
		return op25b_err(err, "%s: expected an IPv4 or IPv6 address",
				 op25b_quote(w, q));
	e->len = op25b_addr_bits(e->family);
	return 0;
}

static int parse_comment(const struct op25b_word *w, struct op25b_select *sel,
			 struct op25b_err *err)
{
	if (sel->comment)
		return twice("comment", err);
	sel->comment = strndup(w->s, w->len);
	return sel->comment ? 0 : op25b_err(err, "out of memory");
}

static int parse_expiring(const struct op25b_word *w, struct op25b_select *sel,
			  struct op25b_err *err)
{
	uint32_t seconds;

	if (sel->expiring)
		return twice("expiring", err);
	if (op25b_parse_duration(w, &seconds, err))
		return -1;
	sel->expiring = time(NULL) + (uint64_t)seconds;
	return 0;
}

static int parse_seen(const struct op25b_word *w, struct op25b_select *sel,
		      struct op25b_err *err)
{
	uint64_t now = time(NULL);
	uint32_t seconds;

	if (sel->seen)
		return twice("seen", err);
	if (op25b_parse_duration(w, &seconds, err))
		return -1;
	sel->seen = seconds < now ? now - seconds : 1;
	return 0;
}

static int parse_origin(const struct op25b_word *w, struct op25b_select *sel,
			struct op25b_err *err)
{
	if (sel->origin)
		return twice("origin", err);
	return op25b_parse_origin_word(w, &sel->origin, err);
}

/* The words that have an argument. @prefixes: relays have it not */
static const struct {
	const char *word;
	bool prefixes;
	const char *expected;
	int (*parse)(const struct op25b_word *w, struct op25b_select *sel,
		     struct op25b_err *err);
} words[] = {
	{ "within", true, "a prefix", parse_within },
	{ "covering", true, "an address", parse_covering },
	{ "comment", false, "a text", parse_comment },
	{ "expiring", true, "a duration", parse_expiring },
	{ "seen", false, "a duration", parse_seen },
	{ "origin", false, "config, session or bgp", parse_origin },
};

/* A word that has no argument. Return: 0, or -1 with @err set */
static int parse_alone(const struct op25b_kind *kind,
		       const struct op25b_word *w, struct op25b_select *sel,
		       struct op25b_err *err)
{
	int action = kind->is_prefix ? op25b_word_find(op25b_action_words, w) :
				       -1;
	char q[OP25B_QUOTE];

	if (op25b_is(w, "count") && !sel->count) {
		sel->count = true;
		return 0;
	}
	if (action >= OP25B_ACTION_BLOCK && !sel->action) {
		sel->action = action;
		return 0;
	}
	return op25b_err(err,
			 "%s: expected %scomment, seen, origin, count or the end",
			 op25b_quote(w, q), kind->is_prefix ?
			 "one action, within, covering, expiring, " : "");
}

/* Return: the number of words read, or -1 with @err set */
static int parse_one(const struct op25b_kind *kind, const struct op25b_word *w,
		     int n, struct op25b_select *sel, struct op25b_err *err)
{
	size_t i;

	for (i = 0; i < OP25B_ARRAY_SIZE(words); i++)
		if (op25b_is(w, words[i].word) &&
		    (kind->is_prefix || !words[i].prefixes))
			break;
	if (i == OP25B_ARRAY_SIZE(words))
		return parse_alone(kind, w, sel, err) ? -1 : 1;
	if (n < 2)
		return op25b_err(err, "%s: expected %s behind it",
				 words[i].word, words[i].expected);
	return words[i].parse(&w[1], sel, err) ? -1 : 2;
}

int op25b_parse_select(const struct op25b_kind *kind,
		       const struct op25b_word *w, int n,
		       struct op25b_select *sel, struct op25b_err *err)
{
	int used;

	for (; n; w += used, n -= used) {
		used = parse_one(kind, w, n, sel, err);
		if (used < 0)
			return -1;
	}
	return 0;
}

void op25b_select_free(struct op25b_select *sel)
{
	free(sel->comment);
}

bool op25b_select_has(const struct op25b_select *sel,
		      const struct op25b_entry *e)
{
	return (!sel->comment || strstr(e->comment, sel->comment)) &&
	       (!sel->expiring ||
		(e->expires && e->expires <= sel->expiring)) &&
	       (!sel->seen || e->last_seen >= sel->seen);
}
