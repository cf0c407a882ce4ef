/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An edit from the inside: what the files that build and commit one share.
 * Theory of operation in commit.c.
 */
#ifndef _OP25B_EDIT_H
#define _OP25B_EDIT_H

#include <linux/list.h>
#include <linux/netlink.h>

#include "lpm/build.h"
#include "lpm/memory.h"
#include "state/entry.h"
#include "state/ruleset.h"

/**
 * struct op25b_change - what an edit does to one entry
 * @list: in op25b_edit.changes
 * @key: of the entry
 * @kind: of the entry, enum op25b_entry_kind
 * @deleted: the edit has it no more
 * @fact: what its side says of it otherwise
 */
struct op25b_change {
	struct list_head list;
	struct op25b_prefix key;
	u8 kind;
	bool deleted;
	u64 fact;
};

/**
 * struct op25b_edit - a ruleset in the making
 * @on: the namespace
 * @kind: what it begins with and what it is for
 * @origin: whose entries it edits
 * @side: which side of them
 * @rs: the new ruleset; what @part is not about is set at commit
 * @part: what the origin will have: CONFIG's is in @rs. Its tries are set at
 *	commit
 * @build: of these, by op25b_trie_of()
 * @base_filter: the filters it began with: @part has them, or its own
 * @changes: of entries, in order; none in a REPLACE
 * @only: the one change of a REPLACE that is under way
 * @timed: entries in @changes that will expire
 * @whole: all old entries of a kind go, in the worker
 * @base_bytes: of the tries the edit began with
 * @charged: bytes of its tries in on->memory, those of the base included
 * @confirm: seconds in which it has to be confirmed, 0: it need not be
 * @parked: what the old one is to be parked in, once it is ready
 * @old: the predecessor, at commit
 */
struct op25b_edit {
	struct op25b_store *on;
	enum op25b_edit_kind kind;
	u8 origin;
	u8 side;
	struct op25b_ruleset *rs;
	struct op25b_part *part;
	struct op25b_build build[OP25B_TRIES];
	const struct op25b_filter *base_filter[OP25B_ENTRY_KINDS];
	struct list_head changes;
	struct op25b_change only;
	u32 timed;
	bool whole[OP25B_ENTRY_KINDS];
	u64 base_bytes;
	u64 charged;
	u32 confirm;
	struct op25b_ruleset *parked;
	struct op25b_ruleset *old;
};

/* ruleset.c; all of it under on->lock */

/* Of other origins than CONFIG, @rs has what @from has. */
void op25b_ruleset_share(struct op25b_ruleset *rs,
			 const struct op25b_ruleset *from);

/* @origin, another than CONFIG, has @part in @rs. */
void op25b_ruleset_give(struct op25b_ruleset *rs, u8 origin,
			struct op25b_part *part);

/* Puts @rs in force, whose generation is set and in which @origin has something
 * else; a dump notices.
 */
void op25b_ruleset_publish(struct op25b_store *on, struct op25b_ruleset *rs,
			   u8 origin);

/* @rs, which is neither in force nor parked any more, goes with all that CONFIG
 * has in it, and the heap of its @side at once.
 */
void op25b_ruleset_retire(struct op25b_store *on, struct op25b_ruleset *rs,
			  u8 side);

static inline int op25b_no_memory(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "the kernel has no memory for this");
	return -ENOMEM;
}

/* change.c; all of it under on->lock */

bool op25b_edit_has(const struct op25b_edit *edit, enum op25b_entry_kind kind,
		    const struct op25b_prefix *key);

/* Has the entry of @key, of the edit's origin, this comment in the ruleset in
 * force? What the edit has made of it since is not looked for: that would be a
 * search through all of its changes.
 */
bool op25b_edit_comment_is(const struct op25b_edit *edit,
			   enum op25b_entry_kind kind,
			   const struct op25b_prefix *key, const char *comment);

/* The entry of @key, and what any side says of it, goes if no ruleset has it:
 * neither what is in force nor what is staged or parked.
 */
void op25b_sweep(struct op25b_store *on, u8 class,
		 const struct op25b_prefix *key);

/* A change that deletes the entry of @key, or, with _add(), makes it and sets
 * its comment and expiry. Then one of _done() and _undo(). NULL, -ENOMEM: no
 * memory.
 */
struct op25b_change *op25b_change_new(struct op25b_edit *edit,
				      enum op25b_entry_kind kind,
				      const struct op25b_prefix *key);
int op25b_change_add(struct op25b_edit *edit, struct op25b_change *change,
		     const char *comment, u32 expires);
void op25b_change_done(struct op25b_edit *edit, struct op25b_change *change);
void op25b_change_undo(struct op25b_edit *edit, struct op25b_change *change);

/* At commit, after the ruleset is published, or at abort (@apply: false). */
void op25b_changes_end(struct op25b_edit *edit, bool apply);

#endif /* _OP25B_EDIT_H */
