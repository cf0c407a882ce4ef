// SPDX-License-Identifier: GPL-2.0
/* What is in force. */
#include <errno.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/entry.h"
#include "kernel/netlink.h"
#include "kernel/state.h"
#include "print.h"
#include "say.h"

static bool is_small(const struct op25b_knob *k)
{
	return k->words || k->max <= UINT8_MAX;
}

int op25b_knob_put(struct nl_msg *msg, const struct op25b_knob *k,
		   uint32_t value)
{
	if (is_small(k))
		return nla_put_u8(msg, k->attr, value) ? -1 : 0;
	return nla_put_u32(msg, k->attr, value) ? -1 : 0;
}

void op25b_knobs_get(struct op25b_knobs *k, struct nlattr **tb)
{
	int i;

	for (i = 0; i < OP25B_KNOBS; i++) {
		const struct nlattr *a = tb[op25b_knobs[i].attr];

		k->given[i] = a;
		if (!a)
			continue;
		k->value[i] = is_small(&op25b_knobs[i]) ? nla_get_u8(a) :
							  nla_get_u32(a);
	}
}

int op25b_part_get(const struct nlattr *nest,
		   struct op25b_part part[__OP25B_ORIGIN_MAX])
{
	struct nlattr *tb[OP25B_PART_A_MAX + 1];
	uint64_t origin;

	if (nla_parse_nested(tb, OP25B_PART_A_MAX, (struct nlattr *)nest, NULL))
		return -EBADMSG;
	origin = op25b_nl_u64(tb[OP25B_PART_A_ORIGIN]);
	/* An origin that a later module has is none of ours. */
	if (origin >= __OP25B_ORIGIN_MAX)
		return 0;
	part[origin] = (struct op25b_part){
		.prefixes = { op25b_nl_u64(tb[OP25B_PART_A_PREFIXES_V4]),
			      op25b_nl_u64(tb[OP25B_PART_A_PREFIXES_V6]) },
		.relays = op25b_nl_u64(tb[OP25B_PART_A_RELAY_COUNT]),
		.max_prefixes = op25b_nl_u64(tb[OP25B_PART_A_MAX_PREFIXES]),
		.serial = op25b_nl_u64(tb[OP25B_PART_A_SERIAL]),
		.changed = op25b_nl_u64(tb[OP25B_PART_A_CHANGED]),
	};
	return 0;
}

static int take_part(const struct nlattr *a, void *arg)
{
	struct op25b_state *st = arg;

	return op25b_part_get(a, st->part);
}

