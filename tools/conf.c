// SPDX-License-Identifier: GPL-2.0
/* The configuration as a whole: conf show, save, check, apply. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "entry.h"
#include "grammar.h"
#include "load.h"
#include "nl.h"
#include "print.h"
#include "save.h"
#include "spool.h"

/* How often the ruleset is read again when it changed meanwhile. */
#define RETRIES		3

/* One consistent copy of the configuration. */
struct copy {
	struct op25b_knobs knobs;
	uint64_t generation;
	struct op25b_spool prefixes;
	struct op25b_spool relays;
};

static int take_knobs(struct nlattr **tb, void *arg)
{
	struct copy *c = arg;
	int i;

	op25b_knobs_get(&c->knobs, tb);
	for (i = 0; i < OP25B_KNOBS; i++)
		if (!c->knobs.given[i])
			return -EBADMSG;
	if (!tb[OP25B_A_GENERATION])
		return -EBADMSG;
	c->generation = nla_get_u64(tb[OP25B_A_GENERATION]);
	return 0;
}

static int get_knobs(struct op25b_ctx *ctx, struct copy *c)
{
	return op25b_nl_talk(ctx, op25b_nl_new(ctx, OP25B_CMD_GET, 0),
			     take_knobs, c);
}

/* Reads all of it, and the generation before and after.
 * Return: 0, -EAGAIN if it changed meanwhile, or another -errno
 */
static int read_once(struct op25b_ctx *ctx, struct copy *c)
{
	uint64_t before;
	int err;

	err = get_knobs(ctx, c);
	before = c->generation;
	if (!err)
		err = op25b_entry_dump(ctx, &op25b_prefix_kind, &c->prefixes);
	if (!err)
		err = op25b_entry_dump(ctx, &op25b_relay_kind, &c->relays);
	if (!err)
		err = get_knobs(ctx, c);
	return err ? err : before == c->generation ? 0 : -EAGAIN;
}

static int read_copy(struct op25b_ctx *ctx, struct copy *c)
{
	int tries, err = 0;

	if (op25b_spool_init(&c->prefixes) || op25b_spool_init(&c->relays)) {
		op25b_complain(ctx, "out of memory");
		return OP25B_UNASKED;
	}
	for (tries = 0; tries <= RETRIES; tries++) {
		err = read_once(ctx, c);
		if (err != -EAGAIN)
			break;
	}
	if (!err)
		return OP25B_DONE;
	if (err != -EAGAIN)
		return op25b_nl_refused(ctx, "conf");
	op25b_complain(ctx,
		       "conf: the configuration changed each of the %d times it was read",
		       RETRIES + 1);
	return OP25B_REFUSED;
}

static int print_entries(struct op25b_out *out, const struct op25b_kind *kind,
			 const char *key, struct op25b_spool *sp)
{
	struct op25b_entry e;
	int err;

	op25b_out_list_open(out, key);
	err = op25b_spool_rewind(sp);
	while (!err && (err = op25b_spool_next(sp, &e)) > 0) {
		if (e.origin == OP25B_ORIGIN_CONFIG)
			op25b_entry_print_config(out, kind, &e);
		err = 0;
	}
	op25b_out_list_close(out);
	return err;
}

static int print_copy(struct op25b_ctx *ctx, struct op25b_out *out,
		      struct copy *c)
{
	int i, err;

	op25b_out_doc_open(out);
	for (i = 0; i < OP25B_KNOBS; i++)
		op25b_knob_print(out, &op25b_knobs[i], op25b_knobs[i].name,
				 c->knobs.value[i]);
	err = print_entries(out, &op25b_prefix_kind, "prefixes", &c->prefixes);
	if (!err)
		err = print_entries(out, &op25b_relay_kind, "relays",
				    &c->relays);
	op25b_out_doc_close(out);
	if (!err)
		return OP25B_DONE;
	op25b_complain(ctx, "cannot keep the list in a temporary file: %s",
		       strerror(-err));
	return OP25B_REFUSED;
}

/* Reads the configuration and prints it to @out. */
static int print_conf(struct op25b_ctx *ctx, struct op25b_out *out)
{
	struct copy c = {
		.prefixes.fd = -1, .relays.fd = -1,
	};
	int ret;

	ret = read_copy(ctx, &c);
	if (!ret)
		ret = print_copy(ctx, out, &c);
	op25b_spool_free(&c.prefixes);
	op25b_spool_free(&c.relays);
	return ret;
}

