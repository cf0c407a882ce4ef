// SPDX-License-Identifier: GPL-2.0
/* A line to words. */
#include <string.h>

#include "words/grammar.h"
#include "say.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Reads the quoted word whose opening quote is at @s.
 * Return: what follows its closing quote, or NULL with @err set.
 */
static char *quoted(char *s, const char *end, struct op25b_word *w,
		    struct op25b_err *err)
{
	char *to = ++s;

	w->s = s;
	while (s < end && *s != '"') {
		if (*s == '\\') {
			if (++s == end)
				break;
			if (*s != '"' && *s != '\\') {
				op25b_err(err,
					  "backslash inside quotes: expected \\\" or \\\\");
				return NULL;
			}
		}
		*to++ = *s++;
	}
	if (s == end) {
		op25b_err(err, "quote without end: expected another \"");
		return NULL;
	}
	w->len = to - w->s;
	s++;
	if (s < end && !is_blank(*s)) {
		op25b_err(err,
			  "text right behind a closing quote: expected a blank");
		return NULL;
	}
	return s;
}

/* Reads the bare word at @s. Return: as quoted() */
static char *bare_word(char *s, const char *end, struct op25b_word *w,
		       struct op25b_err *err)
{
	unsigned char c;

	w->s = s;
	for (; s < end; s++) {
		c = *s;
		if (c > '"' && c < 0x7f)
			continue;	/* nearly all of a million lines */
		if (is_blank(c))
			break;
		if (c == '"') {
			op25b_err(err,
				  "quote inside a word: expected it at the start");
			return NULL;
		}
		if (c < 0x20 || c == 0x7f) {
			op25b_err(err,
				  "control character 0x%02x: expected text",
				  c);
			return NULL;
		}
	}
	w->len = s - w->s;
	return s;
}

/* What editors of other systems leave in any line, or in the first.
 * Return: 0, or -1 with @err set
 */
static int foreign(const char *s, size_t len, struct op25b_err *err)
{
	if (len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3))
		return op25b_err(err,
				 "byte order mark at the start: expected text without it");
	if (len >= 2 && (!memcmp(s, "\xff\xfe", 2) ||
			 !memcmp(s, "\xfe\xff", 2)))
		return op25b_err(err,
				 "byte order mark of UTF-16 at the start: expected UTF-8");
	if (len && s[len - 1] == '\r')
		return op25b_err(err,
				 "carriage return at the end: expected Unix line ends");
	return 0;
}

int op25b_split(char *s, size_t len, struct op25b_word *w,
		struct op25b_err *err)
{
	const char *end = s + len;
	int n = 0;

	if (foreign(s, len, err))
		return -1;
	for (;;) {
		while (s < end && is_blank(*s))
			s++;
		if (s == end || *s == '#')
			return n;
		if (n == OP25B_WORDS_MAX)
			return op25b_err(err,
					 "more than %d words: expected one statement",
					 OP25B_WORDS_MAX);
		s = *s == '"' ? quoted(s, end, &w[n], err) :
				bare_word(s, end, &w[n], err);
		if (!s)
			return -1;
		n++;
	}
}
