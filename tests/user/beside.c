// SPDX-License-Identifier: GPL-2.0
/*
 * beside [SECONDS]: two CPUs count packets on entries while readers post and
 * read them. A CPU publishes a packet before it counts it and after; a reader
 * must find all of those that were through when it began, none that had not
 * begun when it was done, and never less than before. TAP.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "state/entry.h"
#include "state/journal.h"
#include "state/store.h"

#define KEYS	6000		/* three rings full */
#define FEW	10
#define TURN	30000		/* packets to few, or to all */
#define READERS	2

unsigned long shim_rescheds;
long shim_objects;
long shim_fail_nth;
_Thread_local int shim_cpu;

static struct op25b_store on;
static struct op25b_ruleset ruleset = { .seq = 1 };
static u64 begun[SHIM_CPUS][KEYS], done[SHIM_CPUS][KEYS];
static bool over;

struct reader {
	pthread_t thread;
	u64 seed;
	unsigned long reads, wrong;
	struct op25b_entry_info last[KEYS];
};

static u32 rnd(u64 *seed, u32 n)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*seed >> 33) % n;
}

static struct op25b_prefix key(u32 i)
{
	return (struct op25b_prefix){
		.addr.hi = (u64)(100U << 24 | i << 8) << 32,
		.family = OP25B_V4,
		.len = 24,
	};
}

static u64 sum(u64 (*of)[KEYS], u32 i)
{
	u64 n = 0;
	int c;

	for (c = 0; c < SHIM_CPUS; c++)
		n += __atomic_fetch_add(&of[c][i], 0, __ATOMIC_SEQ_CST);
	return n;
}

static void *count(void *data)
{
	u64 seed = (long)data + 1, n;
	u32 i;

	shim_cpu = (long)data;
	for (n = 0; !READ_ONCE(over); n++) {
		i = rnd(&seed, n / TURN % 2 ? FEW : KEYS);
		__atomic_add_fetch(&begun[shim_cpu][i], 1, __ATOMIC_SEQ_CST);
		op25b_journal_count(&on, key(i).addr,
				    op25b_record_id(ruleset.seq,
						    OP25B_ENTRY_PREFIX,
						    OP25B_V4, 24),
				    40, n % 3 == 0, ktime_get_real_seconds());
		__atomic_add_fetch(&done[shim_cpu][i], 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* Numbers of an entry are posted one after the other. */
static bool read_right(struct reader *r, u32 i)
{
	u64 least = sum(done, i), most, on_their_way;
	struct op25b_entry_info info, *last = &r->last[i];
	struct op25b_prefix p = key(i);
	bool right;

	op25b_journals_post(&on);
	if (!op25b_entry_read(&on, OP25B_ENTRY_PREFIX, &p, &info))
		return false;
	most = sum(begun, i);
	on_their_way = most - least;
	right = info.packets >= least && info.packets <= most &&
		info.bytes / 40 + on_their_way >= info.packets &&
		info.bytes <= 40 * most && info.syns <= info.packets &&
		info.packets >= last->packets && info.bytes >= last->bytes &&
		info.syns >= last->syns && info.last_seen >= last->last_seen;
	*last = info;
	return right;
}

static void *read_all(void *data)
{
	struct reader *r = data;

	while (!READ_ONCE(over)) {
		r->wrong += !read_right(r, rnd(&r->seed, rnd(&r->seed, 2) ?
					       FEW : KEYS));
		r->reads++;
	}
	return NULL;
}

static u32 wrong_in_the_end(u64 *packets)
{
	struct op25b_entry_info info;
	u32 i, wrong = 0;

	op25b_journals_post(&on);
	for (i = 0; i < KEYS; i++) {
		struct op25b_prefix p = key(i);

		wrong += !op25b_entry_read(&on, OP25B_ENTRY_PREFIX, &p,
					   &info) ||
			 info.packets != sum(done, i) ||
			 info.bytes != 40 * info.packets;
		*packets += sum(done, i);
	}
	return wrong;
}

static bool begin(void)
{
	u32 i;

	op25b_entry_init(&on);
	on.ruleset = &ruleset;
	for (i = 0; i < KEYS; i++) {
		struct op25b_prefix p = key(i);

		if (op25b_entry_get(&on, OP25B_ENTRY_PREFIX, &p))
			return false;
	}
	on.journals = op25b_journals_alloc(&on);
	return on.journals;
}

int main(int argc, char **argv)
{
	static struct reader reader[READERS];
	unsigned long reads = 0, misread = 0;
	pthread_t counting[SHIM_CPUS];
	struct timespec time = { .tv_sec = argc > 1 ? atoi(argv[1]) : 3 };
	u64 packets = 0;
	u32 wrong;
	long i;

	if (!begin())
		return 2;
	for (i = 0; i < SHIM_CPUS; i++)
		pthread_create(&counting[i], NULL, count, (void *)i);
	for (i = 0; i < READERS; i++) {
		reader[i].seed = i;
		pthread_create(&reader[i].thread, NULL, read_all, &reader[i]);
	}
	nanosleep(&time, NULL);
	WRITE_ONCE(over, true);
	for (i = 0; i < SHIM_CPUS; i++)
		pthread_join(counting[i], NULL);
	for (i = 0; i < READERS; i++) {
		pthread_join(reader[i].thread, NULL);
		reads += reader[i].reads;
		misread += reader[i].wrong;
	}
	wrong = wrong_in_the_end(&packets);
	printf("# %llu packets, %lu reads, %lu of them wrong, in the end %u\n",
	       (unsigned long long)packets, reads, misread, wrong);
	printf("%sok 1 - user beside: readers find all that was counted\n",
	       reads > 10 && !misread ? "" : "not ");
	printf("%sok 2 - user beside: entries add up beside readers\n",
	       packets > TURN && !wrong ? "" : "not ");
	printf("1..2\n");
	return misread || wrong;
}
