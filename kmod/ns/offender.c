// SPDX-License-Identifier: GPL-2.0
/*
 * Offenders.
 *
 * A packet writes to its own CPU's table only. What all CPUs read is one word,
 * the version: how often the tables were emptied, and the prefix length of an
 * IPv6 source. A change of it empties each table when its CPU next counts.
 *
 * The threshold is one of all CPUs together, which no packet can know. So each
 * packet that brings its CPU's count of a source to a multiple of `step` marks
 * the set, and a worker adds up the marked sets, once a second at most. With
 * steps of a quarter of each CPU's share, a source is found before it is a
 * quarter beyond the threshold. While a set is marked, marking it costs no
 * write.
 *
 * The seeds of the hashes never leave the kernel, nor does anything that they
 * are made of: who sprays sources can neither choose a set nor, for the bits of
 * destinations, look like one that talks to few. It need not be siphash, which
 * withstands those who see its results.
 */
#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "lpm/memory.h"
#include "packet/flow.h"
#include "ns/net.h"
#include "ns/offender.h"
#include "packet/verdict.h"
#include "state/trash.h"

/**
 * struct op25b_offenders - of one namespace
 * @on: whose
 * @source_seed: of the sources' hash
 * @destination_seed: of the destinations'
 * @version: see above; never 0, which is that of fresh tables
 * @threshold: attempts; 0 none. Writers, as of @step: on->store.lock
 * @step: see above, less one; all ones for never
 * @work: looks at the sets that are @marked; queued by who marks one, but not
 *	bound to that CPU: it takes the writer lock
 * @marked: sets
 * @table: by CPU; NULL for those that cannot be
 */
struct op25b_offenders {
	struct op25b_net *on;
	u64 source_seed;
	u64 destination_seed;
	u32 version;
	u32 threshold;
	u64 step;
	struct delayed_work work;
	DECLARE_BITMAP(marked, OP25B_HEAVY_SETS);
	struct op25b_heavy *table[];
};

/* The epoch wraps after some resets, and not only in years. */
#define FIRST_VERSION	((u32)-10 << 8)

static u8 version_len(u32 version)
{
	return version & 0xff;
}

/* After 2^24 of them epochs come again, and so would what a quiet set has kept
 * since. No packet counts with an old version after the grace period.
 */
static void begin_again(struct op25b_offenders *offenders)
{
	int cpu;

	synchronize_rcu();
	for_each_possible_cpu(cpu)
		op25b_heavy_forget(offenders->table[cpu], offenders->version);
}

/* May sleep. */
static void set_version(struct op25b_offenders *offenders, u8 len)
{
	u32 epoch = (offenders->version >> 8) + 1;
	bool again = !(epoch << 8);

	WRITE_ONCE(offenders->version, (again ? 1 << 8 : epoch << 8) | len);
	if (again)
		begin_again(offenders);
}

static void set_threshold(struct op25b_offenders *offenders, u32 threshold)
{
	u32 share = threshold / (4 * num_possible_cpus());

	WRITE_ONCE(offenders->threshold, threshold);
	WRITE_ONCE(offenders->step, threshold ?
		   rounddown_pow_of_two(share ?: 1) - 1 : U64_MAX);
}

/* The packet's side */

/* One packet in a step of a source's. */
static noinline void mark(struct op25b_offenders *offenders, u32 set)
{
	/* ORDER: the packet was counted before the mark is looked at. Pairs
	 * with test_and_clear_bit() in worker(), which clears before it reads.
	 */
	smp_mb();
	if (test_bit(set, offenders->marked))
		return;		/* who set it has queued the work */
	set_bit(set, offenders->marked);
	/* Nothing between: if the work is pending, queueing is a full barrier,
	 * and so is its beginning.
	 */
	queue_delayed_work(op25b_workers, &offenders->work, HZ);
}

u8 op25b_offender_says_odd(const struct op25b_flow *flow, u8 counter)
{
	u8 syn = flow->syn ? OP25B_SAYS_SYN : 0;
	u8 attempt = flow->syn ? OP25B_SAYS_ATTEMPT : 0;

	switch (counter) {
	case OP25B_COUNTER_BLOCK_MALFORMED:
	case OP25B_COUNTER_BLOCK_REVERSE:
		return syn | OP25B_SAYS_ATTEMPT;
	case OP25B_COUNTER_WOULD_BLOCK_MALFORMED:
	case OP25B_COUNTER_WOULD_BLOCK_REVERSE:
		return syn | OP25B_SAYS_ATTEMPT | OP25B_SAYS_WATCHED;
	case OP25B_COUNTER_WOULD_BLOCK:
		return syn | attempt | OP25B_SAYS_WATCHED;
	case OP25B_COUNTER_PASS_EXEMPT:
		/* or it is a server's answer, from port 25 */
		if (flow->kind == OP25B_KIND_MALFORMED ||
		    flow->dport == OP25B_SMTP_PORT)
			return syn | attempt | OP25B_SAYS_EXEMPT;
		return 0;
	default:
		return 0;
	}
}

