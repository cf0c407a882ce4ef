// SPDX-License-Identifier: GPL-2.0
/* What `ipset save` prints, and `iptables-save` and `ip6tables-save`; all of it
 * in one file, so that rules and their sets come together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/op25b.h>

#include "import/import.h"
#include "words/grammar.h"
#include "say.h"

#define WORDS_MAX	128

/**
 * struct reader - where we are
 * @family: "ip" or "ip6", of the table
 * @table: its name
 * @w: words of the line, @n of them, the last is followed by ""
 */
struct reader {
	struct op25b_import *im;
	const char *family;
	char table[32];
	char *w[WORDS_MAX + 2];
	int n;
};

/* Reads a word in quotes, with escapes unless in what ipset prints.
 * Return: what follows it
 */
static char *quoted(char *s, bool escapes)
{
	char *to = s - 1;

	for (; *s && *s != '"'; *to++ = *s++)
		if (escapes && *s == '\\' && s[1])
			s++;
	if (*s)
		s++;
	*to = '\0';
	return s;
}

/* Splits a line at blanks. Return: 0, or -1 after saying why */
static int split(struct reader *r, char *s, bool escapes)
{
	char c;

	r->n = 0;
	for (;;) {
		s += strspn(s, " \t\r");
		if (!*s)
			break;
		if (r->n == WORDS_MAX) {
			op25b_import_bad(r->im, "more than %d words",
					 WORDS_MAX);
			return -1;
		}
		if (*s == '"') {
			r->w[r->n++] = s;
			s = quoted(s + 1, escapes);
		} else {
			r->w[r->n++] = s;
			s += strcspn(s, " \t\r");
		}
		c = *s;
		*s = '\0';
		s += !!c;
	}
	r->w[r->n] = "";
	r->w[r->n + 1] = "";
	return 0;
}

static int64_t number(const char *s)
{
	const struct op25b_word w = { s, strlen(s) };

	return op25b_parse_number(&w, UINT32_MAX);
}

/* --- ipset */

/* What sets can be whose names begin with "hash:" or "bitmap:" */
static void take_type(struct reader *r, struct op25b_list *l, const char *type)
{
	/* Elements of other ports are left out. */
	if (!strcmp(type, "hash:net,port") || !strcmp(type, "hash:ip,port"))
		l->ports = OP25B_PORTS_MAIL;
	if (!l->ports && strcmp(type, "hash:net") && strcmp(type, "hash:ip") &&
	    strcmp(type, "bitmap:ip") && strcmp(type, "list:set"))
		l->why = op25b_import_text(r->im,
					   "op25b has nothing like %s", type);
	if (!strcmp(type, "list:set"))
		l->of = op25b_import_alloc(r->im, sizeof(l->of[0]) *
					   (OP25B_LISTS_MAX + 1));
	if (l->of)
		l->of[0] = -1;
}

static void create(struct reader *r)
{
	struct op25b_list *l;
	int64_t v;
	int i;

	if (r->n < 3) {
		op25b_import_bad(r->im, "expected a name and a type behind it");
		return;
	}
	l = &r->im->list[op25b_import_list(r->im, r->w[1], "")];
	if (l->line) {
		op25b_import_bad(r->im, "second set %s: expected it once",
				 r->w[1]);
		return;
	}
	l->line = r->im->at.line;
	take_type(r, l, r->w[2]);
	for (i = 3; i < r->n; i++) {
		v = number(r->w[i + 1]);
		if (!strcmp(r->w[i], "timeout") && v >= 0)
			l->timeout = v;
		if (!strcmp(r->w[i], "netmask") && v > 0 && v <= 128)
			l->netmask = v;
	}
}

/* Takes the words behind an element. Return: whether it is carried over */
static bool options(struct reader *r, struct op25b_member *m)
{
	uint64_t seconds = r->im->list[m->list].timeout;
	int64_t v;
	int i;

	for (i = 3; i < r->n; i++) {
		const char *word = r->w[i];

		if (!strcmp(word, "nomatch")) {
			m->nomatch = true;
		} else if (!strcmp(word, "timeout")) {
			v = number(r->w[++i]);
			if (v < 0) {
				op25b_import_bad(r->im,
						 "timeout: expected seconds behind it");
				return false;
			}
			seconds = v;
		} else if (!strcmp(word, "comment")) {
			m->comment = op25b_import_comment(r->im, r->w[++i]);
		} else if (!strcmp(word, "packets") || !strcmp(word, "bytes") ||
			   !strncmp(word, "skb", 3)) {
			i++;
		} else if (*word != '-') {
			op25b_import_bad(r->im,
					 "%s: expected an option of an element",
					 word);
			return false;
		}
	}
	return !seconds || op25b_import_ends(r->im, m, seconds);
}

