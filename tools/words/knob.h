/* SPDX-License-Identifier: GPL-2.0 */
/* The knobs of a ruleset, and the words of every enum that has words. */
#ifndef OP25BCTL_KNOB_H
#define OP25BCTL_KNOB_H

#include <stdbool.h>
#include <stdint.h>

#include "op25bctl.h"

/* Rows of op25b_knobs, in the order in which they are printed. */
enum op25b_knob_id {
	OP25B_KNOB_MODE,
	OP25B_KNOB_REJECT,
	OP25B_KNOB_REJECT_RATE,
	OP25B_KNOB_REJECT_SOURCE_RATE,
	OP25B_KNOB_REVERSE,
	OP25B_KNOB_COUNTERS,
	OP25B_KNOB_WATCH_OFFENDERS,
	OP25B_KNOB_OFFENDER_LEN,
	OP25B_KNOB_OFFENDER_THRESHOLD,
	OP25B_KNOB_SESSION_PREFIXES,
	OP25B_KNOB_BGP_PREFIXES,
	OP25B_KNOBS
};

/**
 * struct op25b_knob - one knob
 * @name: its word
 * @key: its name in JSON
 * @attr: enum op25b_attr
 * @words: the words of its values, by number, NULL ends; NULL for a number
 * @def: its default
 * @min: of a number, as is @max; one up to 255 is a u8, else a u32
 */
struct op25b_knob {
	const char *name;
	const char *key;
	int attr;
	const char * const *words;
	uint32_t def;
	uint32_t min, max;
};

/* Values of knobs: of one `set`, of one file, of the kernel. */
struct op25b_knobs {
	bool given[OP25B_KNOBS];
	uint32_t value[OP25B_KNOBS];
};

extern const struct op25b_knob op25b_knobs[OP25B_KNOBS];

extern const char * const op25b_mode_words[];
extern const char * const op25b_reject_words[];
extern const char * const op25b_action_words[];
extern const char * const op25b_origin_words[];
extern const char * const op25b_counter_words[];
extern const char * const op25b_outcome_words[];
extern const char * const op25b_event_words[];

/* The word for @v, "?" if this tool has none for it. */
const char *op25b_word_of(const char * const *words, unsigned int v);

/* Number of the word @w in @words, -1 if it is none of them. */
int op25b_word_find(const char * const *words, const struct op25b_word *w);

/* "a, b or c" from @words from number @first on. Return: @buf */
const char *op25b_words_list(const char * const *words, int first, char *buf,
			     size_t size);

/* "mode, reject, ..." of all knobs. Return: @buf */
const char *op25b_knobs_list(char *buf, size_t size);

/* The knob called @w, or NULL. */
const struct op25b_knob *op25b_knob_find(const struct op25b_word *w);

/* Prints one knob as a line of key and value. @key: its name, "-" or "_". */
void op25b_knob_print(struct op25b_out *out, const struct op25b_knob *k,
		      const char *key, uint32_t value);

#endif /* OP25BCTL_KNOB_H */
