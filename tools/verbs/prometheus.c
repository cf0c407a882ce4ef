// SPDX-License-Identifier: GPL-2.0
/*
 * `stats --prometheus`: the numbers in Prometheus' text format, for the
 * textfile collector of node_exporter.
 *
 * Names end in the unit or in _total, and what has several parts is one metric
 * with a label, so that a sum over it counts nothing twice: hence SYNs are a
 * metric apart. There is no address in it: subscriber lists are private, and
 * what is written here anyone may read.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/netlink.h"
#include "kernel/state.h"
#include "routes/tell.h"
#include "verbs/prometheus.h"
#include "words/knob.h"
#include "print.h"
#include "say.h"

/* Where a sample's value comes from. */
enum source {
	COUNTER,	/* a counter, by enum op25b_counter */
	TOTAL,		/* a number of GET, by enum op25b_attr */
	MODE,		/* 1 if this is the mode, by enum op25b_mode */
	PART_V4,	/* of what an origin has, by enum op25b_origin, as */
	PART_V6,	/* are all below */
	PART_RELAYS,
	PART_LIMIT,
	PART_SERIAL,
	PART_CHANGED,
};

/**
 * struct sample - one line
 * @labels: as they are printed, NULL for none
 * @source: where its value comes from
 * @id: which one there
 */
struct sample {
	const char *labels;
	enum source source;
	int id;
};

#define SAMPLES_MAX	11

#define CONFIG	"origin=\"config\""
#define SESSION	"origin=\"session\""
#define BGP	"origin=\"bgp\""

