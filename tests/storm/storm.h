/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The storm: rulesets change while packets of both CPUs are judged, and each
 * packet's outcome must be one that some version gives that was in force
 * between its sending and its judgement.
 *
 * Several writers change the one ruleset. It has a part for each of them that
 * nobody else changes, with versions of its own, numbered from 0: a writer
 * stores the state in part.history, moves `begun` to its number, asks the
 * kernel, and moves `done` when the kernel has said yes. A sender (traffic.c)
 * notes `done` before it sends a packet and `begun` after a fence that was sent
 * behind it has come out: what was in force meanwhile is among these two and
 * what is between.
 *
 * One more writer (whole.c) replaces all parts of config at once, while the
 * others of config wait. The versions from before and after are of another
 * epoch, and no packet may have seen parts of both. What sessions and BGP bring
 * are two more parts, whose writers wait for nothing but the module.
 */
#ifndef STORM_H
#define STORM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/op25b.h>

/* The prefixes, IPv4 and IPv6 alike, each with an action of its own:
 *	10.1.0.0/16	2001:db8:1::/48		outer
 *	10.1.N.0/24	2001:db8:1:N::/64	middle, N below SLOTS
 *	10.1.N.64/26	2001:db8:1:N:40::/80	inner
 *	10.1.200.0/24	2001:db8:1:c8::/64	timed: blocks until it expires
 */
#define SLOTS		16
#define PREFIXES	(1 + 2 * SLOTS)
#define OUTER		0
#define MIDDLE(n)	(1 + (n))
#define INNER(n)	(1 + SLOTS + (n))

#define HISTORY		262144		/* versions; the storm ends before */
#define SENDERS		2		/* at most, one a CPU */

#define TIMED_SLOT	200

/* Of config: slots with an even and with an odd number; all the rest. Then the
 * other origins, which have all slots and the outer prefix.
 */
enum part_name { EVEN, ODD, COMMON, FED, SESSION = FED, BGP, PARTS };

/* Of it only what belongs to its part means something. */
struct state {
	uint32_t epoch;
	uint32_t loads;			/* of the module */
	uint32_t timed;			/* when it expires, 0: no prefix */
	uint32_t timed_since;		/* when that came into force */
	uint8_t mode, reject, relay, reverse;
	uint8_t action[PREFIXES];	/* enum op25b_action, 0: no prefix */
};

struct part {
	struct state history[HISTORY];
	atomic_uint begun;
	atomic_uint done;
};

struct storm {
	struct part part[PARTS];
	pthread_rwlock_t whole;		/* written: config stands still */
	pthread_rwlock_t loading;	/* written: the others do, too */
	atomic_bool over;
	atomic_uint failed;		/* contradictions, and what else is */
	const char *module;		/* path of op25b.ko */
	bool lie;			/* sometimes nothing was allowed */
	unsigned int big;		/* this many prefixes, if not 0 */
	atomic_uint worst_us;		/* late.c: since a change began */
};

extern struct storm storm;

/* Says what is wrong, a line of diagnostics; the storm has failed. */
#define __printf(fmt, args) __attribute__((__format__ \
					    (printf, fmt, args)))
void complain(const char *fmt, ...) __printf(1, 2);

/* A small generator, one a thread. Return: less than @n */
uint32_t rnd(uint64_t *seed, uint32_t n);

/* The packets: who from, where to; @back: the other way, from that port. */
struct what {
	bool v6, listed, inside, relay, mail, timed, back;
	uint8_t slot;
};

/* The part that says most of what becomes of @what. */
enum part_name part_of(const struct what *what);

/* What an origin says of a packet: of what action its longest prefix is, and
 * how long that is, 0 none; is the destination one of its relays?
 */
struct says {
	uint8_t length, action;
	bool relay;
	uint32_t loads;
};

struct says says(const struct state *fed, const struct what *what);

/* Do @common and the part of @what let it pass, with what @fed origins say,
 * when what is timed has expired or not?
 */
bool passes(const struct state *common, const struct state *part,
	    const struct says fed[2], const struct what *what, bool expired);

/* The changes. In a big storm there are only those that free much. */
enum change {
	ADD_OR_REPLACE, DELETE, MODE, REJECT, REVERSE, RELAY, EXPIRE,
	FLUSH, COMMIT, ABORT, RETIME, CONFIRM, ROLLBACK, TIMEOUT, EXPIRE_ALL,
	UNLOAD, RELOAD, CHANGES
};

extern const char *const change_names[CHANGES];

struct nl_sock;

struct writer {
	enum part_name part;		/* PARTS: the whole */
	uint64_t seed;
	atomic_ulong count[CHANGES];
	unsigned int worst_us[CHANGES];
	/* ask.c */
	struct nl_sock *sock;
	bool acked;
	uint64_t txn, generation;	/* as last answered */
};

/* change.c: changes one part, until the storm is over. */
void *change_part(void *writer);

/* whole.c: the same of all of it. */
void *change_whole(void *writer);

/* The next version of a part, still unknown to the senders; then it may be in
 * force; then it is.
 */
struct state *next(enum part_name part);
void begin(enum part_name part);
void finish(enum part_name part);

/* traffic.c: judges packets until the storm is over. */
struct sender {
	unsigned int cpu;
	uint64_t seed;
	atomic_ulong passed, blocked, answered, unlisted, expired, back, fed;
	unsigned long versions;
};

void *send_all(void *sender);

/* late.c: on one CPU, how late the most urgent of threads was woken at worst.
 * Where the kernel is not preempted, that is how long it went without a look
 * at who else wants the CPU.
 */
struct watch {
	unsigned int cpu;
	unsigned long wakes;
};

void *watch_cpu(void *watch);

#endif /* STORM_H */
