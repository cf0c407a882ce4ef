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

/**
 * struct op25b_routes - the routes of all tables
 * @route: unicast ones but default routes, by family, address and length
 * @room: for as many
 * @tunnel: the first OP25B_TOLD of @tunnels
 * @mpls: routes that switch labels
 * @d: whose they are
 */
struct op25b_routes {
	struct op25b_route *route;
	size_t n, room;
	struct op25b_tunnel tunnel[OP25B_TOLD];
	unsigned int tunnels, mpls;
	struct op25b_doctor *d;
};

/* Which comes first: by family, address, length; a subscriber's before others.
 * Return: as strcmp()
 */
int op25b_route_compare(const void *a, const void *b);

#endif /* OP25BCTL_DOCTOR_ROUTE_H */
