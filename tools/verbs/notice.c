// SPDX-License-Identifier: GPL-2.0
/* `notice`: the page that tells subscribers what is blocked, from a template,
 * the configuration, and what only the operator can say.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/op25b.h>

#include "conf/load.h"
#include "files/template.h"
#include "verbs/notice.h"
#include "words/grammar.h"
#include "print.h"
#include "say.h"

#define CONF	"/etc/op25b/op25b.conf"

/* What sections of the template may ask of the configuration. */
enum { ENFORCE, IPV4, IPV6, RELAY, DROP, FACTS };

static const char * const facts[] = {
	[ENFORCE] = "enforce", [IPV4] = "ipv4", [IPV6] = "ipv6",
	[RELAY] = "relay", [DROP] = "drop", NULL
};

const char * const op25b_languages[] = { "en", "ja", NULL };

/**
 * struct notice - a page to be written
 * @lang: its language
 * @template: the file, or NULL for the one of that language
 * @conf: the configuration, or NULL for the system's
 * @v: the operator's values, then the facts of the configuration
 * @n: how many
 */
struct notice {
	const char *lang;
	const struct op25b_word *template;
	const struct op25b_word *conf;
	struct op25b_value v[OP25B_WORDS_MAX + FACTS];
	int n;
};

static void add_facts(struct notice *p, const struct op25b_summary *sum)
{
	const uint32_t *knob = sum->knobs.value;
	const bool is[FACTS] = {
		[ENFORCE] = knob[OP25B_KNOB_MODE] == OP25B_MODE_ENFORCE,
		[IPV4] = sum->widest[0].line,
		[IPV6] = sum->widest[1].line,
		[RELAY] = sum->relays,
		[DROP] = knob[OP25B_KNOB_REJECT] == OP25B_REJECT_DROP,
	};
	int i;

	for (i = 0; i < FACTS; i++)
		if (is[i])
			p->v[p->n++] = (struct op25b_value){
				.name = { facts[i], strlen(facts[i]) },
				.met = true,
			};
}

/* Reads the configuration for its facts. Return: enum op25b_exit */
static int read_conf(struct op25b_ctx *ctx, struct notice *p, const char *name)
{
	struct op25b_warnings ws = { 0 };
	struct op25b_summary sum;
	struct op25b_source s;
	int ret = op25b_source_open(ctx, &s, name);

	if (ret)
		return ret;
	ret = op25b_load_check(ctx, &s, &sum, &ws, true);
	op25b_source_close(&s);
	op25b_warnings_free(&ws);
	if (!ret && !sum.widest[0].line && !sum.widest[1].line)
		return op25b_fail(ctx, OP25B_USAGE,
				  "%s: no prefix says block: there is nothing to give notice of",
				  strcmp(name, "-") ? name : "stdin");
	if (!ret)
		add_facts(p, &sum);
	return ret;
}

/* Bytes of the name in NAME=VALUE, 0 if @w is none. */
static size_t name_len(const struct op25b_word *w)
{
	size_t i = 0;

	while (i < w->len && ((w->s[i] >= 'a' && w->s[i] <= 'z') ||
			      w->s[i] == '-'))
		i++;
	return i < w->len && w->s[i] == '=' ? i : 0;
}

/* Takes NAME=VALUE. Return: 0, or -1 with @err set */
static int take_value(struct notice *p, const struct op25b_word *w,
		      size_t len, struct op25b_err *err)
{
	struct op25b_value v = {
		.name = { w->s, len },
		.text = { w->s + len + 1, w->len - len - 1 },
	};
	char q[OP25B_QUOTE];
	int i;

	op25b_quote(&v.name, q);
	if (op25b_word_find(facts, &v.name) >= 0)
		return op25b_err(err, "%s: the configuration says that", q);
	for (i = 0; i < p->n; i++)
		if (p->v[i].name.len == len &&
		    !memcmp(p->v[i].name.s, w->s, len))
			return op25b_err(err, "second %s: expected it once", q);
	if (!v.text.len)
		return op25b_err(err, "%s: expected a value behind the =", q);
	if (op25b_check_text("value", &v.text, err))
		return -1;
	p->v[p->n++] = v;
	return 0;
}

/* Takes an option and what stands behind it. Return: 0, or -1 with @err set */
static int take_option(struct notice *p, const struct op25b_word *w, int n,
		       struct op25b_err *err)
{
	bool lang = op25b_is(w, "--lang");
	char q[OP25B_QUOTE];
	int i;

