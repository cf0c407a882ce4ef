// SPDX-License-Identifier: GPL-2.0
/* What becomes of a packet to port 25, by rules or by the roles of lists; and
 * which rules it may meet at all.
 */
#include <string.h>

#include "import/import.h"

/* Jumps of which each is in the chain of the one before */
#define DEPTH_MAX	16
/* Rules that one packet may meet */
#define STEPS_MAX	100000

/**
 * struct packet - one to port 25
 * @v6: its family
 * @src: by list, the length of the member that its source is in, or -1
 * @dst: of its destination
 */
struct packet {
	const struct op25b_import *im;
	bool v6;
	const int16_t *src, *dst;
};

/**
 * struct path - what is known from the rules that led to the one at hand
 * @mail: one of them names port 25
 * @sourced: one of them has sources, not negated
 * @iface: one of them is for an interface
 */
struct path {
	bool mail, sourced, iface;
	int depth;
};

/* Of a list and those that it is made of, the longest. */
static int length_in(const struct op25b_import *im, const int16_t *in,
		     unsigned int list)
{
	const int16_t *k = im->list[list].of;
	int most = in[list];

	for (; k && *k >= 0; k++)
		if (in[*k] > most)
			most = in[*k];
	return most;
}

static bool fits(const struct packet *pkt, const struct op25b_rule *r)
{
	unsigned int i;

	if (r->why || !(pkt->v6 ? r->v6 : r->v4))
		return false;
	for (i = 0; i < r->n; i++) {
		const struct op25b_cond *c = &r->cond[i];
		bool in = length_in(pkt->im, c->dst ? pkt->dst : pkt->src,
				    c->list) >= 0;

		if (in == c->not)
			return false;
	}
	return true;
}

/* The path goes on from a packet that @r matches. */
static void follow(struct path *p, const struct op25b_rule *r)
{
	unsigned int i;

	p->mail |= r->mail;
	p->iface |= r->iface;
	for (i = 0; i < r->n; i++)
		p->sourced |= !r->cond[i].dst && !r->cond[i].not;
}

/* A rule that blocks more than mail stays with the firewall; one that only an
 * interface keeps from blocking everybody cannot be carried over.
 */
static bool blocks(const struct path *p)
{
	return p->mail && (!p->iface || p->sourced);
}

/* Return: OP25B_END_NONE if the chain comes to none */
static enum op25b_end run(const struct packet *pkt, int chain,
			  struct path path)
{
	const struct op25b_rule *r;
	enum op25b_end end;
	struct path p;
	int i;

	if (path.depth++ == DEPTH_MAX)
		return OP25B_END_NONE;
	for (i = pkt->im->chain[chain].first; i >= 0; i = r->next) {
		r = &pkt->im->rule[i];
		if (!fits(pkt, r))
			continue;
		p = path;
		follow(&p, r);
		if (r->does == OP25B_DOES_RETURN)
			return OP25B_END_NONE;
		if (r->does == OP25B_DOES_ACCEPT)
			return p.mail ? OP25B_END_EXEMPT : OP25B_END_PASS;
		if (r->does == OP25B_DOES_BLOCK) {
			if (blocks(&p))
				return OP25B_END_BLOCK;
			continue;
		}
		end = run(pkt, r->target, p);
		if (end != OP25B_END_NONE || r->does == OP25B_DOES_GOTO)
			return end;
	}
	return OP25B_END_NONE;
}

/* Each chain of the hook sees what those before it let pass. */
static enum op25b_end run_chains(const struct packet *pkt)
{
	const char *other = pkt->v6 ? "ip " : "ip6 ";
	enum op25b_end end, all = OP25B_END_NONE;
	size_t i;

	for (i = 0; i < pkt->im->chains; i++) {
		const struct op25b_chain *c = &pkt->im->chain[i];

		if (c->hook != OP25B_HOOK_FORWARD ||
		    !strncmp(c->name, other, strlen(other)))
			continue;
		end = run(pkt, i, (struct path){ 0 });
		if (end > all)
			all = end;
	}
	return all;
}

/* The longest prefix decides; of lists with the same, the one named first. */
static enum op25b_end run_roles(const struct packet *pkt)
{
	const struct op25b_list *l, *by = NULL;
	int len, best = -1;
	unsigned int i;

	for (i = 0; i < pkt->im->lists; i++) {
		l = &pkt->im->list[i];
		if (!l->role)
			continue;
		if (l->role == OP25B_ROLE_RELAY) {
			if (length_in(pkt->im, pkt->dst, i) >= 0)
				return OP25B_END_EXEMPT;
			continue;
		}
		len = length_in(pkt->im, pkt->src, i);
		if (len < 0)
			continue;
		if (len > best || (len == best && l->order < by->order)) {
			best = len;
			by = l;
		}
	}
	if (!by)
		return OP25B_END_NONE;
	return by->role == OP25B_ROLE_BLOCK ? OP25B_END_BLOCK :
	       by->role == OP25B_ROLE_MONITOR ? OP25B_END_MONITOR :
						OP25B_END_EXEMPT;
}

enum op25b_end op25b_import_end(const struct op25b_import *im, bool v6,
				const int16_t *src, const int16_t *dst)
{
	const struct packet pkt = { im, v6, src, dst };

	return im->roles ? run_roles(&pkt) : run_chains(&pkt);
}

/**
 * struct look - all rules that mail may meet are looked at, twice: to find the
 *	last that blocks it, then to say what is lost
 * @steps: rules so far
 * @last: number of the last that blocks mail; 0 the first time
 * @say: the second time
 */
