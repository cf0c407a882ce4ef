// SPDX-License-Identifier: GPL-2.0
/* The first pass over configuration files: every statement is read and
 * judged, no kernel is asked.
 */
#include <stdio.h>
#include <string.h>

#include "conf/advise.h"
#include "conf/cover.h"
#include "conf/load.h"
#include "files/dup.h"
#include "kernel/state.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "words/when.h"
#include "say.h"

/* Statements read before the first of them is judged: as many as it takes to
 * hide the way to memory of their slots in the hash.
 */
#define BLOCK	32

/* A statement. */
struct stmt {
	struct op25b_place at;
	uint64_t start;
	uint64_t hash;
	bool bad;
	struct op25b_stmt st;
	struct op25b_err err;
};

/**
 * struct check - a check of files
 * @bad: bad lines
 * @block_size: what prefixes to block hold, as if they were apart, up to
 *	OP25B_COVER_ENOUGH
 * @widest: length of the shortest of them
 */
struct check {
	struct op25b_ctx *ctx;
	struct op25b_source *s;
	struct op25b_summary *sum;
	struct op25b_warnings *ws;
	struct op25b_dup dup;
	bool twice;
	unsigned long bad;
	uint64_t block_size[2];
	uint8_t widest[2];
	struct stmt block[BLOCK];
};

static void bad_stmt(struct check *c, const struct stmt *l, const char *text)
{
	struct op25b_ctx at;

	if (c->bad++ >= OP25B_BAD_SHOWN)
		return;
	at = op25b_source_ctx(c->ctx, c->s, l->at);
	op25b_complain(&at, "%s", text);
}

/* @what has been seen at @first. */
static void complain_twice(struct check *c, const struct stmt *l,
			   const char *what, struct op25b_place first)
{
	struct op25b_err err;
	char where[200];

	op25b_err(&err, "second %s: expected it once, and it stands in %s",
		  what, op25b_source_where(c->s, l->at, first, where,
					   sizeof(where)));
	bad_stmt(c, l, err.text);
}

static void judge_knob(struct check *c, const struct stmt *l)
{
	int id = l->st.knob - op25b_knobs;

	if (c->sum->knobs.given[id]) {
		complain_twice(c, l, l->st.knob->name, c->sum->knob_at[id]);
		return;
	}
	c->sum->knobs.given[id] = true;
	c->sum->knobs.value[id] = l->st.value;
	c->sum->knob_at[id] = l->at;
}

static void count(struct check *c, const struct stmt *l)
{
	const struct op25b_entry *e = &l->st.entry;
	bool v6 = e->family != 2 /* AF_INET */;

	if (!l->st.kind->is_prefix) {
		c->sum->relays++;
		return;
	}
	c->sum->prefixes[v6]++;
	if (e->action != OP25B_ACTION_BLOCK)
		return;
	if (c->block_size[v6] < OP25B_COVER_ENOUGH)
		c->block_size[v6] += op25b_cover_size(e);
	if (!c->sum->widest[v6].line || e->len < c->widest[v6]) {
		c->widest[v6] = e->len;
		c->sum->widest[v6] = l->at;
	}
}

static void judge_entry(struct check *c, const struct stmt *l)
{
	const struct op25b_stmt *st = &l->st;
	char t[OP25B_ADDR_TEXT], what[80], end[OP25B_WHEN_TEXT];
	bool past = op25b_source_past(c->s, &st->entry), twice;
	bool shown = c->bad < OP25B_BAD_SHOWN;
	struct op25b_ctx at;
	uint64_t first;

	if (past && op25b_warned_enough(c->ws))
		return;
	twice = c->twice && !past &&
		op25b_dup_add(&c->dup, st->kind, &st->entry, l->hash, l->start,
			      shown, &first);
	/* Where the first one stands takes time to find. */
	if (twice && !shown) {
		c->bad++;
		return;
	}
	at = op25b_source_ctx(c->ctx, c->s, l->at);
	if (!twice && !past) {
		count(c, l);
		op25b_advise_never(&at, c->ws, st->kind, &st->entry);
		return;
	}
	snprintf(what, sizeof(what), "%s %s", st->kind->name,
		 op25b_entry_text(st->kind, &st->entry, t));
	if (twice) {
		complain_twice(c, l, what, op25b_source_place(c->s, first));
		return;
	}
	op25b_warn_entry(c->ws, &at, "%s is left out: its end, %s, is past",
			 what, op25b_time_text(st->entry.expires, end));
}

