/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /etc/op25b/routes.conf: which routing tables have which class, and what
 * guards against routes that go.
 *
 *	table N [type TYPE] CLASS
 *	linger DURATION
 *	shrink N%
 *	shortest N v4, N v6
 *	scan DURATION
 *	buffer BYTES
 */
#ifndef OP25BCTL_ROUTES_CONF_H
#define OP25BCTL_ROUTES_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "op25bctl.h"

/* `table` lines: a bit of struct op25b_item each. */
#define OP25B_SOURCES_MAX	8

/* A class of relays; those of prefixes are enum op25b_action. */
#define OP25B_CLASS_RELAY	0
#define OP25B_CLASSES		4

/* "relay", "block", ..., and a NULL. */
extern const char * const op25b_class_words[];

/**
 * struct op25b_rsource - a `table` line
 * @table: number of the routing table
 * @type: RTN_BLACKHOLE, ...; 0: routes of any type
 * @class: OP25B_CLASS_RELAY or enum op25b_action
 * @line: where it stands
 */
struct op25b_rsource {
	uint32_t table;
	uint8_t type;
	uint8_t class;
	unsigned long line;
};

/**
 * struct op25b_routes_conf - the file
 * @source: its `table` lines, @n of them
 * @linger: seconds that a missing route stays in force
 * @shrink: per cent of a class that may be missing at once
 * @shortest: length of the shortest prefix that is taken, IPv4 and IPv6
 * @scan: seconds between two readings of the whole tables
 * @buffer: bytes of the socket's receive buffer
 */
struct op25b_routes_conf {
	struct op25b_rsource source[OP25B_SOURCES_MAX];
	unsigned int n;
	uint32_t linger, shrink, shortest[2], scan, buffer;
};

/* Reads the file @name ("-": standard input), and complains of each bad line.
 * Return: OP25B_DONE or OP25B_USAGE
 */
int op25b_routes_conf_read(struct op25b_ctx *ctx, const char *name,
			   struct op25b_routes_conf *c);

#endif /* OP25BCTL_ROUTES_CONF_H */
