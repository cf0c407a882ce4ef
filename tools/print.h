/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The printer: one call gives text or JSON, whichever was asked for.
 *
 * A document is a list, or an object that may hold lists, each of any length.
 * A function with a @key and a @fmt prints @fmt as text and @key with its value
 * as JSON; @fmt NULL says JSON only.
 */
#ifndef OP25BCTL_PRINT_H
#define OP25BCTL_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "op25bctl.h"

/**
 * struct op25b_out - where and how to print
 * @f: the stream
 * @fields: besides text, KEY=value lines go there, unless NULL
 * @json: JSON instead of text
 * @pretty: JSON for people
 * @depth: open braces and brackets already written
 * @more: something was written at this depth, so a comma comes first
 */
struct op25b_out {
	FILE *f;
	FILE *fields;
	bool json;
	bool pretty;
	int depth;
	bool more;
};

/* A list, and an object: the document itself or an entry of a list (@key NULL),
 * or a member of an object.
 */
void op25b_out_list_open(struct op25b_out *out, const char *key);
void op25b_out_list_close(struct op25b_out *out);
void op25b_out_obj_open(struct op25b_out *out, const char *key);
void op25b_out_obj_close(struct op25b_out *out);

void op25b_out_str(struct op25b_out *out, const char *key, const char *fmt,
		   const char *value);
void op25b_out_u64(struct op25b_out *out, const char *key, const char *fmt,
		   unsigned long long value);
/* A time in seconds, as UTC. */
void op25b_out_time(struct op25b_out *out, const char *key, const char *fmt,
		    uint64_t seconds);
/* Text in quotes, with escapes as in a file. */
void op25b_out_quoted(struct op25b_out *out, const char *key, const char *fmt,
		      const char *value);
/* Text only. */
void op25b_out_text(struct op25b_out *out, const char *fmt, ...)
	__printf(2, 3);

#endif /* OP25BCTL_PRINT_H */
