// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that preempt each other on one CPU, as PREEMPT_RT lets them since
 * Linux 6.18 though bottom halves are off, and readers who come at any time, as
 * from another CPU: what journal and heavy count has to add up, and a reader
 * finds what was counted before. TAP.
 *
 * The files of kmod are built with -fsanitize=thread, which calls a function
 * before each access to memory. Here that is no race detector, but the place
 * where the scheduler puts another packet or a reader: before which access, is
 * drawn anew for each. While the interrupted one holds a lock that the other
 * takes, that has to wait until it is released.
 *
 * Each test is run again without a lock, and has to fail then.
 */
#include <stdio.h>
#include <string.h>

#include <linux/local_lock.h>

#include "state/store.h"
#include "preempt.h"
#include "state/entry.h"

unsigned long shim_rescheds;
long shim_objects;
long shim_fail_nth;
_Thread_local int shim_cpu;

#define PACKETS		400000
#define KEYS		6000		/* three rings full */
#define SOURCES		500

/* CLOCK_REALTIME: a second passes with each packet. */
u64 shim_seconds;

/* The scheduler */

enum {
	LOCAL = 1,		/* local locks exclude packets of the CPU */
	RAW = 2,		/* raw locks exclude everybody */
};

static struct {
	int locks;		/* that do exclude */
	u32 held;		/* local ones */
	u32 raw;
	u32 in;			/* accesses until somebody comes, 0 for none */
	void (*next)(void);	/* who */
	void (*packet)(void);
	void (*reader)(void);	/* NULL: there is none */
	bool waits;
	unsigned long preemptions;
} cpu;

/* 0 to @n - 1, the same ones in each run. */
static u32 rnd(u32 n)
{
	static u64 seed = 1;

	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % n;
}

/* Somebody is to come somewhere in what runs next. */
static void arm(void)
{
	cpu.in = 1 + rnd(1U << rnd(13));
	cpu.next = cpu.reader && !rnd(4) ? cpu.reader : cpu.packet;
}

/* Readers are on another CPU: no local lock is theirs. */
static void preempt(void)
{
	cpu.waits = cpu.raw || (cpu.held && cpu.next == cpu.packet);
	if (cpu.waits)
		return;
	cpu.preemptions++;
	cpu.next();
}

static void access(void)
{
	if (cpu.in && !--cpu.in)
		preempt();
}

static void unlock(void)
{
	if (cpu.waits)
		preempt();
}

void shim_lock(local_lock_t *lock)
{
	(void)lock;
	cpu.held += !!(cpu.locks & LOCAL);
}

void shim_unlock(local_lock_t *lock)
{
	(void)lock;
	cpu.held -= !!(cpu.locks & LOCAL);
	unlock();
}

void raw_spin_lock(raw_spinlock_t *lock)
{
	(void)lock;
	cpu.raw += !!(cpu.locks & RAW);
}

void raw_spin_unlock(raw_spinlock_t *lock)
{
	(void)lock;
	cpu.raw -= !!(cpu.locks & RAW);
	unlock();
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
static struct {
	u64 packets;		/* the last one may yet be on its way */
	u64 syns;
	u32 since, until;	/* the last one, seconds */
} counted[KEYS];
static u32 keys;
static u32 last;		/* whose packet was the last to begin */
static bool on_its_way;
static u32 misread;

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
	u32 i = rnd(keys), now = ++shim_seconds;
	bool syn = rnd(2);

	counted[i].packets++;
	counted[i].syns += syn;
	counted[i].since = now;
	last = i;
	on_its_way = true;
	preempt_count(&on, key(i).addr,
		      op25b_record_id(ruleset.seq, OP25B_ENTRY_PREFIX, OP25B_V4,
				      24), syn);
	on_its_way = false;
	/* It may have looked at the clock before the one that came between. */
	counted[i].since = now;
	counted[i].until = shim_seconds;
}

static bool read_entry(u32 i, struct op25b_entry_info *info)
{
	struct op25b_prefix p = key(i);

	return op25b_entry_read(&on, OP25B_ENTRY_PREFIX, &p, info);
}

static bool is_right(u32 i)
{
	struct op25b_entry_info info;

	return read_entry(i, &info) && info.packets == counted[i].packets &&
	       info.syns == counted[i].syns &&
	       info.bytes == 40 * info.packets &&
	       info.last_seen >= counted[i].since &&
	       info.last_seen <= counted[i].until;
}

/* Sees all packets but perhaps the one that it interrupts, and with each its
 * bytes and time, if not the other way round.
 */
static void journal_reader(void)
{
	u64 least = counted[last].packets - on_its_way;
	struct op25b_entry_info info;

	op25b_journals_post(&on);
	if (!on_its_way) {
		misread += !is_right(last);
		return;
	}
	misread += !read_entry(last, &info) || info.packets < least ||
		   info.packets > counted[last].packets ||
		   info.syns > counted[last].syns ||
		   info.bytes < 40 * info.packets ||
		   info.bytes > 40 * counted[last].packets ||
		   (info.packets > least &&
		    info.last_seen < counted[last].since);
}

static u32 journal_wrong(void)
{
	u32 i, wrong = misread;

	for (i = 0; i < KEYS; i++)
		wrong += !is_right(i);
	return wrong;
}

/* Entries of @on whose packets are counted wrong, and what was read wrong. */
static u32 journal(void)
{
	u32 i, wrong;

	memset(&on, 0, sizeof(on));
	memset(counted, 0, sizeof(counted));
	misread = 0;
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
	cpu.reader = journal_reader;
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
		.hash = hash(i),
		.to.hi = i,
		.bytes = 40,
		.now = 1,
		.traits = op25b_traits(OP25B_V4, 32, OP25B_ACTION_BLOCK,
				       OP25B_SAYS_ATTEMPT | OP25B_SAYS_SYN),
	};

	attempts[i]++;
	preempt_see(table, &sight);
}

static bool is_exact(const struct op25b_heavy_item *item)
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
		cpu.reader = NULL;
		for (i = 0; i < PACKETS / 100; i++) {
			arm();
			heavy_packet();
		}
		cpu.in = 0;
		for (set = 0; set < OP25B_HEAVY_SETS; set++) {
			floors = 0;
			n = op25b_heavy_read(table, 1, set, 64, &floors, items);
			for (i = 0; i < n; i++)
				wrong += !is_exact(&items[i]);
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

static void adds_up(u32 (*wrong)(void), const char *what)
{
	u32 found;

	cpu.locks = LOCAL | RAW;
	cpu.preemptions = 0;
	found = wrong();
	printf("# %lu times somebody came between, %u are wrong\n",
	       cpu.preemptions, found);
	ok(!found && cpu.preemptions > PACKETS / 10, what);
}

static void fails(u32 (*wrong)(void), int without, const char *what)
{
	cpu.locks = (LOCAL | RAW) & ~without;
	ok(wrong() != 0, what);
}

int main(void)
{
	adds_up(journal, "entries add up whoever comes between");
	fails(journal, LOCAL, "without the lock of packets they would not");
	fails(journal, RAW, "without that of readers they would not");
	adds_up(heavy, "sources add up where packets preempt packets");
	fails(heavy, LOCAL, "without its lock they would not");
	printf("1..%d\n", tests);
	return bad;
}
