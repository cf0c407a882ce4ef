/* SPDX-License-Identifier: GPL-2.0 */
/* What is in force and what files say, side by side. */
#ifndef OP25BCTL_COMPARE_H
#define OP25BCTL_COMPARE_H

#include "conf/load.h"
#include "kernel/state.h"

/* Takes one entry of @kind: as it is (@old, NULL if it is not there) and as
 * it would be (@new, NULL if it would be gone). In the order of dumps.
 */
typedef void (*op25b_pair_fn)(const struct op25b_kind *kind,
			      const struct op25b_entry *old,
			      const struct op25b_entry *new, void *arg);

/* Reads the files, which were checked, once more and calls @each for every
 * entry of theirs and of @c; without @prefixes for relays only.
 * Return: enum op25b_exit; what went wrong was said.
 */
int op25b_compare(struct op25b_ctx *ctx, struct op25b_copy *c,
		  struct op25b_source *s, bool prefixes, op25b_pair_fn each,
		  void *arg);

/* What apply changes about an entry that stays. */
bool op25b_entry_differs(const struct op25b_entry *a,
			 const struct op25b_entry *b);

/* conf diff. Return: enum op25b_exit */
int op25b_diff(struct op25b_ctx *ctx, struct op25b_source *s,
	       const struct op25b_summary *sum);

/* Looks for what nobody does on purpose; all of it is said on standard error.
 * Return: OP25B_DONE, or why the files should not take the place of @c.
 */
int op25b_guard_copy(struct op25b_ctx *ctx, struct op25b_copy *c,
		     struct op25b_source *s, const struct op25b_summary *sum);

/* The same with the configuration in force. Return: also the generation it was
 * looked at in @generation; with @force that is all that is looked at.
 */
int op25b_guard(struct op25b_ctx *ctx, struct op25b_source *s,
		const struct op25b_summary *sum, bool force,
		uint64_t *generation);

#endif /* OP25BCTL_COMPARE_H */
