// SPDX-License-Identifier: GPL-2.0
/* What /proc/sys says about forwarding and sources, interfaces about XDP. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"
#include "say.h"

#define IPV4		"/proc/sys/net/ipv4"
#define IPV6		"/proc/sys/net/ipv6"

/* "a, b" of the named namespaces, "" if there is none. */
static void list_namespaces(char *buf, size_t size)
{
	DIR *dir = opendir("/run/netns");
	struct dirent *e;
	size_t n = 0;

	*buf = '\0';
	while (dir && (e = readdir(dir)) && n < size)
		if (*e->d_name != '.')
			n += snprintf(buf + n, size - n, "%s%s", n ? ", " : "",
				      e->d_name);
	if (dir)
		closedir(dir);
}

/* Nothing is forwarded here at all: is the router another namespace? */
static void no_router(struct op25b_doctor *d)
{
	char names[200], todo[OP25B_TODO];

	list_namespaces(names, sizeof(names));
	op25b_todo(todo,
		   "%ssysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
		   d->on);
	if (*names && !d->ctx->netns)
		op25b_todo(todo,
			   "if another namespace is the router, ask that: op25bctl -n NAME doctor (%s)",
			   names);
	op25b_finding(d, OP25B_PROBLEM, todo,
		      "forwarding is off for IPv4 and IPv6: this is no router");
}

/* IPv4 asks the interface that a packet came in by, not `all`
 * (ip_route_input_slow()).
 */
static void read_v4(struct op25b_doctor *d)
{
	const struct op25b_link *l = d->links.link;
	struct op25b_path *p = &d->path[OP25B_V4];
	long all, own;
	size_t i;

	p->err = op25b_read_number(&all, IPV4 "/ip_forward");
	p->routed = !p->err && all;
	for (i = 0; i < d->links.n; i++, l++)
		if (l->up && strcmp(l->name, "lo") &&
		    !op25b_read_number(&own, IPV4 "/conf/%s/forwarding",
				       l->name) && own)
			p->routed = true;
}

/* IPv6 asks `all` (ip6_forward()), newer kernels the interface, too. */
static void read_v6(struct op25b_doctor *d)
{
	const struct op25b_link *l = d->links.link;
	struct op25b_path *p = &d->path[OP25B_V6];
	long all, own;
	size_t i;

	p->err = op25b_read_number(&all, IPV6 "/conf/all/forwarding");
	p->routed = !p->err && all;
	for (i = 0; i < d->links.n; i++, l++)
		if (!op25b_read_number(&own, IPV6 "/conf/%s/force_forwarding",
				       l->name) && own)
			p->routed = true;
	/* Where IPv4's are there to be read, these do not exist. */
	p->absent = p->err == -ENOENT && !d->path[OP25B_V4].err;
	if (p->absent)
		p->err = 0;
}

static void read_bridges(struct op25b_doctor *d)
{
	const struct op25b_link *l = d->links.link;
	bool subscriber;
	size_t i;
	int f;

	for (i = 0; i < d->links.n; i++, l++) {
		if (strcmp(l->kind, "bridge") ||
		    op25b_bridge_ports(d, l, &subscriber) < 2)
			continue;
		for (f = 0; f < OP25B_FAMILIES; f++)
			if (op25b_bridge_calls(l, f) > 0)
				d->path[f].bridged = true;
	}
}

void op25b_paths_read(struct op25b_doctor *d)
{
	read_v4(d);
	read_v6(d);
	read_bridges(d);
}

static const char *path_word(const struct op25b_path *p)
{
	if (p->absent)
		return "not in this kernel";
	if (p->routed)
		return p->bridged ? "routed and bridged" : "routed";
	return p->bridged ? "bridged" : "not forwarded";
}

static bool passes(const struct op25b_path *p)
{
	return p->routed || p->bridged;
}

/* Those that do not forward IPv4 where others do. */
static void check_interfaces(struct op25b_doctor *d)
{
	const struct op25b_link *l = d->links.link;
	char todo[OP25B_TODO];
	size_t i;
	long on;
	int err;

	for (i = 0; i < d->links.n; i++, l++) {
		if (!l->up || !strcmp(l->name, "lo"))
			continue;
		err = op25b_read_number(&on, IPV4 "/conf/%s/forwarding",
					l->name);
		if (err == -ENOENT || (!err && on))
			continue;
		op25b_todo(todo, "%ssysctl -w net/ipv4/conf/%s/forwarding=1",
			   d->on, l->name);
		if (err)
			op25b_finding(d, OP25B_SKIPPED, NULL,
				      "%s: whether IPv4 is forwarded cannot be read: %s",
				      l->name, strerror(-err));
		else
			op25b_finding(d, l->subscriber ? OP25B_WARNING :
				      OP25B_NOTE, todo,
				      "%s: IPv4 forwarding is off", l->name);
	}
}

