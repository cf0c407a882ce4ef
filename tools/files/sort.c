// SPDX-License-Identifier: GPL-2.0
/* The sorter. A record begins with a key whose bytes compare as entries do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/sort.h"
#include "files/spool.h"

#define ROOM		(6UL * 1024 * 1024)	/* of a piece */
#define PIECE_RECORDS	(ROOM / sizeof(struct record))
/* Buffer of a piece that is read. */
#define RUN_ROOM	(16 * 1024)
#define RUNS_MAX	1024

/* Kind, family, address, length. */
#define KEY		(1 + 1 + 16 + 1)

struct record {
	uint8_t key[KEY];
	uint8_t action;
	uint16_t comment_len;
	uint16_t pad;
	uint32_t expires;
	char comment[];
};

/* A sorted piece in the file. */
struct run {
	off_t pos, end;
	char *buf;
	size_t at, have;
};

struct op25b_sort {
	char *buf;
	size_t used;
	struct record **rec;
	size_t n, next;
	int fd;
	off_t written;
	struct run *run;
	unsigned int runs;
	struct run **heap;
	unsigned int heaped;
};

int op25b_entry_order(const struct op25b_entry *a, const struct op25b_entry *b)
{
	int c;

	/* AF_INET is below AF_INET6. */
	if (a->family != b->family)
		return a->family - b->family;
	c = memcmp(a->addr, b->addr, sizeof(a->addr));
	return c ? c : a->len - b->len;
}

/* Bytes of a record, so that the next one is aligned. */
static size_t record_size(const struct record *r)
{
	return (sizeof(*r) + r->comment_len + 3) & ~3UL;
}

struct op25b_sort *op25b_sort_new(void)
{
	struct op25b_sort *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fd = -1;
	s->buf = malloc(ROOM);
	s->rec = malloc(PIECE_RECORDS * sizeof(*s->rec));
	s->run = calloc(RUNS_MAX, sizeof(*s->run));
	if (s->buf && s->rec && s->run)
		return s;
	op25b_sort_free(s);
	return NULL;
}

void op25b_sort_free(struct op25b_sort *s)
{
	unsigned int i;

	if (!s)
		return;
	for (i = 0; s->run && i < s->runs; i++)
		free(s->run[i].buf);
	if (s->fd >= 0)
		close(s->fd);
	free(s->buf);
	free(s->rec);
	free(s->run);
	free(s->heap);
	free(s);
}

static int compare(const void *a, const void *b)
{
	return memcmp((*(struct record * const *)a)->key,
		      (*(struct record * const *)b)->key, KEY);
}

static void sort_piece(struct op25b_sort *s)
{
	qsort(s->rec, s->n, sizeof(*s->rec), compare);
}

/* Writes the records, in order, through a buffer. */
static int write_records(struct op25b_sort *s)
{
	size_t i, used = 0, size;
	static char out[64 * 1024];
	int err = 0;

	for (i = 0; i < s->n && !err; i++) {
		size = record_size(s->rec[i]);
		if (used + size > sizeof(out)) {
			err = op25b_write_all(s->fd, out, used);
			s->written += used;
			used = 0;
		}
		memcpy(out + used, s->rec[i], size);
		used += size;
	}
	s->written += used;
	return err ? err : op25b_write_all(s->fd, out, used);
}

static int spill(struct op25b_sort *s)
{
	struct run *r = &s->run[s->runs];
	int err;

	if (s->runs == RUNS_MAX)
		return -EFBIG;
	if (s->fd < 0) {
		err = op25b_nameless_file();
		if (err < 0)
			return err;
		s->fd = err;
	}
	sort_piece(s);
	r->pos = s->written;
	err = write_records(s);
	r->end = s->written;
	s->runs++;
	s->n = 0;
	s->used = 0;
	return err;
}

