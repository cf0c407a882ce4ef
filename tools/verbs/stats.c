// SPDX-License-Identifier: GPL-2.0
/* Totals and counters, as lines of key and value. */
#include <errno.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/netlink.h"
#include "kernel/state.h"
#include "verbs/prometheus.h"
#include "words/grammar.h"
#include "words/knob.h"
#include "print.h"
#include "say.h"

/* Totals of OP25B_CMD_GET, in the order in which they are printed. */
static const struct total {
	const char *key;
	int attr;
} totals[] = {
	{ "generation", OP25B_A_GENERATION },
	{ "confirm_left", OP25B_A_CONFIRM_LEFT },
	{ "hook_v4", OP25B_A_HOOK_V4 },
	{ "hook_v6", OP25B_A_HOOK_V6 },
	{ "prefixes_v4", OP25B_A_PREFIXES_V4 },
	{ "prefixes_v6", OP25B_A_PREFIXES_V6 },
	{ "relays", OP25B_A_RELAY_COUNT },
	{ "offenders", OP25B_A_OFFENDERS },
	{ "memory", OP25B_A_MEMORY },
	{ "max_prefixes", OP25B_A_MAX_PREFIXES },
	{ "max_relays", OP25B_A_MAX_RELAYS },
	{ "max_memory", OP25B_A_MAX_MEMORY },
};

/* One number of what an origin has: the keys of text say which origin. */
static void print_number(struct op25b_out *out, const char *origin,
			 const char *key, uint64_t value)
{
	op25b_out_text(out, "%s_%s", origin, key);
	op25b_out_u64(out, key, " %llu\n", value);
}

static void print_part(struct op25b_out *out, const char *origin,
		       const struct op25b_part *p)
{
	op25b_out_obj_open(out, origin);
	print_number(out, origin, "prefixes_v4", p->prefixes[0]);
	print_number(out, origin, "prefixes_v6", p->prefixes[1]);
	print_number(out, origin, "relays", p->relays);
	print_number(out, origin, "max_prefixes", p->max_prefixes);
	print_number(out, origin, "serial", p->serial);
	op25b_out_text(out, "%s_changed %llu\n", origin,
		       (unsigned long long)p->changed);
	if (p->changed)
		op25b_out_time(out, "changed", NULL, p->changed);
	op25b_out_obj_close(out);
}

static void print_parts(struct op25b_out *out, const struct op25b_stats *s)
{
	int i;

	op25b_out_obj_open(out, "origins");
	for (i = OP25B_ORIGIN_CONFIG; i < __OP25B_ORIGIN_MAX; i++)
		print_part(out, op25b_word_of(op25b_origin_words, i),
			   &s->part[i]);
	op25b_out_obj_close(out);
}

static void print(struct op25b_out *out, const struct op25b_stats *s)
{
	const char *key;
	size_t i;

	op25b_out_obj_open(out, NULL);
	for (i = 0; i < OP25B_KNOBS; i++)
		op25b_knob_print(out, &op25b_knobs[i], op25b_knobs[i].key,
				 s->get[op25b_knobs[i].attr]);
	for (i = 0; i < OP25B_ARRAY_SIZE(totals); i++) {
		op25b_out_text(out, "%s", totals[i].key);
		op25b_out_u64(out, totals[i].key, " %llu\n",
			      s->get[totals[i].attr]);
	}
	print_parts(out, s);
	for (i = 1; i <= OP25B_COUNTER_MAX; i++) {
		key = op25b_word_of(op25b_counter_words, i);
		op25b_out_text(out, "%s", key);
		op25b_out_u64(out, key, " %llu\n", s->counter[i]);
	}
	op25b_out_obj_close(out);
}

static int stats(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct op25b_stats s = { 0 };
	int ret = op25b_nl_open_alone(ctx, w, n);

	if (ret)
		return ret;
	if (op25b_stats_read(ctx, &s))
		return op25b_nl_refused(ctx, "stats");
	print(ctx->out, &s);
	return OP25B_DONE;
}

static int reset_stats(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	int ret = op25b_nl_open_alone(ctx, w, n);

	if (ret)
		return ret;
	if (op25b_nl_talk(ctx, op25b_nl_new(ctx, OP25B_CMD_STATS_RESET, 0),
			  NULL, NULL))
		return op25b_nl_refused(ctx, "stats reset");
	return OP25B_DONE;
}

static const struct op25b_verb verbs[] = {
	{ "reset", "", "set all counters to zero, those of entries too",
	  reset_stats },
	{ "--prometheus", "",
	  "print them for node_exporter's textfile collector",
	  op25b_prometheus },
	{ NULL, "", "print them, a key and its value a line", stats },
	{ 0 }
};

const struct op25b_object op25b_stats_object = {
	.name	= "stats",
	.help	= "knobs, totals and counters",
	.verbs	= verbs,
};
