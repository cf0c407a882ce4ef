// SPDX-License-Identifier: GPL-2.0
/* The printer. Everything is written as it comes, so a million entries cost
 * little; jansson escapes the strings that need it.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "print.h"

static void put_text(struct op25b_out *out, const char *text)
{
	fputs_unlocked(text, out->f);
}

static void put_char(struct op25b_out *out, char c)
{
	putc_unlocked(c, out->f);
}

/* Starts a new line at the current depth, when people are to read it. */
static void indent(struct op25b_out *out)
{
	int i;

	if (!out->pretty)
		return;
	put_char(out, '\n');
	for (i = 0; i < out->depth; i++)
		put_text(out, "  ");
}

/* What goes in front of an element or member. */
static void lead(struct op25b_out *out, const char *key)
{
	if (out->more)
		put_char(out, ',');
	if (out->depth)
		indent(out);
	if (key) {
		put_char(out, '"');
		put_text(out, key);
		put_text(out, out->pretty ? "\": " : "\":");
	}
	out->more = true;
}

static void open_level(struct op25b_out *out, const char *key, char c)
{
	if (!out->json)
		return;
	lead(out, key);
	put_char(out, c);
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
	put_char(out, c);
	out->more = out->depth;
	if (!out->depth)
		put_char(out, '\n');
}

void op25b_out_list_open(struct op25b_out *out, const char *key)
{
	open_level(out, key, '[');
}

void op25b_out_list_close(struct op25b_out *out)
{
	close_level(out, ']');
}

void op25b_out_obj_open(struct op25b_out *out, const char *key)
{
	open_level(out, key, '{');
}

void op25b_out_obj_close(struct op25b_out *out)
{
	close_level(out, '}');
}

static int write_escaped(const char *s, size_t len, void *arg)
{
	struct op25b_out *out = arg;

	fwrite_unlocked(s, 1, len, out->f);
	return 0;
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

/* Does @s mean the same in JSON as it does here? */
static bool is_plain(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~' || *s == '"' || *s == '\\')
			return false;
	return true;
}

static void json_str(struct op25b_out *out, const char *key, const char *value)
{
	json_t *v;

	lead(out, key);
	if (is_plain(value)) {
		put_char(out, '"');
		put_text(out, value);
		put_char(out, '"');
		return;
	}
	v = safe_string(value);
	if (!v || json_dump_callback(v, write_escaped, out, JSON_ENCODE_ANY))
		put_text(out, "null");
	json_decref(v);
}

/* Return: the digits, in @buf */
static const char *decimal(unsigned long long value, char buf[24])
{
	int at = 23;

	buf[at] = '\0';
	do
		buf[--at] = '0' + value % 10;
	while (value /= 10);
	return buf + at;
}

/* No value has a line end in it: comments have no control characters. */
static void put_field(struct op25b_out *out, const char *key,
		      const char *value)
{
	if (!out->fields || !key)
		return;
	for (; key[0]; key++)
		putc_unlocked(toupper(key[0]), out->fields);
	fprintf(out->fields, "=%s\n", value);
}

/* Each format is a literal of the caller with one conversion. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

void op25b_out_str(struct op25b_out *out, const char *key, const char *fmt,
		   const char *value)
{
	put_field(out, key, value);
	if (out->json)
		json_str(out, key, value);
	else if (fmt)
		fprintf(out->f, fmt, value);
}

void op25b_out_u64(struct op25b_out *out, const char *key, const char *fmt,
		   unsigned long long value)
{
	char buf[24];

	put_field(out, key, out->fields ? decimal(value, buf) : "");
	if (out->json) {
		lead(out, key);
		put_text(out, decimal(value, buf));
	} else if (fmt) {
		fprintf(out->f, fmt, value);
	}
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
	put_field(out, key, value);
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
