/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the key of an entry to its number; entry.c alone has it. Theory of
 * operation in index.c.
 */
#ifndef _OP25B_INDEX_H
#define _OP25B_INDEX_H

#include "state/entry.h"
#include "state/pool.h"

/* A bucket is 4 KiB, whatever a page is: so many entries move at once, at most.
 */
#define OP25B_BUCKET_SLOTS	1018U
#define OP25B_BUCKET_FULL	(OP25B_BUCKET_SLOTS / 4 * 3)

/* Of a hash of 32 bits, the top ones, which are the best, choose a slot, those
 * below a bucket, and the lowest five are a tag.
 */
#define OP25B_SLOT_BITS		10U
#define OP25B_BUCKET_BITS	(OP25B_NUMBER_BITS - OP25B_SLOT_BITS)

#define OP25B_SLOT_EMPTY	0U
#define OP25B_SLOT_GRAVE	BIT(OP25B_NUMBER_BITS)	/* no number */

/**
 * struct op25b_bucket - entries that share some bits of their hashes
 * @rcu: readers may still look at one that is replaced
 * @used: slots that are not empty, graves included
 * @count: entries
 * @depth: how many bits they share
 * @slot: a tag in the top bits, below it an entry's number
 */
struct op25b_bucket {
	struct rcu_head rcu;
	u16 used;
	u16 count;
	u8 depth;
	u32 slot[OP25B_BUCKET_SLOTS];
};

/**
 * struct op25b_directory - the buckets of one kind and family of entries
 * @rcu: of the directory; the buckets outlive it
 * @depth: bits of a hash that choose one
 * @deepest: buckets of that @depth; on->lock
 * @bucket: one of less depth is there several times, side by side
 */
struct op25b_directory {
	struct rcu_head rcu;
	u32 depth;
	u32 deepest;
	struct op25b_bucket __rcu *bucket[];
};

/* Where among them is that of @hash? */
static inline u32 op25b_directory_place(const struct op25b_directory *directory,
					u32 hash)
{
	return (u64)(hash << OP25B_SLOT_BITS) >> (32 - directory->depth);
}

static inline u32 op25b_slot_tag_of(u32 hash)
{
	return hash << OP25B_NUMBER_BITS;
}

/* Neither 0 nor with anything above it. */
static inline bool op25b_is_number(u32 number)
{
	return number - 1 < OP25B_NUMBER_MASK;
}

/* The slot in which an entry of @hash lies, or behind which. */
static inline u32 op25b_slot_home(u32 hash)
{
	return (u64)hash * OP25B_BUCKET_SLOTS >> 32;
}

static inline u32 op25b_slot_next(u32 i)
{
	return i + 1 < OP25B_BUCKET_SLOTS ? i + 1 : 0;
}

/* The entry of a number that is there is whole, and the pool long enough. */
static inline u32 op25b_slot_read(const struct op25b_bucket *bucket, u32 i)
{
	/* Pairs with the release of op25b_index_add(). */
	return smp_load_acquire(&bucket->slot[i]);
}

/* A number whose key may be the one that has @hash, 0 for none: mostly it is
 * right, and it touches nothing but the slots. Mostly it is in one of two, and
 * in which of them no branch predictor can tell: so there is no branch.
 */
static inline u32 op25b_bucket_guess(const struct op25b_bucket *bucket,
				     u32 hash)
{
	u32 tag = op25b_slot_tag_of(hash), i = op25b_slot_home(hash);
	u32 slot, next;

	slot = op25b_slot_read(bucket, i);
	i = op25b_slot_next(i);
	next = op25b_slot_read(bucket, i);
	slot ^= (slot ^ next) & -(u32)!op25b_is_number(slot ^ tag);
	while (unlikely(!op25b_is_number(slot ^ tag))) {
		if (slot == OP25B_SLOT_EMPTY)
			return 0;
		i = op25b_slot_next(i);
		slot = op25b_slot_read(bucket, i);
	}
	return slot ^ tag;
}

/* The number of the entry of @key, 0 for none.
 * Context: RCU or on->lock.
 */
u32 op25b_index_find(struct op25b_store *on, struct op25b_entries *entries,
		     const struct op25b_prefix *key);

/* All below: on->lock held, may sleep. */

/* Puts in @number, of the entry of @key, which is whole and not there yet.
 * Return: 0 or -ENOMEM.
 */
int op25b_index_add(struct op25b_store *on, struct op25b_entries *entries,
		    const struct op25b_prefix *key, u32 number);
/* Takes out that of @key, which is there. Return: its number. */
u32 op25b_index_del(struct op25b_store *on, struct op25b_entries *entries,
		    const struct op25b_prefix *key);

/* Calls @each for all that are in it. */
void op25b_index_each(struct op25b_store *on, struct op25b_entries *entries,
		      void (*each)(struct op25b_store *on,
				   struct op25b_entries *entries, u32 number));

/* Context: the namespace is dead. */
void op25b_index_exit(struct op25b_store *on, struct op25b_entries *entries);

#endif /* _OP25B_INDEX_H */
