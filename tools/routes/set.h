/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What routes have put in force, and for how long it stays.
 *
 * A pure state machine: it is told what the tables have, what the kernel has
 * and what time it is, and says what has to change.
 *
 * - A prefix that any source has is in force with that source's class; of
 *   several the stricter. So a notification adds, or changes a class, at once.
 * - One that no source has any longer stays in force as it was. Only a sweep
 *   behind a whole dump lets it go, when it has been missing for `linger`.
 * - Where more than `shrink` per cent of a class of one family are missing,
 *   none of these goes: they are held until the routes are back, or until
 *   somebody accepts it. Once it is less, for the routes come back one by one,
 *   those still missing linger anew.
 *
 * What has to change gathers as steps. The caller has the kernel do them and
 * settles each; one that is not settled, or was refused, comes again with the
 * next sweep.
 */
#ifndef OP25BCTL_ROUTES_SET_H
#define OP25BCTL_ROUTES_SET_H

#include "routes/conf.h"
#include "routes/table.h"

/* Steps that gather, at most: those of a message. */
#define OP25B_STEPS	1024

/* Its clock: tenths of a second. */
#define OP25B_TICKS	10

/* IPv4 and IPv6. */
enum { OP25B_RSET_V4, OP25B_RSET_V6, OP25B_RSET_FAMILIES };

/**
 * struct op25b_step - a change to make
 * @key: of what
 * @class: to be in force; unless @gone
 * @gone: it is to be deleted
 */
struct op25b_step {
	struct op25b_key key;
	uint8_t class;
	bool gone;
};

/* How many of one class and family. */
struct op25b_tally {
	uint32_t in_force;	/* or will be, with the next steps */
	uint32_t missing;	/* of these: lingering or held */
	uint32_t held;		/* of these: since the last sweep */
};

/**
 * struct op25b_rset - the state
 * @conf: the file
 * @table: what is known
 * @limit: prefixes that may be in force, and relays
 * @tally: by class and family
 * @fresh: prefixes, and relays, that the dump that is being read has brought
 * @refused: routes that the last dump had, and notifications since, and that
 *	were not taken: too short, no host route for a relay, beyond the limit,
 *	or by the kernel
 * @counting: the same of the dump that is being read
 * @accepted: the next sweep holds nothing
 * @full: the kernel has no room for more; until the next sweep
 * @step: what is to be done, @n of them
 * @room: how many gather
 */
struct op25b_rset {
	const struct op25b_routes_conf *conf;
	struct op25b_table table[OP25B_RSET_FAMILIES];
	uint32_t limit[2];
	struct op25b_tally tally[OP25B_CLASSES][OP25B_RSET_FAMILIES];
	uint32_t fresh[2];
	uint64_t refused, counting;
	bool accepted, full;
	struct op25b_step step[OP25B_STEPS];
	unsigned int n, room;
};

/* Has the kernel do set->step, and settles each.
 * Return: 0 or -errno, which ends the sweep
 */
typedef int (*op25b_flush_fn)(struct op25b_rset *set, void *arg);

void op25b_rset_init(struct op25b_rset *set,
		     const struct op25b_routes_conf *conf);
void op25b_rset_free(struct op25b_rset *set);

/* What the kernel has is unknown; then what it turns out to have. It is not to
 * be found in any table yet. Return: 0 or -ENOMEM
 */
void op25b_rset_unknown(struct op25b_rset *set);
int op25b_rset_found(struct op25b_rset *set, uint32_t now,
		     const struct op25b_key *key, uint8_t class);

/* A notification: the sources @gone do not have it any longer, @has has.
 * Return: 0, 1 if the steps have to be done before the next one, or -ENOMEM
 */
int op25b_rset_route(struct op25b_rset *set, uint32_t now,
		     const struct op25b_key *key, uint8_t gone, uint8_t has);

/* Does the steps that have gathered. Return: 0 or -errno */
int op25b_rset_flush(struct op25b_rset *set, op25b_flush_fn flush, void *arg);

/* A dump: begins, is told of a route that the source @has has, and is over. One
 * that is not whole only adds. Then the sweep. Return: 0 or -errno
 */
void op25b_rset_scan(struct op25b_rset *set);
int op25b_rset_seen(struct op25b_rset *set, const struct op25b_key *key,
		    uint8_t has);
void op25b_rset_scanned(struct op25b_rset *set, uint32_t now, bool whole);
int op25b_rset_sweep(struct op25b_rset *set, uint32_t now, bool whole,
		     op25b_flush_fn flush, void *arg);

/* What is missing goes with the next sweep behind a whole dump, unless it is
 * back by then.
 */
void op25b_rset_accept(struct op25b_rset *set, uint32_t now);

/* How a step ended. */
enum op25b_settled {
	OP25B_STEP_DONE,
	OP25B_STEP_REFUSED,	/* tried again after the next dump */
	OP25B_STEP_NO_ROOM,	/* the same, and so will all that add */
};

void op25b_rset_settle(struct op25b_rset *set, const struct op25b_step *step,
		       enum op25b_settled how);

/* Does the kernel have an entry of the step's, whatever its class? */
bool op25b_rset_present(const struct op25b_rset *set,
			const struct op25b_step *step);

/* All that is in force, in no order; @gone there says that it is missing from
 * all tables. Return: 0, or what @each did not return 0 with
 */
typedef int (*op25b_each_fn)(const struct op25b_step *e, void *arg);
int op25b_rset_each(const struct op25b_rset *set, op25b_each_fn each,
		    void *arg);

#endif /* OP25BCTL_ROUTES_SET_H */
