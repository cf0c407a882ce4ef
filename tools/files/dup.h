/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds entries that stand twice in a file: a hash of where each stands, eight
 * bytes an entry, never more than OP25B_DUP_SLOTS of them. What a larger file
 * holds beyond that is left to the kernel, which refuses it by itself.
 */
#ifndef OP25BCTL_DUP_H
#define OP25BCTL_DUP_H

#include "kernel/entry.h"
#include "files/source.h"

/* 32 MiB: three million entries. */
#define OP25B_DUP_SLOTS		(4UL * 1024 * 1024)

struct op25b_dup {
	const struct op25b_source *s;
	uint64_t *slot;
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
 *
 * Return: where it stood first; line 0 if that is here.
 */
struct op25b_place op25b_dup_add(struct op25b_dup *d,
				 const struct op25b_kind *kind,
				 const struct op25b_entry *e, uint64_t h,
				 uint64_t start);

#endif /* OP25BCTL_DUP_H */
