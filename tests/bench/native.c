// SPDX-License-Identifier: GPL-2.0
/*
 * native CONF SOURCES NAME [SECONDS]: the trie in user space, built as the
 * kernel builds it, with the prefixes of CONF (lines "prefix P ACTION") and
 * packed source addresses. One JSON object a line: bytes a prefix, insert, hit,
 * add one by copying the path, and lookups on one CPU while 10,000 updates a
 * second go on beside it, against lookups at rest.
 *
 * Readers are waited for by their own count of quiet moments (a small QSBR),
 * so that replaced nodes are freed as in the kernel, a grace period later.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <linux/slab.h>
#include <linux/types.h>

#include <linux/op25b.h>

#include "lpm/build.h"
#include "lpm/node.h"
#include "lpm/trie.h"

#define UPDATES_PER_SECOND	10000
#define LOOKUPS_PER_QUIET	256
#define LOOKUPS_PER_ROUND	100000
#define NS_PER_SECOND		1000000000ULL

unsigned long shim_rescheds;
long shim_objects;
long shim_fail_nth;

static struct op25b_prefix *prefixes;
static u8 *actions;
static unsigned int prefix_count;
static struct op25b_addr *sources;
static unsigned int source_count;

static struct op25b_trie *current;	/* by __atomic builtins */
static atomic_ulong quiet;		/* moments without a reference */
static atomic_ulong updates;
static atomic_bool updating, done;	/* done: no reader any more */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static u64 clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * NS_PER_SECOND + ts.tv_nsec;
}

static struct op25b_addr address(u8 family, const void *bytes)
{
	__be32 word[4] = { };

	memcpy(word, bytes, family == OP25B_V4 ? 4 : 16);
	return family == OP25B_V4 ? op25b_addr_v4(word[0]) :
				    op25b_addr_v6(word);
}

static void add_line(const char *text, unsigned int len, const char *action)
{
	u8 family = strchr(text, ':') ? OP25B_V6 : OP25B_V4, bytes[16];
	static unsigned int room;

	if (prefix_count == room) {
		room = room ? room * 2 : 1024;
		prefixes = realloc(prefixes, room * sizeof(*prefixes));
		actions = realloc(actions, room);
		if (!prefixes || !actions)
			die("realloc");
	}
	if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, bytes) != 1)
		die(text);
	prefixes[prefix_count].addr = address(family, bytes);
	prefixes[prefix_count].family = family;
	prefixes[prefix_count].len = len;
	actions[prefix_count++] = strcmp(action, "exempt") ?
				  OP25B_ACTION_BLOCK : OP25B_ACTION_EXEMPT;
}

static void read_conf(const char *path)
{
	char line[256], text[64], action[16];
	FILE *f = fopen(path, "r");
	unsigned int len;

	if (!f)
		die(path);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "prefix %63[^/]/%u %15s", text, &len,
			   action) == 3)
			add_line(text, len, action);
	fclose(f);
}

static void read_sources(const char *path, u8 family)
{
	unsigned int size = family == OP25B_V4 ? 4 : 16;
	FILE *f = fopen(path, "r");
	u8 bytes[16];
	long end;

	if (!f || fseek(f, 0, SEEK_END))
		die(path);
	end = ftell(f);
	rewind(f);
	sources = malloc((end / size + 1) * sizeof(*sources));
	if (!sources)
		die("malloc");
	while (fread(bytes, size, 1, f) == 1)
		sources[source_count++] = address(family, bytes);
	fclose(f);
}

static void put(const char *table, const char *name, double value,
		const char *unit)
{
	printf("{\"what\": \"native\", \"table\": \"%s\", ", table);
	printf("\"name\": \"%s\", \"value\": %.4g, \"unit\": \"%s\"}\n", name,
	       value, unit);
	fflush(stdout);
}

static struct op25b_trie *copy_of(const struct op25b_trie *trie)
{
	struct op25b_trie *copy = malloc(sizeof(*copy));

	if (!copy)
		die("malloc");
	*copy = *trie;
	return copy;
}

static struct op25b_trie *fill(const char *table)
{
	struct op25b_build build;
	unsigned int i;
	u64 start;

	op25b_build_begin(&build, NULL, prefixes[0].family);
	start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	for (i = 0; i < prefix_count; i++)
		if (op25b_build_set(&build, &prefixes[i], actions[i]))
			die("build");
	op25b_build_seal(&build);
	put(table, "insert",
	    (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / prefix_count,
	    "ns");
	put(table, "bytes a prefix",
	    (double)build.trie.bytes / build.trie.count, "bytes");
	op25b_bag_free(&build.retired);
	return copy_of(&build.trie);
}

/* Old versions that the reader may still have. It has none of them once it has
 * been quiet twice.
 */
#define WAITING 1024

static struct waiting {
	struct op25b_bag bag;
	struct op25b_trie *trie;
	unsigned long since;
} waiting[WAITING];
static unsigned int waiting_first, waiting_end;

static void forget_oldest(void)
{
	struct waiting *w = &waiting[waiting_first++ % WAITING];

	op25b_bag_free(&w->bag);
	free(w->trie);
}

static void forget_old(void)
{
	while (waiting_first != waiting_end &&
	       (atomic_load(&quiet) -
		waiting[waiting_first % WAITING].since >= 2 ||
		atomic_load(&done)))
		forget_oldest();
}

static void move_bag(struct op25b_bag *to, struct op25b_bag *from)
{
	op25b_bag_init(to);
	to->room = from->room;
	if (from->blocks.next == &from->blocks)
		return;
	to->blocks = from->blocks;
	to->blocks.next->prev = &to->blocks;
	to->blocks.prev->next = &to->blocks;
}

/* Takes one prefix out, or puts it back. */
static void update(unsigned int i, bool add)
{
	struct op25b_trie *old = current, *new;
	struct op25b_build build;
	struct waiting *w;

	op25b_build_begin(&build, old, old->family);
	if (add ? op25b_build_set(&build, &prefixes[i], actions[i]) :
		  op25b_build_del(&build, &prefixes[i]))
		die("update");
	op25b_build_seal(&build);
	new = copy_of(&build.trie);
	/* release: the nodes before the pointer to them */
	__atomic_store_n(&current, new, __ATOMIC_RELEASE);
	while (waiting_end - waiting_first == WAITING)
		forget_old();
	w = &waiting[waiting_end++ % WAITING];
	move_bag(&w->bag, &build.retired);
	w->trie = old;
	w->since = atomic_load(&quiet);
	forget_old();
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set))
		die("affinity");
}

