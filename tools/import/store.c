// SPDX-License-Identifier: GPL-2.0
/* What was read: kept, and what of it is lost. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/import.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "words/when.h"
#include "say.h"

/* A line that is shown of many that are wrong */
#define BAD_SHOWN	50

const char * const op25b_role_words[] = {
	"", "block", "exempt", "monitor", "relay", NULL
};

/* Text that stays until the end */
struct op25b_kept {
	struct op25b_kept *next;
	char s[];
};

static void *need(struct op25b_import *im, void *p)
{
	if (p)
		return p;
	im->at.file = NULL;
	op25b_complain(&im->at, "out of memory");
	exit(OP25B_UNASKED);
}

void *op25b_import_room(struct op25b_import *im, void *array, size_t n,
			size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room ? 2 * *room : 64;
	return need(im, reallocarray(array, *room, size));
}

void *op25b_import_alloc(struct op25b_import *im, size_t size)
{
	return need(im, calloc(1, size));
}

const char *op25b_import_keep(struct op25b_import *im, const char *s,
			      size_t len)
{
	struct op25b_kept *k = need(im, malloc(sizeof(*k) + len + 1));

	memcpy(k->s, s, len);
	k->s[len] = '\0';
	k->next = im->kept;
	im->kept = k;
	return k->s;
}

static const char *keep_text(struct op25b_import *im, const char *fmt,
			     va_list ap)
{
	char *text = NULL;
	const char *kept;

	if (vasprintf(&text, fmt, ap) < 0)
		need(im, NULL);
	kept = op25b_import_keep(im, text, strlen(text));
	free(text);
	return kept;
}

const char *op25b_import_text(struct op25b_import *im, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = keep_text(im, fmt, ap);
	va_end(ap);
	return text;
}

void op25b_import_free(struct op25b_import *im)
{
	struct op25b_kept *k;
	unsigned int i;

	while ((k = im->kept)) {
		im->kept = k->next;
		free(k);
	}
	for (i = 0; i < im->lists; i++)
		free(im->list[i].of);
	free(im->member);
	free(im->rule);
	free(im->chain);
	free(im->lost);
	free(im->result);
}

void op25b_import_lost(struct op25b_import *im, unsigned long line,
		       const char *fmt, ...)
{
	struct op25b_lost *l;
	va_list ap;

	im->lost = op25b_import_room(im, im->lost, im->losts, &im->lost_room,
				     sizeof(*l));
	l = &im->lost[im->losts++];
	l->line = line;
	va_start(ap, fmt);
	l->text = keep_text(im, fmt, ap);
	va_end(ap);
}

void op25b_import_bad(struct op25b_import *im, const char *fmt, ...)
{
	va_list ap;

	if (im->bad++ >= BAD_SHOWN)
		return;
	va_start(ap, fmt);
	op25b_complain(&im->at, "%s", keep_text(im, fmt, ap));
	va_end(ap);
}

static unsigned int new_list(struct op25b_import *im)
{
	if (im->lists == OP25B_LISTS_MAX) {
		op25b_import_bad(im, "expected at most %d lists of addresses",
				 OP25B_LISTS_MAX);
		im->lists--;
	}
	return im->lists++;
}

unsigned int op25b_import_list(struct op25b_import *im, const char *name,
			       const char *scope)
{
	unsigned int i;

	for (i = 0; i < im->lists; i++)
		if (!strcmp(im->list[i].name, name) &&
		    !strcmp(im->list[i].scope, scope))
			return i;
	i = new_list(im);
	im->list[i].name = op25b_import_keep(im, name, strlen(name));
	im->list[i].scope = op25b_import_keep(im, scope, strlen(scope));
	return i;
}

unsigned int op25b_import_inline(struct op25b_import *im)
{
	unsigned int i = new_list(im);

	im->list[i].name = "";
	im->list[i].scope = "";
	im->list[i].line = im->at.line;
	return i;
}

void op25b_import_member(struct op25b_import *im, const struct op25b_member *m)
{
	im->member = op25b_import_room(im, im->member, im->members,
				       &im->member_room, sizeof(*m));
	im->member[im->members++] = *m;
}

