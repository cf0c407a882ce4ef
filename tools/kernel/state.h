/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel has in force: knobs and totals, and a copy of all of it. */
#ifndef OP25BCTL_STATE_H
#define OP25BCTL_STATE_H

#include "words/knob.h"
#include "files/spool.h"

/**
 * struct op25b_state - the answer to GET
 * @generation: of the configuration
 * @prefixes: how many there are, of all origins; @relays likewise
 * @confirm_left: seconds in which a confirm must come, 0 if none is awaited
 * @max_prefixes: how many there may be; @max_relays likewise
 */
struct op25b_state {
	struct op25b_knobs knobs;
	uint64_t generation;
	uint64_t prefixes, relays;
	uint32_t confirm_left;
	uint64_t max_prefixes, max_relays;
};

/* Return: 0 or -errno */
int op25b_state_get(struct op25b_ctx *ctx, struct op25b_state *st);

/**
 * struct op25b_copy - one consistent copy of the configuration
 * @prefixes: sorted by family, address and length, as are @relays
 */
struct op25b_copy {
	struct op25b_state state;
	struct op25b_spool prefixes;
	struct op25b_spool relays;
};

/* Reads it, several times over if it changes meanwhile. Return: enum
 * op25b_exit; what went wrong was said. The caller frees @c in any case.
 */
int op25b_copy_read(struct op25b_ctx *ctx, struct op25b_copy *c);
void op25b_copy_free(struct op25b_copy *c);

/* The next entry of the configuration's own. Return: 1, 0 at the end, -errno */
int op25b_copy_next(struct op25b_spool *sp, struct op25b_entry *e);

/* Complains about a temporary file. Return: OP25B_UNWRITTEN */
int op25b_copy_failed(struct op25b_ctx *ctx, int err);

#endif /* OP25BCTL_STATE_H */
