// SPDX-License-Identifier: GPL-2.0
/*
 * The permitted relays. One allocation holds it all:
 *
 *   +--------+---------------------------+----------------------------+
 *   | header | at[count]: sorted relays  | slot[mask + 1]: hash index |
 *   +--------+---------------------------+----------------------------+
 *
 * A slot holds the number of a relay plus one, 0 when free. A relay sits in
 * the first free slot from its hash on (open addressing, linear probing). At
 * most half of the slots are taken, so a miss ends after 1.5 probes on the
 * average (Knuth, TAOCP 3, 6.4), and a free slot always ends the probing.
 *
 * The hash is keyed anew for every set: an attacker chooses the addresses that
 * are looked up, and must not be able to choose the length of the probing.
 *
 * Most packets go to no relay, and most sets are small: a cache line in which
 * each relay has set one of 512 bits, by a cheap hash, answers them without the
 * dear one. Whoever guesses a bit that is set makes us pay for one siphash.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "lpm/chunk.h"
#include "state/relay.h"

struct op25b_relays {
	struct op25b_relay_filter filter;
	siphash_key_t key;
	u32 *slot;
	u32 mask;
	u32 count;
	struct op25b_relay at[];
};

static u32 slots_for(u32 count)
{
	return roundup_pow_of_two(2 * (unsigned long)count);
}

size_t op25b_relay_bytes(u32 count)
{
	struct op25b_relays *relays;

	if (!count)
		return 0;
	return size_add(struct_size(relays, at, count),
			array_size(slots_for(count), sizeof(*relays->slot)));
}

int op25b_relay_cmp(const void *a, const void *b)
{
	const struct op25b_relay *x = a;
	const struct op25b_relay *y = b;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return op25b_addr_cmp(x->addr, y->addr);
}

static u32 hash_of(const struct op25b_relays *relays, u8 family,
		   struct op25b_addr addr)
{
	return siphash_3u64(addr.hi, addr.lo, family, &relays->key);
}

bool op25b_relay_find(const struct op25b_relays *relays, u8 family,
		      struct op25b_addr addr)
{
	const struct op25b_relay *relay;
	u32 i, n;

	i = hash_of(relays, family, addr) & relays->mask;
	while ((n = relays->slot[i])) {
		relay = &relays->at[n - 1];
		if (relay->family == family &&
		    op25b_addr_equal(relay->addr, addr))
			return true;
		i = (i + 1) & relays->mask;
	}
	return false;
}

u32 op25b_relay_count(const struct op25b_relays *relays)
{
	return relays ? relays->count : 0;
}

const struct op25b_relay *op25b_relay_at(const struct op25b_relays *relays,
					 u32 index)
{
	return &relays->at[index];
}

u32 op25b_relay_after(const struct op25b_relays *relays,
		      const struct op25b_relay *after)
{
	u32 low = 0, high = op25b_relay_count(relays);
	u32 mid;

	if (!after)
		return 0;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (op25b_relay_cmp(&relays->at[mid], after) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct op25b_relays *relays_alloc(u32 count)
{
	struct op25b_relays *relays;

	relays = kvmalloc(op25b_relay_bytes(count), GFP_KERNEL_ACCOUNT |
			  __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (!relays)
		return NULL;

	get_random_bytes(&relays->key, sizeof(relays->key));
	memset(&relays->filter, 0, sizeof(relays->filter));
	relays->filter.seed = get_random_u64();
	relays->count = count;
	relays->mask = slots_for(count) - 1;
	relays->slot = (u32 *)&relays->at[count];
	memset(relays->slot, 0,
	       array_size(slots_for(count), sizeof(*relays->slot)));
	return relays;
}

static void index_build(struct op25b_relays *relays)
{
	u32 i, n, bit;
	unsigned int seen = 0;

	for (n = 0; n < relays->count; n++) {
		i = hash_of(relays, relays->at[n].family, relays->at[n].addr) &
		    relays->mask;
		while (relays->slot[i])
			i = (i + 1) & relays->mask;
		relays->slot[i] = n + 1;
		bit = op25b_relay_bit(&relays->filter, relays->at[n].addr);
		relays->filter.bits[bit / 64] |= BIT_ULL(bit % 64);
		op25b_chunk(&seen);
	}
}

/* Merges the sorted lists, stops short of writing past @new should the caller
 * have broken the contract.
 * Return: how many relays the merge gives.
 */
static u32 merge(struct op25b_relays *new, const struct op25b_relays *old,
		 const struct op25b_relay *add, u32 n_add,
		 const struct op25b_relay *del, u32 n_del)
{
	u32 n_old = op25b_relay_count(old);
	u32 o = 0, a = 0, d = 0, n = 0;
	const struct op25b_relay *next;
	unsigned int seen = 0;

	while ((o < n_old || a < n_add) && n <= new->count) {
		op25b_chunk(&seen);
		if (o < n_old && d < n_del &&
		    !op25b_relay_cmp(&old->at[o], &del[d])) {
			o++;
			d++;
			continue;
		}
		if (a == n_add || (o < n_old &&
				   op25b_relay_cmp(&old->at[o], &add[a]) < 0))
			next = &old->at[o++];
		else
			next = &add[a++];
		if (n < new->count)
			new->at[n] = *next;
		n++;
	}
	return n;
}

struct op25b_relays *op25b_relay_edit(const struct op25b_relays *old,
				      const struct op25b_relay *add, u32 n_add,
				      const struct op25b_relay *del, u32 n_del)
{
	struct op25b_relays *new;
	u32 count;

	count = op25b_relay_count(old) + n_add - n_del;
	if (!count)
		return NULL;

	new = relays_alloc(count);
	if (!new)
		return ERR_PTR(-ENOMEM);

	if (WARN_ON_ONCE(merge(new, old, add, n_add, del, n_del) != count)) {
		kvfree(new);
		return ERR_PTR(-EINVAL);
	}
	index_build(new);
	return new;
}

void op25b_relay_free(struct op25b_relays *relays)
{
	kvfree(relays);
}
