/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sources that make the most attempts, found in bounded memory. What one
 * CPU has seen; knows no namespace, no CPU and no clock. How packets get there
 * is sight.h's. Theory of operation, and what it guarantees, in heavy.c.
 */
#ifndef _OP25B_HEAVY_H
#define _OP25B_HEAVY_H

#include <linux/types.h>

#include "lpm/addr.h"

#define OP25B_HEAVY_SETS	128	/* a power of two */
#define OP25B_HEAVY_WAYS	7	/* a set is one cache line */
#define OP25B_HEAVY_PLACES	(OP25B_HEAVY_SETS * OP25B_HEAVY_WAYS)
#define OP25B_HEAVY_BITS	512	/* of the sketch of destinations */

struct op25b_heavy;

/**
 * struct op25b_offender - what is known of a source
 * @addr: of its last packet, whole
 * @packets: since it came into the table (as are @bytes to @syns, @first_seen
 *	and @destinations)
 * @bytes: of these
 * @attempts: of these, what enum op25b_says calls that
 * @syns: of these
 * @error: attempts that it may have made before, at most; U32_MAX per CPU is
 *	no limit any more
 * @destinations: an estimate of how many, see heavy.c
 * @first_seen: seconds of CLOCK_REALTIME
 * @last_seen: same
 * @family: enum op25b_family
 * @len: how many bits of @addr make the source
 * @prefix_len: of the prefix that decided about the last packet
 * @action: of that
 * @exempt: the last packet was let through for it
 * @watched: the last packet would have been blocked
 */
struct op25b_offender {
	struct op25b_addr addr;
	u64 packets;
	u64 bytes;
	u64 attempts;
	u64 syns;
	u64 error;
	u32 destinations;
	u32 first_seen;
	u32 last_seen;
	u8 family;
	u8 len;
	u8 prefix_len;
	u8 action;
	bool exempt;
	bool watched;
};

/* One source in one table, as op25b_heavy_read() finds it. */
struct op25b_heavy_item {
	struct op25b_offender offender;
	unsigned long seen[OP25B_HEAVY_BITS / (8 * sizeof(long))];
	u32 hash;		/* its upper half, and which set */
	u32 floor;		/* error of a newcomer in its table and set */
	bool told;
};

/* Bytes of a table; zeroed it is empty, but for op25b_heavy_setup(). */
size_t op25b_heavy_size(void);
void op25b_heavy_setup(struct op25b_heavy *table);

/* Places in use. */
u32 op25b_heavy_used(const struct op25b_heavy *table, u32 version);

/* What is not of @version will never be found again, should its own version
 * come back. Context: any; nobody counts with another version.
 */
void op25b_heavy_forget(struct op25b_heavy *table, u32 version);

/* Reads what is of @version in set @set of @table into @items, which has room
 * for OP25B_HEAVY_WAYS. @len: of an IPv6 source. *@floors grows by the error of
 * a newcomer. Return: how many. Context: any.
 */
unsigned int op25b_heavy_read(const struct op25b_heavy *table, u32 version,
			      u32 set, u8 len, u64 *floors,
			      struct op25b_heavy_item *items);

/* Makes one item of those of the same source, in one set of all tables:
 * @floors is the sum of all tables' floors. Return: how many are left, at the
 * front. Context: may sleep.
 */
unsigned int op25b_heavy_merge(struct op25b_heavy_item *items, unsigned int n,
			       u64 floors);

/* Worst first: by attempts, then who was seen later, then by address. Context:
 * may sleep.
 */
void op25b_heavy_sort(struct op25b_offender *list, u32 count);

/* Remembers with the source of @hash, an item's, that it has been told of. */
void op25b_heavy_tell(struct op25b_heavy *table, u32 hash);

/* Of a source or a destination: op25b_addr_hash() and the finisher of
 * splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
 */
static inline u32 op25b_heavy_hash(u64 seed, struct op25b_addr addr)
{
	u64 z = op25b_addr_hash(seed, addr);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static inline u32 op25b_heavy_set(u32 hash)
{
	return hash % OP25B_HEAVY_SETS;
}

/* How many things were thrown at OP25B_HEAVY_BITS bits if @bits were hit. */
u32 op25b_heavy_distinct(unsigned int bits);

#endif /* _OP25B_HEAVY_H */
