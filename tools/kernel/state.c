// SPDX-License-Identifier: GPL-2.0
/* What is in force. */
#include <errno.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/netlink.h"
#include "kernel/state.h"
#include "say.h"

/* How often the ruleset is read again when it changed meanwhile. */
#define RETRIES		3

static int take_state(struct nlattr **tb, void *arg)
{
	static const int needed[] = {
		OP25B_A_GENERATION, OP25B_A_PREFIXES_V4, OP25B_A_PREFIXES_V6,
		OP25B_A_RELAY_COUNT, OP25B_A_MAX_PREFIXES, OP25B_A_MAX_RELAYS,
	};
	struct op25b_state *st = arg;
	size_t i;

	op25b_knobs_get(&st->knobs, tb);
	for (i = 0; i < OP25B_KNOBS; i++)
		if (!st->knobs.given[i])
			return -EBADMSG;
	for (i = 0; i < OP25B_ARRAY_SIZE(needed); i++)
		if (!tb[needed[i]])
			return -EBADMSG;
	st->generation = nla_get_u64(tb[OP25B_A_GENERATION]);
	st->prefixes = (uint64_t)nla_get_u32(tb[OP25B_A_PREFIXES_V4]) +
		nla_get_u32(tb[OP25B_A_PREFIXES_V6]);
	st->relays = nla_get_u32(tb[OP25B_A_RELAY_COUNT]);
	if (tb[OP25B_A_CONFIRM_LEFT])
		st->confirm_left = nla_get_u32(tb[OP25B_A_CONFIRM_LEFT]);
	st->max_prefixes = nla_get_u32(tb[OP25B_A_MAX_PREFIXES]);
	st->max_relays = nla_get_u32(tb[OP25B_A_MAX_RELAYS]);
	return 0;
}

int op25b_state_get(struct op25b_ctx *ctx, struct op25b_state *st)
{
	memset(st, 0, sizeof(*st));
	return op25b_nl_talk(ctx, op25b_nl_new(ctx, OP25B_CMD_GET, 0),
			     take_state, st);
}

/* Reads all of it, and the generation before and after.
 * Return: 0, -EAGAIN if it changed meanwhile, or another -errno
 */
static int read_once(struct op25b_ctx *ctx, struct op25b_copy *c)
{
	uint64_t before;
	int err;

	err = op25b_state_get(ctx, &c->state);
	before = c->state.generation;
	if (!err)
		err = op25b_entry_dump(ctx, &op25b_prefix_kind, &c->prefixes);
	if (!err)
		err = op25b_entry_dump(ctx, &op25b_relay_kind, &c->relays);
	if (!err)
		err = op25b_state_get(ctx, &c->state);
	return err ? err : before == c->state.generation ? 0 : -EAGAIN;
}

int op25b_copy_read(struct op25b_ctx *ctx, struct op25b_copy *c)
{
	int tries, err = 0;

	memset(c, 0, sizeof(*c));
	c->prefixes.fd = -1;
	c->relays.fd = -1;
	if (op25b_spool_init(&c->prefixes) || op25b_spool_init(&c->relays)) {
		op25b_complain(ctx, "out of memory");
		return OP25B_UNASKED;
	}
	for (tries = 0; tries <= RETRIES; tries++) {
		err = read_once(ctx, c);
		if (err != -EAGAIN)
			break;
	}
	if (!err)
		return OP25B_DONE;
	if (c->prefixes.error || c->relays.error)
		return op25b_copy_failed(ctx, err);
	if (err != -EAGAIN)
		return op25b_nl_refused(ctx, "conf");
	op25b_complain(ctx,
		       "conf: the configuration changed each of the %d times it was read",
		       RETRIES + 1);
	return OP25B_REFUSED;
}

void op25b_copy_free(struct op25b_copy *c)
{
	op25b_spool_free(&c->prefixes);
	op25b_spool_free(&c->relays);
}

int op25b_copy_next(struct op25b_spool *sp, struct op25b_entry *e)
{
	int more;

	do {
		more = op25b_spool_next(sp, e);
	} while (more > 0 && e->origin != OP25B_ORIGIN_CONFIG);
	return more;
}

int op25b_copy_failed(struct op25b_ctx *ctx, int err)
{
	op25b_complain(ctx, "cannot keep the list in a file in %s: %s",
		       op25b_nameless_dir(), strerror(-err));
	return OP25B_UNWRITTEN;
}
