// SPDX-License-Identifier: GPL-2.0
/* `help` and `version`. */
#include <stdio.h>
#include <string.h>

#include "kernel/version.h"
#include "verbs/usage.h"
#include "op25bctl.h"
#include "print.h"
#include "say.h"

static void json_object_help(struct op25b_out *out,
			     const struct op25b_object *obj,
			     const struct op25b_verb *verb)
{
	const struct op25b_verb *v;

	for (v = obj->verbs; v->run; v++) {
		if (!v->help || (verb && verb != v))
			continue;
		op25b_out_obj_open(out, NULL);
		op25b_out_str(out, "object", NULL, obj->name);
		if (v->name)
			op25b_out_str(out, "verb", NULL, v->name);
		op25b_out_str(out, "arguments", NULL, v->args);
		op25b_out_str(out, "help", NULL, v->help);
		op25b_out_obj_close(out);
	}
}

static void print_help(struct op25b_ctx *ctx, const struct op25b_object *obj,
		       const struct op25b_verb *verb)
{
	const struct op25b_object * const *o;
	struct op25b_out *out = ctx->out;

	if (!out->json) {
		op25b_usage_print(ctx, out->f, obj, verb);
		return;
	}
	op25b_out_list_open(out, NULL);
	for (o = ctx->objects; *o; o++)
		if (!obj || *o == obj)
			json_object_help(out, *o, verb);
	op25b_out_list_close(out);
}

static int run_help(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	const struct op25b_object *obj = n ? op25b_object_find(ctx, w) : NULL;
	const struct op25b_verb *verb = NULL;
	char q[OP25B_QUOTE], list[200];
	bool known = !n || obj;

	if (obj && n > 1) {
		verb = op25b_verb_find(obj, &w[1]);
		known = verb;
	}
	if (n > 2)
		return op25b_surplus(ctx, &w[2]);
	if (known) {
		print_help(ctx, obj, verb);
		return OP25B_DONE;
	}
	op25b_names(ctx, obj, list, sizeof(list));
	if (!*list)
		return op25b_surplus(ctx, &w[1]);
	return op25b_fail(ctx, OP25B_USAGE,
			  "help: unknown word %s: expected one of %s",
			  op25b_quote(obj ? &w[1] : w, q), list);
}

static int run_version(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	char module[OP25B_VERSION_TEXT];

	if (n)
		return op25b_surplus(ctx, w);
	op25b_out_obj_open(ctx->out, NULL);
	op25b_out_str(ctx->out, "version", "op25bctl %s\n", OP25B_VERSION);
	if (op25b_module_differs(module))
		op25b_out_str(ctx->out, "module",
			      "op25b.ko %s, which is another version\n",
			      module);
	else if (op25b_module_version(module))
		op25b_out_str(ctx->out, "module", "op25b.ko %s\n", module);
	else
		op25b_out_text(ctx->out, "op25b.ko is not loaded\n");
	op25b_out_obj_close(ctx->out);
	return OP25B_DONE;
}

static const struct op25b_verb help_verbs[] = {
	{ "--complete", "", NULL, op25b_complete },
	{ NULL, "[OBJECT [VERB]]",
	  "print this, or more about one object or verb", run_help },
	{ 0 }
};

const struct op25b_object op25b_help_object = {
	.name	= "help",
	.help	= "how the tool is used",
	.verbs	= help_verbs,
};

static const struct op25b_verb version_verbs[] = {
	{ NULL, "", "print the versions of tool and module", run_version },
	{ 0 }
};

const struct op25b_object op25b_version_object = {
	.name	= "version",
	.help	= "the versions of tool and module",
	.verbs	= version_verbs,
};
