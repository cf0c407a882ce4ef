// SPDX-License-Identifier: GPL-2.0
/* `routes follow` and `routes sync`: the loop, and what is said of it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/netlink.h"
#include "routes/follow.h"
#include "routes/keep.h"
#include "routes/scan.h"
#include "routes/tell.h"
#include "say.h"

/* Milliseconds until the next scan after one that failed, and until the set is
 * saved again after that failed; and those at least that pass between scans,
 * of which a long one makes more.
 */
#define RETRY		500
#define KEEP_RETRY	60000
#define GAP		100
#define GAP_TIMES	4

/* Scans that may be missed before what is in force is called stale. */
#define STALE		3

/* What is waited for. */
enum { ROUTES, MODULE, SIGNALS, QUESTIONS, FDS };

/**
 * struct loop - `routes follow` at work
 * @w: the follower
 * @fd: of what is waited for
 * @next: when to scan, milliseconds
 * @gap: milliseconds that the next one has to wait, at least
 * @ended: when the last one did
 * @alive: when to tell systemd so, every @watchdog milliseconds
 * @keep: the earliest time to write the saved set
 * @ready: systemd has been told that all is in force
 * @said: what was said last of how it is
 * @refused: and that routes are refused
 */
struct loop {
	struct op25b_follower w;
	struct pollfd fd[FDS];
	uint64_t next, gap, ended;
	uint64_t alive, watchdog, keep;
	bool ready, refused;
	const char *said;
};

static const char *state_of(const struct loop *l)
{
	const struct op25b_follower *w = &l->w;
	uint64_t since = w->whole ? w->whole : w->start;

	if (!w->ctx->nl || w->ctx->nl->error == -EIO)
		return "no-module";
	if (op25b_follower_clock() - since > STALE * 1000ULL * w->conf->scan)
		return "stale";
	if (!w->scans || !w->force.known)
		return "waiting";
	return op25b_follower_tally(w).held ? "held" : "in-force";
}

static size_t add(char *buf, size_t size, size_t n, const char *key,
		  unsigned long long value)
{
	int more = n < size ? snprintf(buf + n, size - n, "%s %llu\n", key,
				       value) : 0;

	return n + more;
}

static void describe(const struct loop *l, char *buf, size_t size)
{
	static const char * const families[] = { "ipv4", "ipv6" };
	const struct op25b_follower *w = &l->w;
	struct op25b_tally t = op25b_follower_tally(w);
	size_t n = snprintf(buf, size, "state %s\n", state_of(l));
	unsigned int i, f;
	char key[40];

	for (i = 0; i < OP25B_CLASSES; i++)
		for (f = 0; f < OP25B_RSET_FAMILIES; f++) {
			snprintf(key, sizeof(key), "%s_%s",
				 op25b_class_words[i], families[f]);
			n = add(buf, size, n, key, w->set.tally[i][f].in_force);
		}
	n = add(buf, size, n, "missing", t.missing);
	n = add(buf, size, n, "held", t.held);
	n = add(buf, size, n, "refused", w->set.refused);
	n = add(buf, size, n, "updates", w->updates);
	n = add(buf, size, n, "overruns", w->overruns);
	n = add(buf, size, n, "scans", w->scans);
	n = add(buf, size, n, "resyncs", w->resyncs);
	n = add(buf, size, n, "age_seconds", (op25b_follower_clock() -
		(w->whole ? w->whole : w->start)) / 1000);
	for (i = 0; i < w->conf->n; i++)
		n = add(buf, size, n, "table", w->conf->source[i].table);
}

static void answer(void *arg, const char *question, char *buf, size_t size)
{
	struct loop *l = arg;

	if (!strcmp(question, "accept")) {
		snprintf(buf, size, "accepted %u\n",
			 op25b_follower_tally(&l->w).missing);
		op25b_follower_accept(&l->w);
		l->next = 0;
	} else {
		describe(l, buf, size);
	}
}

