/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counting packets on entries without a cache line that CPUs share. Theory of
 * operation in tally.c.
 */
#ifndef _OP25B_TALLY_H
#define _OP25B_TALLY_H

#include <linux/seqlock.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

struct op25b_entry;
struct op25b_entry_info;
struct op25b_net;

#define OP25B_TALLIES 256	/* on each CPU: 12 KiB */

/**
 * struct op25b_tally - one entry's packets that one CPU has not handed in yet
 * @entry: whose; NULL nobody's
 * @next: who missed this place last; moves in when it does so again
 * @generation: of @entry when it moved in
 */
struct op25b_tally {
	struct op25b_entry *entry;
	struct op25b_entry *next;
	u64 packets;
	u64 bytes;
	u64 syns;
	u32 last_seen;
	u16 generation;
};

/**
 * struct op25b_tallies - of one CPU
 * @moves: a tally changes hands
 * @syncp: a tally's numbers change (32-bit machines)
 * @tally: by hash of the entry's address
 */
struct op25b_tallies {
	seqcount_t moves;
	struct u64_stats_sync syncp;
	struct op25b_tally tally[OP25B_TALLIES];
};

/* Those of all CPUs, behind one pointer that RCU can publish. */
struct op25b_tally_set {
	struct op25b_tallies __percpu *cpu;
};

/* Memory of one namespace. NULL: none. May sleep. */
struct op25b_tally_set *op25b_tally_alloc(void);
void op25b_tally_free(struct op25b_tally_set *set);

/* One packet. Context: RCU, bottom halves off. */
void op25b_tally_add(struct op25b_tally_set *set, struct op25b_entry *entry,
		     u32 bytes, bool syn);

/* The counters of @entry, those of all CPUs included. @set may be NULL.
 * Context: RCU read section; the entry is in use.
 */
void op25b_tally_read(struct op25b_tally_set *set, struct op25b_entry *entry,
		      struct op25b_entry_info *info);

/* Hands in all tallies of @set. Context: nobody else looks at it any more; may
 * sleep.
 */
void op25b_tally_hand_in(struct op25b_tally_set *set);

/* The entry begins anew: for another key, or because its counters are reset. */
void op25b_tally_reset(struct op25b_entry *entry);

#endif /* _OP25B_TALLY_H */
