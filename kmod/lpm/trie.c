// SPDX-License-Identifier: GPL-2.0
/*
 * Longest-prefix match: lookup and walk.
 *
 * Theory of operation
 * ===================
 *
 * A tree bitmap (Eatherton, Varghese, Dittia: "Tree Bitmap", ACM CCR 34(2),
 * 2004) of six-bit strides with three changes: the action of a prefix is in the
 * node itself, a lone prefix is a leaf in its parent's slot, and a path that
 * nobody branches from is skipped.
 *
 * A node covers six bits of address. Prefixes that end inside them are bits of
 * two bitmaps ("planes"), in heap order: the one of relative length l and value
 * v has position 1 << l | v. Longer ones hang below one of 64 values; only the
 * values in use have a slot, found by counting the bits of `children` below it.
 *
 * IPv4, strides ending at bits 3, 9, 15, 21, 27, 32. With
 *
 *	100.64.0.0/10 block, 100.64.7.9/32 exempt, 198.51.100.0/24 block
 *
 *	root: three zeros of padding, then the first three bits of address
 *	  value 011 -> SKIP "001000", node of bits 9 to 14
 *	                 position 1 << 1 | 1: block       (100.64.0.0/10)
 *	                 value 100000 -> LEAF exempt      (100.64.7.9/32)
 *	                                 "0 00000111 00001001" is left of it
 *	  value 110 -> LEAF block                         (198.51.100.0/24)
 *	               "00110 00110011 01100100" is left of it
 *
 * A prefix that ends exactly where a stride does has relative length 0 in the
 * node below, position 1.
 *
 * Canonical form. The shape depends on the set of prefixes alone, not on the
 * order in which they came: below a slot, no prefix is nothing, one is a LEAF
 * or a HOST, more are a node at the deepest multiple of six bits that all of
 * them share; if that is not the next stride, the slot says SKIP and the shared
 * bits stand before the node. So every node but the root branches or holds a
 * prefix, and no list, however chosen, makes long chains: the number of nodes
 * is less than the number of prefixes.
 *
 * Lookup. The stem, bits that all prefixes of a sealed trie share, is compared
 * at once, and the nodes along it are passed by; a provider's pools often have
 * one. Then one node a stride; from each, the longest prefix that holds the
 * address is the highest bit of planes & heads(value), for longer ones have
 * higher positions. Only the last node with a hit is remembered and its action
 * read at the end. Cost: one cache line for a node's head and one for its slot,
 * at most 6 nodes for IPv4 and 22 for IPv6. Where the slot is, the head tells;
 * but the line where it would be if one value of four had a slot is asked for
 * together with the head's. In a routing table that is mostly the right one or
 * the next, and the two misses become one.
 *
 * Update (build.c). Nothing that a reader can reach is written: the nodes from
 * the root down to the change are copied, once per version however many
 * changes it has, and published by the ruleset's pointer. The old ones are
 * freed after a grace period (garbage.c).
 *
 * Memory. A node is 24 bytes and 8 for each slot, 8 or 16 for a skip. The worst
 * list has a SKIP node of two slots (48 bytes) and a HOST (16) for each prefix:
 * 64 bytes. Real ones: see the table in README.md.
 *
 * Why this one: a binary trie costs a cache miss a bit; leaf pushing (poptrie,
 * DXR) makes lookups shorter, but an update rewrites what it pushed into.
 */
#include <linux/op25b.h>

#include "lpm/node.h"
#include "lpm/trie.h"

/* Does the LEAF @slot hold what is left of an address? */
static __always_inline bool leaf_holds(u64 slot, u64 rest)
{
	unsigned int len = op25b_leaf_len(slot);

	/* Two shifts: there may be no bit left to compare. */
	return !((slot ^ rest) >> 1 >> (63 - len));
}

static __always_inline struct op25b_match match_leaf(u64 slot,
						     unsigned int depth)
{
	return (struct op25b_match){
		op25b_leaf_action(slot), depth + op25b_leaf_len(slot)
	};
}

