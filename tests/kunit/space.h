/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A namespace without hooks, as net.c makes and ends one.
 */
#ifndef _OP25B_TEST_SPACE_H
#define _OP25B_TEST_SPACE_H

#include <kunit/test.h>

#include "ns/confirm.h"
#include "ns/event.h"
#include "ns/expiry.h"
#include "ns/net.h"
#include "state/due.h"

/* @on is zeroed. Return: 0 or -ENOMEM; what was had then leaks, and the test is
 * over.
 */
static inline int space_init(struct kunit *test, struct op25b_net *on)
{
	struct op25b_ruleset *rs = op25b_ruleset_alloc();

	/* Of no user namespace, so that nobody is told anything. */
	on->net = kunit_kzalloc(test, sizeof(*on->net), GFP_KERNEL);
	if (!rs || !on->net || op25b_event_net_init(on))
		return -ENOMEM;
	mutex_init(&on->store.lock);
	op25b_entry_init(&on->store);
	op25b_trash_init(&on->store);
	op25b_expiry_init(on);
	op25b_confirm_init(on);
	RCU_INIT_POINTER(on->store.ruleset, rs);
	return 0;
}

/* Nobody edits any more, nobody holds the lock. */
static inline void space_exit(struct op25b_net *on)
{
	op25b_confirm_exit(on);
	op25b_expiry_exit(on);
	op25b_trash_wait(&on->store);
	op25b_event_net_exit(on);
	op25b_ruleset_free(rcu_dereference_protected(on->store.ruleset, true));
	op25b_entry_exit(&on->store);
	op25b_due_exit(&on->store);
	mutex_destroy(&on->store.lock);
}

#endif /* _OP25B_TEST_SPACE_H */
