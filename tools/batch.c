// SPDX-License-Identifier: GPL-2.0
/* -b: commands from a file, one a line, each done before the next is read. */
#include <errno.h>
#include <string.h>

#include "words/grammar.h"
#include "files/reader.h"
#include "say.h"

static int run_line(struct op25b_ctx *ctx, int found, char *s, size_t len)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	struct op25b_err err;
	int n;

	if (found == OP25B_LINE_LONG) {
		op25b_complain(ctx, "line of more than %d bytes",
			       OP25B_LINE_MAX);
		return OP25B_USAGE;
	}
	n = op25b_split(s, len, w, &err);
	if (n < 0) {
		op25b_complain(ctx, "%s", err.text);
		return OP25B_USAGE;
	}
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
