// SPDX-License-Identifier: GPL-2.0
/*
 * The verdict: a truth table with the reason for each row, both families, all
 * modes and replies, against a real trie and real relays; then random rulesets
 * against the table of the design, written once more as predicates.
 */
#include <kunit/test.h>
#include <linux/moduleparam.h>

#include "lpm/build.h"
#include "early.h"
#include "packet/parse.h"
#include "state/relay.h"
#include "rnd.h"
#include "state/ruleset.h"
#include "packet/verdict.h"

static ulong seed;
module_param_named(verdict_seed, seed, ulong, 0444);
MODULE_PARM_DESC(verdict_seed, "repeat the random rulesets of this seed");

/* Who is who. Twins are the same place in both families. */
enum who {
	BOT,			/* in a /10 block */
	FRIEND,			/* another subscriber in it */
	FIXED,			/* a host exempt inside that */
	TRIAL,			/* in a /24 monitor inside that */
	INNER,			/* a host blocked inside that monitor */
	SERVER,			/* outside, in no prefix */
	STRANGER,		/* likewise */
	RELAY,			/* likewise, and a relay */
	HOME_RELAY,		/* a relay among the blocked */
};

struct place {
	u64 v4, hi, lo;
};

static const struct place places[] = {
	[BOT] = { 0x64400101, 0x20010db800010001, 0x1 },
	[FRIEND] = { 0x64450505, 0x20010db80001beef, 0x5 },
	[FIXED] = { 0x64400709, 0x20010db800010709, 0x9 },
	[TRIAL] = { 0x64400801, 0x20010db800010800, 0xffff },
	[INNER] = { 0x64400877, 0x20010db800010877, 0x77 },
	[SERVER] = { 0xc6336419, 0x20010db8000f0000, 0x19 },
	[STRANGER] = { 0xcb007101, 0x20010db8000e0000, 0x1 },
	[RELAY] = { 0xc0000219, 0x20010db8000a0000, 0x25 },
	[HOME_RELAY] = { 0x64400019, 0x20010db800010000, 0x25 },
};

static const struct {
	enum who in;
	u8 len4, len6;
	u8 action;
} prefixes[] = {
	{ BOT, 10, 48, OP25B_ACTION_BLOCK },
	{ FIXED, 32, 64, OP25B_ACTION_EXEMPT },
	{ TRIAL, 24, 56, OP25B_ACTION_MONITOR },
	{ INNER, 32, 128, OP25B_ACTION_BLOCK },
};

static struct op25b_addr where(enum who who, u8 family)
{
	const struct place *p = &places[who];

	return family == OP25B_V4 ?
	       (struct op25b_addr){ .hi = p->v4 << 32 } :
	       (struct op25b_addr){ .hi = p->hi, .lo = p->lo };
}

/* What a row expects in mode enforce; the rest follows from that. */
#define PASS(what)	{ OP25B_OUTCOME_ACCEPT, OP25B_COUNTER_PASS_##what }
#define NOTHING		{ OP25B_OUTCOME_ACCEPT, OP25B_COUNTER_NONE }
#define REJECTED	{ OP25B_OUTCOME_REJECT, OP25B_COUNTER_BLOCK }
#define REVERSED	{ OP25B_OUTCOME_REJECT, OP25B_COUNTER_BLOCK_REVERSE }
#define DROPPED		{ OP25B_OUTCOME_DROP, OP25B_COUNTER_BLOCK_MALFORMED }
#define WOULD(what)	{ OP25B_OUTCOME_ACCEPT, OP25B_COUNTER_WOULD_##what }

enum { PLAIN, SYN, ROUTED, SYN_ROUTED, REVERSE, SYN_REVERSE = SYN | REVERSE,
	ROUTED_REVERSE = ROUTED | REVERSE };
enum { NO_PREFIX = -1 };

