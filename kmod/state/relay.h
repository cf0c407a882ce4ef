/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The permitted relays: an immutable set, copied on change, part of a ruleset.
 * Sorted for the dump, hashed (siphash, a key of its own per set) for the
 * packet path.
 */
#ifndef _OP25B_RELAY_H
#define _OP25B_RELAY_H

#include "lpm/addr.h"

struct op25b_relays;

#define OP25B_RELAY_FILTER_BITS	9

/**
 * struct op25b_relay_filter - a set begins with it
 * @bits: each relay has set one of them
 * @seed: of the hash that says which
 */
struct op25b_relay_filter {
	u64 bits[(1 << OP25B_RELAY_FILTER_BITS) / 64];
	u64 seed;
};

struct op25b_relay {
	struct op25b_addr addr;
	u8 family;		/* enum op25b_family */
};

/* The number of @addr's bit in @filter. */
static inline u32 op25b_relay_bit(const struct op25b_relay_filter *filter,
				  struct op25b_addr addr)
{
	return op25b_addr_hash(filter->seed, addr) >>
	       (64 - OP25B_RELAY_FILTER_BITS);
}

/* The same as below, past the filter. */
bool __pure op25b_relay_find(const struct op25b_relays *relays, u8 family,
			     struct op25b_addr addr);

/* Is @addr in the set? @relays may be NULL: the empty set.
 * Context: RCU or the writer's lock.
 */
static inline bool op25b_relay_match(const struct op25b_relays *relays,
				     u8 family, struct op25b_addr addr)
{
	const struct op25b_relay_filter *filter = (const void *)relays;
	u32 bit;

	if (!filter)
		return false;
	bit = op25b_relay_bit(filter, op25b_addr_of(family, addr));
	return filter->bits[bit / 64] >> bit % 64 & 1 &&
	       op25b_relay_find(relays, family, addr);
}

/* Number of relays; those in the order of the dump (IPv4 first, by address);
 * the index of the first one behind @after (0 for NULL), which need not be in
 * the set. Context: RCU or the writer's lock.
 */
u32 op25b_relay_count(const struct op25b_relays *relays);
const struct op25b_relay *op25b_relay_at(const struct op25b_relays *relays,
					 u32 index);
u32 op25b_relay_after(const struct op25b_relays *relays,
		      const struct op25b_relay *after);

/* Bytes held by a set of @count relays. */
size_t op25b_relay_bytes(u32 count);

/**
 * op25b_relay_edit() - a new set: @old without @del and with @add
 * @old: may be NULL
 * @add: sorted by op25b_relay_cmp(), unique, none of them in @old
 * @n_add: entries of @add
 * @del: sorted, unique, all of them in @old
 * @n_del: entries of @del
 *
 * Return: the set, NULL for the empty one, or ERR_PTR(-ENOMEM).
 * Context: may sleep.
 */
struct op25b_relays *op25b_relay_edit(const struct op25b_relays *old,
				      const struct op25b_relay *add, u32 n_add,
				      const struct op25b_relay *del, u32 n_del);
int op25b_relay_cmp(const void *a, const void *b);

/* Context: no reader can reach @relays any more. May sleep. */
void op25b_relay_free(struct op25b_relays *relays);

#endif /* _OP25B_RELAY_H */
