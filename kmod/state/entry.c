// SPDX-License-Identifier: GPL-2.0
/*
 * The entries of a namespace: what they say and count. Where they lie: pool.c;
 * how they are found: index.c.
 *
 * Writers hold on->lock. A reader reaches an entry through its number in the
 * index. The memory of one that is forgotten is used again only when a grace
 * period has passed: a reader that found the number may be comparing the key,
 * or counting a packet.
 */
#include <linux/ktime.h>
#include <linux/prefetch.h>
#include <linux/random.h>
#include <linux/slab.h>

#include <linux/op25b.h>

#include "lpm/chunk.h"
#include "lpm/memory.h"
#include "state/entry.h"
#include "state/index.h"
#include "state/journal.h"
#include "state/store.h"

/* Seconds that one CPU may be ahead of another that posts. */
#define CLOCK_SLACK	60

/* on->entries is there. */
static struct op25b_entries *entries_of(struct op25b_store *on, u8 class,
					u8 family)
{
	return &on->entries[class * OP25B_FAMILIES + family];
}

/* Under RCU or on->lock, and in @entries. */
static struct op25b_entry *at(struct op25b_store *on,
			      struct op25b_entries *entries, u32 number)
{
	return op25b_pool_at(op25b_pool(on, entries), number);
}

u32 op25b_entry_number(struct op25b_store *on, u8 class,
		       const struct op25b_prefix *key)
{
	return !on->entries ? 0 :
	       op25b_index_find(on, entries_of(on, class, key->family), key);
}

struct op25b_entry *op25b_entry_at(struct op25b_store *on, u8 class, u8 family,
				   u32 number)
{
	return at(on, entries_of(on, class, family), number);
}

struct op25b_entry *op25b_entry_find(struct op25b_store *on, u8 class,
				     const struct op25b_prefix *key)
{
	u32 number = op25b_entry_number(on, class, key);

	return number ? op25b_entry_at(on, class, key->family, number) : NULL;
}

/*
 * Posting: three passes, so that the cache misses of all records overlap. The
 * first asks for the slots of the index, the second for the entries that they
 * seem to name, the third has all it needs.
 */
struct posting {
	const struct op25b_entries *entries;
	u32 hash[OP25B_ENTRY_POST];
	union {
		const struct op25b_bucket *bucket;	/* NULL: no index */
		struct op25b_entry *entry;		/* NULL: none seen */
	} at[OP25B_ENTRY_POST];
};

static __always_inline void post_begin(struct op25b_store *on,
				       struct posting *p,
				       const struct op25b_record *record,
				       const u64 *lo, u32 i)
{
	struct op25b_prefix key = op25b_record_key(record, lo);
	const struct op25b_directory *directory;
	u8 set = op25b_record_set(record);
	u32 hash, place;

	hash = op25b_entry_hash(op25b_entry_mix(on->seed, key.addr, key.len));
	directory = rcu_dereference(p->entries[set].directory);
	p->hash[i] = hash;
	p->at[i].bucket = NULL;
	if (!directory)
		return;
	place = op25b_directory_place(directory, hash);
	p->at[i].bucket = rcu_dereference(directory->bucket[place]);
	prefetch(&p->at[i].bucket->slot[op25b_slot_home(hash)]);
}

static struct op25b_entry *post_guess(const struct posting *p,
				      const struct op25b_record *record, u32 i)
{
	const struct op25b_bucket *bucket = p->at[i].bucket;
	u32 number = bucket ? op25b_bucket_guess(bucket, p->hash[i]) : 0;
	const struct op25b_pool *pool;
	void *entry;

	if (!number)
		return NULL;
	pool = rcu_dereference(p->entries[op25b_record_set(record)].pool);
	entry = op25b_pool_at(pool, number);
	prefetchw(entry + offsetof(struct op25b_entry, others));
	prefetchw(entry + pool->size - 1);
	return entry;
}

/* The tag misled, or there is another bucket since: both are rare. */
static noinline struct op25b_entry *
post_find(struct op25b_store *on, const struct op25b_record *record,
	  const u64 *lo)
{
	struct op25b_prefix key = op25b_record_key(record, lo);

	return op25b_entry_find(on, op25b_record_class(record), &key);
}

/* An entry that is forgotten meanwhile has no use for the answer. */
static u64 born(const struct op25b_entry *entry)
{
	return (u64)READ_ONCE(entry->born_high) << 32 | READ_ONCE(entry->born);
}

