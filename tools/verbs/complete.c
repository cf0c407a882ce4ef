// SPDX-License-Identifier: GPL-2.0
/*
 * `help --complete WORD...`, which the shell's completion asks: what may stand
 * in place of the last word. The answer comes from the command table itself,
 * from the arguments as usage shows them. Their grammar:
 *
 *	word a|b	one of these, as written
 *	FILE		any word; FILE and a few others have candidates
 *	[...]		perhaps; | parts whole sequences in here, even [...]
 *	[...]...	as often as one likes
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "verbs/notice.h"
#include "verbs/usage.h"
#include "words/grammar.h"
#include "words/knob.h"
#include "op25bctl.h"
#include "print.h"
#include "say.h"

/**
 * struct completion - one question
 * @ctx: whose printer gets the candidates, a line each
 * @w: the words
 * @n: how many; the last one is being written and may be empty
 */
struct completion {
	const struct op25b_ctx *ctx;
	const struct op25b_word *w;
	int n;
};

static bool equals(const struct op25b_word *w, const char *s, size_t len)
{
	return w->len == len && !memcmp(w->s, s, len);
}

/* Prints @s if it begins as the last word does. */
static void offer(const struct completion *c, const char *s, size_t len)
{
	const struct op25b_word *last = &c->w[c->n - 1];

	if (last->len <= len && !memcmp(last->s, s, last->len))
		fprintf(c->ctx->out->f, "%.*s\n", (int)len, s);
}

static void offer_string(const struct completion *c, const char *s)
{
	offer(c, s, strlen(s));
}

static void offer_knobs(const struct completion *c)
{
	int i;

	for (i = 0; i < OP25B_KNOBS; i++)
		offer_string(c, op25b_knobs[i].name);
}

/* The values of the knob before. */
static void offer_values(const struct completion *c)
{
	const struct op25b_knob *k = c->n > 1 ? op25b_knob_find(&c->w[c->n - 2])
					      : NULL;
	int i;

	for (i = 0; k && k->words && k->words[i]; i++)
		offer_string(c, k->words[i]);
}

static void offer_objects(const struct completion *c)
{
	const struct op25b_object * const *o;

	for (o = c->ctx->objects; *o; o++)
		offer_string(c, (*o)->name);
}

/* Those of the object before. */
static void offer_verbs(const struct completion *c)
{
	const struct op25b_object *obj = c->n > 1 ?
		op25b_object_find(c->ctx, &c->w[c->n - 2]) : NULL;
	const struct op25b_verb *v;

	for (v = obj ? obj->verbs : NULL; v && v->run; v++)
		if (v->name && v->help)
			offer_string(c, v->name);
}

static void offer_names(const struct completion *c, const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			offer_string(c, e->d_name);
	if (dir)
		closedir(dir);
}

static void offer_namespaces(const struct completion *c)
{
	offer_names(c, "/run/netns");
}

static void offer_interfaces(const struct completion *c)
{
	offer_names(c, "/sys/class/net");
}

static void offer_languages(const struct completion *c)
{
	const char * const *l;

	for (l = op25b_languages; *l; l++)
		offer_string(c, *l);
}

static void offer_origins(const struct completion *c)
{
	int i;

	for (i = OP25B_ORIGIN_CONFIG; op25b_origin_words[i]; i++)
		offer_string(c, op25b_origin_words[i]);
}

/* The shell knows its files best: it is told to look for them. */
static void offer_files(const struct completion *c)
{
	fputs("FILE\n", c->ctx->out->f);
}

static const struct {
	const char *name;
	void (*offer)(const struct completion *c);
} placeholders[] = {
	{ "KNOB", offer_knobs },
	{ "VALUE", offer_values },
	{ "OBJECT", offer_objects },
	{ "VERB", offer_verbs },
	{ "NETNS", offer_namespaces },
	{ "INTERFACE", offer_interfaces },
	{ "LANGUAGE", offer_languages },
	{ "ORIGIN", offer_origins },
	{ "FILE", offer_files },
};

static bool is_placeholder(const char *s)
{
	return *s >= 'A' && *s <= 'Z';
}

static void offer_one(const struct completion *c, const char *s, size_t len)
{
	size_t i;

	if (!is_placeholder(s)) {
		offer(c, s, len);
		return;
	}
	for (i = 0; i < OP25B_ARRAY_SIZE(placeholders); i++)
		if (strlen(placeholders[i].name) == len &&
		    !memcmp(placeholders[i].name, s, len))
			placeholders[i].offer(c);
}

/* The token "a|b" from @s to @end: offers its words if word @i is the last one.
 * Return: whether word @i is one of them, and not the last.
 */
