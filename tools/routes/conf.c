// SPDX-License-Identifier: GPL-2.0
/* /etc/op25b/routes.conf: read, and each bad line told. */
#include <stdio.h>
#include <string.h>

#include <linux/op25b.h>
#include <linux/rtnetlink.h>

#include "files/reader.h"
#include "routes/conf.h"
#include "words/grammar.h"
#include "words/knob.h"
#include "words/when.h"
#include "say.h"

#define LINGER_MAX	(365 * 24 * 3600)
#define BUFFER_MIN	4096
#define BUFFER_MAX	(256 * 1024 * 1024)

const char * const op25b_class_words[] = {
	[OP25B_CLASS_RELAY]	= "relay",
	[OP25B_ACTION_BLOCK]	= "block",
	[OP25B_ACTION_EXEMPT]	= "exempt",
	[OP25B_ACTION_MONITOR]	= "monitor",
	NULL
};

/* Types of routes that lead nowhere, by RTN_BLACKHOLE and following. */
static const char * const type_words[] = {
	"blackhole", "unreachable", "prohibit", NULL
};

static const struct op25b_routes_conf defaults = {
	.linger = 600,
	.shrink = 50,
	.shortest = { 8, 19 },
	.scan = 60,
	.buffer = 8 * 1024 * 1024,
};

/* What a statement may set, and where it stood. */
struct reading {
	struct op25b_routes_conf *c;
	unsigned long line;
	struct op25b_err err;
};

static int quoted(struct reading *r, const struct op25b_word *w,
		  const char *expected)
{
	char q[OP25B_QUOTE];

	return op25b_err(&r->err, "%s: expected %s",
			 w ? op25b_quote(w, q) : "end of the line", expected);
}

static int overlaps(struct reading *r, const struct op25b_rsource *s)
{
	const struct op25b_rsource *o;

	for (o = r->c->source; o < r->c->source + r->c->n; o++) {
		if (o->table != s->table || (o->type && s->type &&
					     o->type != s->type))
			continue;
		return op25b_err(&r->err,
				 "second class for these routes of table %u: expected one, and it stands in line %lu",
				 s->table, o->line);
	}
	return 0;
}

static int parse_table(struct reading *r, const struct op25b_word *w, int n)
{
	struct op25b_rsource s = { .line = r->line };
	int64_t table = n > 1 ? op25b_parse_number(&w[1], UINT32_MAX) : -1;
	int i = 2, v;

	if (table < 1)
		return quoted(r, n > 1 ? &w[1] : NULL,
			      "the number of a routing table");
	if (table >= RT_TABLE_DEFAULT && table <= RT_TABLE_LOCAL)
		return op25b_err(&r->err,
				 "table %u is one by which this router forwards: expected another",
				 (unsigned int)table);
	s.table = table;
	if (n > 2 && op25b_is(&w[2], "type")) {
		v = n > 3 ? op25b_word_find(type_words, &w[3]) : -1;
		if (v < 0)
			return quoted(r, n > 3 ? &w[3] : NULL,
				      "blackhole, prohibit or unreachable");
		s.type = RTN_BLACKHOLE + v;
		i = 4;
	}
	v = n > i ? op25b_word_find(op25b_class_words, &w[i]) : -1;
	if (v < 0)
		return quoted(r, n > i ? &w[i] : NULL,
			      "block, exempt, monitor or relay");
	s.class = v;
	if (n > i + 1)
		return quoted(r, &w[i + 1], "end of the line");
	if (r->c->n == OP25B_SOURCES_MAX)
		return op25b_err(&r->err, "expected at most %d lines of table",
				 OP25B_SOURCES_MAX);
	if (overlaps(r, &s))
		return -1;
	r->c->source[r->c->n++] = s;
	return 0;
}

static int parse_seconds(struct reading *r, const struct op25b_word *w, int n,
			 uint32_t *seconds)
{
	if (n != 2)
		return quoted(r, n > 2 ? &w[2] : NULL, n > 2 ?
			      "end of the line" : "a duration such as 10m");
	return op25b_parse_duration(&w[1], seconds, &r->err);
}

static int parse_linger(struct reading *r, const struct op25b_word *w, int n)
{
	if (parse_seconds(r, w, n, &r->c->linger))
		return -1;
	return r->c->linger > LINGER_MAX ?
		quoted(r, &w[1], "at most 365d") : 0;
}

static int parse_scan(struct reading *r, const struct op25b_word *w, int n)
{
	return parse_seconds(r, w, n, &r->c->scan);
}

