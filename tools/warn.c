// SPDX-License-Identifier: GPL-2.0
/* Warnings. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "print.h"
#include "say.h"
#include "warn.h"

void op25b_warn(struct op25b_warnings *ws, const struct op25b_ctx *at,
		const char *fmt, ...)
{
	char *text, *line;
	va_list ap;
	int len;

	if (ws->n++ >= OP25B_WARNED_MAX)
		return;
	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		text = NULL;
	if (text && at->file && at->line)
		len = asprintf(&line, "%s:%lu: %s", at->file, at->line, text);
	else
		len = asprintf(&line, "%s: %s", at->file ? at->file :
			       "op25bctl", text ? text : "out of memory");
	free(text);
	ws->text[ws->n - 1] = len < 0 ? NULL : line;
}

void op25b_warnings_print(struct op25b_ctx *ctx,
			  const struct op25b_warnings *ws)
{
	struct op25b_out err = { .f = stderr };
	struct op25b_out *out = ctx->out->json ? ctx->out : &err;
	unsigned long i;

	op25b_flush();
	op25b_out_list_open(out, "warnings");
	for (i = 0; i < ws->n && i < OP25B_WARNED_MAX; i++)
		op25b_out_str(out, NULL, "warning: %s\n",
			      ws->text[i] ? ws->text[i] : "out of memory");
	op25b_out_list_close(out);
	if (ws->n > OP25B_WARNED_MAX)
		op25b_complain(ctx, "%lu warnings, the first %d shown", ws->n,
			       OP25B_WARNED_MAX);
}

void op25b_warnings_free(struct op25b_warnings *ws)
{
	unsigned long i;

	for (i = 0; i < ws->n && i < OP25B_WARNED_MAX; i++)
		free(ws->text[i]);
	ws->n = 0;
}