static void *writer(void *unused)
{
	u64 due = clock_ns(CLOCK_MONOTONIC);
	struct timespec ts;
	unsigned int n = 0;

	pin(1);
	while (!atomic_load(&done)) {
		due += NS_PER_SECOND / UPDATES_PER_SECOND;
		ts.tv_sec = due / NS_PER_SECOND;
		ts.tv_nsec = due % NS_PER_SECOND;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		if (!atomic_load(&updating)) {
			due = clock_ns(CLOCK_MONOTONIC);
			continue;
		}
		update(n / 2 * 7919 % prefix_count, n % 2);
		n++;
		atomic_fetch_add(&updates, 1);
	}
	return unused;
}

/* ns a lookup, of this thread's CPU time. */
static double lookups(unsigned int *at, unsigned int *matched)
{
	u64 start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	const struct op25b_trie *trie;
	struct op25b_match match;
	unsigned int i;

	for (i = 0; i < LOOKUPS_PER_ROUND; i++) {
		trie = __atomic_load_n(&current, __ATOMIC_ACQUIRE);
		match = op25b_trie_lookup(trie, trie->family, sources[*at]);
		*matched += match.action != OP25B_ACTION_NONE;
		*at = *at + 1 == source_count ? 0 : *at + 1;
		if (i % LOOKUPS_PER_QUIET == 0)
			atomic_fetch_add_explicit(&quiet, 1,
						  memory_order_release);
	}
	return (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) /
	       LOOKUPS_PER_ROUND;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Rest and work by turns, so that what else the machine does meets both. */
static void beside_updates(const char *table, double budget)
{
	enum { TURNS = 20, MOST = 4096 };
	static double ns[2][MOST];
	unsigned int n[2] = { }, at = 0, matched = 0, turn;
	u64 end, busy = 0;

	pin(0);
	for (turn = 0; turn < 2 * TURNS; turn++) {
		u64 start = clock_ns(CLOCK_MONOTONIC);

		atomic_store(&updating, turn % 2);
		end = start + budget * NS_PER_SECOND / TURNS / 2;
		do {
			double took = lookups(&at, &matched);

			if (n[turn % 2] < MOST)
				ns[turn % 2][n[turn % 2]++] = took;
		} while (clock_ns(CLOCK_MONOTONIC) < end);
		if (turn % 2)
			busy += clock_ns(CLOCK_MONOTONIC) - start;
	}
	atomic_store(&done, true);
	qsort(ns[0], n[0], sizeof(double), by_value);
	qsort(ns[1], n[1], sizeof(double), by_value);
	put(table, "hit", ns[0][n[0] / 2], "ns, median");
	put(table, "hit beside updates", ns[1][n[1] / 2], "ns, median");
	put(table, "lookup beside 10k updates",
	    ns[1][n[1] / 2] / ns[0][n[0] / 2], "x");
	put(table, "updates that were done",
	    atomic_load(&updates) * (double)NS_PER_SECOND / busy, "a second");
	if (!matched)
		die("no source was found");
}

/* Without a reader: copying the path, publishing, freeing. */
static void update_cost(const char *table)
{
	enum { N = 20000 };
	u64 start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	unsigned int i;

	atomic_store(&done, true);
	for (i = 0; i < 2 * N; i++)
		update(i / 2 * 7919 % prefix_count, i % 2);
	atomic_store(&done, false);
	put(table, "add or delete one",
	    (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / 2 / N / 1000,
	    "us");
}

int main(int argc, char **argv)
{
	struct op25b_trie *trie;
	pthread_t thread;

	if (argc < 4) {
		fprintf(stderr, "usage: native CONF SOURCES NAME [SECONDS]\n");
		return 2;
	}
	read_conf(argv[1]);
	if (!prefix_count || op25b_node_init())
		die("nothing to look up");
	read_sources(argv[2], prefixes[0].family);
	trie = fill(argv[3]);
	current = trie;
	update_cost(argv[3]);
	if (pthread_create(&thread, NULL, writer, NULL))
		die("pthread_create");
	beside_updates(argv[3], argc > 4 ? atof(argv[4]) : 4);
	pthread_join(thread, NULL);
	forget_old();
	trie = current;
	op25b_trie_free(trie);
	free(trie);
	if (shim_objects) {
		fprintf(stderr, "%ld objects are left\n", shim_objects);
		return 1;
	}
	op25b_node_exit();
	return 0;
}
