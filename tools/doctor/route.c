// SPDX-License-Identifier: GPL-2.0
/* The routes of the namespace we are in, and what they say by themselves. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "doctor/raw.h"
#include "doctor/route.h"
#include "words/addr.h"
#include "say.h"

#define LABELS	"/proc/sys/net/mpls/platform_labels"

/* Those with LWTUNNEL_STATE_INPUT_REDIRECT (net/ipv6/seg6_local.c and others):
 * the packet goes to the tunnel instead of to ip_forward().
 */
static const char *takes_input(unsigned int encap)
{
	switch (encap) {
	case LWTUNNEL_ENCAP_ILA:
		return "ila";
	case LWTUNNEL_ENCAP_SEG6:
		return "seg6";
	case LWTUNNEL_ENCAP_BPF:
		return "bpf";
	case LWTUNNEL_ENCAP_SEG6_LOCAL:
		return "seg6local";
	case LWTUNNEL_ENCAP_RPL:
		return "rpl";
	}
	return NULL;
}

/* Whose subscribers a route leads to: link-local and multicast, nobody's. */
static bool is_global(const struct op25b_route *r)
{
	if (r->family == AF_INET)
		return r->addr[0] < 224;
	return r->addr[0] != 0xff &&
		!(r->addr[0] == 0xfe && (r->addr[1] & 0xc0) == 0x80);
}