/* Where @family is a constant, an IPv4 address is one word. Each field is said,
 * or GCC clears all of them by a string instruction.
 */
static __always_inline struct op25b_sight
sight_of(const struct op25b_offenders *offenders, u32 version, u8 family,
	 const struct op25b_addr *source, const struct op25b_addr *to,
	 u32 traits, u32 bytes, u32 now)
{
	bool wide = family == OP25B_V6;
	u8 len = wide ? version_len(version) : 32;
	struct op25b_addr addr = { source->hi, wide ? source->lo : 0 };

	return (struct op25b_sight){
		.addr = addr,
		.to = { to->hi, wide ? to->lo : 0 },
		.seed = offenders->destination_seed,
		.hash = op25b_heavy_hash(offenders->source_seed, wide ?
					 op25b_addr_head(addr, len) : addr),
		.bytes = bytes,
		.now = now,
		.traits = traits,
		.len = len,
	};
}

static noinline u64 move_in(struct op25b_offenders *offenders, u32 version,
			    const struct op25b_addr *source,
			    const struct op25b_addr *to, u32 traits, u32 bytes,
			    u32 now)
{
	struct op25b_sight sight = sight_of(offenders, version,
					    op25b_traits_family(traits),
					    source, to, traits, bytes, now);

	return op25b_heavy_move_in(offenders->table[smp_processor_id()],
				   &sight);
}

static __always_inline void count(struct op25b_offenders *offenders, u8 family,
				  const struct op25b_addr *source,
				  const struct op25b_addr *to, u32 traits,
				  u32 bytes, u32 now)
{
	u32 version = READ_ONCE(offenders->version);
	struct op25b_sight sight = sight_of(offenders, version, family, source,
					    to, traits, bytes, now);
	u64 attempts;

	local_lock_nested_bh(&op25b_heavy_lock);
	attempts = op25b_heavy_count(offenders->table[smp_processor_id()],
				     version, family, &sight);
	if (attempts == OP25B_HEAVY_NEW)
		attempts = move_in(offenders, version, source, to, traits,
				   bytes, now);
	local_unlock_nested_bh(&op25b_heavy_lock);
	if (unlikely(attempts && !(attempts & READ_ONCE(offenders->step))))
		mark(offenders, op25b_heavy_set(sight.hash));
}

void op25b_offender_count_v4(struct op25b_offenders *offenders,
			     const struct op25b_addr *source,
			     const struct op25b_addr *to,
			     u32 traits, u32 bytes, u32 now)
{
	count(offenders, OP25B_V4, source, to, traits, bytes, now);
}

void op25b_offender_count_v6(struct op25b_offenders *offenders,
			     const struct op25b_addr *source,
			     const struct op25b_addr *to,
			     u32 traits, u32 bytes, u32 now)
{
	count(offenders, OP25B_V6, source, to, traits, bytes, now);
}

/* The readers' side */

static struct op25b_heavy_item *items_alloc(void)
{
	return kvmalloc_array(num_possible_cpus() * OP25B_HEAVY_WAYS,
			      sizeof(struct op25b_heavy_item), OP25B_GFP);
}

/* The sources of one set, on all CPUs. @items: items_alloc(). */
static unsigned int read_set(struct op25b_offenders *offenders, u32 version,
			     u32 set, struct op25b_heavy_item *items)
{
	unsigned int n = 0;
	u64 floors = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		n += op25b_heavy_read(offenders->table[cpu], version, set,
				      version_len(version), &floors, items + n);
		cond_resched();
	}
	return op25b_heavy_merge(items, n, floors);
}

static void tell(struct op25b_offenders *offenders,
		 const struct op25b_heavy_item *item)
{
	struct op25b_event event = {
		.kind = OP25B_EVENT_OFFENDER,
		.action = item->offender.action,
		.prefix = {
			.addr = op25b_addr_head(item->offender.addr,
						item->offender.prefix_len),
			.family = item->offender.family,
			.len = item->offender.prefix_len,
		},
		.has_offender = true,
		.offender = item->offender,
	};
	struct op25b_store *store = &offenders->on->store;
	int cpu;

	for_each_possible_cpu(cpu)
		op25b_heavy_tell(offenders->table[cpu], item->hash);
	op25b_stats_add(store, OP25B_COUNTER_OFFENDER_FOUND, 1);
	op25b_writer_lock(offenders->on);
	event.generation = op25b_ruleset_locked(store)->generation;
	op25b_event_put(offenders->on, &event);
	op25b_writer_unlock(offenders->on);
}

static void tell_set(struct op25b_offenders *offenders, u32 set,
		     struct op25b_heavy_item *items)
{
	u32 threshold = READ_ONCE(offenders->threshold);
	u32 version = READ_ONCE(offenders->version);
	unsigned int i, n;

