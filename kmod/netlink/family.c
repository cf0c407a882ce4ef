// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: its operations and their policies. See nl.h for
 * who does what.
 *
 * No MODULE_ALIAS_GENL_FAMILY: CTRL_CMD_GETFAMILY would let any user load the
 * module.
 */
#include <linux/module.h>

#include "netlink/nl.h"

/*
 * Policies. Each operation has its own; what it does not list is refused, in
 * nests too ("Unsupported attribute", "Unknown attribute type").
 */

/* Not const: the member of the policy is not, before 6.8. */
static struct netlink_range_validation rate_range = {
	.max = OP25B_MAX_RATE,
};

static struct netlink_range_validation confirm_range = {
	.min = 1,
	.max = OP25B_MAX_CONFIRM,
};

/* An entry keeps 32 bits: until 2106. */
static struct netlink_range_validation expires_range = {
	.max = U32_MAX,
};

static struct netlink_range_validation prefixes_range = {
	.max = OP25B_MAX_PREFIXES,
};

#define ADDR_POLICY NLA_POLICY_VALIDATE_FN(NLA_BINARY, op25b_nl_check_addr)
#define ACTION_POLICY \
	NLA_POLICY_RANGE(NLA_U8, OP25B_ACTION_BLOCK, __OP25B_ACTION_MAX - 1)
#define COMMENT_POLICY \
	NLA_POLICY_VALIDATE_FN(NLA_NUL_STRING, op25b_nl_check_comment)

static const struct nla_policy prefix_policy[OP25B_PREFIX_A_MAX + 1] = {
	[OP25B_PREFIX_A_ADDR]	 = ADDR_POLICY,
	[OP25B_PREFIX_A_LEN]	 = { .type = NLA_U8 },
	[OP25B_PREFIX_A_ACTION]	 = ACTION_POLICY,
	[OP25B_PREFIX_A_COMMENT] = COMMENT_POLICY,
	[OP25B_PREFIX_A_EXPIRES] = NLA_POLICY_FULL_RANGE(NLA_U64,
							 &expires_range),
};

static const struct nla_policy prefix_key_policy[OP25B_PREFIX_A_MAX + 1] = {
	[OP25B_PREFIX_A_ADDR]	= ADDR_POLICY,
	[OP25B_PREFIX_A_LEN]	= { .type = NLA_U8 },
};

static const struct nla_policy prefix_gone_policy[OP25B_PREFIX_A_MAX + 1] = {
	[OP25B_PREFIX_A_ADDR]	 = ADDR_POLICY,
	[OP25B_PREFIX_A_LEN]	 = { .type = NLA_U8 },
	[OP25B_PREFIX_A_COMMENT] = COMMENT_POLICY,
};

static const struct nla_policy relay_policy[OP25B_RELAY_A_MAX + 1] = {
	[OP25B_RELAY_A_ADDR]	= ADDR_POLICY,
	[OP25B_RELAY_A_LEN]	= { .type = NLA_U8 },
	[OP25B_RELAY_A_COMMENT]	= COMMENT_POLICY,
};

static const struct nla_policy relay_key_policy[OP25B_RELAY_A_MAX + 1] = {
	[OP25B_RELAY_A_ADDR]	= ADDR_POLICY,
	[OP25B_RELAY_A_LEN]	= { .type = NLA_U8 },
};

