/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counting packets on entries without a cache line that CPUs share, and without
 * waiting for the entry's. Theory of operation in journal.c.
 */
#ifndef _OP25B_JOURNAL_H
#define _OP25B_JOURNAL_H

#include <linux/types.h>

#include "addr.h"

struct op25b_net;

/**
 * struct op25b_record - packets of one entry that one CPU has counted
 * @key: of the entry
 * @packets: how many; 0: a record that is posted, and nobody's
 * @bytes: of @packets
 * @syns: SYNs among them
 * @last_seen: CLOCK_REALTIME seconds, of the last one
 * @seq: of the ruleset that judged them
 * @kind: enum op25b_entry_kind
 */
struct op25b_record {
	struct op25b_prefix key;
	u32 packets;
	u32 bytes;
	u32 syns;
	u32 last_seen;
	u32 seq;
	u8 kind;
};

struct op25b_journal;

/* The journals of a namespace by CPU number, empty: 112 KiB for each possible
 * CPU. NULL: no memory. Context: may sleep.
 */
struct op25b_journal **op25b_journals_alloc(struct op25b_net *on);
/* What is in them is lost. Context: nobody looks at them any more. */
void op25b_journals_free(struct op25b_journal **journals);

/* Counts one packet of @bytes on the entry of @key.
 * @kind: enum op25b_entry_kind
 * @seq: of the ruleset that @key was found in
 * Context: packet path under RCU, bottom halves off; on->journals is there.
 */
void op25b_journal_count(struct op25b_net *on, u8 kind,
			 const struct op25b_prefix *key, u32 seq, u32 bytes,
			 bool syn);

/* Posts what all CPUs have counted so far to the entries, for those who read
 * them. Context: may sleep.
 */
void op25b_journals_post(struct op25b_net *on);

#endif /* _OP25B_JOURNAL_H */
