// SPDX-License-Identifier: GPL-2.0
/*
 * Throws text at the tool's parsers and compares them with oracles: addresses
 * with inet_pton(), host bits with a loop over bits, statements with
 * themselves after printing. Built with the sanitizers.
 *
 *	grammar SEED ROUNDS	speaks TAP
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words/addr.h"
#include "words/kind.h"
#include "words/grammar.h"
#include "print.h"
#include "words/when.h"
#include "words/wide.h"
#include "say.h"

static uint64_t state;
static int tests, failures;

/* xorshift64*, so that a seed means the same everywhere */
static uint32_t rnd(uint32_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL >> 32) % below;
}

static void result(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

static bool differs(const char *what, const char *text)
{
	printf("# %s: %s\n", what, text);
	return false;
}

static const char addr_chars[] = "0123456789abcdefABCDEF:::::....//%x ";

/* An address, mostly, then perhaps broken in some place. */
static size_t make_addr(char *buf)
{
	uint8_t bytes[16];
	size_t n, i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = rnd(3) ? rnd(256) : 0;
	if (rnd(4) == 0) {
		memset(bytes, 0, 10);
		memset(bytes + 10, rnd(2) ? 0xff : 0, 2);
	}
	for (i = 0; i < 16; i += 2)
		if (rnd(2) == 0)
			memset(bytes + i, 0, 2);
	inet_ntop(rnd(2) ? AF_INET : AF_INET6, bytes, buf, 64);
	n = strlen(buf);
	for (i = rnd(3); i; i--) {
		size_t at = rnd(n + 1);
		char c = addr_chars[rnd(sizeof(addr_chars) - 1)];

		if (rnd(2) && at < n) {
			buf[at] = c;
		} else if (n < 60) {
			memmove(buf + at + 1, buf + at, n - at + 1);
			buf[at] = c;
			n++;
		}
	}
	return n;
}

static bool same_address(const char *text, size_t len)
{
	uint8_t want[16] = { 0 }, got[16];
	int family = 0, is;
	char *exact;

	if (inet_pton(AF_INET, text, want) == 1)
		family = AF_INET;
	else if (inet_pton(AF_INET6, text, want) == 1)
		family = AF_INET6;
	/* A copy that ends where the text does: one byte read too far shows. */
	exact = malloc(len ? len : 1);
	memcpy(exact, text, len);
	is = op25b_addr_parse(exact, len, got);
	free(exact);
	return is == family && (!is || !memcmp(want, got, sizeof(got)));
}

static void test_addresses(unsigned long rounds)
{
	unsigned long good = 0;
	uint8_t scratch[16];
	bool ok = true;
	char buf[80];
	size_t n;

	while (ok && rounds--) {
		n = make_addr(buf);
		good += !!op25b_addr_parse(buf, n, scratch);
		if (!same_address(buf, n))
			ok = differs("inet_pton disagrees on", buf);
	}
	printf("# %lu of them were addresses\n", good);
	result(ok && good, "addresses: as inet_pton reads them");
}

static void test_masks(unsigned long rounds)
{
	uint8_t a[16], b[16];
	unsigned int i, plen;
	bool ok = true;

	while (ok && rounds--) {
		int family = rnd(2) ? AF_INET : AF_INET6;
		unsigned int bits = family == AF_INET ? 32 : 128;
		bool lost = false, said;
		char text[80];

		memset(a, 0, sizeof(a));
		for (i = 0; i < bits / 8; i++)
			a[i] = rnd(2) ? rnd(256) : 0;
		memcpy(b, a, sizeof(a));
		plen = rnd(bits + 1);
		for (i = plen; i < bits; i++) {
			uint8_t bit = 0x80 >> i % 8;

			lost |= b[i / 8] & bit;
			b[i / 8] &= ~bit;
		}
		op25b_prefix_text(a, family, plen, text);
		said = op25b_addr_mask(a, family, plen);
		if (said != lost || memcmp(a, b, sizeof(a)))
			ok = differs("wrong bits cleared in", text);
	}
	result(ok, "host bits: as a loop over bits finds them");
}

/* As decimal sums are done on paper, with bytes for digits. */
static bool paper(uint8_t *sum, const uint8_t *a, const uint8_t *b, int sign)
{
	int i, carry = 0;

	for (i = 15; i >= 0; i--) {
		int digit = a[i] + sign * b[i] + carry;

		sum[i] = digit;
		carry = digit < 0 ? -1 : digit >> 8;
	}
	return carry;
}

static struct op25b_wide wide(const uint8_t *b)
{
	struct op25b_wide w = { 0, 0 };
	int i;

	for (i = 0; i < 8; i++) {
		w.hi = w.hi << 8 | b[i];
		w.lo = w.lo << 8 | b[8 + i];
	}
	return w;
}

static bool is_wide(struct op25b_wide w, const uint8_t *b)
{
	struct op25b_wide v = wide(b);

	return w.hi == v.hi && w.lo == v.lo;
}

static void test_wide(unsigned long rounds)
{
	uint8_t a[16], b[16], sum[16], ones[16];
	unsigned int i, bits;
	bool ok = true;

	while (ok && rounds--) {
		for (i = 0; i < 16; i++) {
			a[i] = rnd(2) ? rnd(256) : rnd(2) ? 0xff : 0;
			b[i] = rnd(2) ? a[i] : rnd(2) ? 0xff : 0;
		}
		ok &= op25b_wide_less(wide(a), wide(b)) ==
			(memcmp(a, b, 16) < 0);
		if (paper(sum, a, b, 1))
			memset(sum, 0xff, 16);
		ok &= is_wide(op25b_wide_add(wide(a), wide(b)), sum);
		paper(sum, a, b, -1);
		ok &= is_wide(op25b_wide_sub(wide(a), wide(b)), sum);
		a[0] &= 0x7f;
		paper(sum, a, a, 1);
		ok &= is_wide(op25b_wide_half(wide(sum)), a);
		bits = rnd(129);
		memset(ones, 0, 16);
		for (i = 0; i < bits; i++)
			ones[15 - i / 8] |= 1 << i % 8;
		ok &= is_wide(op25b_wide_ones(bits), ones);
	}
	result(ok, "numbers of 128 bits: as on paper");
}

/* Days in a month, for those who count on their fingers. */
static int days_in(int year, int month)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	return days[month - 1] + (month == 2 && year % 4 == 0 &&
				  (year % 100 || year % 400 == 0));
}

