// SPDX-License-Identifier: GPL-2.0
/*
 * relays NAME [SECONDS]: verdict and writer's side in user space. What a packet
 * to no relay costs beyond one where there are no relays at all, another
 * destination each; what one to a relay does; what it takes to add a relay;
 * what one read of as much memory as the largest filter has, which a busy
 * neighbour slows as it slows the filter. JSON, one object a line.
 *
 * With -DACCESSES what a packet costs is told in accesses to memory, and the
 * rest, which is of time, left out.
 *
 * A packet that is judged wrongly is an error and no figure.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lpm/node.h"
#include "packet/verdict.h"
#include "state/due.h"
#include "state/edit.h"
#include "state/relay.h"
#include "state/store.h"
#ifdef ACCESSES
#include "accesses.h"
#define TIMED	0
#define UNIT	"accesses"
#else
#define TIMED	1
#define UNIT	"ns"
#endif

#define NS_PER_SECOND	1000000000ULL
#define PACKETS		65536	/* a round */
#define TURNS		1000	/* of rounds, at most */

unsigned long shim_rescheds;
long shim_objects;
long shim_fail_nth;

static const u32 sizes[] = { 0, 3, 256, 4096, OP25B_MAX_RELAYS };
#define SIZES	ARRAY_SIZE(sizes)

static struct op25b_store stores[SIZES];
/* Where packets go: to no relay, or to one of a store's. */
static struct op25b_addr others[OP25B_FAMILIES][PACKETS];
static struct op25b_addr relays[SIZES][OP25B_FAMILIES][PACKETS];
static u64 src[PACKETS];	/* hosts in a pool, 22 bits */
/* One circle through all of it, of 256 KiB, in random order. */
static u32 circle[65536];

static void die(const char *what)
{
	fprintf(stderr, "relays: %s\n", what);
	exit(1);
}

static u64 cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * NS_PER_SECOND + ts.tv_nsec;
}

/* What a packet costs is the difference of two of these. */
static u64 now(void)
{
#ifdef ACCESSES
	return accesses;
#else
	return cpu_ns();
#endif
}

