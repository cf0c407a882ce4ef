// SPDX-License-Identifier: GPL-2.0
/* The first pass over a configuration file: every line is read and judged, no
 * kernel is asked.
 */
#include <stdio.h>
#include <string.h>

#include "addr.h"
#include "dup.h"
#include "grammar.h"
#include "load.h"

struct check {
	struct op25b_reader *r;
	struct op25b_summary *sum;
	struct op25b_dup dup;
	unsigned long bad;
};

static void bad_line(struct check *c, const char *text)
{
	if (c->bad++ < OP25B_BAD_SHOWN)
		op25b_reader_complain(c->r, c->r->line, text);
}

static void check_knob(struct check *c, const struct op25b_stmt *st)
{
	int id = st->knob - op25b_knobs;
	struct op25b_err err;

	if (c->sum->knobs.given[id]) {
		op25b_err(&err,
			  "second %s: expected it once, and it stands in line %lu",
			  st->knob->name, c->sum->knob_line[id]);
		bad_line(c, err.text);
		return;
	}
	c->sum->knobs.given[id] = true;
	c->sum->knobs.value[id] = st->value;
	c->sum->knob_line[id] = c->r->line;
}

static void check_entry(struct check *c, const struct op25b_stmt *st)
{
	unsigned long first = op25b_dup_add(&c->dup, st->kind, &st->entry);
	char t[OP25B_ADDR_TEXT];
	struct op25b_err err;

	if (first) {
		op25b_err(&err,
			  "second %s %s: expected it once, and it stands in line %lu",
			  st->kind->name,
			  op25b_entry_text(st->kind, &st->entry, t), first);
		bad_line(c, err.text);
		return;
	}
	if (st->kind->is_prefix)
		c->sum->prefixes++;
	else
		c->sum->relays++;
}

static void check_line(struct check *c, int found, char *s, size_t len)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	struct op25b_stmt st;
	struct op25b_err err;
	int n;

	if (found == OP25B_LINE_LONG) {
		op25b_err(&err, "line too long: expected at most %d bytes",
			  OP25B_LINE_MAX);
		bad_line(c, err.text);
		return;
	}
	n = op25b_split(s, len, w, &err);
	if (!n)
		return;
	if (n < 0 || op25b_parse_stmt(w, n, &st, &err))
		bad_line(c, err.text);
	else if (st.kind)
		check_entry(c, &st);
	else
		check_knob(c, &st);
}

static int conclude(struct op25b_ctx *ctx, struct check *c)
{
	/* A mode that cannot be read has been complained about already. */
	if (!c->bad && !c->sum->knobs.given[OP25B_KNOB_MODE]) {
		op25b_complain(ctx,
			       "%s: no mode: expected a line \"mode off\", \"mode monitor\" or \"mode enforce\"",
			       c->r->name);
		return OP25B_USAGE;
	}
	if (c->bad > OP25B_BAD_SHOWN)
		op25b_complain(ctx, "%s: %lu bad lines, the first %d shown",
			       c->r->name, c->bad, OP25B_BAD_SHOWN);
	return c->bad ? OP25B_USAGE : OP25B_DONE;
}

int op25b_load_check(struct op25b_ctx *ctx, struct op25b_reader *r,
		     struct op25b_summary *sum)
{
	struct check c = { .r = r, .sum = sum };
	size_t len;
	int found;
	char *s;

	memset(sum, 0, sizeof(*sum));
	found = op25b_dup_init(&c.dup, r);
	while (found >= 0 && (found = op25b_reader_next(r, &s, &len)) > 0)
		check_line(&c, found, s, len);
	op25b_dup_free(&c.dup);
	if (found < 0) {
		op25b_complain(ctx, "cannot read %s: %s", r->name,
			       strerror(-found));
		return OP25B_USAGE;
	}
	return conclude(ctx, &c);
}