/* Seconds at midnight before a day, -1 if there is no such day. */
static int64_t midnight(int year, int month, int day)
{
	int64_t n = 0;
	int y, m;

	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month))
		return -1;
	for (y = 1970; y < year; y++)
		n += 365 + days_in(y, 2) - 28;
	for (m = 1; m < month; m++)
		n += days_in(year, m);
	return (n + day - 1) * 86400;
}

static void test_times(unsigned long rounds)
{
	unsigned long good = 0;
	bool ok = true;

	while (ok && rounds--) {
		int year = 1969 + rnd(140), month = rnd(14), day = rnd(33);
		int h = rnd(25), m = rnd(61), s = rnd(61);
		int64_t want = midnight(year, month, day);
		char text[64], back[OP25B_WHEN_TEXT];
		struct op25b_word w = { text, 0 };
		struct op25b_err err;
		uint32_t got = 0;

		want += h * 3600 + m * 60 + s;
		if (h > 23 || m > 59 || s > 59 || want > UINT32_MAX ||
		    midnight(year, month, day) < 0)
			want = 0;
		w.len = sprintf(text, s || rnd(2) ?
				"%04d-%02d-%02dT%02d:%02d:%02dZ" :
				"%04d-%02d-%02dT%02d:%02dZ", year, month, day,
				h, m, s);
		if (op25b_parse_time(&w, &got, &err))
			got = 0;
		good += !!got;
		if (got != want)
			ok = differs("another time than on the fingers", text);
		w.s = op25b_time_text(want, back);
		w.len = strlen(back);
		if (want && (op25b_parse_time(&w, &got, &err) || got != want))
			ok = differs("does not survive being printed", text);
	}
	printf("# %lu of them were times\n", good);
	result(ok && good, "times: as they are counted on the fingers");
}

static void test_durations(unsigned long rounds)
{
	static const int seconds[] = { 86400, 3600, 60, 1 };
	bool ok = true;

	while (ok && rounds--) {
		char text[64], back[OP25B_WHEN_TEXT];
		struct op25b_word w = { text, 0 };
		struct op25b_err err;
		uint32_t got = 0;
		uint64_t want = 0;
		int u;

		for (u = 0; u < 4; u++) {
			uint32_t v = rnd(rnd(2) ? 60 : 50000);

			if (rnd(2))
				continue;
			want += (uint64_t)v * seconds[u];
			w.len += sprintf(text + w.len, "%u%c", v, "dhms"[u]);
		}
		if (want > UINT32_MAX)
			want = 0;
		if (op25b_parse_duration(&w, &got, &err))
			got = 0;
		if (got != want)
			ok = differs("another duration than the sum", text);
		w.s = op25b_duration_text(want, back);
		w.len = strlen(back);
		if (want &&
		    (op25b_parse_duration(&w, &got, &err) || got != want))
			ok = differs("does not survive being printed", text);
	}
	result(ok, "durations: the sum of their parts");
}

