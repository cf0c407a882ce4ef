/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counting packets on entries without a cache line that CPUs share, and without
 * waiting for the entry's. Theory of operation in journal.c.
 */
#ifndef _OP25B_JOURNAL_H
#define _OP25B_JOURNAL_H

#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "compat/local_lock.h"
#include "lpm/addr.h"
#include "state/entry.h"
#include "state/store.h"

/**
 * struct op25b_record - packets of one entry that one CPU has counted; half a
 *	cache line
 * @hi: first word of the entry's address; the second one, for IPv6, is apart
 * @id: op25b_record_id(): what else the entry is known by, and since when; 0: a
 *	record that is posted, and nobody's
 * @packets: how many, those that are no SYN and SYNs apart
 * @bytes: of all of them
 * @last_seen: CLOCK_REALTIME seconds, of the last one
 */
struct op25b_record {
	u64 hi;
	u64 id;
	u32 packets[2];
	u32 bytes;
	u32 last_seen;
};

/**
 * struct op25b_share - what of a record readers have posted
 * @packets: as in struct op25b_record
 * @bytes: same
 */
struct op25b_share {
	u32 packets[2];
	u32 bytes;
};

/* In one word, which is compared at once. @seq: of the ruleset that judged the
 * packets, never 0; 48 bits of it. @class: op25b_class().
 */
static inline u64 op25b_record_id(u64 seq, u8 class, u8 family, u8 len)
{
	return seq << 16 | (class * OP25B_FAMILIES + family) << 8 | len;
}

static inline u64 op25b_record_seq(const struct op25b_record *record)
{
	return record->id >> 16;
}

/* Which of on->entries. */
static inline u8 op25b_record_set(const struct op25b_record *record)
{
	return record->id >> 8;
}

static inline u8 op25b_record_class(const struct op25b_record *record)
{
	return op25b_record_set(record) / OP25B_FAMILIES;
}

static inline u8 op25b_record_family(const struct op25b_record *record)
{
	return op25b_record_set(record) % OP25B_FAMILIES;
}

/* @lo: second word of the address, not looked at for IPv4. */
static inline struct op25b_prefix
op25b_record_key(const struct op25b_record *record, const u64 *lo)
{
	struct op25b_prefix key = {
		.addr = { .hi = record->hi },
		.family = op25b_record_family(record),
		.len = record->id,
	};

	if (key.family == OP25B_V6)
		key.addr.lo = *lo;
	return key;
}

/* Twice as many as a thousand busy prefixes need: in a ring full of busy ones,
 * each record that two keys fight for drives out all the others, one by one.
 */
#define OP25B_JOURNAL_BITS		11
#define OP25B_JOURNAL_RECORDS		BIT(OP25B_JOURNAL_BITS)
#define OP25B_JOURNAL_INDEX_BITS	13	/* four places a record */
#define OP25B_JOURNAL_MAX_BYTES		BIT(31)	/* a packet more fits, too */

/**
 * struct op25b_journal - of one CPU
 * @head: records ever begun. This CPU's, as all up to @on, and released by it
 * @tail: records ever posted by this CPU, with @lock held; @head - @tail are
 *	alive, all in the ring at most
 * @blind: laps of the ring until it is told anew whether packets find records
 *	of their entries; while above 1, nobody looks for any (journal.c)
 * @packets: posted in this lap
 * @on: whose entries
 * @lock: of this CPU when it posts, and of readers; not in a cache line that
 *	packets look at
 * @shared: how many of the oldest records readers have been at; under @lock
 * @index: by hash, a record's place in the ring, and above it, in the top bits,
 *	five more of the hash: of 32 records that are another key's, 31 need no
 *	look, which would be a cache miss
 * @record: the ring
 * @lo: second word of the address, for each record that is IPv6's
 * @share: for each of those @shared; under @lock
 */
struct op25b_journal {
	u32 head;
	u32 tail;
	u32 blind;
	u32 packets;
	struct op25b_store *on;
	raw_spinlock_t lock ____cacheline_aligned;
	u32 shared;
	u16 index[1 << OP25B_JOURNAL_INDEX_BITS] ____cacheline_aligned;
	struct op25b_record record[OP25B_JOURNAL_RECORDS] __aligned(32);
	u64 lo[OP25B_JOURNAL_RECORDS];
	struct op25b_share share[OP25B_JOURNAL_RECORDS];
};

/* Empty ones by CPU number, 120 KiB for each that is possible. NULL: no memory.
 * Context: may sleep.
 */
struct op25b_journal **op25b_journals_alloc(struct op25b_store *on);
/* What is in them is lost. Context: nobody looks at them any more. */
void op25b_journals_free(struct op25b_journal **journals);

