// SPDX-License-Identifier: GPL-2.0
/*
 * The entries of a namespace. Their index: index.h.
 *
 * Theory of operation
 * ===================
 *
 * Entries lie in pages that never move, and are named by number: which page,
 * from 1 on, so that none has the number 0, and which entry in it. A table is
 * an open-addressed hash index of such numbers (linear probing, 4 bytes a slot,
 * at most 3/4 full) with the directory of the pages behind it. It is replaced
 * by a larger or a cleaned one as a whole, so a reader sees one or the other;
 * an entry itself is in both and keeps its counters.
 *
 *	slot[hash] = tag, page 6, place 2  ->  dir[6]  ->  third entry there
 *
 * The tag is five more bits of the hash: 31 of 32 foreign entries are passed by
 * without a look at them, each of which would be a cache miss or two.
 *
 * Writers hold on->lock. Publishing an entry is one store-release of its number
 * into a slot; readers reach it through that number, an address dependency, as
 * rcu_dereference() would. A slot whose entry is forgotten becomes a grave, so
 * that probing goes on behind it. The entry's memory is used again only when a
 * grace period has passed: a reader that found the number may be comparing the
 * key, or counting a packet.
 *
 * The hash is seeded, but need not resist an adversary: keys are what the
 * operator configured, not what packets carry. One seed for all tables of a
 * namespace: the hash of a packet's prefix, once in the journal, is good for
 * whichever of them it is posted to.
 */
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include <linux/op25b.h>

#include "lpm/chunk.h"
#include "state/entry.h"
#include "state/index.h"
#include "state/journal.h"
#include "state/store.h"

#define ENTRY_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | \
			 __GFP_NOWARN | __GFP_ZERO)

/* Seconds that one CPU may be ahead of another that posts. */
#define CLOCK_SLACK	60

/* Bytes of a table in one piece: the kernel zeroes a piece in one go. */
#define MAX_PIECE	(2U << 20)

/* For kinds and families without a table. */
static const struct op25b_entry_table no_table = {
	.mask = 1, .shift = 31, .slot = { EMPTY, EMPTY },
};

void op25b_entry_key(const struct op25b_entry *entry, u8 family,
		     struct op25b_prefix *key)
{
	key->family = family;
	key->len = entry->len;
	if (family == OP25B_V4)
		key->addr = (struct op25b_addr){ (u64)entry->addr[0] << 32, 0 };
	else
		key->addr = (struct op25b_addr){
			(u64)entry->addr[0] << 32 | entry->addr[1],
			(u64)entry->addr[2] << 32 | entry->addr[3],
		};
}

static struct op25b_entries *entries_of(struct op25b_store *on,
					enum op25b_entry_kind kind, u8 family)
{
	return &on->entries[kind][family];
}

/* Under on->lock. */
static struct op25b_entry_table *table_locked(struct op25b_store *on,
					      struct op25b_entries *entries)
{
	return rcu_dereference_protected(entries->table,
					 lockdep_is_held(&on->lock));
}

static u32 hash_of(const struct op25b_store *on, const struct op25b_prefix *key)
{
	return op25b_entry_hash(op25b_entry_mix(on->seed, key->addr, key->len));
}

/* Under RCU. NULL: no such entry. */
static struct op25b_entry *find(struct op25b_store *on,
				enum op25b_entry_kind kind,
				const struct op25b_prefix *key)
{
	struct op25b_entries *entries = entries_of(on, kind, key->family);
	struct op25b_entry_table *table = rcu_dereference(entries->table);
	u32 index;

	if (!table)
		return NULL;
	probe(table, key, hash_of(on, key), &index);
	return index ? entry_at(table, index) : NULL;
}

u32 op25b_entry_number(struct op25b_store *on, enum op25b_entry_kind kind,
		       const struct op25b_prefix *key)
{
	struct op25b_entries *entries = entries_of(on, kind, key->family);
	struct op25b_entry_table *table = table_locked(on, entries);
	u32 index = 0;

	if (table)
		probe(table, key, hash_of(on, key), &index);
	return index;
}

