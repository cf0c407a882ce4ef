// SPDX-License-Identifier: GPL-2.0
/*
 * What the writer's side calls besides itself: nobody hears of it, and there
 * are no hooks.
 */
#include <linux/netlink.h>

#include "ns/event.h"
#include "ns/net.h"
#include "ns/offender.h"
#include "state/stats.h"

_Thread_local int shim_cpu;

bool op25b_event_wanted(struct op25b_net *on)
{
	return false;
}

void op25b_event_send(struct op25b_net *on, const struct op25b_event *event)
{
}

void op25b_event_by_caller(struct op25b_event *event)
{
}

void op25b_event_net_init(struct op25b_net *on)
{
}

void op25b_event_net_exit(struct op25b_net *on)
{
}

int op25b_net_prepare(struct op25b_net *on, const struct op25b_knobs *knobs,
		      const bool *blocks, struct netlink_ext_ack *extack)
{
	return 0;
}

void op25b_net_settle(struct op25b_net *on)
{
}

void op25b_offenders_knobs(struct op25b_net *on,
			   const struct op25b_knobs *knobs)
{
}

void op25b_stats_add(struct op25b_net *on, u8 counter, u32 count)
{
}
