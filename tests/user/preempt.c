// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that preempt each other on one CPU, as PREEMPT_RT lets them since
 * Linux 6.18 though bottom halves are off: what journal and heavy count has to
 * add up. TAP.
 *
 * The files of kmod are built with -fsanitize=thread, which calls a function
 * before each access to memory. Here that is no race detector, but the place
 * where the scheduler puts another packet: before which access, is drawn anew
 * for each. While the interrupted one holds a lock, the other has to wait until
 * it is released.
 *
 * Each test is run again without the locks, and has to fail then.
 */
#include <stdio.h>
#include <string.h>

#include <linux/local_lock.h>

#include "state/store.h"
#include "packet/heavy.h"
#include "preempt.h"
#include "state/entry.h"

unsigned long shim_rescheds;
long shim_objects;
long shim_fail_nth;
_Thread_local int shim_cpu;

#define PACKETS		400000
#define KEYS		6000		/* three rings full */
#define SOURCES		500

/* The scheduler */

static struct {
	bool locks;		/* they exclude */
	u32 held;
	u32 in;			/* accesses until a packet comes, 0 for none */
	bool waits;
	void (*packet)(void);
	unsigned long preemptions;
} cpu;

/* 0 to @n - 1, the same ones in each run. */
static u32 rnd(u32 n)
{
	static u64 seed = 1;

	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % n;
}

static void preempt(void)
{
	cpu.preemptions++;
	cpu.packet();
}

/* A packet is to come somewhere in what runs next. */
static void arm(void)
{
	cpu.in = 1 + rnd(1U << rnd(13));
}

static void access(void)
{
	if (!cpu.in || --cpu.in)
		return;
	if (cpu.held)
		cpu.waits = true;
	else
		preempt();
}

void shim_lock(local_lock_t *lock)
{
	(void)lock;
	cpu.held += cpu.locks;
}

void shim_unlock(local_lock_t *lock)
{
	(void)lock;
	cpu.held -= cpu.locks;
	if (cpu.held || !cpu.waits)
		return;
	cpu.waits = false;
	preempt();
}

/* What the compiler calls */

#define ACCESS(name)				\
	void __tsan_##name(void *p)		\
	{					\
		(void)p;			\
		access();			\
	}

ACCESS(read1)
ACCESS(read2)
ACCESS(read4)
ACCESS(read8)
ACCESS(read16)
ACCESS(write1)
ACCESS(write2)
ACCESS(write4)
ACCESS(write8)
ACCESS(write16)
ACCESS(unaligned_read4)
ACCESS(unaligned_read8)
ACCESS(unaligned_read16)
ACCESS(unaligned_write4)
ACCESS(unaligned_write8)
ACCESS(unaligned_write16)
ACCESS(func_entry)

void __tsan_init(void)
{
}

void __tsan_func_exit(void)
{
}

void __tsan_read_range(void *p, long size)
{
	(void)p;
	(void)size;
	access();
}

void __tsan_write_range(void *p, long size)
{
	(void)p;
	(void)size;
	access();
}