/* Posts what all CPUs have counted so far to the entries, for those who read
 * them. Waits for none of them to do anything. Context: may sleep.
 */
void op25b_journals_post(struct op25b_store *on);

/* The ring is full: posts the oldest records. Context: op25b_journal_lock. */
void op25b_journal_make_room(struct op25b_journal *journal);

/* Of this CPU's journals, all namespaces': held by whoever counts or posts.
 * Context: bottom halves off.
 */
DECLARE_PER_CPU(local_lock_t, op25b_journal_lock);

/* What the index says besides a place: those bits of op25b_entry_mix() behind
 * the ones that say where in the index.
 */
static inline u16 op25b_journal_tag(u64 mix)
{
	return mix >> (48 - OP25B_JOURNAL_INDEX_BITS) &
	       ~(OP25B_JOURNAL_RECORDS - 1);
}

/* Begins a record with its first packet. Context: op25b_journal_lock. */
static __always_inline void
op25b_journal_begin(struct op25b_journal *journal, struct op25b_addr addr,
		    u64 id, u32 bytes, bool syn, u32 now)
{
	u32 at = journal->head % OP25B_JOURNAL_RECORDS;
	struct op25b_record *record = &journal->record[at];

	/* One by one: gcc clears a struct of this size by a string
	 * instruction, which takes longer than all the rest here.
	 */
	record->hi = addr.hi;
	record->id = id;
	record->packets[0] = !syn;
	record->packets[1] = syn;
	record->bytes = bytes;
	record->last_seen = now;
	if (op25b_record_family(record) == OP25B_V6)
		journal->lo[at] = addr.lo;
	/* ORDER: the record is whole before a reader can find it; pairs with
	 * the acquire in read_journal().
	 */
	smp_store_release(&journal->head, journal->head + 1);
	/* For the next one; last, so that nothing has to be kept. */
	if (journal->head - journal->tail >= OP25B_JOURNAL_RECORDS)
		op25b_journal_make_room(journal);
}

/* One more packet in @record, which readers may be looking at. Context:
 * op25b_journal_lock.
 */
static __always_inline void
op25b_journal_more(struct op25b_record *record, u32 bytes, bool syn, u32 now)
{
	WRITE_ONCE(record->bytes, record->bytes + bytes);
	WRITE_ONCE(record->last_seen, now);
	/* ORDER: who sees the packet sees its bytes and its time. Pairs with
	 * the acquire in take().
	 */
	smp_store_release(&record->packets[syn], record->packets[syn] + 1);
}

/* Can the record at @at take one more packet of the entry of @addr and @id? */
static __always_inline bool
op25b_journal_fits(const struct op25b_journal *journal, u16 at,
		   struct op25b_addr addr, u64 id)
{
	const struct op25b_record *record;

	if (at >= OP25B_JOURNAL_RECORDS)
		return false;	/* another tag */
	record = &journal->record[at];
	return record->hi == addr.hi && record->id == id &&
	       record->bytes <= OP25B_JOURNAL_MAX_BYTES &&
	       (op25b_record_family(record) == OP25B_V4 ||
		journal->lo[at] == addr.lo);
}

/* As op25b_journal_count(). Context: op25b_journal_lock. */
static __always_inline void
op25b_journal_add(struct op25b_store *on, struct op25b_addr addr, u64 id,
		  u32 bytes, bool syn, u32 now)
{
	struct op25b_journal *journal = on->journals[smp_processor_id()];
	u16 *place, at;
	u64 mix;

	if (journal->blind <= 1) {
		mix = op25b_entry_mix(on->seed, addr, id);
		place = &journal->index[mix >> (64 - OP25B_JOURNAL_INDEX_BITS)];
		at = *place ^ op25b_journal_tag(mix);
		if (op25b_journal_fits(journal, at, addr, id)) {
			op25b_journal_more(&journal->record[at], bytes, syn,
					   now);
			return;
		}
		*place = journal->head % OP25B_JOURNAL_RECORDS |
			 op25b_journal_tag(mix);
	}
	op25b_journal_begin(journal, addr, id, bytes, syn, now);
}

/* Counts one packet of @bytes on the entry of @addr and @id, which is from
 * op25b_record_id(), @now in seconds of CLOCK_REALTIME. Inline: as a call, it
 * took a third more (user-mode Linux).
 * Context: packet path under RCU, bottom halves off; on->journals is there.
 */
static __always_inline void
op25b_journal_count(struct op25b_store *on, struct op25b_addr addr, u64 id,
		    u32 bytes, bool syn, u32 now)
{
	local_lock_nested_bh(&op25b_journal_lock);
	op25b_journal_add(on, addr, id, bytes, syn, now);
	local_unlock_nested_bh(&op25b_journal_lock);
}

#endif /* _OP25B_JOURNAL_H */