static int show(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	int ret;

	if (n)
		return op25b_surplus(ctx, w);
	ret = op25b_nl_open(ctx);
	return ret ? ret : print_conf(ctx, ctx->out);
}

/* Takes the one word that names a file. Return: it, to be freed, or NULL */
static char *file_word(struct op25b_ctx *ctx, const struct op25b_word *w,
		       int n)
{
	if (n == 1 && w->len)
		return strndup(w->s, w->len);
	if (n > 1)
		op25b_surplus(ctx, &w[1]);
	else
		op25b_complain(ctx, "conf: expected the name of a file");
	return NULL;
}

static int save_file(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	char *name = file_word(ctx, w, n);
	struct op25b_save sv;
	struct op25b_out out = { 0 };
	int ret = OP25B_USAGE;

	if (!name)
		return ret;
	if (!strcmp(name, "-")) {
		op25b_complain(ctx,
			       "conf save: expected a file; `conf show` prints");
		goto free_name;
	}
	ret = op25b_nl_open(ctx);
	if (!ret)
		ret = op25b_save_begin(ctx, &sv, name);
	if (ret)
		goto free_name;
	out.f = sv.f;
	ret = print_conf(ctx, &out);
	ret = op25b_save_end(ctx, &sv, ret);
free_name:
	free(name);
	return ret;
}

static bool is_batch_stdin(struct op25b_ctx *ctx, const char *name)
{
	if (strcmp(name, "-") || !ctx->file || strcmp(ctx->file, "stdin"))
		return false;
	op25b_complain(ctx,
		       "-: expected a file, because standard input is the batch itself");
	return true;
}

/* Opens and checks the file of a verb. Return: enum op25b_exit; the caller
 * closes @r when it is OP25B_DONE.
 */
static int open_checked(struct op25b_ctx *ctx, const char *name,
			struct op25b_reader *r, struct op25b_summary *sum)
{
	int ret;

	if (is_batch_stdin(ctx, name))
		return OP25B_USAGE;
	ret = op25b_reader_open(ctx, r, name, true);
	if (ret)
		return ret;
	ret = op25b_load_check(ctx, r, sum);
	if (ret)
		op25b_reader_close(r);
	return ret;
}

static int check(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	char *name = file_word(ctx, w, n);
	struct op25b_summary sum;
	struct op25b_reader r;
	int ret;

	if (!name)
		return OP25B_USAGE;
	ret = open_checked(ctx, name, &r, &sum);
	if (!ret) {
		op25b_out_doc_open(ctx->out);
		op25b_out_str(ctx->out, "file", "%s: good", r.name);
		op25b_out_u64(ctx->out, "prefixes", ", %llu prefixes",
			      sum.prefixes);
		op25b_out_u64(ctx->out, "relays", ", %llu relays\n",
			      sum.relays);
		op25b_out_doc_close(ctx->out);
		op25b_reader_close(&r);
	}
	free(name);
	return ret;
}

static int apply(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	char *name = file_word(ctx, w, n);
	struct op25b_summary sum;
	struct op25b_reader r;
	int ret;

	if (!name)
		return OP25B_USAGE;
	ret = open_checked(ctx, name, &r, &sum);
	if (!ret) {
		ret = op25b_nl_open(ctx);
		if (!ret)
			ret = op25b_load_apply(ctx, &r, &sum);
		op25b_reader_close(&r);
	}
	free(name);
	return ret;
}

static const struct op25b_verb verbs[] = {
	{ "show", "", "print it as a file", show },
	{ "save", "FILE",
	  "write it to a file, as a whole or not at all", save_file },
	{ "check", "FILE", "read a file and report every bad line", check },
	{ "apply", "FILE",
	  "replace the whole configuration by a file, in one step", apply },
	{ 0 }
};

const struct op25b_object op25b_conf_object = {
	.name	= "conf",
	.help	= "the whole configuration",
	.notes	=
		"A file has one statement a line; # begins a remark; FILE - is standard input:\n"
		"  mode off|monitor|enforce          must be there\n"
		"  KNOB VALUE                        see `op25bctl help set`\n"
		"  prefix PREFIX block|exempt|monitor [comment \"TEXT\"]\n"
		"  relay ADDRESS [comment \"TEXT\"]\n"
		"In quotes, \\\" is a quote and \\\\ a backslash. Knobs that are not in the file\n"
		"take their defaults; counters of entries that stay are kept.\n",
	.verbs	= verbs,
};
