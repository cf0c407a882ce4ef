/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration files: checked as a whole, then streamed to the kernel. */
#ifndef OP25BCTL_LOAD_H
#define OP25BCTL_LOAD_H

#include "knob.h"
#include "reader.h"

/* Bad lines that are shown; beyond, they are only counted. */
#define OP25B_BAD_SHOWN		50

/* What a checked file holds. */
struct op25b_summary {
	struct op25b_knobs knobs;
	unsigned long knob_line[OP25B_KNOBS];
	unsigned long prefixes;
	unsigned long relays;
};

/* Reads the whole file and complains about every bad line.
 * Return: OP25B_DONE or OP25B_USAGE
 */
int op25b_load_check(struct op25b_ctx *ctx, struct op25b_reader *r,
		     struct op25b_summary *sum);

/* Replaces the configuration by the file, which was checked.
 * Return: enum op25b_exit
 */
int op25b_load_apply(struct op25b_ctx *ctx, struct op25b_reader *r,
		     const struct op25b_summary *sum);

#endif /* OP25BCTL_LOAD_H */
