// SPDX-License-Identifier: GPL-2.0
/* What rules may do to mail. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <netlink/attr.h>

#include "doctor/raw.h"
#include "doctor/rule.h"
#include "op25bctl.h"
#include "say.h"

/* What is loaded into a register, if it says whether a packet is mail. */
enum loaded { NOTHING, PORT, PROTOCOL };

/**
 * struct rule - a rule as far as it was read
 * @e: what it is added to
 * @loaded: in the register @reg
 * @other: it is not for mail
 * @state: it has looked at the state of the connection
 */
struct rule {
	struct op25b_effects *e;
	uint8_t family;
	enum loaded loaded;
	uint32_t reg;
	bool other, state;
	op25b_jump_fn jump;
	void *arg;
};

void op25b_effects_add(struct op25b_effects *to,
		       const struct op25b_effects *from)
{
	to->drops += from->drops;
	to->sends += from->sends;
	to->local += from->local;
	to->dnat += from->dnat;
	to->queues += from->queues;
	to->rewrites += from->rewrites;
	to->unknown += from->unknown;
	to->established |= from->established;
	if (from->unknown)
		memcpy(to->what, from->what, sizeof(to->what));
}

void op25b_effects_text(const struct op25b_effects *e, char *buf, size_t size)
{
	const struct {
		unsigned int n;
		const char *one, *many;
	} part[] = {
		{ e->drops, "drops", "drop" },
		{ e->sends, "sends packets out by itself",
		  "send packets out by themselves" },
		{ e->local, "gives packets to a program on this router",
		  "give packets to a program on this router" },
		{ e->dnat, "changes destinations", "change destinations" },
		{ e->queues, "leaves packets to a program in user space",
		  "leave packets to a program in user space" },
		{ e->rewrites, "rewrites packets", "rewrite packets" },
		{ e->unknown, "does what is not understood here",
		  "do what is not understood here" },
	};
	size_t i, used = 0;

	*buf = '\0';
	for (i = 0; i < OP25B_ARRAY_SIZE(part) && used < size; i++)
		if (part[i].n)
			used += snprintf(buf + used, size - used, "%s%u%s %s",
					 used ? ", " : "", part[i].n,
					 used ? "" : " of its rules",
					 op25b_plural(part[i].n, part[i].one,
						      part[i].many));
	if (e->unknown && used < size)
		snprintf(buf + used, size - used, " (%s)", e->what);
}

static void not_understood(struct op25b_effects *e, const char *name)
{
	e->unknown++;
	snprintf(e->what, sizeof(e->what), "%s", name);
}

static bool is_in(const char *word, const char * const *list)
{
	while (*list && strcmp(*list, word))
		list++;
	return *list;
}

void op25b_effects_target(struct op25b_effects *e, const char *target)
{
	static const char * const harmless[] = {
		"", "AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK",
		"CT", "DSCP", "ECN", "HL", "HMARK", "IDLETIMER", "LED", "LOG",
		"MARK", "MASQUERADE", "NFLOG", "NOTRACK", "RATEEST", "SECMARK",
		"SET", "SNAT", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TRACE",
		"TTL", NULL
	};
	static const char * const drops[] = {
		"CHAOS", "DELUDE", "DROP", "REJECT", "SYNPROXY", "TARPIT", NULL
	};
	static const char * const sends[] = { "JOOL", "JOOL_SIIT", NULL };
	static const char * const local[] = { "REDIRECT", "TPROXY", NULL };
	static const char * const dnat[] = { "DNAT", "NETMAP", NULL };
	static const char * const queues[] = { "NFQUEUE", "QUEUE", NULL };

	if (is_in(target, drops))
		e->drops++;
	else if (is_in(target, sends))
		e->sends++;
	else if (is_in(target, local))
		e->local++;
	else if (is_in(target, dnat))
		e->dnat++;
	else if (is_in(target, queues))
		e->queues++;
	else if (!is_in(target, harmless))
		not_understood(e, target);
}

/* The attributes of a nest that must be there. */
static int parse(struct nlattr **tb, int max, const struct nlattr *nest)
{
	if (!nest || nla_parse_nested(tb, max, (struct nlattr *)nest, NULL))
		return -EBADMSG;
	return 0;
}

static int verdict(struct op25b_effects *e, const struct nlattr *nest,
		   bool state, op25b_jump_fn jump, void *arg)
{
	struct nlattr *v[NFTA_VERDICT_MAX + 1];
	int code;

	if (parse(v, NFTA_VERDICT_MAX, nest) || !v[NFTA_VERDICT_CODE])
		return -EBADMSG;
	code = op25b_raw_be32(v[NFTA_VERDICT_CODE]);
	if (code == NFT_JUMP || code == NFT_GOTO)
		return jump(arg, op25b_raw_str(v[NFTA_VERDICT_CHAIN]), false);
	if (code < 0)
		return 0;
	switch (code & NF_VERDICT_MASK) {
	case NF_DROP:
		e->drops++;
		break;
	case NF_QUEUE:
		e->queues++;
		break;
	case NF_ACCEPT:
		e->established |= state;
		break;
	}
	return 0;
}

