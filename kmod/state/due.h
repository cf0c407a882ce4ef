/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The order in which prefixes expire: a heap of entry numbers, 4 bytes for each
 * entry that expires and none for others. Theory of operation in due.c; who
 * acts on it, in expiry.c.
 *
 * All of it: on->lock held.
 */
#ifndef _OP25B_DUE_H
#define _OP25B_DUE_H

#include <linux/types.h>

struct op25b_net;

/**
 * struct op25b_due - the heap of one namespace
 * @page: its memory, a page each; NULL while nothing expires
 * @room: of @page
 * @pages: in @page
 * @count: entries in the heap
 * @promised: more that may come at any moment, without failing
 */
struct op25b_due {
	u32 **page;
	u32 room;
	u32 pages;
	u32 count;
	u32 promised;
};

/* Room for one entry more, to be used by op25b_due_set() or not, and given back
 * by op25b_due_unpromise(). Return: 0 or -ENOMEM. May sleep.
 */
int op25b_due_promise(struct op25b_net *on);
void op25b_due_unpromise(struct op25b_net *on);

/* The prefix entry @number of @family expires at @expires, CLOCK_REALTIME
 * seconds, 0 never. One that did not expire before needs a promise, which stays
 * to be given back.
 */
void op25b_due_set(struct op25b_net *on, u8 family, u32 number, u32 expires);

/* Frees it. Context: the namespace is dead. */
void op25b_due_exit(struct op25b_net *on);

/* The one that expires first. Return: when, 0 if nothing expires. */
u32 op25b_due_first(struct op25b_net *on, u8 *family, u32 *number);

/* Calls @each for all that expire in @from < time <= @to, in no order; a look
 * is taken at all that do by @to. May sleep.
 */
void op25b_due_each(struct op25b_net *on, u32 from, u32 to,
		    void (*each)(struct op25b_net *on, u8 family, u32 number));

#endif /* _OP25B_DUE_H */
