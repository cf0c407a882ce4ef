// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of mail by the rules that were read, for each prefix that they
 * name. All addresses of a prefix that are in no longer one are on the same
 * lists and fare alike; so the rules are run for one of them, with a
 * destination that they do not name. That is the prefix's action, whichever way
 * the rules come to it: first match, exceptions from exceptions, chains.
 *
 * Members that end are on their list now and not later; a prefix that would
 * fare otherwise then ends as they do, if what is around it fares so, too.
 *
 * Relays are destinations that change how a source fares. Those that are on the
 * same lists are one class.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "import/import.h"
#include "words/addr.h"
#include "say.h"

#define BITS		128
#define CLASSES_MAX	64
/* Relays that one prefix of destinations may be */
#define PARTS_MAX	256

/**
 * struct class - destinations that are on the same lists
 * @in: which, as of struct frame
 * @passes: of sources that are blocked elsewhere some may send there
 * @blocked: some may not
 * @worse: some may send elsewhere, and not there
 */
struct class {
	int16_t in[OP25B_LISTS_MAX];
	int family;
	bool passes, blocked, worse;
};

/**
 * struct frame - a prefix, and what is known of it
 * @now: by list, the length of the member that it is in, or -1
 * @later: the same when all members that end are gone
 * @expires: the first end of those, 0 none
 * @then: how it fares later
 * @shown: how the longest prefix around it that is written fares
 */
struct frame {
	const struct op25b_member *m;
	int16_t now[OP25B_LISTS_MAX], later[OP25B_LISTS_MAX];
	uint32_t expires;
	enum op25b_end then, shown;
};

struct judge {
	struct op25b_import *im;
	struct class class[CLASSES_MAX];
	unsigned int classes;
	struct frame frame[BITS + 2];
	unsigned int depth;
	unsigned int root;	/* list of all addresses */
};

static int compare(const void *a, const void *b)
{
	const struct op25b_member *m = a, *n = b;
	int c = m->family - n->family;

	if (!c)
		c = memcmp(m->addr, n->addr, 16);
	if (!c)
		c = m->len - n->len;
	if (!c)
		c = m->part - n->part;
	if (!c)
		c = m->list - n->list;
	return c ? c : (m->line > n->line) - (m->line < n->line);
}

static bool holds(const struct op25b_member *m, const struct op25b_member *n)
{
	uint8_t addr[16];

	if (m->family != n->family || n->len < m->len)
		return false;
	memcpy(addr, n->addr, 16);
	op25b_addr_mask(addr, n->family, m->len);
	return !memcmp(addr, m->addr, 16);
}

/* Members of a destination's list that are more than one address, as each of
 * them.
 */
static void part(struct judge *j)
{
	struct op25b_import *im = j->im;
	size_t i, n = im->members;

	for (i = 0; i < n; i++) {
		struct op25b_member m = im->member[i];
		unsigned int bits = op25b_addr_bits(m.family), k;
		char t[OP25B_ADDR_TEXT];

		if (!im->list[m.list].dst || m.len == bits || m.nomatch)
			continue;
		if (bits - m.len > 8) {
			op25b_import_lost(im, m.line,
					  "%s is not carried over as relays: expected at most %d addresses",
					  op25b_prefix_text(m.addr, m.family,
							    m.len, t),
					  PARTS_MAX);
			continue;
		}
		for (k = 0; k < 1U << (bits - m.len); k++) {
			struct op25b_member one = m;

			one.addr[bits / 8 - 1] |= k;
			one.len = bits;
			one.part = true;
			op25b_import_member(im, &one);
		}
	}
}

typedef void (*node_fn)(struct judge *j, struct frame *f,
			const struct op25b_member *m, size_t n);

/* A frame inside of the one on top, that the @n members are of. */
static struct frame *push(struct judge *j, const struct op25b_member *m,
			  size_t n)
{
	struct frame *f = &j->frame[++j->depth], *up = f - 1;
	size_t bytes = j->im->lists * sizeof(f->now[0]), i;
	bool own = false;

	f->m = m;
	memcpy(f->now, up->now, bytes);
	memcpy(f->later, up->later, bytes);
	f->expires = up->expires;
	for (i = 0; i < n; i++) {
		if (m[i].part)
			continue;
		f->now[m[i].list] = m[i].nomatch ? -1 : m[i].len;
		if (!m[i].expires)
			f->later[m[i].list] = f->now[m[i].list];
		else if (!own || m[i].expires < f->expires)
			f->expires = m[i].expires;
		own |= !!m[i].expires;
	}
	return f;
}

