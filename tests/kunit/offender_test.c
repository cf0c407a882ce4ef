// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of all CPUs, emptied by one number.
 */
#include <kunit/test.h>
#include <linux/bottom_half.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "ns/net.h"
#include "ns/offender.h"
#include "packet/flow.h"
#include "packet/verdict.h"

/* As many resets as there are epochs: 24 bits, but not 0. */
#define CYCLE	((1U << 24) - 1)

static void block(struct op25b_net *on)
{
	static const struct op25b_flow flow = {
		.src.hi = 0x0a000001ULL << 32,
		.dst.hi = 0xc6120019ULL << 32,
		.family = OP25B_V4,
		.dport = OP25B_SMTP_PORT,
		.syn = true,
	};
	struct op25b_judgement j = {
		.counter = OP25B_COUNTER_BLOCK,
		.action = OP25B_ACTION_BLOCK,
		.len = 8,
	};

	local_bh_disable();
	rcu_read_lock();
	op25b_offender_count(on->offenders, OP25B_V4, &flow, j, 40,
			     ktime_get_real_seconds());
	rcu_read_unlock();
	local_bh_enable();
}

/* What was seen before a reset is never seen again, however many follow. */
static void offender_stays_forgotten(struct kunit *test)
{
	struct op25b_net *on = kvzalloc(sizeof(*on), GFP_KERNEL);
	u32 i, again = 0;

	KUNIT_ASSERT_NOT_NULL(test, on);
	mutex_init(&on->store.lock);
	on->offenders = op25b_offenders_alloc(on);
	KUNIT_ASSERT_NOT_NULL(test, on->offenders);
	block(on);
	KUNIT_EXPECT_EQ(test, op25b_offenders_used(on), 1);
	mutex_lock(&on->store.lock);
	for (i = 0; i < CYCLE; i++) {
		op25b_offenders_reset(on);
		if (i % 65536)
			continue;
		again += op25b_offenders_used(on);
		cond_resched();
	}
	mutex_unlock(&on->store.lock);
	again += op25b_offenders_used(on);
	KUNIT_EXPECT_EQ(test, again, 0);
	block(on);
	KUNIT_EXPECT_EQ(test, op25b_offenders_used(on), 1);
	op25b_offenders_free(on->offenders);
	mutex_destroy(&on->store.lock);
	kvfree(on);
}

static struct kunit_case offender_cases[] = {
	KUNIT_CASE(offender_stays_forgotten),
	{}
};

static struct kunit_suite offender_suite = {
	.name = "op25b_offender",
	.test_cases = offender_cases,
};

kunit_test_suite(offender_suite);