static u64 rnd64(void)
{
	static u64 state;
	u64 z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Half of them of each family, near each other and not. */
static struct op25b_relay relay_at(u32 i)
{
	u64 far = i * 0x9e3779b97f4a7c15ULL;

	if (i % 2)
		return (struct op25b_relay){
			.addr = { 0x2001000000000000 | far >> 16, i },
			.family = OP25B_V6,
		};
	return (struct op25b_relay){
		.addr.hi = (far >> 36 | 11U << 28 | (i & 0xf)) << 32,
		.family = OP25B_V4,
	};
}

static const struct op25b_prefix pools[] = {
	{ { 0x6440000000000000, 0 }, OP25B_V4, 10 },
	{ { 0x20010db800000000, 0 }, OP25B_V6, 32 },
};

static void commit(struct op25b_edit *edit)
{
	if (op25b_edit_ready(edit, NULL))
		die("no memory");
	op25b_edit_publish(edit);
}

static void amend(struct op25b_store *on, u32 i, bool add)
{
	struct op25b_edit *edit = op25b_edit_begin(on, OP25B_EDIT_AMEND,
						  OP25B_ORIGIN_CONFIG, NULL);
	struct op25b_relay relay = relay_at(i);

	if (add ? op25b_edit_relay_add(edit, &relay, NULL, false, NULL) :
		  op25b_edit_relay_del(edit, &relay, NULL, NULL))
		die("an edit is refused");
	commit(edit);
}

static void fill(struct op25b_store *on, u32 count)
{
	struct op25b_edit *edit;
	u32 i;

	op25b_entry_init(on);
	op25b_trash_init(on);
	on->ruleset = op25b_ruleset_alloc();
	edit = op25b_edit_begin(on, OP25B_EDIT_REPLACE, OP25B_ORIGIN_CONFIG,
				NULL);
	op25b_edit_knobs(edit)->mode = OP25B_MODE_ENFORCE;
	for (i = 0; i < OP25B_FAMILIES; i++)
		if (op25b_edit_prefix_add(edit, &pools[i], OP25B_ACTION_BLOCK,
					  NULL, 0, false, NULL))
			die("no memory");
	for (i = 0; i < count; i++) {
		struct op25b_relay relay = relay_at(i);

		if (op25b_edit_relay_add(edit, &relay, NULL, false, NULL))
			die("the relays are not as many");
	}
	commit(edit);
	op25b_trash_wait(on);
}

static void empty(struct op25b_store *on)
{
	op25b_trash_wait(on);
	op25b_ruleset_free(on->ruleset);
	op25b_entry_exit(on);
	op25b_due_exit(on);
}

/* Sattolo's algorithm (Inform. Process. Lett. 22, 1986). */
static void draw_circle(void)
{
	u32 i, k, swap;

	for (i = 0; i < ARRAY_SIZE(circle); i++)
		circle[i] = i;
	while (--i) {
		k = rnd64() % i;
		swap = circle[i];
		circle[i] = circle[k];
		circle[k] = swap;
	}
}

/* ns a read. Each says where the next one is. */
static double reads(void)
{
	u64 begin = cpu_ns();
	u32 at = 0, n;

	for (n = 0; n < ARRAY_SIZE(circle); n++)
		at = circle[at];
	if (at)
		die("the circle is none");
	return (double)(cpu_ns() - begin) / ARRAY_SIZE(circle);
}

static void choose(void)
{
	u32 i, k;

	draw_circle();
	for (i = 0; i < PACKETS; i++) {
		src[i] = rnd64() >> 42;
		/* 192.0.0.0/2 and 4000::/2, where no relay is */
		others[OP25B_V4][i].hi = (rnd64() >> 34 | 3U << 30) << 32;
		others[OP25B_V6][i].hi = rnd64() >> 2 | 1ULL << 62;
		others[OP25B_V6][i].lo = rnd64();
		for (k = 1; k < 2 * SIZES; k++) {
			u32 pairs = sizes[k / 2] / 2;

			if (pairs)
				relays[k / 2][k % 2][i] =
					relay_at(rnd64() % pairs * 2 +
						 k % 2).addr;
		}
	}
}

/* UNITs a packet. @relay: they go to relays of the store, else to others. */
static double round_of(u32 store, u8 family, bool relay)
{
	const struct op25b_addr *dst = relay ? relays[store][family] :
					       others[family];
	const struct op25b_ruleset *rs = stores[store].ruleset;
	u32 i, hits = 0;
	u64 begin = now();
	struct op25b_flow flow = {
		.family = family,
		.sport = 40000,
		.dport = OP25B_SMTP_PORT,
		.kind = OP25B_KIND_SMTP,
		.syn = true,
	};

	for (i = 0; i < PACKETS; i++) {
		flow.src = pools[family].addr;
		flow.src.hi |= src[i] << (family == OP25B_V4 ? 32 : 8);
		flow.dst = dst[i];
		hits += op25b_judge(rs, &flow).relay;
	}
	if (hits != (relay ? PACKETS : 0))
		die("a packet is judged wrongly");
	return (double)(now() - begin) / PACKETS;
}

static void put(const char *table, const char *name, u32 count,
		const char *more, double value, const char *unit)
{
	printf("{\"what\": \"native\", \"table\": \"%s\", ", table);
	printf("\"name\": \"%s %u%s\", ", name, count, more);
	printf("\"value\": %.3g, \"unit\": \"%s\"}\n", value, unit);
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quartile(double *of, u32 n)
{
	qsort(of, n, sizeof(*of), order);
	return of[n / 4];
}

/* Lower quartiles of what stood side by side: the differences of one turn saw
 * the same machine, the best rounds of each might not.
 */
static void packets(const char *table, double seconds)
{
	static double none[OP25B_FAMILIES][SIZES][TURNS];
	static double one[OP25B_FAMILIES][SIZES][TURNS], read[TURNS];
	u64 end = cpu_ns() + seconds * NS_PER_SECOND;
	u32 f, i, turn;

	for (turn = 0; turn < TURNS && (turn < 3 || cpu_ns() < end); turn++) {
		read[turn] = reads();
		for (f = 0; f < OP25B_FAMILIES; f++) {
			double without = round_of(0, f, false);

			for (i = 1; i < SIZES; i++) {
				double ns = round_of(i, f, false);

				none[f][i][turn] = ns - without;
				one[f][i][turn] = round_of(i, f, true) - ns;
			}
		}
	}
	if (TIMED)
		put(table, "one read of", sizeof(circle) >> 10, " KiB",
		    quartile(read, turn), UNIT);
	for (f = 0; f < OP25B_FAMILIES; f++)
		for (i = 1; i < SIZES; i++) {
			const char *ip = f == OP25B_V4 ? ", IPv4" : ", IPv6";

			put(table, "to none of", sizes[i], ip,
			    quartile(none[f][i], turn), UNIT);
			put(table, "to one of", sizes[i], ip,
			    quartile(one[f][i], turn), UNIT);
		}
}

/* @anew: the filter has no room, and is made anew. */
static double add_one(struct op25b_store *on, bool anew)
{
	enum { TIMES = 50 };
	u64 took, best = ~0ULL;
	u32 i;

	for (i = 0; i < TIMES; i++) {
		amend(on, 2 * i, false);
		op25b_trash_wait(on);
		if (anew)
			on->ruleset->config.filter[OP25B_ENTRY_RELAY]->room = 0;
		took = cpu_ns();
		amend(on, 2 * i, true);
		took = cpu_ns() - took;
		op25b_trash_wait(on);
		best = took < best ? took : best;
	}
	return best / 1000.0;
}

int main(int argc, char **argv)
{
	double seconds = argc > 2 ? atof(argv[2]) : 2;
	struct op25b_store *most = &stores[SIZES - 1];
	u32 i;

	if (argc < 2 || op25b_node_init() || op25b_trash_start()) {
		fprintf(stderr, "usage: relays NAME [SECONDS]\n");
		return 2;
	}
	for (i = 0; i < SIZES; i++)
		fill(&stores[i], sizes[i]);
	choose();
	packets(argv[1], seconds);
	if (TIMED) {
		put(argv[1], "adding one to", sizes[SIZES - 1] - 1, "",
		    add_one(most, false), "us");
		put(argv[1], "adding one to", sizes[SIZES - 1] - 1,
		    ", filter half made", add_one(most, true), "us");
	}
	for (i = 0; i < SIZES; i++)
		empty(&stores[i]);
	op25b_trash_stop();
	op25b_node_exit();
	if (shim_objects) {
		fprintf(stderr, "%ld objects are left\n", shim_objects);
		return 1;
	}
	return 0;
}
