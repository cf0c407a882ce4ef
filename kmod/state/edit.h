/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An edit from the inside: what edit.c, change.c and ruleset.c share. Theory of
 * operation in ruleset.c.
 */
#ifndef _OP25B_EDIT_H
#define _OP25B_EDIT_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/workqueue.h>

#include "lpm/build.h"
#include "state/entry.h"
#include "state/relay.h"
#include "state/ruleset.h"

#define OP25B_EDIT_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | \
			 __GFP_NOWARN | __GFP_ZERO)

/**
 * struct op25b_change - what an edit does to one entry
 * @list: in op25b_edit.changes
 * @key: of the entry
 * @kind: of the entry, enum op25b_entry_kind
 * @added: the edit has taken it: put at abort
 * @deleted: put at commit
 * @noted: at commit its comment becomes @note
 * @timed: at commit its expiry becomes @expires, which was promised to due.c
 * @apart: the entry is marked so
 * @expires: CLOCK_REALTIME seconds, 0 never
 * @note: NULL for none
 * @number: of the entry, once it is forgotten: released a grace period later
 */
struct op25b_change {
	struct list_head list;
	struct op25b_prefix key;
	u8 kind;
	bool added;
	bool deleted;
	bool noted;
	bool timed;
	bool apart;
	u32 expires;
	u32 number;
	struct op25b_note *note;
};

/**
 * struct op25b_edit - a ruleset in the making, later its predecessor's garbage
 * @on: the namespace
 * @kind: what it begins with and what it is for
 * @rs: the new ruleset; its prefixes and relays are set at commit
 * @build: of its tries
 * @base_relays: what @relay_changes change
 * @relay_changes: by address
 * @relay_count: relays in the edit as it stands
 * @changes: of entries, in order
 * @whole: all old entries of a kind go, in the worker
 * @base_bytes: of the tries the edit began with
 * @charged: bytes of its tries in on->memory, those of the base included
 * @confirm: seconds in which it has to be confirmed, 0: it need not be
 * @old: the predecessor, NULL if the edit was aborted
 * @husk: the struct of what was parked (confirm.h), whose content lives on
 * @limbo: entries put in the worker, whose memory waits for a grace period
 * @second: entries were put in the worker; their grace period is another one
 * @work: runs worker() a grace period after commit or abort
 */
struct op25b_edit {
	struct op25b_net *on;
	enum op25b_edit_kind kind;
	struct op25b_ruleset *rs;
	struct op25b_build build[OP25B_FAMILIES];
	const struct op25b_relays *base_relays;
	struct rb_root relay_changes;
	u32 relay_count;
	struct list_head changes;
	bool whole[OP25B_ENTRY_KINDS];
	u64 base_bytes;
	u64 charged;
	u32 confirm;
	struct op25b_ruleset *old;
	struct op25b_ruleset *husk;
	struct op25b_limbo limbo;
	bool second;
	struct rcu_work work;
};

/* ruleset.c; all of it under on->lock */

/* Puts @rs in force, whose generation is set; a dump will know. */
void op25b_ruleset_publish(struct op25b_net *on, struct op25b_ruleset *rs);

/* Afterwards: hooks, the event of another mode than @old's, the next expiry. */
void op25b_ruleset_settle(struct op25b_net *on,
			  const struct op25b_ruleset *old, bool by_caller);

/* What @edit left behind is freed a grace period later, and it with that. */
void op25b_edit_free_later(struct op25b_edit *edit);

/* edit.c; all of it under on->lock */

static inline struct op25b_prefix
op25b_relay_key(const struct op25b_relay *relay)
{
	return (struct op25b_prefix){
		.addr = relay->addr,
		.family = relay->family,
		.len = op25b_family_bits(relay->family),
	};
}

bool op25b_edit_has_prefix(const struct op25b_edit *edit,
			   const struct op25b_prefix *prefix);
bool op25b_edit_has_relay(const struct op25b_edit *edit,
			  const struct op25b_relay *relay);

/* Has the edit a relay set of its own? */
bool op25b_edit_relays_changed(const struct op25b_edit *edit);

/* That set: NULL if it is empty, ERR_PTR(-ENOMEM). */
struct op25b_relays *op25b_edit_relays(struct op25b_edit *edit);

/* Frees the relay changes. Context: any that may sleep. */
void op25b_edit_relays_forget(struct op25b_edit *edit);

/* -ENOMEM with its sentence. */
int op25b_no_memory(struct netlink_ext_ack *extack);

/* change.c; all of it under on->lock */

/* What adding @key will do to its entry.
 * @added: the edit takes the entry, to be put at abort
 * Return: the change, NULL for nothing that has to be remembered, or
 * ERR_PTR(-ENOMEM).
 */
struct op25b_change *op25b_change_add(struct op25b_edit *edit, u8 kind,
				      const struct op25b_prefix *key,
				      bool added, const char *comment,
				      u32 expires);
/* Deleting it. NULL: no memory. */
struct op25b_change *op25b_change_del(struct op25b_edit *edit, u8 kind,
				      const struct op25b_prefix *key);
void op25b_change_free(struct op25b_net *on, struct op25b_change *change);

/* At commit, after the ruleset is published. */
void op25b_changes_apply(struct op25b_edit *edit);
/* The same, and they are kept for one of the two below. */
void op25b_changes_apply_keep(struct op25b_edit *edit);
/* Undoes that, after the ruleset is published that was parked. */
void op25b_changes_revert(struct op25b_edit *edit);
/* It is not to be undone any more. */
void op25b_changes_forget(struct op25b_edit *edit);
/* At abort. */
void op25b_changes_undo(struct op25b_edit *edit);
/* A grace period after either. */
void op25b_changes_release(struct op25b_edit *edit);

#endif /* _OP25B_EDIT_H */
