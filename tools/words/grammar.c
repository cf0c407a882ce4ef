// SPDX-License-Identifier: GPL-2.0
/* Statements: words to entries and knobs. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "words/addr.h"
#include "words/grammar.h"
#include "words/when.h"
#include "say.h"

int64_t op25b_parse_number(const struct op25b_word *w, int64_t max)
{
	int64_t v = 0;
	size_t i;

	if (!w->len || w->len > 10 || (w->s[0] == '0' && w->len > 1))
		return -1;
	for (i = 0; i < w->len; i++) {
		if (w->s[i] < '0' || w->s[i] > '9')
			return -1;
		v = v * 10 + (w->s[i] - '0');
	}
	return v > max ? -1 : v;
}

/* Reads @w up to @slash, or all of it if that is NULL. */
static int parse_address(const struct op25b_word *w, const char *slash,
			 struct op25b_entry *e, const char *what,
			 struct op25b_err *err)
{
	size_t len = slash ? (size_t)(slash - w->s) : w->len;
	char q[OP25B_QUOTE];

	e->family = op25b_addr_parse(w->s, len, e->addr);
	if (!e->family)
		return op25b_err(err, "%s: expected an IPv4 or IPv6 %s",
				 op25b_quote(w, q), what);
	return 0;
}

static int parse_prefix(const struct op25b_word *w, struct op25b_entry *e,
			struct op25b_err *err)
{
	const char *slash = memchr(w->s, '/', w->len);
	char q[OP25B_QUOTE], t[OP25B_ADDR_TEXT];
	struct op25b_word part;
	unsigned int bits;
	int64_t plen;

	if (parse_address(w, slash, e, "prefix", err))
		return -1;
	bits = op25b_addr_bits(e->family);
	if (!slash)
		return op25b_err(err,
				 "%s: expected a prefix length; this one address is %s",
				 op25b_quote(w, q),
				 op25b_prefix_text(e->addr, e->family, bits,
						   t));
	part.s = slash + 1;
	part.len = w->s + w->len - part.s;
	plen = op25b_parse_number(&part, bits);
	if (plen < 0)
		return op25b_err(err,
				 "%s: expected a prefix length from 0 to %u",
				 op25b_quote(w, q), bits);
	e->len = plen;
	if (!op25b_addr_mask(e->addr, e->family, plen))
		return 0;
	return op25b_err(err,
			 "%s has bits set beyond its length; did you mean %s?",
			 op25b_quote(w, q),
			 op25b_prefix_text(e->addr, e->family, plen, t));
}

static int parse_relay(const struct op25b_word *w, struct op25b_entry *e,
		       struct op25b_err *err)
{
	const char *slash = memchr(w->s, '/', w->len);
	char q[OP25B_QUOTE], t[OP25B_ADDR_TEXT];

	if (parse_address(w, slash, e, "address", err))
		return -1;
	e->len = op25b_addr_bits(e->family);
	if (slash)
		return op25b_err(err, "%s: a relay is one address; write %s",
				 op25b_quote(w, q),
				 op25b_addr_text(e->addr, e->family, t));
	return 0;
}

int op25b_parse_key(const struct op25b_kind *kind, const struct op25b_word *w,
		    int n, struct op25b_entry *e, struct op25b_err *err)
{
	e->action = OP25B_ACTION_NONE;
	e->origin = OP25B_ORIGIN_CONFIG;
	e->expires = 0;
	e->comment_len = 0;
	e->comment[0] = '\0';
	if (!n)
		return op25b_err(err, "%s: expected %s", kind->name,
				 kind->is_prefix ? "a prefix" : "an address");
	return kind->is_prefix ? parse_prefix(w, e, err) :
				 parse_relay(w, e, err);
}

/* Bytes of the UTF-8 character at @s, 0 if it is none (RFC 3629, table 3-7 of
 * the Unicode standard: no overlong forms, no surrogates, no more than
 * U+10FFFF).
 */
