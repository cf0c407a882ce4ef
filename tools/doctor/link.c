// SPDX-License-Identifier: GPL-2.0
/* The network interfaces of the namespace we are in. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>

#include "doctor/link.h"
#include "doctor/raw.h"

static bool flag(const struct nlattr *a)
{
	return a && nla_get_u8((struct nlattr *)a);
}

static int read_bridge(struct op25b_link *l, const struct nlattr *nest)
{
	struct nlattr *tb[IFLA_BR_MAX + 1];

	if (!nest)
		return 0;
	if (nla_parse_nested(tb, IFLA_BR_MAX, (struct nlattr *)nest, NULL))
		return -EBADMSG;
	l->nf_call[0] = flag(tb[IFLA_BR_NF_CALL_IPTABLES]);
	l->nf_call[1] = flag(tb[IFLA_BR_NF_CALL_IP6TABLES]);
	l->vlan_filtering = flag(tb[IFLA_BR_VLAN_FILTERING]);
	return 0;
}

static int read_info(struct op25b_link *l, const struct nlattr *nest)
{
	struct nlattr *tb[IFLA_INFO_MAX + 1];

	if (!nest)
		return 0;
	if (nla_parse_nested(tb, IFLA_INFO_MAX, (struct nlattr *)nest, NULL))
		return -EBADMSG;
	snprintf(l->kind, sizeof(l->kind), "%s",
		 op25b_raw_str(tb[IFLA_INFO_KIND]));
	return strcmp(l->kind, "bridge") ? 0 :
		read_bridge(l, tb[IFLA_INFO_DATA]);
}

static int read_xdp(struct op25b_link *l, const struct nlattr *nest)
{
	struct nlattr *tb[IFLA_XDP_MAX + 1];

	if (!nest)
		return 0;
	if (nla_parse_nested(tb, IFLA_XDP_MAX, (struct nlattr *)nest, NULL))
		return -EBADMSG;
	l->xdp = flag(tb[IFLA_XDP_ATTACHED]);
	return 0;
}

static void read_lower(struct op25b_link *l, struct nlattr **tb)
{
	l->lower = tb[IFLA_LINK] ? nla_get_u32(tb[IFLA_LINK]) : 0;
	l->lower_away = tb[IFLA_LINK_NETNSID];
	if (l->lower_away)
		l->lower_nsid = nla_get_s32(tb[IFLA_LINK_NETNSID]);
}

/* Room for one more, twice as much each time. */
static struct op25b_link *grow(struct op25b_links *l)
{
	struct op25b_link *more = l->link;

	if (!(l->n & (l->n - 1)))
		more = realloc(more, (l->n ? 2 * l->n : 1) * sizeof(*more));
	if (!more)
		return NULL;
	l->link = more;
	memset(&more[l->n], 0, sizeof(*more));
	return &more[l->n];
}

static int take(const struct nlmsghdr *h, void *arg)
{
	const struct ifinfomsg *ifi = NLMSG_DATA(h);
	struct nlattr *tb[IFLA_MAX + 1];
	struct op25b_links *all = arg;
	struct op25b_link *l;

	if (h->nlmsg_type != RTM_NEWLINK)
		return 0;
	if (op25b_raw_parse(h, sizeof(*ifi), tb, IFLA_MAX))
		return -EBADMSG;
	l = grow(all);
	if (!l)
		return -ENOMEM;
	l->index = ifi->ifi_index;
	l->up = ifi->ifi_flags & IFF_UP;
	l->master = tb[IFLA_MASTER] ? nla_get_u32(tb[IFLA_MASTER]) : 0;
	snprintf(l->name, sizeof(l->name), "%s",
		 op25b_raw_str(tb[IFLA_IFNAME]));
	l->vfs = tb[IFLA_NUM_VF] ? nla_get_u32(tb[IFLA_NUM_VF]) : 0;
	read_lower(l, tb);
	all->n++;
	return read_info(l, tb[IFLA_LINKINFO]) ?: read_xdp(l, tb[IFLA_XDP]);
}

static int by_index(const void *a, const void *b)
{
	int x = ((const struct op25b_link *)a)->index;
	int y = ((const struct op25b_link *)b)->index;

	return (x > y) - (x < y);
}

int op25b_links_read(struct op25b_links *l)
{
	const struct {
		struct ifinfomsg ifi;
		struct nlattr a;
		uint32_t ext;
	} all = {
		.ifi.ifi_family = AF_UNSPEC,
		.a.nla_type = IFLA_EXT_MASK,
		.a.nla_len = NLA_HDRLEN + sizeof(all.ext),
		.ext = RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS,
	};
	int err;

	memset(l, 0, sizeof(*l));
	err = op25b_raw_dump(NETLINK_ROUTE, RTM_GETLINK, &all, sizeof(all),
			     take, l);
	if (!err && l->n)
		qsort(l->link, l->n, sizeof(*l->link), by_index);
	return err;
}

void op25b_links_free(struct op25b_links *l)
{
	free(l->link);
}

struct op25b_link *op25b_link_find(const struct op25b_links *l, int index)
{
	const struct op25b_link key = { .index = index };

	return l->n ? bsearch(&key, l->link, l->n, sizeof(*l->link), by_index) :
		NULL;
}

bool op25b_link_named(const struct op25b_word *w, const char *name)
{
	char pattern[128];

	snprintf(pattern, sizeof(pattern), "%.*s", (int)w->len, w->s);
	return !fnmatch(pattern, name, 0);
}
