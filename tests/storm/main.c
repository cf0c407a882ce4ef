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

/* By hand, from the most specific prefix up; knows nothing of tries. */
bool passes(const struct state *state, const struct what *what, bool expired)
{
	uint8_t action = OP25B_ACTION_NONE;

	if (!what->mail || !what->listed)
		return true;
	if (what->timed && state->timed && !expired)
		action = OP25B_ACTION_BLOCK;
	else if (!what->timed && what->inside)
		action = state->action[INNER(what->slot)];
	if (!what->timed && action == OP25B_ACTION_NONE)
		action = state->action[MIDDLE(what->slot)];
	if (action == OP25B_ACTION_NONE)
		action = state->action[OUTER];
	return action != OP25B_ACTION_BLOCK ||
	       state->mode != OP25B_MODE_ENFORCE ||
	       (what->relay && state->relay);
}

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	bad |= !good;
}

static bool all_happened(const struct writer *writer)
{
	bool all = true, wanted;
	int i;

	for (i = 0; i < CHANGES; i++) {
		wanted = !storm.big || i == COMMIT || i == FLUSH || i == RELOAD;
		all &= !wanted || writer->count[i] > 0;
	}
	return all;
}

static void tell_changes(const struct writer *writer)
{
	unsigned long sum = 0;
	int i;

	printf("# changes:");
	for (i = 0; i < CHANGES; i++) {
		printf(" %s %lu", change_names[i], writer->count[i]);
		sum += writer->count[i];
	}
	printf("\n# count %lu changes under traffic\n", sum);
}

static bool in_time(const struct writer *writer, const struct watch *watches,
		    unsigned int cpus)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < cpus; i++) {
		printf("# CPU %u: woken %lu times\n", i, watches[i].wakes);
		good &= watches[i].wakes > 1000;
	}
	for (i = 0; i < CHANGES; i++) {
		if (writer->worst_us[i])
			printf("# %s and after: at worst %u us late\n",
			       change_names[i], writer->worst_us[i]);
		good &= writer->worst_us[i] < MOST_LATE_US;
	}
	return good;
}

static bool all_judged(const struct sender *s)
{
	return s->passed > 100 && s->blocked > 100 && s->answered &&
	       s->unlisted && (s->expired || storm.big);
}

static void tell_packets(const struct sender *s)
{
	printf("# CPU %u: passed %lu, blocked %lu, of these answered %lu; ",
	       s->cpu, s->passed, s->blocked, s->answered);
	printf("unlisted %lu, judged after an expiry %lu; ", s->unlisted,
	       s->expired);
	printf("versions that may have judged one: %.2f\n",
	       (double)s->versions / (s->passed + s->blocked + 1));
	printf("# count %lu packets judged amid changes\n",
	       s->passed + s->blocked);
}

/* A slow machine and few seconds are no excuse: has all of it happened? */
static bool enough(const struct writer *writer, const struct sender *senders,
		   unsigned int cpus)
{
	bool all = all_happened(writer);

	while (cpus--)
		all &= all_judged(&senders[cpus]);
	return all;
}

int main(int argc, char **argv)
{
	struct sender senders[SENDERS] = { };
	struct watch watches[SENDERS] = { };
	struct writer writer = { };
	pthread_t threads[SENDERS + 1], watching[SENDERS];
	unsigned int i, seconds, cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (argc < 4)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	storm.module = argv[3];
	storm.lie = argc > 4 && !strcmp(argv[4], "lie");
	if (argc > 5 && !strcmp(argv[4], "big"))
		storm.big = atoi(argv[5]);
	seconds = atoi(argv[1]);
	writer.seed = strtoull(argv[2], NULL, 0);
	printf("# seed %s, %s seconds\n", argv[2], argv[1]);
	if (cpus > SENDERS)
		cpus = SENDERS;
	for (i = 0; i < cpus; i++) {
		senders[i].cpu = i;
		senders[i].seed = writer.seed + i + 1;
		pthread_create(&threads[i], NULL, send_all, &senders[i]);
		watches[i].cpu = i;
		if (storm.big)
			pthread_create(&watching[i], NULL, watch_cpu,
				       &watches[i]);
	}
	pthread_create(&threads[cpus], NULL, change_all, &writer);

	for (i = 0; i < seconds + PATIENCE; i++) {
		if (storm.over || storm.failed ||
		    (i >= seconds && enough(&writer, senders, cpus)))
			break;
		sleep(1);
	}
	storm.over = true;
	for (i = 0; i <= cpus; i++)
		pthread_join(threads[i], NULL);

	if (storm.failed)
		printf("# %u contradictions\n", storm.failed);
	ok(!storm.failed,
	   "each packet is judged as a ruleset of its time says");
	tell_changes(&writer);
	ok(all_happened(&writer), "changes of every kind were made");
	for (i = 0; i < cpus; i++) {
		tell_packets(&senders[i]);
		ok(all_judged(&senders[i]),
		   "packets passed, were blocked, were answered");
	}
	for (i = 0; storm.big && i < cpus; i++)
		pthread_join(watching[i], NULL);
	if (storm.big)
		ok(in_time(&writer, watches, cpus),
		   "freeing never kept a CPU from others for 10 ms");
	printf("1..%d\n", tests);
	return bad;
}