struct op25b_entry *op25b_entry_at(struct op25b_store *on,
				   enum op25b_entry_kind kind, u8 family,
				   u32 number)
{
	return entry_at(table_locked(on, entries_of(on, kind, family)), number);
}

struct op25b_entry *op25b_entry_find(struct op25b_store *on,
				     enum op25b_entry_kind kind,
				     const struct op25b_prefix *key)
{
	u32 number = op25b_entry_number(on, kind, key);

	return number ? op25b_entry_at(on, kind, key->family, number) : NULL;
}

/*
 * Posting: three passes, so that the cache misses of all records overlap. The
 * first asks for the slots of the index, the second for the entries that they
 * seem to name, the third has all it needs.
 */
struct posting {
	const struct op25b_entry_table *
		table[OP25B_ENTRY_KINDS * OP25B_FAMILIES];
	u32 hash[OP25B_ENTRY_POST];
	struct op25b_entry *entry[OP25B_ENTRY_POST];	/* NULL: none seen */
};

static __always_inline void post_begin(struct op25b_store *on,
				       struct posting *p,
				       const struct op25b_record *record,
				       const u64 *lo, u32 i)
{
	struct op25b_prefix key = op25b_record_key(record, lo);
	const struct op25b_entry_table *table;

	table = p->table[op25b_record_set(record)];
	p->hash[i] = hash_of(on, &key);
	prefetch(&table->slot[p->hash[i] >> table->shift]);
}

static struct op25b_entry *post_guess(const struct posting *p,
				      const struct op25b_record *record,
				      u32 hash)
{
	const struct op25b_entry_table *table;
	void *entry;
	u32 number;

	table = p->table[op25b_record_set(record)];
	number = guess(table, hash);
	if (!number)
		return NULL;
	entry = entry_at(table, number);
	prefetchw(entry + offsetof(struct op25b_entry, others));
	prefetchw(entry + table->size - 1);
	return entry;
}

/* The tag misled, or there is another table since: both are rare. */
static noinline struct op25b_entry *
post_find(struct op25b_store *on, const struct op25b_record *record,
	  const u64 *lo)
{
	struct op25b_prefix key = op25b_record_key(record, lo);

	return find(on, op25b_record_kind(record), &key);
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
	if (unlikely(!entry || !is_key(entry, &key)))
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
	struct op25b_entries *all = &on->entries[0][0];
	struct posting p;

	for (i = 0; i < ARRAY_SIZE(p.table); i++)
		p.table[i] = rcu_dereference(all[i].table) ?: &no_table;
	for (i = 0; i < n; i++)
		post_begin(on, &p, &record[i], &lo[i], i);
	for (i = 0; i < n; i++)
		p.entry[i] = post_guess(&p, &record[i], p.hash[i]);
	for (i = 0; i < n; i++)
		post_end(on, &record[i], &lo[i], p.entry[i], now);
}

/* What is on trial is no work of hands; their work is parked. */
static bool by_hand(struct op25b_store *on, const struct op25b_entry *entry)
{
	return entry->by_hand && !on->parked;
}

bool op25b_entry_by_hand(struct op25b_store *on, enum op25b_entry_kind kind,
			 const struct op25b_prefix *key)
{
	const struct op25b_entry *entry;

	/* Mostly there are none. */
	if (!on->by_hand[kind])
		return false;
	entry = op25b_entry_find(on, kind, key);
	return entry && by_hand(on, entry);
}

bool op25b_entry_read(struct op25b_store *on, enum op25b_entry_kind kind,
		      const struct op25b_prefix *key,
		      struct op25b_entry_info *info)
{
	struct op25b_entry *entry = op25b_entry_find(on, kind, key);
	u64 fact;

