// SPDX-License-Identifier: GPL-2.0
/*
 * New versions of a trie.
 *
 * Every object is fresh (this build made it, no reader can reach it) or in
 * force. On the way down to a change, own() replaces each node in force by a
 * fresh copy, so all that follows writes fresh memory only, and a node that
 * was copied is not copied again. Copying changes no answer: running out of
 * memory half way leaves the same prefixes in a few more copies, and needs no
 * undo.
 *
 * A `link` is the slot that points to an object: the trie's root, or a slot of
 * a fresh parent.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include <linux/op25b.h>

#include "lpm/build.h"
#include "lpm/chunk.h"
#include "lpm/node.h"

/* A prefix seen from a slot: the bits still to come, left aligned and zero
 * behind @len.
 */
static struct op25b_lone lone_below(struct op25b_lone lone, unsigned int bits)
{
	lone.bits = op25b_addr_shl(lone.bits, bits);
	lone.len -= bits;
	return lone;
}

/* @n common leading bits of two left aligned strings, at most @max. */
static unsigned int common_bits(struct op25b_addr a, struct op25b_addr b,
				unsigned int max)
{
	u64 hi = a.hi ^ b.hi, lo = a.lo ^ b.lo;
	unsigned int n = hi ? 64 - fls64(hi) : 128 - fls64(lo);

	return min(n, max);
}

static unsigned int whole_strides(unsigned int bits)
{
	return bits / OP25B_STRIDE * OP25B_STRIDE;
}

static unsigned int skip_words(unsigned int skip)
{
	return !skip ? 0 : skip > OP25B_SKIP_NARROW ? 2 : 1;
}

static void skip_write(struct op25b_node *node, struct op25b_addr bits,
		       unsigned int skip)
{
	u64 *word = (u64 *)node;

	if (!skip)
		return;
	bits = op25b_addr_head(bits, skip);
	if (skip > OP25B_SKIP_NARROW) {
		word[-2] = bits.hi;
		word[-1] = bits.lo | skip;
	} else {
		word[-1] = bits.hi | skip;
	}
}

static u64 node_slot(struct op25b_node *node, unsigned int skip)
{
	return op25b_slot(node, skip ? OP25B_TAG_SKIP : OP25B_TAG_NODE);
}

/* What the node behind @slot skips; 0 and nothing for a NODE. */
static unsigned int slot_skip(u64 slot, struct op25b_addr *bits)
{
	if (op25b_slot_tag(slot) != OP25B_TAG_SKIP) {
		*bits = (struct op25b_addr){};
		return 0;
	}
	*bits = op25b_skip_bits(op25b_slot_node(slot));
	return op25b_skip_count(op25b_slot_node(slot));
}

/* The object behind @slot is not part of this version any more. */
static void retire(struct op25b_build *build, u64 slot)
{
	if (op25b_slot_fresh(slot)) {
		build->trie.bytes -= op25b_slot_free(slot);
	} else {
		build->trie.bytes -= op25b_slot_bytes(slot);
		build->retired_bytes += op25b_slot_bytes(slot);
		op25b_bag_add(&build->retired, slot);
	}
}

/* A fresh slot for a lone prefix. Return: 0 without memory. */
static u64 lone_slot(struct op25b_build *build, struct op25b_lone lone)
{
	struct op25b_host *host;

	if (lone.len <= OP25B_LEAF_BITS)
		return lone.bits.hi | 1ULL << (63 - lone.len) |
		       lone.action << 2 | OP25B_TAG_LEAF;

	host = op25b_host_alloc(&build->trie.bytes);
	if (!host)
		return 0;
	host->hi = lone.bits.hi;
	host->lo |= lone.bits.lo | lone.action;
	if (lone.len < 64)
		host->hi |= 1ULL << (63 - lone.len);
	else
		host->lo |= 1ULL << (127 - lone.len);
	return op25b_slot(host, OP25B_TAG_HOST);
}

static void plane_write(struct op25b_node *node, unsigned int pos, u8 action)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		node->plane[i] &= ~BIT_ULL(pos);
		node->plane[i] |= (u64)(action >> i & 1) << pos;
	}
}

/* A fresh copy of the node behind @slot that skips @skip bits, @bits. */
static u64 node_copy(struct op25b_build *build, u64 slot,
		     struct op25b_addr bits, unsigned int skip)
{
	const struct op25b_node *old = op25b_slot_node(slot);
	unsigned int slots = op25b_node_slots(old);
	struct op25b_node *node;

