// SPDX-License-Identifier: GPL-2.0
/* Advice about files: limits, relays among subscribers, a family forgotten. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/advise.h"
#include "conf/cover.h"
#include "files/sort.h"
#include "kernel/netlink.h"
#include "kernel/own.h"
#include "kernel/state.h"
#include "words/addr.h"
#include "say.h"

/* Who is hit where most of a family is blocked. */
#define OTHERS	", other people's servers and transit customers too"

/* A relay, and the longest prefix around it so far. */
struct stay {
	struct op25b_entry relay;
	struct op25b_place at;
	struct op25b_entry around;
};

struct stays {
	struct stay *stay;
	size_t n;
};

/* Orders by family and address. */
static int compare(const void *a, const void *b)
{
	return op25b_entry_order(&((const struct stay *)a)->relay,
				 &((const struct stay *)b)->relay);
}

/* Calls @each for every entry of one kind. Return: enum op25b_found, -errno */
static int each_entry(struct op25b_source *s, bool prefixes,
		      void (*each)(struct stays *st, struct op25b_source *s,
				   const struct op25b_entry *e),
		      struct stays *stays)
{
	struct op25b_stmt st;
	int found = op25b_source_rewind(s);

	while (!found && (found = op25b_source_next(s, &st, NULL)) ==
	       OP25B_FOUND_STMT) {
		if (st.kind && st.kind->is_prefix == prefixes &&
		    !op25b_source_past(s, &st.entry))
			each(stays, s, &st.entry);
		found = 0;
	}
	return found;
}

static void keep_relay(struct stays *st, struct op25b_source *s,
		       const struct op25b_entry *e)
{
	struct stay *t = &st->stay[st->n++];

	t->relay = *e;
	t->at = s->at;
	t->around.action = OP25B_ACTION_NONE;
}

