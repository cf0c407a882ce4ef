// SPDX-License-Identifier: GPL-2.0
/* The routing tables on one side, the kernel's entries on the other. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "kernel/netlink.h"
#include "routes/scan.h"
#include "say.h"

/* Notifications taken at once, before a sweep has its turn. */
#define TURN	(64 * 1024)

uint64_t op25b_follower_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

static uint32_t now_of(void)
{
	return op25b_follower_clock() / (1000 / OP25B_TICKS);
}

int op25b_follower_open(struct op25b_follower *w, struct op25b_ctx *ctx,
			const struct op25b_routes_conf *conf)
{
	int err;

	memset(w, 0, sizeof(*w));
	w->ctx = ctx;
	w->conf = conf;
	w->force.ctx = ctx;
	w->start = op25b_follower_clock();
	op25b_rset_init(&w->set, conf);
	err = op25b_rib_open(&w->rib, conf);
	if (!err)
		return OP25B_DONE;
	return op25b_fail(ctx, OP25B_UNASKED, "cannot listen for routes: %s",
			  strerror(-err));
}

void op25b_follower_close(struct op25b_follower *w)
{
	op25b_rib_close(&w->rib);
	op25b_rset_free(&w->set);
}

/* What a module does not take that is not there, the next sweep has again. */
static int flush(struct op25b_rset *set, void *arg)
{
	struct op25b_follower *w = arg;

	if (!w->ctx->nl)
		return -EIO;
	w->changed = true;
	return op25b_force_flush(set, &w->force);
}

static int take_route(void *arg, const struct op25b_key *key, uint8_t gone,
		      uint8_t has)
{
	struct op25b_follower *w = arg;
	int full;

	w->updates++;
	full = op25b_rset_route(&w->set, now_of(), key, gone, has);
	return full > 0 ? op25b_rset_flush(&w->set, flush, w) : full;
}

int op25b_follower_take(struct op25b_follower *w)
{
	int err = 0, n, flushed;

	for (n = 0; !err && n < TURN; n++) {
		err = op25b_rib_read(&w->rib, take_route, w);
		if (err == -ENOBUFS) {
			w->overruns++;
			w->lost = true;
			err = 0;
		}
	}
	w->lost |= w->rib.links;
	w->rib.links = false;
	flushed = op25b_rset_flush(&w->set, flush, w);
	return err && err != -EAGAIN ? err : flushed;
}

static int take_dumped(void *arg, const struct op25b_key *key, uint8_t gone,
		       uint8_t has)
{
	struct op25b_follower *w = arg;

	(void)gone;
	return op25b_rset_seen(&w->set, key, has);
}

int op25b_follower_scan(struct op25b_follower *w)
{
	bool again = false;
	int torn, err = !w->ctx->nl ? -EIO :
		op25b_force_read(&w->force, &w->set, now_of(), &again);

	if (err)
		return err;
	w->resyncs += again && w->scans;
	w->lost = false;
	op25b_rset_scan(&w->set);
	torn = op25b_rib_dump(&w->rib, take_dumped, w);
	op25b_rset_scanned(&w->set, now_of(), !torn);
	/* What changed while it was read comes before the sweep. */
	err = op25b_follower_take(w);
	if (!err)
		err = op25b_rset_sweep(&w->set, now_of(), !torn, flush, w);
	if (err || torn)
		return err ? err : torn;
	w->whole = op25b_follower_clock();
	w->scans++;
	return 0;
}

void op25b_follower_accept(struct op25b_follower *w)
{
	op25b_rset_accept(&w->set, now_of());
}

struct op25b_tally op25b_follower_tally(const struct op25b_follower *w)
{
	struct op25b_tally sum = { 0 };
	int c, f;

	for (c = 0; c < OP25B_CLASSES; c++)
		for (f = 0; f < OP25B_RSET_FAMILIES; f++) {
			sum.in_force += w->set.tally[c][f].in_force;
			sum.missing += w->set.tally[c][f].missing;
			sum.held += w->set.tally[c][f].held;
		}
	return sum;
}
