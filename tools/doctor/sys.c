// SPDX-License-Identifier: GPL-2.0
/* What /proc/sys and the interfaces say. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"

#define IPV4		"/proc/sys/net/ipv4"
#define BRIDGE		"/proc/sys/net/bridge"

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

/* IPv4 asks the interface that a packet came in by, IPv6 only asks `all`
 * (ip_route_input_slow(), ip6_forward()).
 */
static void check_interfaces(struct op25b_doctor *d)
{
	const struct op25b_link *l = d->links.link;
	char todo[OP25B_TODO];
	size_t i;

	for (i = 0; i < d->links.n; i++, l++) {
		if (!l->up || !strcmp(l->name, "lo") ||
		    op25b_read_number(IPV4 "/conf/%s/forwarding", l->name))
			continue;
		op25b_todo(todo, "%ssysctl -w net/ipv4/conf/%s/forwarding=1",
			   d->on, l->name);
		op25b_finding(d, l->subscriber ? OP25B_WARNING : OP25B_NOTE,
			      todo, "%s: IPv4 forwarding is off", l->name);
	}
}

void op25b_check_forwarding(struct op25b_doctor *d)
{
	long v4 = op25b_read_number(OP25B_FORWARDING_V4);
	long v6 = op25b_read_number(OP25B_FORWARDING_V6);
	char todo[OP25B_TODO];

	if (v4 <= 0 && v6 <= 0) {
		no_router(d);
		return;
	}
	if (v4 <= 0)
		op25b_finding(d, d->stats.get[OP25B_A_PREFIXES_V4] ?
			      OP25B_PROBLEM : OP25B_NOTE,
			      op25b_todo(todo,
					 "%ssysctl -w net.ipv4.ip_forward=1",
					 d->on),
			      "IPv4 forwarding is off");
	else
		check_interfaces(d);
	if (v6 <= 0 && d->stats.get[OP25B_A_PREFIXES_V6])
		op25b_finding(d, OP25B_PROBLEM,
			      op25b_todo(todo,
					 "%ssysctl -w net.ipv6.conf.all.forwarding=1",
					 d->on),
			      "IPv6 forwarding is off, and IPv6 prefixes are listed");
}

/* A source that nobody checks looks unlisted, and passes (RFC 2827). The
 * larger of both settings counts; loose mode takes any source that a default
 * route leads to.
 */
void op25b_check_spoofing(struct op25b_doctor *d)
{
	long all = op25b_read_number(IPV4 "/conf/all/rp_filter"), own;
	const struct op25b_link *l = d->links.link, *first = NULL;
	unsigned int n = 0;
	char todo[OP25B_TODO];
	size_t i;

	for (i = 0; i < d->links.n; i++, l++) {
		if (!l->subscriber || !l->up)
			continue;
		own = op25b_read_number(IPV4 "/conf/%s/rp_filter", l->name);
		if ((own > all ? own : all) != 1)
			first = n++ ? first : l;
	}
	if (!n)
		return;
	op25b_todo(todo,
		   "%ssysctl -w net/ipv4/conf/%s/rp_filter=1%s, and for IPv6 nft's fib saddr . iif oif missing drop",
		   d->on, first->name, n > 1 ? " and the like" : "");
	op25b_finding(d, OP25B_NOTE, todo,
		      "rp_filter is not strict on %u of the subscribers' interfaces (%s%s): a source that is not theirs looks unlisted, and passes",
		      n, first->name, n > 1 ? ", ..." : "");
}

/* Ports of the interface @l, and in *@subscriber whether one is known as a
 * subscriber's.
 */
static unsigned int ports(const struct op25b_doctor *d,
			  const struct op25b_link *l, bool *subscriber)
{
	const struct op25b_link *p = d->links.link;
	unsigned int n = 0;
	size_t i;

	*subscriber = l->subscriber;
	for (i = 0; i < d->links.n; i++, p++) {
		if (p->master != l->index)
			continue;
		n++;
		*subscriber |= p->subscriber;
	}
	return n;
}

static void check_bridge(struct op25b_doctor *d, const struct op25b_link *l)
{
	long v4 = op25b_read_number(BRIDGE "/bridge-nf-call-iptables");
	long v6 = op25b_read_number(BRIDGE "/bridge-nf-call-ip6tables");
	char todo[OP25B_TODO];
	bool subscriber;

	if (ports(d, l, &subscriber) < 2 || (v4 > 0 && v6 > 0) ||
	    (v4 >= 0 && l->nf_call))
		return;
	op25b_todo(todo,
		   "if mail is to be blocked between its ports: %s%ssysctl -w net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1",
		   v4 < 0 ? "modprobe br_netfilter; " : "", d->on);
	op25b_finding(d, subscriber ? OP25B_WARNING : OP25B_NOTE, todo,
		      "%s: what is bridged between its ports passes op25b by, for br_netfilter is %s",
		      l->name, v4 < 0 ? "not loaded" : "off");
}

void op25b_check_bridges(struct op25b_doctor *d)
{
	const struct op25b_link *l = d->links.link;
	size_t i;

	for (i = 0; i < d->links.n; i++, l++) {
		if (!strcmp(l->kind, "bridge"))
			check_bridge(d, l);
		else if (!strcmp(l->kind, "openvswitch"))
			op25b_finding(d, OP25B_WARNING,
				      "let the kernel route between subscribers and the world, or block port 25 in the switch: ovs-ofctl add-flow",
				      "%s is Open vSwitch's: what it switches passes op25b by",
				      l->name);
	}
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
}