/* Samples end with one whose id is 0 and that is no mode. */
static const struct metric {
	const char *name;
	const char *type;
	const char *help;
	struct sample samples[SAMPLES_MAX + 1];
} metrics[] = {
	{ "op25b_mode", "gauge", "1 for the mode in force, 0 for the others.", {
		{ "mode=\"off\"", MODE, OP25B_MODE_OFF },
		{ "mode=\"monitor\"", MODE, OP25B_MODE_MONITOR },
		{ "mode=\"enforce\"", MODE, OP25B_MODE_ENFORCE },
	} },
	{ "op25b_hook_registered", "gauge",
	  "1 where forwarded packets are looked at.", {
		{ "family=\"ipv4\"", TOTAL, OP25B_A_HOOK_V4 },
		{ "family=\"ipv6\"", TOTAL, OP25B_A_HOOK_V6 },
	} },
	{ "op25b_generation", "gauge",
	  "Accepted changes to the configuration since the module loaded.", {
		{ NULL, TOTAL, OP25B_A_GENERATION },
	} },
	{ "op25b_confirm_pending_seconds", "gauge",
	  "What is left to confirm a configuration, 0 if none waits.", {
		{ NULL, TOTAL, OP25B_A_CONFIRM_LEFT },
	} },
	{ "op25b_prefixes", "gauge", "Subscriber prefixes.", {
		{ "family=\"ipv4\"", TOTAL, OP25B_A_PREFIXES_V4 },
		{ "family=\"ipv6\"", TOTAL, OP25B_A_PREFIXES_V6 },
	} },
	{ "op25b_prefixes_limit", "gauge",
	  "Subscriber prefixes that a namespace may have.", {
		{ NULL, TOTAL, OP25B_A_MAX_PREFIXES },
	} },
	{ "op25b_relays", "gauge", "Permitted destinations.", {
		{ NULL, TOTAL, OP25B_A_RELAY_COUNT },
	} },
	{ "op25b_relays_limit", "gauge",
	  "Permitted destinations that a namespace may have.", {
		{ NULL, TOTAL, OP25B_A_MAX_RELAYS },
	} },
	{ "op25b_origin_prefixes", "gauge",
	  "Subscriber prefixes, by whose they are.", {
		{ CONFIG ",family=\"ipv4\"", PART_V4, OP25B_ORIGIN_CONFIG },
		{ CONFIG ",family=\"ipv6\"", PART_V6, OP25B_ORIGIN_CONFIG },
		{ SESSION ",family=\"ipv4\"", PART_V4, OP25B_ORIGIN_SESSION },
		{ SESSION ",family=\"ipv6\"", PART_V6, OP25B_ORIGIN_SESSION },
		{ BGP ",family=\"ipv4\"", PART_V4, OP25B_ORIGIN_BGP },
		{ BGP ",family=\"ipv6\"", PART_V6, OP25B_ORIGIN_BGP },
	} },
	{ "op25b_origin_prefixes_limit", "gauge",
	  "Subscriber prefixes that an origin may have.", {
		{ CONFIG, PART_LIMIT, OP25B_ORIGIN_CONFIG },
		{ SESSION, PART_LIMIT, OP25B_ORIGIN_SESSION },
		{ BGP, PART_LIMIT, OP25B_ORIGIN_BGP },
	} },
	{ "op25b_origin_relays", "gauge",
	  "Permitted destinations, by whose they are.", {
		{ CONFIG, PART_RELAYS, OP25B_ORIGIN_CONFIG },
		{ SESSION, PART_RELAYS, OP25B_ORIGIN_SESSION },
		{ BGP, PART_RELAYS, OP25B_ORIGIN_BGP },
	} },
	{ "op25b_origin_changes_total", "counter",
	  "Changes to what an origin has, prefixes that ended included.", {
		{ CONFIG, PART_SERIAL, OP25B_ORIGIN_CONFIG },
		{ SESSION, PART_SERIAL, OP25B_ORIGIN_SESSION },
		{ BGP, PART_SERIAL, OP25B_ORIGIN_BGP },
	} },
	{ "op25b_origin_last_change_timestamp_seconds", "gauge",
	  "When an origin last changed, 0 if never.", {
		{ CONFIG, PART_CHANGED, OP25B_ORIGIN_CONFIG },
		{ SESSION, PART_CHANGED, OP25B_ORIGIN_SESSION },
		{ BGP, PART_CHANGED, OP25B_ORIGIN_BGP },
	} },
	{ "op25b_offenders", "gauge",
	  "Places in use of the table of offenders, of all CPUs together.", {
		{ NULL, TOTAL, OP25B_A_OFFENDERS },
	} },
	{ "op25b_memory_bytes", "gauge", "Kernel memory held.", {
		{ NULL, TOTAL, OP25B_A_MEMORY },
	} },
	{ "op25b_memory_limit_bytes", "gauge",
	  "Kernel memory that a namespace may hold.", {
		{ NULL, TOTAL, OP25B_A_MAX_MEMORY },
	} },
	{ "op25b_packets_total", "counter", "Packets judged, by verdict.", {
		{ "verdict=\"pass\",reason=\"unlisted\"", COUNTER,
		  OP25B_COUNTER_PASS_UNLISTED },
		{ "verdict=\"pass\",reason=\"exempt\"", COUNTER,
		  OP25B_COUNTER_PASS_EXEMPT },
		{ "verdict=\"pass\",reason=\"relay\"", COUNTER,
		  OP25B_COUNTER_PASS_RELAY },
		{ "verdict=\"block\",reason=\"port\"", COUNTER,
		  OP25B_COUNTER_BLOCK },
		{ "verdict=\"block\",reason=\"malformed\"", COUNTER,
		  OP25B_COUNTER_BLOCK_MALFORMED },
		{ "verdict=\"block\",reason=\"reverse\"", COUNTER,
		  OP25B_COUNTER_BLOCK_REVERSE },
		{ "verdict=\"would_block\",reason=\"port\"", COUNTER,
		  OP25B_COUNTER_WOULD_BLOCK },
		{ "verdict=\"would_block\",reason=\"malformed\"", COUNTER,
		  OP25B_COUNTER_WOULD_BLOCK_MALFORMED },
		{ "verdict=\"would_block\",reason=\"reverse\"", COUNTER,
		  OP25B_COUNTER_WOULD_BLOCK_REVERSE },
	} },
	{ "op25b_syns_total", "counter",
	  "Attempts to connect among the packets to port 25.", {
		{ "verdict=\"block\"", COUNTER, OP25B_COUNTER_BLOCK_SYN },
		{ "verdict=\"would_block\"", COUNTER,
		  OP25B_COUNTER_WOULD_BLOCK_SYN },
	} },
	{ "op25b_expired_total", "counter",
	  "Prefixes that came to the end of their time.", {
		{ NULL, COUNTER, OP25B_COUNTER_EXPIRED },
	} },
	{ "op25b_rollbacks_total", "counter",
	  "Configurations that were rolled back.", {
		{ NULL, COUNTER, OP25B_COUNTER_ROLLED_BACK },
	} },
	{ "op25b_offenders_total", "counter",
	  "Times that a source crossed the threshold of offenders.", {
		{ NULL, COUNTER, OP25B_COUNTER_OFFENDER_FOUND },
	} },
	{ "op25b_replies_total", "counter",
	  "Answers to blocked packets: gone through OUTPUT, or limited.", {
		{ "result=\"sent\"", COUNTER, OP25B_COUNTER_REPLY_SENT },
		{ "result=\"limited\"", COUNTER, OP25B_COUNTER_REPLY_LIMITED },
	} },
};

