// SPDX-License-Identifier: GPL-2.0
/*
 * prefix sync: what a file has and an origin has not is added, what differs is
 * replaced, and what the file has not is deleted, all by one message. It was
 * made for what was read: if the origin has changed in between, which its
 * serial says, it is read again.
 */
#include <string.h>

#include "conf/compare.h"
#include "conf/sync.h"
#include "kernel/change.h"
#include "kernel/netlink.h"
#include "say.h"

/**
 * struct sync - one attempt
 * @at: gathers the message
 * @put: prefixes, and relays, that are to be added or replaced: they come
 *	behind what is deleted, which makes room for them
 * @changes: how many
 * @ret: of the last entry that was gathered, enum op25b_exit
 * @error: of a spool, 0 or -errno
 */
struct sync {
	struct op25b_ctx at;
	uint8_t origin;
	struct op25b_spool put[2];
	uint64_t changes;
	int ret;
	int error;
};

static void gather(struct sync *y, enum op25b_op op,
		   const struct op25b_kind *kind, const struct op25b_entry *e)
{
	struct op25b_entry mine = *e;

	mine.origin = y->origin;
	if (op == OP25B_OP_DEL_IF_PRESENT) {
		mine.action = OP25B_ACTION_NONE;
		mine.expires = 0;
		mine.comment_len = 0;
	}
	if (!y->ret)
		y->ret = op25b_change_entry(&y->at, op, kind, &mine);
}

static void pair(const struct op25b_kind *kind, const struct op25b_entry *old,
		 const struct op25b_entry *new, void *arg)
{
	struct sync *y = arg;

	if (old && new && !op25b_entry_differs(old, new))
		return;
	y->changes++;
	if (!new)
		gather(y, OP25B_OP_DEL_IF_PRESENT, kind, old);
	else if (!y->error)
		y->error = op25b_spool_add(&y->put[!kind->is_prefix], new);
}

/* Gathers what was kept for the end. Return: enum op25b_exit */
static int gather_put(struct sync *y)
{
	static const struct op25b_kind * const kinds[] = {
		&op25b_prefix_kind, &op25b_relay_kind
	};
	struct op25b_entry e;
	int i, more = y->error;

	for (i = 0; !more && i < 2; i++) {
		more = op25b_spool_rewind(&y->put[i]);
		while (!more && (more = op25b_spool_next(&y->put[i], &e)) > 0) {
			gather(y, OP25B_OP_REPLACE, kinds[i], &e);
			more = 0;
		}
	}
	return more ? op25b_copy_failed(&y->at, more) : y->ret;
}

/* Sends the difference between @c and the file. Return: enum op25b_exit */
static int send(struct op25b_ctx *ctx, struct op25b_source *s,
		struct op25b_copy *c, uint64_t *changes)
{
	struct sync y = {
		.origin = c->origin, .put = { { .fd = -1 }, { .fd = -1 } },
	};
	int ret;

	if (op25b_spool_init(&y.put[0]) || op25b_spool_init(&y.put[1]))
		ret = op25b_fail(ctx, OP25B_UNASKED, "out of memory");
	else
		ret = op25b_change_begin(ctx);
	if (!ret) {
		y.at = *ctx;
		y.at.file = op25b_source_name(s, 0);
		y.at.line = 0;
		ret = op25b_compare(ctx, c, s, true, pair, &y);
		if (!ret)
			ret = gather_put(&y);
		ret = op25b_change_end(ctx, ret);
	}
	op25b_spool_free(&y.put[0]);
	op25b_spool_free(&y.put[1]);
	*changes = y.changes;
	return ret;
}

/* Has the origin changed once, and no more than that, since @c was read?
 * Return: enum op25b_exit, OP25B_BLOCKED if it has
 */
static int look_again(struct op25b_ctx *ctx, const struct op25b_copy *c)
{
	uint64_t before = c->state.part[c->origin].serial;
	struct op25b_state st;

	if (op25b_state_get(ctx, &st))
		return op25b_nl_refused(ctx, "prefix sync");
	return st.part[c->origin].serial == before + 1 ? OP25B_DONE :
							 OP25B_BLOCKED;
}

/* Return: enum op25b_exit, OP25B_BLOCKED if it is to be tried again */
static int attempt(struct op25b_ctx *ctx, struct op25b_source *s,
		   const struct op25b_summary *sum, uint8_t origin, bool force)
{
	struct op25b_copy c;
	uint64_t changes = 0;
	int ret;

	ret = op25b_copy_read(ctx, origin, &c);
	if (!ret && !force)
		ret = op25b_guard_copy(ctx, &c, s, sum);
	if (!ret)
		ret = send(ctx, s, &c, &changes);
	if (!ret && changes)
		ret = look_again(ctx, &c);
	op25b_copy_free(&c);
	return ret;
}

static int sync_files(struct op25b_ctx *ctx, struct op25b_source *s,
		      const struct op25b_summary *sum, uint8_t origin,
		      bool force)
{
	int tries, ret = op25b_nl_open(ctx);

	if (ret)
		return ret;
	for (tries = 0; tries < OP25B_TRIES; tries++) {
		ret = attempt(ctx, s, sum, origin, force);
		if (ret != OP25B_BLOCKED)
			return ret;
	}
	return op25b_fail(ctx, OP25B_REFUSED,
			  "%s: origin %s was changed by others each of the %d times; it may differ from the file",
			  op25b_source_name(s, 0),
			  op25b_word_of(op25b_origin_words, origin),
			  OP25B_TRIES);
}

int op25b_sync(struct op25b_ctx *ctx, const char *name, uint8_t origin,
	       bool force)
{
	struct op25b_warnings ws = { 0 };
	struct op25b_summary sum;
	struct op25b_source s;
	int ret;

	ret = op25b_source_open(ctx, &s, name);
	if (ret)
		return ret;
	s.entries = true;
	ret = op25b_load_check(ctx, &s, &sum, &ws, true);
	if (!ret) {
		op25b_warnings_tell(ctx, &ws);
		ret = sync_files(ctx, &s, &sum, origin, force);
	}
	op25b_warnings_free(&ws);
	op25b_source_close(&s);
	return ret;
}
