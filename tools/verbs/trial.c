// SPDX-License-Identifier: GPL-2.0
/* A configuration on trial. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "files/save.h"
#include "kernel/netlink.h"
#include "kernel/state.h"
#include "verbs/trial.h"
#include "words/when.h"
#include "print.h"
#include "say.h"

static const char *folder(void)
{
	const char *dir = getenv("OP25B_STATE_DIR");

	return dir && *dir ? dir : OP25B_STATEDIR;
}

/* The namespace's name as part of a file's: a path loses what ip-netns(8)
 * puts in front of names, and its slashes.
 */
static char *netns_part(const struct op25b_ctx *ctx)
{
	static const char * const front[] = {
		"/run/netns/", "/var/run/netns/"
	};
	const char *name = ctx->netns;
	char *part, *p;
	size_t i;

	if (!name)
		return strdup("");
	for (i = 0; i < OP25B_ARRAY_SIZE(front); i++)
		if (!strncmp(name, front[i], strlen(front[i])))
			name += strlen(front[i]);
	if (asprintf(&part, "@%s", name) < 0)
		return NULL;
	for (p = part; *p; p++)
		if (*p == '/')
			*p = '-';
	return part;
}

/* A file of the folder, "pending" or "last-good" before @end. To be freed. */
static char *state_file(const struct op25b_ctx *ctx, const char *name,
			const char *end)
{
	char *part = netns_part(ctx), *path = NULL;

	if (part &&
	    asprintf(&path, "%s/%s%s%s", folder(), name, part, end) < 0)
		path = NULL;
	free(part);
	return path;
}

/* Begins to write a file of the folder, which is made if need be. */
static int begin_file(struct op25b_ctx *ctx, struct op25b_save *sv,
		      const char *name, const char *end)
{
	char *path = state_file(ctx, name, end);
	int ret;

	if (!path)
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	mkdir(folder(), 0700);
	ret = op25b_save_begin(ctx, sv, path);
	free(path);
	return ret;
}

/* The mark's line, "" without one. To be freed. */
static char *read_mark(struct op25b_ctx *ctx)
{
	char *path = state_file(ctx, "pending", ""), *line = NULL;
	FILE *f = path ? fopen(path, "re") : NULL;
	size_t room = 0;

	if (f) {
		if (getline(&line, &room, f) < 0 && line)
			*line = '\0';
		fclose(f);
	}
	free(path);
	return line ? line : strdup("");
}

static int write_mark(struct op25b_ctx *ctx, const char *line)
{
	struct op25b_save sv;
	int ret;

	ret = begin_file(ctx, &sv, "pending", "");
	if (ret)
		return ret;
	fputs(line, sv.f);
	return op25b_save_end(ctx, &sv, OP25B_DONE);
}

static int remove_mark(struct op25b_ctx *ctx)
{
	char *path = state_file(ctx, "pending", "");
	int ret = OP25B_DONE;

	if (path && unlink(path) && errno != ENOENT) {
		op25b_complain(ctx, "cannot remove %s: %s", path,
			       strerror(errno));
		ret = OP25B_UNWRITTEN;
	}
	free(path);
	return ret;
}

static int mark(struct op25b_ctx *ctx, const struct op25b_source *s,
		char **before)
{
	const char *name = op25b_source_name(s, 0);
	char hash[OP25B_SHA256_TEXT], *full, *line;
	int ret;

	if (!op25b_source_sha256(s, hash))
		return op25b_fail(ctx, OP25B_USAGE, "cannot read %s again",
				  name);
	full = realpath(op25b_source_path(s, 0), NULL);
	if (asprintf(&line, "%s %s\n", hash, full ? full : name) < 0)
		line = NULL;
	*before = read_mark(ctx);
	ret = line ? write_mark(ctx, line) : OP25B_UNASKED;
	if (ret) {
		free(*before);
		*before = NULL;
	}
	free(full);
	free(line);
	return ret;
}

static void forget(struct op25b_ctx *ctx, char *before)
{
	if (before && *before)
		write_mark(ctx, before);
	else
		remove_mark(ctx);
}