/* The last address of @m, in @last */
static void last_of(const struct op25b_member *m, uint8_t *last)
{
	unsigned int bits = op25b_addr_bits(m->family), i;

	memcpy(last, m->addr, 16);
	for (i = m->len; i < bits; i++)
		last[i / 8] |= 0x80 >> i % 8;
}

/* Doubles @m as long as it begins where it does and ends by @to. */
static void widen(struct op25b_member *m, const uint8_t *to)
{
	struct op25b_member wide = *m;
	uint8_t last[16];

	while (wide.len) {
		wide.len--;
		last_of(&wide, last);
		if (op25b_addr_mask(wide.addr, wide.family, wide.len) ||
		    memcmp(last, to, 16) > 0)
			return;
		m->len = wide.len;
	}
}

static void add_range(struct op25b_import *im, struct op25b_member m,
		      const uint8_t *to)
{
	unsigned int bits = op25b_addr_bits(m.family);
	uint8_t last[16];
	int i;

	for (;;) {
		m.len = bits;
		widen(&m, to);
		op25b_import_member(im, &m);
		last_of(&m, last);
		if (!memcmp(last, to, 16))
			return;
		for (i = bits / 8 - 1; i >= 0 && !++last[i]; i--)
			;
		memcpy(m.addr, last, 16);
	}
}

int op25b_import_add(struct op25b_import *im, struct op25b_member *m,
		     const char *s)
{
	size_t n = strcspn(s, "/-");
	struct op25b_word w = { s + n + 1, s[n] ? strlen(s + n + 1) : 0 };
	unsigned int bits;
	uint8_t to[16];
	int64_t len;

	m->family = op25b_addr_parse(s, n, m->addr);
	if (!m->family)
		return -1;
	bits = op25b_addr_bits(m->family);
	if (s[n] == '-') {
		if (op25b_addr_parse(w.s, w.len, to) != m->family ||
		    memcmp(m->addr, to, 16) > 0)
			return -1;
		add_range(im, *m, to);
		return 0;
	}
	len = im->list[m->list].netmask ? im->list[m->list].netmask : bits;
	if (s[n] == '/')
		len = op25b_parse_number(&w, bits);
	if (len < 0 || len > bits)
		return -1;
	m->len = len;
	op25b_addr_mask(m->addr, m->family, m->len);
	op25b_import_member(im, m);
	return 0;
}

bool op25b_import_ends(struct op25b_import *im, struct op25b_member *m,
		       uint64_t seconds)
{
	uint64_t end = im->now + seconds;

	if (end > UINT32_MAX) {
		op25b_import_lost(im, im->at.line,
				  "not carried over: its end is past 2106-02-07T06:28:16Z");
		return false;
	}
	m->expires = end;
	if (op25b_left(end))
		return true;
	op25b_import_lost(im, im->at.line,
			  "not carried over: its end is past, %llus after the file was written",
			  (unsigned long long)seconds);
	return false;
}

const char *op25b_import_comment(struct op25b_import *im, const char *s)
{
	const struct op25b_word w[] = {
		{ "::", 2 }, { "comment", 7 }, { s, strlen(s) }
	};
	struct op25b_entry e;
	struct op25b_err err;

	if (!*s)
		return NULL;
	if (!op25b_parse_entry(&op25b_relay_kind, w, 3, OP25B_IN_FILE, &e,
			       &err))
		return op25b_import_keep(im, s, w[2].len);
	op25b_import_lost(im, im->at.line, "without its comment: %s", err.text);
	return NULL;
}

static int find_chain(const struct op25b_import *im, const char *name)
{
	int i = im->chains;

	while (i-- && strcmp(im->chain[i].name, name))
		;
	return i;
}

bool op25b_import_has_chain(const struct op25b_import *im, const char *name)
{
	return find_chain(im, name) >= 0;
}

int op25b_import_chain(struct op25b_import *im, const char *name)
{
	struct op25b_chain *c;
	int i = find_chain(im, name);

	if (i >= 0)
		return i;
	im->chain = op25b_import_room(im, im->chain, im->chains,
				      &im->chain_room, sizeof(*c));
	c = &im->chain[im->chains];
	memset(c, 0, sizeof(*c));
	c->name = op25b_import_keep(im, name, strlen(name));
	c->first = -1;
	c->last = -1;
	return im->chains++;
}

