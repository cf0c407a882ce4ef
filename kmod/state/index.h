/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the key of an entry to the entry: the index, and the pages behind it.
 * What packets and writers share; entry.c alone has it. Theory of operation
 * there.
 */
#ifndef _OP25B_INDEX_H
#define _OP25B_INDEX_H

#include <linux/align.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include "state/entry.h"

/* A number is a page from 1 on, above, and a place in it, below; an entry has
 * 32 bytes and more. With pages of 4 KiB there are numbers for 58M entries of
 * IPv6 and 76M of IPv4: twice 16M, and what is not freed yet.
 */
#define NUMBER_BITS	27
#define NUMBER_MASK	(BIT(NUMBER_BITS) - 1)
#define PLACE_BITS	(PAGE_SHIFT - 5)
#define PLACE_MASK	(BIT(PLACE_BITS) - 1)
#define MAX_PAGES	(BIT(NUMBER_BITS - PLACE_BITS) - 1)
#define EMPTY		0U
#define GRAVE		BIT(NUMBER_BITS)	/* a tag without a number */
#define MIN_SLOTS	64U

/**
 * struct op25b_entry_table - index and directory
 * @rcu: for the index; the pages behind @dir outlive it
 * @dir: the pages, 3/4 * (@mask + 1) entries' worth, from 1 on
 * @size: of an entry, bytes
 * @mask: slots - 1, a power of two
 * @shift: of a hash, whose top bits say where to begin
 * @slot: a tag in the top bits, below it an entry's number
 */
struct op25b_entry_table {
	struct rcu_head rcu;
	void **dir;
	u32 size;
	u32 mask;
	u32 shift;
	u32 slot[] __aligned(8);	/* so is @dir behind it */
};

static inline size_t entry_size(u8 family)
{
	/* Not sizeof, which is padded; but the counters stay aligned. */
	return ALIGN(offsetof(struct op25b_entry, addr) +
		     (family == OP25B_V4 ? 1 : 4) * sizeof(u32), sizeof(u64));
}

static inline u32 per_page(u8 family)
{
	return PAGE_SIZE / entry_size(family);
}

static inline u32 max_entries(u32 mask)
{
	return (mask + 1) / 4 * 3;
}

static inline size_t table_bytes(u32 slots, u8 family)
{
	u32 pages = DIV_ROUND_UP(slots / 4 * 3, per_page(family)) + 2;

	return sizeof(struct op25b_entry_table) + slots * sizeof(u32) +
	       pages * sizeof(void *);
}

/* The number of the @nth entry that is handed out, from 0. */
static inline u32 nth_number(u8 family, u32 nth)
{
	u32 n = per_page(family);

	return (nth / n + 1) << PLACE_BITS | nth % n;
}

static inline struct op25b_entry *
entry_at(const struct op25b_entry_table *table, u32 index)
{
	return table->dir[index >> PLACE_BITS] +
	       (index & PLACE_MASK) * table->size;
}

static inline bool is_key(const struct op25b_entry *entry,
			  const struct op25b_prefix *key)
{
	const struct op25b_addr *a = &key->addr;

	if (entry->len != key->len || entry->addr[0] != a->hi >> 32)
		return false;
	return key->family == OP25B_V4 ||
	       (entry->addr[1] == (u32)a->hi &&
		entry->addr[2] == a->lo >> 32 &&
		entry->addr[3] == (u32)a->lo);
}

static inline void write_key(struct op25b_entry *entry,
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

static inline u32 tag_of(u32 hash)
{
	return hash << NUMBER_BITS;
}

/* Neither 0 nor with anything above it. */
static inline bool is_number(u32 number)
{
	return number - 1 < NUMBER_MASK;
}

/* The number in @slot, 0 for none, and for one whose key cannot be the one that
 * has @tag.
 */
static inline u32 number_of(u32 slot, u32 tag)
{
	return is_number(slot ^ tag) ? slot ^ tag : 0;
}

/* The first number from slot @i on whose key may be the one that has @tag, 0
 * for none. Touches nothing but the slots.
 */
static inline u32 guess_from(const struct op25b_entry_table *table, u32 tag,
			     u32 i)
{
	u32 number, slot;

	for (;; i = (i + 1) & table->mask) {
		slot = READ_ONCE(table->slot[i]);
		number = number_of(slot, tag);
		if (number || slot == EMPTY)
			return number;
	}
}

/* The same, from the slot of @hash on. Mostly it is in one of two slots, and in
 * which of them no branch predictor can tell: so there is no branch.
 */
static inline u32 guess(const struct op25b_entry_table *table, u32 hash)
{
	u32 tag = tag_of(hash), i = hash >> table->shift, slot, next;

	slot = READ_ONCE(table->slot[i]);
	next = READ_ONCE(table->slot[(i + 1) & table->mask]);
	slot ^= (slot ^ next) & -(u32)!is_number(slot ^ tag);
	return likely(is_number(slot ^ tag)) ? slot ^ tag :
					       guess_from(table, tag, i);
}

/* The slot of @key, which has @hash; *@index is its entry's number, 0 if there
 * is none.
 */
static inline u32 *probe(struct op25b_entry_table *table,
			 const struct op25b_prefix *key, u32 hash, u32 *index)
{
	u32 tag = tag_of(hash), i, slot;

	for (i = hash >> table->shift;; i = (i + 1) & table->mask) {
		slot = READ_ONCE(table->slot[i]);
		*index = number_of(slot, tag);
		if (slot == EMPTY ||
		    (*index &&
		     is_key(entry_at(table, *index), key)))
			return &table->slot[i];
	}
}

/* Puts the entry @index of @key, which is not there, into its slot. */
static inline void plant(struct op25b_entry_table *table,
			 const struct op25b_prefix *key, u32 hash, u32 index)
{
	u32 none, *slot = probe(table, key, hash, &none);

	/* The entry is whole before a reader can find its number. */
	smp_store_release(slot, tag_of(hash) | index);
}

#endif /* _OP25B_INDEX_H */