static int keep(struct op25b_routes *rs, const struct op25b_route *r)
{
	struct op25b_link *l = op25b_link_find(&rs->d->links, r->oif);
	struct op25b_route *more;

	if (!r->len) {
		if (l)
			l->uplink = true;
		return 0;
	}
	if (!is_global(r))
		return 0;
	if (rs->n == rs->room) {
		rs->room = rs->room ? 2 * rs->room : 64;
		more = realloc(rs->route, rs->room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		rs->route = more;
	}
	rs->route[rs->n++] = *r;
	return 0;
}

static void note_encap(struct op25b_routes *rs, const struct op25b_route *r,
		       const struct nlattr *type)
{
	unsigned int encap = type ? nla_get_u16((struct nlattr *)type) : 0;
	struct op25b_tunnel *t;

	if (!takes_input(encap))
		return;
	if (rs->tunnels < OP25B_TOLD) {
		t = &rs->tunnel[rs->tunnels];
		memcpy(t->addr, r->addr, sizeof(t->addr));
		t->family = r->family;
		t->len = r->len;
		t->encap = encap;
	}
	rs->tunnels++;
}

/* One route through several interfaces. */
static int take_hops(struct op25b_routes *rs, struct op25b_route *r,
		     const struct nlattr *hops)
{
	const struct rtnexthop *h = nla_data(hops);
	int left = nla_len(hops), err = 0;
	struct nlattr *tb[RTA_MAX + 1];

	for (; !err && left >= (int)sizeof(*h) && h->rtnh_len >= sizeof(*h) &&
	     h->rtnh_len <= left;
	     left -= RTNH_ALIGN(h->rtnh_len), h = RTNH_NEXT(h)) {
		if (nla_parse(tb, RTA_MAX, (struct nlattr *)RTNH_DATA(h),
			      h->rtnh_len - sizeof(*h), NULL))
			return -EBADMSG;
		note_encap(rs, r, tb[RTA_ENCAP_TYPE]);
		r->oif = h->rtnh_ifindex;
		err = keep(rs, r);
	}
	return err;
}

/* An address of the router's has its full length; 127.0.0.0/8 is lo's. */
static int take_local(struct op25b_routes *rs, const struct nlmsghdr *h)
{
	const struct rtmsg *rtm = NLMSG_DATA(h);
	int bytes = rtm->rtm_family == AF_INET ? 4 : 16;
	struct nlattr *tb[RTA_MAX + 1];
	struct op25b_local *r;
	uint8_t addr[16] = { 0 };

	if (rtm->rtm_dst_len == 8 * bytes)
		return 0;
	if (op25b_raw_parse(h, sizeof(*rtm), tb, RTA_MAX))
		return -EBADMSG;
	if (tb[RTA_DST] && nla_len(tb[RTA_DST]) >= bytes)
		memcpy(addr, nla_data(tb[RTA_DST]), bytes);
	if (rtm->rtm_family == AF_INET && rtm->rtm_dst_len >= 8 &&
	    addr[0] == 127)
		return 0;
	if (rs->locals++ >= OP25B_TOLD)
		return 0;
	r = &rs->local[rs->locals - 1];
	memcpy(r->addr, addr, sizeof(r->addr));
	r->family = rtm->rtm_family;
	r->len = rtm->rtm_dst_len;
	r->table = tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : rtm->rtm_table;
	return 0;
}

static int take_route(const struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *rtm = NLMSG_DATA(h);
	struct nlattr *tb[RTA_MAX + 1];
	struct op25b_routes *rs = arg;
	struct op25b_route r = {
		.family = rtm->rtm_family,
		.len = rtm->rtm_dst_len,
	};
	int bytes = r.family == AF_INET ? 4 : 16;

	/* Without the family in the kernel all the others are listed. */
	if (h->nlmsg_type != RTM_NEWROUTE || rtm->rtm_flags & RTM_F_CLONED ||
	    rtm->rtm_family != rs->asked)
		return 0;
	rs->seen++;
	if (rtm->rtm_family == AF_MPLS) {
		rs->mpls++;
		return 0;
	}
	if (rtm->rtm_type == RTN_LOCAL)
		return take_local(rs, h);
	/* Blackholes and the like are how a pool is announced as a whole. */
	if (rtm->rtm_type != RTN_UNICAST && rtm->rtm_type != RTN_BLACKHOLE &&
	    rtm->rtm_type != RTN_UNREACHABLE && rtm->rtm_type != RTN_PROHIBIT)
		return 0;
	if (op25b_raw_parse(h, sizeof(*rtm), tb, RTA_MAX))
		return -EBADMSG;
	if (tb[RTA_DST] && nla_len(tb[RTA_DST]) >= bytes)
		memcpy(r.addr, nla_data(tb[RTA_DST]), bytes);
	if (tb[RTA_MULTIPATH])
		return take_hops(rs, &r, tb[RTA_MULTIPATH]);
	if (tb[RTA_NH_ID] && !tb[RTA_OIF])
		rs->nexthops++;
	note_encap(rs, &r, tb[RTA_ENCAP_TYPE]);
	r.oif = tb[RTA_OIF] && rtm->rtm_type == RTN_UNICAST ?
		nla_get_u32(tb[RTA_OIF]) : 0;
	return keep(rs, &r);
}

int op25b_route_compare(const void *a, const void *b)
{
	const struct op25b_route *x = a, *y = b;
	int c = (int)x->family - y->family;

	if (!c)
		c = memcmp(x->addr, y->addr, sizeof(x->addr));
	if (!c)
		c = (int)x->len - y->len;
	return c ? c : (int)y->subscriber - x->subscriber;
}

/* Of routes to the same in several tables or by several interfaces one stays,
 * a subscriber's if there is such.
 */
static void sort_routes(struct op25b_routes *rs)
{
	const struct op25b_link *l;
	size_t i, n = 0;

	for (i = 0; i < rs->n; i++) {
		l = op25b_link_find(&rs->d->links, rs->route[i].oif);
		rs->route[i].subscriber = l && l->subscriber;
	}
	if (rs->n)
		qsort(rs->route, rs->n, sizeof(*rs->route),
		      op25b_route_compare);
	for (i = 0; i < rs->n; i++)
		if (!n || rs->route[i].family != rs->route[n - 1].family ||
		    rs->route[i].len != rs->route[n - 1].len ||
		    memcmp(rs->route[i].addr, rs->route[n - 1].addr, 16))
			rs->route[n++] = rs->route[i];
	rs->n = n;
}

/* An interface that only its name makes a subscriber's, and that leads to the
 * world, is how this router itself dials out.
 */
static void forget_uplinks(struct op25b_doctor *d)
{
	size_t i;

	for (i = 0; !d->n_iface && i < d->links.n; i++)
		if (d->links.link[i].uplink && d->links.link[i].subscriber) {
			d->links.link[i].subscriber = false;
			d->dials = true;
		}
}

int op25b_routes_read(struct op25b_doctor *d)
{
	static const uint8_t families[] = { AF_INET, AF_INET6, AF_MPLS };
	struct rtmsg rtm = { 0 };
	struct op25b_routes *rs;
	long labels = 0;
	size_t i;
	int err;

	d->routes = calloc(1, sizeof(*d->routes));
	if (!d->routes)
		return -ENOMEM;
	rs = d->routes;
	rs->d = d;
	err = op25b_read_number(&labels, LABELS);
	rs->mpls_err = err == -ENOENT ? 0 : err;
	err = 0;
	for (i = 0; !err && i < OP25B_ARRAY_SIZE(families); i++) {
		if (families[i] == AF_MPLS && labels <= 0)
			continue;
		rtm.rtm_family = families[i];
		rs->asked = families[i];
		err = op25b_raw_dump(NETLINK_ROUTE, RTM_GETROUTE, &rtm,
				     sizeof(rtm), take_route, rs);
		if (err == -EINTR) {
			rs->changed = true;
			err = 0;
		}
	}
	forget_uplinks(d);
	sort_routes(rs);
	return err;
}

void op25b_routes_free(struct op25b_doctor *d)
{
	if (d->routes)
		free(d->routes->route);
	free(d->routes);
}

void op25b_routes_gaps(struct op25b_doctor *d)
{
	const struct op25b_routes *rs = d->routes;
	char todo[OP25B_TODO];

	if (rs->changed)
		op25b_finding(d, OP25B_SKIPPED, "ask again",
			      "routes changed while they were read: some may be missing");
	if (rs->nexthops)
		op25b_finding(d, OP25B_SKIPPED,
			      op25b_todo(todo,
					 "%ssysctl -w net.ipv4.nexthop_compat_mode=1, and ask again",
					 d->on),
			      "%u %s by nexthop objects: net.ipv4.nexthop_compat_mode is 0, so where %s is not listed",
			      rs->nexthops,
			      op25b_plural(rs->nexthops, "route", "routes"),
			      op25b_plural(rs->nexthops, "it leads",
					   "they lead"));
}

void op25b_check_tunnels(struct op25b_doctor *d)
{
	const struct op25b_routes *rs = d->routes;
	char t[OP25B_ADDR_TEXT];
	unsigned int i;

	for (i = 0; i < rs->tunnels && i < OP25B_TOLD; i++)
		op25b_finding(d, OP25B_WARNING,
			      "filter where the tunnel ends, or steer subscribers' packets past it",
			      "route %s encap %s: what comes in for it passes op25b by",
			      op25b_prefix_text(rs->tunnel[i].addr,
						rs->tunnel[i].family,
						rs->tunnel[i].len, t),
			      takes_input(rs->tunnel[i].encap));
	if (rs->tunnels > OP25B_TOLD)
		op25b_finding(d, OP25B_WARNING, NULL,
			      "%u more %s",
			      rs->tunnels - OP25B_TOLD,
			      op25b_plural(rs->tunnels - OP25B_TOLD,
					   "route through such a tunnel",
					   "routes through such tunnels"));
	if (rs->mpls)
		op25b_finding(d, OP25B_WARNING,
			      "filter where labels are put on, or where they have come off",
			      "%u MPLS %s: what carries labels passes op25b by",
			      rs->mpls,
			      op25b_plural(rs->mpls, "route", "routes"));
	if (rs->mpls_err)
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "%s cannot be read, so MPLS routes were not looked at: %s",
			      LABELS, strerror(-rs->mpls_err));
	op25b_looked(d, "of %lu %s none passes op25b by", rs->seen,
		     op25b_plural(rs->seen, "route", "routes"));
	op25b_routes_gaps(d);
}

