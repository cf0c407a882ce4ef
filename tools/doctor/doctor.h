/* SPDX-License-Identifier: GPL-2.0 */
/*
 * `doctor`: why a hook might see nothing. A check looks at one thing and tells
 * what it found; one that finds nothing is fine. The checks of a kind stand in
 * a file: doctor_own.c asks op25b.ko, doctor_sys.c reads /proc/sys and links,
 * doctor_nf.c asks nf_tables, doctor_route.c reads routes, doctor_pool.c lays
 * them beside prefixes.
 */
#ifndef OP25BCTL_DOCTOR_H
#define OP25BCTL_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "doctor/link.h"
#include "op25bctl.h"
#include "verbs/stats.h"

/* How bad: from warning on, it may explain what was asked. */
enum op25b_severity {
	OP25B_FINE,
	OP25B_NOTE,		/* good to know */
	OP25B_WARNING,		/* some mail may pass unseen */
	OP25B_PROBLEM,		/* mail does pass unseen, or all of it */
};

struct op25b_routes;

/**
 * struct op25b_doctor - one examination
 * @ctx: of the run
 * @check: name of the check that is at work
 * @iface: patterns of -i, @n_iface of them
 * @ctl: how the tool is called for this namespace, for advice
 * @on: what goes in front of other commands for this namespace, "" in ours
 * @loaded: op25b.ko is there, and @stats are its
 * @links: interfaces, told apart into subscribers' and uplinks
 * @routes: see doctor_route.h
 * @found: how many findings the check at work has
 * @worst: so far
 */
struct op25b_doctor {
	struct op25b_ctx *ctx;
	const char *check;
	const struct op25b_word *iface;
	int n_iface;
	char ctl[64], on[64];
	bool loaded;
	struct op25b_stats stats;
	struct op25b_links links;
	struct op25b_routes *routes;
	unsigned int found;
	enum op25b_severity worst;
};

/* Tells a finding: what is so, and what to do about it. */
void op25b_finding(struct op25b_doctor *d, enum op25b_severity severity,
		   const char *todo, const char *fmt, ...)
	__printf(4, 5);

/* A sentence's part, formatted into a buffer of the caller. Return: @buf */
#define OP25B_TODO	400
const char *op25b_todo(char *buf, const char *fmt, ...)
	__printf(2, 3);

#define OP25B_FORWARDING_V4	"/proc/sys/net/ipv4/ip_forward"
#define OP25B_FORWARDING_V6	"/proc/sys/net/ipv6/conf/all/forwarding"

/* The number in the file, -1 if it is not there. */
long op25b_read_number(const char *fmt, ...)
	__printf(1, 2);

/* Reads routes, and by them tells uplinks from subscribers' interfaces.
 * Return: 0 or -errno
 */
int op25b_routes_read(struct op25b_doctor *d);
void op25b_routes_free(struct op25b_doctor *d);

/* The checks. */
void op25b_check_module(struct op25b_doctor *d);
void op25b_check_mode(struct op25b_doctor *d);
void op25b_check_prefixes(struct op25b_doctor *d);
void op25b_check_traffic(struct op25b_doctor *d);

void op25b_check_forwarding(struct op25b_doctor *d);
void op25b_check_spoofing(struct op25b_doctor *d);
void op25b_check_bridges(struct op25b_doctor *d);
void op25b_check_xdp(struct op25b_doctor *d);

void op25b_check_flowtables(struct op25b_doctor *d);
void op25b_check_chains(struct op25b_doctor *d);

void op25b_check_tunnels(struct op25b_doctor *d);
void op25b_check_interfaces(struct op25b_doctor *d);
void op25b_check_pools(struct op25b_doctor *d);

#endif /* OP25BCTL_DOCTOR_H */
