/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of files put into the order of the kernel's dumps, in bounded
 * memory: what does not fit is sorted piece by piece into a nameless file, and
 * the pieces are merged while they are read.
 */
#ifndef OP25BCTL_SORT_H
#define OP25BCTL_SORT_H

#include "words/kind.h"

struct op25b_sort;

/* Return: a sorter to be freed, or NULL */
struct op25b_sort *op25b_sort_new(void);
void op25b_sort_free(struct op25b_sort *s);

/* Return: 0 or -errno */
int op25b_sort_add(struct op25b_sort *s, const struct op25b_kind *kind,
		   const struct op25b_entry *e);

/* Turns from adding to reading. Return: 0 or -errno */
int op25b_sort_finish(struct op25b_sort *s);

/* The next entry: prefixes first, IPv4 first, by address and length.
 * Return: 1, 0 at the end, or -errno
 */
int op25b_sort_next(struct op25b_sort *s, const struct op25b_kind **kind,
		    struct op25b_entry *e);

/* As memcmp(), by family, address and length. */
int op25b_entry_order(const struct op25b_entry *a, const struct op25b_entry *b);

#endif /* OP25BCTL_SORT_H */
