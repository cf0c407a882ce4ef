// SPDX-License-Identifier: GPL-2.0
/* Templates of HTML, filled in. */
#include <errno.h>
#include <string.h>

#include "files/reader.h"
#include "files/template.h"
#include "say.h"

#define NAME_ROOM	32
#define MISSING_MAX	16

/**
 * struct fill - a template being filled in
 * @r: its file
 * @v: values, @n of them
 * @section: names of those that are open
 * @depth: how many
 * @hidden: at this depth, from 1, begins what is left out; 0 if nothing is
 * @missing: names without a value, the first @lack of them
 */
struct fill {
	struct op25b_reader r;
	struct op25b_value *v;
	int n;
	FILE *out;
	char section[OP25B_SECTIONS_MAX][NAME_ROOM];
	int depth;
	int hidden;
	char missing[MISSING_MAX][NAME_ROOM];
	int lack;
};

/* One tag: a name, or none in a remark, and the sign before it, or 0. */
struct tag {
	char sign;
	struct op25b_word name;
};

static struct op25b_value *find(const struct fill *f,
				const struct op25b_word *name)
{
	int i;

	for (i = 0; i < f->n; i++)
		if (f->v[i].name.len == name->len &&
		    !memcmp(f->v[i].name.s, name->s, name->len))
			return &f->v[i];
	return NULL;
}

static void put_escaped(FILE *out, const struct op25b_word *text)
{
	size_t i;

	for (i = 0; i < text->len; i++) {
		switch (text->s[i]) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(text->s[i], out);
		}
	}
}

static bool is_name(const struct op25b_word *w)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return w->len && w->len < NAME_ROOM &&
	       strspn(w->s, chars) >= w->len;
}

/* Reads the tag at @s, which begins with "{{".
 * Return: what follows it, or NULL with @err set
 */
static const char *read_tag(const char *s, const char *end, struct tag *tag,
			    struct op25b_err *err)
{
	const struct op25b_word whole = { s, end - s };
	const char *close = memmem(s, end - s, "}}", 2);
	char q[OP25B_QUOTE];

	s += 2;
	tag->sign = s < end && strchr("#^/!", *s) ? *s++ : 0;
	tag->name = (struct op25b_word){ s, close ? close - s : 0 };
	if (close && (tag->sign == '!' || is_name(&tag->name)))
		return close + 2;
	op25b_err(err,
		  "%s: expected {{name}}, {{#name}}, {{^name}}, {{/name}} or {{!text}}",
		  op25b_quote(&whole, q));
	return NULL;
}

/* Begins a section, which is left out unless @shown. */
static int begin_section(struct fill *f, const struct op25b_word *name,
			 bool shown, struct op25b_err *err)
{
	if (f->depth == OP25B_SECTIONS_MAX)
		return op25b_err(err,
				 "expected at most %d sections in each other",
				 OP25B_SECTIONS_MAX);
	sprintf(f->section[f->depth++], "%.*s", (int)name->len, name->s);
	if (!shown && !f->hidden)
		f->hidden = f->depth;
	return 0;
}

static int end_section(struct fill *f, const struct op25b_word *name,
		       struct op25b_err *err)
{
	if (!f->depth)
		return op25b_err(err, "{{/%.*s}}: no section is open",
				 (int)name->len, name->s);
	if (!op25b_is(name, f->section[f->depth - 1]))
		return op25b_err(err, "{{/%.*s}}: expected {{/%s}}",
				 (int)name->len, name->s,
				 f->section[f->depth - 1]);
	if (f->hidden == f->depth--)
		f->hidden = 0;
	return 0;
}

/* Notes that the value of @name is missing. */
static void miss(struct fill *f, const struct op25b_word *name)
{
	int i;

	for (i = 0; i < f->lack; i++)
		if (op25b_is(name, f->missing[i]))
			return;
	if (i < MISSING_MAX)
		sprintf(f->missing[f->lack++], "%.*s", (int)name->len,
			name->s);
}

static int put_tag(struct fill *f, const struct tag *tag,
		   struct op25b_err *err)
{
	struct op25b_value *v = find(f, &tag->name);

	if (v)
		v->met = true;
	switch (tag->sign) {
	case '#':
	case '^':
		return begin_section(f, &tag->name, (tag->sign == '#') == !!v,
				     err);
	case '/':
		return end_section(f, &tag->name, err);
	}
	if (tag->sign || f->hidden)
		return 0;
	if (v && v->text.len)
		put_escaped(f->out, &v->text);
	else
		miss(f, &tag->name);
	return 0;
}

/* Is it one tag that gives no text, and nothing else? */
static bool is_silent(const char *s, const char *end)
{
	const char *close;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	close = memmem(s, end - s, "}}", 2);
	return close && close + 2 == end && !memcmp(s, "{{", 2) &&
	       strchr("#^/!", s[2]);
}

static int put_line(struct fill *f, const char *s, const char *end,
		    struct op25b_err *err)
{
	bool silent = is_silent(s, end);
	const char *open;
	struct tag tag;

	while (s) {
		open = memmem(s, end - s, "{{", 2);
		if (!f->hidden && !silent)
			fwrite(s, 1, (open ? open : end) - s, f->out);
		if (!open)
			break;
		s = read_tag(open, end, &tag, err);
		if (!s || put_tag(f, &tag, err))
			return -1;
	}
	if (!f->hidden && !silent)
		fputc('\n', f->out);
	return 0;
}

/* All lines. Return: 0, or -1 with @err set */
static int put_lines(struct fill *f, struct op25b_err *err)
{
	size_t len;
	char *s;
	int found;

	while ((found = op25b_reader_next(&f->r, &s, &len)) ==
	       OP25B_LINE_TEXT)
		if (put_line(f, s, s + len, err))
			return -1;
	if (found == OP25B_LINE_LONG)
		return op25b_err(err, "line of more than %d bytes",
				 OP25B_LINE_MAX);
	if (found < 0)
		return op25b_err(err, "cannot read on: %s", strerror(-found));
	if (f->depth)
		return op25b_err(err, "the end: expected {{/%s}}",
				 f->section[f->depth - 1]);
	return 0;
}

static int tell_missing(struct op25b_ctx *ctx, const struct fill *f)
{
	char list[MISSING_MAX * (NAME_ROOM + 2)] = "";
	int i;

	for (i = 0; i < f->lack; i++)
		op25b_enlist(list, sizeof(list), f->missing[i]);
	return op25b_fail(ctx, OP25B_USAGE,
			  "no value for %s: expected each as NAME=VALUE", list);
}

int op25b_template_fill(struct op25b_ctx *ctx, const char *name,
			struct op25b_value *v, int n, FILE *out)
{
	struct fill f = { .v = v, .n = n, .out = out };
	int ret = op25b_reader_open(ctx, &f.r, name, false);
	struct op25b_ctx at = *ctx;
	struct op25b_err err;

	if (ret)
		return ret;
	if (put_lines(&f, &err)) {
		at.file = f.r.name;
		at.line = f.r.line;
		ret = op25b_fail(&at, OP25B_USAGE, "%s", err.text);
	} else if (f.lack) {
		ret = tell_missing(ctx, &f);
	}
	op25b_reader_close(&f.r);
	return ret;
}