/* Far ahead of @now is what was written before the clock was set back. */
static void set_last_seen(struct op25b_entry *entry, u32 seen, u32 now)
{
	u32 last = READ_ONCE(entry->last_seen);

	if (last < seen || last > now + CLOCK_SLACK)
		WRITE_ONCE(entry->last_seen, seen);
}

/* @now: CLOCK_REALTIME seconds */
static void post_end(struct op25b_store *on, const struct op25b_record *record,
		     const u64 *lo, struct op25b_entry *entry, u32 now)
{
	struct op25b_prefix key = op25b_record_key(record, lo);

	/* Of what a reader has posted, nothing may be left. */
	if (!record->packets[0] && !record->packets[1])
		return;
	if (unlikely(!entry || !op25b_entry_is(entry, &key)))
		entry = post_find(on, record, lo);
	/* Of an entry that had the key before? */
	if (!entry || op25b_record_seq(record) < born(entry))
		return;
	if (record->packets[0])
		atomic64_add(record->packets[0], &entry->others);
	if (record->packets[1])
		atomic64_add(record->packets[1], &entry->syns);
	atomic64_add(record->bytes, &entry->bytes);
	set_last_seen(entry, record->last_seen, now);
}

void op25b_entry_post(struct op25b_store *on, const struct op25b_record *record,
		      const u64 *lo, u32 n)
{
	u32 now = ktime_get_real_seconds(), i;
	struct posting p __uninitialized;	/* the passes fill it in */

	p.entries = on->entries;
	for (i = 0; i < n; i++)
		post_begin(on, &p, &record[i], &lo[i], i);
	for (i = 0; i < n; i++)
		p.at[i].entry = post_guess(&p, &record[i], i);
	for (i = 0; i < n; i++)
		post_end(on, &record[i], &lo[i], p.at[i].entry, now);
}

/* What is on trial is no work of hands; their work is parked. */
static bool by_hand(struct op25b_store *on, const struct op25b_entry *entry)
{
	return entry->by_hand && !on->parked;
}

bool op25b_entry_by_hand(struct op25b_store *on, u8 class,
			 const struct op25b_prefix *key)
{
	const struct op25b_entry *entry;

	/* Mostly there are none. */
	if (class >= OP25B_ENTRY_KINDS || !on->by_hand[class])
		return false;
	entry = op25b_entry_find(on, class, key);
	return entry && by_hand(on, entry);
}

bool op25b_entry_read(struct op25b_store *on, u8 class,
		      const struct op25b_prefix *key,
		      struct op25b_entry_info *info)
{
	struct op25b_entry *entry = op25b_entry_find(on, class, key);
	u64 fact;

	lockdep_assert_held(&on->lock);
	if (!entry)
		return false;
	fact = *op25b_entry_fact(entry, op25b_side_of(on, class));
	info->bytes = atomic64_read(&entry->bytes);
	info->syns = atomic64_read(&entry->syns);
	info->packets = info->syns + atomic64_read(&entry->others);
	info->last_seen = READ_ONCE(entry->last_seen);
	info->comment = op25b_fact_comment(fact);
	info->expires = op25b_fact_expires(fact);
	info->by_hand = by_hand(on, entry);
	info->origin = op25b_class_origin(class);
	return true;
}

/* Writers */

void op25b_entry_init(struct op25b_store *on)
{
	on->seed = get_random_u64();
}

int op25b_entry_ready(struct op25b_store *on)
{
	struct op25b_entries *entries;
	unsigned int set;

	lockdep_assert_held(&on->lock);
	if (on->entries)
		return 0;
	entries = kcalloc(OP25B_ENTRY_SETS, sizeof(*entries), OP25B_GFP);
	if (!entries)
		return -ENOMEM;
	for (set = 0; set < OP25B_ENTRY_SETS; set++)
		entries[set].family = set % OP25B_FAMILIES;
	on->entries = entries;
	return 0;
}

static void write_key(struct op25b_entry *entry,
		      const struct op25b_prefix *key)
{
	const struct op25b_addr *a = &key->addr;

	entry->len = key->len;
	entry->addr[0] = a->hi >> 32;
	if (key->family == OP25B_V4)
		return;
	entry->addr[1] = a->hi;
	entry->addr[2] = a->lo >> 32;
	entry->addr[3] = a->lo;
}

