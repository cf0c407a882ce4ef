// SPDX-License-Identifier: GPL-2.0
/* Bridges: what goes from port to port comes to FORWARD only by br_netfilter,
 * which is turned on for each family, and for tagged frames, apart.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"
#include "say.h"

#define BRIDGE		"/proc/sys/net/bridge/bridge-nf-"

/* What keeps frames of a kind from netfilter unless it is set. */
static const struct {
	const char *name;
	const char *frames;
} filters[] = {
	{ "filter-vlan-tagged", "a VLAN tag" },
	{ "filter-pppoe-tagged", "PPPoE" },
};

unsigned int op25b_bridge_ports(const struct op25b_doctor *d,
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

int op25b_bridge_calls(const struct op25b_link *l, int family)
{
	long on;
	int err = op25b_read_number(&on, BRIDGE "call-ip%stables",
				    family == OP25B_V4 ? "" : "6");

	return err ? err : on || l->nf_call[family];
}

/* Frames that the bridge hands over only if they are of no such kind. */
static void check_filters(struct op25b_doctor *d, const struct op25b_link *l,
			  bool subscriber)
{
	char todo[OP25B_TODO];
	long on;
	size_t i;
	int err;

	for (i = 0; i < OP25B_ARRAY_SIZE(filters); i++) {
		err = op25b_read_number(&on, BRIDGE "%s", filters[i].name);
		if (!err && on)
			continue;
		if (err) {
			op25b_finding(d, OP25B_SKIPPED, NULL,
				      "%s: bridge-nf-%s cannot be read: %s",
				      l->name, filters[i].name, strerror(-err));
			continue;
		}
		op25b_todo(todo, "%ssysctl -w net.bridge.bridge-nf-%s=1",
			   d->on, filters[i].name);
		op25b_finding(d, subscriber || (!i && l->vlan_filtering) ?
			      OP25B_WARNING : OP25B_NOTE, todo,
			      "%s: frames with %s pass op25b by between its ports, for bridge-nf-%s is 0",
			      l->name, filters[i].frames, filters[i].name);
	}
}

static void tell_off(struct op25b_doctor *d, const struct op25b_link *l,
		     const int *calls, bool subscriber)
{
	bool loaded = calls[OP25B_V4] != -ENOENT;
	const char *what = "what";
	char todo[OP25B_TODO];

	if (calls[OP25B_V6] > 0)
		what = "IPv4 that";
	else if (calls[OP25B_V4] > 0)
		what = "IPv6 that";
	op25b_todo(todo,
		   "if mail is to be blocked between its ports: %s%ssysctl -w net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1",
		   loaded ? "" : "modprobe br_netfilter; ", d->on);
	op25b_finding(d, subscriber ? OP25B_WARNING : OP25B_NOTE, todo,
		      "%s: %s is bridged between its ports passes op25b by, for br_netfilter is %s",
		      l->name, what, loaded ? "off" : "not loaded");
}

static void check_bridge(struct op25b_doctor *d, const struct op25b_link *l,
			 bool subscriber)
{
	int calls[OP25B_FAMILIES], f;

	for (f = 0; f < OP25B_FAMILIES; f++) {
		calls[f] = op25b_bridge_calls(l, f);
		if (calls[f] >= 0 || calls[f] == -ENOENT)
			continue;
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "%s: br_netfilter's settings cannot be read: %s",
			      l->name, strerror(-calls[f]));
		return;
	}
	if (calls[OP25B_V4] <= 0 || calls[OP25B_V6] <= 0)
		tell_off(d, l, calls, subscriber);
	if (calls[OP25B_V4] > 0 || calls[OP25B_V6] > 0)
		check_filters(d, l, subscriber);
}

void op25b_check_bridges(struct op25b_doctor *d)
{
	const struct op25b_link *l = d->links.link;
	unsigned int n = 0;
	bool subscriber;
	size_t i;

	for (i = 0; i < d->links.n; i++, l++) {
		if (!strcmp(l->kind, "openvswitch"))
			op25b_finding(d, OP25B_WARNING,
				      "let the kernel route between subscribers and the world, or block port 25 in the switch: ovs-ofctl add-flow",
				      "%s is Open vSwitch's: what it switches passes op25b by",
				      l->name);
		if (strcmp(l->kind, "bridge") ||
		    op25b_bridge_ports(d, l, &subscriber) < 2)
			continue;
		n++;
		check_bridge(d, l, subscriber);
	}
	if (n)
		op25b_looked(d,
			     "%u of two ports or more, all frames come to op25b",
			     n);
	else
		op25b_looked(d,
			     "none of two ports or more among %zu %s",
			     d->links.n,
			     op25b_plural(d->links.n, "interface",
					  "interfaces"));
}
