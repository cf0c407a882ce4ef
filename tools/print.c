// SPDX-License-Identifier: GPL-2.0
/* The printer. jansson serialises every value; commas and braces of what is
 * written piece by piece are put here.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "print.h"

/* Starts a new line at the current depth, when people are to read it. */
static void indent(struct op25b_out *out)
{
	if (out->pretty)
		fprintf(out->f, "\n%*s", 2 * out->depth, "");
}

/* What goes in front of an element or member. */
static void lead(struct op25b_out *out, const char *key)
{
	if (out->more)
		fputc(',', out->f);
	if (out->depth)
		indent(out);
	if (key)
		fprintf(out->f, out->pretty ? "\"%s\": " : "\"%s\":", key);
	out->more = true;
}

static void open_level(struct op25b_out *out, const char *key, char c)
{
	if (!out->json)
		return;
	lead(out, key);
	fputc(c, out->f);
	out->depth++;
	out->more = false;
}

static void close_level(struct op25b_out *out, char c)
{
	if (!out->json)
		return;
	out->depth--;
	if (out->more)
		indent(out);
	fputc(c, out->f);
	out->more = out->depth;
	if (!out->depth)
		fputc('\n', out->f);
}

void op25b_out_doc_open(struct op25b_out *out)
{
	open_level(out, NULL, '{');
}

void op25b_out_doc_close(struct op25b_out *out)
{
	close_level(out, '}');
}

void op25b_out_list_open(struct op25b_out *out, const char *key)
{
	open_level(out, key, '[');
}

void op25b_out_list_close(struct op25b_out *out)
{
	close_level(out, ']');
}

/* Keeps jansson's own line breaks in step with our depth. */
static int write_indented(const char *s, size_t len, void *arg)
{
	struct op25b_out *out = arg;
	size_t i;

	for (i = 0; i < len; i++) {
		fputc(s[i], out->f);
		if (s[i] == '\n')
			fprintf(out->f, "%*s", 2 * out->depth, "");
	}
	return 0;
}

/* Writes @v, whose reference it takes. */
static void write_value(struct op25b_out *out, json_t *v)
{
	size_t flags = JSON_ENCODE_ANY;

	if (!v || out->pretty)
		flags |= JSON_INDENT(2);
	else
		flags |= JSON_COMPACT;
	if (!v || json_dump_callback(v, write_indented, out, flags))
		fputs("null", out->f);
	json_decref(v);
}

void op25b_out_obj_open(struct op25b_out *out, const char *key)
{
	if (!out->json)
		return;
	out->obj = json_object();
	out->key = key;
}

void op25b_out_obj_close(struct op25b_out *out)
{
	json_t *obj = out->obj;

	if (!out->json)
		return;
	out->obj = NULL;
	lead(out, out->key);
	write_value(out, obj);
}

static void put(struct op25b_out *out, const char *key, json_t *v)
{
	if (out->obj) {
		json_object_set_new(out->obj, key, v);
		return;
	}
	lead(out, key);
	write_value(out, v);
}

/* A string even of bytes that are no UTF-8, which JSON cannot hold. */
static json_t *safe_string(const char *s)
{
	json_t *v = json_string(s);
	char *copy, *p;

	if (v)
		return v;
	copy = strdup(s);
	if (!copy)
		return json_null();
	for (p = copy; *p; p++)
		if (*p & 0x80)
			*p = '?';
	v = json_string(copy);
	free(copy);
	return v;
}

/* Each format is a literal of the caller with one conversion. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

void op25b_out_str(struct op25b_out *out, const char *key, const char *fmt,
		   const char *value)
{
	if (out->json)
		put(out, key, safe_string(value));
	else if (fmt)
		fprintf(out->f, fmt, value);
}

void op25b_out_u64(struct op25b_out *out, const char *key, const char *fmt,
		   unsigned long long value)
{
	if (out->json)
		put(out, key, json_integer(value));
	else if (fmt)
		fprintf(out->f, fmt, value);
}

void op25b_out_time(struct op25b_out *out, const char *key, const char *fmt,
		    uint64_t seconds)
{
	time_t t = seconds;
	char buf[64];
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
	    !strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm))
		strcpy(buf, "?");
	op25b_out_str(out, key, fmt, buf);
}

void op25b_out_quoted(struct op25b_out *out, const char *key, const char *fmt,
		      const char *value)
{
	char buf[1024], *p = buf;
	const char *s;

	if (out->json || !fmt) {
		op25b_out_str(out, key, fmt, value);
		return;
	}
	*p++ = '"';
	for (s = value; *s && p < buf + sizeof(buf) - 4; s++) {
		if (*s == '"' || *s == '\\')
			*p++ = '\\';
		*p++ = *s;
	}
	*p++ = '"';
	*p = '\0';
	fprintf(out->f, fmt, buf);
}

void op25b_out_text(struct op25b_out *out, const char *fmt, ...)
{
	va_list ap;

	if (out->json)
		return;
	va_start(ap, fmt);
	vfprintf(out->f, fmt, ap);
	va_end(ap);
}

int op25b_out_flush(struct op25b_out *out)
{
	errno = 0;
	if (fflush(out->f) || ferror(out->f))
		return errno ? errno : EIO;
	return 0;
}