#define KNOBS_POLICY							\
	[OP25B_A_MODE]		= NLA_POLICY_MAX(NLA_U8,		\
						 __OP25B_MODE_MAX - 1),	\
	[OP25B_A_REJECT]	= NLA_POLICY_MAX(NLA_U8,		\
						 __OP25B_REJECT_MAX - 1), \
	[OP25B_A_REVERSE]	= NLA_POLICY_MAX(NLA_U8, 1),		\
	[OP25B_A_COUNTERS]	= NLA_POLICY_MAX(NLA_U8, 1),		\
	[OP25B_A_REJECT_RATE]	= NLA_POLICY_FULL_RANGE(NLA_U32,	\
							&rate_range),	\
	[OP25B_A_REJECT_SOURCE_RATE] = NLA_POLICY_FULL_RANGE(NLA_U32,	\
							     &rate_range), \
	[OP25B_A_WATCH_OFFENDERS] = NLA_POLICY_MAX(NLA_U8, 1),		\
	[OP25B_A_OFFENDER_LEN]	= NLA_POLICY_RANGE(NLA_U8,		\
						   OP25B_MIN_OFFENDER_LEN, \
						   OP25B_MAX_OFFENDER_LEN), \
	[OP25B_A_OFFENDER_THRESHOLD] = { .type = NLA_U32 },		\
	[OP25B_A_SESSION_PREFIXES] = NLA_POLICY_FULL_RANGE(NLA_U32,	\
							   &prefixes_range), \
	[OP25B_A_BGP_PREFIXES]	= NLA_POLICY_FULL_RANGE(NLA_U32,	\
							&prefixes_range)

#define ORIGIN_POLICY							\
	[OP25B_A_ORIGIN]	= NLA_POLICY_RANGE(NLA_U8,		\
						   OP25B_ORIGIN_CONFIG,	\
						   __OP25B_ORIGIN_MAX - 1)

static const struct nla_policy set_policy[OP25B_A_MAX + 1] = {
	KNOBS_POLICY,
};

static const struct nla_policy prefix_add_policy[OP25B_A_MAX + 1] = {
	ORIGIN_POLICY,
	[OP25B_A_PREFIX]	= NLA_POLICY_NESTED(prefix_policy),
	[OP25B_A_PREFIXES]	= { .type = NLA_BINARY },
	[OP25B_A_RECORD_SIZE]	= { .type = NLA_U32 },
};

static const struct nla_policy prefix_del_policy[OP25B_A_MAX + 1] = {
	ORIGIN_POLICY,
	[OP25B_A_PREFIX]	= NLA_POLICY_NESTED(prefix_gone_policy),
	[OP25B_A_PREFIXES]	= { .type = NLA_BINARY },
	[OP25B_A_RECORD_SIZE]	= { .type = NLA_U32 },
	[OP25B_A_IF_PRESENT]	= { .type = NLA_FLAG },
};

static const struct nla_policy prefix_get_policy[OP25B_A_MAX + 1] = {
	ORIGIN_POLICY,
	[OP25B_A_PREFIX]	= NLA_POLICY_NESTED(prefix_key_policy),
	[OP25B_A_BY_HAND]	= { .type = NLA_FLAG },
	[OP25B_A_ACTION]	= ACTION_POLICY,
	[OP25B_A_WITHIN]	= NLA_POLICY_NESTED(prefix_key_policy),
	[OP25B_A_COVERING]	= ADDR_POLICY,
};

static const struct nla_policy relay_add_policy[OP25B_A_MAX + 1] = {
	ORIGIN_POLICY,
	[OP25B_A_RELAY]		= NLA_POLICY_NESTED(relay_policy),
	[OP25B_A_RELAYS]	= { .type = NLA_BINARY },
	[OP25B_A_RECORD_SIZE]	= { .type = NLA_U32 },
};

static const struct nla_policy relay_del_policy[OP25B_A_MAX + 1] = {
	ORIGIN_POLICY,
	[OP25B_A_RELAY]		= NLA_POLICY_NESTED(relay_policy),
	[OP25B_A_RELAYS]	= { .type = NLA_BINARY },
	[OP25B_A_RECORD_SIZE]	= { .type = NLA_U32 },
	[OP25B_A_IF_PRESENT]	= { .type = NLA_FLAG },
};

static const struct nla_policy relay_get_policy[OP25B_A_MAX + 1] = {
	ORIGIN_POLICY,
	[OP25B_A_RELAY]		= NLA_POLICY_NESTED(relay_key_policy),
	[OP25B_A_BY_HAND]	= { .type = NLA_FLAG },
};

/* What a FILL must be. It is applied by txn.c and not by the core, whose
 * refusal would not come by the transaction that it has to poison. The core
 * gets loose_policy: known attributes, nests that say so, nothing trailing.
 */
