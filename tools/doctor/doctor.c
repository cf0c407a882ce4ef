// SPDX-License-Identifier: GPL-2.0
/* `doctor`: the list of checks, and what they find in text and JSON. */
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor.h"
#include "words/grammar.h"
#include "kernel/netlink.h"
#include "print.h"
#include "say.h"

/* Interfaces that are subscribers' by their name: of pppd, of accel-ppp. */
static const char * const patterns[] = { "ppp*", "ipoe*" };

static const char * const severity_words[] = {
	"ok", "note", "warning", "problem", NULL
};

/* In the order in which one would look.
 * @fine: what is so when nothing was found
 * @own: makes no sense without the module
 */
static const struct {
	const char *name;
	const char *fine;
	void (*run)(struct op25b_doctor *d);
	bool own;
} checks[] = {
	{ "module", "op25b.ko is loaded", op25b_check_module, false },
	{ "mode", "packets are judged", op25b_check_mode, true },
	{ "prefixes", "there are some", op25b_check_prefixes, true },
	{ "traffic", "mail of listed sources has been seen",
	  op25b_check_traffic, true },
	{ "forwarding", "packets are forwarded", op25b_check_forwarding,
	  false },
	{ "flowtables", "none", op25b_check_flowtables, false },
	{ "chains", "none in front of op25b drops", op25b_check_chains,
	  false },
	{ "bridges", "none that passes op25b by", op25b_check_bridges, false },
	{ "xdp", "no program on an interface", op25b_check_xdp, false },
	{ "tunnels", "no route that passes op25b by", op25b_check_tunnels,
	  false },
	{ "interfaces", "those of subscribers are known",
	  op25b_check_interfaces, false },
	{ "spoofing", "rp_filter is on for subscribers",
	  op25b_check_spoofing, false },
	{ "pools", "prefixes and routes of subscribers agree",
	  op25b_check_pools, true },
};

static void tell(struct op25b_doctor *d, enum op25b_severity severity,
		 const char *todo, const char *text)
{
	struct op25b_out *out = d->ctx->out;

	op25b_out_obj_open(out, NULL);
	op25b_out_str(out, "severity", "%-8s", severity_words[severity]);
	op25b_out_str(out, "check", " %s: ", d->check);
	op25b_out_str(out, "text", "%s\n", text);
	if (todo)
		op25b_out_str(out, "todo", "         to do: %s\n", todo);
	op25b_out_obj_close(out);
}

void op25b_finding(struct op25b_doctor *d, enum op25b_severity severity,
		   const char *todo, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->found++;
	if (severity > d->worst)
		d->worst = severity;
	tell(d, severity, todo, text);
}

const char *op25b_todo(char *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, OP25B_TODO, fmt, ap);
	va_end(ap);
	return buf;
}

long op25b_read_number(const char *fmt, ...)
{
	char path[300];
	long value = -1;
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}

static bool matches(const struct op25b_doctor *d, const char *name)
{
	char pattern[64];
	size_t i;

	if (!d->n_iface) {
		for (i = 0; i < OP25B_ARRAY_SIZE(patterns); i++)
			if (!fnmatch(patterns[i], name, 0))
				return true;
		return false;
	}
	for (i = 0; i < (size_t)d->n_iface; i++) {
		snprintf(pattern, sizeof(pattern), "%.*s",
			 (int)d->iface[2 * i].len, d->iface[2 * i].s);
		if (!fnmatch(pattern, name, 0))
			return true;
	}
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

/* -i NAME, any number of times. Return: OP25B_DONE or OP25B_USAGE */
static int parse(struct op25b_doctor *d, const struct op25b_word *w, int n)
{
	int i;

	for (i = 0; i < n; i += 2) {
		if (w[i].len != 2 || memcmp(w[i].s, "-i", 2))
			return op25b_surplus(d->ctx, &w[i]);
		if (i + 1 == n || !w[i + 1].len) {
			op25b_complain(d->ctx,
				       "doctor -i: expected the name of an interface behind it");
			return OP25B_USAGE;
		}
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
	if (!err)
		return OP25B_DONE;
	op25b_complain(d->ctx, "doctor: cannot read interfaces and routes: %s",
		       strerror(-err));
	return OP25B_UNASKED;
}

static void examine(struct op25b_doctor *d)
{
	size_t i;

	op25b_out_doc_open(d->ctx->out);
	op25b_out_list_open(d->ctx->out, "findings");
	for (i = 0; i < OP25B_ARRAY_SIZE(checks); i++) {
		if (checks[i].own && !d->loaded)
			continue;
		d->check = checks[i].name;
		d->found = 0;
		checks[i].run(d);
		if (!d->found)
			tell(d, OP25B_FINE, NULL, checks[i].fine);
	}
	op25b_out_list_close(d->ctx->out);
	op25b_out_str(d->ctx->out, "worst", NULL, severity_words[d->worst]);
	op25b_out_text(d->ctx->out, "%s\n", d->worst < OP25B_WARNING ?
		       "Nothing found that keeps op25b from seeing mail." :
		       "Mail may pass unseen: see above.");
	op25b_out_doc_close(d->ctx->out);
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
		"worse than a note is found, 1 otherwise. Nothing is changed.\n",
	.verbs	= verbs,
};
