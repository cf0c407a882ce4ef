// SPDX-License-Identifier: GPL-2.0
/*
 * conf edit: a copy of the file, beside it, is edited, checked, compared with
 * what is in force and tried. The file takes its place when that is confirmed;
 * whatever else happens, file and kernel stay as they were.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conf/compare.h"
#include "conf/load.h"
#include "files/save.h"
#include "kernel/netlink.h"
#include "verbs/edit.h"
#include "verbs/trial.h"
#include "words/when.h"
#include "print.h"
#include "say.h"

#define FOLDER		"/etc/op25b"
/* Seconds that a file is on trial */
#define TRIAL		300

/**
 * struct edit - an edit under way
 * @sv: the copy
 * @was: the file when it was copied
 * @kept: the copy is in force, and confirmed
 */
struct edit {
	struct op25b_ctx *ctx;
	struct op25b_save sv;
	struct stat was;
	bool kept;
};

/* A signal makes a question be answered by nothing, which is no. */
static void interrupted(int sig)
{
	(void)sig;
}

static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGHUP, SIGTERM };
	struct sigaction sa = { .sa_handler = interrupted };
	size_t i;

	for (i = 0; i < OP25B_ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &sa, NULL);
}

/* Asks until one of @letters is the answer. Return: it, or 0 at the end of
 * input, by a signal or after @seconds
 */
static char ask(const char *question, const char *letters, int seconds)
{
	time_t end = time(NULL) + seconds;
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
	char c, first = 0;

	fprintf(stderr, "%s ", question);
	for (;;) {
		if (seconds && (time(NULL) >= end ||
				poll(&p, 1, 1000 * (end - time(NULL))) <= 0))
			return 0;
		if (read(STDIN_FILENO, &c, 1) != 1)
			return 0;
		if (c != '\n') {
			first = first ? first : c;
			continue;
		}
		if (first && strchr(letters, first))
			return first;
		first = 0;
		fprintf(stderr, "%s ", question);
	}
}

