// SPDX-License-Identifier: GPL-2.0
/*
 * The knobs in a request.
 */
#include "netlink/nl.h"

unsigned int op25b_nl_knobs(struct nlattr **attrs, struct op25b_knobs *knobs)
{
	unsigned int n = 0;

	if (attrs[OP25B_A_MODE] && ++n)
		knobs->mode = nla_get_u8(attrs[OP25B_A_MODE]);
	if (attrs[OP25B_A_REJECT] && ++n)
		knobs->reject = nla_get_u8(attrs[OP25B_A_REJECT]);
	if (attrs[OP25B_A_REVERSE] && ++n)
		knobs->reverse = nla_get_u8(attrs[OP25B_A_REVERSE]);
	if (attrs[OP25B_A_COUNTERS] && ++n)
		knobs->counters = nla_get_u8(attrs[OP25B_A_COUNTERS]);
	if (attrs[OP25B_A_REJECT_RATE] && ++n)
		knobs->reject_rate = nla_get_u32(attrs[OP25B_A_REJECT_RATE]);
	if (attrs[OP25B_A_REJECT_SOURCE_RATE] && ++n)
		knobs->reject_source_rate =
			nla_get_u32(attrs[OP25B_A_REJECT_SOURCE_RATE]);
	if (attrs[OP25B_A_WATCH_OFFENDERS] && ++n)
		knobs->watch_offenders =
			nla_get_u8(attrs[OP25B_A_WATCH_OFFENDERS]);
	if (attrs[OP25B_A_OFFENDER_LEN] && ++n)
		knobs->offender_len = nla_get_u8(attrs[OP25B_A_OFFENDER_LEN]);
	if (attrs[OP25B_A_OFFENDER_THRESHOLD] && ++n)
		knobs->offender_threshold =
			nla_get_u32(attrs[OP25B_A_OFFENDER_THRESHOLD]);
	if (attrs[OP25B_A_SESSION_PREFIXES] && ++n)
		knobs->other_prefixes[op25b_other(OP25B_ORIGIN_SESSION)] =
			nla_get_u32(attrs[OP25B_A_SESSION_PREFIXES]);
	if (attrs[OP25B_A_BGP_PREFIXES] && ++n)
		knobs->other_prefixes[op25b_other(OP25B_ORIGIN_BGP)] =
			nla_get_u32(attrs[OP25B_A_BGP_PREFIXES]);
	return n;
}

bool op25b_nl_only_off(struct genl_info *info)
{
	const struct nlattr *mode = info->attrs[OP25B_A_MODE];
	struct op25b_knobs ignored;

	return info->genlhdr->cmd == OP25B_CMD_SET && mode &&
	       nla_get_u8(mode) == OP25B_MODE_OFF &&
	       op25b_nl_knobs(info->attrs, &ignored) == 1;
}

/* Reply helpers are asked for by the reject, hooks by the mode. */
void op25b_nl_blame(struct genl_info *info, int err)
{
	const struct nlattr *reject = info->attrs[OP25B_A_REJECT];
	const struct nlattr *mode = info->attrs[OP25B_A_MODE];

	if (err == -EOPNOTSUPP && reject)
		NL_SET_BAD_ATTR(info->extack, reject);
	else if (mode)
		NL_SET_BAD_ATTR(info->extack, mode);
}
