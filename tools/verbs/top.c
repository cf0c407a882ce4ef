// SPDX-License-Identifier: GPL-2.0
/* The offenders, worst first; once, or again and again. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/netlink.h"
#include "kernel/offender.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "print.h"
#include "say.h"

#define DEFAULT_COUNT	20
#define DEFAULT_SECONDS	2
#define MAX_SECONDS	86400

/* Terminals since the VT100: another screen, no cursor, long lines cut off. */
#define SCREEN_ENTER	"\033[?1049h\033[?25l\033[?7l"
#define SCREEN_LEAVE	"\033[?7h\033[?25h\033[?1049l"
#define SCREEN_CLEAR	"\033[H\033[J"

struct top {
	uint32_t count;
	uint32_t seconds;	/* 0: once */
	struct op25b_offenders offenders;
};

/* Columns of the text, in their order. JSON has them all. */
enum column {
	ATTEMPTS, ERROR, DESTS, SOURCE, STATE, LAST_SEEN, FIRST_SEEN, PACKETS,
	SYNS, BYTES, PREFIX, COMMENT, COLUMNS
};

/**
 * @head: what stands above
 * @width: negative if it is a number, 0 if it is as wide as what is in it
 * @rank: a terminal without room for all has those of the lowest ranks
 */
static const struct {
	const char *head;
	int width;
	int rank;
} columns[COLUMNS] = {
	[ATTEMPTS]	= { "ATTEMPTS", -8, 0 },
	[ERROR]		= { "ERROR", -7, 6 },
	[DESTS]		= { "DESTS", -5, 3 },
	[SOURCE]	= { "SOURCE", 0, 1 },
	[STATE]		= { "STATE", 7, 2 },
	[LAST_SEEN]	= { "LAST-SEEN", 20, 4 },
	[FIRST_SEEN]	= { "FIRST-SEEN", 20, 10 },
	[PACKETS]	= { "PACKETS", -8, 7 },
	[SYNS]		= { "SYNS", -8, 8 },
	[BYTES]		= { "BYTES", -10, 9 },
	[PREFIX]	= { "PREFIX", 0, 5 },
	[COMMENT]	= { "", 0, 11 },
};

/**
 * struct look - a list as it is shown
 * @width: of each column, 0 if it is empty
 * @format: of what is in it; "" if it is not shown
 */
struct look {
	int width[COLUMNS];
	char format[COLUMNS][16];
};

static void widen(int *width, size_t len)
{
	if (*width < (int)len)
		*width = len;
}

static void measure(struct look *l, const struct op25b_offenders *all)
{
	char t[OP25B_ADDR_TEXT];
	const char *s;
	size_t i;
	int c;

	for (c = 0; c < COLUMNS; c++)
		l->width[c] = columns[c].width ? abs(columns[c].width) :
			      (int)strlen(columns[c].head);
	for (i = 0; i < all->n; i++) {
		const struct op25b_offender *o = &all->list[i];
		size_t len = o->prefix.comment_len;

		widen(&l->width[SOURCE], strlen(op25b_offender_text(o, t)));
		widen(&l->width[PREFIX],
		      strlen(op25b_entry_text(&op25b_prefix_kind, &o->prefix,
					      t)));
		for (s = o->prefix.comment; *s; s++)
			len += *s == '"' || *s == '\\';
		widen(&l->width[COMMENT], len ? len + 2 : 0);
	}
}

/* The columns for which there is room, of @room characters. */
static void look_at(struct look *l, const struct op25b_offenders *all,
		    int room)
{
	int rank, c, last = 0;

	memset(l, 0, sizeof(*l));
	measure(l, all);
	for (rank = 0; rank < COLUMNS; rank++) {
		for (c = 0; columns[c].rank != rank; c++)
			;
		if (!l->width[c] || l->width[c] + !!rank > room)
			continue;
		room -= l->width[c] + !!rank;
		strcpy(l->format[c], "?");
		if (last < c)
			last = c;
	}
	for (c = 0; c < COLUMNS; c++) {
		const char *lead = c == ATTEMPTS ? "" : " ";

		if (!*l->format[c])
			continue;
		if (columns[c].width < 0)
			snprintf(l->format[c], sizeof(l->format[c]),
				 "%s%%%dllu", lead, l->width[c]);
		else
			snprintf(l->format[c], sizeof(l->format[c]),
				 "%s%%-%ds", lead, c == last ? 0 : l->width[c]);
	}
}

static const char *format(const struct look *l, enum column c)
{
	return *l->format[c] ? l->format[c] : NULL;
}

