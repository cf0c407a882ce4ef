// SPDX-License-Identifier: GPL-2.0
/*
 * Routes beside prefixes. Both are laminar, two of them are disjoint or one
 * lies in the other; so once both are sorted by address and length, one walk
 * along them answers two questions: which route of a subscribers' interface
 * holds addresses that no prefix covers, and which prefix no route points to.
 * Whose a prefix is does not matter. Memory is that of the routes, 24 bytes
 * each; that of the sorter, which all prefixes go through, is bounded.
 *
 *	routes    |---- A ----|        |- B -|   |-- C --|
 *	prefixes   |-P-| |-Q-|        |----- R -----|      |-S-|
 *
 * A is covered in part, with a gap before P; B in whole; C in part; nothing
 * points to S. Only outermost prefixes are looked at: what lies in another one
 * covers nothing more, and an exempt host in a pool needs no route of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/route.h"
#include "files/sort.h"
#include "kernel/entry.h"
#include "kernel/netlink.h"
#include "say.h"
#include "words/addr.h"

/* A chain of nested routes: one a length, IPv6's being the most. */
#define DEPTH		129

/* A route that holds the prefix the walk has come to.
 * @next: its first address that the walk has not seen covered
 * @past: there is none, even in the family
 * @gap: first address that is covered by nothing, if @has_gap
 * @covered: some of it is
 */
struct open {
	const struct op25b_route *route;
	uint8_t next[16], gap[16];
	bool past, has_gap, covered;
};

/**
 * struct walk - where the walk is
 * @next: first route that it has not come to
 * @open: the routes around the current place, outermost first
 * @depth: how many
 * @family: of the outermost prefix seen last, which ends at @end
 * @bare: the first of the @uncovered routes of subscribers, those with
 *	addresses that are in no prefix
 * @prefixes: outermost ones
 * @lost: of them, those that no route points to
 * @names: of the first few of these
 */
struct walk {
	const struct op25b_routes *rs;
	size_t next;
	struct open open[DEPTH];
	unsigned int depth;
	uint8_t family, end[16];
	struct open bare[OP25B_TOLD];
	unsigned long uncovered, prefixes, lost;
	char names[200];
};

static void end_of(uint8_t *end, const struct op25b_route *r)
{
	unsigned int i;

	memcpy(end, r->addr, 16);
	for (i = r->len; i < op25b_addr_bits(r->family); i++)
		end[i / 8] |= 0x80 >> i % 8;
}

/* Adds one. Return: false past the last address of the family */
static bool successor(uint8_t *addr, int family)
{
	int i = op25b_addr_bits(family) / 8;

	while (i--)
		if (++addr[i])
			return true;
	return false;
}

static void set_gap(struct open *o)
{
	if (o->has_gap)
		return;
	o->has_gap = true;
	memcpy(o->gap, o->next, sizeof(o->gap));
}

/* The walk leaves the innermost route. */
static void close_route(struct walk *w)
{
	struct open *o = &w->open[--w->depth];
	uint8_t end[16];

	end_of(end, o->route);
	if (!o->past && memcmp(o->next, end, sizeof(end)) <= 0)
		set_gap(o);
	if (!o->has_gap || !o->route->subscriber)
		return;
	if (w->uncovered < OP25B_TOLD)
		w->bare[w->uncovered] = *o;
	w->uncovered++;
}

/* Leaves the routes that end before @place. */
static void close_before(struct walk *w, const struct op25b_route *place)
{
	const struct op25b_route *r;
	uint8_t end[16];

	while (w->depth) {
		r = w->open[w->depth - 1].route;
		end_of(end, r);
		if (r->family == place->family &&
		    memcmp(end, place->addr, sizeof(end)) >= 0)
			return;
		close_route(w);
	}
}

static void open_route(struct walk *w, const struct op25b_route *r)
{
	struct open *o;

	close_before(w, r);
	o = &w->open[w->depth++];
	memset(o, 0, sizeof(*o));
	o->route = r;
	memcpy(o->next, r->addr, sizeof(o->next));
}

/* The prefix @p, which ends at w->end, covers its part of the routes around. */
static void cover(struct walk *w, const struct op25b_route *p)
{
	struct open *o;

	for (o = w->open; o < w->open + w->depth; o++) {
		if (memcmp(o->next, p->addr, sizeof(o->next)))
			set_gap(o);
		o->covered = true;
		memcpy(o->next, w->end, sizeof(o->next));
		o->past = !successor(o->next, p->family);
	}
}

static void lose(struct walk *w, const struct op25b_route *p)
{
	size_t used = strlen(w->names);
	char t[OP25B_ADDR_TEXT];

	if (w->lost++ < 3)
		snprintf(w->names + used, sizeof(w->names) - used, "%s%s",
			 used ? ", " : "",
			 op25b_prefix_text(p->addr, p->family, p->len, t));
}

/* The walk comes to the prefix @p. */
static void step(struct walk *w, const struct op25b_route *p)
{
	const struct op25b_route *r = w->rs->route + w->next;
	const struct op25b_route *last = w->rs->route + w->rs->n;
	bool pointed;

	if (w->prefixes && p->family == w->family &&
	    memcmp(p->addr, w->end, sizeof(w->end)) <= 0)
		return;
	w->prefixes++;
	w->family = p->family;
	end_of(w->end, p);
	for (; r < last && op25b_route_compare(r, p) < 0; r++)
		open_route(w, r);
	close_before(w, p);
	pointed = w->depth;
	cover(w, p);
	/* Those in it are covered. */
	for (; r < last && r->family == p->family &&
	     memcmp(r->addr, w->end, sizeof(w->end)) <= 0; r++)
		pointed = true;
	w->next = r - w->rs->route;
	if (!pointed)
		lose(w, p);
}