int op25b_entry_get(struct op25b_store *on, u8 class,
		    const struct op25b_prefix *key)
{
	u64 seq = op25b_ruleset_locked(on)->seq;
	struct op25b_entries *entries;
	struct op25b_entry *entry;
	u32 number;

	lockdep_assert_held(&on->lock);
	if (op25b_entry_ready(on))
		return -ENOMEM;
	entries = entries_of(on, class, key->family);
	if (op25b_index_find(on, entries, key))
		return 0;
	number = op25b_pool_alloc(on, entries);
	if (!number)
		return -ENOMEM;
	entry = at(on, entries, number);
	write_key(entry, key);
	entry->born = seq;
	entry->born_high = seq >> 32;
	if (!op25b_index_add(on, entries, key, number))
		return 0;
	op25b_pool_free(on, entries, number);
	return -ENOMEM;
}

void op25b_entry_forget(struct op25b_store *on, u8 class,
			const struct op25b_prefix *key)
{
	struct op25b_entries *entries = entries_of(on, class, key->family);
	u32 number = op25b_index_del(on, entries, key);
	struct op25b_entry *entry = at(on, entries, number);

	if (entry->by_hand)
		on->by_hand[class]--;
	/* A record of its time may still be posted to it, which reads this. */
	WRITE_ONCE(entry->born, entries->limbo);
	entries->limbo = number;
}

bool op25b_entry_limbo(struct op25b_store *on, struct op25b_limbo *limbo)
{
	unsigned int set;
	bool any = false;

	lockdep_assert_held(&on->lock);
	for (set = 0; on->entries && set < OP25B_ENTRY_SETS; set++) {
		limbo->first[set] = on->entries[set].limbo;
		on->entries[set].limbo = 0;
		any |= limbo->first[set];
	}
	return any;
}

/* Return: the number of the next one in limbo. */
static u32 release(struct op25b_store *on, struct op25b_entries *entries,
		   u32 number)
{
	u32 next;

	mutex_lock(&on->lock);
	next = at(on, entries, number)->born;
	op25b_pool_free(on, entries, number);
	mutex_unlock(&on->lock);
	return next;
}

void op25b_entry_release(struct op25b_store *on,
			 const struct op25b_limbo *limbo)
{
	unsigned int set, n = 0;
	u32 number;

	for (set = 0; set < OP25B_ENTRY_SETS; set++) {
		for (number = limbo->first[set]; number;) {
			number = release(on, &on->entries[set], number);
			op25b_chunk(&n);
		}
	}
}

/* @each for all entries there are. Under on->lock. */
static void for_each(struct op25b_store *on,
		     void (*each)(struct op25b_store *on,
				  struct op25b_entries *entries, u32 number))
{
	unsigned int set;

	lockdep_assert_held(&on->lock);
	for (set = 0; on->entries && set < OP25B_ENTRY_SETS; set++)
		op25b_index_each(on, &on->entries[set], each);
}

static void reset(struct op25b_store *on, struct op25b_entries *entries,
		  u32 number)
{
	struct op25b_entry *entry = at(on, entries, number);

	atomic64_set(&entry->others, 0);
	atomic64_set(&entry->bytes, 0);
	atomic64_set(&entry->syns, 0);
	WRITE_ONCE(entry->last_seen, 0);
}

void op25b_entry_reset(struct op25b_store *on)
{
	for_each(on, reset);
}

void op25b_entry_set_by_hand(struct op25b_store *on, u8 class,
			     const struct op25b_prefix *key)
{
	struct op25b_entry *entry = op25b_entry_find(on, class, key);

	lockdep_assert_held(&on->lock);
	if (!entry->by_hand)
		on->by_hand[class]++;
	entry->by_hand = true;
}

static void forget_hand(struct op25b_store *on, struct op25b_entries *entries,
			u32 number)
{
	at(on, entries, number)->by_hand = false;
}

void op25b_entry_forget_hands(struct op25b_store *on)
{
	if (on->by_hand[OP25B_ENTRY_PREFIX] || on->by_hand[OP25B_ENTRY_RELAY])
		for_each(on, forget_hand);
	memset(on->by_hand, 0, sizeof(on->by_hand));
}

static void end(struct op25b_store *on, struct op25b_entries *entries,
		u32 number)
{
	struct op25b_entry *entry = at(on, entries, number);

	op25b_fact_free(on, entry->fact[0]);
	op25b_fact_free(on, entry->fact[1]);
	op25b_pool_free(on, entries, number);
}

void op25b_entry_exit(struct op25b_store *on)
{
	unsigned int set;

	/* Nobody else is there; but lockdep cannot know. */
	mutex_lock(&on->lock);
	for_each(on, end);
	for (set = 0; on->entries && set < OP25B_ENTRY_SETS; set++)
		op25b_index_exit(on, &on->entries[set]);
	mutex_unlock(&on->lock);
	kfree(on->entries);
}
