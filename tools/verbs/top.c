// SPDX-License-Identifier: GPL-2.0
/* The offenders, worst first; once, or again and again. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "words/addr.h"
#include "words/grammar.h"
#include "kernel/netlink.h"
#include "kernel/offender.h"
#include "print.h"
#include "say.h"

#define DEFAULT_COUNT	20
#define MAX_COUNT	1000000
#define DEFAULT_SECONDS	2
#define MAX_SECONDS	86400

/* Terminals since the VT100: another screen, no cursor, long lines cut off. */
#define SCREEN_ENTER	"\033[?1049h\033[?25l\033[?7l"
#define SCREEN_LEAVE	"\033[?7h\033[?25h\033[?1049l"
#define SCREEN_CLEAR	"\033[H\033[J"

struct top {
	uint32_t count;
	uint32_t seconds;	/* 0: once */
	struct op25b_offender *list;
	size_t n, room;
};

static int take_message(struct nlattr *attrs, int len, void *arg)
{
	struct top *top = arg;
	struct nlattr *a;

	for (a = attrs; nla_ok(a, len); a = nla_next(a, &len)) {
		if (nla_type(a) != OP25B_A_OFFENDER)
			continue;
		if (top->n == top->room) {
			size_t room = top->room * 2 + 64;
			void *list = realloc(top->list,
					     room * sizeof(*top->list));

			if (!list)
				return -ENOMEM;
			top->list = list;
			top->room = room;
		}
		if (!op25b_offender_get(a, &top->list[top->n++]))
			return -EBADMSG;
	}
	return 0;
}

/* Return: 0 or -errno */
static int ask(struct op25b_ctx *ctx, struct top *top, uint32_t count)
{
	struct nl_msg *msg = op25b_nl_new(ctx, OP25B_CMD_OFFENDER_GET,
					  OP25B_MSG_SMALL);

	top->n = 0;
	nla_put_u32(msg, OP25B_A_COUNT, count);
	return op25b_nl_dump(ctx, msg, take_message, top);
}

static void print_one(struct op25b_out *out, const struct op25b_offender *o)
{
	char t[OP25B_ADDR_TEXT];

	op25b_out_obj_open(out, NULL);
	op25b_out_u64(out, "attempts", "%8llu", o->attempts);
	op25b_out_u64(out, "error", " %7llu", o->error);
	op25b_out_u64(out, "destinations", " %5llu", o->destinations);
	op25b_out_str(out, "source", " %-18s", op25b_offender_text(o, t));
	op25b_out_str(out, "state", " %-7s", op25b_offender_state(o));
	op25b_out_time(out, "last_seen", " %s", o->last_seen);
	op25b_out_time(out, "first_seen", " %s", o->first_seen);
	op25b_out_u64(out, "packets", " %8llu", o->packets);
	op25b_out_u64(out, "syns", " %8llu", o->syns);
	op25b_out_u64(out, "bytes", " %10llu", o->bytes);
	op25b_out_str(out, "prefix", " %s",
		      op25b_entry_text(&op25b_prefix_kind, &o->prefix, t));
	if (o->prefix.comment_len)
		op25b_out_quoted(out, "comment", " %s", o->prefix.comment);
	op25b_out_text(out, "\n");
	op25b_out_obj_close(out);
}

static void print(struct op25b_out *out, const struct top *top)
{
	size_t i;

	op25b_out_list_open(out, NULL);
	op25b_out_text(out, "%8s %7s %5s %-18s %-7s %-20s ", "ATTEMPTS",
		       "ERROR", "DESTS", "SOURCE", "STATE", "LAST-SEEN");
	op25b_out_text(out, "%-20s %8s %8s %10s %s\n", "FIRST-SEEN", "PACKETS",
		       "SYNS", "BYTES", "PREFIX");
	for (i = 0; i < top->n; i++)
		print_one(out, &top->list[i]);
	op25b_out_list_close(out);
}

/* Lines that a screen has below the header; no more are asked for. */
static uint32_t screen_lines(uint32_t count)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_row < 3)
		return count;
	return size.ws_row - 2u < count ? size.ws_row - 2u : count;
}

