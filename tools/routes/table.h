/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prefixes and relays of a network's size in little memory: a hash table with
 * open addressing for each family, 12 bytes an IPv4 entry and 24 an IPv6 one.
 * It is cut into many small ones, each of which grows by itself, so that there
 * is never a second copy of all.
 *
 * An item stays where it is until op25b_table_put() or _purge() is called.
 */
#ifndef OP25BCTL_ROUTES_TABLE_H
#define OP25BCTL_ROUTES_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OP25B_SHARDS	256

/**
 * struct op25b_key - what a route is about
 * @addr: network order, IPv4 in the first four bytes, the rest zero
 * @family: AF_INET or AF_INET6
 * @len: prefix length
 * @relay: a permitted destination, and no prefix
 */
struct op25b_key {
	uint8_t addr[16];
	uint8_t family;
	uint8_t len;
	bool relay;
};

/**
 * struct op25b_item - what is kept of it
 * @since: when it was first missing from all tables, in set.h's ticks;
 *	meaningless if it is not
 * @mask: the sources that have it, a bit each
 * @seen: the same in the dump that is being read
 * @len: prefix length
 * @state: class and flags, which are set.c's; 0 where nothing is in force.
 *	The two upper bits are table.c's.
 * @addr: 4 or 16 bytes
 */
struct op25b_item {
	uint32_t since;
	uint8_t mask;
	uint8_t seen;
	uint8_t len;
	uint8_t state;
	uint8_t addr[];
};

#define OP25B_ITEM_RELAY	0x40
#define OP25B_ITEM_USED		0x80

struct op25b_shard {
	uint8_t *slots;
	uint32_t room, used;
};

/**
 * struct op25b_table - the entries of one family
 * @family: AF_INET or AF_INET6
 * @seed: what a stranger cannot know, so that he cannot choose prefixes that
 *	all fall into one place
 */
struct op25b_table {
	uint8_t family;
	uint64_t seed;
	struct op25b_shard shard[OP25B_SHARDS];
};

void op25b_table_init(struct op25b_table *t, int family);
void op25b_table_free(struct op25b_table *t);

/* Return: the item, or NULL */
struct op25b_item *op25b_table_find(const struct op25b_table *t,
				    const struct op25b_key *key);

/* The same, but one that is not there is added, all zero. NULL: no memory. */
struct op25b_item *op25b_table_put(struct op25b_table *t,
				   const struct op25b_key *key);

/* The next item behind *@cursor, which begins with 0. Return: it, or NULL */
struct op25b_item *op25b_table_next(const struct op25b_table *t,
				    uint64_t *cursor);

/* Drops the items that @dead is true for, where they are many. Those that
 * there is no memory for to drop stay.
 */
void op25b_table_purge(struct op25b_table *t,
		       bool (*dead)(const struct op25b_item *it));

/* The key of an item. */
void op25b_item_key(const struct op25b_table *t, const struct op25b_item *it,
		    struct op25b_key *key);

#endif /* OP25BCTL_ROUTES_TABLE_H */