/* Takes the port off an element. Return: whether it is that of mail */
static bool take_port(struct reader *r, char *element)
{
	char *port = strchr(element, ',');

	if (!port) {
		op25b_import_bad(r->im, "%s: expected a port in it", element);
		return false;
	}
	*port++ = '\0';
	if (!strcmp(port, "tcp:25") || !strcmp(port, "25") ||
	    !strcmp(port, "tcp:smtp"))
		return true;
	op25b_import_lost(r->im, r->im->at.line,
			  "%s is not carried over: %s is not port 25 of TCP",
			  element, port);
	return false;
}

static void add_list(struct reader *r, struct op25b_list *l, const char *name)
{
	int i, k = op25b_import_list(r->im, name, "");

	for (i = 0; l->of[i] >= 0 && l->of[i] != k; i++)
		;
	l->of[i] = k;
	l->of[i + (i < OP25B_LISTS_MAX)] = -1;
}

static void add(struct reader *r)
{
	struct op25b_member m = { .line = r->im->at.line };
	struct op25b_list *l;

	if (r->n < 3) {
		op25b_import_bad(r->im,
				 "expected a set and an element behind it");
		return;
	}
	m.list = op25b_import_list(r->im, r->w[1], "");
	l = &r->im->list[m.list];
	if (!l->line)
		op25b_import_bad(r->im, "set %s: expected it to be created",
				 r->w[1]);
	else if (l->of)
		add_list(r, l, r->w[2]);
	else if (!l->why && (!l->ports || take_port(r, r->w[2])) &&
		 options(r, &m) && op25b_import_add(r->im, &m, r->w[2]))
		op25b_import_bad(r->im,
				 "%s: expected an address, a prefix or a range",
				 r->w[2]);
}

/* --- iptables */

static bool is(const char *word, const char *a, const char *b)
{
	return !strcmp(word, a) || !strcmp(word, b);
}

/* Ports "25", "25,587", "1:1024", "smtp". Return: OP25B_PORTS_* */
static unsigned int ports(char *s)
{
	unsigned int from, to, found = 0;
	char *part;
	int n;

	while ((part = strsep(&s, ","))) {
		n = sscanf(part, "%u:%u", &from, &to);
		if (!strcmp(part, "smtp"))
			n = sscanf("25", "%u", &from);
		if (n == 1)
			to = from;
		if (n > 0 && from <= 25 && to >= 25)
			found |= OP25B_PORTS_MAIL;
		if (n < 1 || from != 25 || to != 25)
			found |= OP25B_PORTS_OTHERS;
	}
	return found;
}

static void take_address(struct reader *r, struct op25b_rule *rule,
			 const char *s, bool dst, bool not)
{
	struct op25b_member m = {
		.line = r->im->at.line, .comment = rule->comment,
		.list = op25b_import_inline(r->im)
	};

	if (op25b_import_add(r->im, &m, s))
		op25b_import_why(r->im, rule,
				 "%s is no address, prefix or range", s);
	op25b_import_cond(rule, m.list, dst, not);
}

/* "--match-set NAME src" */
static void take_set(struct reader *r, struct op25b_rule *rule,
		     const char *name, const char *flags, bool not)
{
	unsigned int list = op25b_import_list(r->im, name, "");
	bool dst = !strncmp(flags, "dst", 3);

	if (r->im->list[list].ports ? !is(flags, "src,dst", "dst,dst") :
				      !is(flags, "src", "dst"))
		op25b_import_why(r->im, rule, "the set %s by %s", name, flags);
	rule->mail |= r->im->list[list].ports;
	op25b_import_cond(rule, list, dst, not);
}

/* Options that are fulfilled by new connections to port 25, or are not; the
 * others have no counterpart. Return: words taken behind @word
 */
static int take_match(struct reader *r, struct op25b_rule *rule, char **w,
		      bool not)
{
	if (is(w[0], "-s", "--src-range")) {
		take_address(r, rule, w[1], false, not);
	} else if (is(w[0], "-d", "--dst-range")) {
		take_address(r, rule, w[1], true, not);
	} else if (is(w[0], "-p", "--protocol")) {
		rule->never |= (is(w[1], "tcp", "6") || is(w[1], "all", "0")) ==
			not;
	} else if (is(w[0], "--dport", "--dports") ||
		   is(w[0], "--destination-port", "--destination-ports")) {
		op25b_import_ports(r->im, rule, ports(w[1]), not);
	} else if (!strcmp(w[0], "--match-set")) {
		take_set(r, rule, w[1], w[2], not);
		return 2;
	} else if (is(w[0], "-i", "-o")) {
		rule->iface = true;
	} else if (is(w[0], "--ctstate", "--state")) {
		rule->never |= !strstr(w[1], "NEW") != not;
	} else if (!strcmp(w[0], "--syn")) {
		rule->never |= not;
		return 0;
	} else if (!strcmp(w[0], "--tcp-flags")) {
		if (strcmp(w[2], "SYN") || not)
			op25b_import_why(r->im, rule,
					 "op25b has nothing like --tcp-flags");
		return 2;
	} else if (is(w[0], "-m", "--match")) {
	} else if (*w[0] == '-') {
		if (!rule->why)
			op25b_import_why(r->im, rule,
					 "op25b has nothing like %s", w[0]);
		return *w[1] != '-' && *w[1] != '!';
	} else {
		return 0;
	}
	return 1;
}