static bool unreadable(struct op25b_doctor *d)
{
	bool any = false;
	int f;

	for (f = 0; f < OP25B_FAMILIES; f++) {
		if (!d->path[f].err)
			continue;
		any = true;
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "whether IPv%d is forwarded cannot be read in /proc/sys/net: %s",
			      f == OP25B_V4 ? 4 : 6,
			      strerror(-d->path[f].err));
	}
	return any;
}

void op25b_check_forwarding(struct op25b_doctor *d)
{
	const struct op25b_path *v4 = &d->path[OP25B_V4];
	const struct op25b_path *v6 = &d->path[OP25B_V6];
	bool partly = unreadable(d);
	char todo[OP25B_TODO];

	if (!partly && !passes(v4) && !passes(v6)) {
		no_router(d);
		return;
	}
	if (v4->routed)
		check_interfaces(d);
	else if (!v4->err && !passes(v4))
		op25b_finding(d, d->stats.get[OP25B_A_PREFIXES_V4] ?
			      OP25B_PROBLEM : OP25B_NOTE,
			      op25b_todo(todo,
					 "%ssysctl -w net.ipv4.ip_forward=1",
					 d->on),
			      "IPv4 forwarding is off");
	if (!v6->err && !passes(v6) && d->stats.get[OP25B_A_PREFIXES_V6])
		op25b_finding(d, OP25B_PROBLEM,
			      op25b_todo(todo,
					 "%ssysctl -w net.ipv6.conf.all.forwarding=1",
					 d->on),
			      "IPv6 forwarding is off, and IPv6 prefixes are listed");
	if (!partly)
		op25b_looked(d, "IPv4 is %s, IPv6 is %s", path_word(v4),
			     path_word(v6));
}

bool op25b_no_subscribers(struct op25b_doctor *d)
{
	if (d->subscribers)
		return false;
	op25b_finding(d, OP25B_SKIPPED, NULL,
		      "no interface of subscribers is known: see interfaces");
	return true;
}

/* IPv6 has rules for that, no setting. */
static void spoofing_v6(struct op25b_doctor *d)
{
	char todo[OP25B_TODO];

	if (!d->path[OP25B_V6].routed)
		return;
	op25b_finding(d, OP25B_SKIPPED,
		      op25b_todo(todo,
				 "%snft list ruleset: is there fib saddr . iif oif missing drop (ip6tables: -m rpfilter --invert)?",
				 d->on),
		      "IPv6 has no rp_filter, and rules were not searched for what is in its place");
}

/* A source that nobody checks looks unlisted, and passes (RFC 2827). The
 * larger of both settings counts; loose mode takes any source that a default
 * route leads to.
 */
void op25b_check_spoofing(struct op25b_doctor *d)
{
	const struct op25b_link *l = d->links.link, *first = NULL;
	unsigned int n = 0, strict = 0;
	char todo[OP25B_TODO];
	long all, own;
	size_t i;
	int err;

	if (op25b_no_subscribers(d))
		return;
	err = op25b_read_number(&all, IPV4 "/conf/all/rp_filter");
	for (i = 0; !err && i < d->links.n; i++, l++) {
		if (!l->subscriber || !l->up)
			continue;
		err = op25b_read_number(&own, IPV4 "/conf/%s/rp_filter",
					l->name);
		if (!err && (own > all ? own : all) == 1)
			strict++;
		else if (!err)
			first = n++ ? first : l;
		else if (err == -ENOENT)	/* has no IPv4 */
			err = 0;
	}
	if (n)
		op25b_finding(d, OP25B_NOTE,
			      op25b_todo(todo,
					 "%ssysctl -w net/ipv4/conf/%s/rp_filter=1%s, and for IPv6 nft's fib saddr . iif oif missing drop",
					 d->on, first->name,
					 n > 1 ? " and the like" : ""),
			      "rp_filter is not strict on %u of the subscribers' interfaces (%s%s): a source that is not theirs looks unlisted, and passes",
			      n, first->name, n > 1 ? ", ..." : "");
	if (err)
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "rp_filter cannot be read: %s", strerror(-err));
	else if (!n && !strict)
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "%s of subscribers is up and has IPv4",
			      op25b_plural(d->subscribers, "no interface",
					   "none of the interfaces"));
	else
		op25b_looked(d,
			     "rp_filter is strict on %u %s of subscribers",
			     strict,
			     op25b_plural(strict, "interface", "interfaces"));
	spoofing_v6(d);
}

void op25b_check_xdp(struct op25b_doctor *d)
{
	const struct op25b_link *l = d->links.link;
	char todo[OP25B_TODO];
	size_t i;

	for (i = 0; i < d->links.n; i++, l++) {
		if (!l->xdp)
			continue;
		op25b_todo(todo,
			   "see what it does: bpftool net show dev %s; %sip link set dev %s xdp off takes it away",
			   l->name, d->on, l->name);
		op25b_finding(d, l->subscriber ? OP25B_WARNING : OP25B_NOTE,
			      todo,
			      "%s has an XDP program: what it redirects or drops passes op25b by",
			      l->name);
	}
	op25b_looked(d, "no program on %zu %s", d->links.n,
		     op25b_plural(d->links.n, "interface", "interfaces"));
}
