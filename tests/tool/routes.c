// SPDX-License-Identifier: GPL-2.0
/*
 * routes million 4|6: a million prefixes for the first time, then a minute of
 * 10,000 changes of class a second, then all are missing: seconds of CPU of
 * each, and MiB of memory, in one line.
 *
 * routes SEED ROUNDS: what the state machine of `routes follow` has a kernel
 * do, beside a naive one that keeps everything in plain arrays and goes through
 * all of it each time. Routes come and go, notifications get lost, dumps break
 * off, the clock jumps, the module is reloaded, somebody else writes, the
 * kernel refuses. TAP on standard output.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <linux/op25b.h>

#include "routes/set.h"

#define KEYS	48
#define SOURCES	5

static struct op25b_routes_conf conf = {
	.source = {
		{ .table = 1, .class = OP25B_ACTION_BLOCK },
		{ .table = 2, .class = OP25B_ACTION_EXEMPT },
		{ .table = 3, .class = OP25B_ACTION_MONITOR },
		{ .table = 4, .class = OP25B_CLASS_RELAY },
		{ .table = 5, .class = OP25B_ACTION_BLOCK },
	},
	.n = SOURCES,
	.shortest = { 8, 19 },
};

/* One key in the naive state. */
struct naive {
	struct op25b_key key;
	bool route[SOURCES];	/* in the routing tables */
	bool known[SOURCES];	/* as far as it was told */
	bool dumped[SOURCES];
	int rule;		/* what is to be in force, 0 none */
	unsigned int since;
	int kernel;		/* what is */
	int believed;		/* what the kernel is believed to have */
	bool told;		/* of in a notification that just came */
};

static struct naive all[KEYS];
static unsigned int now, limit, failed, tests;
static uint64_t dice;
static bool was_held[OP25B_CLASSES][2];
static bool accepted, refuse, nothing_fits, sweeping;

static unsigned int roll(unsigned int sides)
{
	dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
	return (dice >> 33) % sides;
}

static void check(bool good, const char *what, unsigned long round)
{
	if (good)
		return;
	printf("# round %lu: %s\n", round, what);
	failed++;
}

static void result(const char *what)
{
	printf("%sok %u - %s\n", failed ? "not " : "", ++tests, what);
}

static bool any(const bool *has)
{
	int i;

	for (i = 0; i < SOURCES; i++)
		if (has[i])
			return true;
	return false;
}

/* Block before monitor before exempt. */
static int strictest(const struct naive *k)
{
	if (k->key.relay)
		return OP25B_ACTION_BLOCK;
	if (k->known[0] || k->known[4])
		return OP25B_ACTION_BLOCK;
	return k->known[2] ? OP25B_ACTION_MONITOR : OP25B_ACTION_EXEMPT;
}

static unsigned int count(bool relay)
{
	unsigned int n = 0;
	struct naive *k;

	for (k = all; k < all + KEYS; k++)
		n += k->key.relay == relay &&
		     (k->rule || any(k->dumped));
	return n;
}

static bool takes(const struct naive *k)
{
	unsigned int shortest = k->key.family == AF_INET ? 8 : 19;

	if (k->rule || any(k->dumped))
		return true;
	if (k->key.relay)
		shortest = k->key.family == AF_INET ? 32 : 128;
	return k->key.len >= shortest && count(k->key.relay) < limit;
}

static void decide(struct naive *k, const bool *before)
{
	if (any(before) && !any(k->known))
		k->since = now;
	if (any(k->known))
		k->rule = strictest(k);
}

/* --- the kernel ----------------------------------------------------------- */

static struct naive *at(const struct op25b_key *key)
{
	struct naive *k;

	for (k = all; k < all + KEYS; k++)
		if (!memcmp(k->key.addr, key->addr, 16) &&
		    k->key.family == key->family && k->key.len == key->len &&
		    k->key.relay == key->relay)
			return k;
	abort();
}

/* Nothing has to be asked again in a sweep that there was no room for. */
static bool was_full;

static int flush(struct op25b_rset *set, void *arg)
{
	bool no_room = false;
	unsigned int i;

	(void)arg;
	for (i = 0; i < set->n; i++) {
		struct op25b_step *s = &set->step[i];
		struct naive *k = at(&s->key);

		if (op25b_rset_present(set, s) != !!k->believed)
			failed++;
		if (was_full && !s->gone && !k->believed)
			failed++;
		if (refuse && !s->gone) {
			op25b_rset_settle(set, s, OP25B_STEP_REFUSED);
		} else if (nothing_fits && !s->gone && !k->kernel) {
			op25b_rset_settle(set, s, OP25B_STEP_NO_ROOM);
			no_room = true;
		} else {
			k->kernel = s->gone ? 0 : s->key.relay ?
				OP25B_ACTION_BLOCK : s->class;
			k->believed = k->kernel;
			op25b_rset_settle(set, s, OP25B_STEP_DONE);
		}
	}
	was_full |= sweeping && no_room;
	return 0;
}

