// SPDX-License-Identifier: GPL-2.0
/* What op25b.ko says about itself. */
#include <string.h>

#include "doctor/doctor.h"
#include "words/knob.h"
#include "say.h"

void op25b_check_mode(struct op25b_doctor *d)
{
	const uint64_t *get = d->stats.get;
	char todo[OP25B_TODO];
	uint64_t mode = get[OP25B_A_MODE];

	op25b_todo(todo, "%s set mode %s", d->ctl,
		   mode == OP25B_MODE_OFF ? "monitor" : "enforce");
	if (mode == OP25B_MODE_OFF)
		op25b_finding(d, OP25B_PROBLEM, todo,
			      "mode is off: no packet is looked at");
	else if (!get[OP25B_A_HOOK_V4] || !get[OP25B_A_HOOK_V6])
		op25b_finding(d, OP25B_PROBLEM, todo,
			      "mode is %s, but a hook is not registered",
			      op25b_word_of(op25b_mode_words, mode));
	else if (mode == OP25B_MODE_MONITOR)
		op25b_finding(d, OP25B_NOTE, todo,
			      "mode is monitor: packets are counted, none is blocked");
	op25b_looked(d, "mode is %s, and both hooks are registered",
		     op25b_word_of(op25b_mode_words, mode));
}

/* A family that comes to FORWARD, and of which nothing is listed. */
static void check_family(struct op25b_doctor *d, int f, uint64_t own,
			 uint64_t other)
{
	const struct op25b_path *p = &d->path[f];
	int number = f == OP25B_V4 ? 4 : 6;
	char todo[OP25B_TODO];

	if (own || !other)
		return;
	op25b_todo(todo,
		   "%s prefix add PREFIX block, with the IPv%d prefixes of the same subscribers",
		   d->ctl, number);
	if (p->routed || p->bridged)
		op25b_finding(d, OP25B_WARNING, todo,
			      "IPv%d is %s, and no IPv%d prefix is listed",
			      number, p->routed ? "forwarded" : "bridged",
			      number);
	else if (p->err)
		op25b_finding(d, OP25B_SKIPPED, todo,
			      "no IPv%d prefix is listed, and whether IPv%d is forwarded cannot be read: %s",
			      number, number, strerror(-p->err));
}

void op25b_check_prefixes(struct op25b_doctor *d)
{
	uint64_t v4 = d->stats.get[OP25B_A_PREFIXES_V4];
	uint64_t v6 = d->stats.get[OP25B_A_PREFIXES_V6];
	char todo[OP25B_TODO];

	op25b_todo(todo, "%s prefix add POOL block", d->ctl);
	if (!v4 && !v6)
		op25b_finding(d, OP25B_PROBLEM, todo,
			      "no prefix is listed: nobody is a subscriber");
	check_family(d, OP25B_V4, v4, v6);
	check_family(d, OP25B_V6, v6, v4);
	op25b_looked(d, "%llu of IPv4 and %llu of IPv6 are listed",
		     (unsigned long long)v4, (unsigned long long)v6);
}

void op25b_check_traffic(struct op25b_doctor *d)
{
	static const int judged[] = {
		OP25B_COUNTER_PASS_EXEMPT, OP25B_COUNTER_PASS_RELAY,
		OP25B_COUNTER_BLOCK, OP25B_COUNTER_BLOCK_MALFORMED,
		OP25B_COUNTER_BLOCK_REVERSE, OP25B_COUNTER_WOULD_BLOCK,
		OP25B_COUNTER_WOULD_BLOCK_MALFORMED,
		OP25B_COUNTER_WOULD_BLOCK_REVERSE,
	};
	uint64_t unlisted = d->stats.counter[OP25B_COUNTER_PASS_UNLISTED];
	uint64_t listed = 0;
	char todo[OP25B_TODO];
	size_t i;

	for (i = 0; i < OP25B_ARRAY_SIZE(judged); i++)
		listed += d->stats.counter[judged[i]];
	op25b_looked(d,
		     "%llu %s to port 25 from listed prefixes judged, IPv4 and IPv6 together",
		     (unsigned long long)listed,
		     op25b_plural(listed, "packet", "packets"));
	if (listed)
		return;
	if (d->stats.get[OP25B_A_MODE] == OP25B_MODE_OFF) {
		op25b_finding(d, OP25B_NOTE,
			      op25b_todo(todo, "%s set mode monitor", d->ctl),
			      "not counted while the mode is off");
		return;
	}
	op25b_todo(todo,
		   "%stcpdump -ni any tcp dst port 25, while a subscriber tries; compare its source with %s prefix show",
		   d->on, d->ctl);
	if (unlisted)
		op25b_finding(d, OP25B_WARNING, todo,
			      "%llu %s to port 25 forwarded, none from a listed prefix",
			      (unsigned long long)unlisted,
			      op25b_plural(unlisted, "packet", "packets"));
	else
		op25b_finding(d, OP25B_WARNING, todo,
			      "no packet to port 25 was forwarded since the module was loaded or its counters were reset");
}
