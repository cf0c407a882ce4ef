/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The nodes of the trie: layout, tagged slots, memory. Theory in trie.c.
 *
 * A slot is one u64. Its two low bits say what it is:
 *
 *   NODE  pointer to the plane[] of a node one stride further down
 *   SKIP  the same, but the node stands deeper: the bits between, which all
 *         prefixes below share, are in one or two words *before* plane[]
 *   LEAF  a lone prefix in the slot itself:
 *           63 ......................................... 5  4 ... 2  1 0
 *           its remaining bits, then a 1 that ends them, 0s  action   1
 *         which holds up to 58 remaining bits: all of IPv4, IPv6 up to /64
 *   HOST  pointer to a struct op25b_host: a lone prefix with more bits
 */
#ifndef _OP25B_NODE_H
#define _OP25B_NODE_H

#include <linux/bitops.h>
#include <linux/types.h>

#include "lpm/addr.h"

#define OP25B_STRIDE	6
#define OP25B_FANOUT	64	/* 2 to the OP25B_STRIDE */

/**
 * struct op25b_node - six bits of address
 * @plane: the prefixes that end inside these six bits, two bits each: 0 none,
 *	else enum op25b_action. A prefix of relative length l and value v has
 *	position 1 << l | v (heap order, 1 to 63). Position 0 of plane[0] says
 *	that no reader can reach the node yet (OP25B_FRESH).
 * @children: which of the 64 values have a slot
 * @slot: those slots, in the order of the values
 */
struct op25b_node {
	u64 plane[2];
	u64 children;
	u64 slot[];
};

#define OP25B_FRESH		BIT_ULL(0)

extern u64 op25b_heads[OP25B_FANOUT / 2];	/* op25b_node_heads() */

/* A lone prefix of more than 58 remaining bits: those bits, left aligned, a 1
 * that ends them, zeros, then OP25B_HOST_FRESH and three bits of action. An
 * IPv6 slot has consumed six bits at least, so 122 + 1 + 4 bits are enough.
 */
struct op25b_host {
	u64 hi;
	u64 lo;
};

#define OP25B_HOST_FRESH	BIT_ULL(3)
#define OP25B_HOST_ACTION	0x7ULL

enum op25b_tag {
	OP25B_TAG_NODE,
	OP25B_TAG_LEAF,
	OP25B_TAG_SKIP,
	OP25B_TAG_HOST,
};

#define OP25B_TAG_MASK		0x3ULL
#define OP25B_LEAF_SHIFT	5
#define OP25B_LEAF_BITS		(63 - OP25B_LEAF_SHIFT)

/* The skip word plane[-1]: the number of skipped bits (a multiple of six, 6 to
 * 120) in the low seven, the bits themselves left aligned above. More than 57
 * do not fit: then plane[-2] has the first 64 and plane[-1] the rest.
 */
#define OP25B_SKIP_COUNT	0x7fULL
#define OP25B_SKIP_NARROW	57

static inline enum op25b_tag op25b_slot_tag(u64 slot)
{
	return slot & OP25B_TAG_MASK;
}

static inline struct op25b_node *op25b_slot_node(u64 slot)
{
	return (struct op25b_node *)(uintptr_t)(slot & ~OP25B_TAG_MASK);
}

static inline struct op25b_host *op25b_slot_host(u64 slot)
{
	return (struct op25b_host *)(uintptr_t)(slot & ~OP25B_TAG_MASK);
}

static inline u64 op25b_slot(const void *p, enum op25b_tag tag)
{
	return (u64)(uintptr_t)p | tag;
}

/* How many bits the SKIP @node skips, and which (left aligned). */
static inline unsigned int op25b_skip_count(const struct op25b_node *node)
{
	return ((const u64 *)node)[-1] & OP25B_SKIP_COUNT;
}

static inline struct op25b_addr op25b_skip_bits(const struct op25b_node *node)
{
	const u64 *word = (const u64 *)node;
	struct op25b_addr bits = { .hi = word[-1] & ~OP25B_SKIP_COUNT };

	if (op25b_skip_count(node) > OP25B_SKIP_NARROW) {
		bits.lo = bits.hi;
		bits.hi = word[-2];
	}
	return bits;
}

static inline unsigned int op25b_node_slots(const struct op25b_node *node)
{
	return hweight64(node->children);
}

/* Where the slot of @value is, or would go. */
static inline unsigned int op25b_node_rank(const struct op25b_node *node,
					   unsigned int value)
{
	return hweight64(node->children & (BIT_ULL(value) - 1));
}

