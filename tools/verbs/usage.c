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

static const char options[] =
	"Options:\n"
	"  -n NETNS  work in this network namespace: a name of `ip netns`, or a path\n"
	"  -j        JSON\n"
	"  -p        JSON for people\n"
	"  -b FILE   run the commands in FILE, one a line (-: standard input); stops at\n"
	"            the first that is refused, those before it stay done\n"
	"Exit status: 0 done; 1 refused by the kernel, `test` says blocked or `doctor`\n"
	"has found something; 2 the command line or a file is wrong; 3 the kernel could\n"
	"not be asked; 4 what was asked for could not be written.\n";

static void print_verbs(FILE *f, const struct op25b_object *obj, bool help)
{
	const struct op25b_verb *v;

	for (v = obj->verbs; v->run; v++) {
		if (!v->help)
			continue;
		fprintf(f, "  op25bctl %s%s%s%s%s\n", obj->name,
			v->name ? " " : "", v->name ? v->name : "",
			*v->args ? " " : "", v->args);
		if (help)
			fprintf(f, "      %s\n", v->help);
	}
}

void op25b_usage_print(const struct op25b_ctx *ctx, FILE *f,
		       const struct op25b_object *obj)
{
	const struct op25b_object * const *o;

	if (obj) {
		fprintf(f, "%s: %s\n\n", obj->name, obj->help);
		print_verbs(f, obj, true);
		if (obj->notes)
			fprintf(f, "\n%s", obj->notes);
		return;
	}
	fprintf(f,
		"usage: op25bctl [-n NETNS] [-j] [-p] OBJECT VERB [ARGUMENTS]\n"
		"       op25bctl [-n NETNS] [-j] [-p] -b FILE\n\n");
	for (o = ctx->objects; *o; o++)
		print_verbs(f, *o, false);
	fprintf(f, "\n%s", options);
}

void op25b_usage(const struct op25b_ctx *ctx, const struct op25b_object *obj)
{
	op25b_usage_print(ctx, stderr, obj);
}
