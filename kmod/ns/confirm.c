// SPDX-License-Identifier: GPL-2.0
/*
 * Confirm and rollback.
 *
 * Theory of operation
 * ===================
 *
 * A REPLACE shares nothing with what it replaces, so the old ruleset can lie
 * there as it is. COMMIT copies its struct to a new one, made before the point
 * of no return: a rollback publishes that, and allocates nothing.
 *
 *	in force ---COMMIT---> parked ---rollback---> in force, generation + 1
 *	                              ---confirm----> freed, in the worker
 *
 * Entries are shared, those that differ have in the edit's `changes` what they
 * were: applying these backwards undoes them. Each ruleset holds its entries.
 *
 * Hooks that either ruleset needs stay registered meanwhile, so a rollback need
 * not register any. What packets need else was there when the parked ruleset
 * was in force, and stays until the namespace dies.
 *
 * While something is pending nobody else edits, so nothing is staged. Two
 * things go on: expiry, in both rulesets (expiry.c), and `mode off`, which is
 * noted in the parked one too.
 *
 * The deadline is one of CLOCK_BOOTTIME, so setting the clock does not move it.
 * The worker sleeps by jiffies and looks once a second: that covers a suspend.
 * Confirming and the worker meet under on->lock; who comes second finds nothing
 * pending, or, if that was long ago, the deadline of another COMMIT.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/netlink.h>

#include "ns/confirm.h"
#include "state/edit.h"
#include "ns/event.h"
#include "ns/expiry.h"
#include "ns/net.h"
#include "state/stats.h"

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
	lockdep_assert_held(&on->lock);
	if (!on->confirm.parked)
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

void op25b_confirm_park(struct op25b_edit *edit, struct op25b_ruleset *parked)
{
	struct op25b_net *on = edit->on;

	lockdep_assert_held(&on->lock);
	on->replacing = NULL;
	on->confirm.parked = parked;
	on->confirm.edit = edit;
	atomic64_set(&on->confirm.until, ktime_get_boottime_ns() +
		     (u64)edit->confirm * NSEC_PER_SEC);
	sleep(on);
}

void op25b_confirm_off(struct op25b_net *on)
{
	lockdep_assert_held(&on->lock);
	if (!on->confirm.parked)
		return;
	on->confirm.parked->knobs.mode = OP25B_MODE_OFF;
	op25b_net_settle(on);		/* nothing needs the hooks any more */
}

/* Nothing is pending any more. The edit is its taker's to free. */
static struct op25b_edit *take(struct op25b_net *on)
{
	struct op25b_edit *edit = on->confirm.edit;

	lockdep_assert_held(&on->lock);
	on->confirm.parked = NULL;
	on->confirm.edit = NULL;
	atomic64_set(&on->confirm.until, 0);
	cancel_delayed_work(&on->confirm.work);
	return edit;
}

static void tell(struct op25b_net *on, u8 kind, bool by_caller)
{
	struct op25b_event event = {
		.kind = kind,
		.origin = OP25B_ORIGIN_CONFIG,
		.generation = op25b_ruleset_locked(on)->generation,
	};

	if (by_caller)
		op25b_event_by_caller(&event);
	op25b_event_send(on, &event);
}

void op25b_confirm_accept(struct op25b_net *on)
{
	struct op25b_ruleset *parked = on->confirm.parked;
	struct op25b_edit *edit;

	/* ORDER: while something is pending nobody sees the marks. */
	op25b_entry_forget_hands(on);
	edit = take(on);
	op25b_changes_forget(edit);
	edit->old = parked;
	op25b_net_settle(on);
	tell(on, OP25B_EVENT_CONFIRMED, true);
	op25b_edit_free_later(edit);
}

void op25b_confirm_rollback(struct op25b_net *on, bool by_caller)
{
	struct op25b_ruleset *rs = on->confirm.parked;
	struct op25b_edit *edit = take(on);

	edit->old = op25b_ruleset_locked(on);
	rs->generation = edit->old->generation + 1;
	op25b_ruleset_publish(on, rs);
	op25b_changes_revert(edit);
	op25b_stats_add(on, OP25B_COUNTER_ROLLED_BACK, 1);
	tell(on, OP25B_EVENT_ROLLED_BACK, by_caller);
	op25b_ruleset_settle(on, edit->old, by_caller);
	op25b_edit_free_later(edit);
}

static void confirm_work(struct work_struct *work)
{
	struct op25b_net *on = container_of(to_delayed_work(work),
					    struct op25b_net, confirm.work);

	mutex_lock(&on->lock);
	if (on->confirm.parked && time_left(on) <= 0)
		op25b_confirm_rollback(on, false);
	else if (on->confirm.parked)
		sleep(on);
	mutex_unlock(&on->lock);
}

void op25b_confirm_init(struct op25b_net *on)
{
	INIT_DELAYED_WORK(&on->confirm.work, confirm_work);
}

void op25b_confirm_exit(struct op25b_net *on)
{
	struct op25b_ruleset *parked;
	struct op25b_edit *edit;

	cancel_delayed_work_sync(&on->confirm.work);
	mutex_lock(&on->lock);
	parked = on->confirm.parked;
	if (parked) {
		edit = take(on);
		op25b_changes_forget(edit);
		edit->old = parked;
		op25b_edit_free_later(edit);
	}
	mutex_unlock(&on->lock);
}
