/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What readers may still see: collected while a new version is built, freed a
 * grace period after that is published.
 */
#ifndef _OP25B_GARBAGE_H
#define _OP25B_GARBAGE_H

#include <linux/list.h>
#include <linux/types.h>

/* A bag of things to be freed, in page-sized blocks. */
struct op25b_bag {
	struct list_head blocks;
	unsigned int room;		/* in the last block */
	u64 bytes;			/* of the blocks */
};

void op25b_bag_init(struct op25b_bag *bag);

/* Makes sure that @n (at most OP25B_BAG_ROOM) more slots fit.
 * Return: 0 or -ENOMEM. May sleep.
 */
#define OP25B_BAG_ROOM 64
int op25b_bag_reserve(struct op25b_bag *bag, unsigned int n);

/* Puts in the slot of one object; room was reserved. */
void op25b_bag_add(struct op25b_bag *bag, u64 slot);

/* Forgets what is in it: those objects are still in use. */
void op25b_bag_forget(struct op25b_bag *bag);

/* What is in @from goes into @to. */
void op25b_bag_pour(struct op25b_bag *to, struct op25b_bag *from);

/* Frees what is in it. Context: no reader is left; may sleep. */
void op25b_bag_free(struct op25b_bag *bag);

#endif /* _OP25B_GARBAGE_H */
