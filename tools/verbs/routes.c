// SPDX-License-Identifier: GPL-2.0
/* What routing tables put in force: entries of origin bgp. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/netlink.h"
#include "routes/conf.h"
#include "routes/follow.h"
#include "routes/tell.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "words/when.h"
#include "print.h"
#include "say.h"

/* The name of the file @w, to be freed. */
static char *name_of(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	char *name;

	if (!n) {
		op25b_complain(ctx, "routes: expected a file");
		return NULL;
	}
	name = strndup(w->s, w->len);
	if (!name)
		op25b_complain(ctx, "out of memory");
	return name;
}

/* Return: OP25B_DONE with @c read, or OP25B_USAGE */
static int read_conf(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
		     struct op25b_routes_conf *c)
{
	char *name = name_of(ctx, w, n);
	int ret = name ? op25b_routes_conf_read(ctx, name, c) : OP25B_USAGE;

	free(name);
	return ret;
}

static int check(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct op25b_routes_conf c;
	int ret = n > 1 ? op25b_surplus(ctx, &w[1]) : read_conf(ctx, w, n, &c);
	char t[OP25B_WHEN_TEXT];

	if (ret)
		return ret;
	op25b_out_obj_open(ctx->out, NULL);
	op25b_out_u64(ctx->out, "tables", "table lines %llu\n", c.n);
	op25b_out_u64(ctx->out, "linger", NULL, c.linger);
	op25b_out_text(ctx->out, "linger %s\n",
		       op25b_duration_text(c.linger, t));
	op25b_out_u64(ctx->out, "shrink", "shrink %llu%%\n", c.shrink);
	op25b_out_u64(ctx->out, "shortest_ipv4", "shortest %llu v4, ",
		      c.shortest[0]);
	op25b_out_u64(ctx->out, "shortest_ipv6", "%llu v6\n", c.shortest[1]);
	op25b_out_u64(ctx->out, "scan", NULL, c.scan);
	op25b_out_text(ctx->out, "scan %s\n", op25b_duration_text(c.scan, t));
	op25b_out_u64(ctx->out, "buffer", "buffer %llu\n", c.buffer);
	op25b_out_obj_close(ctx->out);
	return OP25B_DONE;
}

static int follow(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct op25b_routes_conf c;
	int ret = n > 1 ? op25b_surplus(ctx, &w[1]) : read_conf(ctx, w, n, &c);
	bool loaded;

	if (!ret)
		ret = op25b_nl_probe(ctx, &loaded);
	return ret ? ret : op25b_follow(ctx, &c);
}

static int sync_once(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	bool force = n > 1 && op25b_is(&w[1], "force");
	struct op25b_routes_conf c;
	int ret = n > 1 + force ? op25b_surplus(ctx, &w[1 + force]) :
				  read_conf(ctx, w, n, &c);

	if (!ret)
		ret = op25b_nl_open(ctx);
	return ret ? ret : op25b_follow_once(ctx, &c, force);
}

static int no_follower(struct op25b_ctx *ctx, int err)
{
	if (err == -ENOENT || err == -ECONNREFUSED)
		return op25b_fail(ctx, OP25B_UNASKED,
				  "no `routes follow` runs: systemctl status op25b-routes");
	return op25b_fail(ctx, OP25B_UNASKED,
			  "`routes follow` does not answer: %s",
			  strerror(-err));
}

/* Asks a follower from its own namespace: there the name is unique to which the
 * answer comes.
 */
static int ask(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
	       const char *question, char *buf)
{
	int err;

	if (n)
		return op25b_surplus(ctx, w);
	err = ctx->netns ? op25b_netns_enter(ctx->netns) : 0;
	if (err)
		return op25b_fail(ctx, OP25B_UNASKED,
				  "cannot enter network namespace %s: %s",
				  ctx->netns, err == -ENOENT ?
				  "no such namespace" : strerror(-err));
	err = op25b_tell_ask(ctx, question, buf);
	return err ? no_follower(ctx, err) : OP25B_DONE;
}

static void print_line(struct op25b_out *out, const char *key,
		       const char *value)
{
	op25b_out_text(out, "%s %s\n", key, value);
	if (*value >= '0' && *value <= '9')
		op25b_out_u64(out, key, NULL, strtoull(value, NULL, 10));
	else
		op25b_out_str(out, key, NULL, value);
}

static int show(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	char buf[OP25B_ANSWER], *at = buf;
	const char *key, *value;
	int ret = ask(ctx, w, n, "show", buf);

	if (ret)
		return ret;
	op25b_out_obj_open(ctx->out, NULL);
	while (op25b_tell_line(&at, &key, &value))
		if (strcmp(key, "table"))
			print_line(ctx->out, key, value);
	op25b_out_obj_close(ctx->out);
	return OP25B_DONE;
}

static int accept_held(struct op25b_ctx *ctx, const struct op25b_word *w,
		       int n)
{
	char buf[OP25B_ANSWER], *at = buf;
	const char *key, *value;
	int ret = ask(ctx, w, n, "accept", buf);

	if (ret)
		return ret;
	op25b_out_obj_open(ctx->out, NULL);
	while (op25b_tell_line(&at, &key, &value))
		print_line(ctx->out, key, value);
	op25b_out_obj_close(ctx->out);
	return OP25B_DONE;
}

static const struct op25b_verb verbs[] = {
	{ "check", "FILE", "read it, and say what it means", check },
	{ "follow", "FILE",
	  "put in force what the routing tables have, as it changes", follow },
	{ "sync", "FILE [force]", "the same once, and without linger",
	  sync_once },
	{ "show", "", "what the one that follows has in force", show },
	{ "accept", "", "let go what is missing and held", accept_held },
	{ 0 }
};

const struct op25b_object op25b_routes_object = {
	.name	= "routes",
	.help	= "entries that come from routing tables, as BGP fills them",
	.notes	=
		"FILE says which tables are of which class, op25b-routes.conf(5). `follow` is what\n"
		"op25b-routes.service runs: it adds and changes entries of origin bgp as routes\n"
		"come and change, and lets go those whose routes are missing, but not at once, and\n"
		"not if most of a class would go: these are held until the routes are back, or\n"
		"until `routes accept`.\n",
	.verbs	= verbs,
};
