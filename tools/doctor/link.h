/* SPDX-License-Identifier: GPL-2.0 */
/* The network interfaces of the namespace we are in. */
#ifndef OP25BCTL_LINK_H
#define OP25BCTL_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include <net/if.h>

#include "op25bctl.h"

/**
 * struct op25b_link - one interface
 * @index: its number, as is @master of the one it is a port of (0: none)
 * @lower: the number of the one it is on top of (0: none)
 * @lower_nsid: the namespace of @lower, as ours calls it, if @lower_away
 * @name: "eth0"
 * @kind: "bridge", "ppp", "openvswitch"; "" for most hardware
 * @up: is up
 * @xdp: has an XDP program
 * @nf_call: a bridge that by itself gives its frames to netfilter, by family
 * @vlan_filtering: a bridge that tells VLANs apart
 * @ingress: has a qdisc with filters at ingress, once tc.c has asked
 * @vfs: virtual functions that it has given away (SR-IOV)
 * @subscriber: subscribers are behind it
 * @uplink: a default route leads out of it
 */
struct op25b_link {
	int index, master, lower, lower_nsid;
	char name[IF_NAMESIZE];
	char kind[16];
	unsigned int vfs;
	bool up, xdp, ingress, nf_call[2], vlan_filtering, lower_away;
	bool subscriber, uplink;
};

struct op25b_links {
	struct op25b_link *link;
	size_t n;
};

/* Reads them, in the order of their numbers. Return: 0 or -errno */
int op25b_links_read(struct op25b_links *l);
void op25b_links_free(struct op25b_links *l);

/* Return: the interface with this number, or NULL. */
struct op25b_link *op25b_link_find(const struct op25b_links *l, int index);

/* Is @name what the argument @w of -i names? */
bool op25b_link_named(const struct op25b_word *w, const char *name);

#endif /* OP25BCTL_LINK_H */
