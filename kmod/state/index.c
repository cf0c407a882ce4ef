// SPDX-License-Identifier: GPL-2.0
/*
 * From the key of an entry to its number.
 *
 * Theory of operation
 * ===================
 *
 * Extendible hashing (Fagin et al., "Extendible Hashing - A Fast Access Method
 * for Dynamic Files", TODS 4(3), 1979). Some bits of a key's hash choose a
 * bucket from a directory; a bucket is a small open-addressed table (linear
 * probing, 4 bytes a slot, at most 3/4 full).
 *
 *	directory, depth 2	00  01  10  11
 *				 |   |   |   |
 *	buckets			 0---+  10  11
 *
 * A bucket that is full is replaced by two, which share one bit more; or by one
 * without graves, if these are what fills it. Two that have become almost empty
 * are replaced by one. So whatever the number of entries, an operation on one
 * of them moves those of a bucket, and seldom copies the directory, which has 8
 * bytes for 380 to 760 entries.
 *
 * The tag in a slot is five more bits of the hash: 31 of 32 foreign entries are
 * passed by without a look at them, each of which would be a cache miss or two.
 *
 * Writers hold on->lock. A number is published by the store-release of its
 * slot. A slot whose entry is forgotten becomes a grave, so that probing goes
 * on behind it, until another entry gets it. A reader that has an older bucket
 * or directory finds in it what was there when it began, which is as good; what
 * is new it looks for again (entry.c).
 *
 * The hash is seeded, but need not resist an adversary: keys are what the
 * operator configured, not what packets carry. One seed for all indexes of a
 * namespace: the hash of a packet's prefix, once in the journal, is good for
 * whichever of them it is posted to.
 */
#include <linux/slab.h>

#include "lpm/chunk.h"
#include "state/store.h"
#include "state/index.h"

static u32 hash_of(const struct op25b_store *on, const struct op25b_prefix *key)
{
	return op25b_entry_hash(op25b_entry_mix(on->seed, key->addr, key->len));
}

static u32 hash_of_number(struct op25b_store *on,
			  const struct op25b_entries *entries, u32 number)
{
	struct op25b_prefix key;

	op25b_entry_key(op25b_pool_at(op25b_pool(on, entries), number),
			entries->family, &key);
	return hash_of(on, &key);
}

static struct op25b_directory *directory_locked(struct op25b_store *on,
						struct op25b_entries *entries)
{
	return rcu_dereference_protected(entries->directory,
					 lockdep_is_held(&on->lock));
}

static struct op25b_bucket *bucket_at(struct op25b_store *on,
				      struct op25b_directory *directory,
				      u32 place)
{
	return rcu_dereference_check(directory->bucket[place],
				     lockdep_is_held(&on->lock));
}

static struct op25b_bucket *bucket_of(struct op25b_store *on,
				      struct op25b_entries *entries, u32 hash)
{
	struct op25b_directory *directory = directory_locked(on, entries);

	return bucket_at(on, directory, op25b_directory_place(directory, hash));
}

/* The slot of @key, and *@number is in it; 0 if there is none, and the slot is
 * where one would go.
 */
static u32 *probe(struct op25b_store *on, const struct op25b_entries *entries,
		  struct op25b_bucket *bucket, const struct op25b_prefix *key,
		  u32 hash, u32 *number)
{
	u32 i = op25b_slot_home(hash), tag = op25b_slot_tag_of(hash), slot;
	u32 *grave = NULL;

	for (;; i = op25b_slot_next(i)) {
		slot = op25b_slot_read(bucket, i);
		*number = op25b_is_number(slot ^ tag) ? slot ^ tag : 0;
		if (*number &&
		    op25b_entry_is(op25b_pool_at(op25b_pool(on, entries),
						 *number), key))
			return &bucket->slot[i];
		*number = 0;
		if (slot == OP25B_SLOT_EMPTY)
			return grave ?: &bucket->slot[i];
		if (slot == OP25B_SLOT_GRAVE && !grave)
			grave = &bucket->slot[i];
	}
}

u32 op25b_index_find(struct op25b_store *on, struct op25b_entries *entries,
		     const struct op25b_prefix *key)
{
	struct op25b_directory *directory;
	u32 hash = hash_of(on, key), number;

	directory = rcu_dereference_check(entries->directory,
					  lockdep_is_held(&on->lock));
	if (!directory)
		return 0;
	probe(on, entries,
	      bucket_at(on, directory, op25b_directory_place(directory, hash)),
	      key, hash, &number);
	return number;
}

/* Buckets and directories */

static struct op25b_bucket *bucket_alloc(struct op25b_store *on, u8 depth)
{
	struct op25b_bucket *bucket;

	BUILD_BUG_ON(sizeof(*bucket) > 4096);
	bucket = kmalloc(sizeof(*bucket), OP25B_POOL_GFP);
	if (!bucket)
		return NULL;
	bucket->depth = depth;
	atomic64_add(sizeof(*bucket), &on->memory);
	return bucket;
}

