// SPDX-License-Identifier: GPL-2.0
/* `doctor`: the list of checks, and what they find in text and JSON. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"
#include "kernel/netlink.h"
#include "words/grammar.h"
#include "print.h"
#include "say.h"

/* Interfaces that are subscribers' by their name: of pppd, of accel-ppp. */
static const char * const patterns[] = { "ppp*", "ipoe*" };

/* In the order in which one would look.
 * @own: makes no sense without the module
 */
static const struct {
	const char *name;
	void (*run)(struct op25b_doctor *d);
	bool own;
} checks[] = {
	{ "module", op25b_check_module, false },
	{ "mode", op25b_check_mode, true },
	{ "prefixes", op25b_check_prefixes, true },
	{ "traffic", op25b_check_traffic, true },
	{ "forwarding", op25b_check_forwarding, false },
	{ "flowtables", op25b_check_flowtables, false },
	{ "chains", op25b_check_chains, false },
	{ "answers", op25b_check_answers, true },
	{ "bridges", op25b_check_bridges, false },
	{ "guests", op25b_check_guests, false },
	{ "xdp", op25b_check_xdp, false },
	{ "tc", op25b_check_tc, false },
	{ "tunnels", op25b_check_tunnels, false },
	{ "local", op25b_check_local, false },
	{ "interfaces", op25b_check_interfaces, false },
	{ "spoofing", op25b_check_spoofing, false },
	{ "pools", op25b_check_pools, true },
	{ "routes", op25b_check_routes, false },
};

static bool matches(const struct op25b_doctor *d, const char *name)
{
	int i;

	for (i = 0; i < d->n_iface; i++)
		if (op25b_link_named(&d->iface[2 * i], name))
			return true;
	for (i = 0; !d->n_iface && i < (int)OP25B_ARRAY_SIZE(patterns); i++)
		if (!fnmatch(patterns[i], name, 0))
			return true;
	return false;
}

/* Who may be a subscriber's; where a default route leads is known later. */
static void mark_links(struct op25b_doctor *d)
{
	size_t i;

	for (i = 0; i < d->links.n; i++)
		d->links.link[i].subscriber =
			matches(d, d->links.link[i].name);
}

static void count_subscribers(struct op25b_doctor *d)
{
	size_t i;

	for (i = 0; i < d->links.n; i++)
		d->subscribers += d->links.link[i].subscriber;
}

/* -i NAME, any number of times. Return: OP25B_DONE or OP25B_USAGE */
static int parse(struct op25b_doctor *d, const struct op25b_word *w, int n)
{
	int i;

	for (i = 0; i < n; i += 2) {
		if (w[i].len != 2 || memcmp(w[i].s, "-i", 2))
			return op25b_surplus(d->ctx, &w[i]);
		if (i + 1 == n || !w[i + 1].len)
			return op25b_fail(d->ctx, OP25B_USAGE,
					  "doctor -i: expected the name of an interface behind it");
	}
	d->iface = w + 1;
	d->n_iface = n / 2;
	return OP25B_DONE;
}

/* How commands are written that work where we look. */
static void advise(struct op25b_doctor *d)
{
	const char *netns = d->ctx->netns;

	snprintf(d->ctl, sizeof(d->ctl), "op25bctl%s%s", netns ? " -n " : "",
		 netns ? netns : "");
	if (netns)
		snprintf(d->on, sizeof(d->on), strchr(netns, '/') ?
			 "nsenter --net=%s " : "ip netns exec %s ", netns);
}

/* What all checks look at. Return: enum op25b_exit */
static int collect(struct op25b_doctor *d)
{
	int ret = op25b_nl_probe(d->ctx, &d->loaded), err;

	advise(d);
	if (ret)
		return ret;
	if (d->loaded && op25b_stats_read(d->ctx, &d->stats))
		return op25b_nl_refused(d->ctx, "doctor");
	err = op25b_links_read(&d->links);
	mark_links(d);
	if (!err)
		err = op25b_routes_read(d);
	count_subscribers(d);
	op25b_paths_read(d);
	if (!err)
		return OP25B_DONE;
	return op25b_fail(d->ctx, OP25B_UNASKED,
			  "doctor: cannot read interfaces and routes: %s",
			  strerror(-err));
}

static void not_loaded(struct op25b_doctor *d)
{
	op25b_finding(d, OP25B_SKIPPED, NULL, "op25b.ko is not loaded");
}

static void examine(struct op25b_doctor *d)
{
	struct op25b_out *out = d->ctx->out;
	unsigned int *skipped = &d->count[OP25B_SKIPPED];
	size_t i;

	op25b_out_obj_open(out, NULL);
	op25b_out_list_open(out, "findings");
	for (i = 0; i < OP25B_ARRAY_SIZE(checks); i++)
		op25b_check(d, checks[i].name, checks[i].own && !d->loaded ?
			    not_loaded : checks[i].run);
	op25b_out_list_close(out);
	op25b_out_str(out, "worst", NULL, op25b_severity_word(d->worst));
	op25b_out_u64(out, "skipped", NULL, *skipped);
	op25b_out_text(out, d->worst < OP25B_WARNING ?
		       "Nothing found that keeps op25b from seeing mail" :
		       "Mail may pass unseen: see above");
	if (*skipped)
		op25b_out_text(out, "; not looked at: %u, see \"skipped\"",
			       *skipped);
	op25b_out_text(out, ".\n");
	op25b_out_obj_close(out);
}

static int doctor(struct op25b_ctx *ctx, const struct op25b_word *w, int n)
{
	struct op25b_doctor d = { .ctx = ctx };
	int ret = parse(&d, w, n);

	if (ret)
		return ret;
	ret = collect(&d);
	if (!ret)
		examine(&d);
	op25b_routes_free(&d);
	op25b_links_free(&d.links);
	if (ret)
		return ret;
	return d.worst < OP25B_WARNING ? OP25B_DONE : OP25B_BLOCKED;
}

static const struct op25b_verb verbs[] = {
	{ NULL, "[-i INTERFACE]...",
	  "why op25b might see nothing on this router, and what to do",
	  doctor },
	{ 0 }
};

const struct op25b_object op25b_doctor_object = {
	.name	= "doctor",
	.help	= "look for what keeps mail from being seen",
	.notes	=
		"-i names an interface behind which subscribers are, or a pattern in quotes, and\n"
		"may be repeated; without it those are ppp* and ipoe*. Exit status 0 if nothing\n"
		"worse than a note is found, 1 otherwise. What could not be looked at is skipped,\n"
		"which is said with the reason. Nothing is changed.\n",
	.verbs	= verbs,
};
