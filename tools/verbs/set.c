// SPDX-License-Identifier: GPL-2.0
/* Knobs: several of one `set` go in one message, all or none. */
#include <netlink/msg.h>

#include "kernel/change.h"
#include "kernel/netlink.h"
#include "kernel/state.h"
#include "verbs/usage.h"
#include "words/grammar.h"
#include "words/knob.h"
#include "say.h"

static int no_knobs(struct op25b_ctx *ctx)
{
	op25b_complain(ctx, "set: expected a knob and its value");
	op25b_usage(ctx, ctx->object);
	return OP25B_USAGE;
}

static int parse(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
		 struct op25b_knobs *k)
{
	const struct op25b_knob *knob;
	char q[OP25B_QUOTE], list[200];
	struct op25b_err err;
	int i, id;

	for (i = 0; i < n; i += 2) {
		knob = op25b_knob_find(&w[i]);
		if (!knob)
			return op25b_fail(ctx, OP25B_USAGE,
					  "set: unknown knob %s: expected one of %s",
					  op25b_quote(&w[i], q),
					  op25b_knobs_list(list, sizeof(list)));
		id = knob - op25b_knobs;
		if (k->given[id])
			return op25b_fail(ctx, OP25B_USAGE,
					  "set: %s is given twice", knob->name);
		k->given[id] = true;
		if (op25b_parse_value(knob, i + 1 < n ? &w[i + 1] : NULL,
				      &k->value[id], &err))
			return op25b_fail(ctx, OP25B_USAGE, "set: %s",
					  err.text);
	}
	return OP25B_DONE;
}

static int set(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct op25b_knobs k = { 0 };
	struct nl_msg *msg;
	int i, ret;

	if (!n)
		return no_knobs(ctx);
	ret = parse(ctx, w, n, &k);
	if (!ret && ctx->change)
		return op25b_change_knobs(ctx, &k);
	if (!ret)
		ret = op25b_nl_open(ctx);
	if (ret)
		return ret;
	msg = op25b_nl_new(ctx, OP25B_CMD_SET, OP25B_MSG_SMALL);
	for (i = 0; i < OP25B_KNOBS; i++)
		if (k.given[i])
			op25b_knob_put(msg, &op25b_knobs[i], k.value[i]);
	if (op25b_nl_talk(ctx, msg, NULL, NULL))
		return op25b_nl_refused(ctx, "set");
	return OP25B_DONE;
}

static const struct op25b_verb verbs[] = {
	{ NULL, "KNOB VALUE [KNOB VALUE]...", "turn knobs, all or none", set },
	{ 0 }
};

const struct op25b_object op25b_set_object = {
	.name	= "set",
	.help	= "turn knobs of the ruleset",
	.notes	=
		"Knobs, the default in brackets:\n"
		"  mode [off]|monitor|enforce         off: no packet is looked at; monitor: all\n"
		"                                     is judged and counted, nothing dropped\n"
		"  reject [tcp-reset]|icmp|drop       what a blocked packet gets\n"
		"  reject-rate 0..1000000 [1000]      answers a second, all sources together\n"
		"  reject-source-rate 0..1000000 [10] answers a second to one source\n"
		"  reverse on|[off]                   block answers from port 25, too\n"
		"  counters [on]|off                  count per prefix and relay\n"
		"  watch-offenders [on]|off           count per source, for `top`\n"
		"  offender-len 48..128 [64]          bits of an IPv6 address that make a source\n"
		"                                     of `top`; another number empties its table\n"
		"  offender-threshold N [1000]        attempts that make an event; 0: none\n"
		"  max-session-prefixes N [1048576]   prefixes of origin session, at most\n"
		"  max-bgp-prefixes N [1048576]       prefixes of origin bgp, at most\n"
		"`op25bctl conf show` shows how they stand.\n",
	.verbs	= verbs,
};
