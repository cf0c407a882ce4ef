// SPDX-License-Identifier: GPL-2.0
/* The configuration as a whole: conf show, save, check, diff, apply. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/advise.h"
#include "conf/compare.h"
#include "conf/load.h"
#include "conf/overwrite.h"
#include "files/save.h"
#include "kernel/netlink.h"
#include "kernel/state.h"
#include "verbs/edit.h"
#include "verbs/import.h"
#include "verbs/trial.h"
#include "words/grammar.h"
#include "words/when.h"
#include "print.h"
#include "say.h"

/* Reads the configuration and prints it to @out. */
static int print_conf(struct op25b_ctx *ctx, struct op25b_out *out)
{
	struct op25b_copy c;
	int ret;

	ret = op25b_copy_read(ctx, OP25B_ORIGIN_CONFIG, &c);
	if (!ret)
		ret = op25b_conf_print(ctx, out, &c);
	op25b_copy_free(&c);
	return ret;
}

static int show(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	int ret = op25b_nl_open_alone(ctx, w, n);

	return ret ? ret : print_conf(ctx, ctx->out);
}

/* Takes the first word, that names a file. Return: it, to be freed, or NULL */
static char *file_word(struct op25b_ctx *ctx, const struct op25b_word *w,
		       int n)
{
	if (n && w->len)
		return strndup(w->s, w->len);
	op25b_complain(ctx, "conf: expected the name of a file");
	return NULL;
}

static int save_as(struct op25b_ctx *ctx, const char *name, bool force)
{
	struct op25b_loss loss = { 0 };
	struct op25b_out out = { 0 };
	struct op25b_save sv;
	int ret;

	ret = force ? OP25B_DONE : op25b_loss_find(ctx, name, &loss);
	if (!ret)
		ret = op25b_nl_open(ctx);
	if (!ret && loss.what)
		return op25b_extend(ctx, name, &loss);
	if (!ret)
		ret = op25b_save_begin(ctx, &sv, name);
	if (ret)
		return ret;
	out.f = sv.f;
	return op25b_save_end(ctx, &sv, print_conf(ctx, &out));
}

static int save_file(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	bool by_hand = false, force = false;
	char *name;
	int i, ret;

	for (i = 1; i < n; i++) {
		if (op25b_is(&w[i], "by-hand") && !by_hand)
			by_hand = true;
		else if (op25b_is(&w[i], "force") && !force)
			force = true;
		else
			return op25b_surplus(ctx, &w[i]);
	}
	name = file_word(ctx, w, n);
	if (!name)
		return OP25B_USAGE;
	if (!strcmp(name, "-"))
		ret = op25b_fail(ctx, OP25B_USAGE,
				 "conf save: expected a file; `conf show` prints");
	else if (!by_hand)
		ret = save_as(ctx, name, force);
	else
		ret = op25b_nl_open(ctx);
	if (by_hand && !ret)
		ret = op25b_save_by_hand(ctx, name, force);
	free(name);
	return ret;
}

/* How a file is to be applied. */
struct how {
	uint32_t confirm;	/* seconds, 0 for good */
	bool force;
};

/* A file that a verb works on. */
struct job {
	struct op25b_source s;
	struct op25b_summary sum;
	struct op25b_warnings ws;
	struct how how;
};

/* Opens and checks the files that the first word names, and does @run with
 * them; @twice as for op25b_load_check(). Return: enum op25b_exit
 */
static int on_file(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
		   bool twice, int (*run)(struct op25b_ctx *ctx, struct job *j),
		   struct job *j)
{
	char *name = file_word(ctx, w, n);
	int ret = OP25B_USAGE;

	if (name)
		ret = op25b_source_open(ctx, &j->s, name);
	if (!ret) {
		ret = op25b_load_check(ctx, &j->s, &j->sum, &j->ws, twice);
		if (!ret)
			ret = run(ctx, j);
		op25b_source_close(&j->s);
		op25b_warnings_free(&j->ws);
	}
	free(name);
	return ret;
}

/* The knobs that the file leaves to their defaults. */
static void print_defaults(struct op25b_out *out, const struct op25b_knobs *k)
{
	int i;

	op25b_out_obj_open(out, "defaults");
	for (i = 0; i < OP25B_KNOBS; i++) {
		if (k->given[i])
			continue;
		op25b_out_text(out, "default ");
		op25b_knob_print(out, &op25b_knobs[i], op25b_knobs[i].name,
				 k->value[i]);
	}
	op25b_out_obj_close(out);
}

static void print_check(struct op25b_ctx *ctx, const struct job *j)
{
	struct op25b_out *out = ctx->out;
	unsigned long prefixes = j->sum.prefixes[0] + j->sum.prefixes[1];
	char hash[OP25B_SHA256_TEXT];

	op25b_out_obj_open(out, NULL);
	op25b_out_str(out, "file", "%s: good", op25b_source_name(&j->s, 0));
	op25b_out_u64(out, "prefixes",
		      op25b_plural(prefixes, ", %llu prefix",
				   ", %llu prefixes"), prefixes);
	op25b_out_u64(out, "relays",
		      op25b_plural(j->sum.relays, ", %llu relay\n",
				   ", %llu relays\n"), j->sum.relays);
	if (op25b_source_sha256(&j->s, hash))
		op25b_out_str(out, "sha256", "sha256 %s\n", hash);
	print_defaults(out, &j->sum.knobs);
	op25b_warnings_print(ctx, &j->ws);
	op25b_out_obj_close(out);
}

static int check_job(struct op25b_ctx *ctx, struct job *j)
{
	int ret = op25b_advise(ctx, &j->s, &j->sum, &j->ws);

	if (!ret)
		print_check(ctx, j);
	return ret;
}