	if (n < 2 || !w[1].len)
		return op25b_err(err, "%s: expected %s behind it",
				 lang ? "--lang" : "--template",
				 lang ? "en or ja" : "a file");
	if (!lang) {
		p->template = &w[1];
		return 0;
	}
	i = op25b_word_find(op25b_languages, &w[1]);
	if (i < 0)
		return op25b_err(err, "--lang %s: expected en or ja",
				 op25b_quote(&w[1], q));
	p->lang = op25b_languages[i];
	return 0;
}

/* Takes a word, and the next one if the first asks for it.
 * Return: the number of words taken, or -1 with @err set
 */
static int take(struct notice *p, const struct op25b_word *w, int n,
		struct op25b_err *err)
{
	size_t len = name_len(w);
	char q[OP25B_QUOTE];

	if (op25b_is(w, "--lang") || op25b_is(w, "--template"))
		return take_option(p, w, n, err) ? -1 : 2;
	if (len)
		return take_value(p, w, len, err) ? -1 : 1;
	if (p->conf || !w->len || (w->s[0] == '-' && w->len > 1))
		return op25b_err(err, "%s: expected NAME=VALUE",
				 op25b_quote(w, q));
	p->conf = w;
	return 1;
}

/* Every value was for something. */
static int all_met(struct op25b_ctx *ctx, const struct notice *p,
		   const char *template)
{
	char q[OP25B_QUOTE];
	int i;

	for (i = 0; i < p->n; i++)
		if (!p->v[i].met)
			return op25b_fail(ctx, OP25B_USAGE,
					  "%s has no place for %s", template,
					  op25b_quote(&p->v[i].name, q));
	return OP25B_DONE;
}

/* Writes the page as a whole or not at all. */
static int write_page(struct op25b_ctx *ctx, struct notice *p,
		      const char *template)
{
	char *page = NULL;
	size_t len;
	FILE *f = open_memstream(&page, &len);
	int ret;

	if (!f)
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	ret = op25b_template_fill(ctx, template, p->v, p->n, f);
	if (fclose(f))
		ret = op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	if (!ret)
		ret = all_met(ctx, p, template);
	if (!ret)
		fwrite(page, 1, len, ctx->out->f);
	free(page);
	return ret;
}

/* With the words as strings. */
static int write_named(struct op25b_ctx *ctx, struct notice *p)
{
	char *conf, *template = NULL;
	int ret = OP25B_UNASKED;

	conf = p->conf ? strndup(p->conf->s, p->conf->len) : strdup(CONF);
	if (p->template)
		template = strndup(p->template->s, p->template->len);
	else if (asprintf(&template, OP25B_DATADIR "/notice.%s.html",
			  p->lang) < 0)
		template = NULL;
	if (conf && template)
		ret = read_conf(ctx, p, conf);
	else
		op25b_complain(ctx, "out of memory");
	if (!ret)
		ret = write_page(ctx, p, template);
	free(template);
	free(conf);
	return ret;
}

static int run_notice(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct notice p = { .lang = op25b_languages[0] };
	struct op25b_err err;
	int used;

	if (ctx->out->json)
		return op25b_fail(ctx, OP25B_USAGE,
				  "notice: expected no -j or -p");
	for (; n; w += used, n -= used) {
		used = take(&p, w, n, &err);
		if (used < 0)
			return op25b_fail(ctx, OP25B_USAGE, "notice: %s",
					  err.text);
	}
	if (ctx->netns && !p.conf)
		return op25b_fail(ctx, OP25B_USAGE,
				  "notice: expected a file of the namespace");
	return write_named(ctx, &p);
}

static const struct op25b_verb verbs[] = {
	{ NULL, "[--lang LANGUAGE] [--template FILE] [FILE] [NAME=VALUE]...",
	  "write a page in HTML that tells subscribers what is blocked",
	  run_notice },
	{ 0 }
};

const struct op25b_object op25b_notice_object = {
	.name	= "notice",
	.help	= "the page for subscribers",
	.notes	=
		"LANGUAGE is en or ja, and FILE the configuration; without them en and\n"
		"/etc/op25b/op25b.conf. The names are\n"
		"  provider   who you are\n"
		"  since      the day on which blocking began, or begins\n"
		"  lines      kinds of line that are covered\n"
		"  contact    whom to ask, for an exemption too\n"
		"and, not mandatory,\n"
		"  unaffected kinds of line that are not covered\n"
		"  server     your server for outgoing mail\n"
		"  phone, mail, web\n"
		"             of the contact; web is an address without https://\n"
		"--template FILE is your own page, with {{name}} where a value belongs.\n",
	.verbs	= verbs,
};