/* Until one of @signals, which are blocked, says stop. Return: 0 or -errno */
static int watch(struct op25b_ctx *ctx, struct top *top, bool screen,
		 const sigset_t *signals)
{
	struct timespec pause = { .tv_sec = top->seconds };
	int err;

	do {
		err = ask(ctx, top, screen ? screen_lines(top->count) :
					     top->count);
		if (err)
			return err;
		op25b_out_text(ctx->out, "%s", screen ? SCREEN_CLEAR : "");
		print(ctx->out, top);
		if (!screen)
			op25b_out_text(ctx->out, "\n");
		if (op25b_flush())
			return 0;	/* main() says it */
	} while (sigtimedwait(signals, NULL, &pause) < 0);
	return 0;
}

/* The terminal is as it was, however this ends short of SIGKILL. What there is
 * to complain about is said after that.
 */
static int watch_screen(struct op25b_ctx *ctx, struct top *top)
{
	bool screen = isatty(STDOUT_FILENO) && !ctx->out->json;
	sigset_t signals;
	int err;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGQUIT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	op25b_out_text(ctx->out, "%s", screen ? SCREEN_ENTER : "");
	err = watch(ctx, top, screen, &signals);
	op25b_out_text(ctx->out, "%s", screen ? SCREEN_LEAVE : "");
	return err ? op25b_nl_refused(ctx, "top") : OP25B_DONE;
}

static int number(struct op25b_ctx *ctx, const struct op25b_word *w,
		  const char *what, uint32_t max, uint32_t *value)
{
	int64_t v = op25b_parse_number(w, max);
	char q[OP25B_QUOTE];

	*value = v;
	if (v > 0)
		return OP25B_DONE;
	op25b_complain(ctx, "top: %s: expected %s from 1 to %u",
		       op25b_quote(w, q), what, max);
	return OP25B_USAGE;
}

static bool is_watch(const struct op25b_word *w)
{
	return w->len == 2 && !memcmp(w->s, "-w", 2);
}

static int parse(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
		 struct top *top)
{
	int ret;

	if (n && !is_watch(w)) {
		ret = number(ctx, w, "a number of sources", MAX_COUNT,
			     &top->count);
		if (ret)
			return ret;
		w++;
		n--;
	}
	if (n && is_watch(w)) {
		top->seconds = DEFAULT_SECONDS;
		w++;
		n--;
		if (n) {
			ret = number(ctx, w, "seconds", MAX_SECONDS,
				     &top->seconds);
			if (ret)
				return ret;
			w++;
			n--;
		}
	}
	return n ? op25b_surplus(ctx, w) : OP25B_DONE;
}

static int top_verb(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct top top = { .count = DEFAULT_COUNT };
	int ret = parse(ctx, w, n, &top);

	if (!ret)
		ret = op25b_nl_open(ctx);
	if (ret)
		return ret;
	if (top.seconds)
		ret = watch_screen(ctx, &top);
	else if (ask(ctx, &top, top.count))
		ret = op25b_nl_refused(ctx, "top");
	else
		print(ctx->out, &top);
	free(top.list);
	return ret;
}

static const struct op25b_verb verbs[] = {
	{ NULL, "[NUMBER] [-w [SECONDS]]",
	  "show so many of the worst sources (20), again every so many seconds (2)",
	  top_verb },
	{ 0 }
};

const struct op25b_object op25b_top_object = {
	.name	= "top",
	.help	= "offenders: who is blocked, or would be, or is exempt",
	.notes	=
		"ATTEMPTS: packets that were blocked, SYNs of those let through.\n"
		"ERROR: how many more there may have been before it came in.\n"
		"DESTS: an estimate of how many servers it tried; a bot tries\n"
		"hundreds, a stuck printer one. STATE: what became of its last\n"
		"packet. A source is an IPv4 address or an IPv6 prefix\n"
		"(offender-len). `stats reset` empties it.\n",
	.verbs	= verbs,
};