static const char *enlist(struct op25b_import *im, const char *list,
			  const char *more)
{
	return list ? op25b_import_text(im, "%s, %s", list, more) : more;
}

void op25b_import_why(struct op25b_import *im, struct op25b_rule *r,
		      const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	r->why = enlist(im, r->why, keep_text(im, fmt, ap));
	va_end(ap);
}

void op25b_import_note(struct op25b_import *im, struct op25b_rule *r,
		       const char *note)
{
	r->note = enlist(im, r->note, note);
}

void op25b_import_cond(struct op25b_rule *r, unsigned int list, bool dst,
		       bool not)
{
	if (r->n == OP25B_CONDS_MAX) {
		r->why = "it has too many conditions";
		return;
	}
	r->cond[r->n++] = (struct op25b_cond){ list, dst, not };
}

void op25b_import_ports(struct op25b_import *im, struct op25b_rule *r,
			unsigned int ports, bool not)
{
	bool mail = ports & OP25B_PORTS_MAIL;

	r->never |= mail == not;
	if (not)
		return;
	r->mail = true;
	if (mail && ports & OP25B_PORTS_OTHERS)
		op25b_import_note(im, r, "of its ports, 25 alone");
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* May @r be one with @b, but for its last list, which is written in it?
 * Return: the number of that condition, or -1
 */
static int one_apart(const struct op25b_import *im, const struct op25b_rule *a,
		     const struct op25b_rule *b)
{
	int apart = -1;
	unsigned int i;

	if (a->v4 != b->v4 || a->v6 != b->v6 || a->mail != b->mail ||
	    a->iface || b->iface || a->does != b->does ||
	    a->reject != b->reject || a->target != b->target || a->n != b->n ||
	    a->why || b->why || !same_text(a->note, b->note))
		return -1;
	for (i = 0; i < a->n; i++) {
		const struct op25b_cond *c = &a->cond[i], *d = &b->cond[i];

		if (c->dst != d->dst || c->not != d->not)
			return -1;
		if (c->list == d->list)
			continue;
		if (apart >= 0 || c->not || *im->list[c->list].name ||
		    d->list != im->lists - 1 || *im->list[d->list].name)
			return -1;
		apart = i;
	}
	return apart;
}

/* The last list is @list from now on. */
static void merge(struct op25b_import *im, unsigned int list)
{
	size_t i;

	im->lists--;
	for (i = im->members; i && im->member[i - 1].list == im->lists; i--)
		im->member[i - 1].list = list;
}

/* What it accepts for all sources, it may for those of one interface. */
static bool has_destination(const struct op25b_rule *r)
{
	unsigned int i;

	for (i = 0; i < r->n; i++)
		if (r->cond[i].dst && !r->cond[i].not)
			return true;
	return false;
}

/* Forgets the lists written in a rule that is not asked. */
static void drop_lists(struct op25b_import *im, const struct op25b_rule *r)
{
	unsigned int i = r->n;

	while (i && r->cond[--i].list == im->lists - 1 &&
	       !*im->list[im->lists - 1].name) {
		im->lists--;
		while (im->members &&
		       im->member[im->members - 1].list == im->lists)
			im->members--;
	}
}

void op25b_import_rule(struct op25b_import *im, int chain,
		       struct op25b_rule *r)
{
	struct op25b_chain *c = &im->chain[chain];
	struct op25b_rule *last = c->last < 0 ? NULL : &im->rule[c->last];
	int apart;

	if (r->iface && !r->why && !has_destination(r) &&
	    (r->does == OP25B_DOES_ACCEPT || r->does == OP25B_DOES_RETURN))
		r->why = "op25b goes by addresses, and it by an interface";
	if (r->never || r->why || r->does == OP25B_DOES_NOTHING)
		drop_lists(im, r);
	if (r->never || (!r->why && r->does == OP25B_DOES_NOTHING))
		return;
	apart = last ? one_apart(im, last, r) : -1;
	if (apart >= 0) {
		merge(im, last->cond[apart].list);
		return;
	}
	im->rule = op25b_import_room(im, im->rule, im->rules, &im->rule_room,
				     sizeof(*r));
	r->next = -1;
	if (c->last < 0)
		c->first = im->rules;
	else
		im->rule[c->last].next = im->rules;
	c->last = im->rules;
	im->rule[im->rules++] = *r;
}