/* Both of a HOST; OP25B_ACTION_NONE: it does not hold @rest. */
static __always_inline struct op25b_match
match_host(u64 slot, struct op25b_addr rest, unsigned int depth)
{
	struct op25b_lone lone = op25b_host_lone(op25b_slot_host(slot));

	if (!op25b_addr_equal(op25b_addr_head(rest, lone.len), lone.bits))
		return (struct op25b_match){ OP25B_ACTION_NONE, 0 };
	return (struct op25b_match){ lone.action, depth + lone.len };
}

/* All that an IPv4 node can skip is narrow. */
static __always_inline bool skip_holds(const struct op25b_node *node,
				       struct op25b_addr rest, u8 family)
{
	unsigned int n = op25b_skip_count(node);
	const u64 *word = (const u64 *)node;

	if (family == OP25B_V4 || likely(n <= OP25B_SKIP_NARROW))
		return !((word[-1] ^ rest.hi) >> (-n % 64));
	if (n <= 64)
		return !((word[-2] ^ rest.hi) >> (64 - n));
	return word[-2] == rest.hi && !((word[-1] ^ rest.lo) >> (128 - n));
}

/* @family is a constant where this is compiled in: an IPv4 address is one word,
 * and half of the shifting goes.
 */
static __always_inline struct op25b_addr shl(struct op25b_addr addr,
					     unsigned int n, u8 family)
{
	if (family == OP25B_V4)
		return (struct op25b_addr){ .hi = addr.hi << n };
	return op25b_addr_shl(addr, n);
}

/* The longest prefix among @hit, bits of @node's positions. */
static __always_inline struct op25b_match
match_inside(const struct op25b_node *node, u64 hit, unsigned int depth)
{
	unsigned int pos = fls64(hit) - 1;

	return (struct op25b_match){
		op25b_node_action(node, pos), depth + __fls(pos)
	};
}

/* @addr is padded; no length counts that. */
static __always_inline struct op25b_match
lookup(const struct op25b_trie *trie, struct op25b_addr addr, u8 family)
{
	const struct op25b_node *node, *best = NULL;
	unsigned int depth = trie->stem_len - op25b_pad(family), best_depth = 0;
	u64 ends, before, slot, best_hit = 0;
	struct op25b_match host;
	unsigned int value, skip;

	if (!trie->start)
		return (struct op25b_match){ OP25B_ACTION_NONE, 0 };
	/* Two shifts: there may be no stem. By x ^ 63, which is 63 - x, and
	 * on x86 takes no register for the 63; so below.
	 */
	if ((addr.hi ^ trie->stem) >> 1 >> (trie->stem_len ^ 63))
		return (struct op25b_match){ OP25B_ACTION_NONE, 0 };
	addr = shl(addr, trie->stem_len, family);
	node = op25b_slot_node(trie->start);
	for (;;) {
		value = addr.hi >> (64 - OP25B_STRIDE);
		/* slot[value / 4] in bytes, one instruction. Not prefetch():
		 * on x86 that keeps the line out of L2.
		 */
		__builtin_prefetch((const u8 *)node->slot + 2 * value);
		ends = (node->plane[0] | node->plane[1]) &
		       op25b_node_heads(value);
		if (ends) {
			best = node;
			best_hit = ends;
			best_depth = depth;
		}
		/* The children from value 0 to this one, which is on top. */
		before = node->children << (value ^ (OP25B_FANOUT - 1));
		if (!(before >> (OP25B_FANOUT - 1)))
			break;

		slot = node->slot[hweight64(before) - 1];
		addr = shl(addr, OP25B_STRIDE, family);
		depth += OP25B_STRIDE;
		node = op25b_slot_node(slot);
		if (op25b_slot_tag(slot) == OP25B_TAG_NODE)
			continue;
		if (op25b_slot_tag(slot) == OP25B_TAG_SKIP) {
			if (!skip_holds(node, addr, family))
				break;
			skip = op25b_skip_count(node);
			addr = shl(addr, skip, family);
			depth += skip;
			continue;
		}
		if (op25b_slot_tag(slot) == OP25B_TAG_LEAF) {
			if (leaf_holds(slot, addr.hi))
				return match_leaf(slot, depth);
		} else if (family == OP25B_V6) {
			host = match_host(slot, addr, depth);
			if (host.action != OP25B_ACTION_NONE)
				return host;
		}
		break;
	}
	if (!best)
		return (struct op25b_match){ OP25B_ACTION_NONE, 0 };
	return match_inside(best, best_hit, best_depth);
}