static const struct nla_policy fill_policy[OP25B_A_MAX + 1] = {
	KNOBS_POLICY,
	[OP25B_A_PREFIX]	= NLA_POLICY_NESTED(prefix_policy),
	[OP25B_A_PREFIXES]	= { .type = NLA_BINARY },
	[OP25B_A_RELAY]		= NLA_POLICY_NESTED(relay_policy),
	[OP25B_A_RELAYS]	= { .type = NLA_BINARY },
	[OP25B_A_RECORD_SIZE]	= { .type = NLA_U32 },
	[OP25B_A_TXN]		= NLA_POLICY_MIN(NLA_U64, 1),
};

static const struct nla_policy loose_policy[OP25B_A_MAX + 1] = {
	[OP25B_A_MODE]			= { .type = NLA_BINARY },
	[OP25B_A_REJECT]		= { .type = NLA_BINARY },
	[OP25B_A_REVERSE]		= { .type = NLA_BINARY },
	[OP25B_A_COUNTERS]		= { .type = NLA_BINARY },
	[OP25B_A_REJECT_RATE]		= { .type = NLA_BINARY },
	[OP25B_A_REJECT_SOURCE_RATE]	= { .type = NLA_BINARY },
	[OP25B_A_WATCH_OFFENDERS]	= { .type = NLA_BINARY },
	[OP25B_A_OFFENDER_LEN]		= { .type = NLA_BINARY },
	[OP25B_A_OFFENDER_THRESHOLD]	= { .type = NLA_BINARY },
	[OP25B_A_SESSION_PREFIXES]	= { .type = NLA_BINARY },
	[OP25B_A_BGP_PREFIXES]		= { .type = NLA_BINARY },
	[OP25B_A_PREFIX]		= { .type = NLA_NESTED },
	[OP25B_A_PREFIXES]		= { .type = NLA_BINARY },
	[OP25B_A_RELAY]			= { .type = NLA_NESTED },
	[OP25B_A_RELAYS]		= { .type = NLA_BINARY },
	[OP25B_A_RECORD_SIZE]		= { .type = NLA_BINARY },
	[OP25B_A_TXN]			= { .type = NLA_BINARY },
};

static const struct nla_policy commit_policy[OP25B_A_MAX + 1] = {
	KNOBS_POLICY,
	[OP25B_A_TXN]		= NLA_POLICY_MIN(NLA_U64, 1),
	[OP25B_A_GENERATION]	= { .type = NLA_U64 },
	[OP25B_A_CONFIRM]	= NLA_POLICY_FULL_RANGE(NLA_U32,
							&confirm_range),
};

static const struct nla_policy confirm_policy[OP25B_A_MAX + 1] = {
	[OP25B_A_GENERATION]	= { .type = NLA_U64 },
};

static const struct nla_policy abort_policy[OP25B_A_MAX + 1] = {
	[OP25B_A_TXN]		= NLA_POLICY_MIN(NLA_U64, 1),
};

static const struct nla_policy test_policy[OP25B_A_MAX + 1] = {
	[OP25B_A_SRC]		= ADDR_POLICY,
	[OP25B_A_DST]		= ADDR_POLICY,
};

static const struct nla_policy change_policy[OP25B_A_MAX + 1] = {
	ORIGIN_POLICY,
	KNOBS_POLICY,
	[OP25B_A_OP]		= NLA_POLICY_RANGE(NLA_U8, OP25B_OP_ADD,
						   __OP25B_OP_MAX - 1),
	[OP25B_A_PREFIX]	= NLA_POLICY_NESTED(prefix_policy),
	[OP25B_A_RELAY]		= NLA_POLICY_NESTED(relay_policy),
};

static const struct nla_policy flush_policy[OP25B_A_MAX + 1] = {
	ORIGIN_POLICY,
};

static const struct nla_policy offender_policy[OP25B_A_MAX + 1] = {
	[OP25B_A_COUNT]		= NLA_POLICY_MIN(NLA_U32, 1),
};

/* For those that take no attributes: without a policy the core would refuse
 * them too, but info->attrs has two elements then, or is NULL (7.3).
 */
static const struct nla_policy no_policy[OP25B_A_MAX + 1];

static int fill(struct sk_buff *skb, struct genl_info *info)
{
	return op25b_nl_fill(info, fill_policy);
}

