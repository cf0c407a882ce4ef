/* SPDX-License-Identifier: GPL-2.0 */
/* Routes as `doctor` keeps them. */
#ifndef OP25BCTL_DOCTOR_ROUTE_H
#define OP25BCTL_DOCTOR_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/doctor.h"

/* Findings of a kind that are told; beyond, they are only counted. */
#define OP25B_TOLD	10

/* A route, or a prefix that is laid beside routes. */
struct op25b_route {
	uint8_t addr[16];
	int oif;
	uint8_t family;
	uint8_t len;
	bool subscriber;
};

/* Routes through an encapsulation that takes packets in before FORWARD. */
struct op25b_tunnel {
	uint8_t addr[16];
	uint8_t family, len;
	uint16_t encap;
};

/* A route whose packets come to this router itself instead. */
struct op25b_local {
	uint8_t addr[16];
	uint8_t family, len;
	unsigned int table;
};

/**
 * struct op25b_routes - the routes of all tables
 * @route: unicast ones but default routes, by family, address and length
 * @room: for as many
 * @tunnel: the first OP25B_TOLD of @tunnels
 * @local: the first OP25B_TOLD of @locals
 * @asked: family of the list that is being read
 * @mpls: routes that switch labels
 * @mpls_err: -errno if it cannot be read whether there may be such
 * @nexthops: routes of which only the number of a nexthop object is known
 * @seen: routes of all kinds
 * @changed: some may be missing, for they changed while they were read
 * @d: whose they are
 */
struct op25b_routes {
	struct op25b_route *route;
	size_t n, room;
	struct op25b_tunnel tunnel[OP25B_TOLD];
	struct op25b_local local[OP25B_TOLD];
	unsigned int tunnels, locals, mpls, nexthops;
	unsigned long seen;
	int mpls_err;
	uint8_t asked;
	bool changed;
	struct op25b_doctor *d;
};

/* Which comes first: by family, address, length; a subscriber's before others.
 * Return: as strcmp()
 */
int op25b_route_compare(const void *a, const void *b);

/* Says what the list of routes did not show. */
void op25b_routes_gaps(struct op25b_doctor *d);

/* IPVS' services that may take mail. */
void op25b_check_ipvs(struct op25b_doctor *d);

#endif /* OP25BCTL_DOCTOR_ROUTE_H */
