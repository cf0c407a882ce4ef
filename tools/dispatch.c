// SPDX-License-Identifier: GPL-2.0
/* Commands: one of the command line, or of -b those of a file, one a line,
 * each done before the next is read.
 */
#include "kernel/change.h"
#include "verbs/usage.h"
#include "dispatch.h"
#include "say.h"

static int unknown(struct op25b_ctx *ctx, const struct op25b_object *obj,
		   const struct op25b_word *w)
{
	char q[OP25B_QUOTE], list[200];

	op25b_names(ctx, obj, list, sizeof(list));
	if (w)
		return op25b_fail(ctx, OP25B_USAGE,
				  "%s%sunknown word %s: expected one of %s",
				  obj ? obj->name : "", obj ? ": " : "",
				  op25b_quote(w, q), list);
	return op25b_fail(ctx, OP25B_USAGE, "%s: expected one of %s",
			  obj ? obj->name : "no object", list);
}

int op25b_dispatch(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	const struct op25b_object *obj = n ? op25b_object_find(ctx, w) : NULL;
	const struct op25b_verb *v;

	if (!obj)
		return unknown(ctx, NULL, n ? w : NULL);
	ctx->object = obj;
	for (v = obj->verbs; v->run; v++) {
		if (v->name && n > 1 && op25b_is(&w[1], v->name))
			return v->run(ctx, w + 2, n - 2);
		if (!v->name)
			return v->run(ctx, w + 1, n - 1);
	}
	return unknown(ctx, obj, n > 1 ? &w[1] : NULL);
}

int op25b_batch(struct op25b_ctx *ctx, const char *name, bool atomic,
		bool keep_going)
{
	if (atomic)
		return op25b_change_file(ctx, name, op25b_dispatch);
	return op25b_each_line(ctx, name, op25b_dispatch, keep_going);
}