int op25b_rule_verdict(struct op25b_effects *e, const struct nlattr *nest,
		       op25b_jump_fn jump, void *arg)
{
	return verdict(e, nest, false, jump, arg);
}

static int take_immediate(struct rule *r, const struct nlattr *data)
{
	struct nlattr *imm[NFTA_IMMEDIATE_MAX + 1], *tb[NFTA_DATA_MAX + 1];

	if (parse(imm, NFTA_IMMEDIATE_MAX, data) ||
	    parse(tb, NFTA_DATA_MAX, imm[NFTA_IMMEDIATE_DATA]))
		return -EBADMSG;
	if (!tb[NFTA_DATA_VERDICT])
		return 0;
	return verdict(r->e, tb[NFTA_DATA_VERDICT], r->state, r->jump, r->arg);
}

/* A lookup whose result is the verdict: a verdict map. */
static int take_lookup(struct rule *r, const struct nlattr *data)
{
	struct nlattr *tb[NFTA_LOOKUP_MAX + 1];

	if (parse(tb, NFTA_LOOKUP_MAX, data))
		return -EBADMSG;
	if (!tb[NFTA_LOOKUP_DREG] ||
	    op25b_raw_be32(tb[NFTA_LOOKUP_DREG]) != NFT_REG_VERDICT)
		return 0;
	/* By state: which is accepted is not looked at, but one is. */
	r->e->established |= r->state;
	return r->jump(r->arg, op25b_raw_str(tb[NFTA_LOOKUP_SET]), true);
}

static int take_payload(struct rule *r, const struct nlattr *data)
{
	struct nlattr *tb[NFTA_PAYLOAD_MAX + 1];
	uint32_t base, offset, len;

	if (parse(tb, NFTA_PAYLOAD_MAX, data))
		return -EBADMSG;
	if (tb[NFTA_PAYLOAD_SREG]) {
		r->e->rewrites++;
		return 0;
	}
	base = op25b_raw_be32(tb[NFTA_PAYLOAD_BASE]);
	offset = op25b_raw_be32(tb[NFTA_PAYLOAD_OFFSET]);
	len = op25b_raw_be32(tb[NFTA_PAYLOAD_LEN]);
	r->reg = op25b_raw_be32(tb[NFTA_PAYLOAD_DREG]);
	r->loaded = NOTHING;
	if (base == NFT_PAYLOAD_TRANSPORT_HEADER && offset == 2 && len == 2)
		r->loaded = PORT;
	else if (base == NFT_PAYLOAD_NETWORK_HEADER && len == 1 &&
		 ((r->family == NFPROTO_IPV4 && offset == 9) ||
		  (r->family == NFPROTO_IPV6 && offset == 6)))
		r->loaded = PROTOCOL;
	return 0;
}

static int take_meta(struct rule *r, const struct nlattr *data)
{
	struct nlattr *tb[NFTA_META_MAX + 1];

	if (parse(tb, NFTA_META_MAX, data))
		return -EBADMSG;
	if (!tb[NFTA_META_DREG])
		return 0;
	r->reg = op25b_raw_be32(tb[NFTA_META_DREG]);
	r->loaded = op25b_raw_be32(tb[NFTA_META_KEY]) == NFT_META_L4PROTO ?
		PROTOCOL : NOTHING;
	return 0;
}

static int take_ct(struct rule *r, const struct nlattr *data)
{
	struct nlattr *tb[NFTA_CT_MAX + 1];

	if (parse(tb, NFTA_CT_MAX, data))
		return -EBADMSG;
	if (tb[NFTA_CT_DREG] &&
	    op25b_raw_be32(tb[NFTA_CT_KEY]) == NFT_CT_STATE)
		r->state = true;
	return 0;
}

