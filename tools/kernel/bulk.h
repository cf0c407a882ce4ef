/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Many entries in one message: packed records for those without a comment,
 * nests for the others. Remembers which line each came from, so that an
 * offset in the kernel's refusal leads back to it.
 */
#ifndef OP25BCTL_BULK_H
#define OP25BCTL_BULK_H

#include "files/source.h"

/* A message is sent when its attributes have grown to this many bytes: far
 * below the 64 KiB of one attribute and the default socket buffer.
 */
#define OP25B_BULK_BYTES	(48 * 1024)

/* Entries in a message, at 24 bytes each. */
#define OP25B_BULK_ENTRIES	(OP25B_BULK_BYTES / 24)

/**
 * struct op25b_mark - where an entry came from and went to
 * @kind: prefix or relay
 * @rec: the entry as a prefix record, whichever kind it is
 * @place: in the files
 * @offset: in the message, where its nest or record begins
 */
struct op25b_mark {
	const struct op25b_kind *kind;
	struct op25b_prefix_rec rec;
	struct op25b_place place;
	uint32_t offset;
};

struct op25b_bulk {
	struct nl_msg *msg;
	size_t bytes;
	unsigned int n, packed[2];
	struct op25b_mark mark[OP25B_BULK_ENTRIES];
};

/* Starts with @msg, to which the caller may already have put attributes. It
 * needs room for OP25B_BULK_ROOM bytes more.
 */
#define OP25B_BULK_ROOM		(OP25B_BULK_BYTES + 1024)
void op25b_bulk_begin(struct op25b_bulk *b, struct nl_msg *msg);

/* Adds an entry. Return: true when the message is full and must be sent. */
bool op25b_bulk_add(struct op25b_bulk *b, const struct op25b_kind *kind,
		    const struct op25b_entry *e, struct op25b_place place);

/* Puts the packed arrays. Return: the message, ready to be sent. */
struct nl_msg *op25b_bulk_end(struct op25b_bulk *b);

/* The entry at @offset of the message, or NULL. */
const struct op25b_mark *op25b_bulk_find(const struct op25b_bulk *b,
					 uint32_t offset);

#endif /* OP25BCTL_BULK_H */
