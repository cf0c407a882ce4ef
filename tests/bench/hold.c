// SPDX-License-Identifier: GPL-2.0
/*
 * hold NAME [PREFIXES]: the writer's side in user space. For how long is the
 * lock held by an operation on one entry, at most, while 4M prefixes are filled
 * in, changed one by one, and go? For how long does nobody else get this CPU,
 * on a kernel that preempts nobody? And what memory is left when a commit of
 * ten has followed? JSON, one object a line; status 1 if a bar is not met.
 *
 * Each operation is the same in each turn, and the shortest time that it took
 * counts: another process may have had the CPU in some of the turns. A turn in
 * which none was slow is the last one.
 */
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lpm/node.h"
#include "state/store.h"
#include "state/due.h"
#include "state/edit.h"
#include "state/trash.h"

#define TURNS		7
#define SLOW		1000000		/* ns: the bar of design.md */
#define MORE		(64 << 10)	/* bytes, that of memory */
#define LATE		10000000	/* ns until others get the CPU */
#define CHANGES		100000
#define FEW		10

unsigned long shim_rescheds;
long shim_objects;
long shim_fail_nth;
_Thread_local int shim_cpu;

static struct op25b_store on;
static struct netlink_ext_ack extack;
static u32 *took, *turn_took;	/* ns, by operation; in this turn */
static u32 operations;
/* CPU time, ns: of the last yield, the longest without one, a replacement. */
static u64 yielded, latest, replaced;

static void die(const char *what)
{
	fprintf(stderr, "hold: %s\n", what);
	exit(2);
}

static u64 ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static u64 cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Here others get the CPU. What they do with it is no time of this thread. */
void shim_on_resched(void)
{
	u64 now = cpu_ns();

	latest = max(latest, now - yielded);
	yielded = now;
}

/* Hosts of IPv4 side by side; each fourth is IPv6, and far apart. */
static struct op25b_prefix prefix_at(u32 i)
{
	if (i % 4)
		return (struct op25b_prefix){
			.addr.hi = (u64)(10 << 24 | i) << 32,
			.family = OP25B_V4,
			.len = 32,
		};
	return (struct op25b_prefix){
		.addr.hi = 0x20010db800000000ULL | i * 2654435761U,
		.addr.lo = i,
		.family = OP25B_V6,
		.len = 128,
	};
}

static struct op25b_edit *begin(enum op25b_edit_kind kind)
{
	struct op25b_edit *edit = op25b_edit_begin(&on, kind,
						  OP25B_ORIGIN_CONFIG, &extack);

	if (IS_ERR(edit))
		die("no edit begins");
	return edit;
}

static void change(struct op25b_edit *edit, u32 i, bool add)
{
	struct op25b_prefix p = prefix_at(i);

	if (add ? op25b_edit_prefix_add(edit, &p, OP25B_ACTION_BLOCK, NULL, 0,
					false, &extack) :
		  op25b_edit_prefix_del(edit, &p, NULL, &extack))
		die("an entry is refused");
}

static void publish(struct op25b_edit *edit)
{
	if (op25b_edit_ready(edit, &extack))
		die("an edit is not ready");
	op25b_edit_publish(edit);
}

/* The commit of @n prefixes, each @step-th. Each of them is a FILL of its own.
 */
static void replace(u32 n, u32 step)
{
	struct op25b_edit *edit = begin(OP25B_EDIT_REPLACE);
	u64 began = cpu_ns(), start;
	u32 i;

	for (i = 0; i < n; i++) {
		/* kmod/netlink/change.c does after each, which here is dear */
		if (!(i % 16))
			cond_resched();
		start = ns();
		change(edit, i * step, true);
		turn_took[operations++] = ns() - start;
	}
	publish(edit);
	replaced = cpu_ns() - began;
	mutex_unlock(&on.lock);
	op25b_trash_wait(&on);
	mutex_lock(&on.lock);
}

static void amend(u32 i, bool add)
{
	struct op25b_edit *edit;
	u64 start;

	cond_resched();			/* a message of its own */
	start = ns();
	edit = begin(OP25B_EDIT_AMEND);
	change(edit, i, add);
	publish(edit);
	turn_took[operations++] = ns() - start;
	mutex_unlock(&on.lock);
	op25b_trash_wait(&on);
	mutex_lock(&on.lock);
}

/* The life of a namespace. Return: the bytes that are left in the end, beyond
 * what they were with as few prefixes in the beginning.
 */
static u64 turn(u32 prefixes)
{
	u64 fresh, left, all;
	u32 i;

	memset(&on, 0, sizeof(on));
	mutex_init(&on.lock);
	op25b_entry_init(&on);
	op25b_trash_init(&on);
	RCU_INIT_POINTER(on.ruleset, op25b_ruleset_alloc());
	mutex_lock(&on.lock);
	operations = 0;
	cond_resched();
	latest = 0;
	replace(FEW, prefixes / FEW);
	fresh = atomic64_read(&on.memory);
	replace(prefixes, 1);
	all = replaced;
	for (i = 0; i < CHANGES; i++) {
		amend(i, false);
		amend(prefixes + i, true);
	}
	replace(FEW, prefixes / FEW);
	left = atomic64_read(&on.memory) - fresh;
	replaced = all;
	mutex_unlock(&on.lock);
	op25b_ruleset_free(op25b_ruleset_locked(&on));
	op25b_entry_exit(&on);
	op25b_due_exit(&on);
	cond_resched();
	if (shim_objects)
		die("objects are left");
	return left;
}

/* The longest, in ns, of the shortest of all turns. */
static u32 slowest(void)
{
	u32 worst = 0, i;

	for (i = 0; i < operations; i++) {
		took[i] = min(took[i], turn_took[i]);
		worst = max(worst, took[i]);
	}
	return worst;
}

static void put(const char *table, const char *name, double value,
		const char *unit)
{
	printf("{\"what\": \"native\", \"table\": \"%s\", ", table);
	printf("\"name\": \"%s\", ", name);
	printf("\"value\": %.4g, \"unit\": \"%s\"}\n", value, unit);
}

int main(int argc, char **argv)
{
	u32 prefixes = argc > 2 ? atoi(argv[2]) : 4000000, n, turns;
	u64 left = 0, late = ~0ULL, fill = ~0ULL;
	u32 worst = SLOW;

	if (argc < 2 || op25b_node_init())
		die("usage: hold NAME [PREFIXES]");
	/* glibc puts work off, and does it for a million at once in some
	 * free(): none of the kernel's.
	 */
	mallopt(M_MXFAST, 0);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_MAX, 0);
	n = prefixes + 2 * CHANGES + 2 * FEW;
	took = malloc(n * sizeof(*took));
	turn_took = malloc(n * sizeof(*took));
	memset(took, 0xff, n * sizeof(*took));

	for (turns = 0; turns < TURNS && (worst >= SLOW || late >= LATE);
	     turns++) {
		left = turn(prefixes);
		worst = slowest();
		late = min(late, latest);
		fill = min(fill, replaced);
	}
	put(argv[1], "longest hold of the lock for one entry", worst / 1e3,
	    "us");
	put(argv[1], "longest time that nobody else gets the CPU", late / 1e6,
	    "ms");
	put(argv[1], "fill and commit", fill / 1e9, "s");
	put(argv[1], "memory when all but ten have gone", left / 1024.0, "KiB");
	free(took);
	free(turn_took);
	return worst >= SLOW || late >= LATE || left > MORE;
}