/* Is it for mail, by what was loaded and is compared now? */
static int take_cmp(struct rule *r, const struct nlattr *data)
{
	static const uint8_t mail[] = { 0, 25 }, tcp[] = { 6 };
	struct nlattr *tb[NFTA_CMP_MAX + 1], *value[NFTA_DATA_MAX + 1];
	const uint8_t *want = r->loaded == PORT ? mail : tcp;
	int len = r->loaded == PORT ? sizeof(mail) : sizeof(tcp);
	uint32_t op;
	bool same;

	if (parse(tb, NFTA_CMP_MAX, data) ||
	    parse(value, NFTA_DATA_MAX, tb[NFTA_CMP_DATA]))
		return -EBADMSG;
	if (r->loaded == NOTHING || !value[NFTA_DATA_VALUE] ||
	    nla_len(value[NFTA_DATA_VALUE]) != len ||
	    op25b_raw_be32(tb[NFTA_CMP_SREG]) != r->reg)
		return 0;
	same = !memcmp(nla_data(value[NFTA_DATA_VALUE]), want, len);
	op = op25b_raw_be32(tb[NFTA_CMP_OP]);
	if ((op == NFT_CMP_EQ && !same) || (op == NFT_CMP_NEQ && same))
		r->other = true;
	return 0;
}

static int take_nat(struct rule *r, const struct nlattr *data)
{
	struct nlattr *tb[NFTA_NAT_MAX + 1];

	if (parse(tb, NFTA_NAT_MAX, data))
		return -EBADMSG;
	r->e->dnat += op25b_raw_be32(tb[NFTA_NAT_TYPE]) == NFT_NAT_DNAT;
	return 0;
}

static int take_target(struct rule *r, const struct nlattr *data)
{
	struct nlattr *tb[NFTA_TARGET_MAX + 1];

	if (parse(tb, NFTA_TARGET_MAX, data))
		return -EBADMSG;
	op25b_effects_target(r->e, op25b_raw_str(tb[NFTA_TARGET_NAME]));
	return 0;
}

static int take_objref(struct rule *r, const struct nlattr *data)
{
	struct nlattr *tb[NFTA_OBJREF_MAX + 1];

	if (parse(tb, NFTA_OBJREF_MAX, data))
		return -EBADMSG;
	r->e->drops += op25b_raw_be32(tb[NFTA_OBJREF_IMM_TYPE]) ==
		NFT_OBJECT_SYNPROXY;
	return 0;
}

static int take_drop(struct rule *r, const struct nlattr *data)
{
	(void)data;
	r->e->drops++;
	return 0;
}

static int take_fwd(struct rule *r, const struct nlattr *data)
{
	(void)data;
	r->e->sends++;
	return 0;
}

static int take_local(struct rule *r, const struct nlattr *data)
{
	(void)data;
	r->e->local++;
	return 0;
}

static int take_queue(struct rule *r, const struct nlattr *data)
{
	(void)data;
	r->e->queues++;
	return 0;
}

/* Expressions of nf_tables; those in neither list are not understood. */
static const struct {
	const char *name;
	int (*take)(struct rule *r, const struct nlattr *data);
} expressions[] = {
	{ "cmp", take_cmp },
	{ "ct", take_ct },
	{ "fwd", take_fwd },
	{ "immediate", take_immediate },
	{ "lookup", take_lookup },
	{ "meta", take_meta },
	{ "nat", take_nat },
	{ "objref", take_objref },
	{ "payload", take_payload },
	{ "queue", take_queue },
	{ "redir", take_local },
	{ "reject", take_drop },
	{ "synproxy", take_drop },
	{ "target", take_target },
	{ "tproxy", take_local },
};

static const char * const harmless_expressions[] = {
	"bitwise", "byteorder", "connlimit", "counter", "dup", "dynset",
	"exthdr", "fib", "flow_offload", "hash", "inner", "last", "limit",
	"log", "masq", "match", "notrack", "numgen", "osf", "quota", "range",
	"rt", "secmark", "socket", "tunnel", "xfrm", NULL
};

static int take_expression(struct rule *r, const struct nlattr *elem)
{
	struct nlattr *tb[NFTA_EXPR_MAX + 1];
	const char *name;
	size_t i;

	if (parse(tb, NFTA_EXPR_MAX, elem))
		return -EBADMSG;
	name = op25b_raw_str(tb[NFTA_EXPR_NAME]);
	for (i = 0; i < OP25B_ARRAY_SIZE(expressions); i++)
		if (!strcmp(expressions[i].name, name))
			return expressions[i].take(r, tb[NFTA_EXPR_DATA]);
	if (!is_in(name, harmless_expressions))
		not_understood(r->e, name);
	return 0;
}

int op25b_rule_read(struct op25b_effects *e, uint8_t family,
		    const struct nlattr *nest, op25b_jump_fn jump, void *arg)
{
	struct rule r = {
		.e = e,
		.family = family,
		.jump = jump,
		.arg = arg,
	};
	const struct nlattr *elem;
	int left, err = 0;

	nla_for_each_nested(elem, nest, left) {
		err = take_expression(&r, elem);
		if (err || r.other)
			break;
	}
	return err;
}