static void say_refused(struct loop *l)
{
	unsigned long long n = l->w.set.refused;

	if (n && !l->refused)
		op25b_complain(l->w.ctx,
			       "%llu %s refused: too short, beyond the limit, or not a host in a table of relays",
			       n, op25b_plural(n, "route is", "routes are"));
	l->refused = n;
}

/* To systemd always, and here where it is another than before. */
static void say_state(struct loop *l)
{
	const struct op25b_follower *w = &l->w;
	struct op25b_tally t = op25b_follower_tally(w);
	const char *state = state_of(l);
	char status[200];

	snprintf(status, sizeof(status),
		 "STATUS=%s: %u in force, of these %u missing and %u held; %llu refused",
		 state, t.in_force, t.missing, t.held,
		 (unsigned long long)w->set.refused);
	op25b_tell_systemd("%sWATCHDOG=1\n%s",
			   w->scans && !l->ready ? "READY=1\n" : "", status);
	l->ready |= w->scans;
	say_refused(l);
	if (l->said == state)
		return;
	if (!strcmp(state, "held"))
		op25b_complain(w->ctx,
			       "held: %u of %u are in no table any longer, and stay in force until they are back, or until `routes accept`",
			       t.missing, t.in_force);
	else
		op25b_complain(w->ctx, "%s: %u in force", state, t.in_force);
	l->said = state;
}

/* Opens the engine where the module was not there before. */
static void open_engine(struct loop *l)
{
	struct op25b_err why;
	bool loaded;

	if (!l->w.ctx->nl && op25b_nl_try(l->w.ctx, &loaded, &why))
		op25b_complain(l->w.ctx, "%s", why.text);
}

static void keep(struct loop *l)
{
	uint64_t start = op25b_follower_clock(), took;

	if (!l->w.changed || start < l->keep)
		return;
	l->w.changed = op25b_keep(l->w.ctx, &l->w.set);
	took = op25b_follower_clock() - start;
	/* A hundredth of the time is spent on it. */
	l->keep = start + (l->w.changed ? KEEP_RETRY : 1000) + 100 * took;
}

static void scan(struct loop *l)
{
	uint64_t start = op25b_follower_clock();
	int err;

	open_engine(l);
	err = op25b_follower_scan(&l->w);
	l->ended = op25b_follower_clock();
	l->gap = GAP + GAP_TIMES * (l->ended - start);
	l->next = l->ended + (err ? RETRY : 1000ULL * l->w.conf->scan);
	if (!err)
		keep(l);
	say_state(l);
}

/* Not before the last one's gap is over. */
static void scan_soon(struct loop *l)
{
	if (l->next > l->ended + l->gap)
		l->next = l->ended + l->gap;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return b && b < a ? b : a;
}

/* Waits until something comes, or is due. */
static void wait(struct loop *l)
{
	uint64_t now = op25b_follower_clock(), until;

	until = sooner(l->next, l->alive);
	if (l->w.changed && l->w.scans)
		until = sooner(until, l->keep);
	poll(l->fd, FDS, until > now ? (int)(until - now) : 0);
}

static bool readable(const struct loop *l, int which)
{
	return l->fd[which].revents;
}

/* What has come, and what is due. Return: true to end */
static bool turn(struct loop *l)
{
	uint64_t now;

	if (readable(l, SIGNALS))
		return true;
	if (readable(l, MODULE) && op25b_force_moved(l->fd[MODULE].fd)) {
		l->w.force.known = false;
		l->next = 0;
	}
	if (readable(l, ROUTES) && op25b_follower_take(&l->w))
		scan_soon(l);
	if (l->w.lost)
		scan_soon(l);
	if (readable(l, QUESTIONS))
		op25b_tell_answer(l->fd[QUESTIONS].fd, answer, l);
	now = op25b_follower_clock();
	if (now >= l->next)
		scan(l);
	else if (l->w.changed && l->w.scans)
		keep(l);
	if (l->watchdog && now >= l->alive) {
		say_state(l);
		l->alive = now + l->watchdog;
	}
	return false;
}

