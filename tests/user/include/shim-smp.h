/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of kmod that count on entries need besides: CPUs, RCU, atomics
 * and a writer's lock. A CPU is a thread with a number. There is one writer,
 * and it changes nothing while a reader runs, so grace periods are empty.
 */
#ifndef _SHIM_SMP_H
#define _SHIM_SMP_H

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/types.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#define SHIM_CPUS	2
#define nr_cpu_ids	SHIM_CPUS
#define U16_MAX		0xffffU
#define U32_MAX		0xffffffffU
#define U8_MAX		0xffU
#define BIT(n)		(1UL << (n))

extern _Thread_local int shim_cpu;

#define data_race(x)			(x)
#define smp_processor_id()		shim_cpu
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < SHIM_CPUS; (cpu)++)
#define cpu_to_node(cpu)		((void)(cpu), 0)
#define local_bh_disable()		do { } while (0)
#define local_bh_enable()		do { } while (0)
#define __percpu
#define DECLARE_PER_CPU(type, name)	extern _Thread_local type name
#define DEFINE_PER_CPU(type, name)	_Thread_local type name
#define __aligned(n)	__attribute__((aligned(n)))

struct rcu_head {
	void *unused;
};

#define rcu_read_lock()			do { } while (0)
#define rcu_read_unlock()		do { } while (0)
#define rcu_dereference(p)		READ_ONCE(p)
#define rcu_dereference_protected(p, c)	((void)(c), (p))
#define rcu_dereference_check(p, c)	((void)(c), READ_ONCE(p))
#define rcu_assign_pointer(p, v)	__atomic_store_n(&(p), v, __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v)		((p) = (v))
#define rcu_replace_pointer(p, v, c) \
	({ __typeof__(p) _old = (p); (void)(c); rcu_assign_pointer(p, v); _old; })
#define kvfree_rcu(p, member)		shim_free(p)
#define kfree_rcu(p, member)		shim_free(p)
#define smp_store_release(p, v)		__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define smp_load_acquire(p)		__atomic_load_n(p, __ATOMIC_ACQUIRE)

typedef struct { s64 counter __aligned(8); } atomic64_t;
typedef struct { int counter; } atomic_t;

#define atomic64_read(a)	__atomic_load_n(&(a)->counter, __ATOMIC_RELAXED)
#define atomic64_set(a, v)	__atomic_store_n(&(a)->counter, v, __ATOMIC_RELAXED)
#define atomic64_add(v, a)	((void)__atomic_add_fetch(&(a)->counter, v, __ATOMIC_SEQ_CST))
#define atomic64_sub(v, a)	atomic64_add(-(s64)(v), a)
#define atomic64_inc(a)		atomic64_add(1, a)

/* Nobody counts while a table is forgotten. */
#define cmpxchg(p, old, new)	(*(p) == (old) ? *(p) = (new), (old) : *(p))

struct mutex {
	int held;
};

#define mutex_init(m)		((void)((m)->held = 0))
#define mutex_destroy(m)	((void)(m))
/* Nobody waits here: who takes it twice would do so for ever. */
#define mutex_lock(m)		assert(!(m)->held++)
#define mutex_unlock(m)		assert(!--(m)->held)
#define lockdep_is_held(m)	((void)(m), true)
#define lockdep_assert_held(m)	((void)(m))

#define atomic_read(a)		((a)->counter)
#define atomic_read_acquire(a)	atomic_read(a)
#define atomic_inc(a)		((void)(a)->counter++)
#define atomic_dec(a)		((void)(a)->counter--)
#define atomic_dec_return_release(a)	(--(a)->counter)

typedef struct { int unused; } spinlock_t;

/* The one lock that threads do fight for. In tests/user/preempt.c there is one
 * thread only, which has it once at a time.
 */
typedef struct { int held; } raw_spinlock_t;

#define raw_spin_lock_init(lock)	((void)((lock)->held = 0))
#define raw_spin_lock_irq(lock)		raw_spin_lock(lock)
#define raw_spin_unlock_irq(lock)	raw_spin_unlock(lock)

