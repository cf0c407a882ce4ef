// SPDX-License-Identifier: GPL-2.0
/* Times and durations. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "words/when.h"
#include "say.h"

static const struct {
	char name;
	uint32_t seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

#define UNITS	OP25B_ARRAY_SIZE(units)

int op25b_parse_duration(const struct op25b_word *w, uint32_t *seconds,
			 struct op25b_err *err)
{
	uint64_t sum = 0, v = 0;
	size_t i, u = 0, digits = 0;
	char q[OP25B_QUOTE];

	for (i = 0; i < w->len; i++) {
		char c = w->s[i];

		if (c >= '0' && c <= '9' && digits < 10) {
			v = v * 10 + (c - '0');
			digits++;
			continue;
		}
		while (u < UNITS && units[u].name != c)
			u++;
		if (u == UNITS || !digits)
			break;
		sum += v * units[u++].seconds;
		v = 0;
		digits = 0;
	}
	if (i < w->len || digits || !sum || sum > UINT32_MAX)
		return op25b_err(err,
				 "%s: expected a duration such as 90s, 5m, 2h, 7d or 1d12h",
				 op25b_quote(w, q));
	*seconds = sum;
	return 0;
}

/* Reads exactly @n digits at *@s. Return: the number, or -1 */
static int digits(const char **s, const char *end, int n)
{
	int v = 0;

	for (; n; n--, (*s)++) {
		if (*s == end || **s < '0' || **s > '9')
			return -1;
		v = v * 10 + (**s - '0');
	}
	return v;
}

/* Reads "-MM" and the like. Return: the number, or -1 */
static int behind(char c, const char **s, const char *end)
{
	if (*s == end || **s != c)
		return -1;
	(*s)++;
	return digits(s, end, 2);
}

/* Reads "Z", or how far local time is ahead of UTC as "+09:00". */
static bool read_offset(const char *s, const char *end, int *seconds)
{
	int sign = s < end && *s == '-' ? -1 : 1, hours, minutes;

	*seconds = 0;
	if (end - s == 1 && *s == 'Z')
		return true;
	hours = behind(sign < 0 ? '-' : '+', &s, end);
	minutes = behind(':', &s, end);
	*seconds = sign * (hours * 3600 + minutes * 60);
	return s == end && hours >= 0 && hours < 24 && minutes >= 0 &&
	       minutes < 60;
}

static int64_t read_time(const struct op25b_word *w)
{
	const char *s = w->s, *end = s + w->len;
	struct tm tm = { 0 }, back;
	int offset;
	time_t t;

	tm.tm_year = digits(&s, end, 4) - 1900;
	tm.tm_mon = behind('-', &s, end) - 1;
	tm.tm_mday = behind('-', &s, end);
	tm.tm_hour = behind('T', &s, end);
	tm.tm_min = behind(':', &s, end);
	if (s < end && *s == ':')
		tm.tm_sec = behind(':', &s, end);
	if (!read_offset(s, end, &offset) || tm.tm_year < 70 ||
	    tm.tm_hour < 0 || tm.tm_min < 0 || tm.tm_sec < 0)
		return -1;
	/* There is no February 30: timegm() would make it a day in March. */
	back = tm;
	t = timegm(&back);
	if (back.tm_mon != tm.tm_mon || back.tm_mday != tm.tm_mday ||
	    back.tm_hour != tm.tm_hour || back.tm_min != tm.tm_min ||
	    back.tm_sec != tm.tm_sec)
		return -1;
	return t - offset;
}

int op25b_parse_time(const struct op25b_word *w, uint32_t *when,
		     struct op25b_err *err)
{
	int64_t t = read_time(w);
	char q[OP25B_QUOTE];

	if (t < 0)
		return op25b_err(err,
				 "%s: expected a time such as 2026-12-24T09:00Z, or 2026-12-24T18:00+09:00",
				 op25b_quote(w, q));
	if (!t || t > UINT32_MAX)
		return op25b_err(err,
				 "%s: expected a time before 2106-02-07T06:28:16Z",
				 op25b_quote(w, q));
	*when = t;
	return 0;
}

const char *op25b_duration_text(uint64_t seconds, char *buf)
{
	char *p = buf;
	size_t u;

	for (u = 0; u < UNITS; u++) {
		uint64_t v = seconds / units[u].seconds;

		seconds %= units[u].seconds;
		if (v || (u == UNITS - 1 && p == buf))
			p += sprintf(p, "%llu%c", (unsigned long long)v,
				     units[u].name);
	}
	return buf;
}

const char *op25b_time_text(uint32_t when, char *buf)
{
	time_t t = when;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(buf, OP25B_WHEN_TEXT, tm.tm_sec ? "%Y-%m-%dT%H:%M:%SZ" :
		 "%Y-%m-%dT%H:%MZ", &tm);
	return buf;
}

uint64_t op25b_left(uint32_t when)
{
	time_t now = time(NULL);

	return when > now ? when - now : 0;
}
