// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of iptables-legacy: one blob each, which getsockopt() copies. Only
 * those that the kernel lists are asked for, since asking for another would
 * make it. A chain begins where the table's head says, or where a rule jumps
 * to.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "doctor/nf.h"

/**
 * struct shape - what differs between the families
 * @names: the tables that there are
 * @program: that shows them
 * @entry: size of what precedes the matches of a rule
 */
struct shape {
	int domain, level;
	const char *names, *program;
	size_t entry;
};

static const struct shape shapes[] = {
	{ AF_INET, SOL_IP, "/proc/net/ip_tables_names", "iptables-legacy",
	  sizeof(struct ipt_entry) },
	{ AF_INET6, SOL_IPV6, "/proc/net/ip6_tables_names", "ip6tables-legacy",
	  sizeof(struct ip6t_entry) },
};

/**
 * struct table - one of them
 * @blob: its rules, @size bytes
 * @seen: of which rules were read
 * @e: what they do
 */
struct table {
	const struct shape *shape;
	const char *name;
	struct ipt_getinfo info;
	char *blob;
	size_t size;
	uint8_t *seen;
	struct op25b_effects e;
};

/* A rule as far as both families have it. */
struct rule {
	size_t next;
	uint16_t proto;
	bool inverted, is_goto;
	const struct xt_entry_match *match;
	const struct xt_entry_target *target;
};

/* Return: false past the end of the table, or if that makes no sense */
static bool rule_at(const struct table *t, size_t at, struct rule *r)
{
	uint16_t target, next;

	if (at + t->shape->entry > t->size)
		return false;
	if (t->shape->domain == AF_INET) {
		const struct ipt_entry *e = (const void *)(t->blob + at);

		r->proto = e->ip.proto;
		r->inverted = e->ip.invflags & XT_INV_PROTO;
		r->is_goto = e->ip.flags & IPT_F_GOTO;
		target = e->target_offset;
		next = e->next_offset;
	} else {
		const struct ip6t_entry *e = (const void *)(t->blob + at);

		r->proto = e->ipv6.flags & IP6T_F_PROTO ? e->ipv6.proto : 0;
		r->inverted = e->ipv6.invflags & XT_INV_PROTO;
		r->is_goto = e->ipv6.flags & IP6T_F_GOTO;
		target = e->target_offset;
		next = e->next_offset;
	}
	if (target < t->shape->entry || next > t->size - at ||
	    next < target + sizeof(struct xt_entry_target))
		return false;
	r->match = target > t->shape->entry ?
		(const void *)(t->blob + at + t->shape->entry) : NULL;
	r->target = (const void *)(t->blob + at + target);
	r->next = at + next;
	return true;
}

/* Is the rule only for what is no mail: another protocol, or TCP with other
 * ports?
 */
static bool is_other(const struct rule *r)
{
	const struct xt_entry_match *m = r->match;
	const struct xt_tcp *tcp;
	bool in;

	in = r->proto == IPPROTO_TCP;
	if (r->proto && in == r->inverted)
		return true;
	for (; m && (const void *)m < (const void *)r->target;
	     m = (const void *)((const char *)m + m->u.match_size)) {
		if (m->u.match_size < sizeof(*m))
			break;
		if (strcmp(m->u.user.name, "tcp"))
			continue;
		tcp = (const void *)m->data;
		in = tcp->dpts[0] <= 25 && 25 <= tcp->dpts[1];
		if (in == !!(tcp->invflags & XT_TCP_INV_DSTPT))
			return true;
	}
	return false;
}

static bool by_state(const struct rule *r)
{
	const struct xt_entry_match *m = r->match;

	for (; m && (const void *)m < (const void *)r->target &&
	     m->u.match_size >= sizeof(*m);
	     m = (const void *)((const char *)m + m->u.match_size))
		if (!strcmp(m->u.user.name, "conntrack") ||
		    !strcmp(m->u.user.name, "state"))
			return true;
	return false;
}

static int verdict_of(const struct rule *r)
{
	return ((const struct xt_standard_target *)r->target)->verdict;
}

