/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ruleset: what one RCU pointer publishes, so that a packet is judged by
 * one version of the whole truth. Immutable once published. A change is built
 * in an edit and published, or forgotten.
 */
#ifndef _OP25B_RULESET_H
#define _OP25B_RULESET_H

#include <linux/op25b.h>

#include "lpm/trie.h"
#include "state/entry.h"
#include "state/part.h"

struct netlink_ext_ack;
struct op25b_edit;
struct op25b_store;
struct op25b_relay;

/* Those of SESSION and those of BGP, by op25b_other(). */
#define OP25B_OTHERS	(OP25B_ORIGINS - 1)

static inline u8 op25b_other(u8 origin)
{
	return origin - OP25B_ORIGIN_SESSION;
}

struct op25b_knobs {
	u8 mode;		/* enum op25b_mode */
	u8 reject;		/* enum op25b_reject */
	bool reverse;
	bool counters;
	bool watch_offenders;
	u32 reject_rate;	/* replies a second */
	u32 reject_source_rate;
	u8 offender_len;	/* bits of an IPv6 source */
	u32 offender_threshold;	/* attempts, 0 none */
	u32 other_prefixes[OP25B_OTHERS];	/* limits */
};

extern const struct op25b_knobs op25b_knobs_default;

/* Prefixes that @origin may have. */
static inline u32 op25b_limit_of(const struct op25b_knobs *knobs, u8 origin)
{
	return origin == OP25B_ORIGIN_CONFIG ?
		OP25B_MAX_PREFIXES : knobs->other_prefixes[op25b_other(origin)];
}

/**
 * struct op25b_ruleset - what packets are judged by
 * @knobs: CONFIG's
 * @mixed: an origin other than CONFIG has something
 *
 * Once it is in the trash (trash.h):
 * @left: the origin of which the next ruleset has another part
 * @gone: all entries of a kind of that origin went with it
 * @filter_gone: so did its filter
 * @dead: another one there
 *
 * @config: what CONFIG has
 * @other: what the others have, shared by rulesets until an edit of theirs;
 *	never NULL. In what is staged or parked: nothing
 * @generation: grows with every change of CONFIG that somebody asked for
 * @seq: grows with every one published, see below
 */
struct op25b_ruleset {
	struct op25b_knobs knobs;
	bool mixed;
	u8 left;
	bool gone[OP25B_ENTRY_KINDS];
	bool filter_gone[OP25B_ENTRY_KINDS];
	struct op25b_part config;
	struct op25b_part *other[OP25B_OTHERS];
	u64 generation;
	u64 seq;
	struct op25b_ruleset *dead;
};

/* What @origin has. */
static inline const struct op25b_part *
op25b_part_of(const struct op25b_ruleset *rs, u8 origin)
{
	return origin == OP25B_ORIGIN_CONFIG ? &rs->config :
					       rs->other[op25b_other(origin)];
}

static inline const struct op25b_trie *
op25b_trie_in(const struct op25b_ruleset *rs, u8 class, u8 family)
{
	return &op25b_part_of(rs, op25b_class_origin(class))
			->tries[op25b_trie_of(op25b_class_kind(class), family)];
}

/* Packets are counted with 48 bits of it, good for 890 years of 10,000 changes
 * a second. A dump compares 32, never 0. These wrap in the first hours of a
 * namespace, not after years, as jiffies do.
 */
#define OP25B_FIRST_SEQ		(U32_MAX - 300ULL)

/* Of all origins: prefixes in @family, relays. */
u32 op25b_ruleset_prefixes(const struct op25b_ruleset *rs, u8 family);
u32 op25b_ruleset_relays(const struct op25b_ruleset *rs);

/* Will any origin have prefixes of @trie's family, when @origin has @trie? */
bool op25b_ruleset_will_have(const struct op25b_ruleset *rs, u8 origin,
			     const struct op25b_trie *trie);