static const struct row {
	const char *reason;
	enum who src;
	int sport;		/* -1: malformed */
	enum who dst;
	int dport;
	int how;
	struct { u8 outcome, counter; } want;
	int decides;		/* index of prefixes[] */
} rows[] = {
	{ "row 1: reverse off, only the source port is 25",
	  BOT, 25, SERVER, 4000, PLAIN, NOTHING, NO_PREFIX },
	{ "row 1: reverse off, a server answers the blocked",
	  SERVER, 25, BOT, 4000, PLAIN, NOTHING, NO_PREFIX },

	{ "row 2: a server answers a spoofed source",
	  SERVER, 25, BOT, 4000, REVERSE, REVERSED, 0 },
	{ "row 2: both ports 25",
	  SERVER, 25, BOT, 25, SYN_REVERSE, REVERSED, 0 },
	{ "row 2: source routing does not matter",
	  SERVER, 25, BOT, 4000, ROUTED_REVERSE, REVERSED, 0 },
	{ "row 2: the longest prefix of the destination is block",
	  SERVER, 25, INNER, 4000, REVERSE, REVERSED, 3 },
	{ "row 2: the destination is only watched",
	  SERVER, 25, TRIAL, 4000, REVERSE, WOULD(BLOCK_REVERSE), 2 },
	{ "row 2 not: the source is a relay, so row 3",
	  RELAY, 25, BOT, 4000, REVERSE, PASS(UNLISTED), NO_PREFIX },
	{ "row 2 not: the destination is exempt, so row 3",
	  SERVER, 25, FIXED, 4000, REVERSE, PASS(UNLISTED), NO_PREFIX },
	{ "row 2 not: the destination is in no prefix, so row 3",
	  SERVER, 25, STRANGER, 4000, REVERSE, PASS(UNLISTED), NO_PREFIX },
	{ "row 2 not: reverse off, both ports 25, so row 3",
	  SERVER, 25, BOT, 25, PLAIN, PASS(UNLISTED), NO_PREFIX },
	{ "row 2 not: the source is in a prefix, and no row fits",
	  FRIEND, 25, BOT, 4000, REVERSE, NOTHING, 0 },
	{ "row 2 not: malformed shows no source port, so row 3",
	  SERVER, -1, BOT, -1, REVERSE, PASS(UNLISTED), NO_PREFIX },

	{ "row 3: in no prefix, to port 25",
	  STRANGER, 4000, SERVER, 25, SYN, PASS(UNLISTED), NO_PREFIX },
	{ "row 3: in no prefix, into the blocked",
	  STRANGER, 4000, BOT, 25, SYN, PASS(UNLISTED), NO_PREFIX },
	{ "row 3: in no prefix, to a relay",
	  STRANGER, 4000, RELAY, 25, SYN, PASS(UNLISTED), NO_PREFIX },
	{ "row 3: in no prefix, whatever the packet looks like",
	  STRANGER, -1, SERVER, -1, ROUTED, PASS(UNLISTED), NO_PREFIX },
	{ "row 3: a relay that is in no prefix",
	  RELAY, 4000, SERVER, 25, SYN, PASS(UNLISTED), NO_PREFIX },

	{ "row 4: exempt inside block",
	  FIXED, 4000, SERVER, 25, SYN, PASS(EXEMPT), 1 },
	{ "row 4: before relay",
	  FIXED, 4000, RELAY, 25, SYN, PASS(EXEMPT), 1 },
	{ "row 4: before malformed and source routing",
	  FIXED, -1, SERVER, -1, ROUTED, PASS(EXEMPT), 1 },
	{ "row 4: reverse on, a fixed-address mail server answers",
	  FIXED, 25, SERVER, 4000, REVERSE, PASS(EXEMPT), 1 },

	{ "row 5: to a relay",
	  BOT, 4000, RELAY, 25, SYN, PASS(RELAY), 0 },
	{ "row 5: to a relay among the blocked",
	  BOT, 4000, HOME_RELAY, 25, SYN, PASS(RELAY), 0 },
	{ "row 5: watched, to a relay",
	  TRIAL, 4000, RELAY, 25, SYN, PASS(RELAY), 2 },
	{ "row 5: before malformed",
	  BOT, -1, RELAY, -1, PLAIN, PASS(RELAY), 0 },
	{ "row 5 not: by way of a relay",
	  BOT, 4000, RELAY, 25, SYN_ROUTED, REJECTED, 0 },
	{ "row 5 not: malformed by way of a relay",
	  BOT, -1, RELAY, -1, ROUTED, DROPPED, 0 },

	{ "row 6: malformed",
	  BOT, -1, SERVER, -1, PLAIN, DROPPED, 0 },
	{ "row 6: malformed and watched",
	  TRIAL, -1, SERVER, -1, PLAIN, WOULD(BLOCK_MALFORMED), 2 },
	{ "row 6: malformed, to another subscriber",
	  BOT, -1, FRIEND, -1, PLAIN, DROPPED, 0 },

	{ "row 7: SYN to port 25",
	  BOT, 4000, SERVER, 25, SYN, REJECTED, 0 },
	{ "row 7: no SYN ever seen",
	  BOT, 4000, SERVER, 25, PLAIN, REJECTED, 0 },
	{ "row 7: source routed",
	  BOT, 4000, SERVER, 25, SYN_ROUTED, REJECTED, 0 },
	{ "row 7: to another subscriber",
	  BOT, 4000, FRIEND, 25, SYN, REJECTED, 0 },
	{ "row 7: to an exempt subscriber",
	  BOT, 4000, FIXED, 25, SYN, REJECTED, 0 },
	{ "row 7: a relay among the blocked sends itself",
	  HOME_RELAY, 4000, SERVER, 25, SYN, REJECTED, 0 },
	{ "row 7: block inside monitor",
	  INNER, 4000, SERVER, 25, SYN, REJECTED, 3 },
	{ "row 7: monitor inside block",
	  TRIAL, 4000, SERVER, 25, SYN, WOULD(BLOCK), 2 },
	{ "row 7: both ports 25, reverse off",
	  BOT, 25, SERVER, 25, SYN, REJECTED, 0 },
	{ "row 7: both ports 25, reverse on",
	  BOT, 25, SERVER, 25, SYN_REVERSE, REJECTED, 0 },
	{ "row 7: reverse on changes nothing forward",
	  BOT, 4000, SERVER, 25, SYN_REVERSE, REJECTED, 0 },
};