static int diff_job(struct op25b_ctx *ctx, struct job *j)
{
	int ret;

	op25b_warnings_tell(ctx, &j->ws);
	ret = op25b_nl_open(ctx);
	return ret ? ret : op25b_diff(ctx, &j->s, &j->sum);
}

static int check(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct job j = { 0 };

	return n > 1 ? op25b_surplus(ctx, &w[1]) :
		on_file(ctx, w, n, true, check_job, &j);
}

static int diff(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct job j = { 0 };

	return n > 1 ? op25b_surplus(ctx, &w[1]) :
		on_file(ctx, w, n, true, diff_job, &j);
}

/* Reads "confirm DURATION". Return: the number of words read, or -1 */
static int confirm_words(struct op25b_ctx *ctx, const struct op25b_word *w,
			 int n, uint32_t *seconds)
{
	struct op25b_err err;
	char q[OP25B_QUOTE];
	int bad;

	if (n < 2)
		bad = op25b_err(&err, "confirm: expected a duration behind it");
	else
		bad = op25b_parse_duration(&w[1], seconds, &err);
	if (!bad && *seconds > OP25B_MAX_CONFIRM)
		bad = op25b_err(&err, "confirm %s: expected at most 24h",
				op25b_quote(&w[1], q));
	if (!bad)
		return 2;
	op25b_complain(ctx, "%s", err.text);
	return -1;
}

/* The words behind the file, in any order. Return: OP25B_DONE or OP25B_USAGE */
static int apply_words(struct op25b_ctx *ctx, const struct op25b_word *w,
		       int n, struct how *how)
{
	char q[OP25B_QUOTE];
	int used;

	for (; n; w += used, n -= used) {
		bool confirm = op25b_is(w, "confirm");

		if ((confirm && how->confirm) ||
		    (how->force && op25b_is(w, "force")))
			return op25b_fail(ctx, OP25B_USAGE,
					  "%s: expected it once",
					  confirm ? "confirm" : "force");
		if (confirm) {
			used = confirm_words(ctx, w, n, &how->confirm);
		} else if (op25b_is(w, "force")) {
			how->force = true;
			used = 1;
		} else {
			op25b_complain(ctx,
				       "%s: expected \"confirm\", \"force\" or the end",
				       op25b_quote(w, q));
			used = -1;
		}
		if (used < 0)
			return OP25B_USAGE;
	}
	return OP25B_DONE;
}

static int apply_job(struct op25b_ctx *ctx, struct job *j)
{
	struct op25b_commit c = { .confirm = j->how.confirm };
	int ret;

	op25b_warnings_tell(ctx, &j->ws);
	ret = op25b_nl_open(ctx);
	if (!ret)
		ret = op25b_guard(ctx, &j->s, &j->sum, j->how.force,
				  &c.generation);
	if (ret)
		return ret;
	return c.confirm ? op25b_trial_apply(ctx, &j->s, &j->sum, &c) :
			   op25b_load_apply(ctx, &j->s, &j->sum, &c);
}

static int apply(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct job j = { 0 };
	int ret = n ? apply_words(ctx, w + 1, n - 1, &j.how) : OP25B_DONE;

	return ret ? ret : on_file(ctx, w, n, false, apply_job, &j);
}

static const struct op25b_verb verbs[] = {
	{ "show", "", "print it as a file", show },
	{ "save", "FILE [by-hand] [force]",
	  "write it, or what was added by hand, to a file; all or nothing",
	  save_file },
	{ "check", "FILE",
	  "read a file, report every bad line and warn of what looks wrong",
	  check },
	{ "diff", "FILE", "show what apply would change, like a patch", diff },
	{ "apply", "FILE [confirm DURATION] [force]",
	  "replace the whole configuration by a file, in one step", apply },
	{ "confirm", "", "keep what was applied with confirm",
	  op25b_trial_confirm },
	{ "rollback", "", "take it back at once", op25b_trial_rollback },
	{ "edit", "[FILE]",
	  "edit a file, look at the difference, try it, and keep both or neither",
	  op25b_conf_edit },
	{ "import",
	  "ipset|nft|iptables|csv FILE [LIST as block|exempt|monitor|relay]...",
	  "print as a file what another program's file holds",
	  op25b_conf_import },
	{ 0 }
};

const struct op25b_object op25b_conf_object = {
	.name	= "conf",
	.help	= "the whole configuration",
	.notes	=
		"A file has one statement a line; # begins a remark; FILE - is standard input:\n"
		"  mode off|monitor|enforce          must be there\n"
		"  KNOB VALUE                        see `op25bctl help set`\n"
		"  prefix PREFIX block|exempt|monitor [until TIME] [comment \"TEXT\"]\n"
		"  relay ADDRESS [comment \"TEXT\"]\n"
		"  include FILE                      or FOLDER/*.conf; relative to this file\n"
		"In quotes, \\\" is a quote and \\\\ a backslash. Knobs that are not in the file\n"
		"take their defaults; counters of entries that stay are kept.\n"
		"With `apply FILE confirm 5m` the kernel takes it back in 5 minutes unless\n"
		"`conf confirm` comes first; meanwhile nothing else may change.\n"
		"`save` keeps the text of a file with remarks or includes and adds to it; it\n"
		"wants `force` to replace it where more than additions is to be saved.\n"
		"`save FILE by-hand` adds to a file that yours includes what was added by hand.\n"
		"`apply` wants `force` for a file that drops entries added by hand, drops most\n"
		"of what is in force, or blocks everybody. Exit status 1 of `diff`: it differs.\n",
	.verbs	= verbs,
};
