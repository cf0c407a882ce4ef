// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks of netfilter before op25b that are neither chains of nf_tables nor
 * iptables': other modules', such as Jool's, and programs of BPF. A kernel with
 * nfnetlink_hook lists them; of another one only /proc/modules is left.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <netlink/attr.h>

#include "doctor/nf.h"
#include "say.h"

/* Type of a hook that is a program of BPF, of headers newer than some. */
#define TYPE_BPF	2

/* A place that is asked for: @dev for the ingress of one interface. */
struct place {
	struct op25b_doctor *d;
	uint8_t family;
	unsigned int hook;
	const char *word, *dev;
};

/* The kernel's own, which take no packet away, and those that others check. */
static bool is_known(const char *module, const char *function)
{
	static const char * const known[] = {
		"apparmor_", "ip6table_", "ip_sabotage_in", "ip_vs_",
		"ipt_do_table", "iptable_", "ip6t_do_table",
		"ipv4_conntrack_", "ipv6_conntrack_", "ipv6_defrag",
		"nf_ct_", "nf_nat_", "nf_flow_offload_", "selinux_", "smack_",
	};
	size_t i;

	if (!strcmp(module, "op25b"))
		return true;
	for (i = 0; i < OP25B_ARRAY_SIZE(known); i++)
		if (!strncmp(function, known[i], strlen(known[i])))
			return true;
	return false;
}

/* NFNL_HOOK_TYPE_NFTABLES and others, 0 for a plain function. */
static unsigned int type_of(const struct nlattr *nest)
{
	struct nlattr *tb[NFNLA_HOOK_INFO_MAX + 1];

	if (!nest || nla_parse_nested(tb, NFNLA_HOOK_INFO_MAX,
				      (struct nlattr *)nest, NULL))
		return 0;
	return op25b_raw_be32(tb[NFNLA_HOOK_INFO_TYPE]);
}

static int take_hook(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NFNLA_HOOK_MAX + 1];
	const char *module, *function;
	const struct place *p = arg;
	char todo[OP25B_TODO];
	unsigned int type;
	int priority;

	if (op25b_raw_parse(h, sizeof(struct nfgenmsg), tb, NFNLA_HOOK_MAX))
		return -EBADMSG;
	priority = op25b_raw_be32(tb[NFNLA_HOOK_PRIORITY]);
	module = op25b_raw_str(tb[NFNLA_HOOK_MODULE_NAME]);
	function = op25b_raw_str(tb[NFNLA_HOOK_FUNCTION_NAME]);
	type = type_of(tb[NFNLA_HOOK_CHAIN_INFO]);
	if ((type && type != TYPE_BPF) ||
	    (p->hook == NF_INET_FORWARD && priority > OP25B_PRIORITY) ||
	    (!type && is_known(module, function)))
		return 0;
	op25b_todo(todo, "%s", type ? "see what it does: bpftool link show" :
		   "see what it does: what it takes or drops passes op25b by");
	op25b_finding(p->d, OP25B_NOTE, todo,
		      "hook %s%s%s (%s, %s%s%s, priority %d) comes before op25b",
		      type ? "of BPF" : function, *module ? " of module " : "",
		      module, op25b_nft_word(p->family), p->word,
		      p->dev ? " of " : "", p->dev ? p->dev : "", priority);
	return 0;
}

static int ask(struct place *p)
{
	struct {
		struct nfgenmsg nf;
		struct nlattr a;
		uint32_t hooknum;
		struct nlattr b;
		char dev[IF_NAMESIZE];
	} request = {
		.nf.nfgen_family = p->family,
		.a.nla_type = NFNLA_HOOK_HOOKNUM,
		.a.nla_len = NLA_HDRLEN + sizeof(uint32_t),
		.hooknum = htonl(p->hook),
		.b.nla_type = NFNLA_HOOK_DEV,
	};
	size_t len = offsetof(typeof(request), b);

	if (p->dev) {
		snprintf(request.dev, sizeof(request.dev), "%s", p->dev);
		request.b.nla_len = NLA_HDRLEN + strlen(request.dev) + 1;
		len += NLA_ALIGN(request.b.nla_len);
	}
	return op25b_raw_dump(NETLINK_NETFILTER,
			      NFNL_SUBSYS_HOOK << 8 | NFNL_MSG_HOOK_GET,
			      &request, len, take_hook, p);
}

/* Modules that are loaded and known to take packets before FORWARD. */
static void list_modules(char *buf, size_t size)
{
	static const char * const takers[] = {
		"ecm", "fast_classifier", "jool", "jool_siit", "mtkhnat",
		"shortcut_fe", "xt_FLOWOFFLOAD",
	};
	FILE *f = fopen("/proc/modules", "re");
	char line[512], name[64];
	size_t i;

	*buf = '\0';
	while (f && fgets(line, sizeof(line), f))
		for (i = 0; i < OP25B_ARRAY_SIZE(takers); i++)
			if (sscanf(line, "%63s", name) == 1 &&
			    !strcmp(name, takers[i]))
				op25b_enlist(buf, size, name);
	if (f)
		fclose(f);
}

static void not_told(struct op25b_doctor *d, int err)
{
	char names[120], todo[OP25B_TODO];

	list_modules(names, sizeof(names));
	if (*names)
		op25b_finding(d, OP25B_NOTE,
			      op25b_todo(todo,
					 "see whether it is at work here: %sjool instance display, and the like",
					 d->on),
			      "modules that can take packets before op25b are loaded: %s",
			      names);
	op25b_finding(d, OP25B_SKIPPED, NULL,
		      "hooks of other modules and of BPF were not looked at: %s",
		      err == -EINVAL || err == -EPROTONOSUPPORT ||
		      err == -EOPNOTSUPP ?
		      "this kernel has no nfnetlink_hook" : strerror(-err));
}

void op25b_check_hooks(struct op25b_doctor *d)
{
	struct place places[] = {
		{ d, NFPROTO_IPV4, NF_INET_PRE_ROUTING, "prerouting", NULL },
		{ d, NFPROTO_IPV4, NF_INET_FORWARD, "forward", NULL },
		{ d, NFPROTO_IPV6, NF_INET_PRE_ROUTING, "prerouting", NULL },
		{ d, NFPROTO_IPV6, NF_INET_FORWARD, "forward", NULL },
	};
	struct place ingress = { d, NFPROTO_NETDEV, 0, "ingress", NULL };
	int err = 0;
	size_t i;

	for (i = 0; !err && i < OP25B_ARRAY_SIZE(places); i++)
		err = ask(&places[i]);
	/* A kernel without ingress hooks says that it cannot. */
	for (i = 0; !err && i < d->links.n; i++) {
		ingress.dev = d->links.link[i].name;
		err = ask(&ingress);
		if (err == -EOPNOTSUPP || err == -ENODEV)
			err = 0;
	}
	if (err)
		not_told(d, err);
}
