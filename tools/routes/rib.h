/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The routing tables of the namespace we are in, by rtnetlink: whole, as a dump
 * of each table, and each change, as a notification.
 *
 * Routes of one table and type that differ only in metric are one here: where
 * one of two goes, the next dump brings back the prefix.
 */
#ifndef OP25BCTL_ROUTES_RIB_H
#define OP25BCTL_ROUTES_RIB_H

#include "routes/conf.h"
#include "routes/table.h"

struct nlmsghdr;

/* Takes a route: the sources @gone do not have it any longer, @has do.
 * Return: 0, or what ends the reading
 */
typedef int (*op25b_route_fn)(void *arg, const struct op25b_key *key,
			      uint8_t gone, uint8_t has);

/**
 * struct op25b_rib - the sockets
 * @conf: which tables
 * @dump: socket of dumps
 * @note: socket of notifications
 * @buf: room for what comes
 * @links: a link has changed, which routes go with
 */
struct op25b_rib {
	const struct op25b_routes_conf *conf;
	int dump, note;
	char *buf;
	bool links;
};

/* Return: 0 or -errno */
int op25b_rib_open(struct op25b_rib *rib, const struct op25b_routes_conf *conf);
void op25b_rib_close(struct op25b_rib *rib);

/* Reads all tables. Return: 0, -EINTR if they are not whole, for they changed
 * meanwhile, or -errno
 */
int op25b_rib_dump(struct op25b_rib *rib, op25b_route_fn take, void *arg);

/* Reads one batch of notifications. Return: 0, -EAGAIN when there are no more,
 * -ENOBUFS when some are lost, or -errno
 */
int op25b_rib_read(struct op25b_rib *rib, op25b_route_fn take, void *arg);

#endif /* OP25BCTL_ROUTES_RIB_H */
