// SPDX-License-Identifier: GPL-2.0
/*
 * What `nft -j list ruleset` prints: {"nftables": [{"KIND": {...}}, ...]}. Each
 * object is read for itself, so that it is known in which line it stands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <linux/op25b.h>

#include "import/import.h"
#include "say.h"

/* Members of @o, "" or NULL where there is none */
static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static bool is(const json_t *v, const char *s)
{
	return json_is_string(v) && !strcmp(json_string_value(v), s);
}

/* What {"set": [...]} or [...] consists of, else NULL */
static const json_t *items_of(const json_t *v)
{
	const json_t *set = json_object_get(v, "set");

	return set || !json_is_array(v) ? set : v;
}

static const char *scope_of(struct op25b_import *im, const json_t *o)
{
	return op25b_import_text(im, "%s %s", text_of(o, "family"),
				 text_of(o, "table"));
}

/* --- sets */

/* Adds "ADDRESS", {"prefix": ...} or {"range": [...]}. Return: 0 or -1 */
static int add_address(struct op25b_import *im, struct op25b_member *m,
		       const json_t *v)
{
	const json_t *prefix = json_object_get(v, "prefix");
	const json_t *range = json_object_get(v, "range");
	char buf[128] = "";

	if (json_is_string(v))
		snprintf(buf, sizeof(buf), "%s", json_string_value(v));
	else if (prefix)
		snprintf(buf, sizeof(buf), "%s/%d", text_of(prefix, "addr"),
			 (int)json_integer_value(json_object_get(prefix,
								 "len")));
	else if (json_is_string(json_array_get(range, 0)) &&
		 json_is_string(json_array_get(range, 1)))
		snprintf(buf, sizeof(buf), "%s-%s",
			 json_string_value(json_array_get(range, 0)),
			 json_string_value(json_array_get(range, 1)));
	return op25b_import_add(im, m, buf);
}

static void add_element(struct op25b_import *im, unsigned int list,
			const json_t *v)
{
	struct op25b_member m = { .line = im->at.line, .list = list };
	const json_t *elem = json_object_get(v, "elem"), *left;
	char *shown;

	if (elem) {
		left = json_object_get(elem, "expires");
		if (!left)
			left = json_object_get(elem, "timeout");
		if (left &&
		    !op25b_import_ends(im, &m, json_integer_value(left)))
			return;
		m.comment = op25b_import_comment(im, text_of(elem, "comment"));
		v = json_object_get(elem, "val");
	}
	if (!add_address(im, &m, v))
		return;
	shown = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	op25b_import_lost(im, m.line,
			  "%s of the set %s is not carried over: expected an address, a prefix or a range",
			  shown ? shown : "an element", im->list[list].name);
	free(shown);
}

/* Ports in @v: a number, "smtp", a range, a list. Return: OP25B_PORTS_* */
static unsigned int ports(const json_t *v)
{
	const json_t *items = items_of(v), *e, *val;
	const json_t *range = json_object_get(v, "range");
	unsigned int found = 0;
	size_t i;

	json_array_foreach(items, i, e) {
		val = json_object_get(json_object_get(e, "elem"), "val");
		found |= ports(val ? val : e);
	}
	if (items)
		return found;
	if (json_integer_value(v) == 25 || is(v, "smtp"))
		return OP25B_PORTS_MAIL;
	if (json_integer_value(json_array_get(range, 0)) <= 25 &&
	    json_integer_value(json_array_get(range, 1)) >= 25)
		found = OP25B_PORTS_MAIL;
	return found | OP25B_PORTS_OTHERS;
}

/* "ipv4_addr", or the field that a set's elements are like */
static const char *type_of(const json_t *set)
{
	const json_t *like = json_object_get(json_object_get(set, "type"),
					     "typeof");

	return like ? text_of(json_object_get(like, "payload"), "field") :
		      text_of(set, "type");
}