struct op25b_match op25b_trie_lookup_v4(const struct op25b_trie *trie,
					u64 addr)
{
	return lookup(trie, op25b_addr_pad((struct op25b_addr){ .hi = addr },
					   OP25B_V4), OP25B_V4);
}

struct op25b_match op25b_trie_lookup_v6(const struct op25b_trie *trie,
					struct op25b_addr addr)
{
	return lookup(trie, addr, OP25B_V6);
}

u8 op25b_trie_find(const struct op25b_trie *trie,
		   const struct op25b_prefix *prefix)
{
	unsigned int left = prefix->len + op25b_pad(trie->family);
	struct op25b_addr rest = op25b_addr_pad(prefix->addr, trie->family);
	const struct op25b_node *node;
	u64 slot = trie->root;
	unsigned int value;

	if (!slot)
		return OP25B_ACTION_NONE;
	for (;;) {
		node = op25b_slot_node(slot);
		value = rest.hi >> (64 - OP25B_STRIDE);
		if (left < OP25B_STRIDE)
			return op25b_node_action(node,
						 op25b_node_pos(value, left));
		if (!(node->children >> value & 1))
			return OP25B_ACTION_NONE;
		slot = node->slot[op25b_node_rank(node, value)];
		rest = op25b_addr_shl(rest, OP25B_STRIDE);
		left -= OP25B_STRIDE;
		if (op25b_slot_tag(slot) == OP25B_TAG_SKIP) {
			node = op25b_slot_node(slot);
			if (left < op25b_skip_count(node) ||
			    !skip_holds(node, rest, trie->family))
				return OP25B_ACTION_NONE;
			rest = op25b_addr_shl(rest, op25b_skip_count(node));
			left -= op25b_skip_count(node);
		} else if (op25b_slot_tag(slot) != OP25B_TAG_NODE) {
			struct op25b_lone lone = op25b_slot_lone(slot);

			return lone.len == left &&
			       op25b_addr_equal(lone.bits, rest) ?
			       lone.action : OP25B_ACTION_NONE;
		}
	}
}

/* The walk. Addresses are padded (node.h) until they leave. */

/* The six bits of @value put behind the first @depth bits of an address. */
static struct op25b_addr place(struct op25b_addr base, unsigned int depth,
			       unsigned int value)
{
	struct op25b_addr bits = { .hi = (u64)value << (64 - OP25B_STRIDE) };

	return op25b_addr_join(base, depth, bits);
}

/* The positions of the prefixes that begin at @value: those that hold it and
 * have only zeros of it behind their own length.
 */
static u64 starts(unsigned int value)
{
	unsigned int min = value ? OP25B_STRIDE - __ffs(value) : 0;

	/* Those of length min and longer have positions 1 << min and up. */
	if (min >= OP25B_STRIDE)
		return 0;
	return op25b_node_heads(value) & ~0ULL << (1U << min);
}

static void frame_at(struct op25b_trie_frame *f, unsigned int value)
{
	f->value = value;
	f->pending = (f->node->plane[0] | f->node->plane[1]) & starts(value);
	f->child = f->node->children >> value & 1;
}

static void push(struct op25b_trie_iter *it, u64 slot, struct op25b_addr base,
		 unsigned int depth)
{
	struct op25b_trie_frame *f = &it->stack[++it->top];

	f->node = op25b_slot_node(slot);
	f->base = base;
	f->depth = depth;
	frame_at(f, 0);
}

static u64 slot_of(const struct op25b_trie_frame *f)
{
	return f->node->slot[op25b_node_rank(f->node, f->value)];
}

/* The path to what hangs in the slot of @f's value, and its length. */
static struct op25b_addr below(const struct op25b_trie_frame *f, u64 slot,
			       unsigned int *depth)
{
	struct op25b_addr base = place(f->base, f->depth, f->value);

	*depth = f->depth + OP25B_STRIDE;
	if (op25b_slot_tag(slot) == OP25B_TAG_SKIP) {
		const struct op25b_node *node = op25b_slot_node(slot);

		base = op25b_addr_join(base, *depth, op25b_skip_bits(node));
		*depth += op25b_skip_count(node);
	}
	return base;
}