/* Everything lives in a ruleset of its own, so that suites may run at once. */
struct world {
	struct op25b_ruleset rs;
};

static void build_begin(struct op25b_build build[OP25B_FAMILIES])
{
	op25b_build_begin(&build[OP25B_V4], NULL, OP25B_V4);
	op25b_build_begin(&build[OP25B_V6], NULL, OP25B_V6);
}

static void build_end(struct op25b_build build[OP25B_FAMILIES],
		      struct op25b_trie tries[OP25B_FAMILIES])
{
	int f;

	for (f = 0; f < OP25B_FAMILIES; f++) {
		op25b_build_seal(&build[f]);
		op25b_bag_free(&build[f].retired);
		tries[f] = build[f].trie;
	}
}

static void world_seal(struct kunit *test, struct world *w,
		       struct op25b_build build[OP25B_FAMILIES],
		       const struct op25b_relay *relay, u32 n)
{
	struct op25b_build relays[OP25B_FAMILIES];
	u32 i;

	build_end(build, w->rs.config.prefixes);
	build_begin(relays);
	w->rs.config.filter[OP25B_ENTRY_RELAY] = op25b_filter_copy(NULL);
	KUNIT_ASSERT_NOT_NULL(test, w->rs.config.filter[OP25B_ENTRY_RELAY]);
	for (i = 0; i < n; i++) {
		struct op25b_prefix key = op25b_relay_key(&relay[i]);

		KUNIT_ASSERT_EQ(test, 0,
				op25b_build_set(&relays[key.family], &key,
						OP25B_RELAY_ACTION));
		op25b_filter_add(w->rs.config.filter[OP25B_ENTRY_RELAY], &key);
	}
	build_end(relays, w->rs.config.relays);
	w->rs.knobs = op25b_knobs_default;
	w->rs.other[0] = &op25b_part_empty;
	w->rs.other[1] = &op25b_part_empty;
}

static void world_free(struct world *w)
{
	int f;

	for (f = 0; f < OP25B_FAMILIES; f++) {
		op25b_trie_free(&w->rs.config.prefixes[f]);
		op25b_trie_free(&w->rs.config.relays[f]);
	}
	op25b_filter_free(w->rs.config.filter[OP25B_ENTRY_RELAY]);
}

static struct op25b_prefix prefix_of(int i, u8 family)
{
	u8 len = family == OP25B_V4 ? prefixes[i].len4 : prefixes[i].len6;

	return (struct op25b_prefix){
		.addr = op25b_addr_head(where(prefixes[i].in, family), len),
		.family = family,
		.len = len,
	};
}

