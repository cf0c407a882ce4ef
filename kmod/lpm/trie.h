/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Longest-prefix match, IPv4 and IPv6 in one engine. A trie that a reader can
 * reach never changes; build.h makes a new version of it. Theory of operation
 * in trie.c.
 */
#ifndef _OP25B_TRIE_H
#define _OP25B_TRIE_H

#include "lpm/addr.h"

struct op25b_node;

/**
 * struct op25b_trie - one version of one family's prefixes, copied by value
 * @root: a NODE slot (node.h), 0 when empty
 * @start: a NODE or SKIP slot: where lookups begin, below the stem
 * @stem: bits that all prefixes share, padded and left aligned, zero behind
 *	@stem_len
 * @bytes: memory of its nodes
 * @count: prefixes in it
 * @stem_len: 0 to OP25B_STEM_MAX
 * @family: enum op25b_family
 */
struct op25b_trie {
	u64 root;
	u64 start;
	u64 stem;
	u64 bytes;
	u32 count;
	u8 stem_len;
	u8 family;
};

#define OP25B_STEM_MAX	60	/* whole strides in one word */

struct op25b_match {
	u8 action;		/* enum op25b_action, NONE: no prefix matches */
	u8 len;			/* of the longest match */
};

/* Below, of either family; of an IPv4 address its first word. */
struct op25b_match __pure op25b_trie_lookup_v4(const struct op25b_trie *trie,
					       u64 addr);
struct op25b_match __pure op25b_trie_lookup_v6(const struct op25b_trie *trie,
					       struct op25b_addr addr);

/* The longest prefix that holds @addr, of a trie that is sealed (build.h).
 * @family: the trie's, and the address's; best a constant.
 * Context: RCU or the writer's lock.
 */
static __always_inline struct op25b_match
op25b_trie_lookup(const struct op25b_trie *trie, u8 family,
		  struct op25b_addr addr)
{
	return family == OP25B_V4 ? op25b_trie_lookup_v4(trie, addr.hi) :
				    op25b_trie_lookup_v6(trie, addr);
}

/* The action of exactly @prefix, OP25B_ACTION_NONE if absent, of any trie.
 * Context: same.
 */
u8 op25b_trie_find(const struct op25b_trie *trie,
		   const struct op25b_prefix *prefix);

/* In-order walk: by address, then length. The iterator is valid within one
 * RCU read section or hold of the writer's lock.
 */
#define OP25B_TRIE_DEPTH 22	/* IPv6: depth 0, 6, ... 126; IPv4 has fewer */

struct op25b_trie_iter {
	int top;			/* of the stack, -1: done */
	struct op25b_trie_frame {
		const struct op25b_node *node;
		struct op25b_addr base;	/* path to the node, padded (node.h) */
		u64 pending;		/* prefixes at @value still to come */
		u8 depth;		/* bits of @base */
		u8 value;		/* where in the node */
		bool child;		/* the slot of @value still to come */
	} stack[OP25B_TRIE_DEPTH];
	u8 family;
};

/* Begin before the first prefix, or behind @after when it is not NULL (which
 * need not be in the trie any more).
 */
void op25b_trie_first(struct op25b_trie_iter *it, const struct op25b_trie *trie,
		      const struct op25b_prefix *after);

/* Return: the action of the next prefix, which goes to @prefix; NONE at the
 * end.
 */
u8 op25b_trie_next(struct op25b_trie_iter *it, struct op25b_prefix *prefix);

#endif /* _OP25B_TRIE_H */