/* What the naive one has the kernel do, into @want. What is refused and has a
 * route is not in force: the next dump brings it again.
 */
static void force(struct naive *k, int *want)
{
	if (k->believed == k->rule)
		return;
	if (!refuse && !(nothing_fits && !k->kernel)) {
		*want = k->rule;
	} else if (!k->believed && any(k->known)) {
		k->rule = 0;
		memset(k->known, 0, sizeof(k->known));
	}
}

/* --- what happens --------------------------------------------------------- */

static void told(struct op25b_rset *set, int *want)
{
	struct naive *k;

	for (k = all; k < all + KEYS; k++) {
		if (k->rule && k->told)
			force(k, &want[k - all]);
		k->told = false;
	}
	op25b_rset_flush(set, flush, NULL);
}

static void move(struct op25b_rset *set, struct naive *k, bool lost,
		 int *want)
{
	static const int prefixes[] = { 0, 1, 2, 4 };
	int s = k->key.relay ? 3 : prefixes[roll(4)];
	bool before[SOURCES];
	int full;

	k->route[s] = !k->route[s];
	if (lost)
		return;
	memcpy(before, k->known, sizeof(before));
	if (!k->route[s] || takes(k)) {
		k->known[s] = k->route[s];
		decide(k, before);
		k->told = true;
	}
	full = op25b_rset_route(set, now, &k->key, k->route[s] ? 0 : 1 << s,
				k->route[s] ? 1 << s : 0);
	if (full < 0)
		abort();
	if (full)
		told(set, want);
}

static bool group(const struct naive *a, const struct naive *b)
{
	int ca = a->key.relay ? 0 : a->rule, cb = b->key.relay ? 0 : b->rule;

	return ca == cb && a->key.family == b->key.family;
}

static bool may_go(const struct naive *k)
{
	unsigned int have = 0, missing = 0;
	struct naive *o;

	for (o = all; o < all + KEYS; o++)
		if (o->rule && group(o, k)) {
			have++;
			missing += !any(o->known);
		}
	return accepted || missing * 100 <= have * conf.shrink;
}

static void dump(struct op25b_rset *set, bool whole)
{
	unsigned int s, from = roll(KEYS), i;
	struct naive *k;

	op25b_rset_scan(set);
	for (s = 0; s < SOURCES; s++)
		for (i = 0; i < KEYS; i++) {
			k = &all[(from + i) % KEYS];
			if (!k->route[s] || (!whole && !roll(3)))
				continue;
			if (takes(k))
				k->dumped[s] = true;
			if (op25b_rset_seen(set, &k->key, 1 << s))
				abort();
		}
	for (k = all; k < all + KEYS; k++) {
		bool before[SOURCES];

		memcpy(before, k->known, sizeof(before));
		for (s = 0; s < SOURCES; s++)
			k->known[s] = k->dumped[s] || (!whole && k->known[s]);
		decide(k, before);
		memset(k->dumped, 0, sizeof(k->dumped));
	}
	op25b_rset_scanned(set, now, whole);
}

static void sweep(struct op25b_rset *set, bool whole, int *want)
{
	bool gone[KEYS] = { false }, may[KEYS] = { false };
	bool due[KEYS] = { false }, anew[KEYS] = { false };
	struct naive *k;
	int i;

	for (k = all; whole && k < all + KEYS; k++) {
		bool *held = &was_held[k->key.relay ? 0 : k->rule]
				      [k->key.family == AF_INET];

		if (!k->rule || any(k->known))
			continue;
		may[k - all] = may_go(k);
		anew[k - all] = may[k - all] && *held && !accepted;
		due[k - all] = now - k->since >= 10 * conf.linger;
	}
	if (whole)
		memset(was_held, 0, sizeof(was_held));
	for (i = 0; i < KEYS; i++) {
		k = &all[i];
		gone[i] = due[i] && may[i] && !anew[i];
		if (anew[i])
			k->since = now;
		if (due[i] && !may[i])
			was_held[k->key.relay ? 0 : k->rule]
				[k->key.family == AF_INET] = true;
	}
	for (i = 0; i < KEYS; i++) {
		if (gone[i])
			all[i].rule = 0;
		if (gone[i])
			want[i] = 0;
		else if (all[i].rule)
			force(&all[i], &want[i]);
	}
	accepted = accepted && !whole;
	sweeping = true;
	if (op25b_rset_sweep(set, now, whole, flush, NULL))
		abort();
	sweeping = false;
	was_full = false;
}

