/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Comments of entries.
 */
#ifndef _OP25B_NOTE_H
#define _OP25B_NOTE_H

#include <linux/rcupdate.h>

struct op25b_entry;
struct op25b_net;

/* A comment. Replaced whole, never changed. */
struct op25b_note {
	struct rcu_head rcu;
	char comment[];
};

/* Both: bytes go to and from on->memory. Alloc: NULL is no memory, may sleep.
 * Free: after a grace period; NULL is fine.
 */
struct op25b_note *op25b_note_alloc(struct op25b_net *on, const char *comment);
void op25b_note_free(struct op25b_net *on, struct op25b_note *note);

/* Gives @entry @note (NULL: none). Context: on->lock.
 * Return: its old one, which readers may still see.
 */
struct op25b_note *op25b_note_set(struct op25b_net *on,
				  struct op25b_entry *entry,
				  struct op25b_note *note);

/* Has @entry this comment (NULL: none)? Context: on->lock. */
bool op25b_note_is(struct op25b_net *on, struct op25b_entry *entry,
		   const char *comment);

#endif /* _OP25B_NOTE_H */