static size_t utf8_char(const unsigned char *s, size_t left)
{
	size_t len, i;

	if (s[0] < 0x80)
		return 1;
	len = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 :
	      s[0] < 0xf5 ? 4 : 0;
	if (!len || len > left)
		return 0;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/* C0, DEL and, in UTF-8, C1: what a terminal might obey. */
static bool is_control(const unsigned char *s)
{
	return s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

/* The code point of a bidirectional control (U+061C, U+200E and 200F, U+202A to
 * 202E, U+2066 to 2069), which makes a text read other than it is written.
 * Return: it, or 0
 */
static unsigned int bidi(const unsigned char *s, size_t n)
{
	unsigned int c = 0;

	if (n == 2)
		c = (s[0] & 0x1f) << 6 | (s[1] & 0x3f);
	else if (n == 3)
		c = (s[0] & 0xf) << 12 | (s[1] & 0x3f) << 6 | (s[2] & 0x3f);
	if (c == 0x061c || c == 0x200e || c == 0x200f ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return c;
	return 0;
}

int op25b_check_text(const char *what, const struct op25b_word *w,
		     struct op25b_err *err)
{
	const unsigned char *s = (const unsigned char *)w->s;
	size_t i, n;

	for (i = 0; i < w->len; i += n) {
		n = utf8_char(s + i, w->len - i);
		if (!n)
			return op25b_err(err,
					 "byte 0x%02x in the %s: expected UTF-8",
					 s[i], what);
		if (is_control(s + i))
			return op25b_err(err,
					 "control character 0x%02x in the %s: expected printable text",
					 s[i + n - 1], what);
		if (bidi(s + i, n))
			return op25b_err(err,
					 "bidirectional control U+%04X in the %s: expected printable text",
					 bidi(s + i, n), what);
	}
	return 0;
}

static int parse_text(const struct op25b_word *w, struct op25b_entry *e,
		      struct op25b_err *err)
{
	if (!w->len)
		return op25b_err(err,
				 "empty comment: expected a text, or no word \"comment\"");
	if (w->len > OP25B_COMMENT_MAX)
		return op25b_err(err,
				 "comment of %zu bytes: expected at most %d",
				 w->len, OP25B_COMMENT_MAX);
	if (op25b_check_text("comment", w, err))
		return -1;
	memcpy(e->comment, w->s, w->len);
	e->comment[w->len] = '\0';
	e->comment_len = w->len;
	return 0;
}

int op25b_parse_comment(const struct op25b_word *w, int n,
			struct op25b_entry *e, struct op25b_err *err)
{
	if (!n || !op25b_is(w, "comment"))
		return 0;
	if (n == 1)
		return op25b_err(err, "comment: expected a text behind it");
	return parse_text(&w[1], e, err) ? -1 : 2;
}

int op25b_parse_origin_word(const struct op25b_word *w, uint8_t *origin,
			    struct op25b_err *err)
{
	int v = op25b_word_find(op25b_origin_words, w);
	char q[OP25B_QUOTE], list[80];

	if (v < OP25B_ORIGIN_CONFIG)
		return op25b_err(err, "%s: expected the origin %s",
				 op25b_quote(w, q),
				 op25b_words_list(op25b_origin_words,
						  OP25B_ORIGIN_CONFIG, list,
						  sizeof(list)));
	*origin = v;
	return 0;
}

int op25b_parse_origin(const struct op25b_word *w, int n, uint8_t *origin,
		       struct op25b_err *err)
{
	if (!n || !op25b_is(w, "origin"))
		return 0;
	if (n == 1)
		return op25b_err(err, "origin: expected a word behind it");
	return op25b_parse_origin_word(&w[1], origin, err) ? -1 : 2;
}

static int parse_action(const struct op25b_word *w, struct op25b_entry *e,
			struct op25b_err *err)
{
	int a = w ? op25b_word_find(op25b_action_words, w) : -1;
	char q[OP25B_QUOTE], list[80];

	if (a >= OP25B_ACTION_BLOCK) {
		e->action = a;
		return 0;
	}
	op25b_words_list(op25b_action_words, OP25B_ACTION_BLOCK, list,
			 sizeof(list));
	if (!w)
		return op25b_err(err, "no action: expected %s", list);
	return op25b_err(err, "%s: expected the action %s", op25b_quote(w, q),
			 list);
}

static int parse_timeout(const struct op25b_word *w,
			 enum op25b_written written, struct op25b_entry *e,
			 struct op25b_err *err)
{
	uint64_t end = time(NULL);
	char q[OP25B_QUOTE];
	uint32_t seconds;

	if (written == OP25B_IN_FILE)
		return op25b_err(err,
				 "timeout: expected \"until\" and a time, because a duration would start anew at every reload");
	if (op25b_parse_duration(w, &seconds, err))
		return -1;
	end += seconds;
	if (end > UINT32_MAX)
		return op25b_err(err,
				 "timeout %s: expected an end before 2106-02-07T06:28:16Z",
				 op25b_quote(w, q));
	e->expires = end;
	return 0;
}

static int parse_until(const struct op25b_word *w, enum op25b_written written,
		       struct op25b_entry *e, struct op25b_err *err)
{
	char q[OP25B_QUOTE];

	if (op25b_parse_time(w, &e->expires, err))
		return -1;
	if (written == OP25B_BY_HAND && !op25b_left(e->expires))
		return op25b_err(err, "until %s: expected a time to come",
				 op25b_quote(w, q));
	return 0;
}

/* Reads "timeout DURATION" or "until TIME", which may be absent.
 * Return: the number of words read, or -1
 */
static int parse_end(const struct op25b_word *w, int n,
		     enum op25b_written written, struct op25b_entry *e,
		     struct op25b_err *err)
{
	bool timeout = n && op25b_is(w, "timeout");
	int ret;

	if (!timeout && !(n && op25b_is(w, "until")))
		return 0;
	if (n < 2)
		return op25b_err(err, "%s: expected a %s behind it",
				 timeout ? "timeout" : "until",
				 timeout ? "duration" : "time");
	ret = timeout ? parse_timeout(&w[1], written, e, err) :
			parse_until(&w[1], written, e, err);
	return ret ? ret : 2;
}

static int parse_rest(const struct op25b_word *w, int n,
		      enum op25b_written written, const char *expected,
		      struct op25b_entry *e, struct op25b_err *err)
{
	bool by_hand = written == OP25B_BY_HAND;
	int comment, origin = 0;
	char q[OP25B_QUOTE];

	comment = op25b_parse_comment(w, n, e, err);
	if (comment < 0)
		return -1;
	w += comment;
	n -= comment;
	if (by_hand)
		origin = op25b_parse_origin(w, n, &e->origin, err);
	if (origin < 0)
		return -1;
	if (n == origin)
		return 0;
	if (origin)
		return op25b_err(err, "%s: expected the end",
				 op25b_quote(&w[origin], q));
	if (comment)
		return op25b_err(err,
				 "%s: expected %sthe end; a comment of several words needs quotes",
				 op25b_quote(w, q),
				 by_hand ? "\"origin\" or " : "");
	return op25b_err(err, "%s: expected %s\"comment\"%s or the end",
			 op25b_quote(w, q), expected,
			 by_hand ? ", \"origin\"" : "");
}

int op25b_parse_entry(const struct op25b_kind *kind,
		      const struct op25b_word *w, int n,
		      enum op25b_written written, struct op25b_entry *e,
		      struct op25b_err *err)
{
	const char *expected = "";
	int end = 0;

	if (op25b_parse_key(kind, w, n, e, err))
		return -1;
	w++;
	n--;
	if (kind->is_prefix) {
		if (parse_action(n ? w : NULL, e, err))
			return -1;
		end = parse_end(++w, --n, written, e, err);
		if (end < 0)
			return -1;
		expected = end ? "" : written == OP25B_IN_FILE ?
			"\"until\", " : "\"timeout\", \"until\", ";
	}
	return parse_rest(w + end, n - end, written, expected, e, err);
}

int op25b_parse_value(const struct op25b_knob *k, const struct op25b_word *w,
		      uint32_t *value, struct op25b_err *err)
{
	char q[OP25B_QUOTE], list[80];
	int64_t v;

	if (k->words)
		op25b_words_list(k->words, 0, list, sizeof(list));
	else
		snprintf(list, sizeof(list), "a number from %u to %u", k->min,
			 k->max);
	if (!w)
		return op25b_err(err, "%s: expected %s", k->name, list);
	if (k->words)
		v = op25b_word_find(k->words, w);
	else
		v = op25b_parse_number(w, k->max);
	if (v < (int64_t)k->min)
		return op25b_err(err, "%s %s: expected %s", k->name,
				 op25b_quote(w, q), list);
	*value = v;
	return 0;
}

int op25b_parse_stmt(const struct op25b_word *w, int n, struct op25b_stmt *st,
		     struct op25b_err *err)
{
	char q[OP25B_QUOTE], list[200];

	if (op25b_is(w, "prefix")) {
		st->kind = &op25b_prefix_kind;
		return op25b_parse_entry(st->kind, w + 1, n - 1,
					 OP25B_IN_FILE, &st->entry, err);
	}
	if (op25b_is(w, "relay")) {
		st->kind = &op25b_relay_kind;
		return op25b_parse_entry(st->kind, w + 1, n - 1,
					 OP25B_IN_FILE, &st->entry, err);
	}
	st->kind = NULL;
	st->knob = op25b_knob_find(w);
	if (!st->knob)
		return op25b_err(err,
				 "unknown word %s: expected prefix, relay, include or a knob (%s)",
				 op25b_quote(w, q),
				 op25b_knobs_list(list, sizeof(list)));
	if (op25b_parse_value(st->knob, n > 1 ? &w[1] : NULL, &st->value, err))
		return -1;
	if (n > 2)
		return op25b_err(err, "%s: expected the end of the line",
				 op25b_quote(&w[2], q));
	return 0;
}