/* Routes that take a packet for one to this router itself. */
void op25b_check_local(struct op25b_doctor *d)
{
	const struct op25b_routes *rs = d->routes;
	const struct op25b_local *r;
	char t[OP25B_ADDR_TEXT], todo[OP25B_TODO];
	unsigned int i;

	for (i = 0; i < rs->locals && i < OP25B_TOLD; i++) {
		r = &rs->local[i];
		op25b_todo(todo,
			   "%sip route show table %u; %sip rule shows what is looked up there, such as a mark set for a transparent proxy",
			   d->on, r->table, d->on);
		op25b_finding(d, OP25B_WARNING, todo,
			      "route local %s in table %u: what it takes comes to this router itself, and passes op25b by",
			      op25b_prefix_text(r->addr, r->family, r->len, t),
			      r->table);
	}
	if (rs->locals > OP25B_TOLD)
		op25b_finding(d, OP25B_WARNING, NULL,
			      "%u more such %s", rs->locals - OP25B_TOLD,
			      op25b_plural(rs->locals - OP25B_TOLD, "route",
					   "routes"));
	op25b_check_ipvs(d);
	op25b_looked(d,
		     "no route takes more than the router's own addresses for local, and no IPVS service takes mail");
	op25b_routes_gaps(d);
}

/* Names of -i that are no interface's. A pattern may be one for sessions, of
 * which there is none just now.
 */
static void tell_names(struct op25b_doctor *d)
{
	const struct op25b_word *w;
	bool pattern;
	size_t j;
	int i;

	for (i = 0; i < d->n_iface; i++) {
		w = &d->iface[2 * i];
		pattern = false;
		for (j = 0; j < w->len; j++)
			pattern |= w->s[j] == '*' || w->s[j] == '?' ||
				w->s[j] == '[';
		for (j = 0; j < d->links.n; j++)
			if (op25b_link_named(w, d->links.link[j].name))
				break;
		if (j == d->links.n)
			op25b_finding(d, pattern && d->subscribers ?
				      OP25B_NOTE : OP25B_WARNING,
				      "ip link shows all of them",
				      "no interface is called %.*s",
				      (int)w->len, w->s);
	}
}

void op25b_check_interfaces(struct op25b_doctor *d)
{
	char names[120] = "";
	size_t i;

	tell_names(d);
	for (i = 0; i < d->links.n; i++)
		if (d->links.link[i].subscriber)
			op25b_enlist(names, sizeof(names),
				     d->links.link[i].name);
	if (d->subscribers)
		op25b_looked(d, "subscribers are behind %s", names);
	else if (!d->n_iface)
		op25b_finding(d, OP25B_NOTE,
			      "name those behind which subscribers are: doctor -i eth1 -i 'vlan*'",
			      "%s ppp* or ipoe*, so that none is known to be of subscribers",
			      d->dials ?
			      "a default route leads out of all called" :
			      "no interface is called");
}