	node = op25b_node_alloc(skip_words(skip), slots, &build->trie.bytes);
	if (!node)
		return 0;
	node->plane[0] |= old->plane[0];
	node->plane[1] = old->plane[1];
	node->children = old->children;
	memcpy(node->slot, old->slot, slots * sizeof(u64));
	skip_write(node, bits, skip);
	return node_slot(node, skip);
}

/* Makes the node at @link fresh. Return: it, or NULL without memory. */
static struct op25b_node *own(struct op25b_build *build, u64 *link)
{
	struct op25b_addr bits;
	unsigned int skip;
	u64 copy;

	if (op25b_slot_fresh(*link))
		return op25b_slot_node(*link);
	skip = slot_skip(*link, &bits);
	copy = node_copy(build, *link, bits, skip);
	if (!copy)
		return NULL;
	retire(build, *link);
	*link = copy;
	return op25b_slot_node(copy);
}

/* A slot for @value is put into the fresh node at @link. */
static int slot_insert(struct op25b_build *build, u64 *link, unsigned int value,
		       u64 slot)
{
	struct op25b_node *old = op25b_slot_node(*link), *node;
	unsigned int slots = op25b_node_slots(old);
	unsigned int rank = op25b_node_rank(old, value);
	struct op25b_addr bits;
	unsigned int skip = slot_skip(*link, &bits);
	unsigned int words = skip_words(skip);

	node = old;
	if (!op25b_node_same_size(words, slots, slots + 1)) {
		node = op25b_node_alloc(words, slots + 1, &build->trie.bytes);
		if (!node)
			return -ENOMEM;
		memcpy((u64 *)node - words, (u64 *)old - words,
		       words * sizeof(u64) + sizeof(*node));
		memcpy(node->slot, old->slot, rank * sizeof(u64));
	}
	memmove(&node->slot[rank + 1], &old->slot[rank],
		(slots - rank) * sizeof(u64));
	node->slot[rank] = slot;
	if (node != old) {
		retire(build, *link);
		*link = node_slot(node, skip);
	}
	node->children |= BIT_ULL(value);
	return 0;
}

/* The slot for @value is taken out of the fresh node at @link. */
static int slot_remove(struct op25b_build *build, u64 *link, unsigned int value)
{
	struct op25b_node *old = op25b_slot_node(*link), *node;
	unsigned int slots = op25b_node_slots(old);
	unsigned int rank = op25b_node_rank(old, value);
	struct op25b_addr bits;
	unsigned int skip = slot_skip(*link, &bits);
	unsigned int words = skip_words(skip);

	node = old;
	if (!op25b_node_same_size(words, slots, slots - 1)) {
		node = op25b_node_alloc(words, slots - 1, &build->trie.bytes);
		if (!node)
			return -ENOMEM;
		memcpy((u64 *)node - words, (u64 *)old - words,
		       words * sizeof(u64) + sizeof(*node));
		memcpy(node->slot, old->slot, rank * sizeof(u64));
	}
	memmove(&node->slot[rank], &old->slot[rank + 1],
		(slots - rank - 1) * sizeof(u64));
	if (node != old) {
		retire(build, *link);
		*link = node_slot(node, skip);
	}
	node->children &= ~BIT_ULL(value);
	return 0;
}

/* One of the things a node holds: a prefix that ends in it, or a slot. */
struct twig {
	u64 slot;		/* 0: a prefix */
	u8 value;		/* of the slot */
	u8 pos;			/* of the prefix */
	u8 action;
};

static unsigned int top_value(struct op25b_addr bits)
{
	return bits.hi >> (64 - OP25B_STRIDE);
}

/* @lone seen from the node that is to hold it. */
static int twig_lone(struct op25b_build *build, struct op25b_lone lone,
		     struct twig *twig)
{
	*twig = (struct twig){ .value = top_value(lone.bits) };
	if (lone.len < OP25B_STRIDE) {
		twig->pos = op25b_node_pos(twig->value, lone.len);
		twig->action = lone.action;
		return 0;
	}
	twig->slot = lone_slot(build, lone_below(lone, OP25B_STRIDE));
	return twig->slot ? 0 : -ENOMEM;
}

/* A node of two twigs, @skip bits below the slot it is for. 0: no memory. */
static u64 branch(struct op25b_build *build, struct op25b_addr bits,
		  unsigned int skip, const struct twig *a, const struct twig *b)
{
	const struct twig *twigs[] = { a, b };
	struct op25b_node *node;
	unsigned int i;

	node = op25b_node_alloc(skip_words(skip), !!a->slot + !!b->slot,
				&build->trie.bytes);
	if (!node)
		return 0;
	skip_write(node, bits, skip);
	for (i = 0; i < 2; i++) {
		if (twigs[i]->slot)
			node->children |= BIT_ULL(twigs[i]->value);
		else
			plane_write(node, twigs[i]->pos, twigs[i]->action);
	}
	for (i = 0; i < 2; i++)
		if (twigs[i]->slot)
			node->slot[op25b_node_rank(node, twigs[i]->value)] =
				twigs[i]->slot;
	return node_slot(node, skip);
}

