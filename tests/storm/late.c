// SPDX-License-Identifier: GPL-2.0
/* How long a CPU was kept from whoever wanted it most. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "storm.h"

#define PERIOD_NS	500000
#define NS		1000000000L

static void be_urgent(unsigned int cpu)
{
	struct sched_param param = { .sched_priority = 50 };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) ||
	    sched_setscheduler(0, SCHED_FIFO, &param))
		complain("no urgent thread: %s", strerror(errno));
}

static void add(struct timespec *t, long ns)
{
	t->tv_nsec += ns;
	if (t->tv_nsec >= NS) {
		t->tv_nsec -= NS;
		t->tv_sec++;
	}
}

void *watch_cpu(void *arg)
{
	struct watch *watch = arg;
	struct timespec due, now;
	long late;

	be_urgent(watch->cpu);
	clock_gettime(CLOCK_MONOTONIC, &due);
	while (!storm.over) {
		add(&due, PERIOD_NS);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
		late = (now.tv_sec - due.tv_sec) * NS + now.tv_nsec -
		       due.tv_nsec;
		if (late / 1000 > (long)storm.worst_us)
			storm.worst_us = late / 1000;
		watch->wakes++;
		if (late > PERIOD_NS)
			due = now;
	}
	return NULL;
}
