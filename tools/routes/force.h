/* SPDX-License-Identifier: GPL-2.0 */
/* What routes put in force, in the kernel: entries of origin bgp. */
#ifndef OP25BCTL_ROUTES_FORCE_H
#define OP25BCTL_ROUTES_FORCE_H

#include "routes/set.h"

/**
 * struct op25b_force - the kernel's side
 * @ctx: of the run
 * @serial: of origin bgp, as it is as long as nobody else writes
 * @known: what the kernel has was read, and nothing happened since that would
 *	make another of it
 */
struct op25b_force {
	struct op25b_ctx *ctx;
	uint64_t serial;
	bool known;
};

/* Makes sure that @set has what the kernel has: reads it unless it is known and
 * nobody else has changed it. *@again says that it was read. The limit is read,
 * too. Return: 0 or -errno
 */
int op25b_force_read(struct op25b_force *f, struct op25b_rset *set,
		     uint32_t now, bool *again);

/* op25b_flush_fn; @arg is the struct op25b_force. */
int op25b_force_flush(struct op25b_rset *set, void *arg);

/* A socket that becomes readable when a module comes or goes. Return: it, or
 * -errno
 */
int op25b_force_watch(void);

/* Reads from it. Return: was it op25b.ko? */
bool op25b_force_moved(int fd);

#endif /* OP25BCTL_ROUTES_FORCE_H */