static void bucket_retire(struct op25b_store *on, struct op25b_bucket *bucket)
{
	atomic64_sub(sizeof(*bucket), &on->memory);
	kfree_rcu(bucket, rcu);
}

/* @bucket has the hash of @hash. */
static void bucket_publish(struct op25b_directory *directory,
			   struct op25b_bucket *bucket, u32 hash)
{
	u32 n = BIT(directory->depth - bucket->depth), i;
	u32 first = op25b_directory_place(directory, hash) & ~(n - 1);

	for (i = first; i < first + n; i++)
		rcu_assign_pointer(directory->bucket[i], bucket);
	directory->deepest += n == 1;
}

static size_t directory_bytes(u32 depth)
{
	return sizeof(struct op25b_directory) +
	       (sizeof(struct op25b_bucket *) << depth);
}

/* From the directory there is to one of another depth. 0 or -ENOMEM. */
static int set_depth(struct op25b_store *on, struct op25b_entries *entries,
		     u32 depth)
{
	struct op25b_directory *old = directory_locked(on, entries), *new;
	struct op25b_bucket *bucket;
	u32 i;

	if (depth > OP25B_BUCKET_BITS)
		return -ENOMEM;
	new = op25b_pool_zalloc(directory_bytes(depth));
	if (!new)
		return -ENOMEM;
	new->depth = depth;
	for (i = 0; i < BIT(depth); i++) {
		bucket = bucket_at(on, old, depth > old->depth ? i >> 1 :
								 i << 1);
		RCU_INIT_POINTER(new->bucket[i], bucket);
		new->deepest += bucket->depth == depth;
	}
	/* Not their difference, of unsigned 32 bits on some machines. */
	atomic64_add(directory_bytes(depth), &on->memory);
	atomic64_sub(directory_bytes(old->depth), &on->memory);
	rcu_assign_pointer(entries->directory, new);
	kvfree_rcu(old, rcu);
	return 0;
}

static int first_bucket(struct op25b_store *on, struct op25b_entries *entries)
{
	struct op25b_directory *directory;
	struct op25b_bucket *bucket;

	directory = op25b_pool_zalloc(directory_bytes(0));
	if (!directory)
		return -ENOMEM;
	bucket = bucket_alloc(on, 0);
	if (!bucket) {
		kvfree(directory);
		return -ENOMEM;
	}
	bucket_publish(directory, bucket, 0);
	atomic64_add(directory_bytes(0), &on->memory);
	rcu_assign_pointer(entries->directory, directory);
	return 0;
}

static void last_bucket(struct op25b_store *on, struct op25b_entries *entries,
			struct op25b_bucket *bucket)
{
	struct op25b_directory *directory = directory_locked(on, entries);

	RCU_INIT_POINTER(entries->directory, NULL);
	bucket_retire(on, bucket);
	atomic64_sub(directory_bytes(directory->depth), &on->memory);
	kvfree_rcu(directory, rcu);
}

/* What is in @from goes into @to[1] if its hash has @bit, else into @to[0]. */
static void bucket_move(struct op25b_store *on, struct op25b_entries *entries,
			const struct op25b_bucket *from,
			struct op25b_bucket **to, u32 bit)
{
	struct op25b_bucket *bucket;
	unsigned int n = 0;
	u32 i, k, number, hash;

	for (i = 0; i < OP25B_BUCKET_SLOTS; i++) {
		number = from->slot[i] & OP25B_NUMBER_MASK;
		if (!number)
			continue;
		hash = hash_of_number(on, entries, number);
		bucket = to[!!(hash & bit)];
		k = op25b_slot_home(hash);
		while (bucket->slot[k] != OP25B_SLOT_EMPTY)
			k = op25b_slot_next(k);
		bucket->slot[k] = op25b_slot_tag_of(hash) | number;
		bucket->used++;
		bucket->count++;
		op25b_chunk(&n);
	}
}

/* The last bit of a hash that chooses a bucket of @depth. */
static u32 bit_of(u32 depth)
{
	return BIT(32 - OP25B_SLOT_BITS - depth);
}

/* The bucket that differs from that of @hash in the last bit of its depth. */
static struct op25b_bucket *buddy_of(struct op25b_store *on,
				     struct op25b_entries *entries, u32 hash)
{
	u8 depth = bucket_of(on, entries, hash)->depth;

	return bucket_of(on, entries, hash ^ bit_of(depth));
}

/* Replaces the bucket of @hash by one without graves, by two if @depth is more
 * than it has, or with its buddy by one if it is less. 0 or -ENOMEM.
 */
