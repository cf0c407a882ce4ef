// SPDX-License-Identifier: GPL-2.0
/*
 * The writer of the whole: what replaces all parts in one step. What it builds
 * meanwhile, others may go on changing what is in force.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"

#define BUSY_TRIES	3000	/* a hundredth of a second each */
#define FREEING_US	1000000	/* until what a big change left is freed */
#define PAUSE_US	3000	/* in which others change their parts */
#define TRIAL_US	100000	/* in which packets see nothing but a trial */
#define YEAR		(365 * 86400)
#define EXPIRING	3000	/* looks at how many are left */

static const struct state *now(enum part_name part)
{
	return &storm.part[part].history[storm.part[part].begun];
}

/* What is in force, of all parts in one; and back. Locked. */
static struct state whole(void)
{
	struct state state = *now(COMMON);
	unsigned int i;

	for (i = 1; i < PREFIXES; i++)
		state.action[i] = now((i - 1) % 2 ? ODD : EVEN)->action[i];
	return state;
}

static void begin_whole(const struct state *state)
{
	uint32_t epoch = now(COMMON)->epoch;
	struct state *to;
	int part;

	for (part = 0; part < FED; part++) {
		to = next(part);
		*to = *state;
		to->epoch = epoch + 1;
		to->timed_since = time(NULL);
		begin(part);
	}
}

static void finish_whole(void)
{
	int part;

	for (part = 0; part < FED; part++)
		finish(part);
}

static void lock(void)
{
	pthread_rwlock_wrlock(&storm.whole);
}

static void unlock(void)
{
	pthread_rwlock_unlock(&storm.whole);
}

static void flush(struct writer *w)
{
	struct state state;

	lock();
	state = whole();
	memset(state.action, 0, PREFIXES);
	state.timed = 0;
	begin_whole(&state);
	if (ask(w, message(OP25B_CMD_PREFIX_FLUSH), "flush"))
		finish_whole();
	unlock();
}

static struct nl_msg *of_txn(struct writer *w, int cmd)
{
	struct nl_msg *msg = message(cmd);

	nla_put_u64(msg, OP25B_A_TXN, w->txn);
	return msg;
}

static bool fill_rest(struct writer *w, uint32_t expires)
{
	unsigned int i, n, size = storm.big ?: FILLER;
	struct nl_msg *msg;

	for (i = 0; i < size; i += n) {
		n = size - i < FILLER ? size - i : FILLER;
		msg = of_txn(w, OP25B_CMD_FILL);
		put_filler(msg, i, n, expires);
		if (!ask(w, msg, "fill"))
			return false;
	}
	return true;
}

static void any_state(struct writer *w, struct state *state)
{
	unsigned int i;

	for (i = 0; i < PREFIXES; i++)
		state->action[i] = rnd(&w->seed, 3) ? any_action(&w->seed) : 0;
	state->relay = rnd(&w->seed, 2);
	state->mode = OP25B_MODE_ENFORCE;
	state->reject = rnd(&w->seed, 3);
	state->reverse = rnd(&w->seed, 2);
	/* What is past is accepted, and goes at once. */
	if ((time_t)state->timed + 5 < time(NULL))
		state->timed = 0;
}

/* A replacement is built, and not in force yet. */
static bool build(struct writer *w, struct state *state, uint32_t expires)
{
	bool chosen[PREFIXES] = { };
	struct nl_msg *msg;
	unsigned int i;

	lock();
	*state = whole();
	unlock();
	any_state(w, state);
	if (!ask(w, message(OP25B_CMD_BEGIN), "begin") ||
	    !fill_rest(w, expires))
		return false;
	msg = of_txn(w, OP25B_CMD_FILL);
	for (i = 0; i < PREFIXES; i++)
		chosen[i] = state->action[i];
	put_chosen(msg, chosen, state);
	if (state->timed)
		put_timed(msg, state->timed);
	if (state->relay)
		put_relay(msg);
	nla_put_u8(msg, OP25B_A_REVERSE, state->reverse);
	return ask(w, msg, "fill");
}

/* Locked. */
static bool commit(struct writer *w, const struct state *state, uint32_t trial)
{
	struct nl_msg *msg = of_txn(w, OP25B_CMD_COMMIT);
	bool good;

	nla_put_u8(msg, OP25B_A_MODE, state->mode);
	nla_put_u8(msg, OP25B_A_REJECT, state->reject);
	nla_put_u32(msg, OP25B_A_REJECT_RATE, 1000000);
	nla_put_u32(msg, OP25B_A_REJECT_SOURCE_RATE, 1000000);
	if (trial)
		nla_put_u32(msg, OP25B_A_CONFIRM, trial);
	begin_whole(state);
	good = ask(w, msg, "commit");
	if (good)
		finish_whole();
	return good;
}

static void replace(struct writer *w, uint32_t expires)
{
	struct state state;

	if (!build(w, &state, expires))
		return;
	lock();
	commit(w, &state, 0);
	unlock();
}

static void abort_one(struct writer *w)
{
	struct state state;

	if (build(w, &state, storm.big ? time(NULL) + YEAR : 0))
		ask(w, of_txn(w, OP25B_CMD_ABORT), "abort");
}

/* Mode off may be set on trial, and outlives a rollback. */
static bool perhaps_off(struct writer *w)
{
	struct nl_msg *msg;
	bool good;

	if (storm.big || rnd(&w->seed, 3))
		return false;
	next(COMMON)->mode = OP25B_MODE_OFF;
	msg = message(OP25B_CMD_SET);
	nla_put_u8(msg, OP25B_A_MODE, OP25B_MODE_OFF);
	begin(COMMON);
	good = ask(w, msg, "mode off on trial");
	if (!good)
		return false;
	finish(COMMON);
	w->generation++;
	return true;
}

