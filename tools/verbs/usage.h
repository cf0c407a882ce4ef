/* SPDX-License-Identifier: GPL-2.0 */
/* Usage, read from the command table. */
#ifndef OP25BCTL_USAGE_H
#define OP25BCTL_USAGE_H

#include <stdio.h>

#include "op25bctl.h"

/* The object that @w names, or NULL. */
const struct op25b_object *op25b_object_find(const struct op25b_ctx *ctx,
					     const struct op25b_word *w);

/* The verb of @obj that @w names, or NULL. */
const struct op25b_verb *op25b_verb_find(const struct op25b_object *obj,
					 const struct op25b_word *w);

/**
 * struct op25b_option - an option
 * @letter: as in -n
 * @name: as in --netns
 * @arg: what its argument is, in the grammar of complete.c, or NULL
 * @help: one line
 */
struct op25b_option {
	char letter;
	const char *name;
	const char *arg;
	const char *help;
};

#define OP25B_OPTIONS	8

extern const struct op25b_option op25b_options[OP25B_OPTIONS];

/* The option that @w is, or, of several letters behind one dash, the first; an
 * argument may be behind it. NULL if it is none.
 */
const struct op25b_option *op25b_option_find(const struct op25b_word *w);

/* "a, b, c" of an object's verbs, or of all objects (@obj NULL). */
void op25b_names(const struct op25b_ctx *ctx, const struct op25b_object *obj,
		 char *buf, size_t size);

/* Usage of everything (@obj NULL), of one object, or of one verb of it. */
void op25b_usage_print(const struct op25b_ctx *ctx, FILE *f,
		       const struct op25b_object *obj,
		       const struct op25b_verb *verb);

/* That of everything or of one object on stderr. */
void op25b_usage(const struct op25b_ctx *ctx, const struct op25b_object *obj);

/* `help --complete`, see complete.c. */
int op25b_complete(struct op25b_ctx *ctx, const struct op25b_word *w, int n);

#endif /* OP25BCTL_USAGE_H */