#define ATOMIC(bits)							\
	u##bits __tsan_atomic##bits##_load(const void *p, int order)	\
	{								\
		(void)order;						\
		access();						\
		return *(const u##bits *)p;				\
	}								\
	void __tsan_atomic##bits##_store(void *p, u##bits v, int order)	\
	{								\
		(void)order;						\
		access();						\
		*(u##bits *)p = v;					\
	}								\
	u##bits __tsan_atomic##bits##_fetch_add(void *p, u##bits v, int order) \
	{								\
		u##bits old = *(u##bits *)p;				\
									\
		(void)order;						\
		*(u##bits *)p = old + v;				\
		access();						\
		return old;						\
	}

ATOMIC(32)
ATOMIC(64)

/* The journal */

static struct op25b_store on;
static struct op25b_ruleset ruleset = { .seq = 1 };
static u64 counted[KEYS];
static u32 keys;

static struct op25b_prefix key(u32 i)
{
	return (struct op25b_prefix){
		.addr.hi = (u64)(100U << 24 | i << 8) << 32,
		.family = OP25B_V4,
		.len = 24,
	};
}

static void journal_packet(void)
{
	u32 i = rnd(keys);

	counted[i]++;
	preempt_count(&on, key(i).addr,
		      op25b_record_id(ruleset.seq, OP25B_ENTRY_PREFIX, OP25B_V4,
				      24));
}

static u32 journal_wrong(void)
{
	struct op25b_entry_info info;
	u32 i, wrong = 0;

	for (i = 0; i < KEYS; i++) {
		struct op25b_prefix p = key(i);

		wrong += !op25b_entry_read(&on, OP25B_ENTRY_PREFIX, &p,
					   &info) ||
			 info.packets != counted[i] ||
			 info.syns != counted[i] ||
			 info.bytes != 40 * counted[i];
	}
	return wrong;
}

/* Entries of @on whose packets are counted wrong. */
static u32 journal(void)
{
	u32 i, wrong;

	memset(&on, 0, sizeof(on));
	memset(counted, 0, sizeof(counted));
	op25b_entry_init(&on);
	on.ruleset = &ruleset;
	for (i = 0; i < KEYS; i++) {
		struct op25b_prefix p = key(i);

		if (op25b_entry_get(&on, OP25B_ENTRY_PREFIX, &p))
			return U32_MAX;
	}
	on.journals = op25b_journals_alloc(&on);
	if (!on.journals)
		return U32_MAX;
	cpu.packet = journal_packet;
	for (i = 0; i < PACKETS; i++) {
		/* Few, which have records, and many, by turns. */
		keys = i / 30000 % 2 ? 10 : KEYS;
		arm();
		if (rnd(1000))
			journal_packet();
		else
			op25b_journals_post(&on);
	}
	cpu.in = 0;
	op25b_journals_post(&on);
	wrong = journal_wrong();
	op25b_journals_free(on.journals);
	op25b_entry_exit(&on);
	return wrong;
}

/* The table of sources. The first seven of a set keep their places, so what it
 * says of them is exact.
 */

static struct op25b_heavy *table;
static u64 attempts[SOURCES];

static u32 hash(u32 i)
{
	return i % OP25B_HEAVY_SETS | i << 16;
}

static void heavy_packet(void)
{
	u32 i = rnd(SOURCES);
	struct op25b_sight sight = {
		.addr.hi = (u64)i << 32,
		.len = 32,
		.family = OP25B_V4,
		.hash = hash(i),
		.bit = i,
		.bytes = 40,
		.now = 1,
		.attempt = true,
		.syn = true,
	};

	attempts[i]++;
	op25b_heavy_count(table, 1, &sight);
}

static bool is_right(const struct op25b_heavy_item *item)
{
	const struct op25b_offender *o = &item->offender;
	u32 i = o->addr.hi >> 32;
	bool right;

	right = i < SOURCES && item->hash == hash(i) && !o->error &&
		o->attempts == attempts[i] && o->packets == attempts[i] &&
		o->syns == attempts[i] && o->bytes == 40 * attempts[i];
	if (right)
		attempts[i] = 0;
	return right;
}

/* Sources that are wrong or missing. */
static u32 heavy(void)
{
	struct op25b_heavy_item items[OP25B_HEAVY_WAYS];
	u32 i, n, set, wrong = 0, round;
	u64 floors;

	/* What goes wrong when places are given away shows in the beginning. */
	for (round = 0; round < 100; round++) {
		memset(attempts, 0, sizeof(attempts));
		table = calloc(1, op25b_heavy_size());
		op25b_heavy_setup(table);
		cpu.packet = heavy_packet;
		for (i = 0; i < PACKETS / 100; i++) {
			arm();
			heavy_packet();
		}
		cpu.in = 0;
		for (set = 0; set < OP25B_HEAVY_SETS; set++) {
			floors = 0;
			n = op25b_heavy_read(table, 1, set, 64, &floors, items);
			for (i = 0; i < n; i++)
				wrong += !is_right(&items[i]);
		}
		for (i = 0; i < SOURCES; i++)
			wrong += !!attempts[i];
		free(table);
	}
	return wrong;
}

static int tests, bad;

static void ok(bool good, const char *what)
{
	printf("%sok %d - user preempt: %s\n", good ? "" : "not ", ++tests,
	       what);
	bad |= !good;
}

static void test(u32 (*wrong)(void), const char *adds_up, const char *unlocked)
{
	u32 found;

	cpu.locks = true;
	cpu.preemptions = 0;
	found = wrong();
	printf("# %lu packets preempted another, %u sums are wrong\n",
	       cpu.preemptions, found);
	ok(!found && cpu.preemptions > PACKETS / 10, adds_up);
	cpu.locks = false;
	ok(wrong() != 0, unlocked);
}

int main(void)
{
	test(journal, "entries add up where packets preempt packets",
	     "without its lock the journal would not");
	test(heavy, "sources add up where packets preempt packets",
	     "without its lock the table of sources would not");
	printf("1..%d\n", tests);
	return bad;
}
