// SPDX-License-Identifier: GPL-2.0
/*
 * What `conf apply` and `prefix sync` want `force` for: entries added by hand
 * that would go, most of a family that would, most of a family blocked.
 *
 * Prefixes are nested or apart, never overlap by halves. So in the order of
 * addresses and lengths, one that begins behind the end of the last that was
 * in none is in none itself, and the addresses covered are the sum of those.
 * What two lists have in common are the outer ones of either inside an outer
 * one of the other.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/compare.h"
#include "conf/cover.h"
#include "kernel/netlink.h"
#include "words/addr.h"
#include "words/wide.h"
#include "print.h"
#include "say.h"

/* Entries named one by one; beyond, they are only counted. */
#define SHOWN	50

static const char * const family_names[] = { "IPv4", "IPv6" };

static const struct op25b_wide one = { 0, 1 };

/* One list's outer prefix that was met last. */
struct outer {
	bool any;
	struct op25b_wide end;
};

/* One family. Addresses are counted up to 2^128 - 1, one too few for ::/0. */
struct family {
	uint64_t prefixes, lost;
	struct op25b_wide covered, kept;
	struct outer old, new;
};

struct guard {
	struct op25b_ctx *ctx;
	const struct op25b_source *s;
	const char *name;
	const struct op25b_summary *sum;
	struct family family[2];
	struct op25b_cover old;
	uint64_t by_hand;
	bool refused;
};

static struct op25b_wide first_of(const struct op25b_entry *e)
{
	unsigned int bytes = op25b_addr_bits(e->family) / 8, i;
	struct op25b_wide v = { 0, 0 };

	for (i = 0; i < bytes; i++) {
		v.hi = v.hi << 8 | v.lo >> 56;
		v.lo = v.lo << 8 | e->addr[i];
	}
	return v;
}

/* Addresses in it, less one. */
static struct op25b_wide span_of(const struct op25b_entry *e)
{
	return op25b_wide_ones(op25b_addr_bits(e->family) - e->len);
}

/* Notes a prefix of one list. Return: is it outer? */
static bool enter(struct outer *mine, struct op25b_wide first,
		  struct op25b_wide span)
{
	if (mine->any && !op25b_wide_less(mine->end, first))
		return false;
	mine->any = true;
	mine->end = op25b_wide_add(first, span);
	return true;
}

static void cover(struct family *f, const struct op25b_entry *e, bool old)
{
	struct op25b_wide first = first_of(e), span = span_of(e);
	struct op25b_wide size = op25b_wide_add(span, one);
	struct outer *other = old ? &f->new : &f->old;

	if (!enter(old ? &f->old : &f->new, first, span))
		return;
	if (old)
		f->covered = op25b_wide_add(f->covered, size);
	if (other->any && !op25b_wide_less(other->end, first))
		f->kept = op25b_wide_add(f->kept, size);
}

/* Names an entry that somebody added by hand and would miss. */
static void miss(struct guard *g, const struct op25b_kind *kind,
		 const struct op25b_entry *e, bool gone)
{
	struct op25b_out out = { .f = stderr, .json = g->ctx->out->json };
	char *text;

	if (g->by_hand++ >= SHOWN)
		return;
	if (asprintf(&text, "%s: added by hand and %s", g->name,
		     gone ? "not in it" : "not so in it") < 0)
		text = NULL;
	op25b_flush();
	op25b_out_obj_open(&out, NULL);
	op25b_out_str(&out, "text", "op25bctl: %s: ", text ? text : g->name);
	op25b_entry_print_config_fields(&out, kind, e);
	op25b_out_obj_close(&out);
	free(text);
}

static void pair(const struct op25b_kind *kind, const struct op25b_entry *old,
		 const struct op25b_entry *new, void *arg)
{
	const struct op25b_entry *e = old ? old : new;
	bool v6 = e->family != 2 /* AF_INET */;
	struct guard *g = arg;
	struct family *f = &g->family[v6];

	if (old && old->by_hand &&
	    (!new || old->action != new->action ||
	     old->expires != new->expires))
		miss(g, kind, old, !new);
	if (!kind->is_prefix)
		return;
	if (old) {
		f->prefixes++;
		f->lost += !new;
		cover(f, old, true);
		op25b_cover_add(&g->old, old);
	}
	if (new)
		cover(f, new, false);
}