static void emit(const struct op25b_trie_iter *it, struct op25b_addr addr,
		 unsigned int len, struct op25b_prefix *prefix)
{
	prefix->addr = op25b_addr_shl(addr, op25b_pad(it->family));
	prefix->len = len - op25b_pad(it->family);
	prefix->family = it->family;
}

/* The LEAF or HOST in the slot of @f's value. */
static u8 emit_lone(const struct op25b_trie_iter *it,
		    const struct op25b_trie_frame *f, u64 slot,
		    struct op25b_prefix *prefix)
{
	struct op25b_lone lone = op25b_slot_lone(slot);
	struct op25b_addr base;
	unsigned int depth;

	base = below(f, slot, &depth);
	emit(it, op25b_addr_join(base, depth, lone.bits), depth + lone.len,
	     prefix);
	return lone.action;
}

/* Is @a behind @b in the order of the walk? */
static bool behind(const struct op25b_prefix *a, const struct op25b_prefix *b)
{
	int cmp = op25b_addr_cmp(a->addr, b->addr);

	return cmp > 0 || (!cmp && a->len > b->len);
}

/* Puts the frame on top behind @after, which has @len bits, @addr, both padded.
 * Return: the slot to go on in, 0 if the iterator stands where it should.
 */
static u64 seek(struct op25b_trie_iter *it, const struct op25b_prefix *after,
		struct op25b_addr addr, unsigned int len)
{
	struct op25b_trie_frame *f = &it->stack[it->top];
	struct op25b_prefix lone;
	struct op25b_addr base;
	unsigned int depth;
	u64 slot;
	int cmp;

	frame_at(f, op25b_addr_shl(addr, f->depth).hi >> (64 - OP25B_STRIDE));
	if (len < f->depth + OP25B_STRIDE) {
		f->pending &= ~1ULL << op25b_node_pos(f->value, len - f->depth);
		return 0;
	}
	f->pending = 0;		/* all of them hold @after */
	if (!f->child)
		return 0;

	slot = slot_of(f);
	if (op25b_slot_tag(slot) == OP25B_TAG_LEAF ||
	    op25b_slot_tag(slot) == OP25B_TAG_HOST) {
		emit_lone(it, f, slot, &lone);
		f->child = behind(&lone, after);
		return 0;
	}
	base = below(f, slot, &depth);
	cmp = op25b_addr_cmp(base, op25b_addr_head(addr, depth));
	f->child = cmp > 0 || (!cmp && len < depth);
	return cmp || len < depth ? 0 : slot;
}

void op25b_trie_first(struct op25b_trie_iter *it, const struct op25b_trie *trie,
		      const struct op25b_prefix *after)
{
	struct op25b_addr base = {}, addr;
	unsigned int depth = 0, len;
	u64 slot = trie->root;

	it->top = -1;
	it->family = trie->family;
	if (!slot)
		return;
	push(it, slot, base, depth);
	if (!after)
		return;
	addr = op25b_addr_pad(after->addr, trie->family);
	len = after->len + op25b_pad(trie->family);
	while ((slot = seek(it, after, addr, len))) {
		base = below(&it->stack[it->top], slot, &depth);
		push(it, slot, base, depth);
	}
}

u8 op25b_trie_next(struct op25b_trie_iter *it, struct op25b_prefix *prefix)
{
	struct op25b_addr base;
	unsigned int pos, depth;
	u64 slot;

	while (it->top >= 0) {
		struct op25b_trie_frame *f = &it->stack[it->top];

		if (f->pending) {
			pos = __ffs64(f->pending);
			f->pending &= f->pending - 1;
			emit(it, place(f->base, f->depth, f->value),
			     f->depth + fls(pos) - 1, prefix);
			return op25b_node_action(f->node, pos);
		}
		if (f->child) {
			f->child = false;
			slot = slot_of(f);
			if (op25b_slot_tag(slot) == OP25B_TAG_LEAF ||
			    op25b_slot_tag(slot) == OP25B_TAG_HOST)
				return emit_lone(it, f, slot, prefix);
			base = below(f, slot, &depth);
			push(it, slot, base, depth);
			continue;
		}
		if (f->value == OP25B_FANOUT - 1)
			it->top--;
		else
			frame_at(f, f->value + 1);
	}
	return OP25B_ACTION_NONE;
}