static int rebuild(struct op25b_store *on, struct op25b_entries *entries,
		   u32 hash, u32 depth)
{
	struct op25b_bucket *old = bucket_of(on, entries, hash), *to[2], *buddy;
	u32 bit = depth > old->depth ? bit_of(depth) : 0;
	struct op25b_directory *directory;

	if (depth > directory_locked(on, entries)->depth &&
	    set_depth(on, entries, depth))
		return -ENOMEM;
	directory = directory_locked(on, entries);
	to[0] = bucket_alloc(on, depth);
	to[1] = to[0] && bit ? bucket_alloc(on, depth) : to[0];
	if (!to[1]) {
		if (to[0])
			bucket_retire(on, to[0]);
		return -ENOMEM;
	}
	buddy = depth < old->depth ? buddy_of(on, entries, hash) : NULL;
	bucket_move(on, entries, old, to, bit);
	if (buddy)
		bucket_move(on, entries, buddy, to, bit);
	directory->deepest -= (old->depth == directory->depth) * (1 + !!buddy);
	bucket_publish(directory, to[0], hash & ~bit);
	if (bit)
		bucket_publish(directory, to[1], hash | bit);
	bucket_retire(on, old);
	if (buddy)
		bucket_retire(on, buddy);
	if (!directory->deepest)
		set_depth(on, entries, directory->depth - 1);
	return 0;
}

/* Writers */

/* Has room for one more entry of @hash. 0 or -ENOMEM. */
static int reserve(struct op25b_store *on, struct op25b_entries *entries,
		   u32 hash)
{
	struct op25b_bucket *bucket;
	int err = 0;

	if (!directory_locked(on, entries))
		return first_bucket(on, entries);
	for (;;) {
		bucket = bucket_of(on, entries, hash);
		if (err || bucket->used < OP25B_BUCKET_FULL)
			return err;
		err = rebuild(on, entries, hash, bucket->depth +
			      (bucket->count > OP25B_BUCKET_SLOTS / 2));
	}
}

int op25b_index_add(struct op25b_store *on, struct op25b_entries *entries,
		    const struct op25b_prefix *key, u32 number)
{
	u32 hash = hash_of(on, key), none, *slot;
	struct op25b_bucket *bucket;

	lockdep_assert_held(&on->lock);
	if (reserve(on, entries, hash))
		return -ENOMEM;
	bucket = bucket_of(on, entries, hash);
	slot = probe(on, entries, bucket, key, hash, &none);
	bucket->used += *slot == OP25B_SLOT_EMPTY;
	bucket->count++;
	/* Pairs with the acquire of op25b_slot_read(). */
	smp_store_release(slot, op25b_slot_tag_of(hash) | number);
	return 0;
}

static bool is_sparse(struct op25b_store *on, struct op25b_entries *entries,
		      u32 hash)
{
	struct op25b_bucket *bucket = bucket_of(on, entries, hash), *buddy;

	if (!bucket->depth)
		return false;
	buddy = buddy_of(on, entries, hash);
	return buddy->depth == bucket->depth &&
	       buddy->count + bucket->count <= OP25B_BUCKET_SLOTS / 4;
}

u32 op25b_index_del(struct op25b_store *on, struct op25b_entries *entries,
		    const struct op25b_prefix *key)
{
	u32 hash = hash_of(on, key), number, *slot;
	struct op25b_bucket *bucket;

	lockdep_assert_held(&on->lock);
	bucket = bucket_of(on, entries, hash);
	slot = probe(on, entries, bucket, key, hash, &number);
	WRITE_ONCE(*slot, OP25B_SLOT_GRAVE);
	if (!--bucket->count && !bucket->depth) {
		last_bucket(on, entries, bucket);
		return number;
	}
	while (is_sparse(on, entries, hash))
		if (rebuild(on, entries, hash,
			    bucket_of(on, entries, hash)->depth - 1))
			break;	/* no memory: it can wait */
	return number;
}

/* The bucket behind that at @place, NULL for none; *@place moves on. */
static struct op25b_bucket *next_bucket(struct op25b_store *on,
					struct op25b_directory *directory,
					u32 *place)
{
	struct op25b_bucket *bucket;

	if (!directory || *place >> directory->depth)
		return NULL;
	bucket = bucket_at(on, directory, *place);
	*place += BIT(directory->depth - bucket->depth);
	return bucket;
}

void op25b_index_each(struct op25b_store *on, struct op25b_entries *entries,
		      void (*each)(struct op25b_store *on,
				   struct op25b_entries *entries, u32 number))
{
	struct op25b_directory *directory = directory_locked(on, entries);
	struct op25b_bucket *bucket;
	u32 place = 0, number, i;
	unsigned int n = 0;

	while ((bucket = next_bucket(on, directory, &place))) {
		for (i = 0; i < OP25B_BUCKET_SLOTS; i++) {
			number = bucket->slot[i] & OP25B_NUMBER_MASK;
			if (number)
				each(on, entries, number);
			op25b_chunk(&n);
		}
	}
}

void op25b_index_exit(struct op25b_store *on, struct op25b_entries *entries)
{
	struct op25b_directory *directory = directory_locked(on, entries);
	struct op25b_bucket *bucket;
	unsigned int n = 0;
	u32 place = 0;

	while ((bucket = next_bucket(on, directory, &place))) {
		kfree(bucket);
		op25b_chunk(&n);
	}
	kvfree(directory);
}