#ifdef SHIM_PREEMPT_RT
void raw_spin_lock(raw_spinlock_t *lock);
void raw_spin_unlock(raw_spinlock_t *lock);
#else
static inline void raw_spin_lock(raw_spinlock_t *lock)
{
	while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static inline void raw_spin_unlock(raw_spinlock_t *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}
#endif

/* What is queued runs when somebody waits for it. */
struct work_struct {
	void (*func)(struct work_struct *work);
};

struct rcu_work {
	struct work_struct work;
	bool pending;
};

struct delayed_work {
	struct work_struct work;
	struct {
		unsigned long expires;
	} timer;
	bool pending;
};

struct workqueue_struct {
	int unused;
};

#define WQ_UNBOUND		0
#define to_rcu_work(w)		container_of(w, struct rcu_work, work)
#define to_delayed_work(w)	container_of(w, struct delayed_work, work)
#define INIT_RCU_WORK(w, f)	((w)->work.func = (f))
#define INIT_DELAYED_WORK(w, f)	((w)->work.func = (f))
#define rcu_barrier()		do { } while (0)
#define mod_delayed_work(q, w, delay) \
	((void)(q), (w)->timer.expires = jiffies + (delay), (w)->pending = true)
#define delayed_work_pending(w)		((w)->pending)
#define schedule_delayed_work(w, delay)	mod_delayed_work(NULL, w, delay)
#define cancel_delayed_work(w)		((void)((w)->pending = false))
#define cancel_delayed_work_sync(w)	cancel_delayed_work(w)

static inline void flush_delayed_work(struct delayed_work *work)
{
	if (!work->pending)
		return;
	work->pending = false;
	work->work.func(&work->work);
}

#define alloc_workqueue(...)	calloc(1, sizeof(struct workqueue_struct))
#define destroy_workqueue(q)	free(q)
#define queue_rcu_work(q, w)	((void)(q), (w)->pending = true)

static inline void flush_rcu_work(struct rcu_work *work)
{
	if (!work->pending)
		return;
	work->pending = false;
	work->work.func(&work->work);
}

typedef struct { u64 v; } u64_stats_t;

#define this_cpu_ptr(p)		(&(p)[shim_cpu])
#define u64_stats_inc(s)	((s)->v++)

struct nf_hook_ops {
	int unused;
};

typedef struct { int unused; } wait_queue_head_t;

#define DECLARE_WAIT_QUEUE_HEAD(q)	wait_queue_head_t q
#define wake_up_all(q)			((void)(q))
#define wait_event_killable_timeout(q, c, t)	((void)&(q), (c) ? 1L : 0L)
#define time_before(a, b)		((long)((a) - (b)) < 0)

struct net {
	int unused;
};

#define WARN_ON_ONCE(x)		(x)

struct u64_stats_sync {
	int unused;
};

#define swap(a, b) \
	({ __typeof__(a) _t = (a); (a) = (b); (b) = _t; (void)0; })
#define kmalloc(size, gfp)		shim_alloc(size)
#define kvmalloc(size, gfp)		shim_alloc(size)
#define kzalloc(size, gfp)		shim_alloc(size)
#define __vmalloc(size, gfp)		shim_alloc(size)
#define kzalloc_node(size, gfp, node)	((void)(node), shim_alloc(size))
#define kvzalloc(size, gfp)		shim_alloc(size)
#define kvmalloc_node(size, gfp, node)	((void)(node), shim_alloc(size))
#define kcalloc(n, size, gfp)		shim_alloc((n) * (size))
#undef kvmalloc_array
#undef kvfree
#define kvmalloc_array(n, size, gfp)	shim_alloc((n) * (size))
#define kfree(p)			shim_free(p)
#define kvfree(p)			shim_free(p)

#define prefetch(p)	__builtin_prefetch(p)
#define prefetchw(p)	__builtin_prefetch(p, 1)
#define ALIGN(x, a)	(((x) + (a) - 1) & ~((a) - 1))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))

#define ilog2(n)	(fls64(n) - 1)

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n < 2 ? 1 : 1UL << fls64(n - 1);
}

#ifndef _SHIM_KUNIT_H
static inline u64 get_random_u64(void)
{
	return 0x9e3779b97f4a7c15ULL;
}
#endif

/* Of zero bytes alone, which is all it is asked for. */
static inline const void *memchr_inv(const void *p, int zero, size_t n)
{
	const char *byte = p;

	assert(!zero);
	for (; n; n--, byte++)
		if (*byte)
			return byte;
	return NULL;
}

#define time_before_eq(a, b)	((long)((a) - (b)) <= 0)
#define HZ	250UL
/* The clock of these programs stands still. */
static volatile unsigned long jiffies __attribute__((unused));

#define NSEC_PER_SEC	1000000000L
#define div_u64(a, b)	((a) / (b))
#define nsecs_to_jiffies64(ns) ((ns) / (NSEC_PER_SEC / HZ))

static inline u64 ktime_get_real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME_COARSE, &ts);
	return (u64)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

#ifdef SHIM_PREEMPT_RT
extern u64 shim_seconds;
#define ktime_get_real_seconds()	shim_seconds
#else
#define ktime_get_real_seconds()	time(NULL)	/* a load, as there */
#endif
#define ktime_get_boottime_ns()		ktime_get_real_ns()

#endif