static void take_set(struct op25b_import *im, const json_t *o)
{
	unsigned int n = op25b_import_list(im, text_of(o, "name"),
					   scope_of(im, o));
	const json_t *e, *all = json_object_get(o, "elem");
	struct op25b_list *l = &im->list[n];
	const char *type = type_of(o);
	size_t i;

	l->line = im->at.line;
	if (!strcmp(type, "inet_service") || !strcmp(type, "dport")) {
		l->ports = ports(all);
		l->why = "op25b has no lists of ports";
		return;
	}
	if (strcmp(type, "ipv4_addr") && strcmp(type, "ipv6_addr") &&
	    strcmp(type, "saddr") && strcmp(type, "daddr")) {
		l->why = "its elements are not addresses alone";
		return;
	}
	json_array_foreach(all, i, e)
		add_element(im, n, e);
}

/* A map of addresses gives each an end of its own. */
static void take_map(struct op25b_import *im, const json_t *o)
{
	unsigned int n = op25b_import_list(im, text_of(o, "name"),
					   scope_of(im, o));

	im->list[n].line = im->at.line;
	im->list[n].why = "it is a map";
}

/* --- rules */

static int chain_of(struct op25b_import *im, const json_t *o, const char *name)
{
	return op25b_import_chain(im, op25b_import_text(im, "%s %s",
							scope_of(im, o), name));
}

static void take_chain(struct op25b_import *im, const json_t *o)
{
	int n = chain_of(im, o, text_of(o, "name"));
	const char *hook = text_of(o, "hook"), *family = text_of(o, "family");

	if (!strcmp(hook, "forward") && !strncmp(family, "i", 1))
		im->chain[n].hook = OP25B_HOOK_FORWARD;
	else if (*hook && strcmp(hook, "input") && strcmp(hook, "output"))
		im->chain[n].hook = OP25B_HOOK_BESIDE;
}

/* Of "@NAME", the name, else NULL */
static const char *name_of(const json_t *v)
{
	const char *s = json_string_value(v);

	return s && *s == '@' ? s + 1 : NULL;
}

/* The list that @right is or names. */
static unsigned int list_of(struct op25b_import *im, const json_t *o,
			    struct op25b_rule *r, const json_t *right)
{
	struct op25b_member m = {
		.line = im->at.line, .comment = r->comment
	};
	const json_t *set = json_object_get(right, "set"), *e;
	const char *name = name_of(right);
	size_t i;

	if (name)
		return op25b_import_list(im, name, scope_of(im, o));
	m.list = op25b_import_inline(im);
	if (set) {
		json_array_foreach(set, i, e)
			add_element(im, m.list, e);
	} else if (add_address(im, &m, right)) {
		op25b_import_why(im, r,
				 "what it compares addresses with is no address");
	}
	return m.list;
}

/* The ports that @right is or names. */
static unsigned int ports_of(struct op25b_import *im, const json_t *o,
			     const json_t *right)
{
	const char *name = name_of(right);

	return name ? im->list[op25b_import_list(im, name,
						 scope_of(im, o))].ports :
	       ports(right);
}

static bool has_tcp(const json_t *v)
{
	const json_t *items = items_of(v), *e;
	size_t i;

	json_array_foreach(items, i, e)
		if (has_tcp(e))
			return true;
	return is(v, "tcp") || json_integer_value(v) == 6;
}

static void match_payload(struct op25b_import *im, const json_t *o,
			  struct op25b_rule *r, const json_t *payload,
			  const json_t *right, bool not)
{
	const char *proto = text_of(payload, "protocol");
	const char *field = text_of(payload, "field");
	bool ip = !strcmp(proto, "ip"), ip6 = !strcmp(proto, "ip6");

	r->v4 &= !ip6;
	r->v6 &= !ip;
	if ((ip || ip6) && (!strcmp(field, "saddr") || !strcmp(field, "daddr")))
		op25b_import_cond(r, list_of(im, o, r, right),
				  *field == 'd', not);
	else if ((ip && !strcmp(field, "protocol")) ||
		 (ip6 && !strcmp(field, "nexthdr")))
		r->never |= has_tcp(right) == not;
	else if ((!strcmp(proto, "tcp") || !strcmp(proto, "th")) &&
		 !strcmp(field, "dport"))
		op25b_import_ports(im, r, ports_of(im, o, right), not);
	else if (!strcmp(proto, "udp") || !strncmp(proto, "icmp", 4) ||
		 !strcmp(proto, "sctp") || !strcmp(proto, "udplite"))
		r->never = true;
	else
		op25b_import_why(im, r, "op25b has nothing like %s %s", proto,
				 field);
}

