// SPDX-License-Identifier: GPL-2.0
/*
 * Traffic control: filters at the ingress of an interface, and the programs of
 * tcx, see a packet long before FORWARD, and may send it elsewhere by
 * themselves. What they let pass, count, mark or mirror goes on to op25b, and
 * so does what they send through an ifb, which gives it back.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <netlink/attr.h>

#include "doctor/doctor.h"
#include "doctor/raw.h"
#include "say.h"

/* BPF_TCX_INGRESS, of headers newer than ours. */
#define TCX_INGRESS	46

/**
 * struct filters - those at the ingress of one interface
 * @links: of the namespace
 * @redirects: that send packets out of another interface, the last of them @to
 * @programs: of BPF
 * @drops: that drop or keep packets
 * @rewrites: that change addresses or ports
 * @unknown: of which nobody here knows what they do, the last @what
 * @n: all of them
 */
struct filters {
	const struct op25b_links *links;
	unsigned int redirects, programs, drops, rewrites, unknown, n;
	int to;
	char what[32];
};

/* Where the options of a classifier have its actions. */
static const struct {
	const char *kind;
	int act, max;
} classifiers[] = {
	{ "matchall", TCA_MATCHALL_ACT, TCA_MATCHALL_MAX },
	{ "flower", TCA_FLOWER_ACT, TCA_FLOWER_MAX },
	{ "u32", TCA_U32_ACT, TCA_U32_MAX },
	{ "basic", TCA_BASIC_ACT, TCA_BASIC_MAX },
	{ "fw", TCA_FW_ACT, TCA_FW_MAX },
	{ "route", TCA_ROUTE4_ACT, TCA_ROUTE4_MAX },
	{ "flow", TCA_FLOW_ACT, TCA_FLOW_MAX },
};

/* Actions that leave a packet on its way, and its addresses as they are. */
static const char * const harmless[] = {
	"connmark", "csum", "ct", "ctinfo", "police", "sample", "simple",
	"skbedit", "vlan",
};

static const char * const rewriting[] = { "nat", "pedit", "skbmod" };

static bool is_in(const char *word, const char * const *list, size_t n)
{
	while (n--)
		if (!strcmp(list[n], word))
			return true;
	return false;
}

static void take_mirred(struct filters *f, const struct nlattr *options)
{
	struct nlattr *tb[TCA_MIRRED_MAX + 1];
	const struct op25b_link *to;
	struct tc_mirred *parms;

	if (!options || nla_parse_nested(tb, TCA_MIRRED_MAX,
					 (struct nlattr *)options, NULL) ||
	    !tb[TCA_MIRRED_PARMS]) {
		f->unknown++;
		strcpy(f->what, "mirred");
		return;
	}
	parms = nla_data(tb[TCA_MIRRED_PARMS]);
	to = op25b_link_find(f->links, parms->ifindex);
	if (parms->eaction != TCA_EGRESS_REDIR ||
	    (to && !strcmp(to->kind, "ifb")))
		return;
	f->redirects++;
	f->to = parms->ifindex;
}

static void take_gact(struct filters *f, const struct nlattr *options)
{
	struct nlattr *tb[TCA_GACT_MAX + 1];
	struct tc_gact *parms;

	if (!options || nla_parse_nested(tb, TCA_GACT_MAX,
					 (struct nlattr *)options, NULL) ||
	    !tb[TCA_GACT_PARMS])
		return;
	parms = nla_data(tb[TCA_GACT_PARMS]);
	f->drops += parms->action == TC_ACT_SHOT ||
		parms->action == TC_ACT_STOLEN ||
		parms->action == TC_ACT_QUEUED || parms->action == TC_ACT_TRAP;
}

static void take_action(struct filters *f, const struct nlattr *action)
{
	struct nlattr *tb[TCA_ACT_MAX + 1];
	const char *kind;

	if (nla_parse_nested(tb, TCA_ACT_MAX, (struct nlattr *)action, NULL))
		return;
	kind = op25b_raw_str(tb[TCA_ACT_KIND]);
	if (!strcmp(kind, "mirred")) {
		take_mirred(f, tb[TCA_ACT_OPTIONS]);
	} else if (!strcmp(kind, "gact")) {
		take_gact(f, tb[TCA_ACT_OPTIONS]);
	} else if (!strcmp(kind, "bpf")) {
		f->programs++;
	} else if (is_in(kind, rewriting, OP25B_ARRAY_SIZE(rewriting))) {
		f->rewrites++;
	} else if (!is_in(kind, harmless, OP25B_ARRAY_SIZE(harmless))) {
		f->unknown++;
		snprintf(f->what, sizeof(f->what), "action %s", kind);
	}
}

static void take_classifier(struct filters *f, const char *kind,
			    const struct nlattr *options)
{
	struct nlattr *tb[64 + 1], *a;
	size_t i;
	int left;

	if (!strcmp(kind, "bpf")) {
		f->programs++;
		return;
	}
	for (i = 0; i < OP25B_ARRAY_SIZE(classifiers); i++)
		if (!strcmp(classifiers[i].kind, kind))
			break;
	if (i == OP25B_ARRAY_SIZE(classifiers)) {
		f->unknown++;
		snprintf(f->what, sizeof(f->what), "%s", kind);
		return;
	}
	/* Newer kernels have more attributes than our headers; none is past
	 * the actions of a classifier that we know.
	 */
	if (nla_parse_nested(tb, classifiers[i].act, (struct nlattr *)options,
			     NULL) || !tb[classifiers[i].act])
		return;
	nla_for_each_nested(a, tb[classifiers[i].act], left)
		take_action(f, a);
}