	n = read_set(offenders, version, set, items);
	for (i = 0; i < n; i++)
		if (threshold && !items[i].told &&
		    items[i].offender.attempts >= threshold)
			tell(offenders, &items[i]);
}

static void worker(struct work_struct *work)
{
	struct op25b_offenders *offenders =
		container_of(to_delayed_work(work), struct op25b_offenders,
			     work);
	struct op25b_heavy_item *items = items_alloc();
	u32 set;

	/* Without memory the marks stay for another time. */
	if (!items) {
		queue_delayed_work(op25b_workers, &offenders->work, HZ);
		return;
	}
	for (set = 0; set < OP25B_HEAVY_SETS; set++) {
		if (!test_and_clear_bit(set, offenders->marked))
			continue;
		tell_set(offenders, set, items);
		cond_resched();
	}
	kvfree(items);
}

/* @room: places in @list; *@count of them are filled in.
 * Return: 0, or -EAGAIN: more sources have come than there is room for.
 */
static int collect(struct op25b_offenders *offenders,
		   struct op25b_heavy_item *items,
		   struct op25b_offender *list, u32 room, u32 *count)
{
	u32 version = READ_ONCE(offenders->version);
	unsigned int i, n;
	u32 set;

	*count = 0;
	for (set = 0; set < OP25B_HEAVY_SETS; set++) {
		n = read_set(offenders, version, set, items);
		if (n > room - *count)
			return -EAGAIN;
		for (i = 0; i < n; i++)
			list[(*count)++] = items[i].offender;
		cond_resched();
	}
	return 0;
}

int op25b_offenders_list(struct op25b_net *on, struct op25b_offender **list,
			 u32 *count)
{
	struct op25b_heavy_item *items;
	u32 room;
	int err;

	*list = NULL;
	*count = 0;
	if (!op25b_offenders_used(on))
		return 0;
	items = items_alloc();
	if (!items)
		return -ENOMEM;
	/* It ends: there are only so many places. */
	do {
		kvfree(*list);
		room = op25b_offenders_used(on);
		*list = kvmalloc_array(room, sizeof(**list), OP25B_GFP);
		err = *list ? collect(READ_ONCE(on->offenders), items, *list,
				      room, count) : -ENOMEM;
	} while (err == -EAGAIN);
	kvfree(items);
	if (!err)
		op25b_heavy_sort(*list, *count);
	return err;
}

u32 op25b_offenders_used(struct op25b_net *on)
{
	/* Address dependency; pairs with the release in net.c. */
	struct op25b_offenders *offenders = READ_ONCE(on->offenders);
	u32 version, used = 0;
	int cpu;

	if (!offenders)
		return 0;
	version = READ_ONCE(offenders->version);
	for_each_possible_cpu(cpu)
		used += op25b_heavy_used(offenders->table[cpu], version);
	return used;
}

void op25b_offenders_reset(struct op25b_net *on)
{
	lockdep_assert_held(&on->store.lock);
	if (on->offenders)
		set_version(on->offenders, version_len(on->offenders->version));
}

void op25b_offenders_knobs(struct op25b_net *on,
			   const struct op25b_knobs *knobs)
{
	struct op25b_offenders *offenders = on->offenders;

	lockdep_assert_held(&on->store.lock);
	if (!offenders)
		return;
	if (offenders->threshold != knobs->offender_threshold)
		set_threshold(offenders, knobs->offender_threshold);
	if (version_len(offenders->version) != knobs->offender_len)
		set_version(offenders, knobs->offender_len);
}

void op25b_offenders_free(struct op25b_offenders *offenders)
{
	int cpu;

	if (!offenders)
		return;
	cancel_delayed_work_sync(&offenders->work);
	for_each_possible_cpu(cpu)
		kvfree(offenders->table[cpu]);
	kvfree(offenders);
}

struct op25b_offenders *op25b_offenders_alloc(struct op25b_net *on)
{
	struct op25b_offenders *offenders;
	int cpu;

	offenders = kvzalloc(struct_size(offenders, table, nr_cpu_ids),
			     OP25B_GFP);
	if (!offenders)
		return NULL;
	offenders->on = on;
	INIT_DELAYED_WORK(&offenders->work, worker);
	offenders->source_seed = get_random_u64();
	offenders->destination_seed = get_random_u64();
	offenders->version = FIRST_VERSION | OP25B_DEF_OFFENDER_LEN;
	set_threshold(offenders, OP25B_DEF_OFFENDER_THRESHOLD);
	for_each_possible_cpu(cpu) {
		offenders->table[cpu] = op25b_cpu_alloc(op25b_heavy_size(),
							cpu);
		if (!offenders->table[cpu]) {
			op25b_offenders_free(offenders);
			return NULL;
		}
		op25b_heavy_setup(offenders->table[cpu]);
		cond_resched();
	}
	return offenders;
}
