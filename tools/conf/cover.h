/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much of a family is blocked, however it is written: in one prefix, in
 * halves or in 254 of 256 pieces, with holes in it.
 *
 * Counted are addresses of IPv4 and /64s of IPv6 that mail may come from: all
 * of IPv4 that is unicast, and 2000::/3. Prefixes longer than /24 and /40 are
 * passed over: as many of them as the kernel takes are still no half.
 */
#ifndef OP25BCTL_COVER_H
#define OP25BCTL_COVER_H

#include "files/source.h"

#define OP25B_COVER_DEPTH	41

/**
 * struct op25b_cover - what prefixes block that were added so far
 * @blocked: of IPv4, of IPv6
 * @family: of the last prefix
 * @around: prefixes that the last one lies in, itself the last of them
 * @depth: how many
 */
struct op25b_cover {
	uint64_t blocked[2];
	int family;
	struct {
		uint64_t end;
		uint8_t len;
		bool block;
	} around[OP25B_COVER_DEPTH];
	unsigned int depth;
};

/* What a prefix holds; 0 if it is passed over. */
uint64_t op25b_cover_size(const struct op25b_entry *e);

/* Adds one, in the order of dumps. */
void op25b_cover_add(struct op25b_cover *c, const struct op25b_entry *e);

/* Adds all of the files, which were checked. Return: 0 or -errno */
int op25b_cover_files(struct op25b_cover *c, struct op25b_source *s);

/* Percent of a family that @blocked is: 100 is all of it. */
unsigned int op25b_cover_percent(uint64_t blocked, bool v6);

/* A sum that is not added to any more: it is all of either family, and with
 * one size more no overflow.
 */
#define OP25B_COVER_ENOUGH	((uint64_t)1 << 62)

/* Is it so much that nobody means it: 0 no, 1 half of it or more, 2 all */
int op25b_cover_grade(unsigned int percent);

/* "all of IPv4", "99% of all of IPv6". Return: @buf */
#define OP25B_COVER_TEXT	32
const char *op25b_cover_text(unsigned int percent, bool v6, char *buf);

#endif /* OP25BCTL_COVER_H */
