// SPDX-License-Identifier: GPL-2.0
/*
 * Birth, publication and death of a namespace's state.
 */
#include <net/netns/generic.h>

#include "ns/confirm.h"
#include "state/due.h"
#include "ns/expiry.h"
#include "ns/hook.h"
#include "state/journal.h"
#include "packet/limit.h"
#include "ns/net.h"
#include "ns/offender.h"
#include "state/relay.h"

/* Packets do not share a cache line with who waits for the lock. Allocations of
 * this size begin with one.
 */
#define LINE(member)	(offsetof(struct op25b_net, member) / 64)
#define APART(member)	(LINE(member) != LINE(store.lock) ||		\
			 !IS_ENABLED(CONFIG_64BIT))
static_assert(APART(limiter) && APART(offenders) && APART(store.ruleset) &&
	      APART(store.stats) && APART(store.journals) &&
	      APART(store.seed) && APART(store.entries));

static unsigned int net_id;

struct op25b_net *op25b_net(const struct net *net)
{
	return net_generic(net, net_id);
}

static int __net_init net_init(struct net *net)
{
	struct op25b_net *on = op25b_net(net);
	struct op25b_ruleset *rs;
	int err;

	on->net = net;
	mutex_init(&on->store.lock);
	op25b_entry_init(&on->store);
	op25b_trash_init(&on->store);
	op25b_expiry_init(on);
	op25b_confirm_init(on);
	rs = op25b_ruleset_alloc();
	if (!rs)
		return -ENOMEM;
	err = op25b_event_net_init(on);
	if (err) {
		op25b_ruleset_free(rs);
		return err;
	}
	RCU_INIT_POINTER(on->store.ruleset, rs);
	return 0;
}

/* The core lets a grace period pass between this and net_exit(). */
static void __net_exit net_pre_exit(struct net *net)
{
	struct op25b_net *on = op25b_net(net);

	/* ORDER: a rollback might register hooks again; an expiry does not. */
	op25b_confirm_exit(on);
	mutex_lock(&on->store.lock);
	op25b_hook_unregister(on);
	mutex_unlock(&on->store.lock);
}

/* No packet, no socket and no open file of this namespace is left. */
static void __net_exit net_exit(struct net *net)
{
	struct op25b_net *on = op25b_net(net);

	op25b_expiry_exit(on);
	op25b_trash_wait(&on->store);
	op25b_offenders_free(on->offenders);
	op25b_event_net_exit(on);
	op25b_ruleset_free(rcu_dereference_protected(on->store.ruleset, true));
	op25b_journals_free(on->store.journals);
	op25b_entry_exit(&on->store);
	op25b_due_exit(&on->store);
	op25b_limiter_free(on->limiter);
	op25b_stats_free(on->store.stats);
	op25b_hook_free(on);
	mutex_destroy(&on->store.lock);
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

	err = op25b_trash_start();
	if (err)
		return err;
	err = op25b_expiry_start();
	if (err)
		goto stop_trash;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto stop_expiry;
	return 0;

stop_expiry:
	op25b_expiry_stop();
stop_trash:
	op25b_trash_stop();
	return err;
}

void op25b_net_exit(void)
{
	unregister_pernet_subsys(&net_ops);
	op25b_expiry_stop();
	op25b_trash_stop();
	rcu_barrier();		/* kfree_rcu() and kvfree_rcu() of entries */
}