static void object(struct guard *g, const char *fmt, ...)
	__printf(2, 3);

static void object(struct guard *g, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	op25b_complain(g->ctx, "%s: %s", g->name, text);
	g->refused = true;
}

/* Share of @part in @whole, rounded down. */
static unsigned int percent(struct op25b_wide part, struct op25b_wide whole)
{
	while (whole.hi || whole.lo > UINT64_MAX / 100) {
		whole = op25b_wide_half(whole);
		part = op25b_wide_half(part);
	}
	return part.lo * 100 / whole.lo;
}

static void judge_family(struct guard *g, int v6)
{
	unsigned int is = op25b_cover_percent(g->old.blocked[v6], v6);
	unsigned int will = g->sum->blocked[v6];
	struct family *f = &g->family[v6];
	struct op25b_wide lost = op25b_wide_sub(f->covered, f->kept);
	char text[OP25B_COVER_TEXT];
	struct op25b_ctx at;

	if (f->lost > f->prefixes - f->lost)
		object(g, "%llu of %llu %s %s would be gone",
		       (unsigned long long)f->lost,
		       (unsigned long long)f->prefixes, family_names[v6],
		       f->prefixes == 1 ? "prefix" : "prefixes");
	if (op25b_wide_less(f->kept, lost))
		object(g,
		       "%u%% of the %s addresses in prefixes would be in none",
		       percent(lost, f->covered), family_names[v6]);
	if (op25b_cover_grade(will) <= op25b_cover_grade(is))
		return;
	at = op25b_source_ctx(g->ctx, g->s, g->sum->widest[v6]);
	op25b_complain(&at, "%s would be blocked",
		       op25b_cover_text(will, v6, text));
	g->refused = true;
}

static int judge(struct guard *g)
{
	if (g->by_hand > SHOWN)
		op25b_complain(g->ctx, "%s: ... and %llu more", g->name,
			       (unsigned long long)g->by_hand - SHOWN);
	if (g->by_hand)
		object(g,
		       "what was added by hand since the last apply would go: %llu %s",
		       (unsigned long long)g->by_hand,
		       g->by_hand == 1 ? "entry" : "entries");
	judge_family(g, 0);
	judge_family(g, 1);
	if (!g->refused)
		return OP25B_DONE;
	return op25b_fail(g->ctx, OP25B_REFUSED,
			  "%s: nothing is changed; the word `force` behind it applies it all the same",
			  g->name);
}

static struct guard begin(struct op25b_ctx *ctx, const struct op25b_source *s,
			  const struct op25b_summary *sum)
{
	return (struct guard){
		.ctx = ctx, .s = s, .sum = sum,
		.name = op25b_source_name(s, 0),
	};
}

int op25b_guard_copy(struct op25b_ctx *ctx, struct op25b_copy *c,
		     struct op25b_source *s, const struct op25b_summary *sum)
{
	const struct op25b_part *part = &c->state.part[c->origin];
	struct guard g = begin(ctx, s, sum);
	int ret;

	ret = op25b_compare(ctx, c, s, op25b_part_prefixes(part), pair, &g);
	return ret ? ret : judge(&g);
}

int op25b_guard(struct op25b_ctx *ctx, struct op25b_source *s,
		const struct op25b_summary *sum, bool force,
		uint64_t *generation)
{
	struct guard g = begin(ctx, s, sum);
	const struct op25b_part *part;
	struct op25b_state st;
	struct op25b_copy c;
	int ret;

	if (op25b_state_get(ctx, &st))
		return op25b_nl_refused(ctx, "%s", g.name);
	*generation = st.generation;
	if (force)
		return OP25B_DONE;
	/* Where nothing is in force nothing can be lost. */
	part = &st.part[OP25B_ORIGIN_CONFIG];
	if (!op25b_part_prefixes(part) && !part->relays)
		return judge(&g);
	ret = op25b_copy_read(ctx, OP25B_ORIGIN_CONFIG, &c);
	if (!ret) {
		*generation = c.state.generation;
		ret = op25b_guard_copy(ctx, &c, s, sum);
	}
	op25b_copy_free(&c);
	return ret;
}
