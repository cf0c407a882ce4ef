// SPDX-License-Identifier: GPL-2.0
/* Complaints. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "say.h"

int op25b_flush(void)
{
	static int lost;

	/* A stream drops what it could not write, and knows no longer why. */
	errno = 0;
	if ((fflush(stdout) || ferror(stdout)) && !lost)
		lost = errno ? errno : EIO;
	return lost;
}

/* Writes a character so that a terminal obeys none. Return: what follows */
static char *put(char *p, unsigned char c)
{
	if (c < 0x20 || c >= 0x7f)
		return p + sprintf(p, "\\x%02x", c);
	*p++ = c;
	return p;
}

char *op25b_printable(const char *text)
{
	char *shown = malloc(4 * strlen(text) + 1), *p = shown;

	if (!shown)
		return NULL;
	while (*text)
		p = put(p, *text++);
	*p = '\0';
	return shown;
}

static void put_json(FILE *f, const struct op25b_ctx *ctx, const char *text)
{
	struct op25b_out out = { .f = f, .json = true };

	op25b_out_obj_open(&out, NULL);
	if (ctx->file) {
		op25b_out_str(&out, "file", NULL, ctx->file);
		op25b_out_u64(&out, "line", NULL, ctx->line);
	}
	op25b_out_str(&out, "text", NULL, text);
	op25b_out_obj_close(&out);
}

static void put_text(FILE *f, const struct op25b_ctx *ctx, const char *text)
{
	char *line = NULL, *shown = NULL;

	if ((ctx->file ?
	     asprintf(&line, "%s:%lu: %s", ctx->file, ctx->line, text) :
	     asprintf(&line, "op25bctl: %s", text)) >= 0)
		shown = op25b_printable(line);
	fprintf(f, "%s\n", shown ? shown : "op25bctl: out of memory");
	free(shown);
	free(line);
}

static void complain(const struct op25b_ctx *ctx, const char *fmt, va_list ap)
{
	char *text, *said = NULL;
	size_t len;
	FILE *f;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	/* What was printed before belongs in front of the complaint. */
	op25b_flush();
	/* One write: standard error has no buffer. */
	f = open_memstream(&said, &len);
	if (f) {
		(ctx->out->json ? put_json : put_text)(f, ctx, text);
		fclose(f);
	}
	fputs(said ? said : "op25bctl: out of memory\n", stderr);
	free(said);
	free(text);
}

void op25b_complain(const struct op25b_ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(ctx, fmt, ap);
	va_end(ap);
}

int op25b_fail(const struct op25b_ctx *ctx, enum op25b_exit status,
	       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(ctx, fmt, ap);
	va_end(ap);
	return status;
}

const char *op25b_quote(const struct op25b_word *w, char *buf)
{
	char *p = buf, *end = buf + OP25B_QUOTE - 8;
	size_t i;

	*p++ = '"';
	for (i = 0; i < w->len && p < end; i++)
		p = put(p, w->s[i]);
	if (i < w->len) {
		*p++ = '.';
		*p++ = '.';
		*p++ = '.';
	}
	*p++ = '"';
	*p = '\0';
	return buf;
}

int op25b_surplus(const struct op25b_ctx *ctx, const struct op25b_word *w)
{
	char q[OP25B_QUOTE];

	return op25b_fail(ctx, OP25B_USAGE, "%s: expected the end",
			  op25b_quote(w, q));
}

int op25b_err(struct op25b_err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

bool op25b_is(const struct op25b_word *w, const char *s)
{
	size_t len = strlen(s);

	return w->len == len && !memcmp(w->s, s, len);
}

void op25b_enlist(char *buf, size_t size, const char *word)
{
	static const char more[] = ", ...";
	size_t used = strlen(buf);

	if (used + strlen(word) + 2 + sizeof(more) <= size)
		sprintf(buf + used, "%s%s", used ? ", " : "", word);
	else if (used >= sizeof(more) - 1 && used + sizeof(more) <= size &&
		 strcmp(buf + used - sizeof(more) + 1, more))
		strcpy(buf + used, more);
}
