/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel has in force: knobs and totals, and a copy of all of it. */
#ifndef OP25BCTL_STATE_H
#define OP25BCTL_STATE_H

#include "files/spool.h"
#include "words/knob.h"
#include "words/select.h"

struct nl_msg;
struct nlattr;

/* Puts one knob into a message. Return: 0, or -1 when it is full. */
int op25b_knob_put(struct nl_msg *msg, const struct op25b_knob *k,
		   uint32_t value);

/* Takes the knobs that are among a reply's attributes @tb. */
void op25b_knobs_get(struct op25b_knobs *k, struct nlattr **tb);

/**
 * struct op25b_part - what one origin has in force
 * @prefixes: how many, IPv4 and IPv6
 * @relays: how many
 * @max_prefixes: how many there may be
 * @serial: how often it changed
 * @changed: when it last did, seconds, 0 never
 */
struct op25b_part {
	uint32_t prefixes[2];
	uint32_t relays;
	uint32_t max_prefixes;
	uint64_t serial;
	uint64_t changed;
};

static inline uint64_t op25b_part_prefixes(const struct op25b_part *p)
{
	return (uint64_t)p->prefixes[0] + p->prefixes[1];
}

/* Takes a nest of OP25B_A_PART into the row of its origin.
 * Return: 0 or -EBADMSG
 */
int op25b_part_get(const struct nlattr *nest,
		   struct op25b_part part[__OP25B_ORIGIN_MAX]);

/**
 * struct op25b_state - the answer to GET
 * @generation: of the configuration
 * @part: by enum op25b_origin
 * @confirm_left: seconds in which a confirm must come, 0 if none is awaited
 * @max_prefixes: how many there may be; @max_relays likewise
 */
struct op25b_state {
	struct op25b_knobs knobs;
	uint64_t generation;
	struct op25b_part part[__OP25B_ORIGIN_MAX];
	uint32_t confirm_left;
	uint64_t max_prefixes, max_relays;
};

/* Return: 0 or -errno */
int op25b_state_get(struct op25b_ctx *ctx, struct op25b_state *st);

/* Dumps those of a kind that are selected into @sp, of all origins one after
 * the other.
 * Return: 0, -EAGAIN if the list changed meanwhile (what was read stays in
 * @sp), or another -errno.
 */
int op25b_entry_dump(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		     const struct op25b_select *sel, struct op25b_spool *sp);

/* The same, only how many they are. */
int op25b_entry_count(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		      const struct op25b_select *sel, uint64_t *count);

/**
 * struct op25b_copy - one consistent copy of what one origin has
 * @origin: which one
 * @prefixes: sorted by family, address and length, as are @relays
 */
struct op25b_copy {
	uint8_t origin;
	struct op25b_state state;
	struct op25b_spool prefixes;
	struct op25b_spool relays;
};

/* Reads it, several times over if it changes meanwhile. Return: enum
 * op25b_exit; what went wrong was said. The caller frees @c in any case.
 */
int op25b_copy_read(struct op25b_ctx *ctx, uint8_t origin,
		    struct op25b_copy *c);
void op25b_copy_free(struct op25b_copy *c);

/* Prints a copy as a file. Return: enum op25b_exit */
int op25b_conf_print(struct op25b_ctx *ctx, struct op25b_out *out,
		     struct op25b_copy *c);

/* Complains about a temporary file. Return: OP25B_UNWRITTEN */
int op25b_copy_failed(struct op25b_ctx *ctx, int err);

/**
 * struct op25b_stats - what GET and STATS_GET say
 * @get: knobs and totals by enum op25b_attr; 0 where the kernel says nothing
 * @part: by enum op25b_origin
 * @counter: by enum op25b_counter, likewise
 */
struct op25b_stats {
	uint64_t get[OP25B_A_MAX + 1];
	struct op25b_part part[__OP25B_ORIGIN_MAX];
	uint64_t counter[OP25B_COUNTER_MAX + 1];
};

/* Asks both; the engine is open. Return: 0 or -errno, and the engine keeps the
 * kernel's sentence.
 */
int op25b_stats_read(struct op25b_ctx *ctx, struct op25b_stats *s);

#endif /* OP25BCTL_STATE_H */
