// SPDX-License-Identifier: GPL-2.0
/*
 * storm SECONDS SEED MODULE [lie | big PREFIXES]: run in the router's
 * namespace, with the namespaces S and M and their wires as `inside` makes
 * them. TAP.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "storm.h"

/* The bar for freeing: nothing goes on for longer without yielding. */
#define MOST_LATE_US	10000

/* Seconds beyond those asked for, until everything has happened once. */
#define PATIENCE	1200

#define PREFER_WRITER	PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP

struct storm storm;

static int tests, bad;

void complain(const char *fmt, ...)
{
	va_list args;
	char text[256];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* The first of them tell, the rest are counted. */
	if (atomic_fetch_add(&storm.failed, 1) < 20)
		printf("# %s\n", text);
}

uint32_t rnd(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*seed >> 33) % n;
}

enum part_name part_of(const struct what *what)
{
	return what->timed ? COMMON : what->slot % 2 ? ODD : EVEN;
}

enum { NONE, OUTERMOST, IN_THE_MIDDLE, INNERMOST };

/* By hand, from the most specific prefix up; knows nothing of tries. */
static struct says longest(uint8_t outer, uint8_t middle, uint8_t inner)
{
	if (inner)
		return (struct says){ .length = INNERMOST, .action = inner };
	if (middle)
		return (struct says){
			.length = IN_THE_MIDDLE,
			.action = middle,
		};
	return (struct says){
		.length = outer ? OUTERMOST : NONE,
		.action = outer,
	};
}

struct says says(const struct state *fed, const struct what *what)
{
	struct says s = longest(fed->action[OUTER], what->timed ? 0 :
				fed->action[MIDDLE(what->slot)],
				what->timed || !what->inside ? 0 :
				fed->action[INNER(what->slot)]);

	s.relay = fed->relay;
	s.loads = fed->loads;
	return s;
}

static struct says config_says(const struct state *common,
			       const struct state *part,
			       const struct what *what, bool expired)
{
	uint8_t outer = common->action[OUTER];

	if (what->timed)
		return longest(outer, common->timed && !expired ?
			       OP25B_ACTION_BLOCK : 0, 0);
	return longest(outer, part->action[MIDDLE(what->slot)],
		       what->inside ? part->action[INNER(what->slot)] : 0);
}

/* Block before monitor before exempt. */
static int strictness(uint8_t action)
{
	return action == OP25B_ACTION_BLOCK ? 2 :
	       action == OP25B_ACTION_MONITOR;
}

/* The longest decides; where they are equal, config, or else the stricter. */
bool passes(const struct state *common, const struct state *part,
	    const struct says fed[2], const struct what *what, bool expired)
{
	struct says best = config_says(common, part, what, expired);
	uint8_t config = best.length;
	int i;

	if (!what->mail || !what->listed || (what->back && !common->reverse))
		return true;
	for (i = 0; i < 2; i++)
		if (fed[i].length > best.length ||
		    (fed[i].length == best.length && best.length > config &&
		     strictness(fed[i].action) > strictness(best.action)))
			best = fed[i];
	return best.action != OP25B_ACTION_BLOCK ||
	       common->mode != OP25B_MODE_ENFORCE ||
	       (what->relay && (common->relay || fed[0].relay ||
				fed[1].relay));
}

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	bad |= !good;
}

static bool is_wanted(enum change change, bool big)
{
	if (big)
		return change >= FLUSH && change != TIMEOUT;
	return change != EXPIRE_ALL;
}

static unsigned long count_of(const struct writer *writers, int change)
{
	unsigned long n = 0;
	int i;

	for (i = 0; i <= PARTS; i++)
		n += writers[i].count[change];
	return n;
}

static bool all_happened(const struct writer *writers)
{
	int i;

	for (i = 0; i < CHANGES; i++)
		if (is_wanted(i, storm.big) && !count_of(writers, i))
			return false;
	for (i = FED; !storm.big && i < PARTS; i++)
		if (!writers[i].count[ADD_OR_REPLACE] ||
		    !writers[i].count[DELETE] || !writers[i].count[RELAY] ||
		    !writers[i].count[FLUSH])
			return false;
	return true;
}

/* The sum of all is for torture's report. */
static void tell_changes(const struct writer *writers)
{
	unsigned long n, sum = 0;
	int i;

	printf("# changes:");
	for (i = 0; i < CHANGES; i++) {
		n = count_of(writers, i);
		printf(" %s %lu", change_names[i], n);
		sum += n;
	}
	printf("\n# count %lu changes under traffic\n", sum);
}

