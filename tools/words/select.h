/* SPDX-License-Identifier: GPL-2.0 */
/* Which entries a list shows. */
#ifndef OP25BCTL_SELECT_H
#define OP25BCTL_SELECT_H

#include "words/grammar.h"

/**
 * struct op25b_select - what an entry has to be, all of it
 * @action: enum op25b_action, 0 for any
 * @within: inside of this prefix, or it; family 0 for any
 * @covering: around this address; likewise. The kernel selects by these three,
 *	and by @origin
 * @comment: a part of its comment, NULL for any
 * @expiring: it ends by then, 0 for any
 * @seen: a packet came since then, 0 for any
 * @origin: enum op25b_origin, 0 for any
 * @count: only their number is asked for
 */
struct op25b_select {
	uint8_t action;
	struct op25b_entry within;
	struct op25b_entry covering;
	char *comment;
	uint64_t expiring;
	uint64_t seen;
	uint8_t origin;
	bool count;
};

/* Reads all the words; @sel is zeroed, and op25b_select_free() it in any case.
 * Return: 0, or -1 with @err set
 */
int op25b_parse_select(const struct op25b_kind *kind,
		       const struct op25b_word *w, int n,
		       struct op25b_select *sel, struct op25b_err *err);
void op25b_select_free(struct op25b_select *sel);

/* Is @e, of those that the kernel has selected, what @sel is about? */
bool op25b_select_has(const struct op25b_select *sel,
		      const struct op25b_entry *e);

#endif /* OP25BCTL_SELECT_H */