/* Marked first, so that whatever happens then nobody boots with it. */
int op25b_trial_apply(struct op25b_ctx *ctx, struct op25b_source *s,
		      const struct op25b_summary *sum, struct op25b_commit *c)
{
	char t[OP25B_WHEN_TEXT], *before = NULL;
	int ret;

	ret = mark(ctx, s, &before);
	if (ret)
		return ret;
	ret = op25b_load_apply(ctx, s, sum, c);
	if (ret)
		forget(ctx, before);
	free(before);
	if (ret)
		return ret;
	op25b_out_obj_open(ctx->out, NULL);
	op25b_out_u64(ctx->out, "generation", "generation %llu", c->result);
	op25b_out_u64(ctx->out, "confirm_left", NULL, c->confirm);
	op25b_out_text(ctx->out,
		       " is in force for %s; `op25bctl conf confirm` keeps it\n",
		       op25b_duration_text(c->confirm, t));
	op25b_out_obj_close(ctx->out);
	return OP25B_DONE;
}

static void tell(struct op25b_ctx *ctx, const char *key, const char *fmt,
		 uint64_t generation)
{
	op25b_out_obj_open(ctx->out, NULL);
	op25b_out_u64(ctx->out, key, fmt, generation);
	op25b_out_obj_close(ctx->out);
}

/* Confirms the generation that was read, and no later one. */
static int send_confirm(struct op25b_ctx *ctx, uint64_t *generation)
{
	struct nl_msg *msg = op25b_nl_new(ctx, OP25B_CMD_CONFIRM,
					  OP25B_MSG_SMALL);

	nla_put_u64(msg, OP25B_A_GENERATION, *generation);
	if (op25b_nl_ask(ctx, msg, OP25B_A_GENERATION, generation))
		return op25b_nl_refused(ctx, "conf confirm: generation %llu",
					(unsigned long long)*generation);
	return OP25B_DONE;
}

/* The copy is on disk before the kernel is told, and in its place after: what
 * happens in between leaves the older one, and the mark.
 */
static int confirm_copy(struct op25b_ctx *ctx, struct op25b_copy *c)
{
	uint64_t generation = c->state.generation;
	struct op25b_out out = { 0 };
	struct op25b_save sv;
	int ret;

	ret = begin_file(ctx, &sv, "last-good", ".conf");
	if (ret)
		return ret;
	out.f = sv.f;
	ret = op25b_conf_print(ctx, &out, c);
	if (!ret)
		ret = send_confirm(ctx, &generation);
	ret = op25b_save_end(ctx, &sv, ret);
	if (!ret)
		ret = remove_mark(ctx);
	if (!ret)
		tell(ctx, "confirmed", "generation %llu is confirmed\n",
		     generation);
	return ret;
}

int op25b_trial_confirm(struct op25b_ctx *ctx, const struct op25b_word *w,
			int n)
{
	struct op25b_copy c;
	int ret = op25b_nl_open_alone(ctx, w, n);

	if (ret)
		return ret;
	ret = op25b_copy_read(ctx, OP25B_ORIGIN_CONFIG, &c);
	if (!ret && !c.state.confirm_left)
		/* The kernel says it best, and nothing is written. */
		ret = send_confirm(ctx, &c.state.generation);
	else if (!ret)
		ret = confirm_copy(ctx, &c);
	op25b_copy_free(&c);
	return ret;
}

int op25b_trial_rollback(struct op25b_ctx *ctx, const struct op25b_word *w,
			 int n)
{
	uint64_t generation;
	int ret = op25b_nl_open_alone(ctx, w, n);

	if (ret)
		return ret;
	if (op25b_nl_ask(ctx, op25b_nl_new(ctx, OP25B_CMD_ROLLBACK, 0),
			 OP25B_A_GENERATION, &generation))
		return op25b_nl_refused(ctx, "conf rollback");
	tell(ctx, "rolled_back",
	     "rolled back; this is generation %llu\n", generation);
	return OP25B_DONE;
}