/* Relays are sorted, so those inside of a prefix stand together. */
static void look_inside(struct stays *st, struct op25b_source *s,
			const struct op25b_entry *e)
{
	size_t low = 0, high = st->n, mid;

	(void)s;
	while (low < high) {
		mid = (low + high) / 2;
		if (op25b_entry_order(&st->stay[mid].relay, e) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < st->n && op25b_entry_in(&st->stay[low].relay, e); low++) {
		struct stay *t = &st->stay[low];

		if (t->around.action == OP25B_ACTION_NONE ||
		    t->around.len < e->len)
			t->around = *e;
	}
}

static void warn_relays(struct op25b_ctx *ctx, struct op25b_source *s,
			const struct stays *st, bool here,
			struct op25b_warnings *ws)
{
	struct ifaddrs *own = here ? op25b_own_read() : NULL;
	char r[OP25B_ADDR_TEXT], p[OP25B_ADDR_TEXT];
	struct op25b_ctx at;
	size_t i;

	for (i = 0; i < st->n; i++) {
		const struct stay *t = &st->stay[i];

		/* That has been said. */
		if (op25b_addr_never(t->relay.addr, t->relay.family,
				     t->relay.len))
			continue;
		at = op25b_source_ctx(ctx, s, t->at);
		op25b_entry_text(&op25b_relay_kind, &t->relay, r);
		if (op25b_own_has(own, t->relay.addr, t->relay.family))
			op25b_warn_entry(ws, &at,
					 "relay %s is an address of this router: mail to it is not forwarded and needs no relay",
					 r);
		else if (t->around.action == OP25B_ACTION_BLOCK &&
			 !op25b_warned_enough(ws))
			op25b_warn_entry(ws, &at,
					 "relay %s is itself in prefix %s block: it could not send mail outside",
					 r, op25b_entry_text(&op25b_prefix_kind,
							     &t->around, p));
	}
	op25b_own_free(own);
}

static int look_at_relays(struct op25b_ctx *ctx, struct op25b_source *s,
			  const struct op25b_summary *sum, bool here,
			  struct op25b_warnings *ws)
{
	struct stays st = { 0 };
	int found;

	if (!sum->relays)
		return OP25B_DONE;
	st.stay = calloc(sum->relays, sizeof(*st.stay));
	if (!st.stay)
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	found = each_entry(s, false, keep_relay, &st);
	qsort(st.stay, st.n, sizeof(*st.stay), compare);
	if (!found)
		found = each_entry(s, true, look_inside, &st);
	warn_relays(ctx, s, &st, here, ws);
	free(st.stay);
	return found ? op25b_source_changed(ctx, s) : OP25B_DONE;
}

/* Does this namespace forward IPv6? Not where /proc does not say. */
static bool forwards_v6(void)
{
	FILE *f = fopen("/proc/sys/net/ipv6/conf/all/forwarding", "re");
	int c = f ? fgetc(f) : '0';

	if (f)
		fclose(f);
	return c != '0' && c != EOF;
}

static void look_at_totals(struct op25b_ctx *ctx, struct op25b_source *s,
			   const struct op25b_summary *sum, bool here,
			   struct op25b_warnings *ws)
{
	struct op25b_ctx at = *ctx;
	char t[OP25B_COVER_TEXT];
	int v6;

	at.file = op25b_source_name(s, 0);
	at.line = 0;
	if (sum->knobs.value[OP25B_KNOB_MODE] == OP25B_MODE_ENFORCE &&
	    !sum->relays)
		op25b_warn(ws, &at,
			   "mode enforce without a relay: subscribers can reach no mail server at port 25, not even yours");
	if (sum->prefixes[0] && !sum->prefixes[1] && here &&
	    forwards_v6())
		op25b_warn(ws, &at,
			   "IPv4 prefixes only, but this machine forwards IPv6: mail over IPv6 is not filtered");
	for (v6 = 0; v6 < 2; v6++) {
		if (!op25b_cover_grade(sum->blocked[v6]))
			continue;
		at = op25b_source_ctx(ctx, s, sum->widest[v6]);
		op25b_warn(ws, &at,
			   "%s is blocked" OTHERS,
			   op25b_cover_text(sum->blocked[v6], v6, t));
	}
}

static bool too_many(struct op25b_ctx *ctx, struct op25b_source *s,
		     const char *what, uint64_t n, uint64_t max)
{
	if (n > max)
		op25b_complain(ctx, "%s: %llu %s: expected at most %llu",
			       op25b_source_name(s, 0), (unsigned long long)n,
			       what, (unsigned long long)max);
	return n > max;
}

/* The limits of the kernel that runs here, or else those of this version. */
static int look_at_limits(struct op25b_ctx *ctx, struct op25b_source *s,
			  const struct op25b_summary *sum, bool loaded)
{
	struct op25b_state st;
	bool bad;

	if (!loaded || op25b_state_get(ctx, &st)) {
		st.max_prefixes = OP25B_MAX_PREFIXES;
		st.max_relays = OP25B_MAX_RELAYS;
	}
	bad = too_many(ctx, s, "prefixes", sum->prefixes[0] + sum->prefixes[1],
		       st.max_prefixes);
	bad |= too_many(ctx, s, "relays", sum->relays, st.max_relays);
	return bad ? OP25B_USAGE : OP25B_DONE;
}

int op25b_advise(struct op25b_ctx *ctx, struct op25b_source *s,
		 const struct op25b_summary *sum, struct op25b_warnings *ws)
{
	struct op25b_ctx at = *ctx;
	struct op25b_err why;
	bool loaded, here;
	int ret;

	/* A file can be read where there is nothing that it is meant for. */
	here = !op25b_nl_try(ctx, &loaded, &why);
	ret = look_at_limits(ctx, s, sum, here && loaded);
	if (ret)
		return ret;
	at.file = op25b_source_name(s, 0);
	at.line = 0;
	if (!here)
		op25b_warn(ws, &at,
			   "%s; checked without what is there", why.text);
	look_at_totals(ctx, s, sum, here, ws);
	return look_at_relays(ctx, s, sum, here, ws);
}

void op25b_advise_never(const struct op25b_ctx *at, struct op25b_warnings *ws,
			const struct op25b_kind *kind,
			const struct op25b_entry *e)
{
	const char *why = op25b_addr_never(e->addr, e->family, e->len);
	char t[OP25B_ADDR_TEXT], hint[OP25B_ADDR_TEXT + 32] = "";
	struct op25b_entry v4 = { .family = 2 /* AF_INET */ };

	if (!why || op25b_warned_enough(ws))
		return;
	if (op25b_addr_mapped(e->addr, e->family, e->len)) {
		memcpy(v4.addr, e->addr + 12, 4);
		v4.len = e->len - 96;
		snprintf(hint, sizeof(hint), "; for IPv4 write %s",
			 op25b_entry_text(kind, &v4, t));
	}
	op25b_warn_entry(ws, at, "%s %s matches nothing: %s%s", kind->name,
			 op25b_entry_text(kind, e, t), why, hint);
}

/* What all prefixes of its origin block, and what those but for @e do.
 * Return: 0 or -errno
 */
static int measure(struct op25b_ctx *ctx, const struct op25b_entry *e,
		   struct op25b_cover *with, struct op25b_cover *without)
{
	struct op25b_select sel = { .origin = e->origin };
	struct op25b_entry p;
	struct op25b_spool sp;
	int err;

	err = op25b_spool_init(&sp);
	if (err)
		return err;
	err = op25b_entry_dump(ctx, &op25b_prefix_kind, &sel, &sp);
	if (!err)
		err = op25b_spool_rewind(&sp);
	while (!err && (err = op25b_spool_next(&sp, &p)) > 0) {
		op25b_cover_add(with, &p);
		if (op25b_entry_order(&p, e))
			op25b_cover_add(without, &p);
		err = 0;
	}
	op25b_spool_free(&sp);
	return err;
}

/* Only for a large prefix are all of them worth reading. */
static bool is_large(const struct op25b_entry *e)
{
	return e->action == OP25B_ACTION_BLOCK &&
	       e->len <= (op25b_addr_bits(e->family) > 32 ? 12 : 8);
}

static void advise_cover(struct op25b_ctx *ctx, struct op25b_warnings *ws,
			 const struct op25b_entry *e)
{
	struct op25b_cover with = { 0 }, without = { 0 };
	bool v6 = op25b_addr_bits(e->family) > 32;
	char t[OP25B_COVER_TEXT];
	unsigned int is;

	if (measure(ctx, e, &with, &without))
		return;
	is = op25b_cover_percent(with.blocked[v6], v6);
	if (op25b_cover_grade(is) >
	    op25b_cover_grade(op25b_cover_percent(without.blocked[v6], v6)))
		op25b_warn(ws, ctx, "%s is blocked" OTHERS,
			   op25b_cover_text(is, v6, t));
}

int op25b_advise_entry(struct op25b_ctx *ctx, const struct op25b_kind *kind,
		       const struct op25b_entry *e)
{
	struct op25b_warnings ws = { 0 };

	op25b_advise_never(ctx, &ws, kind, e);
	if (kind->is_prefix && !ctx->change && is_large(e))
		advise_cover(ctx, &ws, e);
	op25b_warnings_tell(ctx, &ws);
	op25b_warnings_free(&ws);
	return OP25B_DONE;
}