/* Those of `routes follow`, and where it says so itself. */
static const struct {
	const char *name;
	const char *type;
	const char *help;
	struct {
		const char *labels;
		const char *key;
	} samples[9];
} route_metrics[] = {
	{ "op25b_routes_entries", "gauge", "Entries from routes in force.", {
		{ "class=\"block\",family=\"ipv4\"", "block_ipv4" },
		{ "class=\"block\",family=\"ipv6\"", "block_ipv6" },
		{ "class=\"exempt\",family=\"ipv4\"", "exempt_ipv4" },
		{ "class=\"exempt\",family=\"ipv6\"", "exempt_ipv6" },
		{ "class=\"monitor\",family=\"ipv4\"", "monitor_ipv4" },
		{ "class=\"monitor\",family=\"ipv6\"", "monitor_ipv6" },
		{ "class=\"relay\",family=\"ipv4\"", "relay_ipv4" },
		{ "class=\"relay\",family=\"ipv6\"", "relay_ipv6" },
	} },
	{ "op25b_routes_missing", "gauge",
	  "Of these, those whose routes are gone.", {
		{ NULL, "missing" },
	} },
	{ "op25b_routes_held", "gauge",
	  "Of these, those held until the routes are back.", {
		{ NULL, "held" },
	} },
	{ "op25b_routes_refused", "gauge", "Routes that were refused.", {
		{ NULL, "refused" },
	} },
	{ "op25b_routes_age_seconds", "gauge",
	  "Since the tables were last read as a whole.", {
		{ NULL, "age_seconds" },
	} },
	{ "op25b_routes_updates_total", "counter", "Changes of routes.", {
		{ NULL, "updates" },
	} },
	{ "op25b_routes_overruns_total", "counter",
	  "Times that changes of routes were lost.", {
		{ NULL, "overruns" },
	} },
	{ "op25b_routes_scans_total", "counter",
	  "Times that the tables were read as a whole.", {
		{ NULL, "scans" },
	} },
	{ "op25b_routes_resyncs_total", "counter",
	  "Times that the kernel's entries were not as left.", {
		{ NULL, "resyncs" },
	} },
};

static unsigned long long value_of(const struct op25b_stats *s,
				   const struct sample *m)
{
	switch (m->source) {
	case COUNTER:
		return s->counter[m->id];
	case TOTAL:
		return s->get[m->id];
	case MODE:
		return s->get[OP25B_A_MODE] == (uint64_t)m->id;
	case PART_V4:
		return s->part[m->id].prefixes[0];
	case PART_V6:
		return s->part[m->id].prefixes[1];
	case PART_RELAYS:
		return s->part[m->id].relays;
	case PART_LIMIT:
		return s->part[m->id].max_prefixes;
	case PART_SERIAL:
		return s->part[m->id].serial;
	case PART_CHANGED:
		return s->part[m->id].changed;
	}
	return 0;
}

