// SPDX-License-Identifier: GPL-2.0
/* Commands: one of the command line, or of -b those of a file, one a line,
 * each done before the next is read.
 */
#include <errno.h>
#include <string.h>

#include "files/reader.h"
#include "verbs/usage.h"
#include "words/grammar.h"
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

static int run_line(struct op25b_ctx *ctx, int found, char *s, size_t len)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	struct op25b_err err;
	int n;

	if (found == OP25B_LINE_LONG)
		return op25b_fail(ctx, OP25B_USAGE,
				  "line of more than %d bytes", OP25B_LINE_MAX);
	n = op25b_split(s, len, w, &err);
	if (n < 0)
		return op25b_fail(ctx, OP25B_USAGE, "%s", err.text);
	return n ? op25b_dispatch(ctx, w, n) : OP25B_DONE;
}

int op25b_batch(struct op25b_ctx *ctx, const char *name)
{
	int found, ret = OP25B_DONE, answer = OP25B_DONE;
	struct op25b_reader r;
	size_t len;
	char *s;

	ret = op25b_reader_open(ctx, &r, name, false);
	if (ret)
		return ret;
	ctx->file = r.name;
	while (!ret && (found = op25b_reader_next(&r, &s, &len))) {
		ctx->line = r.line;
		if (found < 0) {
			op25b_complain(ctx, "cannot read on: %s",
				       strerror(-found));
			ret = OP25B_USAGE;
			break;
		}
		ret = run_line(ctx, found, s, len);
		if (ret == OP25B_BLOCKED) {
			answer = ret;
			ret = OP25B_DONE;
		}
	}
	op25b_reader_close(&r);
	return ret ? ret : answer;
}