/* @lone comes to the LEAF or HOST at @link, which is another prefix: a node
 * where the two part.
 */
static int join(struct op25b_build *build, u64 *link, struct op25b_lone lone)
{
	struct op25b_lone old = op25b_slot_lone(*link);
	unsigned int skip = whole_strides(common_bits(old.bits, lone.bits,
						      min(old.len, lone.len)));
	struct twig a, b;
	u64 slot;

	if (twig_lone(build, lone_below(old, skip), &a))
		return -ENOMEM;
	if (twig_lone(build, lone_below(lone, skip), &b))
		goto err_a;
	slot = branch(build, lone.bits, skip, &a, &b);
	if (!slot)
		goto err_b;
	retire(build, *link);
	*link = slot;
	return 0;

err_b:
	retire(build, b.slot ?: OP25B_TAG_LEAF);
err_a:
	retire(build, a.slot ?: OP25B_TAG_LEAF);
	return -ENOMEM;
}

/* @lone parts from the SKIP at @link before its node: a node between. */
static int split(struct op25b_build *build, u64 *link, struct op25b_lone lone)
{
	struct op25b_addr bits;
	unsigned int skip = slot_skip(*link, &bits);
	unsigned int upper = whole_strides(common_bits(bits, lone.bits,
				min_t(unsigned int, skip, lone.len)));
	struct op25b_addr rest = op25b_addr_shl(bits, upper);
	struct twig a = { .value = top_value(rest) }, b;
	u64 slot;

	a.slot = node_copy(build, *link, op25b_addr_shl(rest, OP25B_STRIDE),
			   skip - upper - OP25B_STRIDE);
	if (!a.slot)
		return -ENOMEM;
	if (twig_lone(build, lone_below(lone, upper), &b))
		goto err_a;
	slot = branch(build, bits, upper, &a, &b);
	if (!slot)
		goto err_b;
	retire(build, *link);
	*link = slot;
	return 0;

err_b:
	retire(build, b.slot ?: OP25B_TAG_LEAF);
err_a:
	retire(build, a.slot);
	return -ENOMEM;
}

/* Does @lone lead into the node of the SKIP at @link? Then what is left of it
 * behind the skipped bits goes back to it.
 */
static bool skip_enter(u64 link, struct op25b_lone *lone)
{
	struct op25b_addr bits;
	unsigned int skip = slot_skip(link, &bits);

	if (lone->len < skip || common_bits(bits, lone->bits, skip) < skip)
		return false;
	*lone = lone_below(*lone, skip);
	return true;
}

/* @lone replaces the LEAF or HOST at @link, or joins it. */
static int lone_set(struct op25b_build *build, u64 *link,
		    struct op25b_lone lone)
{
	struct op25b_lone old = op25b_slot_lone(*link);
	u64 slot;

	if (old.len != lone.len || !op25b_addr_equal(old.bits, lone.bits))
		return join(build, link, lone);
	slot = lone_slot(build, lone);
	if (!slot)
		return -ENOMEM;
	retire(build, *link);
	*link = slot;
	return 0;
}

/* @lone, seen from the root, is put in. */
static int set(struct op25b_build *build, u64 *link, struct op25b_lone lone)
{
	struct op25b_node *node;
	unsigned int value;
	struct twig twig;
	int err;

	for (;;) {
		node = own(build, link);
		if (!node)
			return -ENOMEM;
		value = top_value(lone.bits);
		if (lone.len < OP25B_STRIDE) {
			plane_write(node, op25b_node_pos(value, lone.len),
				    lone.action);
			return 0;
		}
		if (!(node->children >> value & 1)) {
			err = twig_lone(build, lone, &twig);
			if (err)
				return err;
			err = slot_insert(build, link, value, twig.slot);
			if (err)
				retire(build, twig.slot);
			return err;
		}
		link = &node->slot[op25b_node_rank(node, value)];
		lone = lone_below(lone, OP25B_STRIDE);
		if (op25b_slot_tag(*link) == OP25B_TAG_SKIP) {
			if (!skip_enter(*link, &lone))
				return split(build, link, lone);
		} else if (op25b_slot_tag(*link) != OP25B_TAG_NODE) {
			return lone_set(build, link, lone);
		}
	}
}

/* Deleting */

