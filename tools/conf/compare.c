// SPDX-License-Identifier: GPL-2.0
/* Two sorted lists, side by side. */
#include <string.h>

#include "conf/compare.h"
#include "files/sort.h"
#include "say.h"

/* Both sides' next entries. */
struct sides {
	struct op25b_copy *c;
	struct op25b_sort *sort;
	struct op25b_entry old, new;
	const struct op25b_kind *new_kind;
	bool has_old, has_new;
};

bool op25b_entry_differs(const struct op25b_entry *a,
			 const struct op25b_entry *b)
{
	return a->action != b->action || a->expires != b->expires ||
		a->comment_len != b->comment_len ||
		memcmp(a->comment, b->comment, a->comment_len);
}

static int sort_files(struct op25b_source *s, struct op25b_sort *sort,
		      bool prefixes)
{
	struct op25b_stmt st;
	int found, err;

	err = op25b_source_rewind(s);
	while (!err && (found = op25b_source_next(s, &st, NULL)) ==
	       OP25B_FOUND_STMT)
		if (st.kind && (prefixes || !st.kind->is_prefix) &&
		    !op25b_source_past(s, &st.entry))
			err = op25b_sort_add(sort, st.kind, &st.entry);
	if (!err && found != OP25B_FOUND_END)
		return found == OP25B_FOUND_BAD ? OP25B_FOUND_BAD : found;
	return err ? err : op25b_sort_finish(sort);
}

static int next_old(struct sides *p, struct op25b_spool *sp)
{
	int more = op25b_spool_next(sp, &p->old);

	p->has_old = more > 0;
	return more < 0 ? more : 0;
}

static int next_new(struct sides *p)
{
	int more = op25b_sort_next(p->sort, &p->new_kind, &p->new);

	p->has_new = more > 0;
	return more < 0 ? more : 0;
}

static int walk_kind(struct sides *p, const struct op25b_kind *kind,
		     struct op25b_spool *sp, op25b_pair_fn each, void *arg)
{
	int err, order;

	err = op25b_spool_rewind(sp);
	if (!err)
		err = next_old(p, sp);
	while (!err) {
		bool new = p->has_new && p->new_kind == kind;

		if (!new && !p->has_old)
			break;
		order = !p->has_old ? 1 : !new ? -1 :
			op25b_entry_order(&p->old, &p->new);
		each(kind, order <= 0 ? &p->old : NULL,
		     order >= 0 ? &p->new : NULL, arg);
		if (order <= 0)
			err = next_old(p, sp);
		if (order >= 0 && !err)
			err = next_new(p);
	}
	return err;
}

static int walk(struct sides *p, op25b_pair_fn each, void *arg)
{
	int err = next_new(p);

	if (!err)
		err = walk_kind(p, &op25b_prefix_kind, &p->c->prefixes, each,
				arg);
	if (!err)
		err = walk_kind(p, &op25b_relay_kind, &p->c->relays, each,
				arg);
	return err;
}

int op25b_compare(struct op25b_ctx *ctx, struct op25b_copy *c,
		  struct op25b_source *s, bool prefixes, op25b_pair_fn each,
		  void *arg)
{
	struct sides p = { .c = c, .sort = op25b_sort_new() };
	int err;

	if (!p.sort)
		return op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	err = sort_files(s, p.sort, prefixes);
	if (!err)
		err = walk(&p, each, arg);
	op25b_sort_free(p.sort);
	if (err == OP25B_FOUND_BAD)
		return op25b_source_changed(ctx, s);
	return err ? op25b_copy_failed(ctx, err) : OP25B_DONE;
}