int op25b_sort_add(struct op25b_sort *s, const struct op25b_kind *kind,
		   const struct op25b_entry *e)
{
	struct record *r;
	int err;

	if (s->used + sizeof(*r) + sizeof(e->comment) > ROOM ||
	    s->n == PIECE_RECORDS) {
		err = spill(s);
		if (err)
			return err;
	}
	r = (struct record *)(s->buf + s->used);
	r->key[0] = !kind->is_prefix;
	r->key[1] = e->family;
	memcpy(&r->key[2], e->addr, sizeof(e->addr));
	r->key[KEY - 1] = e->len;
	r->action = e->action;
	r->pad = 0;
	r->expires = e->expires;
	r->comment_len = e->comment_len;
	memcpy(r->comment, e->comment, e->comment_len);
	s->rec[s->n++] = r;
	s->used += record_size(r);
	return 0;
}

static struct record *front(struct run *r)
{
	return (struct record *)(r->buf + r->at);
}

/* Makes a whole record stand at the front. Return: 1, 0 at the end, -errno */
static int fetch(struct op25b_sort *s, struct run *r)
{
	size_t left = r->have - r->at, want;
	ssize_t n;

	if (left >= sizeof(struct record) && left >= record_size(front(r)))
		return 1;
	memmove(r->buf, r->buf + r->at, left);
	r->at = 0;
	r->have = left;
	want = r->end - r->pos;
	if (want > RUN_ROOM - left)
		want = RUN_ROOM - left;
	if (!want)
		return 0;
	n = pread(s->fd, r->buf + left, want, r->pos);
	if (n <= 0)
		return n ? -errno : -EIO;
	r->pos += n;
	r->have += n;
	return fetch(s, r);
}

static bool before(struct run *a, struct run *b)
{
	return memcmp(front(a)->key, front(b)->key, KEY) < 0;
}

/* Lets the run at @i sink to its place. */
static void sink(struct op25b_sort *s, unsigned int i)
{
	struct run *r = s->heap[i];
	unsigned int c;

	while ((c = 2 * i + 1) < s->heaped) {
		if (c + 1 < s->heaped && before(s->heap[c + 1], s->heap[c]))
			c++;
		if (!before(s->heap[c], r))
			break;
		s->heap[i] = s->heap[c];
		i = c;
	}
	s->heap[i] = r;
}

int op25b_sort_finish(struct op25b_sort *s)
{
	unsigned int i;
	int err;

	if (!s->runs) {
		sort_piece(s);
		return 0;
	}
	err = s->n ? spill(s) : 0;
	if (err)
		return err;
	s->heap = calloc(s->runs, sizeof(*s->heap));
	for (i = 0; s->heap && i < s->runs; i++) {
		s->run[i].buf = malloc(RUN_ROOM);
		if (!s->run[i].buf)
			return -ENOMEM;
		err = fetch(s, &s->run[i]);
		if (err < 0)
			return err;
		s->heap[s->heaped++] = &s->run[i];
	}
	for (i = s->heaped; i--;)
		sink(s, i);
	return s->heap ? 0 : -ENOMEM;
}

static void unpack(const struct record *r, const struct op25b_kind **kind,
		   struct op25b_entry *e)
{
	memset(e, 0, offsetof(struct op25b_entry, comment));
	*kind = r->key[0] ? &op25b_relay_kind : &op25b_prefix_kind;
	e->family = r->key[1];
	memcpy(e->addr, &r->key[2], sizeof(e->addr));
	e->len = r->key[KEY - 1];
	e->action = r->action;
	e->origin = OP25B_ORIGIN_CONFIG;
	e->expires = r->expires;
	e->comment_len = r->comment_len;
	memcpy(e->comment, r->comment, r->comment_len);
	e->comment[e->comment_len] = '\0';
}

int op25b_sort_next(struct op25b_sort *s, const struct op25b_kind **kind,
		    struct op25b_entry *e)
{
	struct run *r;
	int more;

	if (!s->runs) {
		if (s->next == s->n)
			return 0;
		unpack(s->rec[s->next++], kind, e);
		return 1;
	}
	if (!s->heaped)
		return 0;
	r = s->heap[0];
	unpack(front(r), kind, e);
	r->at += record_size(front(r));
	more = fetch(s, r);
	if (more < 0)
		return more;
	if (!more)
		s->heap[0] = s->heap[--s->heaped];
	if (s->heaped)
		sink(s, 0);
	return 1;
}