/* Runs the editor on the copy. Return: OP25B_DONE or OP25B_USAGE */
static int run_editor(struct edit *e)
{
	const char *editor = getenv("VISUAL");
	int status = -1;
	char *command;
	pid_t child;

	if (!editor || !*editor)
		editor = getenv("EDITOR");
	if (!editor || !*editor)
		editor = "vi";
	if (asprintf(&command, "%s \"$0\"", editor) < 0)
		return op25b_fail(e->ctx, OP25B_UNASKED, "out of memory");
	op25b_flush();
	child = fork();
	if (!child) {
		execl("/bin/sh", "sh", "-c", command, e->sv.temp, NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	free(command);
	return status ? op25b_fail(e->ctx, OP25B_USAGE,
				   "%s: the editor failed; nothing is changed",
				   editor) : OP25B_DONE;
}

static bool same_text(const char *a, const char *b)
{
	FILE *f = fopen(a, "re"), *g = fopen(b, "re");
	bool same = f && g;
	int c = 0;

	while (same && c != EOF) {
		c = getc(f);
		same = c == getc(g);
	}
	if (f)
		fclose(f);
	if (g)
		fclose(g);
	return same;
}

/* Nobody else has written the file since it was copied. */
static int untouched(struct edit *e)
{
	struct stat is = { 0 };

	stat(e->sv.path, &is);
	if (is.st_ino == e->was.st_ino && is.st_size == e->was.st_size &&
	    is.st_mtim.tv_sec == e->was.st_mtim.tv_sec &&
	    is.st_mtim.tv_nsec == e->was.st_mtim.tv_nsec)
		return OP25B_DONE;
	return op25b_fail(e->ctx, OP25B_REFUSED,
			  "%s was changed by somebody else meanwhile",
			  e->sv.path);
}

/* On trial, until it is confirmed or rolled back. */
static int keep_or_not(struct edit *e, uint32_t seconds)
{
	int ret;

	op25b_flush();
	/* ORDER: once it is confirmed, the file must be able to follow. */
	if (ask("Keep it? [y]es, [n]o:", "yn", seconds) == 'y' &&
	    !untouched(e)) {
		ret = op25b_trial_confirm(e->ctx, NULL, 0);
		e->kept = !ret;
		return ret;
	}
	fputc('\n', stderr);
	op25b_trial_rollback(e->ctx, NULL, 0);
	return OP25B_REFUSED;
}

static int try(struct edit *e, struct op25b_source *s,
	       const struct op25b_summary *sum)
{
	struct op25b_commit c = { .confirm = TRIAL };
	int ret;

	ret = op25b_guard(e->ctx, s, sum, false, &c.generation);
	if (!ret)
		ret = untouched(e);
	if (!ret)
		ret = op25b_trial_apply(e->ctx, s, sum, &c);
	return ret ? ret : keep_or_not(e, c.confirm);
}

/* Shows what is different. Return: OP25B_DONE, OP25B_BLOCKED: the file may be
 * tried; OP25B_USAGE: it is wrong
 */
static int look(struct edit *e, struct op25b_source *s,
		struct op25b_summary *sum)
{
	struct op25b_warnings ws = { 0 };
	int ret;

	ret = op25b_load_check(e->ctx, s, sum, &ws, true);
	if (!ret) {
		op25b_warnings_tell(e->ctx, &ws);
		ret = op25b_diff(e->ctx, s, sum);
	}
	op25b_warnings_free(&ws);
	op25b_flush();
	return ret;
}

/* Edits, looks, asks, until it is kept or given up. Return: enum op25b_exit */
static int rounds(struct edit *e)
{
	struct op25b_summary sum;
	struct op25b_source s;
	char answer = 'e';
	int ret = OP25B_DONE;

	while (answer == 'e') {
		ret = run_editor(e);
		if (ret)
			return ret;
		if (same_text(e->sv.temp, e->sv.path)) {
			op25b_complain(e->ctx, "%s: nothing is changed",
				       e->sv.path);
			return OP25B_DONE;
		}
		ret = op25b_source_open(e->ctx, &s, e->sv.temp);
		if (ret)
			return ret;
		ret = look(e, &s, &sum);
		if (ret == OP25B_DONE || ret == OP25B_BLOCKED)
			answer = ask("Try it? [y]es, [e]dit again, [q]uit:",
				     "yeq", 0);
		else
			answer = ask("[e]dit again, [q]uit:", "eq", 0);
		if (answer == 'y')
			ret = try(e, &s, &sum);
		else if (!ret || ret == OP25B_BLOCKED)
			ret = OP25B_REFUSED;
		op25b_source_close(&s);
	}
	return ret;
}

/* Copies what is there to the copy. */
static int copy(struct edit *e)
{
	FILE *f = fopen(e->sv.path, "re");
	int c;

	while (f && (c = getc(f)) != EOF)
		putc(c, e->sv.f);
	if (f)
		fclose(f);
	if (!fflush(e->sv.f))
		return OP25B_DONE;
	return op25b_fail(e->ctx, OP25B_UNWRITTEN, "cannot write %s: %s",
			  e->sv.temp, strerror(errno));
}

static int edit(struct op25b_ctx *ctx, const char *name)
{
	struct edit e = { .ctx = ctx };
	int ret;

	ret = op25b_nl_open(ctx);
	if (!ret)
		ret = op25b_save_begin(ctx, &e.sv, name);
	if (ret)
		return ret;
	stat(e.sv.path, &e.was);
	catch_signals();
	ret = copy(&e);
	if (!ret)
		ret = rounds(&e);
	if (e.kept)
		ret = op25b_save_reopen(ctx, &e.sv);
	/* Any other end than OP25B_DONE drops the copy. */
	ret = op25b_save_end(ctx, &e.sv, !ret && !e.kept ? OP25B_BLOCKED : ret);
	return ret == OP25B_BLOCKED ? OP25B_DONE : ret;
}

int op25b_conf_edit(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	char *name;
	int ret;

	if (n > 1)
		return op25b_surplus(ctx, &w[1]);
	if (ctx->file)
		return op25b_fail(ctx, OP25B_USAGE,
				  "conf edit: expected it on the command line, not in a batch");
	if (!n && ctx->netns && strchr(ctx->netns, '/'))
		return op25b_fail(ctx, OP25B_USAGE,
				  "conf edit: expected a file, since the namespace has no name");
	if (n)
		name = strndup(w->s, w->len);
	else if (asprintf(&name, ctx->netns ? FOLDER "/op25b@%s.conf" :
			  FOLDER "/op25b.conf", ctx->netns) < 0)
		name = NULL;
	if (!name)
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	ret = edit(ctx, name);
	free(name);
	return ret;
}
