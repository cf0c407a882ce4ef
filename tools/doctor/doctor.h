/* SPDX-License-Identifier: GPL-2.0 */
/*
 * `doctor`: why a hook might see nothing. A check looks at one thing, and says
 * what it looked at and what it found (finding.h). The checks of a kind are in
 * a file: module.c and own.c are about op25b.ko, sys.c reads /proc/sys, chain.c
 * and the files that it calls ask netfilter, tc.c asks traffic control, guest.c
 * other namespaces, route.c reads routes, pool.c lays them beside prefixes,
 * follow.c asks `routes follow`.
 */
#ifndef OP25BCTL_DOCTOR_H
#define OP25BCTL_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "doctor/finding.h"
#include "doctor/link.h"
#include "kernel/state.h"
#include "op25bctl.h"

struct op25b_routes;

/**
 * struct op25b_path - how packets of one family come to FORWARD here
 * @err: -errno if that could not be read
 * @absent: this kernel does not have the family
 * @routed: forwarding is on, for one interface at least
 * @bridged: a bridge hands its frames to netfilter
 */
struct op25b_path {
	int err;
	bool absent, routed, bridged;
};

/* Index of what there is for each family. */
enum { OP25B_V4, OP25B_V6, OP25B_FAMILIES };

/**
 * struct op25b_doctor - one examination
 * @ctx: of the run
 * @check: name of the check that is at work
 * @looked: what it looked at, "" as long as it has not said
 * @worst_here: its worst finding
 * @iface: patterns of -i, @n_iface of them
 * @ctl: how the tool is called for this namespace, for advice
 * @on: what goes in front of other commands for this namespace, "" in ours
 * @loaded: op25b.ko is there, and @stats are its
 * @links: interfaces, told apart into subscribers' and uplinks
 * @subscribers: how many of them are subscribers'
 * @dials: some would be by their name, but a default route leads out of them
 * @path: of each family
 * @routes: see route.h
 * @chains: how many of netfilter's the check at work has looked at
 * @count: findings of each severity
 * @worst: so far
 */
struct op25b_doctor {
	struct op25b_ctx *ctx;
	const char *check;
	char looked[400];
	enum op25b_severity worst_here;
	const struct op25b_word *iface;
	int n_iface;
	char ctl[64], on[64];
	bool loaded;
	struct op25b_stats stats;
	struct op25b_links links;
	unsigned int subscribers;
	bool dials;
	struct op25b_path path[OP25B_FAMILIES];
	struct op25b_routes *routes;
	unsigned int chains;
	unsigned int count[OP25B_PROBLEM + 1];
	enum op25b_severity worst;
};

/* Reads routes, and by them tells uplinks from subscribers' interfaces.
 * Return: 0 or -errno
 */
int op25b_routes_read(struct op25b_doctor *d);
void op25b_routes_free(struct op25b_doctor *d);

/* Finds out how packets come to FORWARD, into d->path. */
void op25b_paths_read(struct op25b_doctor *d);

/* Says that the check cannot be made, for no subscribers' interface is known.
 * Return: is that so?
 */
bool op25b_no_subscribers(struct op25b_doctor *d);

/* A bridge's frames of this family (OP25B_V4, ...) are handed to netfilter.
 * Return: 1 or 0, -ENOENT where br_netfilter is not loaded, other -errno
 */
int op25b_bridge_calls(const struct op25b_link *l, int family);

/* How many ports the interface has, and in *@subscriber whether it or one of
 * them is known as a subscriber's.
 */
unsigned int op25b_bridge_ports(const struct op25b_doctor *d,
				const struct op25b_link *l, bool *subscriber);

/* The checks. */
void op25b_check_module(struct op25b_doctor *d);
void op25b_check_mode(struct op25b_doctor *d);
void op25b_check_prefixes(struct op25b_doctor *d);
void op25b_check_traffic(struct op25b_doctor *d);

void op25b_check_forwarding(struct op25b_doctor *d);
void op25b_check_spoofing(struct op25b_doctor *d);

void op25b_check_flowtables(struct op25b_doctor *d);
void op25b_check_chains(struct op25b_doctor *d);
void op25b_check_answers(struct op25b_doctor *d);

void op25b_check_bridges(struct op25b_doctor *d);
void op25b_check_guests(struct op25b_doctor *d);
void op25b_check_xdp(struct op25b_doctor *d);
void op25b_check_tc(struct op25b_doctor *d);

void op25b_check_tunnels(struct op25b_doctor *d);
void op25b_check_local(struct op25b_doctor *d);
void op25b_check_interfaces(struct op25b_doctor *d);
void op25b_check_pools(struct op25b_doctor *d);
void op25b_check_routes(struct op25b_doctor *d);

#endif /* OP25BCTL_DOCTOR_H */
