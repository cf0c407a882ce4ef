// SPDX-License-Identifier: GPL-2.0
/* The router's own addresses. */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/own.h"
#include "words/addr.h"

struct ifaddrs *op25b_own_read(void)
{
	struct ifaddrs *own;

	return getifaddrs(&own) ? NULL : own;
}

void op25b_own_free(struct ifaddrs *own)
{
	if (own)
		freeifaddrs(own);
}

static const void *bytes_of(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return &((const struct sockaddr_in *)sa)->sin_addr;
	return &((const struct sockaddr_in6 *)sa)->sin6_addr;
}

bool op25b_own_has(const struct ifaddrs *own, const uint8_t *addr, int family)
{
	for (; own; own = own->ifa_next)
		if (own->ifa_addr && own->ifa_flags & IFF_UP &&
		    own->ifa_addr->sa_family == family &&
		    !memcmp(bytes_of(own->ifa_addr), addr,
			    op25b_addr_bits(family) / 8))
			return true;
	return false;
}

static int on_route(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *h = nlmsg_hdr(msg);
	const struct rtmsg *r = nlmsg_data(h);

	if (h->nlmsg_type == RTM_NEWROUTE)
		*(bool *)arg = r->rtm_type == RTN_LOCAL;
	return NL_OK;
}

bool op25b_own_route(const uint8_t *addr, int family)
{
	int bits = op25b_addr_bits(family);
	struct rtmsg r = { .rtm_family = family, .rtm_dst_len = bits };
	struct nl_sock *sk = nl_socket_alloc();
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	bool own = false;

	if (sk && msg && !nl_connect(sk, NETLINK_ROUTE) &&
	    !nlmsg_append(msg, &r, sizeof(r), NLMSG_ALIGNTO) &&
	    !nla_put(msg, RTA_DST, bits / 8, addr)) {
		nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_route,
				    &own);
		nl_send_sync(sk, msg);
		msg = NULL;
	}
	nlmsg_free(msg);
	nl_socket_free(sk);
	return own;
}