/* The label of the namespace: a path may hold what the format escapes. */
static void print_netns(FILE *f, const char *netns)
{
	fputs("namespace=\"", f);
	for (; *netns; netns++) {
		if (*netns == '\n')
			fputs("\\n", f);
		else if (*netns == '"' || *netns == '\\')
			fprintf(f, "\\%c", *netns);
		else
			fputc(*netns, f);
	}
	fputc('"', f);
}

static void print_head(FILE *f, const char *name, const char *type,
		       const char *help)
{
	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_sample(const struct op25b_ctx *ctx, const char *name,
			 const char *labels, unsigned long long value)
{
	FILE *f = ctx->out->f;

	fputs(name, f);
	if (ctx->netns || labels) {
		fputc('{', f);
		if (ctx->netns)
			print_netns(f, ctx->netns);
		fprintf(f, "%s%s}", ctx->netns && labels ? "," : "",
			labels ? labels : "");
	}
	fprintf(f, " %llu\n", value);
}

static void print_metric(const struct op25b_ctx *ctx, const struct metric *m,
			 const struct op25b_stats *s)
{
	const struct sample *p;

	print_head(ctx->out->f, m->name, m->type, m->help);
	for (p = m->samples; p->id || p->source == MODE; p++)
		print_sample(ctx, m->name, p->labels, value_of(s, p));
}

/* What an answer has for @key. */
static unsigned long long answered(const char *answer, const char *key)
{
	char copy[OP25B_ANSWER], *at = copy;
	const char *k, *value;

	strcpy(copy, answer);
	while (op25b_tell_line(&at, &k, &value))
		if (!strcmp(k, key))
			return strtoull(value, NULL, 10);
	return 0;
}

/* Where routes have put anything in force, it is told whether that is kept up.
 */
static void print_routes(struct op25b_ctx *ctx, const struct op25b_part *part)
{
	char answer[OP25B_ANSWER] = "";
	bool up = !op25b_tell_ask(ctx, "show", answer);
	size_t i, j;

	if (!up && !part->prefixes[0] && !part->prefixes[1] && !part->relays)
		return;
	print_head(ctx->out->f, "op25b_routes_up", "gauge",
		   "1 if `routes follow` runs and answers.");
	print_sample(ctx, "op25b_routes_up", NULL, up);
	for (i = 0; up && i < OP25B_ARRAY_SIZE(route_metrics); i++) {
		print_head(ctx->out->f, route_metrics[i].name,
			   route_metrics[i].type, route_metrics[i].help);
		for (j = 0; route_metrics[i].samples[j].key; j++)
			print_sample(ctx, route_metrics[i].name,
				     route_metrics[i].samples[j].labels,
				     answered(answer,
					      route_metrics[i].samples[j].key));
	}
}

int op25b_prometheus(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct op25b_stats s = { 0 };
	bool loaded;
	size_t i;
	int ret;

	if (n)
		return op25b_surplus(ctx, w);
	if (ctx->out->json)
		return op25b_fail(ctx, OP25B_USAGE,
				  "stats --prometheus: expected no -j or -p");
	ret = op25b_nl_probe(ctx, &loaded);
	if (ret)
		return ret;
	if (loaded && op25b_stats_read(ctx, &s))
		return op25b_nl_refused(ctx, "stats");
	print_head(ctx->out->f, "op25b_up", "gauge",
		   "1 if the kernel module is loaded.");
	print_sample(ctx, "op25b_up", NULL, loaded);
	for (i = 0; loaded && i < OP25B_ARRAY_SIZE(metrics); i++)
		print_metric(ctx, &metrics[i], &s);
	if (loaded)
		print_routes(ctx, &s.part[OP25B_ORIGIN_BGP]);
	return OP25B_DONE;
}
