/* SPDX-License-Identifier: GPL-2.0 */
/* Offenders: one as the kernel tells of it, and how it is printed. */
#ifndef OP25BCTL_OFFENDER_H
#define OP25BCTL_OFFENDER_H

#include "kernel/entry.h"

/**
 * struct op25b_offender - a source
 * @addr: as in struct op25b_entry, as are @family and @len
 * @attempts: see the uapi header, as for all below
 * @prefix: the deciding one
 */
struct op25b_offender {
	uint8_t addr[16];
	uint8_t family;
	uint8_t len;
	uint64_t attempts, error, packets, bytes, syns;
	uint32_t destinations;
	uint64_t first_seen, last_seen;
	bool exempt, watched;
	struct op25b_entry prefix;
};

/* Reads a nest. Return: true if it was whole. */
bool op25b_offender_get(const struct nlattr *nest, struct op25b_offender *o);

/* As it is written: an address, or a prefix. Return: @buf */
const char *op25b_offender_text(const struct op25b_offender *o, char *buf);

/* "blocked", "watched" or "exempt": what became of its last packet. */
const char *op25b_offender_state(const struct op25b_offender *o);

#endif /* OP25BCTL_OFFENDER_H */
