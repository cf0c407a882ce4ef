// SPDX-License-Identifier: GPL-2.0
/*
 * The chains of nf_tables. One that is hooked does what its rules do, and those
 * of the chains that they jump to, by themselves or by a map of verdicts. The
 * whole is a graph: it is read first, chains, rules and maps, then walked from
 * each hook.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netlink/attr.h>

#include "doctor/nf.h"

/* How often a list that changed is read anew. */
#define RETRIES		3

/* NF_NETDEV_EGRESS, of headers newer than some. */
#define NETDEV_EGRESS	1

/**
 * struct node - a chain
 * @hook: its word, NULL if it is not hooked where it matters
 * @e: what its own rules do
 * @jump: the first of its jumps
 * @walk: the walk that was here last
 */
struct node {
	uint8_t family;
	char table[NFT_TABLE_MAXNAMELEN], name[NFT_CHAIN_MAXNAMELEN];
	const char *hook;
	enum op25b_place place;
	int priority;
	bool policy_drop;
	struct op25b_effects e;
	struct jump *jump;
	unsigned int walk;
};

/* From a chain to another, or to a map. */
struct jump {
	struct jump *next;
	bool is_map;
	char name[];
};

/**
 * struct graph - all of them
 * @node: sorted by family, table and name once all are there
 * @at: the one whose rules or maps are read
 * @walks: how many there were
 */
struct graph {
	struct node *node;
	size_t n, room;
	struct node *at;
	unsigned int walks;
};

/* Where a chain is, and in *@word what its hook is called. */
static enum op25b_place place_of(uint8_t family, uint32_t hook, int priority,
				 const char **word)
{
	static const char * const hooks[] = {
		"prerouting", "input", "forward", "output", "postrouting",
		"ingress"
	};

	if (family == NFPROTO_NETDEV) {
		*word = hook == NETDEV_EGRESS ? "egress" : "ingress";
		return hook == NETDEV_EGRESS ? OP25B_ON_THE_WAY_OUT :
			OP25B_IN_FRONT;
	}
	if (hook >= OP25B_ARRAY_SIZE(hooks))
		return OP25B_ELSEWHERE;
	*word = hooks[hook];
	/* The numbers of a bridge's hooks are the same. */
	switch (hook) {
	case NF_INET_INGRESS:
	case NF_INET_PRE_ROUTING:
		return OP25B_IN_FRONT;
	case NF_INET_FORWARD:
		return priority <= OP25B_PRIORITY ? OP25B_IN_FRONT :
			OP25B_ELSEWHERE;
	case NF_INET_LOCAL_OUT:
	case NF_INET_POST_ROUTING:
		return OP25B_ON_THE_WAY_OUT;
	}
	return OP25B_ELSEWHERE;
}

static int by_name(const void *a, const void *b)
{
	const struct node *x = a, *y = b;
	int c = (int)x->family - y->family;

	if (!c)
		c = strcmp(x->table, y->table);
	return c ? c : strcmp(x->name, y->name);
}

static struct node *find(const struct graph *g, uint8_t family,
			 const char *table, const char *name)
{
	struct node key = { .family = family };

	snprintf(key.table, sizeof(key.table), "%s", table);
	snprintf(key.name, sizeof(key.name), "%s", name);
	return g->n ? bsearch(&key, g->node, g->n, sizeof(key), by_name) : NULL;
}

static struct node *grow(struct graph *g)
{
	struct node *more;

	if (g->n == g->room) {
		g->room = g->room ? 2 * g->room : 16;
		more = realloc(g->node, g->room * sizeof(*more));
		if (!more)
			return NULL;
		g->node = more;
	}
	memset(&g->node[g->n], 0, sizeof(*g->node));
	return &g->node[g->n++];
}

static int take_chain(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1];
	struct graph *g = arg;
	struct node *n;

	if (op25b_raw_parse(h, sizeof(struct nfgenmsg), tb, NFTA_CHAIN_MAX))
		return -EBADMSG;
	n = grow(g);
	if (!n)
		return -ENOMEM;
	n->family = op25b_nft_family(h);
	snprintf(n->table, sizeof(n->table), "%s",
		 op25b_raw_str(tb[NFTA_CHAIN_TABLE]));
	snprintf(n->name, sizeof(n->name), "%s",
		 op25b_raw_str(tb[NFTA_CHAIN_NAME]));
	if (!tb[NFTA_CHAIN_HOOK])
		return 0;
	if (nla_parse_nested(hook, NFTA_HOOK_MAX, tb[NFTA_CHAIN_HOOK], NULL))
		return -EBADMSG;
	n->priority = op25b_raw_be32(hook[NFTA_HOOK_PRIORITY]);
	n->place = place_of(n->family, op25b_raw_be32(hook[NFTA_HOOK_HOOKNUM]),
			    n->priority, &n->hook);
	n->policy_drop = tb[NFTA_CHAIN_POLICY] &&
		op25b_raw_be32(tb[NFTA_CHAIN_POLICY]) == NF_DROP;
	return 0;
}

static int take_jump(void *arg, const char *name, bool is_map)
{
	struct graph *g = arg;
	struct jump *j = malloc(sizeof(*j) + strlen(name) + 1);

	if (!j)
		return -ENOMEM;
	strcpy(j->name, name);
	j->is_map = is_map;
	j->next = g->at->jump;
	g->at->jump = j;
	return 0;
}

