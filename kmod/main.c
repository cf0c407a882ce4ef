// SPDX-License-Identifier: GPL-2.0
/*
 * op25b - outbound port 25 blocking. The module's ladder: exit is init in
 * reverse.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "ns/net.h"
#include "netlink/nl.h"
#include "lpm/node.h"
#include "ns/reject.h"

/* ORDER: a namespace's birth allocates nodes, so their caches come first; the
 * netlink family finds every namespace's state, so it comes last.
 */
static int __init op25b_init(void)
{
	int err;

	err = op25b_node_init();
	if (err)
		return err;
	op25b_reject_init();
	err = op25b_net_init();
	if (err)
		goto exit_reject;
	err = op25b_proc_init();
	if (err)
		goto exit_net;
	err = op25b_netlink_init();
	if (err)
		goto exit_proc;
	return 0;

exit_proc:
	op25b_proc_exit();
exit_net:
	op25b_net_exit();
exit_reject:
	op25b_reject_exit();
	op25b_node_exit();
	return err;
}

/* op25b_net_exit() has waited for what it freed after a grace period. */
static void __exit op25b_exit(void)
{
	op25b_netlink_exit();
	op25b_proc_exit();
	op25b_net_exit();
	op25b_reject_exit();
	op25b_node_exit();
}

module_init(op25b_init);
module_exit(op25b_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("op25b developers");
MODULE_DESCRIPTION("Outbound port 25 blocking");
MODULE_VERSION(OP25B_VERSION);
