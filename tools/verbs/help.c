// SPDX-License-Identifier: GPL-2.0
/* Usage, read from the command table. */
#include <stdio.h>
#include <string.h>

#include "words/grammar.h"
#include "op25bctl.h"
#include "print.h"
#include "say.h"

const struct op25b_object * const op25b_objects[] = {
	&op25b_prefix_object,
	&op25b_relay_object,
	&op25b_set_object,
	&op25b_conf_object,
	&op25b_test_object,
	&op25b_stats_object,
	&op25b_top_object,
	&op25b_events_object,
	&op25b_doctor_object,
	&op25b_help_object,
	&op25b_version_object,
	NULL
};

const struct op25b_object *op25b_object_find(const struct op25b_word *w)
{
	const struct op25b_object * const *o;

	for (o = op25b_objects; *o; o++)
		if (strlen((*o)->name) == w->len &&
		    !memcmp((*o)->name, w->s, w->len))
			return *o;
	return NULL;
}

void op25b_names(const struct op25b_object *obj, char *buf, size_t size)
{
	const struct op25b_object * const *o = op25b_objects;
	const struct op25b_verb *v = obj ? obj->verbs : NULL;
	size_t n = 0;

	buf[0] = '\0';
	while (n < size && (v ? !!v->run : !!*o)) {
		const char *name = v ? v++->name : (*o++)->name;

		if (name)
			n += snprintf(buf + n, size - n, "%s%s", n ? ", " : "",
				      name);
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

static void print_usage(FILE *f, const struct op25b_object *obj)
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
	for (o = op25b_objects; *o; o++)
		print_verbs(f, *o, false);
	fprintf(f, "\n%s", options);
}

void op25b_usage(const struct op25b_object *obj)
{
	print_usage(stderr, obj);
}

static void json_object_help(struct op25b_out *out,
			     const struct op25b_object *obj)
{
	const struct op25b_verb *v;

	for (v = obj->verbs; v->run; v++) {
		if (!v->help)
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

static void print_help(struct op25b_out *out, const struct op25b_object *obj)
{
	const struct op25b_object * const *o;

	if (!out->json) {
		print_usage(out->f, obj);
		return;
	}
	op25b_out_list_open(out, NULL);
	for (o = op25b_objects; *o; o++)
		if (!obj || *o == obj)
			json_object_help(out, *o);
	op25b_out_list_close(out);
}

static int run_help(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	const struct op25b_object *obj = n ? op25b_object_find(w) : NULL;
	char q[OP25B_QUOTE], list[200];

	if (n > 1)
		return op25b_surplus(ctx, &w[1]);
	if (n && !obj) {
		op25b_names(NULL, list, sizeof(list));
		op25b_complain(ctx, "help: unknown word %s: expected one of %s",
			       op25b_quote(w, q), list);
		return OP25B_USAGE;
	}
	print_help(ctx->out, obj);
	return OP25B_DONE;
}

/* The version that the loaded module says of itself, false if there is none. */
static bool module_version(char *buf, int size)
{
	FILE *f = fopen("/sys/module/op25b/version", "re");
	bool have;

	if (!f)
		return false;
	have = fgets(buf, size, f);
	fclose(f);
	if (have)
		buf[strcspn(buf, "\n")] = '\0';
	return have;
}

static int run_version(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	char module[64];

	if (n)
		return op25b_surplus(ctx, w);
	op25b_out_doc_open(ctx->out);
	op25b_out_str(ctx->out, "version", "op25bctl %s\n", OP25B_VERSION);
	if (!module_version(module, sizeof(module)))
		op25b_out_text(ctx->out, "op25b.ko is not loaded\n");
	else
		op25b_out_str(ctx->out, "module",
			      strcmp(module, OP25B_VERSION) ?
			      "op25b.ko %s, which is another version\n" :
			      "op25b.ko %s\n", module);
	op25b_out_doc_close(ctx->out);
	return OP25B_DONE;
}

static const struct op25b_verb help_verbs[] = {
	{ "--complete", "", NULL, op25b_complete },
	{ NULL, "[OBJECT]", "print this, or more about one object", run_help },
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