struct look {
	struct op25b_import *im;
	unsigned long steps, last;
	bool say;
};

/* A rule that several lead to is met several times. */
static void say(struct look *k, const struct op25b_rule *r, const char *what,
		const char *why)
{
	if (k->say)
		op25b_import_lost(k->im, r->line, "%s%s%s", r->where, what,
				  why);
}

/* What its lists lack, some of which may come behind it. */
static void settle(struct op25b_import *im, struct op25b_rule *r)
{
	unsigned int i;

	for (i = 0; i < r->n && !r->why; i++) {
		const struct op25b_list *l = &im->list[r->cond[i].list];

		if (!l->line)
			r->why = op25b_import_text(im,
						   "the list %s is not in the file",
						   l->name);
		else if (l->why)
			r->why = op25b_import_text(im, "the list %s: %s",
						   l->name, l->why);
	}
}

static void mark_one(struct op25b_list *l, bool dst)
{
	l->dst |= dst;
	l->src |= !dst;
}

static void mark(struct op25b_import *im, unsigned int list, bool dst)
{
	const int16_t *k = im->list[list].of;

	mark_one(&im->list[list], dst);
	for (; k && *k >= 0; k++)
		mark_one(&im->list[*k], dst);
}

static void same_reject(struct look *k, struct op25b_rule *r)
{
	if (k->im->reject < 0)
		k->im->reject = r->reject;
	else if (k->im->reject != r->reject)
		say(k, r, "carried over without its answer: ",
		    "another rule has another one, and op25b one for all");
}

/* What is not carried over is of no interest where it accepts more than mail,
 * and no mail is blocked behind it; or blocks more than mail.
 */
static bool matters(const struct look *k, const struct op25b_rule *r,
		    const struct path *p)
{
	return p->mail || (k->steps < k->last &&
			   r->does != OP25B_DOES_BLOCK &&
			   r->does != OP25B_DOES_NOTHING);
}

static void look_at(struct look *k, struct op25b_rule *r,
		    const struct path *p)
{
	unsigned int i;

	settle(k->im, r);
	if (!r->why && r->does == OP25B_DOES_BLOCK && p->mail && !blocks(p))
		r->why = "op25b goes by addresses, and it by interface";
	if (r->why) {
		if (matters(k, r, p))
			say(k, r, "the rule is not carried over: ", r->why);
		return;
	}
	if (r->does == OP25B_DOES_BLOCK && !p->mail)
		return;
	for (i = 0; i < r->n; i++)
		mark(k->im, r->cond[i].list, r->cond[i].dst);
	if (r->does == OP25B_DOES_BLOCK)
		same_reject(k, r);
	if (r->iface && p->mail)
		say(k, r, "carried over without its interface: ",
		    "op25b goes by addresses");
	if (r->note && p->mail)
		say(k, r, "carried over in part: ", r->note);
}

static void visit(struct look *k, int chain, struct path path,
		  unsigned long *last)
{
	struct op25b_rule *r;
	struct path p;
	int i;

	if (path.depth++ == DEPTH_MAX)
		return;
	for (i = k->im->chain[chain].first; i >= 0; i = r->next) {
		r = &k->im->rule[i];
		p = path;
		if (k->steps++ == STEPS_MAX) {
			op25b_import_bad(k->im,
					 "expected chains in which a packet meets at most %d rules",
					 STEPS_MAX);
			return;
		}
		follow(&p, r);
		look_at(k, r, &p);
		if (p.mail && (r->why || r->does == OP25B_DOES_BLOCK))
			*last = k->steps;
		if (!r->why && (r->does == OP25B_DOES_JUMP ||
				r->does == OP25B_DOES_GOTO))
			visit(k, r->target, p, last);
		if (k->im->bad)
			return;
	}
}

/* A chain that forwarded packets meet elsewhere */
static void look_beside(struct look *k, const struct op25b_chain *c)
{
	struct op25b_rule *r;
	int i;

	for (i = c->first; i >= 0; i = r->next) {
		r = &k->im->rule[i];
		if (r->mail && r->does != OP25B_DOES_ACCEPT &&
		    r->does != OP25B_DOES_RETURN)
			say(k, r, "the rule is not carried over: ",
			    "its chain is not one of the hook forward");
	}
}

bool op25b_import_look(struct op25b_import *im)
{
	struct look k = { .im = im };
	unsigned long last = 0;
	size_t i;

	for (;; k.say = true, k.last = last, k.steps = 0) {
		for (i = 0; i < im->chains; i++) {
			if (im->chain[i].hook == OP25B_HOOK_FORWARD)
				visit(&k, i, (struct path){ 0 }, &last);
			else if (im->chain[i].hook == OP25B_HOOK_BESIDE)
				look_beside(&k, &im->chain[i]);
		}
		if (k.say)
			return last;
	}
}

void op25b_import_look_roles(struct op25b_import *im)
{
	struct op25b_list *l;
	unsigned int i;

	for (i = 0; i < im->lists; i++) {
		l = &im->list[i];
		if (l->role && l->why)
			op25b_import_lost(im, l->line,
					  "the list %s is not carried over: %s",
					  l->name, l->why);
		if (l->role)
			mark(im, i, l->role == OP25B_ROLE_RELAY);
	}
	for (i = 0; i < im->lists; i++) {
		l = &im->list[i];
		if (l->line && *l->name && !l->src && !l->dst)
			op25b_import_lost(im, l->line,
					  "the list %s is not carried over: no \"%s as ...\" is given",
					  l->name, l->name);
	}
}
