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
 * @addr: of the entry
 * @id: op25b_record_id(): what else the entry is known by, and since when; 0: a
 *	record that is posted, and nobody's
 * @packets: how many
 * @bytes: of @packets
 * @syns: SYNs among them
 * @last_seen: jiffies, of the last one
 */
struct op25b_record {
	struct op25b_addr addr;
	u64 id;
	u32 packets;
	u32 bytes;
	u32 syns;
	unsigned long last_seen;
};

/* In one word, which is compared at once. @seq: of the ruleset that judged the
 * packets, never 0. @kind: enum op25b_entry_kind.
 */
static inline u64 op25b_record_id(u32 seq, u8 kind, u8 family, u8 len)
{
	return (u64)seq << 32 | kind << 16 | family << 8 | len;
}

static inline u32 op25b_record_seq(const struct op25b_record *record)
{
	return record->id >> 32;
}

static inline u8 op25b_record_kind(const struct op25b_record *record)
{
	return record->id >> 16;
}

static inline u8 op25b_record_family(const struct op25b_record *record)
{
	return record->id >> 8;
}

static inline struct op25b_prefix
op25b_record_key(const struct op25b_record *record)
{
	return (struct op25b_prefix){
		.addr = record->addr,
		.family = record->id >> 8,
		.len = record->id,
	};
}

struct op25b_journal;

/* The journals of a namespace by CPU number, empty: 112 KiB for each possible
 * CPU. NULL: no memory. Context: may sleep.
 */
struct op25b_journal **op25b_journals_alloc(struct op25b_net *on);
/* What is in them is lost. Context: nobody looks at them any more. */
void op25b_journals_free(struct op25b_journal **journals);

/* Counts one packet of @bytes on the entry of @addr and @id, which is from
 * op25b_record_id().
 * Context: packet path under RCU, bottom halves off; on->journals is there.
 */
void op25b_journal_count(struct op25b_net *on, struct op25b_addr addr, u64 id,
			 u32 bytes, bool syn);

/* Posts what all CPUs have counted so far to the entries, for those who read
 * them. Context: may sleep.
 */
void op25b_journals_post(struct op25b_net *on);

#endif /* _OP25B_JOURNAL_H */