/* What else the node at @link holds than the prefix at @pos, or, with @pos 0,
 * the slot of @value: its one other thing, seen from the slot @link.
 */
static u64 survivor(struct op25b_build *build, u64 link, unsigned int pos,
		    unsigned int value)
{
	struct op25b_node *node = op25b_slot_node(link);
	u64 prefixes = op25b_node_prefixes(node) & ~(pos ? BIT_ULL(pos) : 0);
	u64 children = node->children & ~(pos ? 0 : BIT_ULL(value));
	struct op25b_addr bits, below;
	struct op25b_lone lone;
	unsigned int skip = slot_skip(link, &bits);
	u64 slot;

	if (prefixes) {
		pos = __ffs64(prefixes);
		lone.len = fls(pos) - 1;
		lone.action = op25b_node_action(node, pos);
		lone.bits.lo = 0;
		lone.bits.hi = lone.len ? (u64)pos << (64 - lone.len) : 0;
		lone.bits = op25b_addr_join(bits, skip, lone.bits);
		lone.len += skip;
		return lone_slot(build, lone);
	}

	value = __ffs64(children);
	slot = node->slot[op25b_node_rank(node, value)];
	below = (struct op25b_addr){ .hi = (u64)value << (64 - OP25B_STRIDE) };
	bits = op25b_addr_join(bits, skip, below);
	skip += OP25B_STRIDE;
	if (op25b_slot_tag(slot) == OP25B_TAG_LEAF ||
	    op25b_slot_tag(slot) == OP25B_TAG_HOST) {
		lone = op25b_slot_lone(slot);
		lone.bits = op25b_addr_join(bits, skip, lone.bits);
		lone.len += skip;
		link = lone_slot(build, lone);
	} else {
		unsigned int more = slot_skip(slot, &below);

		bits = op25b_addr_join(bits, skip, below);
		link = node_copy(build, slot, bits, skip + more);
	}
	if (link)
		retire(build, slot);
	return link;
}

/* The prefix at @pos of the fresh node at @link goes, or, with @pos 0, the slot
 * of @value. A node that is left with one thing gives way to it, unless it is
 * the root, which goes when nothing is left.
 */
static int prune(struct op25b_build *build, u64 *link, unsigned int pos,
		 unsigned int value)
{
	struct op25b_node *node = op25b_slot_node(*link);
	unsigned int things = hweight64(op25b_node_prefixes(node)) +
			      op25b_node_slots(node);
	bool root = link == &build->trie.root;
	u64 gone = pos ? OP25B_TAG_LEAF :
			 node->slot[op25b_node_rank(node, value)];
	u64 slot = 0;
	int err = 0;

	if (things == 2 && !root) {
		slot = survivor(build, *link, pos, value);
		if (!slot)
			return -ENOMEM;
	} else if (things > 1 && pos) {
		plane_write(node, pos, OP25B_ACTION_NONE);
		return 0;
	} else if (things > 1) {
		err = slot_remove(build, link, value);
		if (!err)
			retire(build, gone);
		return err;
	}
	retire(build, *link);
	retire(build, gone);
	*link = slot;
	return 0;
}

/* @lone, seen from the root, is there. */
static int del(struct op25b_build *build, u64 *link, struct op25b_lone lone)
{
	struct op25b_node *node;
	unsigned int value;
	u64 *next;

	for (;;) {
		node = own(build, link);
		if (!node)
			return -ENOMEM;
		value = top_value(lone.bits);
		if (lone.len < OP25B_STRIDE)
			return prune(build, link,
				     op25b_node_pos(value, lone.len), 0);
		next = &node->slot[op25b_node_rank(node, value)];
		if (op25b_slot_tag(*next) == OP25B_TAG_LEAF ||
		    op25b_slot_tag(*next) == OP25B_TAG_HOST)
			return prune(build, link, 0, value);
		link = next;
		lone = lone_below(lone, OP25B_STRIDE);
		skip_enter(*link, &lone);
	}
}

void op25b_build_begin(struct op25b_build *build, const struct op25b_trie *base,
		       u8 family)
{
	if (base)
		build->trie = *base;
	else
		build->trie = (struct op25b_trie){ .family = family };
	op25b_bag_init(&build->retired);
	build->retired_bytes = 0;
}

/* @prefix seen from the root. */
static struct op25b_lone from_root(const struct op25b_prefix *prefix, u8 action)
{
	return (struct op25b_lone){
		.bits = op25b_addr_pad(prefix->addr, prefix->family),
		.len = prefix->len + op25b_pad(prefix->family),
		.action = action,
	};
}