static void make_world(struct kunit *test, struct world *w)
{
	struct op25b_build build[OP25B_FAMILIES];
	struct op25b_relay relay[4] = {};
	struct op25b_prefix prefix;
	int i, f, err;

	build_begin(build);
	for (f = 0; f < OP25B_FAMILIES; f++) {
		for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
			prefix = prefix_of(i, f);
			err = op25b_build_set(&build[f], &prefix,
					      prefixes[i].action);
			KUNIT_ASSERT_EQ(test, 0, err);
		}
		relay[2 * f].addr = where(RELAY, f);
		relay[2 * f].family = f;
		relay[2 * f + 1].addr = where(HOME_RELAY, f);
		relay[2 * f + 1].family = f;
	}
	world_seal(test, w, build, relay, ARRAY_SIZE(relay));
}

static struct op25b_flow flow_of(const struct row *row, u8 family)
{
	bool malformed = row->sport < 0;

	return (struct op25b_flow){
		.src = where(row->src, family),
		.dst = where(row->dst, family),
		.sport = malformed ? 0 : row->sport,
		.dport = malformed ? 0 : row->dport,
		.family = family,
		.kind = malformed ? OP25B_KIND_MALFORMED : OP25B_KIND_SMTP,
		.syn = row->how & SYN,
		.source_routed = row->how & ROUTED,
	};
}

/* What becomes of a counter where nothing is blocked. */
static u8 would(u8 counter)
{
	switch (counter) {
	case OP25B_COUNTER_BLOCK:
		return OP25B_COUNTER_WOULD_BLOCK;
	case OP25B_COUNTER_BLOCK_MALFORMED:
		return OP25B_COUNTER_WOULD_BLOCK_MALFORMED;
	case OP25B_COUNTER_BLOCK_REVERSE:
		return OP25B_COUNTER_WOULD_BLOCK_REVERSE;
	default:
		return counter;
	}
}

static void try_row(struct kunit *test, const struct row *row,
		    const struct op25b_ruleset *rs, u8 family)
{
	struct op25b_flow flow = flow_of(row, family);
	u8 outcome = row->want.outcome, counter = row->want.counter;
	struct op25b_judgement j;
	struct op25b_prefix want;
	struct op25b_addr got;
	bool syn;

	if (rs->knobs.mode != OP25B_MODE_ENFORCE) {
		outcome = OP25B_OUTCOME_ACCEPT;
		counter = would(counter);
	} else if (rs->knobs.reject == OP25B_REJECT_DROP &&
		   outcome == OP25B_OUTCOME_REJECT) {
		outcome = OP25B_OUTCOME_DROP;
	}
	syn = flow.syn && (counter == OP25B_COUNTER_BLOCK ||
			   counter == OP25B_COUNTER_WOULD_BLOCK);

	j = op25b_judge(rs, &flow);
	KUNIT_EXPECT_TRUE_MSG(test, j.outcome == outcome &&
			      j.counter == counter && j.syn == syn &&
			      j.relay == (counter ==
					  OP25B_COUNTER_PASS_RELAY),
			      "v%d mode %d reject %d %s: %d counter %d %d %d",
			      family ? 6 : 4, rs->knobs.mode, rs->knobs.reject,
			      row->reason, j.outcome, j.counter, j.syn,
			      j.relay);
	if (row->decides == NO_PREFIX) {
		KUNIT_EXPECT_EQ_MSG(test, j.action, OP25B_ACTION_NONE, "%s",
				    row->reason);
		return;
	}
	want = prefix_of(row->decides, family);
	got = op25b_judged_addr(&flow, j, flow.family);
	KUNIT_EXPECT_TRUE_MSG(test, j.action == prefixes[row->decides].action &&
			      j.len == want.len &&
			      op25b_addr_equal(got, want.addr),
			      "%s: the deciding prefix", row->reason);
}

static void table_test(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	u8 family, mode, reject;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	make_world(test, w);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		w->rs.knobs.reverse = rows[i].how & REVERSE;
		for (family = 0; family < OP25B_FAMILIES; family++)
			for (mode = 0; mode < __OP25B_MODE_MAX; mode++)
				for (reject = 0; reject < __OP25B_REJECT_MAX;
				     reject++) {
					w->rs.knobs.mode = mode;
					w->rs.knobs.reject = reject;
					try_row(test, &rows[i], &w->rs, family);
				}
	}
	world_free(w);
}