/* Loading a module is the kernel's own affair. */
static bool in_time(const struct writer *whole, const struct watch *watches,
		    unsigned int cpus)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < cpus; i++) {
		printf("# CPU %u: woken %lu times\n", i, watches[i].wakes);
		good &= watches[i].wakes > 1000;
	}
	for (i = 0; i < CHANGES; i++) {
		if (whole->worst_us[i])
			printf("# %s and after: at worst %u us late\n",
			       change_names[i], whole->worst_us[i]);
		good &= i == RELOAD || whole->worst_us[i] < MOST_LATE_US;
	}
	return good;
}

static bool all_judged(const struct sender *s)
{
	return s->passed > 100 && s->blocked > 100 && s->answered && s->back &&
	       s->unlisted && ((s->expired && s->fed) || storm.big);
}

static void tell_judged(const struct sender *s)
{
	unsigned long all = s->passed + s->blocked;

	printf("# CPU %u: passed %lu, blocked %lu, of these answered %lu, ",
	       s->cpu, s->passed, s->blocked, s->answered);
	printf("on their way back %lu; unlisted %lu, after an expiry %lu, ",
	       s->back, s->unlisted, s->expired);
	printf("otherwise without sessions and BGP %lu; ", s->fed);
	printf("versions that may have judged one: %.2f\n",
	       (double)s->versions / (all + 1));
	printf("# count %lu packets judged amid changes\n", all);
}

/* The time is over, and nothing is missing: a slow machine and few seconds are
 * no excuse.
 */
static bool enough(unsigned int now, unsigned int seconds,
		   const struct writer *writers, const struct sender *senders,
		   unsigned int cpus)
{
	unsigned int i;

	if (storm.over || storm.failed || now >= seconds + PATIENCE)
		return true;
	for (i = 0; i < cpus; i++)
		if (!all_judged(&senders[i]))
			return false;
	return now >= seconds && all_happened(writers);
}

static void start_writers(struct writer *writers, pthread_t *threads,
			  uint64_t seed)
{
	pthread_rwlockattr_t attr;
	int i;

	for (i = 0; i < PARTS; i++)
		storm.part[i].history[0].reject = OP25B_REJECT_TCP_RESET;
	/* The one that wants it all must get its turn. */
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PREFER_WRITER);
	pthread_rwlock_init(&storm.whole, &attr);
	pthread_rwlock_init(&storm.loading, &attr);
	for (i = 0; i <= PARTS; i++) {
		writers[i].part = i;
		writers[i].seed = seed + 100 + i;
		if (i < PARTS && storm.big)
			continue;
		pthread_create(&threads[i], NULL, i < PARTS ? change_part :
			       change_whole, &writers[i]);
	}
}

static void join_writers(const pthread_t *threads)
{
	int i;

	for (i = storm.big ? PARTS : 0; i <= PARTS; i++)
		pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
	struct sender senders[SENDERS] = { };
	struct watch watches[SENDERS] = { };
	struct writer writers[PARTS + 1] = { };
	pthread_t threads[SENDERS], watching[SENDERS], writing[PARTS + 1];
	unsigned int i, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t seed;

	if (argc < 4)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	storm.module = argv[3];
	storm.lie = argc > 4 && !strcmp(argv[4], "lie");
	if (argc > 5 && !strcmp(argv[4], "big"))
		storm.big = atoi(argv[5]);
	seed = strtoull(argv[2], NULL, 0);
	printf("# seed %s, %s seconds\n", argv[2], argv[1]);
	if (cpus > SENDERS)
		cpus = SENDERS;
	for (i = 0; i < cpus; i++) {
		senders[i].cpu = i;
		senders[i].seed = seed + i + 1;
		pthread_create(&threads[i], NULL, send_all, &senders[i]);
		watches[i].cpu = i;
		if (storm.big)
			pthread_create(&watching[i], NULL, watch_cpu,
				       &watches[i]);
	}
	start_writers(writers, writing, seed);

	for (i = 0; !enough(i, atoi(argv[1]), writers, senders, cpus); i++)
		sleep(1);
	storm.over = true;
	for (i = 0; i < cpus; i++)
		pthread_join(threads[i], NULL);
	join_writers(writing);

	if (storm.failed)
		printf("# %u contradictions\n", storm.failed);
	ok(!storm.failed,
	   "each packet is judged as a ruleset of its time says");
	tell_changes(writers);
	ok(all_happened(writers), "changes of every kind were made");
	for (i = 0; i < cpus; i++) {
		tell_judged(&senders[i]);
		ok(all_judged(&senders[i]),
		   "packets passed, were blocked, were answered");
	}
	for (i = 0; storm.big && i < cpus; i++)
		pthread_join(watching[i], NULL);
	if (storm.big)
		ok(in_time(&writers[PARTS], watches, cpus),
		   "freeing never kept a CPU from others for 10 ms");
	printf("1..%d\n", tests);
	return bad;
}
