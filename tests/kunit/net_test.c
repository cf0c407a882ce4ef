// SPDX-License-Identifier: GPL-2.0
/*
 * What a namespace pays that has nothing to do with op25b.
 */
#include <kunit/test.h>

#include "ns/net.h"
#include "state/ruleset.h"

/* The bar is 4 KiB; these two, of 1024 and 256 bytes once kmalloc() has rounded
 * them up, come with 128 of events and 192 of /proc (tests/bench measures them
 * all). Lock debugging has sizes of its own.
 */
static void idle_is_small(struct kunit *test)
{
	if (IS_ENABLED(CONFIG_DEBUG_MUTEXES) || IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "locks are larger here");
	KUNIT_EXPECT_LE(test, sizeof(struct op25b_net), 1024);
	KUNIT_EXPECT_LE(test, sizeof(struct op25b_ruleset), 256);
}

static struct kunit_case net_cases[] = {
	KUNIT_CASE(idle_is_small),
	{}
};

static struct kunit_suite net_suite = {
	.name = "op25b_net",
	.test_cases = net_cases,
};

kunit_test_suite(net_suite);
