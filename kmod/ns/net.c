// SPDX-License-Identifier: GPL-2.0
/*
 * Birth, publication and death of a namespace's state.
 */
#include <linux/netlink.h>
#include <net/netns/generic.h>

#include "ns/confirm.h"
#include "state/due.h"
#include "ns/expiry.h"
#include "ns/hook.h"
#include "state/journal.h"
#include "packet/limit.h"
#include "ns/net.h"
#include "netlink/family.h"
#include "ns/offender.h"
#include "ns/proc.h"
#include "ns/reject.h"
#include "state/relay.h"

static unsigned int net_id;

struct op25b_net *op25b_net(const struct net *net)
{
	return net_generic(net, net_id);
}

/* Memory that the packet path needs, which an idle namespace does without. What
 * is there stays until the namespace dies: a packet may be using it.
 */
static int alloc_path_memory(struct op25b_net *on)
{
	if (!on->stats)		/* read without the lock: op25b_stats_read() */
		smp_store_release(&on->stats, op25b_stats_alloc());
	if (!on->journals)	/* likewise: op25b_journals_post() */
		smp_store_release(&on->journals, op25b_journals_alloc(on));
	if (!on->limiter)
		on->limiter = op25b_limiter_alloc();
	if (!on->offenders)	/* likewise: op25b_offenders_used() */
		smp_store_release(&on->offenders, op25b_offenders_alloc(on));
	return on->stats && on->journals && on->limiter && on->offenders ? 0 :
		-ENOMEM;
}

int op25b_net_prepare(struct op25b_net *on, const struct op25b_knobs *knobs,
		      const bool *blocks, struct netlink_ext_ack *extack)
{
	u8 family;
	int err;

	lockdep_assert_held(&on->lock);
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

void op25b_net_settle(struct op25b_net *on)
{
	const struct op25b_ruleset *parked = on->confirm.parked;

	lockdep_assert_held(&on->lock);
	if (op25b_ruleset_locked(on)->knobs.mode == OP25B_MODE_OFF &&
	    (!parked || parked->knobs.mode == OP25B_MODE_OFF))
		op25b_hook_unregister(on);
}

static int __net_init net_init(struct net *net)
{
	struct op25b_net *on = op25b_net(net);
	struct op25b_ruleset *rs;
	int err;

	on->net = net;
	mutex_init(&on->lock);
	op25b_entry_init(on);
	op25b_event_net_init(on);
	op25b_expiry_init(on);
	op25b_confirm_init(on);
	rs = op25b_ruleset_alloc();
	if (!rs)
		return -ENOMEM;
	RCU_INIT_POINTER(on->ruleset, rs);
	err = op25b_proc_net_init(on);
	if (err)
		op25b_ruleset_free(rs);
	return err;
}

/* The core lets a grace period pass between this and net_exit(). */
static void __net_exit net_pre_exit(struct net *net)
{
	struct op25b_net *on = op25b_net(net);

	/* The workers of expiry and confirm are still there. */
	mutex_lock(&on->lock);
	op25b_hook_unregister(on);
	mutex_unlock(&on->lock);
}

/* No packet, no socket and no open file of this namespace is left. */
static void __net_exit net_exit(struct net *net)
{
	struct op25b_net *on = op25b_net(net);

	op25b_proc_net_exit(on);
	op25b_netlink_net_exit(on);
	op25b_confirm_exit(on);
	op25b_expiry_exit(on);
	op25b_ruleset_wait(on);
	op25b_offenders_free(on->offenders);
	op25b_event_net_exit(on);
	op25b_ruleset_free(rcu_dereference_protected(on->ruleset, true));
	op25b_journals_free(on->journals);
	op25b_entry_exit(on);
	op25b_due_exit(on);
	op25b_limiter_free(on->limiter);
	op25b_stats_free(on->stats);
	mutex_destroy(&on->lock);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &net_id,
	.size = sizeof(struct op25b_net),
};

int op25b_net_init(void)
{
	int err;

	err = op25b_ruleset_init();
	if (err)
		return err;
	err = op25b_expiry_start();
	if (err)
		goto exit_ruleset;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto stop_expiry;
	return 0;

stop_expiry:
	op25b_expiry_stop();
exit_ruleset:
	op25b_ruleset_exit();
	return err;
}

void op25b_net_exit(void)
{
	unregister_pernet_subsys(&net_ops);
	op25b_expiry_stop();
	op25b_ruleset_exit();
	rcu_barrier();		/* kfree_rcu() and kvfree_rcu() of entries */
}
