// SPDX-License-Identifier: GPL-2.0
/*
 * What netfilter does in front of op25b, and to its answers. An accept in front
 * ends nothing: the packet goes on to the next hook. Only what drops it, sends
 * it elsewhere, or takes its flow off the path (a flowtable), keeps it away.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netlink/attr.h>

#include "doctor/nf.h"
#include "say.h"

/* NFTA_FLOWTABLE_FLAGS and NFT_FLOWTABLE_HW_OFFLOAD, since Linux 5.7. */
#define FLAG_HARDWARE	1

static int take_flowtable(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFTA_FLOWTABLE_MAX + 1];
	struct op25b_doctor *d = arg;
	const char *table, *name, *family;
	char todo[OP25B_TODO];

	if (op25b_raw_parse(h, sizeof(struct nfgenmsg), tb, NFTA_FLOWTABLE_MAX))
		return -EBADMSG;
	family = op25b_nft_word(op25b_nft_family(h));
	table = op25b_raw_str(tb[NFTA_FLOWTABLE_TABLE]);
	name = op25b_raw_str(tb[NFTA_FLOWTABLE_NAME]);
	op25b_todo(todo,
		   "%sconntrack -D -p tcp --dport 25 flushes mail out of it, after each change; without its rules, %snft delete flowtable %s %s %s deletes it",
		   d->on, d->on, family, table, name);
	op25b_finding(d, OP25B_WARNING, todo,
		      "flowtable %s %s %s: connections that were accepted once pass op25b by%s",
		      family, table, name,
		      op25b_raw_be32(tb[NFTA_FLOWTABLE_FLAGS]) & FLAG_HARDWARE ?
		      ", in hardware where it can" : "");
	return 0;
}

void op25b_check_flowtables(struct op25b_doctor *d)
{
	int err = op25b_nft_dump(NFT_MSG_GETFLOWTABLE, take_flowtable, d);

	if (op25b_nft_told(d, err))
		op25b_looked(d, err ? "none, for nf_tables is not in use" :
			     "none in nf_tables");
}

/* What its rules do to a packet on its way to op25b. */
static void in_front(struct op25b_doctor *d, const struct op25b_chain *c,
		     const char *rules)
{
	const struct op25b_effects *e = &c->e;
	enum op25b_severity severity = OP25B_NOTE;
	char todo[OP25B_TODO];

	if (c->policy_drop || e->sends || e->local)
		severity = OP25B_WARNING;
	else if (!e->drops && !e->dnat && !e->queues && !e->rewrites)
		severity = OP25B_SKIPPED;
	op25b_todo(todo,
		   "%s%s: does it keep mail from op25b? Then let it pass port 25 by, or give it a priority above %d",
		   d->on, c->how, OP25B_PRIORITY);
	op25b_finding(d, severity, todo, "%s comes before op25b, and %s%s%s",
		      c->title, c->policy_drop ? "its policy is drop" : "",
		      c->policy_drop && *rules ? ", " : "", rules);
}

static bool is_still(const struct op25b_chain *c)
{
	const struct op25b_effects *e = &c->e;

	return !c->policy_drop && !e->drops && !e->sends && !e->local &&
		!e->dnat && !e->queues && !e->rewrites && !e->unknown;
}

static void take_in_front(struct op25b_doctor *d, const struct op25b_chain *c)
{
	char rules[300];

	if (c->place != OP25B_IN_FRONT)
		return;
	d->chains++;
	op25b_effects_text(&c->e, rules, sizeof(rules));
	if (!is_still(c))
		in_front(d, c, rules);
}

void op25b_check_chains(struct op25b_doctor *d)
{
	unsigned int tables;
	int err;

	d->chains = 0;
	err = op25b_nft_chains(d, take_in_front);
	tables = op25b_legacy_chains(d, take_in_front);
	if (op25b_nft_told(d, err))
		op25b_looked(d,
			     "%u before op25b, in nf_tables and %u %s of iptables-legacy: none takes packets away",
			     d->chains, tables,
			     op25b_plural(tables, "table", "tables"));
	op25b_check_hooks(d);
}

/* Answers leave by OUTPUT as packets of the router's own, and belong to the
 * connection that they end.
 */
static void take_way_out(struct op25b_doctor *d, const struct op25b_chain *c)
{
	struct op25b_effects out = {
		.drops = c->e.drops,
		.sends = c->e.sends,
		.queues = c->e.queues,
		.unknown = c->e.unknown,
	};
	bool policy = c->policy_drop && !c->e.established;
	char rules[300], todo[OP25B_TODO];

	if (c->place != OP25B_ON_THE_WAY_OUT)
		return;
	d->chains++;
	memcpy(out.what, c->e.what, sizeof(out.what));
	op25b_effects_text(&out, rules, sizeof(rules));
	if (!policy && !*rules)
		return;
	op25b_todo(todo,
		   "%s%s: let out what belongs to a connection (ct state established,related accept), or set reject drop, if subscribers shall wait",
		   d->on, c->how);
	op25b_finding(d, policy || out.drops || out.sends || out.queues ?
		      OP25B_NOTE : OP25B_SKIPPED, todo,
		      "output: %s meets what op25b answers, and %s%s%s: blocked programs may wait for an answer in vain",
		      c->title, policy ? "its policy is drop" : "",
		      policy && *rules ? ", " : "", rules);
}

void op25b_check_answers(struct op25b_doctor *d)
{
	unsigned int tables;
	int err;

	if (d->stats.get[OP25B_A_REJECT] == OP25B_REJECT_DROP) {
		op25b_looked(d, "none are sent: reject is drop");
		return;
	}
	d->chains = 0;
	err = op25b_nft_chains(d, take_way_out);
	tables = op25b_legacy_chains(d, take_way_out);
	if (op25b_nft_told(d, err))
		op25b_looked(d,
			     "let out by %u %s, in nf_tables and %u %s of iptables-legacy",
			     d->chains,
			     op25b_plural(d->chains, "chain for output",
					  "chains for output"),
			     tables, op25b_plural(tables, "table", "tables"));
}