	lockdep_assert_held(&on->lock);
	if (!entry)
		return false;
	fact = entry->fact[on->side];
	info->bytes = atomic64_read(&entry->bytes);
	info->syns = atomic64_read(&entry->syns);
	info->packets = info->syns + atomic64_read(&entry->others);
	info->last_seen = READ_ONCE(entry->last_seen);
	info->comment = op25b_fact_comment(fact);
	info->expires = op25b_fact_expires(fact);
	info->by_hand = by_hand(on, entry);
	info->origin = OP25B_ORIGIN_CONFIG;
	return true;
}

/* Writers */

void op25b_entry_init(struct op25b_store *on)
{
	unsigned int kind, family;

	on->seed = get_random_u64();
	for (kind = 0; kind < OP25B_ENTRY_KINDS; kind++)
		for (family = 0; family < OP25B_FAMILIES; family++)
			on->entries[kind][family].family = family;
}

static void free_pages_of(struct op25b_entries *entries,
			  struct op25b_entry_table *table)
{
	u32 pages = DIV_ROUND_UP(entries->top, per_page(entries->family)), i;
	unsigned int n = 0;

	for (i = 1; i <= pages; i++) {
		free_page((unsigned long)table->dir[i]);
		op25b_chunk(&n);
	}
}

static void exit_entries(struct op25b_store *on, struct op25b_entries *entries)
{
	struct op25b_entry_table *table = table_locked(on, entries);
	unsigned int n = 0;
	u32 i;

	if (!table)
		return;
	for (i = 0; i < entries->top; i++) {
		struct op25b_entry *entry;

		entry = entry_at(table, nth_number(entries->family, i));
		op25b_fact_free(on, entry->fact[0]);
		op25b_fact_free(on, entry->fact[1]);
		op25b_chunk(&n);
	}
	free_pages_of(entries, table);
	kvfree(table);
}

void op25b_entry_exit(struct op25b_store *on)
{
	unsigned int kind, family;

	/* Nobody else is there; but lockdep cannot know. */
	mutex_lock(&on->lock);
	for (kind = 0; kind < OP25B_ENTRY_KINDS; kind++)
		for (family = 0; family < OP25B_FAMILIES; family++)
			exit_entries(on, &on->entries[kind][family]);
	mutex_unlock(&on->lock);
}

static struct op25b_entry_table *table_alloc(u32 slots, u8 family)
{
	size_t bytes = table_bytes(slots, family);
	struct op25b_entry_table *table;

	table = bytes > MAX_PIECE ? __vmalloc(bytes, ENTRY_GFP) :
				    kvzalloc(bytes, ENTRY_GFP);
	if (!table)
		return NULL;
	table->size = entry_size(family);
	table->mask = slots - 1;
	table->shift = 32 - __fls(slots);
	table->dir = (void **)&table->slot[slots];
	return table;
}

/* A new index without graves, at most half full. */
static int rebuild(struct op25b_store *on, struct op25b_entries *entries)
{
	struct op25b_entry_table *old = table_locked(on, entries), *table;
	u32 slots = roundup_pow_of_two(2 * (entries->count + 1));
	u32 n = per_page(entries->family), i, index;
	unsigned int seen = 0;

	slots = max(slots, MIN_SLOTS);
	/* The directory has to hold all pages there are, and one more. */
	while (max_entries(slots - 1) <= entries->top)
		slots *= 2;
	table = table_alloc(slots, entries->family);
	if (!table)
		return -ENOMEM;
	atomic64_add(table_bytes(slots, entries->family), &on->memory);
	if (old) {
		memcpy(&table->dir[1], &old->dir[1],
		       DIV_ROUND_UP(entries->top, n) * sizeof(void *));
		for (i = 0; i <= old->mask; i++) {
			struct op25b_prefix key;

			op25b_chunk(&seen);
			index = old->slot[i] & NUMBER_MASK;
			if (!index)
				continue;
			op25b_entry_key(entry_at(old, index),
					entries->family, &key);
			plant(table, &key, hash_of(on, &key), index);
		}
		atomic64_sub(table_bytes(old->mask + 1, entries->family),
			     &on->memory);
	}
	entries->slots_used = entries->count;
	rcu_assign_pointer(entries->table, table);
	if (old)
		kvfree_rcu(old, rcu);
	return 0;
}