/* "new", or a list of states with it */
static bool has_new(const json_t *v)
{
	const json_t *items = items_of(v), *e;
	size_t i;

	json_array_foreach(items, i, e)
		if (is(json_is_array(e) ? json_array_get(e, 0) : e, "new"))
			return true;
	return is(v, "new");
}

static void match_meta(struct op25b_import *im, struct op25b_rule *r,
		       const char *key, const json_t *right, bool not)
{
	if (!strcmp(key, "l4proto")) {
		r->never |= has_tcp(right) == not;
	} else if (!strcmp(key, "nfproto") || !strcmp(key, "protocol")) {
		r->v4 &= (is(right, "ipv4") || is(right, "ip")) != not;
		r->v6 &= (is(right, "ipv6") || is(right, "ip6")) != not;
	} else if (strstr(key, "ifname") || !strcmp(key, "iif") ||
		   !strcmp(key, "oif") || strstr(key, "ifgroup")) {
		r->iface = true;
	} else {
		op25b_import_why(im, r, "op25b has nothing like meta %s", key);
	}
}

/* "tcp flags & (...) == syn" is every new connection. */
static bool is_syn(const json_t *left, const json_t *right)
{
	const json_t *what = json_object_get(left, "&");

	if (json_is_array(what))
		what = json_array_get(what, 0);
	else
		what = left;
	return !strcmp(text_of(json_object_get(what, "payload"), "field"),
		       "flags") && is(right, "syn");
}

static void take_match(struct op25b_import *im, const json_t *o,
		       struct op25b_rule *r, const json_t *match)
{
	const json_t *left = json_object_get(match, "left");
	const json_t *right = json_object_get(match, "right");
	const json_t *payload = json_object_get(left, "payload");
	const json_t *meta = json_object_get(left, "meta");
	const char *ct = text_of(json_object_get(left, "ct"), "key");
	const char *op = text_of(match, "op");
	bool not = !strcmp(op, "!=");

	if (!not && strcmp(op, "==") && strcmp(op, "in"))
		op25b_import_why(im, r, "op25b has nothing like \"%s\"", op);
	else if (is_syn(left, right) && !not)
		return;
	else if (payload)
		match_payload(im, o, r, payload, right, not);
	else if (meta)
		match_meta(im, r, text_of(meta, "key"), right, not);
	else if (!strcmp(ct, "state"))
		r->never |= has_new(right) == not;
	else if (json_object_get(left, "concat"))
		op25b_import_why(im, r,
				 "it compares addresses and more as one");
	else
		op25b_import_why(im, r,
				 "op25b has nothing like one of its conditions");
}

static void take_vmap(struct op25b_import *im, struct op25b_rule *r,
		      const json_t *vmap)
{
	const json_t *key = json_object_get(vmap, "key");

	if (!strcmp(text_of(json_object_get(key, "ct"), "key"), "state") &&
	    !has_new(json_object_get(vmap, "data")))
		r->never = true;
	else
		op25b_import_why(im, r, "its end is in a map");
	/* It may be one that accepts. */
	r->does = OP25B_DOES_ACCEPT;
}

static int reject_of(const json_t *reject)
{
	return !strcmp(text_of(reject, "type"), "tcp reset") ?
		OP25B_REJECT_TCP_RESET : OP25B_REJECT_ICMP;
}

/* A statement {"NAME": ...} of a rule */
static void take_statement(struct op25b_import *im, const json_t *o,
			   struct op25b_rule *r, const json_t *s)
{
	const char *name = json_object_iter_key(json_object_iter((json_t *)s));
	const json_t *v = json_object_get(s, name ? name : "");

