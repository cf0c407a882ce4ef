// SPDX-License-Identifier: GPL-2.0
/* Files, a line at a time, in large reads and bounded memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/reader.h"
#include "files/spool.h"
#include "say.h"

#define ROOM	(256 * 1024)

static ssize_t read_some(int fd, void *buf, size_t len)
{
	ssize_t n;

	do {
		n = read(fd, buf, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Copies all of @r to a nameless file, which takes its place. */
static int keep(struct op25b_reader *r)
{
	int fd = op25b_nameless_file(), err = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	while (!err && (n = read_some(r->fd, r->buf, ROOM)))
		err = n < 0 ? n : op25b_write_all(fd, r->buf, n);
	if (!err && lseek(fd, 0, SEEK_SET) < 0)
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	op25b_reader_close(r);
	r->fd = fd;
	r->buf = malloc(ROOM);
	return r->buf ? 0 : -ENOMEM;
}

static int open_file(struct op25b_reader *r, const char *name, bool again)
{
	struct stat st;

	r->buf = malloc(ROOM);
	if (!r->buf)
		return -ENOMEM;
	if (!strcmp(name, "-"))
		r->fd = dup(STDIN_FILENO);
	else
		r->fd = open(name, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0 || fstat(r->fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return again && !S_ISREG(st.st_mode) ? keep(r) : 0;
}

int op25b_reader_open(struct op25b_ctx *ctx, struct op25b_reader *r,
		      const char *name, bool again)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->fd = -1;
	r->name = strcmp(name, "-") ? name : "stdin";
	err = open_file(r, name, again);
	/* Standard input that is a file may have been read to its end. */
	if (!err && again)
		err = op25b_reader_rewind(r);
	if (!err)
		return OP25B_DONE;
	op25b_complain(ctx, "cannot read %s: %s", r->name, strerror(-err));
	op25b_reader_close(r);
	return OP25B_USAGE;
}

void op25b_reader_close(struct op25b_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->buf);
	r->buf = NULL;
	r->fd = -1;
}

int op25b_reader_turn(struct op25b_reader *r, int fd, uint64_t offset,
		      unsigned long line)
{
	r->fd = fd;
	r->line = line;
	r->pos = 0;
	r->end = 0;
	r->base = offset;
	r->eof = false;
	return lseek(fd, offset, SEEK_SET) < 0 ? -errno : 0;
}

int op25b_reader_rewind(struct op25b_reader *r)
{
	return op25b_reader_turn(r, r->fd, 0, 0);
}

/* Moves the unread rest to the front and reads more behind it. */
static int refill(struct op25b_reader *r)
{
	ssize_t n;

	memmove(r->buf, r->buf + r->pos, r->end - r->pos);
	r->end -= r->pos;
	r->base += r->pos;
	r->pos = 0;
	n = read_some(r->fd, r->buf + r->end, ROOM - r->end);
	if (n < 0)
		return n;
	r->end += n;
	r->eof = !n;
	return 0;
}

/* Drops the rest of a line that is too long. */
static int skip(struct op25b_reader *r)
{
	char *nl;
	int err;

	for (;;) {
		nl = memchr(r->buf + r->pos, '\n', r->end - r->pos);
		r->pos = nl ? (size_t)(nl - r->buf) + 1 : r->end;
		if (nl || r->eof)
			return OP25B_LINE_LONG;
		err = refill(r);
		if (err)
			return err;
	}
}

int op25b_reader_next(struct op25b_reader *r, char **s, size_t *len)
{
	size_t have, seen = 0;
	char *nl;
	int err;

	for (;;) {
		have = r->end - r->pos;
		nl = memchr(r->buf + r->pos + seen, '\n', have - seen);
		if (nl || r->eof || have > OP25B_LINE_MAX)
			break;
		seen = have;
		err = refill(r);
		if (err)
			return err;
	}
	if (!nl && !have)
		return OP25B_LINE_END;
	r->line++;
	r->start = r->base + r->pos;
	*s = r->buf + r->pos;
	*len = nl ? (size_t)(nl - *s) : have;
	if (*len > OP25B_LINE_MAX)
		return skip(r);
	r->pos += *len + !!nl;
	return OP25B_LINE_TEXT;
}

unsigned long op25b_reader_count(int fd, uint64_t until)
{
	static char buf[64 * 1024];
	unsigned long lines = 0;
	uint64_t off = 0;
	ssize_t n, i;

	while (off < until) {
		size_t want = until - off < sizeof(buf) ? until - off :
							  sizeof(buf);

		n = pread(fd, buf, want, off);
		if (n <= 0)
			break;
		for (i = 0; i < n; i++)
			lines += buf[i] == '\n';
		off += n;
	}
	return lines;
}
