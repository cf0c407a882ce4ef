// SPDX-License-Identifier: GPL-2.0
/* The network interfaces of the namespace we are in. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>

#include "doctor/link.h"
#include "doctor/raw.h"

static bool flag_in(const struct nlattr *nest, int attr, int max)
{
	struct nlattr *tb[IFLA_BR_MAX + 1];

	return nest && max <= IFLA_BR_MAX &&
		!nla_parse_nested(tb, max, (struct nlattr *)nest, NULL) &&
		tb[attr] && nla_get_u8(tb[attr]);
}

static void read_info(struct op25b_link *l, const struct nlattr *nest)
{
	struct nlattr *tb[IFLA_INFO_MAX + 1];

	if (!nest || nla_parse_nested(tb, IFLA_INFO_MAX, (struct nlattr *)nest,
				      NULL))
		return;
	snprintf(l->kind, sizeof(l->kind), "%s",
		 op25b_raw_str(tb[IFLA_INFO_KIND]));
	if (!strcmp(l->kind, "bridge"))
		l->nf_call = flag_in(tb[IFLA_INFO_DATA],
				     IFLA_BR_NF_CALL_IPTABLES, IFLA_BR_MAX);
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
	read_info(l, tb[IFLA_LINKINFO]);
	l->xdp = flag_in(tb[IFLA_XDP], IFLA_XDP_ATTACHED, IFLA_XDP_MAX);
	all->n++;
	return 0;
}

static int by_index(const void *a, const void *b)
{
	int x = ((const struct op25b_link *)a)->index;
	int y = ((const struct op25b_link *)b)->index;

	return (x > y) - (x < y);
}

int op25b_links_read(struct op25b_links *l)
{
	const struct ifinfomsg all = { .ifi_family = AF_UNSPEC };
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
