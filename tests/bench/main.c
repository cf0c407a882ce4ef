// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/op25b_bench: root writes a command, then reads what came of it.
 *
 *	sources 4|6 FILE	addresses (4 or 16 bytes each, network order)
 *	hook none|accept|drop	the floor: our own hook in this namespace
 *	time 4|6 PORT DST COUNT ROUNDS
 *	chase BYTES COUNT ROUNDS
 *	clock			the stopwatch itself, in the place of BEST
 *
 * The last three answer "BEST EMPTY ACCEPTED DROPPED" (struct bench_result).
 * Packets go through the namespace of whoever writes.
 */
#include <linux/fs.h>
#include <linux/inet.h>
#include <linux/kernel_read_file.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define COMMAND_MAX	512
#define SOURCES_BYTES	SZ_16M		/* a million IPv6 addresses */
#define CHASE_BYTES	SZ_64M

static DEFINE_MUTEX(bench_lock);	/* all below */
static struct bench_sources bench_sources;
static struct bench_result bench_result;
static struct net *hook_net;		/* where ours are, NULL nowhere */

/* Allocated once: when vmalloc memory is given back in user-mode Linux with
 * VMAP_STACK, an interrupt may find its task's stack unmapped and hang.
 */
static void *bench_memory;

static unsigned int floor_accept(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static unsigned int floor_drop(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	return NF_DROP;
}

static struct nf_hook_ops hooks[] = {
	{
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP_PRI_FILTER,
	},
	{
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP_PRI_FILTER,
	},
};

static void unhook(void)
{
	if (!hook_net)
		return;
	nf_unregister_net_hooks(hook_net, hooks, ARRAY_SIZE(hooks));
	put_net(hook_net);
	hook_net = NULL;
}

static int cmd_hook(char *args)
{
	nf_hookfn *fn = NULL;
	struct net *net;
	int i, err;

	if (sysfs_streq(args, "accept"))
		fn = floor_accept;
	else if (sysfs_streq(args, "drop"))
		fn = floor_drop;
	else if (!sysfs_streq(args, "none"))
		return -EINVAL;
	unhook();
	if (!fn)
		return 0;
	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		hooks[i].hook = fn;
	net = get_net(current->nsproxy->net_ns);
	err = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	if (err)
		put_net(net);
	else
		hook_net = net;
	return err;
}

static int cmd_sources(char *args)
{
	unsigned int family;
	char path[256];
	ssize_t bytes;

	if (sscanf(args, "%u %255s", &family, path) != 2 ||
	    (family != 4 && family != BENCH_V6))
		return -EINVAL;
	bench_sources.count = 0;
	bench_sources.at = 0;
	bytes = kernel_read_file_from_path(path, 0, &bench_sources.data,
					   SOURCES_BYTES, NULL,
					   READING_POLICY);
	if (bytes < 0)
		return bytes;
	bench_sources.family = family;
	bench_sources.count = bytes / (family == BENCH_V6 ? 16 : 4);
	return bench_sources.count ? 0 : -ENODATA;
}

static bool parse_dst(const char *text, struct bench_packet *packet)
{
	u8 *dst = packet->dst.s6_addr;

	if (packet->family == BENCH_V6)
		return in6_pton(text, -1, dst, -1, NULL);
	return in4_pton(text, -1, dst, -1, NULL);
}

static int cmd_time(char *args)
{
	struct bench_packet packet = { };
	u32 family, port, count, rounds;
	char dst[64];

	if (sscanf(args, "%u %u %63s %u %u", &family, &port, dst, &count,
		   &rounds) != 5 || !count || !rounds)
		return -EINVAL;
	packet.family = family;
	packet.dport = port;
	if (!parse_dst(dst, &packet))
		return -EINVAL;
	return bench_time(current->nsproxy->net_ns, &bench_sources, &packet,
			  count, rounds, &bench_result);
}

static int cmd_chase(char *args)
{
	u32 count, rounds;
	u64 bytes;

	if (sscanf(args, "%llu %u %u", &bytes, &count, &rounds) != 3 ||
	    !count || !rounds)
		return -EINVAL;
	if (bytes > CHASE_BYTES)
		return -ERANGE;
	return bench_chase(bench_memory, bytes, count, rounds, &bench_result);
}

static int cmd_clock(char *args)
{
	bench_result = (struct bench_result){ .best_ps = bench_now_ns() };
	return 0;
}

static const struct {
	const char *name;
	int (*fn)(char *args);
} commands[] = {
	{ "sources", cmd_sources },
	{ "hook", cmd_hook },
	{ "time", cmd_time },
	{ "chase", cmd_chase },
	{ "clock", cmd_clock },
};

static int run_command(char *line)
{
	char *name = strsep(&line, " ");
	int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return commands[i].fn(line ?: "");
	return -EINVAL;
}

static ssize_t bench_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *pos)
{
	char *line;
	int err;

	if (count > COMMAND_MAX)
		return -E2BIG;
	line = memdup_user_nul(buf, count);
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&bench_lock);
	err = run_command(line);
	mutex_unlock(&bench_lock);
	kfree(line);
	return err ?: count;
}

static int bench_show(struct seq_file *seq, void *v)
{
	mutex_lock(&bench_lock);
	seq_printf(seq, "%llu %llu %llu %llu\n", bench_result.best_ps,
		   bench_result.empty_ps, bench_result.accepted,
		   bench_result.dropped);
	mutex_unlock(&bench_lock);
	return 0;
}

static int bench_open(struct inode *inode, struct file *file)
{
	return single_open(file, bench_show, NULL);
}

static const struct proc_ops bench_ops = {
	.proc_open = bench_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
	.proc_write = bench_write,
};

static int __init bench_init(void)
{
	bench_memory = vmalloc(CHASE_BYTES);
	bench_sources.data = vmalloc(SOURCES_BYTES);
	if (bench_memory && bench_sources.data &&
	    proc_create("op25b_bench", 0600, NULL, &bench_ops))
		return 0;
	vfree(bench_sources.data);
	vfree(bench_memory);
	return -ENOMEM;
}

static void __exit bench_exit(void)
{
	remove_proc_entry("op25b_bench", NULL);
	unhook();
	vfree(bench_sources.data);
	vfree(bench_memory);
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("Stopwatch for the FORWARD hooks");
MODULE_LICENSE("GPL");
