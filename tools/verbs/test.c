// SPDX-License-Identifier: GPL-2.0
/* What would happen to mail from SRC to DST, as a sentence. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/entry.h"
#include "kernel/netlink.h"
#include "kernel/own.h"
#include "words/addr.h"
#include "words/grammar.h"
#include "words/knob.h"
#include "words/when.h"
#include "print.h"
#include "say.h"

/* Origins but for the one that decides. */
#define OTHERS_MAX	(__OP25B_ORIGIN_MAX - OP25B_ORIGIN_CONFIG - 1)

/* Room for a reason: three prefixes, an end, and the two addresses. */
#define WHY		600

/* The question and the kernel's answer. */
struct answer {
	uint8_t addr[2][16];
	int family[2];
	char src[OP25B_ADDR_TEXT];
	char dst[OP25B_ADDR_TEXT];
	uint8_t outcome, mode, reject, counter;
	bool has_prefix, has_relay;
	int own;	/* 1: src is the router's, 2: dst is, 0: neither */
	struct op25b_entry prefix, relay;
	/* What other origins say of src. */
	struct op25b_entry other[OTHERS_MAX];
	int others;
};

static int take(struct nlattr **tb, void *arg)
{
	struct answer *a = arg;

	if (!tb[OP25B_A_OUTCOME] || !tb[OP25B_A_MODE] || !tb[OP25B_A_REJECT] ||
	    !tb[OP25B_A_COUNTER])
		return -EBADMSG;
	a->outcome = nla_get_u8(tb[OP25B_A_OUTCOME]);
	a->mode = nla_get_u8(tb[OP25B_A_MODE]);
	a->reject = nla_get_u8(tb[OP25B_A_REJECT]);
	a->counter = nla_get_u8(tb[OP25B_A_COUNTER]);
	a->has_prefix = tb[OP25B_A_PREFIX] &&
		op25b_entry_get(tb[OP25B_A_PREFIX], &op25b_prefix_kind,
				&a->prefix);
	a->has_relay = tb[OP25B_A_RELAY] &&
		op25b_entry_get(tb[OP25B_A_RELAY], &op25b_relay_kind,
				&a->relay);
	return 0;
}

static int take_other(const struct nlattr *nest, void *arg)
{
	struct answer *a = arg;

	if (a->others == OTHERS_MAX)
		return 0;
	return op25b_entry_get(nest, &op25b_prefix_kind,
			       &a->other[a->others++]) ? 0 : -EBADMSG;
}

/* "P exempt origin bgp": without that it is origin config. */
static int describe_rule(const struct op25b_entry *p, bool origin, char *buf,
			 size_t size)
{
	char t[OP25B_ADDR_TEXT];

	return snprintf(buf, size, "%s %s%s%s",
			op25b_entry_text(&op25b_prefix_kind, p, t),
			op25b_word_of(op25b_action_words, p->action),
			origin ? " origin " : "", origin ?
			op25b_word_of(op25b_origin_words, p->origin) : "");
}

/* "SRC matches prefix P exempt until T, 3h left, ahead of P block origin bgp"
 */
static int describe_prefix(const struct answer *a, char *buf, size_t size)
{
	char end[OP25B_WHEN_TEXT], left[OP25B_WHEN_TEXT];
	const struct op25b_entry *p = &a->prefix;
	int n, i;

	n = snprintf(buf, size, "%s matches prefix ", a->src);
	n += describe_rule(p, a->others || p->origin != OP25B_ORIGIN_CONFIG,
			   buf + n, size - n);
	if (p->expires)
		n += snprintf(buf + n, size - n, " until %s, %s left",
			      op25b_time_text(p->expires, end),
			      op25b_duration_text(op25b_left(p->expires),
						  left));
	for (i = 0; i < a->others; i++) {
		n += snprintf(buf + n, size - n, i ? " and " : ", ahead of ");
		n += describe_rule(&a->other[i], true, buf + n, size - n);
	}
	return n;
}

/* What decides, by the counter it moves. */
static void describe(const struct answer *a, char *buf, size_t size)
{
	int n = 0;

	if (a->own) {
		snprintf(buf, size,
			 "%s is an address of this router, and mail %s it is not forwarded",
			 a->own == 1 ? a->src : a->dst,
			 a->own == 1 ? "from" : "to");
		return;
	}
	if (a->counter == OP25B_COUNTER_PASS_RELAY)
		n = snprintf(buf, size, "%s is a relay%s", a->dst,
			     a->has_prefix ? ", " : "");
	if (a->has_prefix)
		n += describe_prefix(a, buf + n, size - n);
	else if (!n)
		n = snprintf(buf, size,
			     "%s is in no prefix, and only sources in one are filtered (before masquerading)",
			     a->src);
	if (a->has_prefix && a->prefix.action == OP25B_ACTION_MONITOR &&
	    a->counter != OP25B_COUNTER_PASS_RELAY)
		snprintf(buf + n, size - n, ", counted and never blocked");
}

static bool would_block(const struct answer *a)
{
	switch (a->counter) {
	case OP25B_COUNTER_BLOCK:
	case OP25B_COUNTER_WOULD_BLOCK:
		return !a->has_prefix ||
			a->prefix.action != OP25B_ACTION_MONITOR;
	}
	return false;
}

