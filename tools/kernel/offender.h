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

/* All of them, at most: the kernel's table has less room. */
#define OP25B_OFFENDERS_MAX	1000000

/**
 * struct op25b_offenders - a list of them; zeroed, it is empty
 * @list: the worst first
 * @n: how many
 * @room: for how many there is memory
 */
struct op25b_offenders {
	struct op25b_offender *list;
	size_t n, room;
};

/* Reads the worst @count in place of what is in there. Return: 0 or -errno */
int op25b_offenders_read(struct op25b_ctx *ctx, uint32_t count,
			 struct op25b_offenders *o);
void op25b_offenders_free(struct op25b_offenders *o);

/* Prints one inside of an object and of a line. */
void op25b_offender_print_fields(struct op25b_out *out,
				 const struct op25b_offender *o);

/* As it is written: an address, or a prefix. Return: @buf */
const char *op25b_offender_text(const struct op25b_offender *o, char *buf);

/* "blocked", "watched" or "exempt": what became of its last packet. */
const char *op25b_offender_state(const struct op25b_offender *o);

#endif /* OP25BCTL_OFFENDER_H */
