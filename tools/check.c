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

/* Lines read before the first of them is judged: as many as it takes to hide
 * the way to memory of their slots in the hash.
 */
#define BLOCK	32

/* A line that is not empty. */
struct line {
	unsigned long number;
	uint64_t start;
	uint64_t hash;
	bool bad;
	struct op25b_stmt st;
	struct op25b_err err;
};

struct check {
	struct op25b_reader *r;
	struct op25b_summary *sum;
	struct op25b_dup dup;
	unsigned long bad;
	struct line block[BLOCK];
};

static void bad_line(struct check *c, const struct line *l, const char *text)
{
	if (c->bad++ < OP25B_BAD_SHOWN)
		op25b_reader_complain(c->r, l->number, text);
}

static void judge_knob(struct check *c, const struct line *l)
{
	int id = l->st.knob - op25b_knobs;
	struct op25b_err err;

	if (c->sum->knobs.given[id]) {
		op25b_err(&err,
			  "second %s: expected it once, and it stands in line %lu",
			  l->st.knob->name, c->sum->knob_line[id]);
		bad_line(c, l, err.text);
		return;
	}
	c->sum->knobs.given[id] = true;
	c->sum->knobs.value[id] = l->st.value;
	c->sum->knob_line[id] = l->number;
}

static void judge_entry(struct check *c, const struct line *l)
{
	const struct op25b_stmt *st = &l->st;
	char t[OP25B_ADDR_TEXT];
	struct op25b_err err;
	unsigned long first;

	first = op25b_dup_add(&c->dup, st->kind, &st->entry, l->hash,
			      l->start);
	if (first) {
		op25b_err(&err,
			  "second %s %s: expected it once, and it stands in line %lu",
			  st->kind->name,
			  op25b_entry_text(st->kind, &st->entry, t), first);
		bad_line(c, l, err.text);
		return;
	}
	if (st->kind->is_prefix)
		c->sum->prefixes++;
	else
		c->sum->relays++;
}

static void judge_line(struct check *c, const struct line *l)
{
	if (l->bad)
		bad_line(c, l, l->err.text);
	else if (l->st.kind)
		judge_entry(c, l);
	else
		judge_knob(c, l);
}

/* Reads a line's words into @l. Return: false if it is empty */
static bool parse_line(struct check *c, struct line *l, int found, char *s,
		       size_t len)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	int n = -1;

	l->number = c->r->line;
	l->start = c->r->start;
	if (found == OP25B_LINE_LONG)
		op25b_err(&l->err, "line too long: expected at most %d bytes",
			  OP25B_LINE_MAX);
	else
		n = op25b_split(s, len, w, &l->err);
	l->bad = n < 0 || (n && op25b_parse_stmt(w, n, &l->st, &l->err));
	if (!l->bad && n && l->st.kind)
		l->hash = op25b_dup_hash(&c->dup, l->st.kind, &l->st.entry);
	return n;
}

/* Reads and judges a block. Return: as op25b_reader_next() */
static int check_block(struct check *c)
{
	int found = OP25B_LINE_TEXT, n = 0, i;
	size_t len;
	char *s;

	while (n < BLOCK &&
	       (found = op25b_reader_next(c->r, &s, &len)) > 0)
		n += parse_line(c, &c->block[n], found, s, len);
	for (i = 0; i < n; i++)
		judge_line(c, &c->block[i]);
	return found;
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
	int found;

	memset(sum, 0, sizeof(*sum));
	found = op25b_dup_init(&c.dup, r);
	if (!found)
		do {
			found = check_block(&c);
		} while (found > 0);
	op25b_dup_free(&c.dup);
	if (found < 0) {
		op25b_complain(ctx, "cannot read %s: %s", r->name,
			       strerror(-found));
		return OP25B_USAGE;
	}
	return conclude(ctx, &c);
}