static void sentence(const struct answer *a, char *buf, size_t size)
{
	bool blocked = a->outcome != OP25B_OUTCOME_ACCEPT;
	char why[WHY];

	describe(a, why, sizeof(why));
	snprintf(buf, size, "%s: %s; mode %s%s%s%s",
		 blocked ? "blocked" : "accepted", why,
		 op25b_word_of(op25b_mode_words, a->mode),
		 a->mode == OP25B_MODE_OFF ? ", not filtering" : "",
		 blocked ? ", reject " : would_block(a) ?
		 ", would be blocked in enforce" : "",
		 blocked ? op25b_word_of(op25b_reject_words, a->reject) : "");
}

static void print(struct op25b_out *out, const struct answer *a)
{
	char buf[WHY + 100];
	int i;

	sentence(a, buf, sizeof(buf));
	op25b_out_obj_open(out, NULL);
	op25b_out_str(out, "src", NULL, a->src);
	op25b_out_str(out, "dst", NULL, a->dst);
	op25b_out_str(out, "outcome", NULL,
		      op25b_word_of(op25b_outcome_words, a->outcome));
	op25b_out_str(out, "mode", NULL,
		      op25b_word_of(op25b_mode_words, a->mode));
	op25b_out_str(out, "reject", NULL,
		      op25b_word_of(op25b_reject_words, a->reject));
	op25b_out_str(out, "counter", NULL,
		      op25b_word_of(op25b_counter_words, a->counter));
	if (a->own)
		op25b_out_str(out, "own", NULL, a->own == 1 ? a->src : a->dst);
	if (out->json && a->has_prefix) {
		op25b_out_obj_open(out, "prefix");
		op25b_entry_print(out, &op25b_prefix_kind, &a->prefix);
		op25b_out_obj_close(out);
	}
	if (out->json) {
		op25b_out_list_open(out, "others");
		for (i = 0; i < a->others; i++) {
			op25b_out_obj_open(out, NULL);
			op25b_entry_print(out, &op25b_prefix_kind,
					  &a->other[i]);
			op25b_out_obj_close(out);
		}
		op25b_out_list_close(out);
	}
	if (out->json && a->has_relay) {
		op25b_out_obj_open(out, "relay");
		op25b_entry_print(out, &op25b_relay_kind, &a->relay);
		op25b_out_obj_close(out);
	}
	op25b_out_str(out, "text", "%s\n", buf);
	op25b_out_obj_close(out);
}

static int parse(struct op25b_ctx *ctx, const struct op25b_word *w, int n,
		 struct answer *a)
{
	char q[OP25B_QUOTE];
	int i;

	if (n < 2)
		return op25b_fail(ctx, OP25B_USAGE,
				  "test: expected SRC and DST, two addresses");
	if (n > 2)
		return op25b_surplus(ctx, &w[2]);
	for (i = 0; i < 2; i++) {
		a->family[i] = op25b_addr_parse(w[i].s, w[i].len, a->addr[i]);
		if (!a->family[i])
			return op25b_fail(ctx, OP25B_USAGE,
					  "%s: expected an IPv4 or IPv6 address",
					  op25b_quote(&w[i], q));
	}
	op25b_addr_text(a->addr[0], a->family[0], a->src);
	op25b_addr_text(a->addr[1], a->family[1], a->dst);
	if (a->family[0] == a->family[1])
		return OP25B_DONE;
	return op25b_fail(ctx, OP25B_USAGE,
			  "%s and %s: expected two addresses of one family",
			  a->src, a->dst);
}

/* What the kernel answers is about packets that are forwarded. */
static void take_own(struct answer *a)
{
	struct ifaddrs *own = op25b_own_read();
	int i;

	for (i = 1; i >= 0 && !a->own; i--)
		if (op25b_own_has(own, a->addr[i], a->family[i]) ||
		    op25b_own_route(a->addr[i], a->family[i]))
			a->own = i + 1;
	op25b_own_free(own);
	if (!a->own)
		return;
	a->outcome = OP25B_OUTCOME_ACCEPT;
	a->counter = OP25B_COUNTER_NONE;
	a->has_prefix = false;
	a->has_relay = false;
	a->others = 0;
}

static int test(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct answer a = { 0 };
	struct nl_msg *msg;
	int ret, bytes;

	ret = parse(ctx, w, n, &a);
	if (!ret)
		ret = op25b_nl_open(ctx);
	if (ret)
		return ret;
	bytes = op25b_addr_bits(a.family[0]) / 8;
	msg = op25b_nl_new(ctx, OP25B_CMD_TEST, OP25B_MSG_SMALL);
	nla_put(msg, OP25B_A_SRC, bytes, a.addr[0]);
	nla_put(msg, OP25B_A_DST, bytes, a.addr[1]);
	if (op25b_nl_talk_each(ctx, msg, take, OP25B_A_OTHER, take_other, &a))
		return op25b_nl_refused(ctx, "test");
	take_own(&a);
	print(ctx->out, &a);
	return a.outcome == OP25B_OUTCOME_ACCEPT ? OP25B_DONE : OP25B_BLOCKED;
}

static const struct op25b_verb verbs[] = {
	{ NULL, "SRC DST",
	  "what would happen to mail from SRC to port 25 of DST, and why",
	  test },
	{ 0 }
};

const struct op25b_object op25b_test_object = {
	.name	= "test",
	.help	= "ask what would happen to mail",
	.notes	=
		"Exit status 0 if it is accepted, 1 if it is blocked. No packet is sent and no\n"
		"counter moves. Mail to or from the router itself is not forwarded: accepted.\n"
		"\"ahead of\" leads what other origins say of SRC: see `op25bctl help prefix`.\n",
	.verbs	= verbs,
};