static void print_one(struct op25b_out *out, const struct look *l,
		      const struct op25b_offender *o)
{
	char t[OP25B_ADDR_TEXT];

	op25b_out_obj_open(out, NULL);
	op25b_out_u64(out, "attempts", format(l, ATTEMPTS), o->attempts);
	op25b_out_u64(out, "error", format(l, ERROR), o->error);
	op25b_out_u64(out, "destinations", format(l, DESTS), o->destinations);
	op25b_out_str(out, "source", format(l, SOURCE),
		      op25b_offender_text(o, t));
	op25b_out_str(out, "state", format(l, STATE), op25b_offender_state(o));
	op25b_out_time(out, "last_seen", format(l, LAST_SEEN), o->last_seen);
	op25b_out_time(out, "first_seen", format(l, FIRST_SEEN),
		       o->first_seen);
	op25b_out_u64(out, "packets", format(l, PACKETS), o->packets);
	op25b_out_u64(out, "syns", format(l, SYNS), o->syns);
	op25b_out_u64(out, "bytes", format(l, BYTES), o->bytes);
	op25b_out_str(out, "prefix", format(l, PREFIX),
		      op25b_entry_text(&op25b_prefix_kind, &o->prefix, t));
	if (o->prefix.comment_len)
		op25b_out_quoted(out, "comment", format(l, COMMENT),
				 o->prefix.comment);
	op25b_out_text(out, "\n");
	op25b_out_obj_close(out);
}

static void print_head(struct op25b_out *out, const struct look *l)
{
	int c;

	for (c = 0; c < COLUMNS; c++) {
		int width = columns[c].width < 0 ? l->width[c] : -l->width[c];

		if (format(l, c) && *columns[c].head)
			op25b_out_text(out, "%s%*s", c == ATTEMPTS ? "" : " ",
				       c == PREFIX ? 0 : width,
				       columns[c].head);
	}
	op25b_out_text(out, "\n");
}

/* Characters in a line: as many as one likes where it is no terminal. */
static int line_room(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return INT_MAX;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col;
}

static void print(struct op25b_out *out, const struct op25b_offenders *all)
{
	struct look l;
	size_t i;

	look_at(&l, all, line_room());
	op25b_out_list_open(out, NULL);
	print_head(out, &l);
	for (i = 0; i < all->n; i++)
		print_one(out, &l, &all->list[i]);
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

static void put(struct op25b_ctx *ctx, bool screen, const char *sequence)
{
	op25b_out_text(ctx->out, "%s", screen ? sequence : "");
}

/* Until the next picture is due: after some seconds, when the window has
 * another size, or when we are in front again after we were stopped, before
 * which the terminal is given back. Return: false if we are to end
 */
static bool wait_on(struct op25b_ctx *ctx, const struct top *top, bool screen,
		    const sigset_t *signals)
{
	struct timespec pause = { .tv_sec = top->seconds };

	for (;;) {
		switch (sigtimedwait(signals, NULL, &pause)) {
		case SIGTSTP:
			put(ctx, screen, SCREEN_LEAVE);
			op25b_flush();
			kill(getpid(), SIGSTOP);
			break;
		case SIGCONT:
			put(ctx, screen, SCREEN_ENTER);
			return true;
		case SIGWINCH:
		case -1:
			return true;
		default:
			return false;
		}
	}
}

/* Until one of @signals, which are blocked, says stop. Return: 0 or -errno */
static int watch(struct op25b_ctx *ctx, struct top *top, bool screen,
		 const sigset_t *signals)
{
	int err;

	do {
		if (!op25b_nl_same_netns(ctx))
			return ctx->nl->error;
		err = op25b_offenders_read(ctx, screen ?
					   screen_lines(top->count) :
					   top->count, &top->offenders);
		if (err)
			return err;
		put(ctx, screen, SCREEN_CLEAR);
		print(ctx->out, &top->offenders);
		if (!screen)
			op25b_out_text(ctx->out, "\n");
		if (op25b_flush())
			return 0;	/* main() says it */
	} while (wait_on(ctx, top, screen, signals));
	return 0;
}

/* A terminal that obeys the sequences above. */
static bool is_screen(const struct op25b_ctx *ctx)
{
	const char *term = getenv("TERM");

	return !ctx->out->json && isatty(STDOUT_FILENO) && term && *term &&
	       strcmp(term, "dumb");
}

/* The terminal is as it was, however this ends short of SIGKILL. What there is
 * to complain about is said after that.
 */
static int watch_screen(struct op25b_ctx *ctx, struct top *top)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	static const int others[] = { SIGTSTP, SIGCONT, SIGWINCH };
	bool screen = is_screen(ctx);
	sigset_t signals;
	size_t i;
	int err;

	sigemptyset(&signals);
	for (i = 0; i < OP25B_ARRAY_SIZE(ends); i++)
		sigaddset(&signals, ends[i]);
	for (i = 0; screen && i < OP25B_ARRAY_SIZE(others); i++)
		sigaddset(&signals, others[i]);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	put(ctx, screen, SCREEN_ENTER);
	err = watch(ctx, top, screen, &signals);
	put(ctx, screen, SCREEN_LEAVE);
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
	return op25b_fail(ctx, OP25B_USAGE, "top: %s: expected %s from 1 to %u",
			  op25b_quote(w, q), what, max);
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
		ret = number(ctx, w, "a number of sources", OP25B_OFFENDERS_MAX,
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
	else if (op25b_offenders_read(ctx, top.count, &top.offenders))
		ret = op25b_nl_refused(ctx, "top");
	else
		print(ctx->out, &top.offenders);
	op25b_offenders_free(&top.offenders);
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
