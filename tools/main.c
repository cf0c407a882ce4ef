// SPDX-License-Identifier: GPL-2.0
/* op25bctl: options, dispatch, complaints. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "words/grammar.h"
#include "kernel/netlink.h"
#include "op25bctl.h"
#include "print.h"
#include "say.h"

static int unknown(struct op25b_ctx *ctx, const struct op25b_object *obj,
		   const struct op25b_word *w)
{
	char q[OP25B_QUOTE], list[200];

	op25b_names(obj, list, sizeof(list));
	if (w)
		op25b_complain(ctx, "%s%sunknown word %s: expected one of %s",
			       obj ? obj->name : "", obj ? ": " : "",
			       op25b_quote(w, q), list);
	else
		op25b_complain(ctx, "%s: expected one of %s",
			       obj ? obj->name : "no object", list);
	return OP25B_USAGE;
}

/* The letter of an option behind the object, where none can be; 0 if there is
 * none. A comment may be anything.
 */
static char late_option(const struct op25b_word *w, int n)
{
	int i;

	for (i = 1; i < n; i++) {
		if (op25b_is(&w[i - 1], "comment"))
			continue;
		if (op25b_is(&w[i], "--help"))
			return 'h';
		if (w[i].len == 2 && w[i].s[0] == '-' &&
		    strchr("njpbh", w[i].s[1]))
			return w[i].s[1];
	}
	return 0;
}

int op25b_dispatch(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	const struct op25b_object *obj = n ? op25b_object_find(w) : NULL;
	struct op25b_word help[] = { { "help", 4 }, { 0 } };
	const struct op25b_verb *v;
	char c;

	if (!obj)
		return unknown(ctx, NULL, n ? w : NULL);
	c = obj == &op25b_help_object ? 0 : late_option(w, n);
	if (c == 'h') {
		help[1] = w[0];
		return op25b_dispatch(ctx, help, 2);
	}
	if (c) {
		op25b_complain(ctx,
			       "-%c: options stand before the object, as in `op25bctl -j prefix show`",
			       c);
		return OP25B_USAGE;
	}
	for (v = obj->verbs; v->run; v++) {
		if (v->name && n > 1 && op25b_is(&w[1], v->name))
			return v->run(ctx, w + 2, n - 2);
		if (!v->name)
			return v->run(ctx, w + 1, n - 1);
	}
	return unknown(ctx, obj, n > 1 ? &w[1] : NULL);
}

static int run_words(struct op25b_ctx *ctx, char **argv, int n)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	int i;

	if (n > OP25B_WORDS_MAX) {
		op25b_complain(ctx, "more than %d words", OP25B_WORDS_MAX);
		return OP25B_USAGE;
	}
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
	if (batch && optind < argc) {
		op25b_complain(ctx, "%s: expected no command besides -b",
			       argv[optind]);
		return OP25B_USAGE;
	}
	if (batch)
		return op25b_batch(ctx, batch);
	if (optind == argc) {
		op25b_usage(NULL);
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
	struct op25b_ctx ctx = { .out = &out };
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