static bool confirm(struct writer *w)
{
	struct nl_msg *msg = message(OP25B_CMD_CONFIRM);

	nla_put_u64(msg, OP25B_A_GENERATION, w->generation);
	return ask(w, msg, "confirm");
}

/* The kernel does it by itself, some time in this. */
static bool wait_for_rollback(void)
{
	unsigned int tries;

	for (tries = 0; tries < BUSY_TRIES; tries++) {
		if (!read_key("confirm_left"))
			return true;
		usleep(10000);
	}
	complain("nothing was rolled back");
	return false;
}

/* What is in force is parked, and comes back unless it is confirmed. */
static void on_trial(struct writer *w, enum change end)
{
	struct state state, before;

	if (!build(w, &state, storm.big ? time(NULL) + 2 * YEAR : 0))
		return;
	lock();
	before = whole();
	if (!commit(w, &state, end == TIMEOUT ? 1 : 600))
		goto out;
	usleep(end == TIMEOUT ? 0 : TRIAL_US);
	if (end == CONFIRM) {
		perhaps_off(w);
		confirm(w);
		goto out;
	}
	if (end != TIMEOUT && perhaps_off(w))
		before.mode = OP25B_MODE_OFF;
	begin_whole(&before);
	if (end == TIMEOUT ? wait_for_rollback() :
	    ask(w, message(OP25B_CMD_ROLLBACK), "rollback"))
		finish_whole();
	usleep(TRIAL_US);	/* or what is back */
out:
	unlock();
}

/* All but a few are past as soon as they are in force. */
static void expire_all(struct writer *w)
{
	unsigned int tries;

	replace(w, time(NULL) - 1);
	for (tries = 0; tries < EXPIRING; tries++) {
		if (read_key("prefixes_v4") < 1000)
			return;
		usleep(10000);
	}
	complain("they do not expire");
}

static void give_up(const char *what)
{
	complain("%s: %s", what, strerror(errno));
	storm.over = true;
}

static bool load(void)
{
	int fd = open(storm.module, O_RDONLY | O_CLOEXEC);
	bool good = !syscall(SYS_finit_module, fd, "", 0);

	if (!good)
		give_up("insmod");
	close(fd);
	return good;
}

/* Somebody's dump may hold the module for a moment. */
static bool unload(void)
{
	unsigned int tries;

	for (tries = 0; tries < BUSY_TRIES; tries++) {
		if (!syscall(SYS_delete_module, "op25b", O_NONBLOCK))
			return true;
		if (errno != EAGAIN && errno != EBUSY && errno != EWOULDBLOCK)
			break;
		usleep(10000);
	}
	give_up("rmmod");
	return false;
}

static void settle(struct writer *w, enum change change)
{
	unsigned int worst;

	usleep(FREEING_US);
	worst = atomic_exchange(&storm.worst_us, 0);
	if (worst > w->worst_us[change])
		w->worst_us[change] = worst;
}

static void reload(struct writer *w)
{
	struct state state = { .reject = OP25B_REJECT_TCP_RESET };
	int part;

	lock();
	pthread_rwlock_wrlock(&storm.loading);
	state.loads = now(COMMON)->loads + 1;
	begin_whole(&state);
	for (part = FED; part < PARTS; part++) {
		*next(part) = state;
		begin(part);
	}
	nl_socket_free(w->sock);
	if (unload()) {
		if (storm.big)
			settle(w, UNLOAD);
		w->count[UNLOAD]++;
		/* Also if time is over: what follows needs the module. */
		if (load()) {
			connect_kernel(w);
			for (part = 0; part < PARTS; part++)
				finish(part);
		}
	}
	pthread_rwlock_unlock(&storm.loading);
	unlock();
}

static void make(struct writer *w, enum change change)
{
	switch (change) {
	case FLUSH:
		return flush(w);
	case ABORT:
		return abort_one(w);
	case RETIME:
		return replace(w, time(NULL) + YEAR);
	case CONFIRM:
	case ROLLBACK:
	case TIMEOUT:
		return on_trial(w, change);
	case EXPIRE_ALL:
		return expire_all(w);
	case RELOAD:
		return reload(w);
	default:
		return replace(w, 0);
	}
}

/* What follows @last: at first each kind once. A reload takes seconds under
 * emulation, and leaves nothing: it is filled at once. In a big storm something
 * is there to free for each.
 */
static enum change after(enum change last, struct writer *w)
{
	static const enum change some[] = {
		COMMIT, FLUSH, RETIME, CONFIRM, ROLLBACK, TIMEOUT, ABORT,
		RELOAD, COMMIT, ROLLBACK, COMMIT, COMMIT,
	};
	static const unsigned int n = sizeof(some) / sizeof(*some);
	static const enum change big[] = {
		COMMIT, COMMIT, RETIME, ROLLBACK, ABORT, CONFIRM, FLUSH,
		EXPIRE_ALL, COMMIT, RELOAD,
	};
	static unsigned int at;

	if (storm.big)
		return big[++at % (sizeof(big) / sizeof(*big))];
	if (last == RELOAD)
		return COMMIT;
	if (++at < n)
		return some[at];
	at = n + rnd(&w->seed, n);
	return some[at - n] == RELOAD && rnd(&w->seed, 5) ? COMMIT :
							     some[at - n];
}

void *change_whole(void *arg)
{
	struct writer *w = arg;
	enum change change = COMMIT;

	connect_kernel(w);
	while (!storm.over) {
		make(w, change);
		w->count[change]++;
		if (storm.big)
			settle(w, change);
		else
			usleep(PAUSE_US);
		change = after(change, w);
	}
	return NULL;
}
