// SPDX-License-Identifier: GPL-2.0
/*
 * What a ruleset needs around it.
 */
#include <linux/netlink.h>

#include "ns/event.h"
#include "ns/expiry.h"
#include "ns/hook.h"
#include "ns/net.h"
#include "ns/offender.h"
#include "ns/reject.h"
#include "ns/settle.h"
#include "packet/limit.h"
#include "state/journal.h"

/* Memory that the packet path needs, which an idle namespace does without. What
 * is there stays until the namespace dies: a packet may be using it.
 */
static int alloc_path_memory(struct op25b_net *on)
{
	struct op25b_store *store = &on->store;

	if (!store->stats)	/* read without the lock: op25b_stats_read() */
		smp_store_release(&store->stats, op25b_stats_alloc());
	if (!store->journals)	/* likewise: op25b_journals_post() */
		smp_store_release(&store->journals,
				  op25b_journals_alloc(store));
	if (op25b_entry_ready(store))
		return -ENOMEM;
	if (!on->limiter)
		on->limiter = op25b_limiter_alloc();
	if (!on->offenders)	/* likewise: op25b_offenders_used() */
		smp_store_release(&on->offenders, op25b_offenders_alloc(on));
	return store->stats && store->journals && on->limiter && on->offenders ?
		0 : -ENOMEM;
}

int op25b_settle_ahead(struct op25b_net *on, const struct op25b_knobs *knobs,
		       const bool *blocks, struct netlink_ext_ack *extack)
{
	u8 family;
	int err;

	lockdep_assert_held(&on->store.lock);
	if (knobs->mode == OP25B_MODE_OFF)
		return 0;
	for (family = 0; family < OP25B_FAMILIES; family++) {
		if (knobs->mode != OP25B_MODE_ENFORCE || !blocks[family])
			continue;
		err = op25b_reject_available(knobs->reject, family, extack);
		if (err)
			return err;
	}
	if (alloc_path_memory(on)) {
		NL_SET_ERR_MSG(extack, "the kernel has no memory for counters");
		return -ENOMEM;
	}
	/* ORDER: hooks before the ruleset that needs them; a packet that comes
	 * in between is judged by the old one, in mode off, and passes.
	 */
	err = op25b_hook_register(on);
	if (err)
		NL_SET_ERR_MSG(extack, "the hooks could not be registered");
	return err;
}

void op25b_settle_hooks(struct op25b_net *on)
{
	lockdep_assert_held(&on->store.lock);
	if (op25b_ruleset_locked(&on->store)->knobs.mode == OP25B_MODE_OFF)
		op25b_hook_unregister(on);
}

void op25b_settle_tell(struct op25b_net *on, u8 kind, bool by_caller)
{
	const struct op25b_ruleset *rs = op25b_ruleset_locked(&on->store);
	struct op25b_event event = {
		.kind = kind,
		.origin = OP25B_ORIGIN_CONFIG,
		.has_mode = kind == OP25B_EVENT_MODE,
		.mode = rs->knobs.mode,
		.generation = rs->generation,
	};

	if (by_caller)
		op25b_event_by_caller(&event);
	op25b_event_put(on, &event);
}

void op25b_settle_after(struct op25b_net *on, u8 old_mode, bool by_caller)
{
	const struct op25b_knobs *knobs;

	knobs = &op25b_ruleset_locked(&on->store)->knobs;
	op25b_settle_hooks(on);
	op25b_offenders_knobs(on, knobs);
	if (knobs->mode != old_mode)
		op25b_settle_tell(on, OP25B_EVENT_MODE, by_caller);
	op25b_expiry_kick(on);
}
