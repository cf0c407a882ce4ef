// SPDX-License-Identifier: GPL-2.0
/* The routing tables, by rtnetlink. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "routes/rib.h"
#include "words/addr.h"

/* The kernel fills a dump's messages up to 32 KiB. */
#define ROOM	(64 * 1024)

static int open_socket(int flags)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags,
			NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return -errno;
	return fd;
}

static int option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) ? -errno : 0;
}

static int join(struct op25b_rib *rib)
{
	static const int groups[] = {
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_LINK,
	};
	size_t i;
	int err = 0;

	if (option(rib->note, SOL_SOCKET, SO_RCVBUFFORCE, rib->conf->buffer))
		option(rib->note, SOL_SOCKET, SO_RCVBUF, rib->conf->buffer);
	for (i = 0; !err && i < OP25B_ARRAY_SIZE(groups); i++)
		err = option(rib->note, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			     groups[i]);
	return err;
}

int op25b_rib_open(struct op25b_rib *rib, const struct op25b_routes_conf *conf)
{
	int err;

	memset(rib, 0, sizeof(*rib));
	rib->conf = conf;
	rib->buf = malloc(ROOM);
	rib->dump = open_socket(0);
	rib->note = open_socket(SOCK_NONBLOCK);
	if (!rib->buf)
		return -ENOMEM;
	if (rib->dump < 0)
		return rib->dump;
	if (rib->note < 0)
		return rib->note;
	err = option(rib->dump, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
	if (!err)
		err = option(rib->dump, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	return err ? err : join(rib);
}

void op25b_rib_close(struct op25b_rib *rib)
{
	if (rib->dump >= 0)
		close(rib->dump);
	if (rib->note >= 0)
		close(rib->note);
	free(rib->buf);
}

/* The sources of a table, and of those the ones for routes of @type. */
static uint8_t sources(const struct op25b_routes_conf *c, uint32_t table,
		       uint8_t type, uint8_t *of_type)
{
	uint8_t all = 0;
	unsigned int i;

	*of_type = 0;
	for (i = 0; i < c->n; i++) {
		if (c->source[i].table != table)
			continue;
		all |= 1 << i;
		if (!c->source[i].type || c->source[i].type == type)
			*of_type |= 1 << i;
	}
	return all;
}

static uint8_t relay_sources(const struct op25b_routes_conf *c)
{
	uint8_t mask = 0;
	unsigned int i;

	for (i = 0; i < c->n; i++)
		if (c->source[i].class == OP25B_CLASS_RELAY)
			mask |= 1 << i;
	return mask;
}

/* Of a message about a route, what @take is to be told of it: of its prefix,
 * and where its table is one of relays, of that.
 */
static int take_route(const struct op25b_rib *rib, struct nlmsghdr *h,
		      op25b_route_fn take, void *arg)
{
	const struct rtmsg *r = nlmsg_data(h);
	uint8_t relays = relay_sources(rib->conf), has, all, gone = 0;
	struct nlattr *dst, *table;
	struct op25b_key key = { 0 };
	int err = 0, bits;

	if (nlmsg_datalen(h) < (int)sizeof(*r) || r->rtm_src_len ||
	    r->rtm_flags & RTM_F_CLONED ||
	    (r->rtm_family != AF_INET && r->rtm_family != AF_INET6))
		return 0;
	table = nlmsg_find_attr(h, sizeof(*r), RTA_TABLE);
	all = sources(rib->conf, table ? nla_get_u32(table) : r->rtm_table,
		      r->rtm_type, &has);
	bits = op25b_addr_bits(r->rtm_family);
	dst = nlmsg_find_attr(h, sizeof(*r), RTA_DST);
	if (!all || r->rtm_dst_len > bits || (dst && nla_len(dst) < bits / 8))
		return 0;
	if (dst)
		memcpy(key.addr, nla_data(dst), bits / 8);
	key.family = r->rtm_family;
	key.len = r->rtm_dst_len;
	op25b_addr_mask(key.addr, key.family, key.len);
	if (h->nlmsg_type == RTM_DELROUTE) {
		gone = has;
		has = 0;
	} else if (h->nlmsg_flags & NLM_F_REPLACE) {
		gone = all & ~has;
	}
	if ((gone | has) & ~relays)
		err = take(arg, &key, gone & ~relays, has & ~relays);
	key.relay = true;
	if (!err && (gone | has) & relays)
		err = take(arg, &key, gone & relays, has & relays);
	return err;
}

static int ask(const struct op25b_rib *rib, int family, uint32_t table)
{
	struct {
		struct nlmsghdr h;
		struct rtmsg r;
		struct nlattr a;
		uint32_t table;
	} q = {
		.h = {
			.nlmsg_len = sizeof(q),
			.nlmsg_type = RTM_GETROUTE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			.nlmsg_seq = table,
		},
		.r = { .rtm_family = family },
		.a = { .nla_len = sizeof(q.a) + sizeof(q.table),
		       .nla_type = RTA_TABLE },
		.table = table,
	};

	return send(rib->dump, &q, sizeof(q), 0) < 0 ? -errno : 0;
}

/* One message of a dump. Return: 0, 1 at its end, or -errno */
static int take_dumped(const struct op25b_rib *rib, struct nlmsghdr *h,
		       bool *torn, op25b_route_fn take, void *arg)
{
	int err;

	*torn |= h->nlmsg_flags & NLM_F_DUMP_INTR;
	if (h->nlmsg_type == RTM_NEWROUTE)
		return take_route(rib, h, take, arg);
	if (h->nlmsg_type != NLMSG_DONE && h->nlmsg_type != NLMSG_ERROR)
		return 0;
	err = nlmsg_datalen(h) < (int)sizeof(err) ? 0 :
		*(int *)nlmsg_data(h);
	/* A table that nobody has put anything into. */
	return err && err != -ENOENT ? err : 1;
}

/* Takes all that comes up to the dump's end, also where it is of no use any
 * more: the next one must not find it. Return: 0 or -errno
 */
static int read_dump(const struct op25b_rib *rib, bool *torn,
		     op25b_route_fn take, void *arg)
{
	int n, done = 0, err = 0;
	struct nlmsghdr *h;

	while (!done) {
		n = recv(rib->dump, rib->buf, ROOM, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		for (h = (void *)rib->buf; !done && nlmsg_ok(h, n);
		     h = nlmsg_next(h, &n)) {
			if (err && h->nlmsg_type == RTM_NEWROUTE)
				continue;
			done = take_dumped(rib, h, torn, take, arg);
			if (done < 0 && h->nlmsg_type == RTM_NEWROUTE) {
				err = done;
				done = 0;
			}
		}
	}
	return err ? err : done < 0 ? done : 0;
}

/* Is the table of source @i that of one before it? */
static bool is_read(const struct op25b_routes_conf *c, unsigned int i)
{
	unsigned int j;

	for (j = 0; j < i; j++)
		if (c->source[j].table == c->source[i].table)
			return true;
	return false;
}

int op25b_rib_dump(struct op25b_rib *rib, op25b_route_fn take, void *arg)
{
	static const int families[] = { AF_INET, AF_INET6 };
	bool torn = false;
	unsigned int i, f;
	int err = 0;

	for (f = 0; f < OP25B_ARRAY_SIZE(families); f++)
		for (i = 0; !err && i < rib->conf->n; i++) {
			if (is_read(rib->conf, i))
				continue;
			err = ask(rib, families[f], rib->conf->source[i].table);
			if (!err)
				err = read_dump(rib, &torn, take, arg);
		}
	return err ? err : torn ? -EINTR : 0;
}

int op25b_rib_read(struct op25b_rib *rib, op25b_route_fn take, void *arg)
{
	struct nlmsghdr *h;
	int n, err = 0;

	n = recv(rib->note, rib->buf, ROOM, 0);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (h = (void *)rib->buf; !err && nlmsg_ok(h, n);
	     h = nlmsg_next(h, &n)) {
		if (h->nlmsg_type == RTM_NEWROUTE ||
		    h->nlmsg_type == RTM_DELROUTE)
			err = take_route(rib, h, take, arg);
		else if (h->nlmsg_type == RTM_NEWLINK ||
			 h->nlmsg_type == RTM_DELLINK)
			rib->links = true;
	}
	return err;
}