static bool take_token(const struct completion *c, const char *s,
		       const char *end, int i)
{
	const struct op25b_word *w = &c->w[i];
	const char *bar;
	bool taken = false;

	for (; s < end; s = bar + 1) {
		bar = memchr(s, '|', end - s);
		if (!bar)
			bar = end;
		if (i == c->n - 1)
			offer_one(c, s, bar - s);
		else if (is_placeholder(s))
			taken |= !w->len || w->s[0] != '-';
		else
			taken |= equals(w, s, bar - s);
	}
	return taken;
}

/* What closes the bracket at @s. */
static const char *closing(const char *s)
{
	int depth = 0;

	for (; *s; s++) {
		depth += (*s == '[') - (*s == ']');
		if (!depth)
			break;
	}
	return s;
}

static int take_words(const struct completion *c, const char *s,
		      const char *end, int i);

/* Sequences parted by |, one of which may stand from word @i on.
 * Return: the word behind it, or -1
 */
static int take_group(const struct completion *c, const char *s,
		      const char *end, int i)
{
	const char *bar;
	int next = -1;

	for (; next < 0 && s < end; s = bar + 1) {
		for (bar = s; bar < end && *bar != '|'; bar++)
			if (*bar == '[')
				bar = closing(bar);
		next = take_words(c, s, bar, i);
	}
	return next > i ? next : -1;
}

/* The arguments from @s to @end, of which word @i is the first.
 * Return: the word behind them, or -1 where they do not stand, or end, here.
 */
static int take_words(const struct completion *c, const char *s,
		      const char *end, int i)
{
	const char *behind;
	int next;

	for (; s < end; s = behind + strspn(behind, " .")) {
		if (*s != '[') {
			behind = s + strcspn(s, " ]");
			if (behind > end)
				behind = end;
			if (!take_token(c, s, behind, i++))
				return -1;
			continue;
		}
		behind = closing(s) + 1;
		do {
			next = take_group(c, s + 1, behind - 1, i);
			if (next > 0)
				i = next;
		} while (next > 0 && *behind == '.');
	}
	return i;
}

static void take_arguments(const struct completion *c, const char *s, int i)
{
	take_words(c, s, s + strlen(s), i);
}

/* Of @obj, whose name is word @i - 1: its verb is word @i, if it has verbs. */
static void take_object(const struct completion *c,
			const struct op25b_object *obj, int i)
{
	const struct op25b_verb *v;

	for (v = obj->verbs; v->run; v++) {
		if (!v->help)
			continue;
		if (!v->name)
			take_arguments(c, v->args, i);
		else if (i == c->n - 1)
			offer_string(c, v->name);
		else if (equals(&c->w[i], v->name, strlen(v->name)))
			return take_arguments(c, v->args, i + 1);
	}
}

/* The letters and names of options that begin as @last does. */
static void offer_options(const struct completion *c)
{
	char name[24];
	int i;

	for (i = 0; i < 2 * OP25B_OPTIONS; i++) {
		const struct op25b_option *o =
			&op25b_options[i % OP25B_OPTIONS];

		if (i < OP25B_OPTIONS)
			sprintf(name, "-%c", o->letter);
		else
			sprintf(name, "--%s", o->name);
		offer_string(c, name);
	}
}

/* Copies the words that are no options, as main() tells them apart, to @rest.
 * Return: how many, or 0 when the last word is an option's argument, which was
 * offered then
 */
static int drop_options(const struct completion *c, struct op25b_word *rest)
{
	const struct op25b_option *o;
	int i, n = 0;

	for (i = 0; i < c->n - 1; i++) {
		const struct op25b_word *w = &c->w[i];

		o = n && op25b_is(&rest[n - 1], "comment") ? NULL :
		    op25b_option_find(w);
		if (!o) {
			rest[n++] = *w;
		} else if (o->arg && (w->len == 2 ||
				      w->len == 2 + strlen(o->name))) {
			if (++i == c->n - 1) {
				take_token(c, o->arg,
					   o->arg + strlen(o->arg), i);
				return 0;
			}
		}
	}
	rest[n++] = c->w[i];
	return n;
}

int op25b_complete(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct op25b_word rest[OP25B_WORDS_MAX];
	struct completion c = { .ctx = ctx, .w = w, .n = n };
	const struct op25b_object *obj;

	if (!n)
		return OP25B_DONE;
	n = drop_options(&c, rest);
	c.w = rest;
	c.n = n;
	if (n && rest[n - 1].len && rest[n - 1].s[0] == '-' &&
	    !(n > 1 && op25b_is(&rest[n - 2], "comment")))
		offer_options(&c);
	if (n == 1)
		offer_objects(&c);
	obj = n > 1 ? op25b_object_find(ctx, rest) : NULL;
	if (obj)
		take_object(&c, obj, 1);
	return OP25B_DONE;
}
