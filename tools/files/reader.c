// SPDX-License-Identifier: GPL-2.0
/* Files, a line at a time, in large reads and bounded memory. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/reader.h"
#include "files/spool.h"
#include "words/grammar.h"
#include "say.h"

#define ROOM	(256 * 1024)

/* Milliseconds in which somebody has to open a named pipe to write to it. */
#define PIPE_WAIT	5000

static ssize_t read_some(int fd, void *buf, size_t len)
{
	ssize_t n;

	do {
		n = read(fd, buf, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* The same, but waits for data where @fd does not block. */
static ssize_t await_some(int fd, void *buf, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	while ((n = read_some(fd, buf, len)) == -EAGAIN)
		poll(&p, 1, -1);
	return n;
}

/* The first data of a pipe. For somebody to open a named one and write to it,
 * it does not wait for ever.
 */
static ssize_t first_of_pipe(int fd, void *buf, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n = read_some(fd, buf, len);
	bool alone = !n && !poll(&p, 1, PIPE_WAIT);

	if (n)
		return n;
	n = read_some(fd, buf, len);
	return alone && !n ? -ETIMEDOUT : n;
}

/* Copies what is left of @r to @fd. Return: 0, or -1 with @err set */
static int drain(struct op25b_reader *r, int fd, mode_t mode,
		 struct op25b_err *err)
{
	bool device = S_ISCHR(mode) || S_ISBLK(mode);
	uint64_t room = device ? OP25B_DEVICE_MAX : OP25B_BYTES_MAX;
	ssize_t n = S_ISFIFO(mode) ? first_of_pipe(r->fd, r->buf, ROOM) :
				     -EAGAIN;
	int bad;

	if (n == -ETIMEDOUT)
		return op25b_err(err, "nobody writes to this pipe");
	if (n == -EAGAIN)
		n = await_some(r->fd, r->buf, ROOM);
	for (; n > 0; n = await_some(r->fd, r->buf, ROOM)) {
		if ((uint64_t)n > room)
			return op25b_err(err, "expected at most %s",
					 device ? "1 MiB from a device" :
						  "1 GiB");
		room -= n;
		bad = op25b_write_all(fd, r->buf, n);
		if (bad)
			return op25b_err(err, "no room for a copy in %s: %s",
					 op25b_nameless_dir(), strerror(-bad));
	}
	return n ? op25b_err(err, "%s", strerror(-n)) : 0;
}

/* Copies all of @r to a nameless file, which takes its place. */
static int keep(struct op25b_reader *r, mode_t mode, struct op25b_err *err)
{
	int fd = op25b_nameless_file();

	if (fd < 0)
		return op25b_err(err, "no room for a copy in %s: %s",
				 op25b_nameless_dir(), strerror(-fd));
	if (drain(r, fd, mode, err)) {
		close(fd);
		return -1;
	}
	close(r->fd);
	r->fd = fd;
	return 0;
}

static int open_file(struct op25b_reader *r, const char *name, bool again,
		     struct op25b_err *err)
{
	int wait = again ? O_NONBLOCK : 0;
	struct stat st;

	r->buf = malloc(ROOM);
	if (!r->buf)
		return op25b_err(err, "out of memory");
	if (!strcmp(name, "-"))
		r->fd = dup(STDIN_FILENO);
	else
		r->fd = open(name, O_RDONLY | O_CLOEXEC | wait);
	if (r->fd < 0 || fstat(r->fd, &st))
		return op25b_err(err, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return op25b_err(err, "%s", strerror(EISDIR));
	if (!again)
		return 0;
	if (!S_ISREG(st.st_mode) && keep(r, st.st_mode, err))
		return -1;
	/* Standard input that is a file may have been read to its end. */
	if (op25b_reader_rewind(r))
		return op25b_err(err, "%s", strerror(errno));
	return 0;
}

int op25b_reader_open(struct op25b_ctx *ctx, struct op25b_reader *r,
		      const char *name, bool again)
{
	struct op25b_err err;

	memset(r, 0, sizeof(*r));
	r->fd = -1;
	if (!strcmp(name, "-") && ctx->file && !strcmp(ctx->file, "stdin"))
		return op25b_fail(ctx, OP25B_USAGE,
				  "-: standard input is the batch itself");
	r->limit = UINT64_MAX;
	r->name = strcmp(name, "-") ? name : "stdin";
	if (!open_file(r, name, again, &err))
		return OP25B_DONE;
	op25b_complain(ctx, "cannot read %s: %s", r->name, err.text);
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
		      unsigned long line, uint64_t limit)
{
	r->fd = fd;
	r->limit = limit;
	r->line = line;
	r->pos = 0;
	r->end = 0;
	r->base = offset;
	r->eof = false;
	r->long_line = false;
	return lseek(fd, offset, SEEK_SET) < 0 ? -errno : 0;
}

int op25b_reader_rewind(struct op25b_reader *r)
{
	return op25b_reader_turn(r, r->fd, 0, 0, r->limit);
}

/* Moves the unread rest to the front and reads more behind it. */
static int refill(struct op25b_reader *r)
{
	size_t want;
	ssize_t n;

	memmove(r->buf, r->buf + r->pos, r->end - r->pos);
	r->end -= r->pos;
	r->base += r->pos;
	r->pos = 0;
	want = ROOM - r->end;
	if (want > r->limit - r->base - r->end)
		want = r->limit - r->base - r->end;
	n = want ? read_some(r->fd, r->buf + r->end, want) : 0;
	if (n < 0)
		return n;
	r->end += n;
	r->eof = !n;
	return 0;
}

/* Drops the rest of a line that is too long. Return: 0 or -errno */
static int skip(struct op25b_reader *r)
{
	char *nl;
	int err;

	for (;;) {
		nl = memchr(r->buf + r->pos, '\n', r->end - r->pos);
		r->pos = nl ? (size_t)(nl - r->buf) + 1 : r->end;
		r->long_line = !nl && !r->eof;
		if (!r->long_line)
			return 0;
		err = refill(r);
		if (err)
			return err;
	}
}

int op25b_reader_next(struct op25b_reader *r, char **s, size_t *len)
{
	size_t have, seen = 0;
	char *nl;
	int err = r->long_line ? skip(r) : 0;

	if (err)
		return err;
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
	r->long_line = *len > OP25B_LINE_MAX;
	if (r->long_line)
		return OP25B_LINE_LONG;
	r->pos += *len + !!nl;
	return OP25B_LINE_TEXT;
}

unsigned long op25b_reader_count(int fd, uint64_t from, uint64_t until)
{
	static char buf[64 * 1024];
	unsigned long lines = 0;
	ssize_t n, i;

	while (from < until) {
		size_t want = until - from < sizeof(buf) ? until - from :
							   sizeof(buf);

		n = pread(fd, buf, want, from);
		if (n <= 0)
			break;
		for (i = 0; i < n; i++)
			lines += buf[i] == '\n';
		from += n;
	}
	return lines;
}

static int take_line(struct op25b_ctx *ctx, int found, char *s, size_t len,
		     op25b_words_fn each)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	struct op25b_err err;
	int n;

	if (found == OP25B_LINE_LONG)
		return op25b_fail(ctx, OP25B_USAGE,
				  "line of more than %d bytes", OP25B_LINE_MAX);
	n = op25b_split(s, len, w, &err);
	if (n < 0)
		return op25b_fail(ctx, OP25B_USAGE, "%s", err.text);
	return n ? each(ctx, w, n) : OP25B_DONE;
}

/* Lines up to the last, or the first that ends it. Return: enum op25b_exit */
static int take_lines(struct op25b_ctx *ctx, struct op25b_reader *r,
		      op25b_words_fn each, bool go_on)
{
	int found, ret, all = OP25B_DONE;
	size_t len;
	char *s;

	while ((found = op25b_reader_next(r, &s, &len)) > 0) {
		ctx->line = r->line;
		ret = take_line(ctx, found, s, len, each);
		if (ret && (!all || all == OP25B_BLOCKED))
			all = ret;
		if (ret == OP25B_UNASKED || ret == OP25B_UNWRITTEN ||
		    (!go_on && ret && ret != OP25B_BLOCKED))
			return all;
	}
	if (!found)
		return all;
	ctx->line = r->line;
	return op25b_fail(ctx, OP25B_USAGE, "cannot read on: %s",
			  strerror(-found));
}

int op25b_each_line(struct op25b_ctx *ctx, const char *name,
		    op25b_words_fn each, bool go_on)
{
	const char *file = ctx->file;
	unsigned long line = ctx->line;
	struct op25b_reader r;
	int ret = op25b_reader_open(ctx, &r, name, false);

	if (ret)
		return ret;
	ctx->file = r.name;
	ret = take_lines(ctx, &r, each, go_on);
	ctx->file = file;
	ctx->line = line;
	op25b_reader_close(&r);
	return ret;
}
