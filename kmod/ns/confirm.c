// SPDX-License-Identifier: GPL-2.0
/*
 * Confirm and rollback.
 *
 * Theory of operation
 * ===================
 *
 * A REPLACE shares nothing with what it replaces, so the old ruleset can lie
 * there as it is. COMMIT copies its struct to a new one, made before the point
 * of no return: a rollback publishes that.
 *
 *	in force ---COMMIT---> parked ---rollback---> in force, generation + 1
 *	                              ---confirm----> freed, in the worker
 *
 * It keeps its side of the entries (state/commit.c), which nobody else writes
 * meanwhile: the rollback changes sides.
 *
 * Memory that packets need was there when the parked ruleset was in force, and
 * stays until the namespace dies. Hooks are registered while the ruleset in
 * force needs them, so a rollback from mode off registers them again. If that
 * fails, the rollback is not done: who asked for it is refused; the worker
 * sends an event and tries again a second later, then two, and so on up to half
 * a minute.
 *
 * While something is pending nobody else edits CONFIG, so nothing is staged.
 * Three things go on: expiry, in both rulesets (expiry.c), `mode off`, which is
 * noted in the parked one too, and edits of other origins, which a rollback
 * takes over from what is in force.
 *
 * The deadline is one of CLOCK_BOOTTIME, so setting the clock does not move it.
 * The worker sleeps by jiffies and looks once a second: that covers a suspend.
 * Confirming and the worker meet under on->store.lock; who comes second finds
 * nothing pending, or, if that was long ago, the deadline of another COMMIT.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/netlink.h>

#include "ns/confirm.h"
#include "state/edit.h"
#include "ns/expiry.h"
#include "ns/net.h"
#include "ns/settle.h"
#include "state/stats.h"

/* Between two tries of a rollback: at most HZ << this. */
#define MAX_SHIFT	5

static s64 time_left(struct op25b_net *on)
{
	return atomic64_read(&on->confirm.until) - ktime_get_boottime_ns();
}

u32 op25b_confirm_left(struct op25b_net *on)
{
	s64 until = atomic64_read(&on->confirm.until);
	s64 left = until - (s64)ktime_get_boottime_ns();

	if (!until)
		return 0;
	/* The worker may be late. */
	return left > 0 ? div_u64(left + NSEC_PER_SEC - 1, NSEC_PER_SEC) : 1;
}

int op25b_confirm_busy(struct op25b_net *on, struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&on->store.lock);
	if (!on->store.parked)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "the last change awaits its confirmation or rollback");
	return -EBUSY;
}

static void sleep(struct op25b_net *on)
{
	u64 left = max_t(s64, time_left(on), 0);

	mod_delayed_work(op25b_timers, &on->confirm.work,
			 min_t(u64, nsecs_to_jiffies64(left) + 1, HZ));
}

void op25b_confirm_begin(struct op25b_net *on, u32 seconds)
{
	lockdep_assert_held(&on->store.lock);
	on->confirm.failed = 0;
	atomic64_set(&on->confirm.until, ktime_get_boottime_ns() +
		     (u64)seconds * NSEC_PER_SEC);
	sleep(on);
}

void op25b_confirm_off(struct op25b_net *on)
{
	lockdep_assert_held(&on->store.lock);
	if (!on->store.parked)
		return;
	on->store.parked->knobs.mode = OP25B_MODE_OFF;
}

/* Nothing is pending any more. Return: what was parked. */
static struct op25b_ruleset *take(struct op25b_net *on)
{
	struct op25b_ruleset *parked = on->store.parked;

	lockdep_assert_held(&on->store.lock);
	on->store.parked = NULL;
	atomic64_set(&on->confirm.until, 0);
	cancel_delayed_work(&on->confirm.work);
	return parked;
}

void op25b_confirm_accept(struct op25b_net *on)
{
	/* ORDER: while something is pending nobody sees the marks. */
	op25b_entry_forget_hands(&on->store);
	op25b_ruleset_retire(&on->store, take(on), !on->store.side);
	op25b_settle_tell(on, OP25B_EVENT_CONFIRMED, true);
}

int op25b_confirm_rollback(struct op25b_net *on, bool by_caller,
			   struct netlink_ext_ack *extack)
{
	struct op25b_ruleset *old = op25b_ruleset_locked(&on->store);
	struct op25b_ruleset *rs = on->store.parked;
	const bool blocks[OP25B_FAMILIES] = {
		op25b_ruleset_will_have(old, OP25B_ORIGIN_CONFIG,
					&rs->config.prefixes[OP25B_V4]),
		op25b_ruleset_will_have(old, OP25B_ORIGIN_CONFIG,
					&rs->config.prefixes[OP25B_V6]),
	};
	u8 old_mode = old->knobs.mode;
	int err;

	err = op25b_settle_ahead(on, &rs->knobs, blocks, extack);
	if (err)
		return err;
	take(on);
	op25b_ruleset_share(rs, old);
	rs->generation = old->generation + 1;
	op25b_ruleset_publish(&on->store, rs, OP25B_ORIGIN_CONFIG);
	on->store.side = !on->store.side;
	op25b_ruleset_retire(&on->store, old, !on->store.side);
	op25b_stats_add(&on->store, OP25B_COUNTER_ROLLED_BACK, 1);
	op25b_settle_tell(on, OP25B_EVENT_ROLLED_BACK, by_caller);
	op25b_settle_after(on, old_mode, by_caller);
	return 0;
}

static void try_rollback(struct op25b_net *on)
{
	if (!op25b_confirm_rollback(on, false, NULL))
		return;
	op25b_settle_tell(on, OP25B_EVENT_ROLLBACK_FAILED, false);
	mod_delayed_work(op25b_timers, &on->confirm.work,
			 HZ << on->confirm.failed);
	if (on->confirm.failed < MAX_SHIFT)
		on->confirm.failed++;
}

static void confirm_work(struct work_struct *work)
{
	struct op25b_net *on = container_of(to_delayed_work(work),
					    struct op25b_net, confirm.work);

	op25b_writer_lock(on);
	if (on->store.parked && time_left(on) <= 0)
		try_rollback(on);
	else if (on->store.parked)
		sleep(on);
	op25b_writer_unlock(on);
}

void op25b_confirm_init(struct op25b_net *on)
{
	INIT_DELAYED_WORK(&on->confirm.work, confirm_work);
}

void op25b_confirm_exit(struct op25b_net *on)
{
	cancel_delayed_work_sync(&on->confirm.work);
	mutex_lock(&on->store.lock);
	if (on->store.parked)
		op25b_ruleset_retire(&on->store, take(on), !on->store.side);
	mutex_unlock(&on->store.lock);
}