static bool same(const struct op25b_member *m, const struct op25b_member *n)
{
	return m->len == n->len && holds(m, n);
}

/* Calls @fn for each prefix, those around it first. */
static void walk(struct judge *j, node_fn fn)
{
	const struct op25b_member *all = j->im->member;
	size_t i, n;

	for (i = 0; i < j->im->members; i += n) {
		n = 1;
		while (i + n < j->im->members && same(&all[i], &all[i + n]))
			n++;
		while (j->depth && !holds(j->frame[j->depth].m, &all[i]))
			j->depth--;
		fn(j, push(j, &all[i], n), &all[i], n);
	}
	j->depth = 0;
}

/* Of the destinations on the same lists as @f; NULL: on none */
static struct class *class_of(struct judge *j, const struct frame *f)
{
	size_t bytes = j->im->lists * sizeof(f->now[0]);
	int16_t in[OP25B_LISTS_MAX];
	bool any = false;
	unsigned int i;

	for (i = 0; i < j->im->lists; i++) {
		in[i] = j->im->list[i].dst && f->now[i] >= 0 ? 0 : -1;
		any |= !in[i];
	}
	for (i = 0; i < j->classes; i++)
		if (j->class[i].family == f->m->family &&
		    !memcmp(j->class[i].in, in, bytes))
			return &j->class[i];
	if (!any || j->classes == CLASSES_MAX)
		return NULL;
	memcpy(j->class[i].in, in, bytes);
	j->class[i].family = f->m->family;
	return &j->class[j->classes++];
}

/* Of two members of one prefix the first, or the one with a comment. */
static const struct op25b_member *prefer(const struct op25b_member *first,
					 const struct op25b_member *next)
{
	return !first || (!first->comment && next->comment) ? next : first;
}

/* The member that says something of a destination; NULL: none of them does */
static const struct op25b_member *of_relay(const struct judge *j,
					   const struct op25b_member *m,
					   size_t n)
{
	const struct op25b_member *found = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (m[i].len == op25b_addr_bits(m[i].family) &&
		    j->im->list[m[i].list].dst)
			found = prefer(found, &m[i]);
	return found;
}

static void find_class(struct judge *j, struct frame *f,
		       const struct op25b_member *m, size_t n)
{
	m = of_relay(j, m, n);
	if (m && !class_of(j, f) && j->classes == CLASSES_MAX)
		op25b_import_lost(j->im, m->line,
				  "the relay is not carried over: expected at most %d kinds of them",
				  CLASSES_MAX);
}

static bool is_blocked(enum op25b_end end)
{
	return end == OP25B_END_BLOCK || end == OP25B_END_MONITOR;
}

/* How a source fares that is on the lists @src, with a destination on none. */
static enum op25b_end fares(const struct judge *j, int family,
			    const int16_t *src)
{
	static int16_t nowhere[OP25B_LISTS_MAX];

	if (!nowhere[0])
		memset(nowhere, -1, sizeof(nowhere));
	return op25b_import_end(j->im, family == AF_INET6, src, nowhere);
}

/* How a source that fares as @foreign does with each class of destinations. */
static void judge_classes(struct judge *j, const struct frame *f,
			  enum op25b_end foreign)
{
	enum op25b_end end;
	unsigned int i;

	for (i = 0; i < j->classes; i++) {
		struct class *c = &j->class[i];

		if (c->family != f->m->family)
			continue;
		end = op25b_import_end(j->im, c->family == AF_INET6, f->now,
				       c->in);
		if (is_blocked(end) && is_blocked(foreign))
			c->blocked = true;
		else if (is_blocked(end))
			c->worse = true;
		else if (is_blocked(foreign) ||
			 (foreign == OP25B_END_NONE && end == OP25B_END_EXEMPT))
			c->passes = true;
	}
}

static struct op25b_result *result(struct judge *j,
				   const struct op25b_kind *kind,
				   const struct op25b_member *m)
{
	struct op25b_import *im = j->im;
	struct op25b_result *r;

	im->result = op25b_import_room(im, im->result, im->results,
				       &im->result_room, sizeof(*r));
	r = &im->result[im->results++];
	memset(r, 0, sizeof(*r));
	r->kind = kind;
	r->m = m;
	return r;
}

static uint8_t action_of(enum op25b_end end)
{
	return end == OP25B_END_BLOCK ? OP25B_ACTION_BLOCK :
	       end == OP25B_END_MONITOR ? OP25B_ACTION_MONITOR :
					  OP25B_ACTION_EXEMPT;
}