int op25b_build_set(struct op25b_build *build,
		    const struct op25b_prefix *prefix, u8 action)
{
	struct op25b_node *node;
	u8 old;
	int err;

	old = op25b_trie_find(&build->trie, prefix);
	if (old == action)
		return 0;
	/* A path and what is replaced at its end. */
	BUILD_BUG_ON(OP25B_TRIE_DEPTH + 4 > OP25B_BAG_ROOM);
	if (op25b_bag_reserve(&build->retired, OP25B_BAG_ROOM))
		return -ENOMEM;
	if (!build->trie.root) {
		node = op25b_node_alloc(0, 0, &build->trie.bytes);
		if (!node)
			return -ENOMEM;
		build->trie.root = node_slot(node, 0);
	}
	err = set(build, &build->trie.root, from_root(prefix, action));
	if (!err && old == OP25B_ACTION_NONE)
		build->trie.count++;
	return err;
}

int op25b_build_del(struct op25b_build *build,
		    const struct op25b_prefix *prefix)
{
	int err;

	if (op25b_trie_find(&build->trie, prefix) == OP25B_ACTION_NONE)
		return -ENOENT;
	if (op25b_bag_reserve(&build->retired, OP25B_BAG_ROOM))
		return -ENOMEM;
	err = del(build, &build->trie.root,
		  from_root(prefix, OP25B_ACTION_NONE));
	if (!err)
		build->trie.count--;
	return err;
}

/* Whole tries */

/* Visits every object below and at @root, children first; with @fresh only
 * fresh ones, which hang below fresh ones alone. @visit may free the object.
 */
static void walk(u64 root, bool fresh, void (*visit)(u64 slot))
{
	struct {
		u64 slot;
		unsigned int next;
	} stack[OP25B_TRIE_DEPTH];
	unsigned int seen = 0;
	int top = 0;

	if (!root || (fresh && !op25b_slot_fresh(root)))
		return;
	stack[0].slot = root;
	stack[0].next = 0;
	while (top >= 0) {
		struct op25b_node *node = op25b_slot_node(stack[top].slot);
		u64 slot;

		if (stack[top].next == op25b_node_slots(node)) {
			visit(stack[top--].slot);
			op25b_chunk(&seen);
			continue;
		}
		slot = node->slot[stack[top].next++];
		if (op25b_slot_tag(slot) == OP25B_TAG_LEAF ||
		    (fresh && !op25b_slot_fresh(slot)))
			continue;
		if (op25b_slot_tag(slot) == OP25B_TAG_HOST) {
			visit(slot);
			op25b_chunk(&seen);
			continue;
		}
		stack[++top].slot = slot;
		stack[top].next = 0;
	}
}

static void seal(u64 slot)
{
	if (op25b_slot_tag(slot) == OP25B_TAG_HOST)
		op25b_slot_host(slot)->lo &= ~OP25B_HOST_FRESH;
	else
		op25b_slot_node(slot)->plane[0] &= ~OP25B_FRESH;
}

static void free_one(u64 slot)
{
	op25b_slot_free(slot);
}

/* Where lookups begin: at the root or, if that has one slot and nothing else,
 * below it. In the canonical form no other node has only one thing.
 */
static void find_start(struct op25b_trie *trie)
{
	const struct op25b_node *root = op25b_slot_node(trie->root);
	struct op25b_addr stem = {}, bits;
	unsigned int skip;
	u64 slot;

	trie->start = trie->root;
	trie->stem = 0;
	trie->stem_len = 0;
	if (!root || op25b_node_slots(root) != 1 || op25b_node_prefixes(root))
		return;
	slot = root->slot[0];
	if (op25b_slot_tag(slot) == OP25B_TAG_LEAF ||
	    op25b_slot_tag(slot) == OP25B_TAG_HOST)
		return;
	skip = slot_skip(slot, &bits);
	if (OP25B_STRIDE + skip > OP25B_STEM_MAX)
		return;
	stem.hi = (u64)__ffs64(root->children) << (64 - OP25B_STRIDE);
	trie->stem = op25b_addr_join(stem, OP25B_STRIDE, bits).hi;
	trie->stem_len = OP25B_STRIDE + skip;
	trie->start = slot;
}

void op25b_build_seal(struct op25b_build *build)
{
	walk(build->trie.root, true, seal);
	find_start(&build->trie);
}

void op25b_build_abort(struct op25b_build *build)
{
	walk(build->trie.root, true, free_one);
	op25b_bag_forget(&build->retired);
	build->trie = (struct op25b_trie){ .family = build->trie.family };
}

void op25b_trie_free(struct op25b_trie *trie)
{
	walk(trie->root, false, free_one);
	*trie = (struct op25b_trie){ .family = trie->family };
}
