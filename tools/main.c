// SPDX-License-Identifier: GPL-2.0
/* op25bctl: the command table and the options. */
#include <errno.h>
#include <fcntl.h>
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
	&op25b_test_object,
	&op25b_stats_object,
	&op25b_top_object,
	&op25b_events_object,
	&op25b_doctor_object,
	&op25b_help_object,
	&op25b_version_object,
	NULL
};

static int run_words(struct op25b_ctx *ctx, char **argv, int n)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	int i;

	if (n > OP25B_WORDS_MAX)
		return op25b_fail(ctx, OP25B_USAGE, "more than %d words",
				  OP25B_WORDS_MAX);
	for (i = 0; i < n; i++) {
		w[i].s = argv[i];
		w[i].len = strlen(argv[i]);
	}
	return op25b_dispatch(ctx, w, n);
}

/* Reads the options. Return: true to go on, false with *@ret set. */
static bool options(struct op25b_ctx *ctx, int argc, char **argv,
		    const char **batch, int *ret)
{
	int c;

	*ret = OP25B_USAGE;
	opterr = 0;
	for (;;) {
		if (optind < argc && !strcmp(argv[optind], "--help"))
			c = 'h';
		else if (optind < argc && !strcmp(argv[optind], "--version"))
			c = 'V';
		else
			c = getopt(argc, argv, "+:n:jpb:hV");
		switch (c) {
		case -1:
			return true;
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
			*batch = optarg;
			break;
		case 'h':
		case 'V':
			*ret = run_words(ctx, (char *[]){ c == 'h' ? "help" :
							  "version" }, 1);
			return false;
		case ':':
			op25b_complain(ctx,
				       "-%c: expected an argument behind it",
				       optopt);
			return false;
		default:
			op25b_complain(ctx,
				       "unknown option -%c (op25bctl -h tells them)",
				       optopt ? optopt : '-');
			return false;
		}
	}
}

static int run(struct op25b_ctx *ctx, int argc, char **argv)
{
	const char *batch = NULL;
	int ret;

	if (!options(ctx, argc, argv, &batch, &ret))
		return ret;
	if (batch && optind < argc)
		return op25b_fail(ctx, OP25B_USAGE,
				  "%s: expected no command besides -b",
				  argv[optind]);
	if (batch)
		return op25b_batch(ctx, batch);
	if (optind == argc) {
		op25b_usage(ctx, NULL);
		return OP25B_USAGE;
	}
	return run_words(ctx, argv + optind, argc - optind);
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
		ctx.file = NULL;
		op25b_complain(&ctx, "cannot write the output: %s",
			       err == EBADF ? "standard output is closed" :
			       strerror(err));
		/* An answer that nobody can read is none. */
		if (ret == OP25B_DONE || ret == OP25B_BLOCKED)
			ret = OP25B_UNWRITTEN;
	}
	return ret == OP25B_BLOCKED ? OP25B_REFUSED : ret;
}
