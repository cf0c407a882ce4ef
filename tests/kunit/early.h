/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Suites of a module run before its init on kernel 6.1 (MODULE_STATE_COMING),
 * and after it on newer ones. Those that need the trie's caches bring them up
 * for themselves where nobody has yet.
 */
#ifndef _OP25B_TEST_EARLY_H
#define _OP25B_TEST_EARLY_H

#include <kunit/test.h>
#include <linux/module.h>

#include "lpm/node.h"
#include "ns/expiry.h"
#include "state/trash.h"

static inline int early_init(struct kunit_suite *suite)
{
	return THIS_MODULE->state == MODULE_STATE_COMING ? op25b_node_init() :
							   0;
}

static inline void early_exit(struct kunit_suite *suite)
{
	if (THIS_MODULE->state == MODULE_STATE_COMING)
		op25b_node_exit();
}

/* The same, and the workers' queues. */
static inline int early_writers_init(struct kunit_suite *suite)
{
	int err = early_init(suite);

	if (err || THIS_MODULE->state != MODULE_STATE_COMING)
		return err;
	err = op25b_trash_start();
	if (err)
		goto exit;
	err = op25b_expiry_start();
	if (!err)
		return 0;
	op25b_trash_stop();
exit:
	early_exit(suite);
	return err;
}

static inline void early_writers_exit(struct kunit_suite *suite)
{
	if (THIS_MODULE->state == MODULE_STATE_COMING) {
		op25b_expiry_stop();
		op25b_trash_stop();
		rcu_barrier();	/* what frees itself */
	}
	early_exit(suite);
}

#endif /* _OP25B_TEST_EARLY_H */