/* An empty ruleset with default knobs: mode off. NULL: no memory. */
struct op25b_ruleset *op25b_ruleset_alloc(void);
/* Frees it whole. Context: no reader is left; it shares nothing. */
void op25b_ruleset_free(struct op25b_ruleset *rs);

/*
 * Editing. An edit is a new ruleset in the making, with its own undo. Every
 * function below needs on->lock, may sleep, and on error leaves the edit as it
 * was and has said why in @extack (the caller adds the bad attribute).
 *
 * OP25B_EDIT_AMEND begins with what is in force and is meant for one message:
 * begin, changes, commit or abort within one hold of the lock.
 * OP25B_EDIT_EXPIRE is an AMEND that takes out what has expired. The generation
 * stays, knobs and relays too, and its commit never fails.
 * OP25B_EDIT_EXPIRE_PARKED does so in the ruleset that is parked (confirm.h).
 * OP25B_EDIT_REPLACE begins empty, with default knobs, and may be kept over
 * many messages; a namespace has one at a time.
 *
 * An edit is one of one origin, and the rest is as in force when it is
 * committed. REPLACE and EXPIRE_PARKED are CONFIG's; so are knobs.
 */
enum op25b_edit_kind {
	OP25B_EDIT_AMEND,
	OP25B_EDIT_EXPIRE,
	OP25B_EDIT_EXPIRE_PARKED,
	OP25B_EDIT_REPLACE,
};

/* Return: the edit or ERR_PTR(). */
struct op25b_edit *op25b_edit_begin(struct op25b_store *on,
				    enum op25b_edit_kind kind, u8 origin,
				    struct netlink_ext_ack *extack);

/* The knobs of the edit, to be changed in place. */
struct op25b_knobs *op25b_edit_knobs(struct op25b_edit *edit);

/* @comment may be NULL. @expires: CLOCK_REALTIME seconds, 0 never. @replace: an
 * existing entry is changed, not refused.
 * -EEXIST, -ENOSPC, -ENOMEM.
 */
int op25b_edit_prefix_add(struct op25b_edit *edit,
			  const struct op25b_prefix *prefix, u8 action,
			  const char *comment, u32 expires, bool replace,
			  struct netlink_ext_ack *extack);
/* @comment: only if it has that, in the ruleset in force; NULL: whatever it
 * has. -ENOENT, -ENOMEM.
 */
int op25b_edit_prefix_del(struct op25b_edit *edit,
			  const struct op25b_prefix *prefix,
			  const char *comment, struct netlink_ext_ack *extack);
int op25b_edit_relay_add(struct op25b_edit *edit,
			 const struct op25b_relay *relay, const char *comment,
			 bool replace, struct netlink_ext_ack *extack);
int op25b_edit_relay_del(struct op25b_edit *edit,
			 const struct op25b_relay *relay,
			 const char *comment, struct netlink_ext_ack *extack);
/* A flush is the only change of its edit, which is an AMEND. An entry that
 * comes back before the worker has reached it keeps its counters.
 */
void op25b_edit_prefix_flush(struct op25b_edit *edit);
void op25b_edit_relay_flush(struct op25b_edit *edit);

/* Once it is in force, it has to be confirmed within @seconds. REPLACE only. */
void op25b_edit_confirm(struct op25b_edit *edit, u32 seconds);

/* All that can fail before it is published, and the way back from there: the
 * edit still stands. An EXPIRE need not be made ready.
 */
int op25b_edit_ready(struct op25b_edit *edit, struct netlink_ext_ack *extack);
void op25b_edit_unready(struct op25b_edit *edit);

/* Either ends the edit. Published, it is the next generation, or what is
 * parked. Who commits sees to hooks, timers and events: ns/commit.h.
 */
void op25b_edit_publish(struct op25b_edit *edit);
void op25b_edit_abort(struct op25b_edit *edit);

#endif /* _OP25B_RULESET_H */
