// SPDX-License-Identifier: GPL-2.0
/*
 * `help --complete WORD...`, which the shell's completion asks: what may stand
 * in place of the last word. The answer comes from the command table itself,
 * from the arguments as usage shows them. Their grammar:
 *
 *	word a|b	one of these, as written
 *	FILE		any word; FILE and a few others have candidates
 *	[...]		perhaps; | parts whole sequences in here
 *	[...]...	as often as one likes
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "grammar.h"
#include "knob.h"
#include "op25bctl.h"
#include "print.h"

/**
 * struct completion - one question
 * @f: where candidates go, a line each
 * @w: the words
 * @n: how many; the last one is being written and may be empty
 */
struct completion {
	FILE *f;
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
		fprintf(c->f, "%.*s\n", (int)len, s);
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

	for (o = op25b_objects; *o; o++)
		offer_string(c, (*o)->name);
}

static void offer_namespaces(const struct completion *c)
{
	DIR *dir = opendir("/run/netns");
	const struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			offer_string(c, e->d_name);
	if (dir)
		closedir(dir);
}

/* The shell knows its files best: it is told to look for them. */
static void offer_files(const struct completion *c)
{
	fputs("FILE\n", c->f);
}

static const struct {
	const char *name;
	void (*offer)(const struct completion *c);
} placeholders[] = {
	{ "KNOB", offer_knobs },
	{ "VALUE", offer_values },
	{ "OBJECT", offer_objects },
	{ "NETNS", offer_namespaces },
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

/* The token "a|b" of @len bytes: offers its words if word @i is the last one.
 * Return: whether word @i is one of them, and not the last.
 */
static bool take_token(const struct completion *c, const char *s, size_t len,
		       int i)
{
	const char *end = s + len, *bar;
	bool taken = false;

	for (; s < end; s = bar + 1) {
		bar = memchr(s, '|', end - s);
		if (!bar)
			bar = end;
		if (i == c->n - 1)
			offer_one(c, s, bar - s);
		else
			taken |= is_placeholder(s) ||
				 equals(&c->w[i], s, bar - s);
	}
	return taken;
}

/* The words @s of @len bytes that follow each other, from word @i on.
 * Return: the word behind them, or -1 where they do not stand, or end, here.
 */
static int take_words(const struct completion *c, const char *s, size_t len,
		      int i)
{
	const char *end = s + len, *space;

	for (; s < end; s = space + 1) {
		space = memchr(s, ' ', end - s);
		if (!space)
			space = end;
		if (!take_token(c, s, space - s, i++))
			return -1;
	}
	return i;
}

/* The sequences of "[a B|c D]" that begins at @s, likewise. */
static int take_group(const struct completion *c, const char *s, int i)
{
	const char *end = s + strcspn(s, "]");
	int next = -1;
	size_t len;

	for (s++; next < 0 && s < end; s += len + 1) {
		len = strcspn(s, "|]");
		next = take_words(c, s, len, i);
	}
	return next;
}

/* The arguments @s, from word @i on. */
static void take_arguments(const struct completion *c, const char *s, int i)
{
	const char *behind;
	size_t len;
	int next;

	while (*s && i < c->n) {
		if (*s != '[') {
			len = strcspn(s, " ");
			if (!take_token(c, s, len, i++))
				return;
			behind = s + len;
		} else {
			behind = s + strcspn(s, "]") + 1;
			next = take_group(c, s, i);
			if (next >= 0) {
				i = next;
				if (*behind == '.')
					continue;
			}
			behind += strspn(behind, ".");
		}
		s = behind + strspn(behind, " ");
	}
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

/* An option's argument, word @i. Return: the word behind it. */
static int take_argument(const struct completion *c, const char *s, int i)
{
	take_token(c, s, strlen(s), i);
	return i + 1;
}

/* Options, as main() takes them. Return: the first word behind them, or the
 * number of words when the last one was theirs.
 */
static int take_options(const struct completion *c)
{
	static const char * const options[] = {
		"-n NETNS", "-j", "-p", "-b FILE", "-h", "-V",
	};
	size_t o;
	int i, next;

	for (i = 0; i < c->n && c->w[i].len && c->w[i].s[0] == '-'; i = next) {
		next = i + 1;
		for (o = 0; o < OP25B_ARRAY_SIZE(options); o++) {
			if (i == c->n - 1)
				offer(c, options[o], 2);
			else if (options[o][2] && equals(&c->w[i],
							 options[o], 2))
				next = take_argument(c, options[o] + 3, i + 1);
		}
	}
	return i;
}

int op25b_complete(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	const struct completion c = { .f = ctx->out->f, .w = w, .n = n };
	const struct op25b_object *obj;
	int i = take_options(&c);

	if (i >= n)
		return OP25B_DONE;
	if (i == n - 1) {
		offer_objects(&c);
		return OP25B_DONE;
	}
	obj = op25b_object_find(&w[i]);
	if (obj)
		take_object(&c, obj, i + 1);
	return OP25B_DONE;
}