static const char *chain_name(struct reader *r, const char *name)
{
	return op25b_import_text(r->im, "%s %s %s", r->family, r->table, name);
}

/* The chain @name of the table at hand. */
static int chain(struct reader *r, const char *name)
{
	int c = op25b_import_chain(r->im, chain_name(r, name));

	if (!strcmp(name, "FORWARD"))
		r->im->chain[c].hook = OP25B_HOOK_FORWARD;
	else if (is(name, "PREROUTING", "POSTROUTING"))
		r->im->chain[c].hook = OP25B_HOOK_BESIDE;
	return c;
}

static void take_target(struct reader *r, struct op25b_rule *rule, char **w)
{
	const char *to = w[1];

	rule->reject = OP25B_REJECT_DROP;
	if (!strcmp(to, "ACCEPT")) {
		rule->does = OP25B_DOES_ACCEPT;
	} else if (!strcmp(to, "RETURN")) {
		rule->does = OP25B_DOES_RETURN;
	} else if (is(to, "DROP", "REJECT")) {
		rule->does = OP25B_DOES_BLOCK;
		if (*to == 'R')
			rule->reject = strcmp(w[3], "tcp-reset") ?
				OP25B_REJECT_ICMP : OP25B_REJECT_TCP_RESET;
	} else if (!op25b_import_has_chain(r->im, chain_name(r, to))) {
		op25b_import_why(r->im, rule,
				 "op25b has nothing like the target %s", to);
	} else {
		rule->does = w[0][1] == 'g' ? OP25B_DOES_GOTO :
					      OP25B_DOES_JUMP;
		rule->target = chain(r, to);
	}
}

/* The comment comes where it likes, and belongs to the addresses. */
static const char *find_comment(struct reader *r)
{
	int i;

	for (i = 2; i < r->n; i++)
		if (!strcmp(r->w[i], "--comment"))
			return op25b_import_comment(r->im, r->w[i + 1]);
	return NULL;
}

static void append(struct reader *r)
{
	struct op25b_rule rule = { .line = r->im->at.line, .where = "" };
	bool not = false;
	int i, step;

	if (r->n < 2) {
		op25b_import_bad(r->im, "-A: expected a chain");
		return;
	}
	rule.v6 = !strcmp(r->family, "ip6");
	rule.v4 = !rule.v6;
	rule.comment = find_comment(r);
	for (i = 2; i < r->n && !is(r->w[i], "-j", "-g"); i += 1 + step) {
		step = !strcmp(r->w[i], "--comment");
		if (!step && strcmp(r->w[i], "!"))
			step = take_match(r, &rule, &r->w[i], not);
		not = !strcmp(r->w[i], "!");
	}
	if (i < r->n)
		take_target(r, &rule, &r->w[i]);
	op25b_import_rule(r->im, chain(r, r->w[1]), &rule);
}

static void rules_line(struct reader *r)
{
	const char *word = r->w[0];

	/* Counters in front of a rule, as "[7:420]" */
	if (*word == '[' && r->n > 1) {
		memmove(r->w, r->w + 1, sizeof(r->w) - sizeof(r->w[0]));
		r->n--;
		word = r->w[0];
	}
	if (*word == '*')
		snprintf(r->table, sizeof(r->table), "%s", word + 1);
	else if (!strcmp(word, "-A"))
		append(r);
	else if (*word == ':')
		chain(r, word + 1);
	else if (is(word, "-P", "-N"))
		chain(r, r->w[1]);
	else if (strcmp(word, "COMMIT"))
		op25b_import_bad(r->im,
				 "expected a line of iptables-save or ipset save");
}

static void take_line(struct reader *r, char *s, bool sets_only)
{
	bool set = !strncmp(s, "create ", 7) || !strncmp(s, "add ", 4);

	/* "# Generated by ip6tables-save ..." */
	if (*s == '#') {
		if (strstr(s, "Generated by ip6"))
			r->family = "ip6";
		else if (strstr(s, "Generated by ip"))
			r->family = "ip";
		return;
	}
	if (split(r, s, !set) || !r->n)
		return;
	if (!set && !sets_only)
		rules_line(r);
	else if (!set)
		op25b_import_bad(r->im,
				 "expected a line of ipset save (iptables-save is imported as iptables)");
	else if (*r->w[0] == 'c')
		create(r);
	else
		add(r);
}

void op25b_import_xt(struct op25b_import *im, char *s, bool sets_only)
{
	struct reader r = { .im = im, .family = "ip", .table = "filter" };
	char *next;

	for (; *s; s = next) {
		next = s + strcspn(s, "\n");
		if (*next)
			*next++ = '\0';
		im->at.line++;
		take_line(&r, s, sets_only);
	}
}