/* The kernel was read anew. */
static void reread(struct op25b_rset *set)
{
	struct naive *k;

	op25b_rset_unknown(set);
	for (k = all; k < all + KEYS; k++) {
		k->believed = k->kernel;
		if (!k->kernel)
			continue;
		if (!k->rule) {
			k->rule = k->kernel;
			k->since = now;
		}
		if (op25b_rset_found(set, now, &k->key, k->kernel))
			abort();
	}
}

static void accept_missing(struct op25b_rset *set)
{
	struct naive *k;

	for (k = all; k < all + KEYS; k++)
		if (!any(k->known))
			k->since = now - 10 * conf.linger;
	accepted = true;
	op25b_rset_accept(set, now);
}

static void somebody_writes(void)
{
	struct naive *k = &all[roll(KEYS)];

	if (!roll(4))
		for (k = all; k < all + KEYS; k++)
			k->kernel = 0;
	else if (k->key.relay)
		k->kernel = !k->kernel;
	else
		k->kernel = roll(4);
}

static void compare(const struct op25b_rset *set, const int *want,
		    unsigned long round)
{
	struct op25b_tally t[OP25B_CLASSES][2] = { 0 };
	struct naive *k;
	int c, f;

	for (k = all; k < all + KEYS; k++) {
		check(k->kernel == want[k - all], "the kernel has another",
		      round);
		if (!k->rule)
			continue;
		c = k->key.relay ? 0 : k->rule;
		f = k->key.family != AF_INET;
		t[c][f].in_force++;
		t[c][f].missing += !any(k->known);
	}
	for (c = 0; c < OP25B_CLASSES; c++)
		for (f = 0; f < 2; f++)
			check(t[c][f].in_force == set->tally[c][f].in_force &&
			      t[c][f].missing == set->tally[c][f].missing,
			      "it counts another number", round);
}

static void step(struct op25b_rset *set, unsigned long round)
{
	unsigned int what = roll(20), i, n = 1 + roll(12);
	int want[KEYS];
	bool whole;

	for (i = 0; i < KEYS; i++)
		want[i] = all[i].kernel;
	refuse = !roll(10);
	nothing_fits = !roll(10);
	if (what < 10) {
		for (i = 0; i < n; i++)
			move(set, &all[roll(KEYS)], !roll(8), want);
		told(set, want);
	} else if (what < 15) {
		whole = roll(4);
		dump(set, whole);
		sweep(set, whole, want);
	} else if (what < 17) {
		now += roll(20 * conf.linger + 2);
	} else if (what == 17) {
		accept_missing(set);
	} else {
		somebody_writes();
		reread(set);
		for (i = 0; i < KEYS; i++)
			want[i] = all[i].kernel;
	}
	compare(set, want, round);
}

static void populate(void)
{
	static const uint8_t lens[2][4] = { { 7, 8, 24, 32 },
					    { 18, 19, 56, 128 } };
	struct naive *k;
	int i;

	memset(all, 0, sizeof(all));
	memset(was_held, 0, sizeof(was_held));
	for (i = 0; i < KEYS; i++) {
		k = &all[i];
		k->key.family = i % 2 ? AF_INET6 : AF_INET;
		k->key.relay = i % 7 == 0;
		k->key.len = lens[i % 2][roll(4)];
		k->key.addr[0] = 0x20;
		k->key.addr[1] = k->key.len > 18 ? i : i & 1;
		k->key.addr[0] += k->key.len <= 19 ? 2 * i : 0;
	}
}

static void settle_down(struct op25b_rset *set)
{
	int want[KEYS], i;
	struct naive *k;

	refuse = false;
	nothing_fits = false;
	limit = KEYS;
	set->limit[0] = limit;
	set->limit[1] = limit;
	for (i = 0; i < 2; i++) {
		dump(set, true);
		accept_missing(set);
		now += 10 * conf.linger;
		sweep(set, true, want);
	}
	for (k = all; k < all + KEYS; k++) {
		unsigned int shortest = k->key.relay ?
			(k->key.family == AF_INET ? 32 : 128) :
			(k->key.family == AF_INET ? 8 : 19);
		bool in_table = any(k->route);

		memcpy(k->known, k->route, sizeof(k->known));
		/* One that another writer put there stays, if it is routed. */
		if (k->key.len >= shortest)
			check(k->kernel == (in_table ? strictest(k) : 0),
			      "in the end it differs from the tables", 0);
	}
}