/* Prints @st as a file does. Return: to be freed */
static char *print_stmt(const struct op25b_stmt *st)
{
	struct op25b_out out = { 0 };
	char *text = NULL;
	size_t size;

	out.f = open_memstream(&text, &size);
	if (st->kind)
		op25b_entry_print_config(&out, st->kind, &st->entry);
	else
		op25b_knob_print(&out, st->knob, st->knob->name, st->value);
	fclose(out.f);
	return text;
}

static bool equal(const struct op25b_stmt *a, const struct op25b_stmt *b)
{
	if (a->kind != b->kind)
		return false;
	if (!a->kind)
		return a->knob == b->knob && a->value == b->value;
	return !memcmp(a->entry.addr, b->entry.addr, 16) &&
		a->entry.family == b->entry.family &&
		a->entry.len == b->entry.len &&
		a->entry.action == b->entry.action &&
		a->entry.expires == b->entry.expires &&
		!strcmp(a->entry.comment, b->entry.comment);
}

/* Reads a line. Return: words, of which @st is made; -1 if it is bad */
static int read_stmt(char *line, size_t len, struct op25b_stmt *st)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	struct op25b_err err;
	int n;

	err.text[0] = '\0';
	n = op25b_split(line, len, w, &err);
	if (n > 0 && op25b_parse_stmt(w, n, st, &err))
		n = -1;
	if (n < 0 && !err.text[0])
		differs("refused without a reason", line);
	return n;
}

static bool survives(const struct op25b_stmt *st)
{
	char *text = print_stmt(st), *again = strdup(text);
	struct op25b_stmt back;
	bool ok;

	memset(&back, 0, sizeof(back));
	ok = read_stmt(again, strcspn(again, "\n"), &back) > 0 &&
		equal(st, &back);
	if (!ok)
		differs("does not survive being printed", text);
	free(again);
	free(text);
	return ok;
}

static const char * const parts[] = {
	"prefix", "relay", "mode", "reject", "reverse", "counters", "comment",
	"reject-rate", "reject-source-rate", "block", "exempt", "monitor",
	"off", "on", "enforce", "drop", "icmp", "tcp-reset", "0", "1000000",
	"192.0.2.0/24", "2001:db8::/32", "192.0.2.25", "::ffff:192.0.2.1",
	"until", "until 2026-12-24T09:00Z", "until 2026-12-24T09:00:01Z",
	"2106-02-07T06:28:15Z", "timeout", "5m",
	"\"two words\"", "\"\\\"\"", "\"\\\\\"", "\"メール\"", "#", "\"",
	"\\",
	"\r", "\x01", "\xff", "",
};

/* Words in an order that often makes sense, some bytes changed. */
static size_t make_line(char *buf)
{
	static const char * const starts[] = {
		"prefix 100.64.0.0/10 block ", "relay 192.0.2.25 comment ",
		"prefix 2001:db8::/32 exempt comment ",
		"prefix 192.0.2.1/32 exempt until 2026-12-24T09:00Z ",
		"prefix 192.0.2.1/32 exempt until ", "mode ", "reject ",
		"reject-rate ", "relay ", "prefix ", "",
	};
	size_t n = sprintf(buf, "%s", starts[rnd(OP25B_ARRAY_SIZE(starts))]);
	unsigned int i;

	for (i = rnd(4); i; i--)
		n += sprintf(buf + n, "%s%s",
			     parts[rnd(OP25B_ARRAY_SIZE(parts))],
			     rnd(8) ? " " : "");
	for (i = rnd(4) ? 0 : rnd(4); i && n; i--)
		buf[rnd(n)] = rnd(256);
	return n;
}

static void test_statements(unsigned long rounds)
{
	unsigned long good = 0, entries = 0;
	struct op25b_stmt st;
	char buf[512], *exact;
	bool ok = true;
	size_t n;

	while (ok && rounds--) {
		n = make_line(buf);
		exact = malloc(n ? n : 1);
		memcpy(exact, buf, n);
		memset(&st, 0, sizeof(st));
		if (read_stmt(exact, n, &st) > 0) {
			good++;
			entries += !!st.kind;
			ok = survives(&st);
		}
		free(exact);
	}
	printf("# %lu good statements, %lu of them entries\n", good, entries);
	result(ok && entries && good > entries,
	       "statements: the same when printed and read again");
}

int main(int argc, char **argv)
{
	unsigned long rounds;

	if (argc != 3)
		return 2;
	state = strtoul(argv[1], NULL, 0) | 1;
	rounds = strtoul(argv[2], NULL, 0);
	printf("# seed %s, %lu rounds\n", argv[1], rounds);
	test_addresses(rounds);
	test_masks(rounds);
	test_wide(rounds);
	test_times(rounds);
	test_durations(rounds);
	test_statements(rounds);
	printf("1..%d\n", tests);
	return !!failures;
}
