// SPDX-License-Identifier: GPL-2.0
/*
 * The ring of events: what is put there under the writer's lock is sent when
 * the lock is free, in order, and what has no room is counted.
 */
#include <kunit/test.h>

#include "netlink/nl.h"
#include "ns/event.h"
#include "ns/net.h"

/* Who listens. */
static struct {
	u64 last;		/* generation */
	u32 sent;
	u32 lost;		/* told of */
	u32 refuse;		/* as many as that cannot be sent */
	bool locked;		/* somebody held the lock at that */
	bool disorder;
} ear;

static bool wanted(struct op25b_net *on)
{
	return true;
}

static bool send(struct op25b_net *on, const struct op25b_event *event)
{
	ear.locked |= mutex_is_locked(&on->store.lock);
	if (ear.refuse) {
		ear.refuse--;
		return false;
	}
	if (event->kind == OP25B_EVENT_LOST) {
		ear.lost += event->count;
		return true;
	}
	ear.disorder |= event->generation <= ear.last;
	ear.last = event->generation;
	ear.sent++;
	return true;
}

static const struct op25b_event_sender sender = {
	.wanted = wanted,
	.send = send,
};

static void put(struct op25b_net *on, u64 generation, u32 pid)
{
	op25b_event_put(on, &(struct op25b_event){
		.kind = OP25B_EVENT_STATS_RESET,
		.generation = generation,
		.pid = pid,
	});
}

/* @n changes in one hold of the lock, half of them somebody's. */
static void change(struct kunit *test, struct op25b_net *on, u32 n)
{
	static u64 generation;
	u32 before = ear.sent, i;

	op25b_writer_lock(on);
	for (i = 0; i < n; i++)
		put(on, ++generation, i & 1);
	KUNIT_EXPECT_EQ(test, ear.sent, before);
	op25b_writer_unlock(on);
	flush_delayed_work(&on->events->tell);
}

static void sent_without_the_lock(struct kunit *test)
{
	change(test, test->priv, 3);
	KUNIT_EXPECT_EQ(test, ear.sent, 3);
	change(test, test->priv, 5);
	KUNIT_EXPECT_EQ(test, ear.sent, 8);
	KUNIT_EXPECT_EQ(test, ear.lost, 0);
}

/* The buckets of both causes have more than the ring has room for. */
static void overflow_is_told(struct kunit *test)
{
	change(test, test->priv, 2 * OP25B_EVENT_RATE);
	KUNIT_EXPECT_EQ(test, ear.sent, OP25B_EVENT_RING);
	KUNIT_EXPECT_EQ(test, ear.lost,
			2 * OP25B_EVENT_RATE - OP25B_EVENT_RING);
	change(test, test->priv, 1);
	KUNIT_EXPECT_EQ(test, ear.sent, OP25B_EVENT_RING + 1);
}

static void flood_is_told(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 1000; i++)
		change(test, test->priv, 1);
	KUNIT_EXPECT_GE(test, ear.sent, OP25B_EVENT_RATE);
	KUNIT_EXPECT_LT(test, ear.sent, 1000);
	KUNIT_EXPECT_EQ(test, ear.sent + ear.lost, 1000);
}

/* Also the event that tells of others. */
static void failure_is_told(struct kunit *test)
{
	struct op25b_net *on = test->priv;

	ear.refuse = 4;
	change(test, on, 3);
	KUNIT_EXPECT_EQ(test, ear.sent, 0);
	flush_delayed_work(&on->events->tell);
	KUNIT_EXPECT_EQ(test, ear.lost, 3);
}

static int event_init(struct kunit *test)
{
	struct op25b_net *on = kunit_kzalloc(test, sizeof(*on), GFP_KERNEL);

	if (!on || op25b_event_net_init(on))
		return -ENOMEM;
	mutex_init(&on->store.lock);
	memset(&ear, 0, sizeof(ear));
	op25b_event_open(&sender);
	test->priv = on;
	return 0;
}

static void event_exit(struct kunit *test)
{
	struct op25b_net *on = test->priv;

	KUNIT_EXPECT_FALSE(test, ear.locked);
	KUNIT_EXPECT_FALSE(test, ear.disorder);
	op25b_notify_init();	/* as it was */
	op25b_event_net_exit(on);
	mutex_destroy(&on->store.lock);
}

static struct kunit_case event_cases[] = {
	KUNIT_CASE(sent_without_the_lock),
	KUNIT_CASE(overflow_is_told),
	KUNIT_CASE(flood_is_told),
	KUNIT_CASE(failure_is_told),
	{}
};

static struct kunit_suite event_suite = {
	.name = "op25b_event",
	.init = event_init,
	.exit = event_exit,
	.test_cases = event_cases,
};

kunit_test_suite(event_suite);