static void judge(struct check *c, const struct stmt *l)
{
	if (l->bad)
		bad_stmt(c, l, l->err.text);
	else if (l->st.kind)
		judge_entry(c, l);
	else
		judge_knob(c, l);
}

/* Reads and judges a block. Return: as op25b_source_next() */
static int check_block(struct check *c)
{
	/* What is not shown is not written either: it would take time. */
	bool shown = c->bad < OP25B_BAD_SHOWN;
	int found = OP25B_FOUND_END, n = 0, i;

	while (n < BLOCK) {
		struct stmt *l = &c->block[n];

		found = op25b_source_next(c->s, &l->st,
					  shown ? &l->err : NULL);
		if (found <= 0)
			break;
		l->at = c->s->at;
		l->start = c->s->start;
		l->bad = found == OP25B_FOUND_BAD;
		if (c->twice && !l->bad && l->st.kind)
			l->hash = op25b_dup_hash(&c->dup, l->st.kind,
						 &l->st.entry);
		n++;
	}
	for (i = 0; i < n; i++)
		judge(c, &c->block[i]);
	return found;
}

/* Finds out how much is blocked, if it can be much: that takes another pass.
 * Return: 0 or -errno
 */
static int measure(struct check *c)
{
	struct op25b_cover cover = { 0 };
	int v6, err;

	for (v6 = 0; v6 < 2; v6++)
		c->sum->blocked[v6] =
			op25b_cover_percent(c->block_size[v6], v6);
	if (c->bad || (!op25b_cover_grade(c->sum->blocked[0]) &&
		       !op25b_cover_grade(c->sum->blocked[1])))
		return 0;
	err = op25b_cover_files(&cover, c->s);
	for (v6 = 0; v6 < 2; v6++)
		c->sum->blocked[v6] =
			op25b_cover_percent(cover.blocked[v6], v6);
	return err;
}

static int conclude(struct check *c)
{
	const char *name = op25b_source_name(c->s, 0);
	int i;

	/* A mode that cannot be read has been complained about already. */
	if (!c->bad && !c->s->entries &&
	    !c->sum->knobs.given[OP25B_KNOB_MODE])
		return op25b_fail(c->ctx, OP25B_USAGE,
				  "%s: no mode: expected a line \"mode off\", \"mode monitor\" or \"mode enforce\"",
				  name);
	for (i = 0; i < OP25B_KNOBS; i++)
		if (!c->sum->knobs.given[i])
			c->sum->knobs.value[i] = op25b_knobs[i].def;
	if (c->bad > OP25B_BAD_SHOWN)
		op25b_complain(c->ctx, "%s: %lu bad lines, the first %d shown",
			       name, c->bad, OP25B_BAD_SHOWN);
	return c->bad ? OP25B_USAGE : OP25B_DONE;
}

int op25b_load_check(struct op25b_ctx *ctx, struct op25b_source *s,
		     struct op25b_summary *sum, struct op25b_warnings *ws,
		     bool twice)
{
	struct check c = {
		.ctx = ctx, .s = s, .sum = sum, .ws = ws, .twice = twice,
	};
	int found;

	memset(sum, 0, sizeof(*sum));
	found = op25b_source_rewind(s);
	if (!found && twice)
		found = op25b_dup_init(&c.dup, s);
	if (!found)
		do {
			found = check_block(&c);
		} while (found > 0);
	op25b_dup_free(&c.dup);
	if (!found) {
		found = measure(&c);
		if (found)
			return op25b_copy_failed(ctx, found);
	}
	if (found < 0)
		return op25b_fail(ctx, OP25B_USAGE, "cannot read %s: %s",
				  op25b_source_name(s, s->at.file),
				  strerror(-found));
	return conclude(&c);
}