/* Signals that end it, from which on they are read. */
static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_loop(struct loop *l, struct op25b_ctx *ctx)
{
	int fd = op25b_tell_open(ctx), i;

	l->fd[QUESTIONS].fd = fd;
	l->fd[SIGNALS].fd = -1;
	l->fd[MODULE].fd = -1;
	if (fd == -EADDRINUSE)
		return op25b_fail(ctx, OP25B_REFUSED,
				  "routes follow: another one runs already");
	if (fd < 0)
		return op25b_fail(ctx, OP25B_UNWRITTEN,
				  "cannot take questions in /run/op25b: %s",
				  strerror(-fd));
	l->fd[ROUTES].fd = l->w.rib.note;
	l->fd[MODULE].fd = op25b_force_watch();
	l->fd[SIGNALS].fd = catch_signals();
	for (i = 0; i < FDS; i++)
		l->fd[i].events = POLLIN;
	l->watchdog = op25b_tell_watchdog();
	l->alive = l->watchdog ? op25b_follower_clock() : 0;
	return OP25B_DONE;
}

static void close_loop(struct loop *l, struct op25b_ctx *ctx)
{
	op25b_tell_close(ctx, l->fd[QUESTIONS].fd);
	if (l->fd[MODULE].fd >= 0)
		close(l->fd[MODULE].fd);
	if (l->fd[SIGNALS].fd >= 0)
		close(l->fd[SIGNALS].fd);
}

/* A namespace that has lost its name is nobody's any longer. */
static bool is_here(const struct op25b_ctx *ctx)
{
	return !ctx->netns || op25b_netns_is(ctx->netns);
}

static int run(struct loop *l, struct op25b_ctx *ctx)
{
	int ret = open_loop(l, ctx);
	bool end = false;

	if (!ret) {
		scan(l);
		while (!end && is_here(ctx)) {
			wait(l);
			end = turn(l);
		}
		if (!end)
			ret = op25b_fail(ctx, OP25B_UNASKED,
					 "network namespace %s is gone",
					 ctx->netns);
		op25b_tell_systemd("STOPPING=1");
		l->keep = 0;
		keep(l);
	}
	close_loop(l, ctx);
	return ret;
}

int op25b_follow(struct op25b_ctx *ctx, const struct op25b_routes_conf *conf)
{
	struct loop *l = calloc(1, sizeof(*l));
	int ret = l ? op25b_follower_open(&l->w, ctx, conf) :
		op25b_fail(ctx, OP25B_UNASKED, "out of memory");

	if (!ret)
		ret = run(l, ctx);
	if (l)
		op25b_follower_close(&l->w);
	free(l);
	return ret;
}

int op25b_follow_once(struct op25b_ctx *ctx,
		      const struct op25b_routes_conf *conf, bool force)
{
	struct op25b_routes_conf at_once = *conf;
	struct op25b_follower *w = calloc(1, sizeof(*w));
	int tries, ret, err = -EINTR;

	at_once.linger = 0;
	ret = w ? op25b_follower_open(w, ctx, &at_once) :
		op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	for (tries = 0; !ret && err == -EINTR && tries < OP25B_TRIES; tries++) {
		if (force)
			op25b_follower_accept(w);
		err = op25b_follower_scan(w);
	}
	if (ret)
		;
	else if (err == -EINTR)
		ret = op25b_fail(ctx, OP25B_REFUSED,
				 "routes sync: the tables changed each of the %d times they were read",
				 OP25B_TRIES);
	else if (err && ctx->nl->error)
		ret = op25b_nl_refused(ctx, "routes sync");
	else if (err)
		ret = op25b_fail(ctx, OP25B_UNASKED, "routes sync: %s",
				 strerror(-err));
	else if (op25b_follower_tally(w).held)
		ret = op25b_fail(ctx, OP25B_REFUSED,
				 "routes sync: %u of %u are in no table any longer: expected `force`",
				 op25b_follower_tally(w).held,
				 op25b_follower_tally(w).in_force);
	if (w)
		op25b_follower_close(w);
	free(w);
	return ret;
}
