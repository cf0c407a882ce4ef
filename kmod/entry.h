/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries: what a prefix or relay is besides its action: origin, comment and
 * counters. They belong to the namespace, keyed by what they describe, and are
 * shared by all rulesets, so no replacement copies or forgets a counter.
 */
#ifndef _OP25B_ENTRY_H
#define _OP25B_ENTRY_H

#include "addr.h"

struct op25b_net;
struct op25b_prefix;

enum op25b_entry_kind {
	OP25B_ENTRY_PREFIX,
	OP25B_ENTRY_RELAY,
	OP25B_ENTRY_KINDS
};

struct op25b_entry_info {
	u64 packets;
	u64 bytes;
	u64 syns;
	u32 last_seen;		/* CLOCK_REALTIME seconds, 0 never */
	u8 origin;		/* enum op25b_origin */
	const char *comment;	/* NULL none; valid in the RCU section */
};

/* Adds one packet of @bytes to the entry of @key, if it (still) is there.
 * Context: packet path under RCU, bottom halves on or off.
 */
void op25b_entry_count(struct op25b_net *on, enum op25b_entry_kind kind,
		       const struct op25b_prefix *key, u32 bytes, bool syn);

/* Return: is there such an entry? Then @info is filled in.
 * Context: RCU read section, process context.
 */
bool op25b_entry_read(struct op25b_net *on, enum op25b_entry_kind kind,
		      const struct op25b_prefix *key,
		      struct op25b_entry_info *info);

#endif /* _OP25B_ENTRY_H */
