// SPDX-License-Identifier: GPL-2.0
/* conf diff: what apply would change, in the words of a file. */
#include "conf/compare.h"
#include "print.h"

struct diff {
	struct op25b_out *out;
	const struct op25b_copy *c;
	const char *name;
	bool differs;
};

/* The first difference is led by what is compared, as in a patch. */
static void sign(struct diff *d, const char *s)
{
	if (!d->differs) {
		op25b_out_text(d->out, "--- generation %llu\n+++ %s\n",
			       (unsigned long long)d->c->state.generation,
			       d->name);
		d->differs = true;
	}
	op25b_out_obj_open(d->out, NULL);
	op25b_out_str(d->out, "sign", "%s", s);
}

static void print_knob(struct diff *d, const char *s,
		       const struct op25b_knob *k, uint32_t value)
{
	sign(d, s);
	op25b_knob_print(d->out, k, k->name, value);
	op25b_out_obj_close(d->out);
}

static void print_entry(struct diff *d, const char *s,
			const struct op25b_kind *kind,
			const struct op25b_entry *e)
{
	sign(d, s);
	op25b_entry_print_config_fields(d->out, kind, e);
	op25b_out_obj_close(d->out);
}

static void pair(const struct op25b_kind *kind, const struct op25b_entry *old,
		 const struct op25b_entry *new, void *arg)
{
	if (old && new && !op25b_entry_differs(old, new))
		return;
	if (old)
		print_entry(arg, "-", kind, old);
	if (new)
		print_entry(arg, "+", kind, new);
}

static void knobs(struct diff *d, const struct op25b_knobs *new)
{
	const struct op25b_knobs *old = &d->c->state.knobs;
	int i;

	for (i = 0; i < OP25B_KNOBS; i++) {
		if (old->value[i] == new->value[i])
			continue;
		print_knob(d, "-", &op25b_knobs[i], old->value[i]);
		print_knob(d, "+", &op25b_knobs[i], new->value[i]);
	}
}

int op25b_diff(struct op25b_ctx *ctx, struct op25b_source *s,
	       const struct op25b_summary *sum)
{
	struct op25b_copy c;
	struct diff d = {
		.out = ctx->out, .c = &c, .name = op25b_source_name(s, 0)
	};
	int ret;

	ret = op25b_copy_read(ctx, OP25B_ORIGIN_CONFIG, &c);
	if (!ret) {
		op25b_out_obj_open(ctx->out, NULL);
		op25b_out_str(ctx->out, "file", NULL, d.name);
		op25b_out_u64(ctx->out, "generation", NULL,
			      c.state.generation);
		op25b_out_list_open(ctx->out, "changes");
		knobs(&d, &sum->knobs);
		ret = op25b_compare(ctx, &c, s, true, pair, &d);
		op25b_out_list_close(ctx->out);
		op25b_out_obj_close(ctx->out);
	}
	op25b_copy_free(&c);
	return ret ? ret : d.differs ? OP25B_BLOCKED : OP25B_DONE;
}
