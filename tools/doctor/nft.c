// SPDX-License-Identifier: GPL-2.0
/* Lists of nf_tables. */
#include <errno.h>
#include <string.h>

#include <linux/netfilter.h>

#include "doctor/nft.h"

const char *op25b_nft_word(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_NETDEV:
		return "netdev";
	case NFPROTO_BRIDGE:
		return "bridge";
	}
	return "?";
}

uint8_t op25b_nft_family(const struct nlmsghdr *h)
{
	return ((const struct nfgenmsg *)NLMSG_DATA(h))->nfgen_family;
}

int op25b_nft_dump(int type, op25b_raw_fn each, void *arg)
{
	const struct nfgenmsg all = { .nfgen_family = NFPROTO_UNSPEC };
	int err = op25b_raw_dump(NETLINK_NETFILTER,
				 NFNL_SUBSYS_NFTABLES << 8 | type, &all,
				 sizeof(all), each, arg);

	/* A kernel without nf_tables, or without netfilter's netlink. */
	return err == -EINVAL || err == -EOPNOTSUPP || err == -EPROTONOSUPPORT ?
		-ENOPROTOOPT : err;
}

bool op25b_nft_told(struct op25b_doctor *d, int err)
{
	if (!err || err == -ENOPROTOOPT)
		return true;
	op25b_finding(d, OP25B_SKIPPED, err == -EINTR ? "ask again" : NULL,
		      "nf_tables was not looked at: %s", err == -EINTR ?
		      "it changed while it was read" : strerror(-err));
	return false;
}
