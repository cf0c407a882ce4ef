/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What readers may still see: freed a grace period later, by one worker a
 * namespace, in chunks. Until then its bytes are in on->memory.
 */
#ifndef _OP25B_TRASH_H
#define _OP25B_TRASH_H

#include <linux/wait.h>
#include <linux/workqueue.h>

#include "lpm/garbage.h"
#include "state/entry.h"

struct op25b_build;
struct op25b_store;
struct op25b_ruleset;

/**
 * struct op25b_heap - what begins its grace period together
 * @rulesets: the last of them, NULL for none
 * @bag: nodes
 * @bytes: of them
 */
struct op25b_heap {
	struct op25b_ruleset *rulesets;
	struct op25b_bag bag;
	u64 bytes;
};

/**
 * struct op25b_trash - of one namespace; under on->lock but for @count
 * @next: gathers until the worker is through
 * @now: whose grace period runs; the worker's while @busy
 * @limbo: entries whose grace period runs; same
 * @busy: the worker is queued or runs
 * @count: rulesets in both, and pieces of their filters; read by anyone
 * @work: frees @now, and begins with @next
 */
struct op25b_trash {
	struct op25b_heap next;
	struct op25b_heap now;
	struct op25b_limbo limbo;
	bool busy;
	u32 count;
	struct rcu_work work;
};

/* Of all namespaces, unbound. Not the kernel's own: its name has changed in
 * Linux 6.17, and since 7.2 the old one is logged where it is used.
 */
extern struct workqueue_struct *op25b_workers;

int op25b_trash_start(void);
void op25b_trash_stop(void);

void op25b_trash_init(struct op25b_store *on);

/* All below but the last two: on->lock held. */

/* Nodes that a build has replaced. */
void op25b_trash_nodes(struct op25b_store *on, struct op25b_build *build);
/* A ruleset, and what is marked in it as having gone with it. */
void op25b_trash_ruleset(struct op25b_store *on, struct op25b_ruleset *rs);
/* Has the worker see to all that, and to entries in limbo. */
void op25b_trash_kick(struct op25b_store *on);

/* Before an edit: while more than the workers can free lies there, waits a
 * second at most. Context: without on->lock; may sleep.
 * Return: 0, or -ERESTARTSYS after a deadly signal.
 */
int op25b_trash_wait_room(struct op25b_store *on);

/* Waits until there is none. Context: nobody edits any more; may sleep. */
void op25b_trash_wait(struct op25b_store *on);

#endif /* _OP25B_TRASH_H */