/* A ruleset without an entry never blocks. */
static void empty_test(struct kunit *test)
{
	struct op25b_ruleset rs = {
		.knobs = op25b_knobs_default,
		.other = { &op25b_part_empty, &op25b_part_empty },
	};
	struct op25b_judgement j;
	struct op25b_flow flow;
	int i, f;

	rs.knobs.mode = OP25B_MODE_ENFORCE;
	rs.config.prefixes[OP25B_V6].family = OP25B_V6;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		rs.knobs.reverse = rows[i].how & REVERSE;
		for (f = 0; f < OP25B_FAMILIES; f++) {
			flow = flow_of(&rows[i], f);
			j = op25b_judge(&rs, &flow);
			KUNIT_EXPECT_EQ_MSG(test, j.outcome,
					    OP25B_OUTCOME_ACCEPT, "%s",
					    rows[i].reason);
		}
	}
}

/* The oracle: prefixes and relays are lists, the table is a list. */
#define MANY 24

struct naive {
	struct op25b_prefix prefix[MANY];
	u8 action[MANY];
	struct op25b_relay relay[MANY];
	int prefixes, relays;
};

static int naive_longest(const struct naive *n, u8 family, struct op25b_addr a)
{
	int i, best = -1;

	for (i = 0; i < n->prefixes; i++) {
		const struct op25b_prefix *p = &n->prefix[i];

		if (p->family == family &&
		    op25b_addr_equal(op25b_addr_head(a, p->len), p->addr) &&
		    (best < 0 || p->len > n->prefix[best].len))
			best = i;
	}
	return best;
}

static bool naive_relay(const struct naive *n, u8 family, struct op25b_addr a)
{
	int i;

	for (i = 0; i < n->relays; i++)
		if (n->relay[i].family == family &&
		    op25b_addr_equal(n->relay[i].addr, a))
			return true;
	return false;
}

/* Return: the number of the row of the table that fits, 0 for none. */
static int naive_row(const struct naive *n, const struct op25b_knobs *knobs,
		     const struct op25b_flow *f)
{
	int s = naive_longest(n, f->family, f->src);
	int d = naive_longest(n, f->family, f->dst);
	bool read = f->kind == OP25B_KIND_SMTP;
	bool from25 = read && f->sport == 25;

	if (f->kind == OP25B_KIND_OTHER ||
	    (read && f->dport != 25 && !(knobs->reverse && from25)))
		return 1;
	if (knobs->reverse && from25 && s < 0 &&
	    !naive_relay(n, f->family, f->src) && d >= 0 &&
	    n->action[d] != OP25B_ACTION_EXEMPT)
		return 2;
	if (s < 0)
		return 3;
	if (n->action[s] == OP25B_ACTION_EXEMPT)
		return 4;
	if (naive_relay(n, f->family, f->dst) && !f->source_routed)
		return 5;
	if (!read)
		return 6;
	return f->dport == 25 ? 7 : 0;
}

static void expect_naive(struct kunit *test, const struct naive *n,
			 const struct op25b_ruleset *rs,
			 const struct op25b_flow *f, int *seen)
{
	static const u8 counters[] = {
		[2] = OP25B_COUNTER_BLOCK_REVERSE,
		OP25B_COUNTER_PASS_UNLISTED, OP25B_COUNTER_PASS_EXEMPT,
		OP25B_COUNTER_PASS_RELAY, OP25B_COUNTER_BLOCK_MALFORMED,
		OP25B_COUNTER_BLOCK,
	};
	int row = naive_row(n, &rs->knobs, f);
	struct op25b_addr decider = row == 2 ? f->dst : f->src;
	int p = naive_longest(n, f->family, decider);
	u8 counter = counters[row], outcome = OP25B_OUTCOME_ACCEPT;
	struct op25b_judgement j;
	struct op25b_addr got;

	if (row == 2 || row >= 6) {
		if (rs->knobs.mode != OP25B_MODE_ENFORCE ||
		    n->action[p] == OP25B_ACTION_MONITOR)
			counter = would(counter);
		else if (row == 6 || rs->knobs.reject == OP25B_REJECT_DROP)
			outcome = OP25B_OUTCOME_DROP;
		else
			outcome = OP25B_OUTCOME_REJECT;
	}
	j = op25b_judge(rs, f);
	KUNIT_EXPECT_TRUE_MSG(test, j.outcome == outcome &&
			      j.counter == counter &&
			      j.syn == (row == 7 && f->syn) &&
			      j.relay == (row == 5),
			      "row %d: outcome %d counter %d syn %d relay %d",
			      row, j.outcome, j.counter, j.syn, j.relay);
	got = op25b_judged_addr(f, j, f->family);
	if (row >= 2 && row != 3)
		KUNIT_EXPECT_TRUE_MSG(test, j.action == n->action[p] &&
				      j.len == n->prefix[p].len &&
				      op25b_addr_equal(got, n->prefix[p].addr),
				      "row %d: the deciding prefix", row);
	seen[row]++;
}