static inline u64 op25b_node_prefixes(const struct op25b_node *node)
{
	return (node->plane[0] | node->plane[1]) & ~OP25B_FRESH;
}

/* The action at @pos, enum op25b_action. */
static inline u8 op25b_node_action(const struct op25b_node *node,
				   unsigned int pos)
{
	return (node->plane[0] >> pos & 1) | (node->plane[1] >> pos & 1) << 1;
}

/* The position of the prefix of relative length @len (0 to 5) at @value. */
static inline unsigned int op25b_node_pos(unsigned int value, unsigned int len)
{
	return 1U << len | value >> (OP25B_STRIDE - len);
}

/* The positions of the six prefixes that hold @value, /0 to /5. From a table of
 * four cache lines: the value is known before the node is, so a miss here waits
 * in the shadow of the node's.
 */
static inline u64 op25b_node_heads(unsigned int value)
{
	return op25b_heads[value >> 1];
}

/* Zeros ahead of an address, so that strides end where they pay: IPv4's at
 * bits 3, 9, ... 27, so that the last node has /27 to /32 in its bitmaps, 32
 * hosts in 24 bytes. IPv6 has none, because of struct op25b_host.
 */
static inline unsigned int op25b_pad(u8 family)
{
	return family == OP25B_V4 ? 3 : 0;
}

static inline struct op25b_addr op25b_addr_pad(struct op25b_addr addr,
					       u8 family)
{
	addr.hi >>= op25b_pad(family);	/* IPv4's lo is 0 */
	return addr;
}

/* The remaining bits that count, and the action, of a LEAF. */
static inline unsigned int op25b_leaf_len(u64 slot)
{
	return OP25B_LEAF_BITS - __ffs64(slot >> OP25B_LEAF_SHIFT);
}

static inline u8 op25b_leaf_action(u64 slot)
{
	return slot >> 2 & 7;
}

/* What a LEAF or a HOST says, unpacked. @bits is left aligned. */
struct op25b_lone {
	struct op25b_addr bits;
	u8 len;			/* remaining bits that count */
	u8 action;
};

static __always_inline struct op25b_lone
op25b_host_lone(const struct op25b_host *host)
{
	u64 tail = host->lo & ~(OP25B_HOST_FRESH | OP25B_HOST_ACTION);
	struct op25b_lone lone = {
		.bits = { host->hi, host->lo },
		.len = tail ? 127 - __ffs64(tail) : 63 - __ffs64(host->hi),
		.action = host->lo & OP25B_HOST_ACTION,
	};

	lone.bits = op25b_addr_head(lone.bits, lone.len);
	return lone;
}

static inline struct op25b_lone op25b_slot_lone(u64 slot)
{
	struct op25b_lone lone = { .bits = { slot } };

	if (op25b_slot_tag(slot) == OP25B_TAG_HOST)
		return op25b_host_lone(op25b_slot_host(slot));
	lone.len = op25b_leaf_len(slot);
	lone.action = op25b_leaf_action(slot);
	lone.bits = op25b_addr_head(lone.bits, lone.len);
	return lone;
}

int op25b_node_init(void);
void op25b_node_exit(void);

/* A zeroed node, fresh, with room for @slots slots and @words skip words (0 to
 * 2); its cost in bytes is added to *@bytes. NULL: no memory. May sleep.
 */
struct op25b_node *op25b_node_alloc(unsigned int words, unsigned int slots,
				    u64 *bytes);
struct op25b_host *op25b_host_alloc(u64 *bytes);

/* Is a node of @a slots as large as one of @b? Both with @words skip words. */
bool op25b_node_same_size(unsigned int words, unsigned int a, unsigned int b);

/* The bytes of the one object behind @slot, 0 for a LEAF. */
size_t op25b_slot_bytes(u64 slot);

/* Frees the one object behind @slot (nothing for a LEAF), not what hangs below
 * it. Return: the bytes freed. Context: no reader can reach it.
 */
size_t op25b_slot_free(u64 slot);

/* Can no reader reach the object behind @slot yet? */
static inline bool op25b_slot_fresh(u64 slot)
{
	switch (op25b_slot_tag(slot)) {
	case OP25B_TAG_LEAF:
		return true;
	case OP25B_TAG_HOST:
		return op25b_slot_host(slot)->lo & OP25B_HOST_FRESH;
	default:
		return op25b_slot_node(slot)->plane[0] & OP25B_FRESH;
	}
}

#endif /* _OP25B_NODE_H */