/* Says what two members of one prefix have against each other. */
static void disagree(struct judge *j, const struct op25b_member *a,
		     const struct op25b_member *b)
{
	const struct op25b_list *la = &j->im->list[a->list];
	const struct op25b_list *lb = &j->im->list[b->list];

	if (la == lb && (a->expires != b->expires || a->nomatch != b->nomatch))
		op25b_import_lost(j->im, b->line,
				  "stands in line %lu, too, with another end",
				  a->line);
	if (la->role && lb->role && la->role != lb->role && !a->nomatch &&
	    !b->nomatch)
		op25b_import_lost(j->im, b->line,
				  "stands in line %lu, too, as %s: %s decides",
				  a->line, op25b_role_words[la->role],
				  lb->order < la->order ? lb->name : la->name);
	if (a->comment && b->comment && strcmp(a->comment, b->comment))
		op25b_import_lost(j->im, b->line,
				  "without its comment: there is another one in line %lu",
				  a->line);
}

/* The same of a source, after saying what they disagree about. */
static const struct op25b_member *of_source(struct judge *j,
					    const struct op25b_member *m,
					    size_t n)
{
	const struct op25b_member *found = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (m[i].part || !j->im->list[m[i].list].src)
			continue;
		if (found)
			disagree(j, found, &m[i]);
		found = prefer(found, &m[i]);
	}
	return found;
}

/* Is it to be written? Who is named by a rule about mail is, even if he would
 * pass anyway; others only where they are not as what is around them.
 */
static bool is_shown(const struct judge *j, const struct frame *f,
		     const struct op25b_member *m, enum op25b_end now)
{
	if (is_blocked(now) || is_blocked(f->then) || is_blocked(f->shown))
		return true;
	return now == OP25B_END_EXEMPT && m->list != j->root;
}

static void find_source(struct judge *j, struct frame *f,
			const struct op25b_member *m, size_t n)
{
	enum op25b_end now, after = f[-1].then;
	char t[OP25B_ADDR_TEXT];
	struct op25b_result *r;

	f->then = after;
	f->shown = f[-1].shown;
	m = of_source(j, m, n);
	if (!m)
		return;
	now = fares(j, m->family, f->now);
	judge_classes(j, f, now);
	f->then = fares(j, m->family, f->later);
	if (!is_shown(j, f, m, now))
		return;
	r = result(j, &op25b_prefix_kind, m);
	r->action = action_of(now);
	r->expires = now != f->then ? f->expires : 0;
	f->shown = now;
	if (r->expires && f->then != after &&
	    (is_blocked(f->then) || is_blocked(after)))
		op25b_import_lost(j->im, m->line,
				  "%s ends, and what it is then is not carried over",
				  op25b_prefix_text(m->addr, m->family, m->len,
						    t));
}

static void find_relay(struct judge *j, struct frame *f,
		       const struct op25b_member *m, size_t n)
{
	const struct class *c;
	char t[OP25B_ADDR_TEXT];

	m = of_relay(j, m, n);
	c = m ? class_of(j, f) : NULL;
	if (!c)
		return;
	op25b_addr_text(m->addr, m->family, t);
	if (c->worse)
		op25b_import_lost(j->im, m->line,
				  "not carried over: %s is blocked for sources that may send elsewhere",
				  t);
	if (!c->passes)
		return;
	if (c->blocked)
		op25b_import_lost(j->im, m->line,
				  "%s is open to some of the sources only, and as a relay to all of them",
				  t);
	if (m->expires)
		op25b_import_lost(j->im, m->line,
				  "without its end: %s is a relay, which has none",
				  t);
	result(j, &op25b_relay_kind, m);
}

/* All addresses of a family are a source, too: rules may block whom they do not
 * name.
 */
static void add_root(struct judge *j, const char *all)
{
	struct op25b_member m = { .list = j->root };

	op25b_import_add(j->im, &m, all);
}

void op25b_import_judge(struct op25b_import *im)
{
	struct judge *j = op25b_import_alloc(im, sizeof(*j));

	j->im = im;
	memset(&j->frame[0].now, -1, sizeof(j->frame[0].now));
	memset(&j->frame[0].later, -1, sizeof(j->frame[0].later));
	part(j);
	j->root = op25b_import_inline(im);
	im->list[j->root].src = true;
	add_root(j, "0.0.0.0/0");
	add_root(j, "::/0");
	qsort(im->member, im->members, sizeof(im->member[0]), compare);
	walk(j, find_class);
	walk(j, find_source);
	walk(j, find_relay);
	free(j);
}