/* Few distinct bits, so that prefixes nest and flows hit them. */
static struct op25b_addr random_addr(struct rnd *r, u8 family)
{
	struct op25b_addr a = { .hi = rnd64(r) & 0xc0300003ULL << 32 };

	if (family == OP25B_V6)
		a.lo = rnd64(r) & 0xc000000000000003ULL;
	return a;
}

static void random_world(struct kunit *test, struct rnd *r, struct world *w,
			 struct naive *n)
{
	struct op25b_build build[OP25B_FAMILIES];
	struct op25b_prefix p = {};
	struct op25b_relay relay = {};
	int i, err;

	memset(n, 0, sizeof(*n));
	build_begin(build);
	for (i = 0; i < MANY; i++) {
		p.family = rnd_below(r, 2);
		p.len = rnd_below(r, op25b_family_bits(p.family) + 1);
		p.addr = op25b_addr_head(random_addr(r, p.family), p.len);
		n->action[n->prefixes] = 1 + rnd_below(r, 3);
		if (op25b_trie_find(&build[p.family].trie, &p))
			continue;
		err = op25b_build_set(&build[p.family], &p,
				      n->action[n->prefixes]);
		KUNIT_ASSERT_EQ(test, 0, err);
		n->prefix[n->prefixes++] = p;
	}
	for (i = 0; i < MANY; i++) {
		relay.family = rnd_below(r, 2);
		relay.addr = random_addr(r, relay.family);
		if (!naive_relay(n, relay.family, relay.addr))
			n->relay[n->relays++] = relay;
	}
	world_seal(test, w, build, n->relay, n->relays);
}

static void random_flow(struct rnd *r, struct op25b_flow *f)
{
	static const u16 ports[] = { 25, 25, 587, 4000 };

	memset(f, 0, sizeof(*f));
	f->family = rnd_below(r, 2);
	f->src = random_addr(r, f->family);
	f->dst = random_addr(r, f->family);
	f->source_routed = !rnd_below(r, 4);
	if (!rnd_below(r, 4)) {
		f->kind = OP25B_KIND_MALFORMED;
		return;
	}
	f->kind = OP25B_KIND_SMTP;
	f->sport = ports[rnd_below(r, 4)];
	f->dport = f->sport == 25 ? ports[rnd_below(r, 4)] : 25;
	f->syn = rnd_below(r, 2);
}

static void random_test(struct kunit *test)
{
	struct naive *n = kunit_kzalloc(test, sizeof(*n), GFP_KERNEL);
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	struct op25b_flow flow;
	int seen[8] = {};
	struct rnd r;
	int i, k;

	KUNIT_ASSERT_NOT_NULL(test, n);
	KUNIT_ASSERT_NOT_NULL(test, w);
	rnd_init(test, &r, seed);
	for (i = 0; i < 300 && test->status == KUNIT_SUCCESS; i++) {
		random_world(test, &r, w, n);
		w->rs.knobs.mode = rnd_below(&r, __OP25B_MODE_MAX);
		w->rs.knobs.reject = rnd_below(&r, __OP25B_REJECT_MAX);
		w->rs.knobs.reverse = rnd_below(&r, 2);
		for (k = 0; k < 300; k++) {
			random_flow(&r, &flow);
			expect_naive(test, n, &w->rs, &flow, seen);
		}
		world_free(w);
	}
	for (i = 0; i < ARRAY_SIZE(seen); i++)
		KUNIT_EXPECT_GT_MSG(test, seen[i], 100, "row %d", i);
}

static struct kunit_case verdict_cases[] = {
	KUNIT_CASE(table_test),
	KUNIT_CASE(empty_test),
	KUNIT_CASE(random_test),
	{}
};

static struct kunit_suite verdict_suite = {
	.name = "op25b_verdict",
	.suite_init = early_init,
	.suite_exit = early_exit,
	.test_cases = verdict_cases,
};

kunit_test_suite(verdict_suite);
