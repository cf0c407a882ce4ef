// SPDX-License-Identifier: GPL-2.0
/* Warnings. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/warn.h"
#include "print.h"
#include "say.h"

static void keep(struct op25b_warnings *ws, const struct op25b_ctx *at,
		 const char *fmt, va_list ap)
{
	char *text, *line;
	int len;

	if (ws->kept == OP25B_WARNED_MAX)
		return;
	len = vasprintf(&text, fmt, ap);
	if (len < 0)
		text = NULL;
	if (text && at->file && at->line)
		len = asprintf(&line, "%s:%lu: %s", at->file, at->line, text);
	else
		len = asprintf(&line, "%s: %s", at->file ? at->file :
			       "op25bctl", text ? text : "out of memory");
	free(text);
	ws->text[ws->kept++] = len < 0 ? NULL : line;
}

void op25b_warn(struct op25b_warnings *ws, const struct op25b_ctx *at,
		const char *fmt, ...)
{
	va_list ap;

	ws->n++;
	va_start(ap, fmt);
	keep(ws, at, fmt, ap);
	va_end(ap);
}

void op25b_warn_entry(struct op25b_warnings *ws, const struct op25b_ctx *at,
		      const char *fmt, ...)
{
	va_list ap;

	ws->n++;
	if (ws->entries++ >= OP25B_WARNED_ENTRIES)
		return;
	va_start(ap, fmt);
	keep(ws, at, fmt, ap);
	va_end(ap);
}

static void print(struct op25b_out *out, const struct op25b_warnings *ws)
{
	unsigned long i;

	op25b_out_list_open(out, "warnings");
	for (i = 0; i < ws->kept; i++)
		op25b_out_str(out, NULL, "warning: %s\n",
			      ws->text[i] ? ws->text[i] : "out of memory");
	op25b_out_list_close(out);
}

static void tell_rest(const struct op25b_ctx *ctx,
		      const struct op25b_warnings *ws)
{
	if (ws->n > ws->kept)
		op25b_complain(ctx, "%lu warnings, %lu shown", ws->n,
			       ws->kept);
}

void op25b_warnings_tell(const struct op25b_ctx *ctx,
			 const struct op25b_warnings *ws)
{
	struct op25b_out err = { .f = stderr, .json = ctx->out->json };

	if (!ws->n)
		return;
	op25b_flush();
	op25b_out_obj_open(&err, NULL);
	print(&err, ws);
	op25b_out_obj_close(&err);
	tell_rest(ctx, ws);
}

void op25b_warnings_print(struct op25b_ctx *ctx,
			  const struct op25b_warnings *ws)
{
	if (!ctx->out->json) {
		op25b_warnings_tell(ctx, ws);
		return;
	}
	print(ctx->out, ws);
	tell_rest(ctx, ws);
}

void op25b_warnings_free(struct op25b_warnings *ws)
{
	unsigned long i;

	for (i = 0; i < ws->kept; i++)
		free(ws->text[i]);
	memset(ws, 0, sizeof(*ws));
}