static void play(unsigned long rounds)
{
	static struct op25b_rset set;
	unsigned long i;

	populate();
	op25b_rset_init(&set, &conf);
	conf.linger = 1 + roll(20);
	conf.shrink = roll(101);
	limit = 5 + roll(KEYS);
	set.limit[0] = limit;
	set.limit[1] = limit;
	set.room = 1 + roll(2 * KEYS);
	now = roll(1000);
	accepted = false;
	for (i = 0; i < rounds && !failed; i++)
		step(&set, i);
	settle_down(&set);
	op25b_rset_free(&set);
}

/* Many keys, so that shards grow, and are rebuilt without what is dead. */
static void fill(unsigned int n, int family)
{
	static struct op25b_table t;
	struct op25b_key key = { .family = family, .len = 24 };
	struct op25b_item *it;
	uint64_t cursor = 0, sum = 0;
	unsigned int i, found = 0;

	op25b_table_init(&t, family);
	for (i = 0; i < n; i++) {
		memcpy(key.addr, &i, sizeof(i));
		it = op25b_table_put(&t, &key);
		it->since = i;
	}
	for (i = 0; i < n + 1000; i++) {
		memcpy(key.addr, &i, sizeof(i));
		it = op25b_table_find(&t, &key);
		failed += i < n ? !it || it->since != i : !!it;
	}
	while ((it = op25b_table_next(&t, &cursor))) {
		found++;
		sum += it->since;
	}
	failed += found != n || sum != (uint64_t)n * (n - 1) / 2;
	op25b_table_free(&t);
}

/* --- a million --- */

static int agree(struct op25b_rset *set, void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < set->n; i++)
		op25b_rset_settle(set, &set->step[i], OP25B_STEP_DONE);
	return 0;
}

static void number(struct op25b_key *key, int family, unsigned int i)
{
	*key = (struct op25b_key){ .family = family, .len = 32 };
	key->len = family == AF_INET ? 32 : 64;
	key->addr[0] = 0x20;
	key->addr[1] = i >> 16;
	key->addr[2] = i >> 8;
	key->addr[3] = i;
}

static double used(struct rusage *before)
{
	struct rusage r;
	double s;

	getrusage(RUSAGE_SELF, &r);
	s = r.ru_utime.tv_sec - before->ru_utime.tv_sec +
		r.ru_stime.tv_sec - before->ru_stime.tv_sec +
		(r.ru_utime.tv_usec - before->ru_utime.tv_usec +
		 r.ru_stime.tv_usec - before->ru_stime.tv_usec) / 1e6;
	*before = r;
	return s;
}

static void scan_million(struct op25b_rset *set, int family, unsigned int n)
{
	struct op25b_key key;
	unsigned int i;

	op25b_rset_scan(set);
	for (i = 0; i < n; i++) {
		number(&key, family, i);
		if (op25b_rset_seen(set, &key, 1))
			abort();
	}
	op25b_rset_scanned(set, now, true);
	op25b_rset_sweep(set, now, true, agree, NULL);
}

static int million(int family)
{
	static struct op25b_rset set;
	struct rusage r = { 0 };
	struct op25b_key key;
	double first, changes;
	unsigned int i;

	op25b_rset_init(&set, &conf);
	used(&r);
	scan_million(&set, family, 1000000);
	first = used(&r);
	for (i = 0; i < 600000; i++) {
		number(&key, family, i);
		if (op25b_rset_route(&set, now, &key, 1, 2))
			op25b_rset_flush(&set, agree, NULL);
	}
	changes = used(&r);
	scan_million(&set, family, 0);
	printf("%.2f %.2f %.2f %ld\n", first, changes, used(&r),
	       r.ru_maxrss / 1024);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 0) : 1000, i;

	if (argc > 2 && !strcmp(argv[1], "million"))
		return million(atoi(argv[2]) == 4 ? AF_INET : AF_INET6);
	dice = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	printf("# seed %llu\n", (unsigned long long)dice);
	fill(200000, AF_INET);
	fill(100000, AF_INET6);
	result("routes: a table gives back what was put into it");
	for (i = 0; i < rounds && !failed; i++)
		play(200);
	result("routes: the kernel gets what a naive one says");
	printf("1..%u\n", tests);
	return !!failed;
}