/* GENL_ADMIN_PERM asks for CAP_NET_ADMIN in the initial user namespace, of the
 * socket's opener and of the sender, for do and dump alike. Every operation is
 * made here, so that none is without that, nor without a policy.
 */
#define OP(_cmd, _policy, _doit, ...) {					\
	.cmd = OP25B_CMD_##_cmd,					\
	.flags = GENL_ADMIN_PERM,					\
	.policy = _policy,						\
	.maxattr = OP25B_A_MAX,						\
	.doit = _doit,							\
	__VA_ARGS__							\
}

static const struct genl_ops ops[] = {
	OP(GET, no_policy, op25b_nl_get),
	OP(SET, set_policy, op25b_nl_set),
	OP(PREFIX_ADD, prefix_add_policy, op25b_nl_change),
	OP(PREFIX_REPLACE, prefix_add_policy, op25b_nl_change),
	OP(PREFIX_DEL, prefix_del_policy, op25b_nl_change),
	OP(PREFIX_GET, prefix_get_policy, op25b_nl_entry_get,
	   .dumpit = op25b_nl_prefix_dump),
	OP(PREFIX_FLUSH, flush_policy, op25b_nl_flush),
	OP(RELAY_ADD, relay_add_policy, op25b_nl_change),
	OP(RELAY_REPLACE, relay_add_policy, op25b_nl_change),
	OP(RELAY_DEL, relay_del_policy, op25b_nl_change),
	OP(RELAY_GET, relay_get_policy, op25b_nl_entry_get,
	   .dumpit = op25b_nl_relay_dump),
	OP(RELAY_FLUSH, flush_policy, op25b_nl_flush),
	OP(BEGIN, no_policy, op25b_nl_begin),
	OP(FILL, loose_policy, fill),
	OP(COMMIT, commit_policy, op25b_nl_commit),
	OP(ABORT, abort_policy, op25b_nl_abort),
	OP(TEST, test_policy, op25b_nl_test),
	OP(STATS_GET, no_policy, op25b_nl_stats_get),
	OP(STATS_RESET, no_policy, op25b_nl_stats_reset),
	OP(CONFIRM, confirm_policy, op25b_nl_confirm),
	OP(ROLLBACK, no_policy, op25b_nl_rollback),
	OP(OFFENDER_GET, offender_policy, NULL,
	   .dumpit = op25b_nl_offender_dump,
	   .done = op25b_nl_offender_done),
	OP(CHANGE, change_policy, op25b_nl_change_any),
};

/* EVENT is only sent. */
static_assert(ARRAY_SIZE(ops) == OP25B_CMD_MAX - 1);

/* Who listens needs CAP_NET_ADMIN in the user namespace that owns the network
 * namespace. A kernel that cannot ask for that gets no group: then nothing is
 * ever sent. (Notify.c sees to it that the owner is the initial one.)
 */
#ifdef GENL_MCAST_CAP_NET_ADMIN
static const struct genl_multicast_group groups[] = {
	{ .name = OP25B_GENL_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

#define GROUPS groups
#define N_GROUPS ARRAY_SIZE(groups)
#else
#define GROUPS NULL
#define N_GROUPS 0
#endif

int __init op25b_netlink_init(void)
{
	int err;

	op25b_genl_family.ops = ops;
	op25b_genl_family.n_ops = ARRAY_SIZE(ops);
	op25b_genl_family.mcgrps = GROUPS;
	op25b_genl_family.n_mcgrps = N_GROUPS;
	err = op25b_txn_init();
	if (err)
		return err;
	err = genl_register_family(&op25b_genl_family);
	if (err) {
		op25b_txn_exit();
		return err;
	}
	op25b_notify_init();
	return 0;
}

/* ORDER: no request is under way or will come before the transactions' worker
 * goes. A dump that is unread holds the module, so there is none. Workers of
 * namespaces may still have something to tell; they may not once the family is
 * gone.
 */
void op25b_netlink_exit(void)
{
	op25b_notify_exit();
	genl_unregister_family(&op25b_genl_family);
	op25b_txn_exit();
}
