// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/op25b, one per namespace.
 *
 * The ruleset's lines come from one ruleset, read once under RCU. Counters
 * move while they are printed. An open file holds its namespace, and
 * remove_proc_entry() waits for reads under way, so @on outlives both.
 */
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "ns/net.h"
#include "ns/offender.h"
#include "state/relay.h"
#include "state/ruleset.h"
#include "state/stats.h"

static const char *const mode_names[] = {
	[OP25B_MODE_OFF]	= "off",
	[OP25B_MODE_MONITOR]	= "monitor",
	[OP25B_MODE_ENFORCE]	= "enforce",
};

static_assert(ARRAY_SIZE(mode_names) == __OP25B_MODE_MAX);

static const char *const reject_names[] = {
	[OP25B_REJECT_DROP]		= "drop",
	[OP25B_REJECT_TCP_RESET]	= "tcp-reset",
	[OP25B_REJECT_ICMP]		= "icmp",
};

static_assert(ARRAY_SIZE(reject_names) == __OP25B_REJECT_MAX);

static const char *const origin_names[] = {
	[OP25B_ORIGIN_CONFIG]	= "config",
	[OP25B_ORIGIN_SESSION]	= "session",
	[OP25B_ORIGIN_BGP]	= "bgp",
};

static_assert(ARRAY_SIZE(origin_names) == __OP25B_ORIGIN_MAX);

static void show_part(struct seq_file *seq, struct op25b_store *store,
		      const struct op25b_ruleset *rs, u8 origin)
{
	const struct op25b_part *part = op25b_part_of(rs, origin);
	const char *name = origin_names[origin];

	seq_printf(seq, "%s_prefixes_v4 %u\n", name,
		   part->prefixes[OP25B_V4].count);
	seq_printf(seq, "%s_prefixes_v6 %u\n", name,
		   part->prefixes[OP25B_V6].count);
	seq_printf(seq, "%s_relays %u\n", name, op25b_part_relays(part));
	seq_printf(seq, "%s_serial %llu\n", name,
		   op25b_store_serial(store, origin));
	seq_printf(seq, "%s_changed %u\n", name,
		   op25b_store_changed(store, origin));
}

static void show_ruleset(struct seq_file *seq, struct op25b_net *on)
{
	const struct op25b_ruleset *rs;
	u8 origin;

	rcu_read_lock();
	rs = rcu_dereference(on->store.ruleset);
	seq_printf(seq, "mode %s\n", mode_names[rs->knobs.mode]);
	seq_printf(seq, "reject %s\n", reject_names[rs->knobs.reject]);
	seq_printf(seq, "reverse %s\n", rs->knobs.reverse ? "on" : "off");
	seq_printf(seq, "generation %llu\n", rs->generation);
	seq_printf(seq, "confirm_left %u\n", op25b_confirm_left(on));
	seq_printf(seq, "hook_v4 %d\n", READ_ONCE(on->hooked[OP25B_V4]));
	seq_printf(seq, "hook_v6 %d\n", READ_ONCE(on->hooked[OP25B_V6]));
	seq_printf(seq, "prefixes_v4 %u\n",
		   op25b_ruleset_prefixes(rs, OP25B_V4));
	seq_printf(seq, "prefixes_v6 %u\n",
		   op25b_ruleset_prefixes(rs, OP25B_V6));
	seq_printf(seq, "relays %u\n", op25b_ruleset_relays(rs));
	for (origin = OP25B_ORIGIN_CONFIG; origin < __OP25B_ORIGIN_MAX;
	     origin++)
		show_part(seq, &on->store, rs, origin);
	rcu_read_unlock();
}

static int show(struct seq_file *seq, void *v)
{
	struct op25b_net *on = op25b_net(seq_file_single_net(seq));
	u64 sum[__OP25B_COUNTER_MAX];
	u8 i;

	show_ruleset(seq, on);
	op25b_stats_read(&on->store, sum);
	for (i = OP25B_COUNTER_NONE + 1; i < __OP25B_COUNTER_MAX; i++)
		seq_printf(seq, "%s %llu\n", op25b_stats_name(i), sum[i]);
	seq_printf(seq, "offenders %u\n", op25b_offenders_used(on));
	return 0;
}

static int __net_init proc_net_init(struct net *net)
{
	if (IS_ENABLED(CONFIG_PROC_FS) &&
	    !proc_create_net_single("op25b", 0444, net->proc_net, show, NULL))
		return -ENOMEM;
	return 0;
}

static void __net_exit proc_net_exit(struct net *net)
{
	remove_proc_entry("op25b", net->proc_net);
}

static struct pernet_operations proc_net_ops = {
	.init = proc_net_init,
	.exit = proc_net_exit,
};

int op25b_proc_init(void)
{
	return register_pernet_subsys(&proc_net_ops);
}

void op25b_proc_exit(void)
{
	unregister_pernet_subsys(&proc_net_ops);
}
