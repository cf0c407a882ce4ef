// SPDX-License-Identifier: GPL-2.0
/* `routes follow`: does it run, what does it hold, who else uses its tables. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>

#include "doctor/doctor.h"
#include "doctor/raw.h"
#include "routes/conf.h"
#include "routes/tell.h"
#include "say.h"

/**
 * struct followed - what the one that runs says of itself
 * @state: as in `routes show`
 * @table: its tables, @n of them
 * @used: a rule uses this one
 */
struct followed {
	char state[32];
	unsigned long missing, held, refused, age;
	uint32_t table[OP25B_SOURCES_MAX];
	bool used[OP25B_SOURCES_MAX];
	unsigned int n;
};

static void take_answer(struct followed *f, char *at)
{
	const char *key, *value;

	while (op25b_tell_line(&at, &key, &value)) {
		unsigned long v = strtoul(value, NULL, 10);

		if (!strcmp(key, "state"))
			snprintf(f->state, sizeof(f->state), "%s", value);
		else if (!strcmp(key, "missing"))
			f->missing = v;
		else if (!strcmp(key, "held"))
			f->held = v;
		else if (!strcmp(key, "refused"))
			f->refused = v;
		else if (!strcmp(key, "age_seconds"))
			f->age = v;
		else if (!strcmp(key, "table") && f->n < OP25B_SOURCES_MAX)
			f->table[f->n++] = v;
	}
}

static int take_rule(const struct nlmsghdr *h, void *arg)
{
	const struct fib_rule_hdr *r = NLMSG_DATA(h);
	struct nlattr *tb[FRA_MAX + 1];
	struct followed *f = arg;
	uint32_t table;
	unsigned int i;

	if (h->nlmsg_type != RTM_NEWRULE)
		return 0;
	if (op25b_raw_parse(h, sizeof(*r), tb, FRA_MAX))
		return -EBADMSG;
	table = tb[FRA_TABLE] ? nla_get_u32(tb[FRA_TABLE]) : r->table;
	for (i = 0; i < f->n; i++)
		f->used[i] |= f->table[i] == table;
	return 0;
}

static void check_rules(struct op25b_doctor *d, struct followed *f)
{
	static const int families[] = { AF_INET, AF_INET6 };
	char todo[OP25B_TODO];
	unsigned int i;
	int err;

	for (i = 0; i < OP25B_ARRAY_SIZE(families); i++) {
		struct fib_rule_hdr r = { .family = families[i] };

		err = op25b_raw_dump(NETLINK_ROUTE, RTM_GETRULE, &r, sizeof(r),
				     take_rule, f);
		if (err)
			op25b_finding(d, OP25B_SKIPPED, NULL,
				      "the rules of IPv%d cannot be read: %s",
				      families[i] == AF_INET ? 4 : 6,
				      strerror(-err));
	}
	for (i = 0; i < f->n; i++)
		if (f->used[i])
			op25b_finding(d, OP25B_PROBLEM,
				      op25b_todo(todo,
						 "%sip rule show; take another table for op25b",
						 d->on),
				      "a rule uses table %u, whose routes only say who is blocked: they take part in forwarding",
				      f->table[i]);
}

/* What to do about the unit. */
static const char *unit(const struct op25b_doctor *d, const char *verb,
			char *todo)
{
	const char *netns = d->ctx->netns;

	return op25b_todo(todo, "systemctl %s op25b-routes%s%s", verb,
			  netns ? "@" : "", netns ? netns : "");
}

static void nobody_follows(struct op25b_doctor *d, int err)
{
	const struct op25b_part *p = &d->stats.part[OP25B_ORIGIN_BGP];
	uint64_t n = p->prefixes[0] + p->prefixes[1] + p->relays;
	char todo[OP25B_TODO];

	if (err != -ENOENT && err != -ECONNREFUSED)
		op25b_finding(d, OP25B_WARNING, unit(d, "restart", todo),
			      "`routes follow` does not answer: %s",
			      strerror(-err));
	else if (n)
		op25b_finding(d, OP25B_WARNING, unit(d, "status", todo),
			      "%llu %s from routes, but no `routes follow` runs: what changes in the tables is not put in force",
			      (unsigned long long)n,
			      op25b_plural(n, "entry is", "entries are"));
	else
		op25b_looked(d, "no entry is from routes");
}

static void check_state(struct op25b_doctor *d, const struct followed *f)
{
	char todo[OP25B_TODO];

	if (!strcmp(f->state, "held"))
		op25b_finding(d, OP25B_WARNING,
			      op25b_todo(todo,
					 "look for why; if it is meant: %s routes accept",
					 d->ctl),
			      "%lu %s held: most routes of a class are gone",
			      f->held, op25b_plural(f->held, "entry is",
						    "entries are"));
	else if (strcmp(f->state, "in-force"))
		op25b_finding(d, OP25B_WARNING, unit(d, "status", todo),
			      "`routes follow` is in state %s, since %lu s",
			      f->state, f->age);
	if (f->refused)
		op25b_finding(d, OP25B_NOTE,
			      op25b_todo(todo, "%s routes show", d->ctl),
			      "%lu %s refused: too short, beyond the limit, or not a host in a table of relays",
			      f->refused, op25b_plural(f->refused, "route was",
						       "routes were"));
}

void op25b_check_routes(struct op25b_doctor *d)
{
	struct followed f = { 0 };
	char buf[OP25B_ANSWER];
	int err = op25b_tell_ask(d->ctx, "show", buf);

	if (err) {
		nobody_follows(d, err);
		return;
	}
	take_answer(&f, buf);
	op25b_looked(d, "routes are followed, and no rule uses their tables");
	check_state(d, &f);
	check_rules(d, &f);
}