/* Reads the chain at @at, up to the rule at @last or the head of another. */
static void read_chain(struct table *t, size_t at, size_t last)
{
	const char *name;
	struct rule r;
	int verdict;

	for (; at <= last && rule_at(t, at, &r); at = r.next) {
		name = r.target->u.user.name;
		if (!strcmp(name, XT_ERROR_TARGET) || t->seen[at])
			return;
		t->seen[at] = 1;
		/* The last one of a hook is its policy. */
		if (at == last || is_other(&r))
			continue;
		if (strcmp(name, XT_STANDARD_TARGET)) {
			op25b_effects_target(&t->e, name);
			continue;
		}
		verdict = verdict_of(&r);
		if (verdict == -NF_DROP - 1)
			t->e.drops++;
		else if (verdict == -NF_ACCEPT - 1)
			t->e.established |= by_state(&r);
		else if (verdict == -NF_QUEUE - 1)
			t->e.queues++;
		/* To the next rule: it has no target. */
		else if (verdict >= 0 && (r.is_goto ||
					  (size_t)verdict != r.next))
			read_chain(t, verdict, t->size);
	}
}

static enum op25b_place place_of(const char *table, unsigned int hook)
{
	switch (hook) {
	case NF_INET_PRE_ROUTING:
		return OP25B_IN_FRONT;
	case NF_INET_FORWARD:
		return strcmp(table, "mangle") && strcmp(table, "raw") ?
			OP25B_ELSEWHERE : OP25B_IN_FRONT;
	case NF_INET_LOCAL_OUT:
	case NF_INET_POST_ROUTING:
		return OP25B_ON_THE_WAY_OUT;
	}
	return OP25B_ELSEWHERE;
}

static void tell_hook(struct table *t, unsigned int hook,
		      struct op25b_doctor *d, op25b_chain_fn each)
{
	static const char * const words[] = {
		"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"
	};
	struct op25b_chain c = { .place = place_of(t->name, hook) };
	struct rule policy;

	if (!(t->info.valid_hooks & 1U << hook) || c.place == OP25B_ELSEWHERE)
		return;
	memset(t->seen, 0, t->size);
	memset(&t->e, 0, sizeof(t->e));
	read_chain(t, t->info.hook_entry[hook], t->info.underflow[hook]);
	c.policy_drop = rule_at(t, t->info.underflow[hook], &policy) &&
		verdict_of(&policy) == -NF_DROP - 1;
	c.e = t->e;
	snprintf(c.title, sizeof(c.title), "chain %s of %s's table %s",
		 words[hook], t->shape->program, t->name);
	snprintf(c.how, sizeof(c.how), "%s -t %s -nvL %s", t->shape->program,
		 t->name, words[hook]);
	each(d, &c);
}

/* Return: 0 or -errno */
static int read_table(struct table *t, int fd)
{
	socklen_t len = sizeof(t->info);
	struct ipt_get_entries *get;

	snprintf(t->info.name, sizeof(t->info.name), "%s", t->name);
	if (getsockopt(fd, t->shape->level, IPT_SO_GET_INFO, &t->info, &len))
		return -errno;
	len = sizeof(*get) + t->info.size;
	get = calloc(1, len);
	t->seen = calloc(1, t->info.size);
	if (!get || !t->seen) {
		free(get);
		return -ENOMEM;
	}
	snprintf(get->name, sizeof(get->name), "%s", t->name);
	get->size = t->info.size;
	t->size = t->info.size;
	t->blob = (char *)get;
	if (getsockopt(fd, t->shape->level, IPT_SO_GET_ENTRIES, get, &len))
		return -errno;
	memmove(t->blob, get->entrytable, t->size);
	return 0;
}

static void tell_table(struct op25b_doctor *d, const struct shape *shape,
		       const char *name, op25b_chain_fn each)
{
	struct table t = { .shape = shape, .name = name };
	int fd = socket(shape->domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	int err = fd < 0 ? -errno : read_table(&t, fd);
	unsigned int hook;

	for (hook = 0; !err && hook < NF_INET_NUMHOOKS; hook++)
		tell_hook(&t, hook, d, each);
	if (err)
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "%s's table %s cannot be read: %s",
			      shape->program, name, strerror(-err));
	if (fd >= 0)
		close(fd);
	free(t.seen);
	free(t.blob);
}

unsigned int op25b_legacy_chains(struct op25b_doctor *d, op25b_chain_fn each)
{
	unsigned int n = 0;
	char name[64];
	size_t i;
	FILE *f;

	for (i = 0; i < OP25B_ARRAY_SIZE(shapes); i++) {
		f = fopen(shapes[i].names, "re");
		if (!f && errno != ENOENT)
			op25b_finding(d, OP25B_SKIPPED, NULL,
				      "%s cannot be read: %s",
				      shapes[i].names, strerror(errno));
		while (f && fgets(name, sizeof(name), f)) {
			name[strcspn(name, "\n")] = '\0';
			tell_table(d, &shapes[i], name, each);
			n++;
		}
		if (f)
			fclose(f);
	}
	return n;
}
