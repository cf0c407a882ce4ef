// SPDX-License-Identifier: GPL-2.0
/*
 * contend NAME [SECONDS]: trie, journal and entry in user space, two threads
 * pinned to a CPU each. Both block packets of one prefix, then of prefixes of
 * their own, counters on; how much more do the two do than one alone? Rates are
 * of the threads' own CPU time, so other work of the machine does not show; a
 * cache line that the two fight for does. JSON, one object a line.
 *
 * The counters must add up to what was counted, or it is an error.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "lpm/build.h"
#include "state/entry.h"
#include "state/journal.h"
#include "state/store.h"
#include "lpm/node.h"
#include "lpm/trie.h"

#define PREFIXES	4096
#define ROUND		20000		/* packets between looks at the clock */
#define NS_PER_SECOND	1000000000ULL

unsigned long shim_rescheds;
long shim_objects;
long shim_fail_nth;
_Thread_local int shim_cpu;

static struct op25b_store on;
static struct op25b_ruleset ruleset = { .seq = 1 };
static pthread_barrier_t start;
static atomic_int running;

struct job {
	pthread_t thread;
	int cpu;
	int cpus;		/* that work beside each other */
	bool shared;		/* one prefix for all, or many of its own */
	double seconds;
	u64 packets;
	double rate;		/* packets a second of CPU time */
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static u64 cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * NS_PER_SECOND + ts.tv_nsec;
}

static struct op25b_prefix prefix_at(u32 i)
{
	return (struct op25b_prefix){
		.addr.hi = (u64)(100U << 24 | i << 8) << 32,
		.family = OP25B_V4,
		.len = 24,
	};
}

static void fill(void)
{
	struct op25b_build build;
	struct op25b_prefix p;
	u32 i;

	op25b_build_begin(&build, NULL, OP25B_V4);
	op25b_entry_init(&on);
	on.ruleset = &ruleset;
	for (i = 0; i < PREFIXES; i++) {
		p = prefix_at(i);
		if (op25b_build_set(&build, &p, OP25B_ACTION_BLOCK) ||
		    op25b_entry_get(&on, OP25B_ENTRY_PREFIX, &p))
			die("no memory");
	}
	op25b_build_seal(&build);
	op25b_bag_free(&build.retired);
	ruleset.config.prefixes[OP25B_V4] = build.trie;
	ruleset.config.prefixes[OP25B_V4].family = OP25B_V4;
	on.journals = op25b_journals_alloc(&on);
	if (!on.journals)
		die("no memory");
}

/* What the hook does to a blocked packet. */
static void packet(u32 i)
{
	const struct op25b_trie *trie = &ruleset.config.prefixes[OP25B_V4];
	struct op25b_addr src = prefix_at(i).addr;
	struct op25b_match match;

	src.hi |= (u64)(i & 0xff) << 32;
	match = op25b_trie_lookup(trie, OP25B_V4, src);
	if (match.action != OP25B_ACTION_BLOCK)
		die("a source was not found");
	op25b_journal_count(&on, op25b_addr_head(src, match.len),
			    op25b_record_id(ruleset.seq, OP25B_ENTRY_PREFIX,
					    OP25B_V4, match.len), 40, true,
			    ktime_get_real_seconds());
}

static void *work(void *data)
{
	struct job *job = data;
	u64 begin, took;
	cpu_set_t set;
	u32 i, n = 0;

	CPU_ZERO(&set);
	CPU_SET(job->cpu, &set);
	if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set))
		die("affinity");
	shim_cpu = job->cpu;
	pthread_barrier_wait(&start);
	begin = cpu_ns();
	do {
		for (i = 0; i < ROUND; i++)
			packet(job->shared ? 7 :
			       (n += 7) % (PREFIXES / 2) * 2 + job->cpu);
		job->packets += ROUND;
		took = cpu_ns() - begin;
	} while (took < job->seconds * NS_PER_SECOND &&
		 atomic_load(&running) == job->cpus);
	job->rate = (double)job->packets * NS_PER_SECOND / took;
	atomic_fetch_sub(&running, 1);
	return NULL;
}