static void finish(struct walk *w)
{
	while (w->next < w->rs->n)
		open_route(w, w->rs->route + w->next++);
	while (w->depth)
		close_route(w);
}

static int take_prefix(const struct nlattr *a, void *arg)
{
	struct op25b_entry e;

	if (!op25b_entry_get(a, &op25b_prefix_kind, &e))
		return -EBADMSG;
	return op25b_sort_add(arg, &op25b_prefix_kind, &e);
}

/* The kernel lists them origin by origin. */
static int read_prefixes(struct op25b_doctor *d, struct op25b_sort *sort)
{
	return op25b_nl_dump(d->ctx,
			     op25b_nl_new(d->ctx, OP25B_CMD_PREFIX_GET,
					  OP25B_MSG_SMALL),
			     OP25B_A_PREFIX, take_prefix, sort);
}

/* Steps along all of them. Return: 0 or -errno */
static int step_along(struct walk *w, struct op25b_sort *sort)
{
	const struct op25b_kind *kind;
	struct op25b_route p = { 0 };
	struct op25b_entry e;
	int more;

	more = op25b_sort_finish(sort);
	while (!more && (more = op25b_sort_next(sort, &kind, &e)) > 0) {
		more = 0;
		/* It may be there once of each origin. */
		if (p.family == e.family && p.len == e.len &&
		    !memcmp(p.addr, e.addr, sizeof(p.addr)))
			continue;
		memcpy(p.addr, e.addr, sizeof(p.addr));
		p.family = e.family;
		p.len = e.len;
		step(w, &p);
	}
	return more;
}

static int walk(struct op25b_doctor *d, struct walk *w)
{
	struct op25b_sort *sort = NULL;
	int tries, err = -EAGAIN, bad;

	memset(w, 0, sizeof(*w));
	w->rs = d->routes;
	for (tries = 0; err == -EAGAIN && tries < OP25B_TRIES; tries++) {
		op25b_sort_free(sort);
		sort = op25b_sort_new();
		err = sort ? read_prefixes(d, sort) : -ENOMEM;
	}
	bad = sort ? step_along(w, sort) : 0;
	op25b_sort_free(sort);
	finish(w);
	return bad ? bad : err;
}

static void tell_bare(struct op25b_doctor *d, const struct open *o)
{
	char t[OP25B_ADDR_TEXT], gap[OP25B_ADDR_TEXT], todo[OP25B_TODO];
	const struct op25b_route *r = o->route;
	const struct op25b_link *l = op25b_link_find(&d->links, r->oif);

	op25b_prefix_text(r->addr, r->family, r->len, t);
	op25b_todo(todo,
		   "%s prefix add %s block, or better the pool it is from; exempt, if it may send",
		   d->ctl, t);
	if (o->covered)
		op25b_finding(d, OP25B_PROBLEM, todo,
			      "subscribers' route %s dev %s is listed only in part: %s is in no prefix",
			      t, l->name,
			      op25b_addr_text(o->gap, r->family, gap));
	else
		op25b_finding(d, OP25B_PROBLEM, todo,
			      "subscribers' route %s dev %s is in no prefix: a forgotten pool?",
			      t, l->name);
}

static void tell_walk(struct op25b_doctor *d, const struct walk *w)
{
	char todo[OP25B_TODO];
	unsigned long i;

	for (i = 0; i < w->uncovered && i < OP25B_TOLD; i++)
		tell_bare(d, &w->bare[i]);
	if (w->uncovered > OP25B_TOLD)
		op25b_finding(d, OP25B_PROBLEM, NULL,
			      "%lu more of the subscribers' %s in no prefix",
			      w->uncovered - OP25B_TOLD,
			      op25b_plural(w->uncovered - OP25B_TOLD,
					   "routes is", "routes are"));
	if (!w->lost)
		return;
	op25b_todo(todo,
		   "see whether it is mistyped; %s prefix del takes out what is no longer in use",
		   d->ctl);
	op25b_finding(d, w->lost == w->prefixes ? OP25B_WARNING : OP25B_NOTE,
		      todo, "no route but the default points to %s%s",
		      w->names, w->lost > 3 ? " and others" : "");
}

static unsigned long count_mine(const struct op25b_routes *rs)
{
	unsigned long n = 0;
	size_t i;

	for (i = 0; i < rs->n; i++)
		n += rs->route[i].subscriber;
	return n;
}

void op25b_check_pools(struct op25b_doctor *d)
{
	unsigned long mine = count_mine(d->routes);
	struct walk w;
	int err = walk(d, &w);

	if (err && err != -EAGAIN) {
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "prefixes cannot be read: %s",
			      op25b_nl_sentence(d->ctx));
		return;
	}
	tell_walk(d, &w);
	if (err)
		op25b_finding(d, OP25B_SKIPPED, "ask again",
			      "prefixes changed all the time they were read");
	if (op25b_no_subscribers(d))
		return;
	if (!mine)
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "no route leads out of the interfaces of subscribers");
	else
		op25b_looked(d,
			     "prefixes hold all routes of subscribers (%lu), and routes lead to all prefixes (%lu)",
			     mine, w.prefixes);
	op25b_routes_gaps(d);
}
