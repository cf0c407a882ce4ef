/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of entries and knobs that take effect in one step: one message, which
 * grows with them, and remembers from which line each came. Its entries are of
 * one origin.
 */
#ifndef OP25BCTL_CHANGE_H
#define OP25BCTL_CHANGE_H

#include <linux/op25b.h>

#include "files/reader.h"
#include "words/kind.h"
#include "words/knob.h"

/* Bytes of a message: ten million prefixes. */
#define OP25B_CHANGE_MAX	(512UL * 1024 * 1024)

/* Begins to gather in ctx->change. Return: OP25B_DONE, or OP25B_UNASKED after
 * saying that there is no memory.
 */
int op25b_change_begin(struct op25b_ctx *ctx);

/* Both add to it what ctx->file and line say. OP25B_OP_DEL takes @e's comment
 * as one that the entry has to have. Return: OP25B_DONE, or OP25B_USAGE after
 * saying that @e is of another origin than those before, or that it is full.
 */
int op25b_change_entry(struct op25b_ctx *ctx, enum op25b_op op,
		       const struct op25b_kind *kind,
		       const struct op25b_entry *e);
int op25b_change_knobs(struct op25b_ctx *ctx, const struct op25b_knobs *knobs);

/* Ends that, and sends what was gathered unless @ret says that some of it was
 * refused. Return: enum op25b_exit; what the kernel refused was said, and is in
 * ctx->nl.
 */
int op25b_change_end(struct op25b_ctx *ctx, int ret);

/**
 * op25b_change_file() - gather what @each does, and send it
 * @each: is called for the lines of @name, as by op25b_each_line(), and adds to
 *	ctx->change instead of asking the kernel
 *
 * Nothing is sent where any line is refused. Return: enum op25b_exit
 */
int op25b_change_file(struct op25b_ctx *ctx, const char *name,
		      op25b_words_fn each);

#endif /* OP25BCTL_CHANGE_H */