static void zero(struct op25b_entry *entry)
{
	atomic64_set(&entry->others, 0);
	atomic64_set(&entry->bytes, 0);
	atomic64_set(&entry->syns, 0);
	WRITE_ONCE(entry->last_seen, 0);
}

/* Memory for one more entry. Return: its number, 0 without memory. */
static u32 entry_alloc(struct op25b_store *on, struct op25b_entries *entries,
		       struct op25b_entry_table *table)
{
	u32 n = per_page(entries->family), index = entries->free;
	struct op25b_entry *entry;

	if (index) {
		entry = entry_at(table, index);
		entries->free = entry->born;
		zero(entry);
		return index;
	}
	if (entries->top % n == 0) {
		void *page;

		if (entries->top / n == MAX_PAGES)
			return 0;
		page = (void *)__get_free_page(ENTRY_GFP);
		if (!page)
			return 0;
		table->dir[entries->top / n + 1] = page;
		atomic64_add(PAGE_SIZE, &on->memory);
	}
	return nth_number(entries->family, entries->top++);
}

static int entry_make(struct op25b_store *on, struct op25b_entries *entries,
		      const struct op25b_prefix *key)
{
	struct op25b_entry_table *table = table_locked(on, entries);
	u64 seq = op25b_ruleset_locked(on)->seq;
	struct op25b_entry *entry;
	u32 index;
	int err;

	/* Entries in limbo take none of the index, but all of the memory. */
	if (!table || entries->slots_used >= max_entries(table->mask) ||
	    (!entries->free && entries->top >= max_entries(table->mask))) {
		err = rebuild(on, entries);
		if (err)
			return err;
		table = table_locked(on, entries);
	}
	index = entry_alloc(on, entries, table);
	if (!index)
		return -ENOMEM;
	entry = entry_at(table, index);
	write_key(entry, key);
	entry->born = seq;
	entry->born_high = seq >> 32;
	plant(table, key, hash_of(on, key), index);
	entries->count++;
	entries->slots_used++;
	return 0;
}

int op25b_entry_get(struct op25b_store *on, enum op25b_entry_kind kind,
		    const struct op25b_prefix *key)
{
	lockdep_assert_held(&on->lock);
	if (op25b_entry_number(on, kind, key))
		return 0;
	return entry_make(on, entries_of(on, kind, key->family), key);
}

/* A record of its time may still be posted to @entry, which reads @born. */
static void link_to(struct op25b_entry *entry, u32 next)
{
	WRITE_ONCE(entry->born, next);
}

void op25b_entry_forget(struct op25b_store *on, enum op25b_entry_kind kind,
			const struct op25b_prefix *key)
{
	struct op25b_entries *entries = entries_of(on, kind, key->family);
	struct op25b_entry_table *table = table_locked(on, entries);
	struct op25b_line *limbo = &entries->limbo;
	struct op25b_entry *entry;
	u32 index, *slot;

	slot = probe(table, key, hash_of(on, key), &index);
	entry = entry_at(table, index);
	WRITE_ONCE(*slot, GRAVE);
	entries->count--;
	entries->unreleased++;
	if (entry->by_hand)
		on->by_hand[kind]--;
	entry->by_hand = false;

	link_to(entry, limbo->first);
	if (!limbo->first)
		limbo->last = index;
	limbo->first = index;
	limbo->count++;
}

bool op25b_entry_limbo(struct op25b_store *on, struct op25b_limbo *limbo)
{
	unsigned int kind, family;
	bool any = false;

	lockdep_assert_held(&on->lock);
	for (kind = 0; kind < OP25B_ENTRY_KINDS; kind++) {
		for (family = 0; family < OP25B_FAMILIES; family++) {
			struct op25b_entries *e = &on->entries[kind][family];

			limbo->line[kind][family] = e->limbo;
			any |= e->limbo.count;
			e->limbo = (struct op25b_line){};
		}
	}
	return any;
}

