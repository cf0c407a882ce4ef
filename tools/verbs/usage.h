/* SPDX-License-Identifier: GPL-2.0 */
/* Usage, read from the command table. */
#ifndef OP25BCTL_USAGE_H
#define OP25BCTL_USAGE_H

#include <stdio.h>

#include "op25bctl.h"

/* The object that @w names, or NULL. */
const struct op25b_object *op25b_object_find(const struct op25b_ctx *ctx,
					     const struct op25b_word *w);

/* "a, b, c" of an object's verbs, or of all objects (@obj NULL). */
void op25b_names(const struct op25b_ctx *ctx, const struct op25b_object *obj,
		 char *buf, size_t size);

/* Usage of everything (@obj NULL) or of one object. */
void op25b_usage_print(const struct op25b_ctx *ctx, FILE *f,
		       const struct op25b_object *obj);

/* The same on stderr. */
void op25b_usage(const struct op25b_ctx *ctx, const struct op25b_object *obj);

/* `help --complete`, see complete.c. */
int op25b_complete(struct op25b_ctx *ctx, const struct op25b_word *w, int n);

#endif /* OP25BCTL_USAGE_H */
