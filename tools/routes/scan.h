/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One follower: the routing tables on one side, the kernel's entries on the
 * other, and the state between them. No loop and no waiting, which is
 * follow.c's.
 */
#ifndef OP25BCTL_ROUTES_SCAN_H
#define OP25BCTL_ROUTES_SCAN_H

#include "routes/force.h"
#include "routes/rib.h"
#include "routes/set.h"

/**
 * struct op25b_follower - both sides, and what was counted
 * @conf: the file
 * @ctx: of the run
 * @rib: routing tables
 * @force: entries
 * @set: what is in force
 * @start: when all of it was opened, milliseconds
 * @whole: when the last whole scan ended, milliseconds; 0 never
 * @scans: whole ones
 * @updates: notifications that were about our tables
 * @overruns: times that notifications were lost
 * @resyncs: times that the kernel's entries were read anew, the first not
 *	counted
 * @lost: notifications are, or links have changed: a scan is due
 * @changed: since the saved set was written
 */
struct op25b_follower {
	const struct op25b_routes_conf *conf;
	struct op25b_ctx *ctx;
	struct op25b_rib rib;
	struct op25b_force force;
	struct op25b_rset set;
	uint64_t start, whole;
	uint64_t scans, updates, overruns, resyncs;
	bool lost, changed;
};

/* Milliseconds of a clock that only goes forward. */
uint64_t op25b_follower_clock(void);

/* Opens what has to do with routes. Return: enum op25b_exit, after saying why
 */
int op25b_follower_open(struct op25b_follower *w, struct op25b_ctx *ctx,
			const struct op25b_routes_conf *conf);
void op25b_follower_close(struct op25b_follower *w);

/* Takes what notifications there are. Return: 0 or -errno of the kernel's no */
int op25b_follower_take(struct op25b_follower *w);

/* Reads both sides and makes them equal, as far as linger and shrink let it.
 * Return: 0, -EINTR if the tables were not whole, or -errno
 */
int op25b_follower_scan(struct op25b_follower *w);

/* What is missing goes with the next scan. */
void op25b_follower_accept(struct op25b_follower *w);

/* How many are in force, missing, held. */
struct op25b_tally op25b_follower_tally(const struct op25b_follower *w);

#endif /* OP25BCTL_ROUTES_SCAN_H */
