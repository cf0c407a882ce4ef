/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration files: checked as a whole, then streamed to the kernel. */
#ifndef OP25BCTL_LOAD_H
#define OP25BCTL_LOAD_H

#include "conf/warn.h"
#include "files/source.h"
#include "words/knob.h"

/* Bad lines that are shown; at the next, reading ends. */
#define OP25B_BAD_SHOWN		50

/**
 * struct op25b_summary - what checked files hold
 * @knobs: given, or else the defaults
 * @knob_at: where they stand
 * @prefixes: how many that are not past, IPv4 and IPv6
 * @relays: how many
 * @blocked: percent of IPv4, and of IPv6, that is blocked, see conf/cover.h
 * @widest: where the shortest prefix of those stands
 */
struct op25b_summary {
	struct op25b_knobs knobs;
	struct op25b_place knob_at[OP25B_KNOBS];
	unsigned long prefixes[2];
	unsigned long relays;
	unsigned int blocked[2];
	struct op25b_place widest[2];
};

/* Reads all of it and complains about bad lines. Entries whose end is
 * past are warned of, and count nowhere. Those that stand twice are looked for
 * only if @twice, in memory that grows with the files.
 * Return: OP25B_DONE or OP25B_USAGE
 */
int op25b_load_check(struct op25b_ctx *ctx, struct op25b_source *s,
		     struct op25b_summary *sum, struct op25b_warnings *ws,
		     bool twice);

/**
 * struct op25b_commit - how a checked file takes effect
 * @generation: the one it was compared with, which must still be in force
 * @confirm: seconds in which a confirm must come, 0 if none is needed
 * @result: the generation it became
 */
struct op25b_commit {
	uint64_t generation;
	uint32_t confirm;
	uint64_t result;
};

/* Replaces the configuration by the files, which were checked. That an entry
 * stands twice the kernel finds; then they are checked for that, too.
 * Return: enum op25b_exit
 */
int op25b_load_apply(struct op25b_ctx *ctx, struct op25b_source *s,
		     const struct op25b_summary *sum, struct op25b_commit *c);

#endif /* OP25BCTL_LOAD_H */