static int take_rule(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFTA_RULE_MAX + 1];
	const char *table, *chain;
	struct graph *g = arg;

	if (op25b_raw_parse(h, sizeof(struct nfgenmsg), tb, NFTA_RULE_MAX))
		return -EBADMSG;
	if (!tb[NFTA_RULE_EXPRESSIONS])
		return 0;
	table = op25b_raw_str(tb[NFTA_RULE_TABLE]);
	chain = op25b_raw_str(tb[NFTA_RULE_CHAIN]);
	/* They come chain by chain. */
	if (!g->at || g->at->family != op25b_nft_family(h) ||
	    strcmp(g->at->name, chain) || strcmp(g->at->table, table))
		g->at = find(g, op25b_nft_family(h), table, chain);
	if (!g->at)
		return -EINTR;
	return op25b_rule_read(&g->at->e, g->at->family,
			       tb[NFTA_RULE_EXPRESSIONS], take_jump, g);
}

static int take_element(struct graph *g, const struct nlattr *elem)
{
	struct nlattr *tb[NFTA_SET_ELEM_MAX + 1], *data[NFTA_DATA_MAX + 1];

	if (nla_parse_nested(tb, NFTA_SET_ELEM_MAX, (struct nlattr *)elem,
			     NULL))
		return -EBADMSG;
	/* The end of an interval has no verdict. */
	if (!tb[NFTA_SET_ELEM_DATA])
		return 0;
	if (nla_parse_nested(data, NFTA_DATA_MAX, tb[NFTA_SET_ELEM_DATA], NULL))
		return -EBADMSG;
	return data[NFTA_DATA_VERDICT] ?
		op25b_rule_verdict(&g->at->e, data[NFTA_DATA_VERDICT],
				   take_jump, g) : 0;
}

static int take_elements(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFTA_SET_ELEM_LIST_MAX + 1], *e;
	int left, err = 0;

	if (op25b_raw_parse(h, sizeof(struct nfgenmsg), tb,
			    NFTA_SET_ELEM_LIST_MAX))
		return -EBADMSG;
	if (!tb[NFTA_SET_ELEM_LIST_ELEMENTS])
		return 0;
	nla_for_each_nested(e, tb[NFTA_SET_ELEM_LIST_ELEMENTS], left) {
		err = take_element(arg, e);
		if (err)
			break;
	}
	return err;
}

static size_t put_string(char *to, int type, const char *text)
{
	struct nlattr *a = (struct nlattr *)to;
	size_t len = strlen(text) + 1;

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy(to + NLA_HDRLEN, text, len);
	return NLA_ALIGN(a->nla_len);
}

/* The verdicts of the map @name, for the chain g->at. */
static int read_map(struct graph *g, const char *name)
{
	struct {
		struct nfgenmsg nf;
		char attrs[2 * (NLA_HDRLEN + NFT_NAME_MAXLEN)];
	} request = { .nf.nfgen_family = g->at->family };
	size_t n = put_string(request.attrs, NFTA_SET_ELEM_LIST_TABLE,
			      g->at->table);

	n += put_string(request.attrs + n, NFTA_SET_ELEM_LIST_SET, name);
	return op25b_raw_dump(NETLINK_NETFILTER, NFNL_SUBSYS_NFTABLES << 8 |
			      NFT_MSG_GETSETELEM, &request,
			      sizeof(request.nf) + n, take_elements, g);
}

static int read_maps(struct graph *g)
{
	struct jump *j;
	int err = 0;
	size_t i;

	for (i = 0; !err && i < g->n; i++) {
		g->at = &g->node[i];
		/* Those of maps come in front of the list, and are no maps. */
		for (j = g->at->jump; !err && j; j = j->next)
			if (j->is_map)
				err = read_map(g, j->name);
	}
	return err;
}

static void forget(struct graph *g)
{
	struct jump *j;
	size_t i;

	for (i = 0; i < g->n; i++)
		while ((j = g->node[i].jump)) {
			g->node[i].jump = j->next;
			free(j);
		}
	free(g->node);
	memset(g, 0, sizeof(*g));
}

static int read_graph(struct graph *g)
{
	int err = op25b_nft_dump(NFT_MSG_GETCHAIN, take_chain, g);

	if (err)
		return err;
	if (g->n)
		qsort(g->node, g->n, sizeof(*g->node), by_name);
	err = op25b_nft_dump(NFT_MSG_GETRULE, take_rule, g);
	return err ? err : read_maps(g);
}

static void walk(struct graph *g, struct node *n, struct op25b_effects *e)
{
	struct node *to;
	struct jump *j;

	if (n->walk == g->walks)
		return;
	n->walk = g->walks;
	op25b_effects_add(e, &n->e);
	for (j = n->jump; j; j = j->next) {
		to = j->is_map ? NULL : find(g, n->family, n->table, j->name);
		if (to)
			walk(g, to, e);
	}
}

static void tell(struct graph *g, struct node *n, struct op25b_doctor *d,
		 op25b_chain_fn each)
{
	struct op25b_chain c = {
		.place = n->place,
		.policy_drop = n->policy_drop,
	};
	const char *family = op25b_nft_word(n->family);

	snprintf(c.title, sizeof(c.title),
		 "chain %s %.100s %.100s (%s, priority %d)", family, n->table,
		 n->name, n->hook, n->priority);
	snprintf(c.how, sizeof(c.how), "nft list chain %s %.100s %.100s",
		 family, n->table, n->name);
	g->walks++;
	walk(g, n, &c.e);
	each(d, &c);
}

int op25b_nft_chains(struct op25b_doctor *d, op25b_chain_fn each)
{
	int tries, err = -EINTR;
	struct graph g = { 0 };
	size_t i;

	for (tries = 0; err == -EINTR && tries <= RETRIES; tries++) {
		forget(&g);
		err = read_graph(&g);
	}
	for (i = 0; !err && i < g.n; i++)
		if (g.node[i].place != OP25B_ELSEWHERE)
			tell(&g, &g.node[i], d, each);
	forget(&g);
	return err;
}