static int take_state(struct nlattr **tb, void *arg)
{
	static const int needed[] = {
		OP25B_A_GENERATION, OP25B_A_PART, OP25B_A_MAX_PREFIXES,
		OP25B_A_MAX_RELAYS,
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
	if (tb[OP25B_A_CONFIRM_LEFT])
		st->confirm_left = nla_get_u32(tb[OP25B_A_CONFIRM_LEFT]);
	st->max_prefixes = nla_get_u32(tb[OP25B_A_MAX_PREFIXES]);
	st->max_relays = nla_get_u32(tb[OP25B_A_MAX_RELAYS]);
	return 0;
}

int op25b_state_get(struct op25b_ctx *ctx, struct op25b_state *st)
{
	memset(st, 0, sizeof(*st));
	return op25b_nl_talk_each(ctx, op25b_nl_new(ctx, OP25B_CMD_GET, 0),
				  take_state, OP25B_A_PART, take_part, st);
}

/* @sp: where to, NULL to count only */
struct dump {
	const struct op25b_kind *kind;
	const struct op25b_select *sel;
	struct op25b_spool *sp;
	uint64_t count;
};

static int take_entry(const struct nlattr *a, void *arg)
{
	struct dump *d = arg;
	struct op25b_entry e;

	if (!op25b_entry_get(a, d->kind, &e))
		return -EBADMSG;
	if (!op25b_select_has(d->sel, &e))
		return 0;
	d->count++;
	return d->sp ? op25b_spool_add(d->sp, &e) : 0;
}

/* One try. Return: as op25b_entry_dump() */
static int dump_once(struct op25b_ctx *ctx, struct dump *d)
{
	int err = d->sp ? op25b_spool_reset(d->sp) : 0;
	struct nl_msg *msg;

	if (err)
		return err;
	d->count = 0;
	msg = op25b_nl_new(ctx, d->kind->cmd_get, OP25B_MSG_SMALL);
	op25b_select_put(msg, d->sel);
	return op25b_nl_dump(ctx, msg, d->kind->nest, take_entry, d);
}

static int dump(struct op25b_ctx *ctx, struct dump *d)
{
	int tries, err = 0;

	for (tries = 0; tries < OP25B_TRIES; tries++) {
		err = dump_once(ctx, d);
		if (err != -EAGAIN)
			break;
	}
	return err;
}

int op25b_entry_dump(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		     const struct op25b_select *sel, struct op25b_spool *sp)
{
	struct dump d = { .kind = kind, .sel = sel, .sp = sp };

	return dump(ctx, &d);
}

int op25b_entry_count(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		      const struct op25b_select *sel, uint64_t *count)
{
	struct dump d = { .kind = kind, .sel = sel };
	int err = dump(ctx, &d);

	*count = d.count;
	return err;
}

/* What moves with a change of @origin. Of the configuration that is more than
 * its entries, but what expires does not count.
 */
static uint64_t version_of(const struct op25b_state *st, uint8_t origin)
{
	return origin == OP25B_ORIGIN_CONFIG ? st->generation :
					       st->part[origin].serial;
}

/* Reads all of it, and its version before and after.
 * Return: 0, -EAGAIN if it changed meanwhile, or another -errno
 */
static int read_once(struct op25b_ctx *ctx, struct op25b_copy *c)
{
	struct op25b_select sel = { .origin = c->origin };
	uint64_t before;
	int err;

	err = op25b_state_get(ctx, &c->state);
	before = version_of(&c->state, c->origin);
	if (!err)
		err = op25b_entry_dump(ctx, &op25b_prefix_kind, &sel,
				       &c->prefixes);
	if (!err)
		err = op25b_entry_dump(ctx, &op25b_relay_kind, &sel,
				       &c->relays);
	if (!err)
		err = op25b_state_get(ctx, &c->state);
	return err ? err : before == version_of(&c->state, c->origin) ? 0 :
									-EAGAIN;
}

int op25b_copy_read(struct op25b_ctx *ctx, uint8_t origin,
		    struct op25b_copy *c)
{
	int tries, err = 0;

	memset(c, 0, sizeof(*c));
	c->origin = origin;
	c->prefixes.fd = -1;
	c->relays.fd = -1;
	if (op25b_spool_init(&c->prefixes) || op25b_spool_init(&c->relays))
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	for (tries = 0; tries < OP25B_TRIES; tries++) {
		err = read_once(ctx, c);
		if (err != -EAGAIN)
			break;
	}
	if (!err)
		return OP25B_DONE;
	if (c->prefixes.error || c->relays.error)
		return op25b_copy_failed(ctx, err);
	if (err != -EAGAIN)
		return op25b_nl_refused(ctx, "%s", ctx->object->name);
	return op25b_fail(ctx, OP25B_REFUSED,
			  "%s: origin %s changed each of the %d times it was read",
			  ctx->object->name,
			  op25b_word_of(op25b_origin_words, origin),
			  OP25B_TRIES);
}

void op25b_copy_free(struct op25b_copy *c)
{
	op25b_spool_free(&c->prefixes);
	op25b_spool_free(&c->relays);
}

int op25b_copy_failed(struct op25b_ctx *ctx, int err)
{
	return op25b_fail(ctx, OP25B_UNWRITTEN,
			  "cannot keep the list in a file in %s: %s",
			  op25b_nameless_dir(), strerror(-err));
}

static int print_entries(struct op25b_out *out, const struct op25b_kind *kind,
			 const char *key, struct op25b_spool *sp)
{
	struct op25b_entry e;
	int err;

	op25b_out_list_open(out, key);
	err = op25b_spool_rewind(sp);
	while (!err && (err = op25b_spool_next(sp, &e)) > 0) {
		op25b_entry_print_config(out, kind, &e);
		err = 0;
	}
	op25b_out_list_close(out);
	return err;
}

int op25b_conf_print(struct op25b_ctx *ctx, struct op25b_out *out,
		     struct op25b_copy *c)
{
	int i, err;

	op25b_out_obj_open(out, NULL);
	for (i = 0; i < OP25B_KNOBS; i++)
		op25b_knob_print(out, &op25b_knobs[i], op25b_knobs[i].name,
				 c->state.knobs.value[i]);
	err = print_entries(out, &op25b_prefix_kind, "prefixes", &c->prefixes);
	if (!err)
		err = print_entries(out, &op25b_relay_kind, "relays",
				    &c->relays);
	op25b_out_obj_close(out);
	return err ? op25b_copy_failed(ctx, err) : OP25B_DONE;
}

static int take_totals(struct nlattr **tb, void *arg)
{
	struct op25b_stats *s = arg;
	int i;

	for (i = 1; i <= OP25B_A_MAX; i++)
		s->get[i] = op25b_nl_u64(tb[i]);
	return 0;
}

static int take_stats_part(const struct nlattr *a, void *arg)
{
	struct op25b_stats *s = arg;

	return op25b_part_get(a, s->part);
}

static int take_counters(struct nlattr **tb, void *arg)
{
	struct nlattr *c[OP25B_COUNTER_MAX + 1];
	struct op25b_stats *s = arg;
	int i;

	if (!tb[OP25B_A_STATS] ||
	    nla_parse_nested(c, OP25B_COUNTER_MAX, tb[OP25B_A_STATS], NULL))
		return -EBADMSG;
	for (i = 1; i <= OP25B_COUNTER_MAX; i++)
		s->counter[i] = op25b_nl_u64(c[i]);
	return 0;
}

int op25b_stats_read(struct op25b_ctx *ctx, struct op25b_stats *s)
{
	int err = op25b_nl_talk_each(ctx, op25b_nl_new(ctx, OP25B_CMD_GET, 0),
				     take_totals, OP25B_A_PART, take_stats_part,
				     s);

	return err ? err :
	       op25b_nl_talk(ctx, op25b_nl_new(ctx, OP25B_CMD_STATS_GET, 0),
			     take_counters, s);
}
