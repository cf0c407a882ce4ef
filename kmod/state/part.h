/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one origin has in a ruleset.
 */
#ifndef _OP25B_PART_H
#define _OP25B_PART_H

#include "lpm/trie.h"
#include "state/entry.h"

struct op25b_filter;
struct op25b_store;

#define OP25B_TRIES	(OP25B_ENTRY_KINDS * OP25B_FAMILIES)

/* Which of them holds the entries of @kind and @family. */
static inline u32 op25b_trie_of(enum op25b_entry_kind kind, u8 family)
{
	return kind * OP25B_FAMILIES + family;
}

/**
 * struct op25b_part - what one origin has
 * @filter: in front of the tries of a kind; NULL: there is none of it. CONFIG's
 *	prefixes have none, for most sources are in one
 * @tries: of prefixes and relays
 */
struct op25b_part {
	struct op25b_filter *filter[OP25B_ENTRY_KINDS];
	union {
		struct op25b_trie tries[OP25B_TRIES];
		struct {			/* the same by name */
			struct op25b_trie prefixes[OP25B_FAMILIES];
			struct op25b_trie relays[OP25B_FAMILIES];
		};
	};
};

/* What an origin has that has nothing. */
extern struct op25b_part op25b_part_empty;

/* A part of its own for an edit of another origin than CONFIG; its bytes are in
 * on->memory. NULL: no memory. May sleep.
 */
struct op25b_part *op25b_part_alloc(struct op25b_store *on);
/* Frees it, but not what it has. */
void op25b_part_free(struct op25b_store *on, struct op25b_part *part);

/* Frees what it has. Context: no reader is left; may sleep. */
void op25b_part_empty_out(struct op25b_part *part);

bool op25b_part_is_empty(const struct op25b_part *part);

/* Relays of both families. */
u32 op25b_part_relays(const struct op25b_part *part);

#endif /* _OP25B_PART_H */