static int parse_shrink(struct reading *r, const struct op25b_word *w, int n)
{
	struct op25b_word number = n == 2 ? w[1] : (struct op25b_word){ 0 };
	int64_t v;

	number.len -= number.len && number.s[number.len - 1] == '%';
	v = n == 2 && number.len < w[1].len ?
		op25b_parse_number(&number, 100) : -1;
	if (v < 0)
		return quoted(r, n > 1 ? &w[1] : NULL,
			      "0% to 100%, and no more");
	r->c->shrink = v;
	return 0;
}

/* "8 v4, 19 v6", or one of these. */
static int parse_shortest(struct reading *r, const struct op25b_word *w, int n)
{
	static const char * const families[] = { "v4", "v6", NULL };
	int i, f;

	for (i = 1; i == 1 || i < n; i += 2) {
		int64_t len = i + 1 < n ? op25b_parse_number(&w[i], 128) : -1;
		struct op25b_word name = { 0 };

		if (i + 1 < n)
			name = w[i + 1];
		name.len -= i + 2 < n && name.len &&
			name.s[name.len - 1] == ',';
		f = len < 0 ? -1 : op25b_word_find(families, &name);
		if (f < 0 || (f == 0 && len > 32))
			return quoted(r, i < n ? &w[i] : NULL,
				      "lengths such as 8 v4, 19 v6");
		r->c->shortest[f] = len;
	}
	return 0;
}

static int parse_buffer(struct reading *r, const struct op25b_word *w, int n)
{
	int64_t v = n == 2 ? op25b_parse_number(&w[1], BUFFER_MAX) : -1;

	if (v < BUFFER_MIN)
		return quoted(r, n > 1 ? &w[1] : NULL,
			      "4096 to 268435456 bytes");
	r->c->buffer = v;
	return 0;
}

static const struct {
	const char *name;
	int (*parse)(struct reading *r, const struct op25b_word *w, int n);
} statements[] = {
	{ "table", parse_table },
	{ "linger", parse_linger },
	{ "shrink", parse_shrink },
	{ "shortest", parse_shortest },
	{ "scan", parse_scan },
	{ "buffer", parse_buffer },
};

static int parse(struct reading *r, const struct op25b_word *w, int n,
		 unsigned long *lines)
{
	size_t i;

	for (i = 0; i < OP25B_ARRAY_SIZE(statements); i++) {
		if (!op25b_is(&w[0], statements[i].name))
			continue;
		if (lines[i] && i)
			return op25b_err(&r->err,
					 "second %s: expected it once, and it stands in line %lu",
					 statements[i].name, lines[i]);
		lines[i] = r->line;
		return statements[i].parse(r, w, n);
	}
	return quoted(r, &w[0],
		      "table, linger, shrink, shortest, scan or buffer");
}

static int parse_line(struct reading *r, int found, char *s, size_t len,
		      unsigned long *lines)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	int n;

	if (found == OP25B_LINE_LONG)
		return op25b_err(&r->err, "line of more than %d bytes",
				 OP25B_LINE_MAX);
	n = op25b_split(s, len, w, &r->err);
	return n > 0 ? parse(r, w, n, lines) : n;
}

static int read_lines(struct op25b_ctx *ctx, struct op25b_reader *file,
		      struct op25b_routes_conf *c)
{
	unsigned long lines[OP25B_ARRAY_SIZE(statements)] = { 0 };
	struct reading r = { .c = c };
	int found, ret = OP25B_DONE;
	size_t len;
	char *s;

	while ((found = op25b_reader_next(file, &s, &len)) > 0) {
		ctx->line = file->line;
		r.line = file->line;
		if (parse_line(&r, found, s, len, lines))
			ret = op25b_fail(ctx, OP25B_USAGE, "%s", r.err.text);
	}
	if (found < 0)
		return op25b_fail(ctx, OP25B_USAGE, "cannot read on: %s",
				  strerror(-found));
	return ret;
}

int op25b_routes_conf_read(struct op25b_ctx *ctx, const char *name,
			   struct op25b_routes_conf *c)
{
	const char *was = ctx->file;
	unsigned long line = ctx->line;
	struct op25b_reader file;
	int ret = op25b_reader_open(ctx, &file, name, false);

	if (ret)
		return ret;
	*c = defaults;
	ctx->file = file.name;
	ret = read_lines(ctx, &file, c);
	ctx->file = was;
	ctx->line = line;
	op25b_reader_close(&file);
	if (!ret && !c->n)
		return op25b_fail(ctx, OP25B_USAGE,
				  "%s: expected at least one line with table",
				  file.name);
	return ret;
}