static void reuse(struct op25b_store *on, struct op25b_entries *entries,
		  const struct op25b_line *line)
{
	if (!line->first)
		return;
	link_to(entry_at(table_locked(on, entries), line->last), entries->free);
	entries->free = line->first;
	entries->unreleased -= line->count;
}

void op25b_entry_reuse(struct op25b_store *on, const struct op25b_limbo *limbo)
{
	unsigned int kind, family;

	lockdep_assert_held(&on->lock);
	for (kind = 0; kind < OP25B_ENTRY_KINDS; kind++)
		for (family = 0; family < OP25B_FAMILIES; family++)
			reuse(on, &on->entries[kind][family],
			      &limbo->line[kind][family]);
}

/* Is there more memory than a page, and neither an entry in it nor a reader of
 * one?
 */
static bool is_idle(const struct op25b_entries *entries)
{
	return entries->top > per_page(entries->family) && !entries->count &&
	       !entries->unreleased;
}

static void free_idle(struct op25b_store *on, struct op25b_entries *entries)
{
	struct op25b_entry_table *table = table_locked(on, entries);
	u32 pages = DIV_ROUND_UP(entries->top, per_page(entries->family));

	if (!is_idle(entries))
		return;
	/* Who still reads this index finds graves in it, and no entry. */
	RCU_INIT_POINTER(entries->table, NULL);
	free_pages_of(entries, table);
	atomic64_sub(table_bytes(table->mask + 1, entries->family) +
		     pages * PAGE_SIZE, &on->memory);
	kvfree_rcu(table, rcu);
	entries->top = 0;
	entries->free = 0;
	entries->slots_used = 0;
}

void op25b_entry_shrink(struct op25b_store *on)
{
	unsigned int kind, family;

	lockdep_assert_held(&on->lock);
	for (kind = 0; kind < OP25B_ENTRY_KINDS; kind++)
		for (family = 0; family < OP25B_FAMILIES; family++)
			free_idle(on, &on->entries[kind][family]);
}

static void reset_entries(struct op25b_store *on, struct op25b_entries *entries)
{
	struct op25b_entry_table *table = table_locked(on, entries);
	unsigned int n = 0;
	u32 i, index;

	for (i = 0; table && i <= table->mask; i++) {
		op25b_chunk(&n);
		index = table->slot[i] & NUMBER_MASK;
		if (index)
			zero(entry_at(table, index));
	}
}

void op25b_entry_reset(struct op25b_store *on)
{
	unsigned int kind, family;

	lockdep_assert_held(&on->lock);
	for (kind = 0; kind < OP25B_ENTRY_KINDS; kind++)
		for (family = 0; family < OP25B_FAMILIES; family++)
			reset_entries(on, &on->entries[kind][family]);
}

void op25b_entry_set_by_hand(struct op25b_store *on, enum op25b_entry_kind kind,
			     const struct op25b_prefix *key)
{
	struct op25b_entry *entry = op25b_entry_find(on, kind, key);

	lockdep_assert_held(&on->lock);
	if (!entry->by_hand)
		on->by_hand[kind]++;
	entry->by_hand = true;
}

static void forget_hands(struct op25b_store *on, enum op25b_entry_kind kind,
			 struct op25b_entries *entries)
{
	struct op25b_entry_table *table = table_locked(on, entries);
	unsigned int n = 0;
	u32 i, index;

	for (i = 0; table && on->by_hand[kind] && i <= table->mask; i++) {
		struct op25b_entry *entry;

		op25b_chunk(&n);
		index = table->slot[i] & NUMBER_MASK;
		if (!index)
			continue;
		entry = entry_at(table, index);
		if (!entry->by_hand)
			continue;
		entry->by_hand = false;
		on->by_hand[kind]--;
	}
}

void op25b_entry_forget_hands(struct op25b_store *on)
{
	unsigned int kind, family;

	lockdep_assert_held(&on->lock);
	for (kind = 0; kind < OP25B_ENTRY_KINDS; kind++)
		for (family = 0; family < OP25B_FAMILIES; family++)
			forget_hands(on, kind, &on->entries[kind][family]);
}
