// SPDX-License-Identifier: GPL-2.0
/* Many entries in one message. */
#include <assert.h>
#include <string.h>

#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/bulk.h"
#include "kernel/entry.h"

/* Offset of an entry that waits for its packed array. */
#define WAITING	0

static_assert(sizeof(struct op25b_prefix_rec) == 24, "ABI");
static_assert(sizeof(struct op25b_relay_rec) == 24, "ABI");

static uint32_t tail(const struct nl_msg *msg)
{
	return NLMSG_ALIGN(nlmsg_hdr((struct nl_msg *)msg)->nlmsg_len);
}

void op25b_bulk_begin(struct op25b_bulk *b, struct nl_msg *msg)
{
	b->msg = msg;
	b->bytes = 0;
	b->n = 0;
	b->packed[0] = 0;
	b->packed[1] = 0;
}

bool op25b_bulk_add(struct op25b_bulk *b, const struct op25b_kind *kind,
		    const struct op25b_entry *e, struct op25b_place place)
{
	struct op25b_mark *m = &b->mark[b->n++];

	m->kind = kind;
	m->place = place;
	m->rec = (struct op25b_prefix_rec){
		.family = e->family, .len = e->len, .action = e->action,
		.expires = e->expires
	};
	memcpy(m->rec.addr, e->addr, sizeof(e->addr));
	if (e->comment_len) {
		m->offset = tail(b->msg);
		op25b_entry_put(b->msg, kind, e);
		b->bytes += tail(b->msg) - m->offset;
	} else {
		m->offset = WAITING;
		b->bytes += sizeof(m->rec);
		b->packed[kind->is_prefix]++;
	}
	/* The largest nest is below 512 bytes. */
	return b->n == OP25B_BULK_ENTRIES ||
		b->bytes > OP25B_BULK_BYTES - 512;
}

static void put_packed(struct op25b_bulk *b, const struct op25b_kind *kind)
{
	unsigned int i, n = b->packed[kind->is_prefix];
	struct op25b_prefix_rec *rec;
	struct nlattr *a;

	if (!n)
		return;
	a = nla_reserve(b->msg, kind->packed, n * sizeof(*rec));
	if (!a)
		return;
	rec = nla_data(a);
	for (i = 0; i < b->n; i++) {
		struct op25b_mark *m = &b->mark[i];

		if (m->kind != kind || m->offset != WAITING)
			continue;
		/* A relay's record has zeroes for action and expiry. */
		*rec = m->rec;
		m->offset = (char *)rec++ - (char *)nlmsg_hdr(b->msg);
	}
}

struct nl_msg *op25b_bulk_end(struct op25b_bulk *b)
{
	if (b->packed[0] + b->packed[1])
		nla_put_u32(b->msg, OP25B_A_RECORD_SIZE,
			    sizeof(struct op25b_prefix_rec));
	put_packed(b, &op25b_prefix_kind);
	put_packed(b, &op25b_relay_kind);
	return b->msg;
}

const struct op25b_mark *op25b_bulk_find(const struct op25b_bulk *b,
					 uint32_t offset)
{
	const struct op25b_mark *best = NULL;
	unsigned int i;

	/* The last that begins at or before it: an offset may point into a
	 * nest. Packed records stand behind all nests.
	 */
	for (i = 0; i < b->n; i++) {
		const struct op25b_mark *m = &b->mark[i];

		if (m->offset <= offset && (!best || m->offset > best->offset))
			best = m;
	}
	return best;
}