	if (!name)
		return;
	if (!strcmp(name, "match")) {
		take_match(im, o, r, v);
	} else if (!strcmp(name, "vmap")) {
		take_vmap(im, r, v);
	} else if (!strcmp(name, "accept")) {
		r->does = OP25B_DOES_ACCEPT;
	} else if (!strcmp(name, "drop")) {
		r->does = OP25B_DOES_BLOCK;
		r->reject = OP25B_REJECT_DROP;
	} else if (!strcmp(name, "reject")) {
		r->does = OP25B_DOES_BLOCK;
		r->reject = reject_of(v);
	} else if (!strcmp(name, "return")) {
		r->does = OP25B_DOES_RETURN;
	} else if (!strcmp(name, "jump") || !strcmp(name, "goto")) {
		r->does = *name == 'j' ? OP25B_DOES_JUMP : OP25B_DOES_GOTO;
		r->target = chain_of(im, o, text_of(v, "target"));
	} else if (!strcmp(name, "log")) {
		op25b_import_note(im, r, "without its log");
	} else if (strcmp(name, "counter") && strcmp(name, "continue")) {
		op25b_import_why(im, r, "op25b has nothing like \"%s\"",
				 name);
	}
}

static void take_rule(struct op25b_import *im, const json_t *o)
{
	const char *family = text_of(o, "family");
	struct op25b_rule r = {
		.line = im->at.line, .v4 = strcmp(family, "ip6"),
		.v6 = strcmp(family, "ip"),
	};
	const json_t *handle = json_object_get(o, "handle"), *s;
	size_t i;

	r.where = op25b_import_text(im, "%s %s handle %lld: ", scope_of(im, o),
				    text_of(o, "chain"),
				    (long long)json_integer_value(handle));
	r.comment = op25b_import_comment(im, text_of(o, "comment"));
	json_array_foreach(json_object_get(o, "expr"), i, s)
		take_statement(im, o, &r, s);
	op25b_import_rule(im, chain_of(im, o, text_of(o, "chain")), &r);
}

static void take_object(struct op25b_import *im, const json_t *o)
{
	static const struct {
		const char *kind;
		void (*take)(struct op25b_import *im, const json_t *o);
	} kinds[] = {
		{ "set", take_set }, { "map", take_map },
		{ "chain", take_chain }, { "rule", take_rule },
	};
	size_t i;

	for (i = 0; i < OP25B_ARRAY_SIZE(kinds); i++)
		if (json_is_object(json_object_get(o, kinds[i].kind)))
			kinds[i].take(im, json_object_get(o, kinds[i].kind));
}

/* Skips blanks and @c. Return: what follows them; NULL: there is no @c */
static char *skip(struct op25b_import *im, char *s, char c)
{
	for (; *s && strchr(" \t\r\n", *s); s++)
		im->at.line += *s == '\n';
	return *s == c ? s + 1 : NULL;
}

static unsigned long lines_in(const char *s, const char *end)
{
	unsigned long n = 0;

	for (; s < end; s++)
		n += *s == '\n';
	return n;
}

/* Behind [, objects up to ] */
static void objects(struct op25b_import *im, char *s)
{
	json_error_t err;
	char *next;
	json_t *o;

	for (;;) {
		next = skip(im, s, ']');
		if (next)
			return;
		s += strspn(s, " \t\r\n");
		o = json_loads(s, JSON_DISABLE_EOF_CHECK, &err);
		if (!o) {
			im->at.line += err.line - 1;
			op25b_import_bad(im, "%s: expected what nft -j prints",
					 err.text);
			return;
		}
		take_object(im, o);
		json_decref(o);
		im->at.line += lines_in(s, s + err.position);
		s += err.position;
		next = skip(im, s, ',');
		s = next ? next : s + strspn(s, " \t\r\n");
		if (!next && *s != ']') {
			op25b_import_bad(im,
					 "expected a comma, or ] at the end");
			return;
		}
	}
}

void op25b_import_nft(struct op25b_import *im, char *s)
{
	static const char key[] = "\"nftables\"";

	im->at.line = 1;
	s = skip(im, s, '{');
	if (s)
		s = skip(im, s, '"');
	if (s && !strncmp(s - 1, key, strlen(key)))
		s = skip(im, s - 1 + strlen(key), ':');
	else
		s = NULL;
	if (s)
		s = skip(im, s, '[');
	if (s)
		objects(im, s);
	else
		op25b_import_bad(im,
				 "expected what `nft -j list ruleset` prints");
}
