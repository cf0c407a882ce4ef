// SPDX-License-Identifier: GPL-2.0
/*
 * How much of a family is blocked. Prefixes are nested or apart, so in the
 * order of addresses and lengths one changes only what the one right around it
 * says, and that one is known from a stack.
 */
#include <errno.h>
#include <stdio.h>

#include "conf/cover.h"
#include "files/sort.h"
#include "words/addr.h"
#include "say.h"

/* Addresses that IPv4 packets are forwarded from: 1.0.0.0 to 223.255.255.255
 * without loopback; and of IPv6 those that are handed out, 2000::/3.
 */
#define V4_FIRST	0x01000000u
#define V4_LAST		0xdfffffffu
#define LOOP_FIRST	0x7f000000u
#define LOOP_LAST	0x7fffffffu
#define V6_FIRST	0x2000000000000000u
#define V6_LAST		0x3fffffffffffffffu

static bool is_v6(const struct op25b_entry *e)
{
	return op25b_addr_bits(e->family) > 32;
}

/* Of the addresses or /64s from @first to @last, those from @low to @high. */
static uint64_t common(uint64_t first, uint64_t last, uint64_t low,
		       uint64_t high)
{
	if (first < low)
		first = low;
	if (last > high)
		last = high;
	return first > last ? 0 : last - first + 1;
}

static uint64_t routed(uint64_t first, uint64_t last, bool v6)
{
	if (v6)
		return common(first, last, V6_FIRST, V6_LAST);
	return common(first, last, V4_FIRST, V4_LAST) -
	       common(first, last, LOOP_FIRST, LOOP_LAST);
}

/* Bounds of a prefix. Return: false if it is passed over */
static bool bounds(const struct op25b_entry *e, uint64_t *first,
		   uint64_t *last)
{
	unsigned int bytes = is_v6(e) ? 8 : 4, i;

	if (e->len > (is_v6(e) ? 40 : 24))
		return false;
	*first = 0;
	for (i = 0; i < bytes; i++)
		*first = *first << 8 | e->addr[i];
	*last = *first | (~(uint64_t)0 >> (64 - 8 * bytes) >> e->len);
	return true;
}

uint64_t op25b_cover_size(const struct op25b_entry *e)
{
	uint64_t first, last;

	return bounds(e, &first, &last) ? routed(first, last, is_v6(e)) : 0;
}

void op25b_cover_add(struct op25b_cover *c, const struct op25b_entry *e)
{
	bool block = e->action == OP25B_ACTION_BLOCK, was;
	uint64_t *blocked = &c->blocked[is_v6(e)];
	uint64_t first, last;

	if (!bounds(e, &first, &last))
		return;
	if (c->family != e->family)
		c->depth = 0;
	c->family = e->family;
	while (c->depth && (c->around[c->depth - 1].end < first ||
			    c->around[c->depth - 1].len >= e->len))
		c->depth--;
	was = c->depth && c->around[c->depth - 1].block;
	if (block && !was)
		*blocked += routed(first, last, is_v6(e));
	else if (!block && was)
		*blocked -= routed(first, last, is_v6(e));
	c->around[c->depth].end = last;
	c->around[c->depth].len = e->len;
	c->around[c->depth++].block = block;
}

/* A line that has changed is found when it is loaded. Return: 0 or -errno */
static int sort_files(struct op25b_source *s, struct op25b_sort *sort)
{
	struct op25b_stmt st;
	int err;

	err = op25b_source_rewind(s);
	while (!err && op25b_source_next(s, &st, NULL) == OP25B_FOUND_STMT)
		if (st.kind && st.kind->is_prefix &&
		    op25b_cover_size(&st.entry) &&
		    !op25b_source_past(s, &st.entry))
			err = op25b_sort_add(sort, st.kind, &st.entry);
	return err ? err : op25b_sort_finish(sort);
}

int op25b_cover_files(struct op25b_cover *c, struct op25b_source *s)
{
	struct op25b_sort *sort = op25b_sort_new();
	const struct op25b_kind *kind;
	struct op25b_entry e;
	int err;

	err = sort ? sort_files(s, sort) : -ENOMEM;
	while (!err && (err = op25b_sort_next(sort, &kind, &e)) > 0) {
		op25b_cover_add(c, &e);
		err = 0;
	}
	op25b_sort_free(sort);
	return err;
}

unsigned int op25b_cover_percent(uint64_t blocked, bool v6)
{
	uint64_t all = routed(0, ~(uint64_t)0, v6);

	/* What is counted comes in units of 256. */
	return blocked >= all ? 100 : (blocked >> 8) * 100 / (all >> 8);
}

int op25b_cover_grade(unsigned int percent)
{
	return (percent >= 50) + (percent == 100);
}

const char *op25b_cover_text(unsigned int percent, bool v6, char *buf)
{
	const char *family = v6 ? "IPv6" : "IPv4";

	if (percent == 100)
		snprintf(buf, OP25B_COVER_TEXT, "all of %s", family);
	else
		snprintf(buf, OP25B_COVER_TEXT, "%u%% of all of %s", percent,
			 family);
	return buf;
}
