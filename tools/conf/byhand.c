// SPDX-License-Identifier: GPL-2.0
/*
 * What was added by hand, in a file that the configuration includes. Once that
 * is applied, it is by hand no more: so what an earlier call wrote stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/compare.h"
#include "conf/overwrite.h"
#include "files/save.h"
#include "files/sort.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "print.h"
#include "say.h"

/**
 * struct change - an entry of the file that is not so in force
 * @key: it
 * @gone: it is not in force at all
 * @now: otherwise, as it is in force
 * @met: in the file itself, not in one that it includes
 */
struct change {
	const struct op25b_kind *kind;
	struct op25b_entry key, now;
	bool gone, met;
};

/**
 * struct by_hand - what is in force and what the file has
 * @out: entries that it has not
 * @added: how many
 * @kept: entries that are not so in force, which nobody changed by hand
 */
struct by_hand {
	struct op25b_ctx *ctx;
	const char *name;
	bool force;
	struct op25b_out out;
	unsigned long added, kept;
	struct change *change;
	size_t n, room;
	bool full;
};

static void add_change(struct by_hand *h, const struct op25b_kind *kind,
		       const struct op25b_entry *old,
		       const struct op25b_entry *new)
{
	struct change *c;

	if (h->n == h->room) {
		h->room = h->room ? 2 * h->room : 16;
		c = reallocarray(h->change, h->room, sizeof(*c));
		h->full |= !c;
		if (!c)
			return;
		h->change = c;
	}
	c = &h->change[h->n++];
	memset(c, 0, sizeof(*c));
	c->kind = kind;
	c->key = *new;
	c->gone = !old;
	if (old)
		c->now = *old;
}

static void pair(const struct op25b_kind *kind, const struct op25b_entry *old,
		 const struct op25b_entry *new, void *arg)
{
	char t[OP25B_ADDR_TEXT];
	struct by_hand *h = arg;

	if (!new) {
		h->added += old->by_hand;
		if (old->by_hand)
			op25b_entry_print_config(&h->out, kind, old);
		return;
	}
	if (old && !op25b_entry_differs(old, new))
		return;
	if (!h->force && !(old && old->by_hand)) {
		h->kept++;
		op25b_complain(h->ctx, "%s: in it and not%s in force: %s %s",
			       h->name, old ? " so" : "", kind->name,
			       op25b_entry_text(kind, new, t));
	}
	if (!h->full)
		add_change(h, kind, old, new);
}

static struct change *find(struct by_hand *h, char *text, size_t len)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	struct op25b_stmt st;
	size_t i;
	int n;

	n = op25b_split(text, len, w, NULL);
	if (n <= 0 || op25b_parse_stmt(w, n, &st, NULL) || !st.kind)
		return NULL;
	for (i = 0; i < h->n; i++)
		if (h->change[i].kind == st.kind &&
		    !op25b_entry_order(&h->change[i].key, &st.entry))
			return &h->change[i];
	return NULL;
}

/* Copies the file, but for what is changed. */
static int copy_lines(struct by_hand *h, FILE *to)
{
	struct op25b_out out = { .f = to };
	char copy[OP25B_LINE_MAX];
	struct op25b_reader r;
	struct change *c;
	size_t len;
	char *text;
	int ret;

	ret = op25b_reader_open(h->ctx, &r, h->name, true);
	if (ret)
		return ret;
	while (op25b_reader_next(&r, &text, &len) == OP25B_LINE_TEXT) {
		memcpy(copy, text, len);
		c = find(h, copy, len);
		if (c)
			c->met = true;
		if (!c)
			fprintf(to, "%.*s\n", (int)len, text);
		else if (!c->gone)
			op25b_entry_print_config(&out, c->kind, &c->now);
	}
	op25b_reader_close(&r);
	return OP25B_DONE;
}

/* All that is changed has to be in the file itself. */
static int all_met(const struct by_hand *h)
{
	char t[OP25B_ADDR_TEXT];
	size_t i;

	for (i = 0; i < h->n; i++)
		if (!h->change[i].met)
			return op25b_fail(h->ctx, OP25B_REFUSED,
					  "%s: %s %s is in a file that it includes, and not so in force; nothing is written",
					  h->name, h->change[i].kind->name,
					  op25b_entry_text(h->change[i].kind,
							   &h->change[i].key,
							   t));
	return OP25B_DONE;
}

static int write_file(struct by_hand *h, bool there, const char *added)
{
	unsigned long gone = 0;
	struct op25b_save sv;
	size_t i;
	int ret;

	ret = op25b_save_begin(h->ctx, &sv, h->name);
	if (ret)
		return ret;
	if (there)
		ret = copy_lines(h, sv.f);
	if (!ret)
		ret = all_met(h);
	if (!ret)
		fputs(added, sv.f);
	ret = op25b_save_end(h->ctx, &sv, ret);
	for (i = 0; i < h->n; i++)
		gone += h->change[i].gone;
	if (!ret)
		op25b_complain(h->ctx,
			       "%s: entries added: %lu, changed: %lu, taken out: %lu",
			       h->name, h->added, (unsigned long)(h->n - gone),
			       gone);
	return ret;
}

/* Reads all statements. Return: OP25B_DONE, or OP25B_USAGE after saying which
 * of them are bad
 */
static int check(struct op25b_ctx *ctx, struct op25b_source *s)
{
	struct op25b_ctx at;
	struct op25b_stmt st;
	struct op25b_err err;
	int found, ret = OP25B_DONE;

	while ((found = op25b_source_next(s, &st, &err)) > OP25B_FOUND_END) {
		if (found != OP25B_FOUND_BAD)
			continue;
		at = op25b_source_ctx(ctx, s, s->at);
		ret = op25b_fail(&at, OP25B_USAGE, "%s", err.text);
	}
	return found ? op25b_source_changed(ctx, s) : ret;
}

static int compare(struct by_hand *h, struct op25b_source *s)
{
	struct op25b_copy c;
	int ret;

	ret = op25b_copy_read(h->ctx, OP25B_ORIGIN_CONFIG, &c);
	if (!ret)
		ret = op25b_compare(h->ctx, &c, s, true, pair, h);
	op25b_copy_free(&c);
	if (!ret && h->full)
		ret = op25b_fail(h->ctx, OP25B_UNASKED, "out of memory");
	if (!ret && h->kept)
		ret = op25b_fail(h->ctx, OP25B_REFUSED,
				 "%s: what was deleted, or is not applied yet, would go: nothing is written; the word `force` behind it does it all the same",
				 h->name);
	return ret;
}

int op25b_save_by_hand(struct op25b_ctx *ctx, const char *name, bool force)
{
	struct by_hand h = { .ctx = ctx, .name = name, .force = force };
	bool there = !access(name, F_OK);
	struct op25b_source s;
	char *added = NULL;
	size_t len;
	int ret;

	h.out.f = open_memstream(&added, &len);
	if (!h.out.f)
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	ret = op25b_source_open(ctx, &s, there ? name : "/dev/null");
	if (!ret) {
		ret = check(ctx, &s);
		if (!ret)
			ret = compare(&h, &s);
		op25b_source_close(&s);
	}
	if (fclose(h.out.f) && !ret)
		ret = op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	if (!ret)
		ret = write_file(&h, there, added);
	free(added);
	free(h.change);
	return ret;
}
