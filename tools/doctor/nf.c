// SPDX-License-Identifier: GPL-2.0
/*
 * What nf_tables and other hooks do in front of op25b. An accept there ends
 * nothing: the packet goes on to the next hook. Only what drops it, or takes
 * its flow off the path (a flowtable), keeps it from op25b.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <netlink/attr.h>

#include "doctor/doctor.h"
#include "doctor/raw.h"

/* Where op25b sits: NF_IP_PRI_FILTER - 1. */
#define OWN_PRIORITY	(-1)

#define NFT(msg)	(NFNL_SUBSYS_NFTABLES << 8 | (msg))

/**
 * struct chain - a base chain that a packet meets before op25b
 * @drops: rules that drop or reject
 * @jumps: rules that leave it to another chain, or to a map
 */
struct chain {
	uint8_t family;
	char table[64], name[64];
	const char *hook;
	int priority;
	bool policy_drop;
	unsigned int drops, jumps;
};

struct chains {
	struct chain *chain;
	size_t n;
};

static const char *family_word(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_NETDEV:
		return "netdev";
	}
	return "?";
}

static int ask_nft(int type, op25b_raw_fn each, void *arg)
{
	const struct nfgenmsg all = { .nfgen_family = NFPROTO_UNSPEC };

	return op25b_raw_dump(NETLINK_NETFILTER, NFT(type), &all, sizeof(all),
			      each, arg);
}

static const struct nfgenmsg *nfgen(const struct nlmsghdr *h)
{
	return NLMSG_DATA(h);
}

/* A kernel without nf_tables has nothing in the way. */
static void not_told(struct op25b_doctor *d, int err)
{
	if (!err || err == -EINVAL || err == -EOPNOTSUPP ||
	    err == -EPROTONOSUPPORT)
		return;
	op25b_finding(d, OP25B_NOTE, NULL, "nf_tables does not tell: %s",
		      strerror(-err));
}

static int take_flowtable(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFTA_FLOWTABLE_MAX + 1];
	struct op25b_doctor *d = arg;
	const char *table, *name, *family;
	char todo[OP25B_TODO];

	if (op25b_raw_parse(h, sizeof(struct nfgenmsg), tb, NFTA_FLOWTABLE_MAX))
		return -EBADMSG;
	family = family_word(nfgen(h)->nfgen_family);
	table = op25b_raw_str(tb[NFTA_FLOWTABLE_TABLE]);
	name = op25b_raw_str(tb[NFTA_FLOWTABLE_NAME]);
	op25b_todo(todo,
		   "%sconntrack -D -p tcp --dport 25 flushes mail out of it, after each change; without its rules, %snft delete flowtable %s %s %s deletes it",
		   d->on, d->on, family, table, name);
	op25b_finding(d, OP25B_WARNING, todo,
		      "flowtable %s %s %s: connections that were accepted once pass op25b by",
		      family, table, name);
	return 0;
}

void op25b_check_flowtables(struct op25b_doctor *d)
{
	not_told(d, ask_nft(NFT_MSG_GETFLOWTABLE, take_flowtable, d));
}

/* The hook's word if a packet meets it before op25b, or NULL. */
static const char *in_front(uint8_t family, uint32_t hooknum, int priority)
{
	switch (family) {
	case NFPROTO_NETDEV:
		return "ingress";
	case NFPROTO_INET:
		if (hooknum == NF_INET_INGRESS)
			return "ingress";
		/* fallthrough */
	case NFPROTO_IPV4:
	case NFPROTO_IPV6:
		if (hooknum == NF_INET_PRE_ROUTING)
			return "prerouting";
		if (hooknum == NF_INET_FORWARD && priority <= OWN_PRIORITY)
			return "forward";
	}
	return NULL;
}

