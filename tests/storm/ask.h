/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to the kernel; who asks is a writer. */
#ifndef ASK_H
#define ASK_H

#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "storm.h"

#define FILLER	1500	/* records in a message */

/* Gives @writer its socket; the family's number may be another one after a
 * reload.
 */
void connect_kernel(struct writer *writer);
void find_family(struct writer *writer);

struct nl_msg *message(int cmd);
/* Return: did the kernel say yes? */
bool ask(struct writer *writer, struct nl_msg *msg, const char *what);

/* Both families of the prefixes @chosen, of @state's actions or, to delete
 * them, of none. Return: the records
 */
unsigned int put_chosen(struct nl_msg *msg, const bool *chosen,
			const struct state *state);
/* @n records of hosts elsewhere from the @at-th on, so that there is something
 * to free.
 */
void put_filler(struct nl_msg *msg, unsigned int at, unsigned int n,
		uint32_t expires);
/* Both families of what is timed, and of the relay. */
void put_timed(struct nl_msg *msg, uint32_t until);
void put_relay(struct nl_msg *msg);

/* Of /proc/net/op25b; 0 if it cannot be read. */
unsigned long read_key(const char *key);

uint8_t any_action(uint64_t *seed);

#endif /* ASK_H */
