/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds entries that stand twice in a file: a hash of where each stands, 16
 * bytes an entry, never more than OP25B_DUP_SLOTS of them. What a larger file
 * holds beyond that is left to the kernel, which refuses it by itself.
 */
#ifndef OP25BCTL_DUP_H
#define OP25BCTL_DUP_H

#include "files/source.h"
#include "words/kind.h"

/* 64 MiB: three million entries. */
#define OP25B_DUP_SLOTS		(4UL * 1024 * 1024)

/* An entry's hash, and where it stands, plus one: zero says that it is free. */
struct op25b_dup_slot {
	uint64_t hash;
	uint64_t start;
};

struct op25b_dup {
	const struct op25b_source *s;
	struct op25b_dup_slot *slot;
	uint64_t seed;
	unsigned int bits;
	size_t used;
};

/* Makes room for the lines of @s. Return: 0 or -errno */
int op25b_dup_init(struct op25b_dup *d, const struct op25b_source *s);
void op25b_dup_free(struct op25b_dup *d);

/* Hash of an entry; fetches its slot, which op25b_dup_add() will want soon. */
uint64_t op25b_dup_hash(const struct op25b_dup *d,
			const struct op25b_kind *kind,
			const struct op25b_entry *e);

/**
 * op25b_dup_add() - note that an entry stands in the file
 * @h: its op25b_dup_hash()
 * @start: of its line, as op25b_source has it
 * @exact: read the line again that has the same hash, which takes longer than
 *	all else that is done for a line
 *
 * Return: whether it stood before, at @first.
 */
bool op25b_dup_add(struct op25b_dup *d, const struct op25b_kind *kind,
		   const struct op25b_entry *e, uint64_t h, uint64_t start,
		   bool exact, uint64_t *first);

#endif /* OP25BCTL_DUP_H */