static int take_filter(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[TCA_MAX + 1];
	struct filters *f = arg;

	if (h->nlmsg_type != RTM_NEWTFILTER)
		return 0;
	if (op25b_raw_parse(h, sizeof(struct tcmsg), tb, TCA_MAX))
		return -EBADMSG;
	/* One without options is the head of those of its priority. */
	if (!tb[TCA_OPTIONS])
		return 0;
	f->n++;
	take_classifier(f, op25b_raw_str(tb[TCA_KIND]), tb[TCA_OPTIONS]);
	return 0;
}

static int take_qdisc(const struct nlmsghdr *h, void *arg)
{
	const struct tcmsg *tcm = NLMSG_DATA(h);
	struct nlattr *tb[TCA_MAX + 1];
	struct op25b_link *l;
	const char *kind;

	if (h->nlmsg_type != RTM_NEWQDISC)
		return 0;
	if (op25b_raw_parse(h, sizeof(*tcm), tb, TCA_MAX))
		return -EBADMSG;
	kind = op25b_raw_str(tb[TCA_KIND]);
	if (strcmp(kind, "clsact") && strcmp(kind, "ingress"))
		return 0;
	l = op25b_link_find(arg, tcm->tcm_ifindex);
	if (l)
		l->ingress = true;
	return 0;
}

static int ask_tc(int type, int index, uint32_t parent, op25b_raw_fn each,
		  void *arg)
{
	const struct tcmsg tcm = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = index,
		.tcm_parent = parent,
	};

	return op25b_raw_dump(NETLINK_ROUTE, type, &tcm, sizeof(tcm), each,
			      arg);
}

/* How many programs tcx has there. Return: 0 or -errno */
static int count_tcx(int index, unsigned int *n)
{
	union bpf_attr attr = {
		.query.target_fd = index,
		.query.attach_type = TCX_INGRESS,
	};

	*n = 0;
	/* Older kernels have no tcx, others no BPF at all. */
	if (syscall(__NR_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)))
		return errno == EPERM || errno == ENOMEM ? -errno : 0;
	*n = attr.query.prog_cnt;
	return 0;
}

/* The worst that the filters of one interface do. */
static void tell_filters(struct op25b_doctor *d, const struct op25b_link *l,
			 const struct filters *f)
{
	const struct op25b_link *to = op25b_link_find(&d->links, f->to);
	char todo[OP25B_TODO];

	op25b_todo(todo,
		   "%stc filter show dev %s ingress (bpftool net show dev %s, if it is BPF): does it take port 25, too?",
		   d->on, l->name, l->name);
	if (f->redirects)
		op25b_finding(d, OP25B_WARNING, todo,
			      "%s: %u tc %s packets to %s: they pass op25b by",
			      l->name, f->redirects,
			      op25b_plural(f->redirects,
					   "filter at its ingress redirects",
					   "filters at its ingress redirect"),
			      to ? to->name : "?");
	if (f->programs)
		op25b_finding(d, l->subscriber ? OP25B_WARNING : OP25B_NOTE,
			      todo,
			      "%s has %u BPF %s at its tc ingress: what is redirected or dropped there passes op25b by",
			      l->name, f->programs,
			      op25b_plural(f->programs, "program",
					   "programs"));
	if (f->drops)
		op25b_finding(d, OP25B_NOTE, todo,
			      "%s: %u tc %s packets before op25b",
			      l->name, f->drops,
			      op25b_plural(f->drops,
					   "filter at its ingress drops",
					   "filters at its ingress drop"));
	if (f->rewrites)
		op25b_finding(d, OP25B_NOTE, todo,
			      "%s: %u tc %s packets before op25b",
			      l->name, f->rewrites,
			      op25b_plural(f->rewrites,
					   "filter at its ingress rewrites",
					   "filters at its ingress rewrite"));
	if (f->unknown)
		op25b_finding(d, OP25B_SKIPPED, todo,
			      "%s: %u tc %s what is not understood here (%s)",
			      l->name, f->unknown,
			      op25b_plural(f->unknown,
					   "filter at its ingress does",
					   "filters at its ingress do"),
			      f->what);
}

static void check_link(struct op25b_doctor *d, const struct op25b_link *l,
		       unsigned int *n)
{
	struct filters f = { .links = &d->links };
	unsigned int tcx;
	int err = 0;

	if (l->ingress)
		err = ask_tc(RTM_GETTFILTER, l->index,
			     TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
			     take_filter, &f);
	if (!err)
		err = count_tcx(l->index, &tcx);
	if (!err) {
		f.programs += tcx;
		*n += f.n + tcx;
	}
	tell_filters(d, l, &f);
	if (err)
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "%s: filters at its ingress cannot be read: %s",
			      l->name, strerror(-err));
}

void op25b_check_tc(struct op25b_doctor *d)
{
	int err = ask_tc(RTM_GETQDISC, 0, 0, take_qdisc, &d->links);
	unsigned int n = 0;
	size_t i;

	/* A kernel without traffic control has no such message. */
	if (err && err != -EOPNOTSUPP) {
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "qdiscs cannot be read: %s", strerror(-err));
		return;
	}
	for (i = 0; i < d->links.n; i++)
		check_link(d, &d->links.link[i], &n);
	op25b_looked(d,
		     "%u %s at the ingress of %zu %s, of which none takes packets away",
		     n, op25b_plural(n, "filter or program",
				     "filters and programs"),
		     d->links.n,
		     op25b_plural(d->links.n, "interface", "interfaces"));
}
