/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order in which the prefixes of a side expire: a heap of entry numbers, 4
 * bytes for each that expires and none for others. Theory of operation in
 * due.c; who acts on it, in expiry.c.
 *
 * All of it: on->lock held.
 */
#ifndef _OP25B_DUE_H
#define _OP25B_DUE_H

#include <linux/types.h>

#include "state/fact.h"

struct op25b_store;

/**
 * struct op25b_due - the heap of one side
 * @page: its memory, a page each; NULL while nothing expires
 * @room: of @page
 * @pages: in @page
 * @count: entries in the heap
 */
struct op25b_due {
	u32 **page;
	u32 room;
	u32 pages;
	u32 count;
};

/* Room for @n entries more, until op25b_due_trim(). Return: 0 or -ENOMEM. May
 * sleep.
 */
int op25b_due_reserve(struct op25b_store *on, u8 side, u32 n);
void op25b_due_trim(struct op25b_store *on, u8 side);

/* From now on @side says @fact of the entry @number, instead of what it said.
 * One that expires and did not needs room.
 */
void op25b_due_set(struct op25b_store *on, u8 side, u8 class, u8 family,
		   u32 number, u64 fact);

/* The one that expires first. Return: when, 0 if nothing expires. */
u32 op25b_due_first(struct op25b_store *on, u8 side, u8 *family, u32 *number);
/* It is seen to: it stays as it is, but expires no more. */
void op25b_due_pop(struct op25b_store *on, u8 side);

/* All of the heap at once; what it names may still think that it is in it. */
void op25b_due_drop(struct op25b_store *on, u8 side);

/* Frees all. Context: the namespace is dead; @on->lock is not held. */
void op25b_due_exit(struct op25b_store *on);

/* Calls @each for all that expire in @from < time <= @to, in no order; a look
 * is taken at all that do by @to. May sleep.
 */
void op25b_due_each(struct op25b_store *on, u8 side, u32 from, u32 to,
		    void (*each)(struct op25b_store *on, u8 family,
				 u32 number));

#endif /* _OP25B_DUE_H */
