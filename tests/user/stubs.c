// SPDX-License-Identifier: GPL-2.0
/*
 * What the writer's side calls besides itself: nobody hears of it, and there
 * are no hooks.
 */
#include <linux/netlink.h>

#include "ns/event.h"
#include "ns/expiry.h"
#include "ns/net.h"
#include "ns/settle.h"
#include "state/stats.h"

_Thread_local int shim_cpu;

bool op25b_event_wanted(struct op25b_net *on)
{
	return false;
}

void op25b_event_put(struct op25b_net *on, const struct op25b_event *event)
{
}

void op25b_writer_lock(struct op25b_net *on)
{
	mutex_lock(&on->store.lock);
}

void op25b_writer_unlock(struct op25b_net *on)
{
	mutex_unlock(&on->store.lock);
}

int op25b_event_net_init(struct op25b_net *on)
{
	return 0;
}

void op25b_event_net_exit(struct op25b_net *on)
{
}

int op25b_settle_ahead(struct op25b_net *on, const struct op25b_knobs *knobs,
		       const bool *blocks, struct netlink_ext_ack *extack)
{
	return 0;
}

void op25b_settle_hooks(struct op25b_net *on)
{
}

void op25b_settle_after(struct op25b_net *on, u8 old_mode, bool by_caller)
{
	op25b_expiry_kick(on);
}

void op25b_settle_tell(struct op25b_net *on, u8 kind, bool by_caller)
{
}

void op25b_stats_add(struct op25b_store *on, u8 counter, u32 count)
{
}