static int add_chain(struct chains *c, const struct chain *one)
{
	struct chain *more = realloc(c->chain, (c->n + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	c->chain = more;
	more[c->n++] = *one;
	return 0;
}

static int take_chain(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1];
	struct chain one = { .family = nfgen(h)->nfgen_family };

	if (op25b_raw_parse(h, sizeof(struct nfgenmsg), tb, NFTA_CHAIN_MAX))
		return -EBADMSG;
	if (!tb[NFTA_CHAIN_HOOK])
		return 0;
	if (nla_parse_nested(hook, NFTA_HOOK_MAX, tb[NFTA_CHAIN_HOOK], NULL))
		return -EBADMSG;
	one.priority = op25b_raw_be32(hook[NFTA_HOOK_PRIORITY]);
	one.hook = in_front(one.family,
			    op25b_raw_be32(hook[NFTA_HOOK_HOOKNUM]),
			    one.priority);
	if (!one.hook)
		return 0;
	one.policy_drop = tb[NFTA_CHAIN_POLICY] &&
		op25b_raw_be32(tb[NFTA_CHAIN_POLICY]) == NF_DROP;
	snprintf(one.table, sizeof(one.table), "%s",
		 op25b_raw_str(tb[NFTA_CHAIN_TABLE]));
	snprintf(one.name, sizeof(one.name), "%s",
		 op25b_raw_str(tb[NFTA_CHAIN_NAME]));
	return add_chain(arg, &one);
}

/* The verdict that an `immediate` gives, NFT_CONTINUE if it gives none. */
static int verdict_of(const struct nlattr *data)
{
	struct nlattr *imm[NFTA_IMMEDIATE_MAX + 1], *tb[NFTA_DATA_MAX + 1];
	struct nlattr *v[NFTA_VERDICT_MAX + 1];

	if (!data ||
	    nla_parse_nested(imm, NFTA_IMMEDIATE_MAX, (struct nlattr *)data,
			     NULL) || !imm[NFTA_IMMEDIATE_DATA] ||
	    nla_parse_nested(tb, NFTA_DATA_MAX, imm[NFTA_IMMEDIATE_DATA],
			     NULL) || !tb[NFTA_DATA_VERDICT] ||
	    nla_parse_nested(v, NFTA_VERDICT_MAX, tb[NFTA_DATA_VERDICT],
			     NULL) || !v[NFTA_VERDICT_CODE])
		return NFT_CONTINUE;
	return op25b_raw_be32(v[NFTA_VERDICT_CODE]);
}

/* A lookup whose result is the verdict: a verdict map. */
static bool is_vmap(const struct nlattr *data)
{
	struct nlattr *tb[NFTA_LOOKUP_MAX + 1];

	return data && !nla_parse_nested(tb, NFTA_LOOKUP_MAX,
					 (struct nlattr *)data, NULL) &&
		tb[NFTA_LOOKUP_DREG] &&
		op25b_raw_be32(tb[NFTA_LOOKUP_DREG]) == NFT_REG_VERDICT;
}

static void take_expression(struct chain *c, const struct nlattr *elem)
{
	struct nlattr *tb[NFTA_EXPR_MAX + 1];
	const char *name;
	int verdict;

	if (nla_parse_nested(tb, NFTA_EXPR_MAX, (struct nlattr *)elem, NULL))
		return;
	name = op25b_raw_str(tb[NFTA_EXPR_NAME]);
	verdict = strcmp(name, "immediate") ? NFT_CONTINUE :
		verdict_of(tb[NFTA_EXPR_DATA]);
	if (!strcmp(name, "reject") || verdict == NF_DROP)
		c->drops++;
	else if (verdict == NFT_JUMP || verdict == NFT_GOTO ||
		 (!strcmp(name, "lookup") && is_vmap(tb[NFTA_EXPR_DATA])))
		c->jumps++;
}

static int take_rule(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFTA_RULE_MAX + 1], *e;
	struct chains *c = arg;
	size_t i;
	int left;

	if (op25b_raw_parse(h, sizeof(struct nfgenmsg), tb, NFTA_RULE_MAX) ||
	    !tb[NFTA_RULE_EXPRESSIONS])
		return 0;
	for (i = 0; i < c->n; i++)
		if (c->chain[i].family == nfgen(h)->nfgen_family &&
		    !strcmp(c->chain[i].table,
			    op25b_raw_str(tb[NFTA_RULE_TABLE])) &&
		    !strcmp(c->chain[i].name,
			    op25b_raw_str(tb[NFTA_RULE_CHAIN])))
			break;
	if (i == c->n)
		return 0;
	nla_for_each_nested(e, tb[NFTA_RULE_EXPRESSIONS], left)
		take_expression(&c->chain[i], e);
	return 0;
}

