// SPDX-License-Identifier: GPL-2.0
/*
 * CSV as of RFC 4180: the first record names the columns, of which "prefix" and
 * "action" must be there and "until" and "comment" may be.
 */
#include <string.h>
#include <strings.h>

#include "import/import.h"
#include "words/addr.h"
#include "words/when.h"
#include "say.h"

#define FIELDS_MAX	256

enum column {
	PREFIX, ACTION, UNTIL, COMMENT, COLUMNS
};

static const char * const names[] = { "prefix", "action", "until", "comment" };

/* Reads the field at @*s, which it ends with a NUL. Return: it, with what ended
 * it in @end: ',', '\n' or 0; NULL if it is none
 */
static char *field(struct op25b_import *im, char **s, char *end,
		   unsigned long *lines)
{
	char *start = *s, *from = start, *to = start;

	if (*from == '"') {
		for (from++; *from && (*from != '"' || from[1] == '"');
		     from++) {
			from += *from == '"';
			*lines += *from == '\n';
			*to++ = *from;
		}
		if (!*from++) {
			op25b_import_bad(im,
					 "quote without end: expected another \"");
			return NULL;
		}
		if (*from == '\r' && from[1] == '\n')
			from++;
		if (*from && *from != ',' && *from != '\n') {
			op25b_import_bad(im,
					 "text behind a closing quote: expected a comma");
			return NULL;
		}
	} else {
		from += strcspn(from, ",\n");
		to = from > start && *from == '\n' && from[-1] == '\r' ?
			from - 1 : from;
	}
	*end = *from;
	*lines += *end == '\n';
	*s = from + !!*end;
	*to = '\0';
	return start;
}

/* Reads a record. Return: how many fields, 0 if there is none more, -1 after
 * saying what is wrong
 */
static int record(struct op25b_import *im, char **s, char **f,
		  unsigned long *lines)
{
	char end = ',';
	int n = 0;

	*lines = 0;
	if (!**s)
		return 0;
	while (end == ',') {
		if (n == FIELDS_MAX) {
			op25b_import_bad(im, "more than %d columns",
					 FIELDS_MAX);
			return -1;
		}
		f[n] = field(im, s, &end, lines);
		if (!f[n++])
			return -1;
	}
	return n;
}

static void head(struct op25b_import *im, char **f, int n, int *at)
{
	int i, k;

	for (k = 0; k < COLUMNS; k++)
		at[k] = -1;
	for (i = 0; i < n; i++) {
		for (k = 0; k < COLUMNS && strcasecmp(f[i], names[k]); k++)
			;
		if (k == COLUMNS)
			op25b_import_lost(im, im->at.line,
					  "the column \"%s\" is not carried over",
					  f[i]);
		else if (at[k] >= 0)
			op25b_import_bad(im,
					 "second column %s: expected it once",
					 names[k]);
		else
			at[k] = i;
	}
	for (k = PREFIX; k <= ACTION; k++)
		if (at[k] < 0)
			op25b_import_bad(im,
					 "no column %s: expected prefix, action and perhaps until and comment, parted by commas",
					 names[k]);
}

/* The list of this action; -1 there is none */
static int list_of(const struct op25b_import *im, const char *action)
{
	unsigned int i;

	for (i = 0; i < im->lists; i++)
		if (!strcasecmp(im->list[i].name, action))
			return i;
	return -1;
}

/* Bits beyond the length are not rounded off: it may be an address. */
static const char *why_not(struct op25b_import *im, struct op25b_member *m,
			   const char *prefix)
{
	const struct op25b_word w = { prefix, strlen(prefix) };
	struct op25b_entry e;
	struct op25b_err err;

	if (strchr(prefix, '/') &&
	    op25b_parse_key(&op25b_prefix_kind, &w, 1, &e, &err))
		return op25b_import_text(im, "%s", err.text);
	if (!op25b_import_add(im, m, prefix))
		return NULL;
	return op25b_import_text(im, "\"%s\" is no address, prefix or range",
				 prefix);
}

static void row(struct op25b_import *im, char **f, const int *at)
{
	struct op25b_member m = { .line = im->at.line };
	int list = list_of(im, f[at[ACTION]]);
	const char *until = at[UNTIL] < 0 ? "" : f[at[UNTIL]], *why = NULL;
	const struct op25b_word w = { until, strlen(until) };
	struct op25b_err err;

	if (list < 0)
		why = op25b_import_text(im,
					"\"%s\": expected block, exempt, monitor, relay or what is given by \"... as ...\"",
					f[at[ACTION]]);
	else if (w.len && op25b_parse_time(&w, &m.expires, &err))
		why = op25b_import_text(im, "%s", err.text);
	else if (w.len && !op25b_left(m.expires))
		why = "its end is past";
	if (!why) {
		m.list = list;
		if (at[COMMENT] >= 0)
			m.comment = op25b_import_comment(im, f[at[COMMENT]]);
		why = why_not(im, &m, f[at[PREFIX]]);
	}
	if (why)
		op25b_import_lost(im, im->at.line, "not carried over: %s", why);
}

static void add_lists(struct op25b_import *im)
{
	unsigned int role;

	for (role = OP25B_ROLE_BLOCK; role <= OP25B_ROLE_RELAY; role++)
		im->list[op25b_import_list(im, op25b_role_words[role], "")]
			.role = role;
}

void op25b_import_csv(struct op25b_import *im, char *s)
{
	int n, columns, at[COLUMNS];
	char *f[FIELDS_MAX];
	unsigned long lines;

	add_lists(im);
	im->at.line = 1;
	columns = record(im, &s, f, &lines);
	if (columns < 0)
		return;
	head(im, f, columns, at);
	if (at[PREFIX] < 0 || at[ACTION] < 0)
		return;
	for (;;) {
		im->at.line += lines;
		n = record(im, &s, f, &lines);
		if (n <= 0)
			return;
		if (n == columns)
			row(im, f, at);
		else if (n > 1 || *f[0])
			op25b_import_bad(im,
					 "%d fields: expected %d, as in the first line",
					 n, columns);
	}
}
