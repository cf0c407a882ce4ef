// SPDX-License-Identifier: GPL-2.0
/* op25bctl: the command table and the options. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/netlink.h"
#include "verbs/usage.h"
#include "words/grammar.h"
#include "dispatch.h"
#include "op25bctl.h"
#include "print.h"
#include "say.h"

/* The command table: dispatch and help read it, nothing else lists commands. */
static const struct op25b_object * const objects[] = {
	&op25b_prefix_object,
	&op25b_relay_object,
	&op25b_set_object,
	&op25b_conf_object,
	&op25b_routes_object,
	&op25b_test_object,
	&op25b_stats_object,
	&op25b_top_object,
	&op25b_learn_object,
	&op25b_report_object,
	&op25b_events_object,
	&op25b_doctor_object,
	&op25b_notice_object,
	&op25b_help_object,
	&op25b_version_object,
	NULL
};

/**
 * struct line - the command line
 * @batch: what -b names, or NULL
 * @bad: the first option that there is not, or NULL
 * @lacks: it is there, but its argument is not
 * @atomic: --atomic stands there
 * @keep_going: --keep-going does
 * @help: --help does
 * @version: --version does
 * @w: the words that are no options, behind room for `help`
 * @n: how many
 */
struct line {
	const char *batch;
	const char *bad;
	bool lacks;
	bool atomic;
	bool keep_going;
	bool help;
	bool version;
	struct op25b_word w[1 + OP25B_WORDS_MAX];
	int n;
};

/* getopt_long() with what it needs, from the table of options. */
static int next_option(int argc, char **argv)
{
	struct option names[OP25B_OPTIONS + 1] = { 0 };
	char letters[2 + 2 * OP25B_OPTIONS + 1] = "+:";
	int i;

	for (i = 0; i < OP25B_OPTIONS; i++) {
		const struct op25b_option *o = &op25b_options[i];

		sprintf(letters + strlen(letters), "%c%s", o->letter,
			o->arg ? ":" : "");
		names[i] = (struct option){
			o->name, o->arg ? required_argument : no_argument,
			NULL, o->letter
		};
	}
	return getopt_long(argc, argv, letters, names, NULL);
}

static void take_option(struct op25b_ctx *ctx, struct line *l, int argc,
			char **argv)
{
	char *word = argv[optind];

	switch (next_option(argc, argv)) {
	case 'n':
		ctx->netns = optarg;
		break;
	case 'p':
		ctx->out->pretty = true;
		/* fallthrough */
	case 'j':
		ctx->out->json = true;
		break;
	case 'b':
		l->batch = optarg;
		break;
	case 'a':
		l->atomic = true;
		break;
	case 'k':
		l->keep_going = true;
		break;
	case 'h':
		l->help = true;
		break;
	case 'V':
		l->version = true;
		break;
	case ':':
		l->lacks = !l->bad;
		/* fallthrough */
	default:
		l->bad = l->bad ? l->bad : word;
	}
}

/* Parts options and words. Where a comment or anything may stand there are no
 * options, and one that is not ours may be a verb's.
 */
static void read_line(struct op25b_ctx *ctx, struct line *l, int argc,
		      char **argv)
{
	bool plain = false;

	opterr = 0;
	while (optind < argc && l->n < OP25B_WORDS_MAX) {
		struct op25b_word w = { argv[optind], strlen(argv[optind]) };
		bool dashed = w.len > 1 && w.s[0] == '-' && !plain &&
			!(l->n && op25b_is(&l->w[l->n], "comment"));

		if (dashed && op25b_option_find(&w)) {
			take_option(ctx, l, argc, argv);
			continue;
		}
		optind++;
		if (dashed && op25b_is(&w, "--")) {
			plain = true;
		} else if (dashed && !l->n) {
			l->bad = l->bad ? l->bad : w.s;
		} else {
			l->w[++l->n] = w;
			plain |= dashed && op25b_is(&w, "--complete");
		}
	}
}

/* `WORD... --help` is `help WORD...`, as far as the words are known. */
static int help(struct op25b_ctx *ctx, struct line *l)
{
	const struct op25b_object *obj;

	obj = l->n ? op25b_object_find(ctx, &l->w[1]) : NULL;
	if (l->n > 1)
		l->n = obj && op25b_verb_find(obj, &l->w[2]) ? 2 : 1;
	l->w[0] = (struct op25b_word){ "help", 4 };
	return op25b_dispatch(ctx, l->w, 1 + l->n);
}

static int run(struct op25b_ctx *ctx, int argc, char **argv)
{
	static const struct op25b_word version = { "version", 7 };
	struct line l = { 0 };

	read_line(ctx, &l, argc, argv);
	if (l.bad)
		return op25b_fail(ctx, OP25B_USAGE, l.lacks ?
				  "%s: expected an argument behind it" :
				  "unknown option %s (op25bctl --help lists them)",
				  l.bad);
	if (optind < argc)
		return op25b_fail(ctx, OP25B_USAGE, "more than %d words",
				  OP25B_WORDS_MAX);
	if (l.help)
		return help(ctx, &l);
	if (l.version)
		return op25b_dispatch(ctx, &version, 1);
	if (l.batch && l.n)
		return op25b_fail(ctx, OP25B_USAGE,
				  "%s: expected no command besides -b",
				  l.w[1].s);
	if (l.atomic + l.keep_going > !!l.batch)
		return op25b_fail(ctx, OP25B_USAGE,
				  "expected one of --atomic and --keep-going, with -b");
	if (l.batch)
		return op25b_batch(ctx, l.batch, l.atomic, l.keep_going);
	if (l.n)
		return op25b_dispatch(ctx, l.w + 1, l.n);
	op25b_usage(ctx, NULL);
	return OP25B_USAGE;
}

/* Where the caller closed a standard stream, the next file or socket would
 * take its number, and output would go there. Instead: one that cannot be read
 * or written, and a standard error that swallows what it gets.
 */
static void open_standard(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDWR };
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) < 0)
			exit(OP25B_UNWRITTEN);
}

int main(int argc, char **argv)
{
	struct op25b_out out = { .f = stdout };
	struct op25b_ctx ctx = { .out = &out, .objects = objects };
	static char room[64 * 1024];
	int ret, err;

	open_standard();
	/* A long list takes few writes; a terminal sees it line by line. */
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, room, _IOFBF, sizeof(room));
	ret = run(&ctx, argc, argv);
	op25b_nl_close(&ctx);
	err = op25b_flush();
	if (err) {
		op25b_complain(&ctx, "cannot write the output: %s",
			       err == EBADF ? "standard output is closed" :
			       strerror(err));
		/* An answer that nobody can read is none. */
		if (ret == OP25B_DONE || ret == OP25B_BLOCKED)
			ret = OP25B_UNWRITTEN;
	}
	return ret == OP25B_BLOCKED ? OP25B_REFUSED : ret;
}