static void tell_chain(struct op25b_doctor *d, const struct chain *c)
{
	const char *family = family_word(c->family);
	char todo[OP25B_TODO], why[100];

	if (c->policy_drop)
		snprintf(why, sizeof(why), "its policy is drop");
	else if (c->drops)
		snprintf(why, sizeof(why), "%u of its rules drop", c->drops);
	else
		snprintf(why, sizeof(why), "%u of its rules jump to others",
			 c->jumps);
	op25b_todo(todo,
		   "%snft list chain %s %s %s: does it drop what op25b should count? Then give it a priority above %d",
		   d->on, family, c->table, c->name, OWN_PRIORITY);
	op25b_finding(d, c->policy_drop ? OP25B_WARNING : OP25B_NOTE, todo,
		      "chain %s %s %s (%s, priority %d) comes before op25b, and %s",
		      family, c->table, c->name, c->hook, c->priority, why);
}

/* Hooks of others than nf_tables. Only a kernel from 5.14 on that has
 * nfnetlink_hook tells them.
 */
static int take_hook(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFNLA_HOOK_MAX + 1];
	struct op25b_doctor *d = arg;
	const char *module, *function;
	char todo[OP25B_TODO];
	int priority;

	if (op25b_raw_parse(h, sizeof(struct nfgenmsg), tb, NFNLA_HOOK_MAX))
		return -EBADMSG;
	priority = op25b_raw_be32(tb[NFNLA_HOOK_PRIORITY]);
	module = op25b_raw_str(tb[NFNLA_HOOK_MODULE_NAME]);
	function = op25b_raw_str(tb[NFNLA_HOOK_FUNCTION_NAME]);
	if (priority > OWN_PRIORITY || tb[NFNLA_HOOK_CHAIN_INFO] ||
	    !strcmp(module, "op25b") || !strncmp(function, "selinux_", 8))
		return 0;
	op25b_finding(d, OP25B_NOTE,
		      op25b_todo(todo,
				 "see what it does; of iptables-legacy, %siptables-legacy -t mangle -nvL FORWARD shows it",
				 d->on),
		      "hook %s%s%s (IPv%d, forward, priority %d) comes before op25b",
		      function, *module ? " of module " : "", module,
		      nfgen(h)->nfgen_family == NFPROTO_IPV6 ? 6 : 4, priority);
	return 0;
}

/* Return: 0, or -errno where the kernel does not tell hooks. */
static int ask_hooks(struct op25b_doctor *d, uint8_t family)
{
	struct {
		struct nfgenmsg nf;
		struct nlattr a;
		uint32_t hooknum;
	} request = {
		.nf.nfgen_family = family,
		.a.nla_type = NFNLA_HOOK_HOOKNUM,
		.a.nla_len = NLA_HDRLEN + sizeof(uint32_t),
		.hooknum = htonl(NF_INET_FORWARD),
	};

	return op25b_raw_dump(NETLINK_NETFILTER,
			      NFNL_SUBSYS_HOOK << 8 | NFNL_MSG_HOOK_GET,
			      &request, sizeof(request), take_hook, d);
}

/* iptables-legacy, whose tables are hooked once anybody has looked at them. */
static void check_legacy(struct op25b_doctor *d, const char *file,
			 const char *program)
{
	char line[64], todo[OP25B_TODO];
	FILE *f = fopen(file, "re");

	op25b_todo(todo,
		   "%s%s-legacy -t mangle -nvL FORWARD: does it drop what op25b should count?",
		   d->on, program);
	while (f && fgets(line, sizeof(line), f))
		if (!strcmp(line, "mangle\n"))
			op25b_finding(d, OP25B_NOTE, todo,
				      "%s' table mangle comes before op25b",
				      program);
	if (f)
		fclose(f);
}

void op25b_check_chains(struct op25b_doctor *d)
{
	struct chains c = { 0 };
	int err = ask_nft(NFT_MSG_GETCHAIN, take_chain, &c);
	size_t i;

	if (!err)
		err = ask_nft(NFT_MSG_GETRULE, take_rule, &c);
	for (i = 0; i < c.n; i++)
		if (c.chain[i].policy_drop || c.chain[i].drops ||
		    c.chain[i].jumps)
			tell_chain(d, &c.chain[i]);
	free(c.chain);
	not_told(d, err);
	if (ask_hooks(d, NFPROTO_IPV4))
		check_legacy(d, "/proc/net/ip_tables_names", "iptables");
	if (ask_hooks(d, NFPROTO_IPV6))
		check_legacy(d, "/proc/net/ip6_tables_names", "ip6tables");
}