/* Packets a second of CPU time that @cpus together do. */
static double together(int cpus, bool shared, double seconds, u64 *packets)
{
	struct job job[SHIM_CPUS] = { };
	double rate = 0;
	int i;

	pthread_barrier_init(&start, NULL, cpus);
	atomic_store(&running, cpus);
	for (i = 0; i < cpus; i++) {
		job[i].cpu = i;
		job[i].cpus = cpus;
		job[i].shared = shared;
		job[i].seconds = seconds;
		if (pthread_create(&job[i].thread, NULL, work, &job[i]))
			die("pthread_create");
	}
	for (i = 0; i < cpus; i++) {
		pthread_join(job[i].thread, NULL);
		rate += job[i].rate;
		*packets += job[i].packets;
	}
	pthread_barrier_destroy(&start);
	return rate;
}

/* One SYN and two packets that are none: at once in a record, then in another
 * that adds to them.
 */
static void check_mixed(void)
{
	struct op25b_prefix p = prefix_at(1);
	u64 id = op25b_record_id(ruleset.seq, OP25B_ENTRY_PREFIX, p.family,
				 p.len);
	struct op25b_entry_info info;
	u32 i;

	for (i = 1; i <= 2; i++) {
		op25b_journal_count(&on, p.addr, id, 40, true, 1);
		op25b_journal_count(&on, p.addr, id, 1500, false, 1);
		op25b_journal_count(&on, p.addr, id, 1500, false, 1);
		op25b_journals_post(&on);
		if (!op25b_entry_read(&on, OP25B_ENTRY_PREFIX, &p, &info) ||
		    info.packets != 3 * i || info.syns != i ||
		    info.bytes != 3040 * i)
			die("packets that are no SYN are counted wrong");
	}
	mutex_lock(&on.lock);
	op25b_entry_reset(&on);
	mutex_unlock(&on.lock);
}

static u64 counted(void)
{
	struct op25b_entry_info info;
	struct op25b_prefix p;
	u64 sum = 0;
	u32 i;

	op25b_journals_post(&on);
	for (i = 0; i < PREFIXES; i++) {
		p = prefix_at(i);
		if (!op25b_entry_read(&on, OP25B_ENTRY_PREFIX, &p, &info) ||
		    info.packets * 40 != info.bytes ||
		    info.packets != info.syns)
			die("an entry is wrong");
		sum += info.packets;
	}
	return sum;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void put(const char *table, const char *name, const char *more,
		double value, const char *unit)
{
	printf("{\"what\": \"native\", \"table\": \"%s\", ", table);
	printf("\"name\": \"%s%s\", ", name, more);
	printf("\"value\": %.3g, \"unit\": \"%s\"}\n", value, unit);
}

/* The median of some turns of one CPU against two. */
static void measure(const char *table, const char *name, bool shared,
		    double seconds, u64 *packets)
{
	enum { TURNS = 7 };
	double ratio[TURNS], one, two;
	int i;

	for (i = 0; i < TURNS; i++) {
		one = together(1, shared, seconds / TURNS / 2, packets);
		two = together(2, shared, seconds / TURNS / 2, packets);
		ratio[i] = two / one;
	}
	qsort(ratio, TURNS, sizeof(ratio[0]), by_value);
	put(table, name, "", ratio[TURNS / 2], "x");
	put(table, name, ", one CPU", NS_PER_SECOND / one, "ns");
}

int main(int argc, char **argv)
{
	double seconds = argc > 2 ? atof(argv[2]) : 2;
	u64 packets = 0;

	if (argc < 2 || op25b_node_init()) {
		fprintf(stderr, "usage: contend NAME [SECONDS]\n");
		return 2;
	}
	fill();
	check_mixed();
	measure(argv[1], "two CPUs, one prefix", true, seconds, &packets);
	measure(argv[1], "two CPUs, own prefixes", false, seconds, &packets);
	if (counted() != packets) {
		fprintf(stderr, "%llu packets, counted were %llu\n",
			(unsigned long long)packets,
			(unsigned long long)counted());
		return 1;
	}
	op25b_journals_free(on.journals);
	op25b_entry_exit(&on);
	op25b_due_exit(&on);
	op25b_trie_free(&ruleset.config.prefixes[OP25B_V4]);
	if (shim_objects) {
		fprintf(stderr, "%ld objects are left\n", shim_objects);
		return 1;
	}
	op25b_node_exit();
	return 0;
}
