// SPDX-License-Identifier: GPL-2.0
/* Usage, read from the command table. */
#include <string.h>

#include "verbs/usage.h"
#include "say.h"

const struct op25b_object *op25b_object_find(const struct op25b_ctx *ctx,
					     const struct op25b_word *w)
{
	const struct op25b_object * const *o;

	for (o = ctx->objects; *o; o++)
		if (op25b_is(w, (*o)->name))
			return *o;
	return NULL;
}

const struct op25b_verb *op25b_verb_find(const struct op25b_object *obj,
					 const struct op25b_word *w)
{
	const struct op25b_verb *v;

	for (v = obj->verbs; v->run; v++)
		if (v->name && op25b_is(w, v->name))
			return v;
	return NULL;
}

const struct op25b_option op25b_options[OP25B_OPTIONS] = {
	{ 'n', "netns", "NETNS",
	  "work in this network namespace: a name, or a path" },
	{ 'j', "json", NULL, "JSON, also for what is wrong" },
	{ 'p', "pretty", NULL, "JSON with line breaks" },
	{ 'b', "batch", "FILE",
	  "run the commands in FILE, one a line (-: standard input)" },
	{ 'a', "atomic", NULL, "all of a batch in one step, or nothing of it" },
	{ 'k', "keep-going", NULL, "go on after a command that is refused" },
	{ 'h', "help", NULL, "usage, also of one object or verb" },
	{ 'V', "version", NULL, "the versions of tool and module" },
};

const struct op25b_option *op25b_option_find(const struct op25b_word *w)
{
	const struct op25b_option *o;
	size_t len;

	if (w->len < 2 || w->s[0] != '-')
		return NULL;
	for (o = op25b_options; o < op25b_options + OP25B_OPTIONS; o++) {
		len = strlen(o->name);
		if (w->s[1] == o->letter ||
		    (w->s[1] == '-' && w->len >= 2 + len &&
		     !memcmp(w->s + 2, o->name, len) &&
		     (w->len == 2 + len || w->s[2 + len] == '=')))
			return o;
	}
	return NULL;
}

void op25b_names(const struct op25b_ctx *ctx, const struct op25b_object *obj,
		 char *buf, size_t size)
{
	const struct op25b_object * const *o = ctx->objects;
	const struct op25b_verb *v = obj ? obj->verbs : NULL;
	const char *name;

	*buf = '\0';
	while (v ? !!v->run : !!*o) {
		name = v ? v++->name : (*o++)->name;
		if (name)
			op25b_enlist(buf, size, name);
	}
}

static const char statuses[] =
	"Exit status: 0 done; 1 refused by the kernel, `test` says blocked or `doctor`\n"
	"has found something; 2 the command line or a file is wrong; 3 the kernel could\n"
	"not be asked; 4 what was asked for could not be written.\n";

static void print_options(FILE *f)
{
	const struct op25b_option *o;

	fputs("\nOptions may stand anywhere in front of a word `--`:\n", f);
	for (o = op25b_options; o < op25b_options + OP25B_OPTIONS; o++)
		fprintf(f, "  -%c, --%-10s %-5s  %s\n", o->letter, o->name,
			o->arg ? o->arg : "", o->help);
	fputs(statuses, f);
}

/* Of one verb, or of all that people are told of. */
static void print_verbs(FILE *f, const struct op25b_object *obj,
			const struct op25b_verb *verb, bool help)
{
	const struct op25b_verb *v;

	for (v = obj->verbs; v->run; v++) {
		if (!v->help || (verb && verb != v))
			continue;
		fprintf(f, "  op25bctl %s%s%s%s%s\n", obj->name,
			v->name ? " " : "", v->name ? v->name : "",
			*v->args ? " " : "", v->args);
		if (help)
			fprintf(f, "      %s\n", v->help);
	}
}

void op25b_usage_print(const struct op25b_ctx *ctx, FILE *f,
		       const struct op25b_object *obj,
		       const struct op25b_verb *verb)
{
	const struct op25b_object * const *o;

	if (obj) {
		fprintf(f, "%s: %s\n\n", obj->name, obj->help);
		print_verbs(f, obj, verb, true);
		if (obj->notes)
			fprintf(f, "\n%s", obj->notes);
		return;
	}
	fprintf(f,
		"usage: op25bctl [OPTIONS] OBJECT VERB [ARGUMENTS]\n"
		"       op25bctl [OPTIONS] -b FILE\n\n");
	for (o = ctx->objects; *o; o++)
		print_verbs(f, *o, NULL, false);
	print_options(f);
}

void op25b_usage(const struct op25b_ctx *ctx, const struct op25b_object *obj)
{
	op25b_usage_print(ctx, stderr, obj, NULL);
}
