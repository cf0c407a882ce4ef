// SPDX-License-Identifier: GPL-2.0
/* The spool. Each entry is written up to the end of its comment, so that most
 * take 56 bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/spool.h"

#define FIXED	offsetof(struct op25b_entry, comment)

const char *op25b_nameless_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/tmp";
}

int op25b_nameless_file(void)
{
	const char *dir = op25b_nameless_dir();
	char path[4096];
	int fd;

	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	/* Not every file system has O_TMPFILE. */
	snprintf(path, sizeof(path), "%s/op25bctl.XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

int op25b_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return -errno;
	}
	return 0;
}

int op25b_spool_init(struct op25b_spool *sp)
{
	memset(sp, 0, sizeof(*sp));
	sp->fd = -1;
	sp->buf = malloc(OP25B_SPOOL_ROOM);
	return sp->buf ? 0 : -ENOMEM;
}

void op25b_spool_free(struct op25b_spool *sp)
{
	if (sp->fd >= 0)
		close(sp->fd);
	free(sp->buf);
	sp->buf = NULL;
	sp->fd = -1;
}

int op25b_spool_reset(struct op25b_spool *sp)
{
	sp->used = 0;
	sp->pos = 0;
	if (sp->fd >= 0 && (lseek(sp->fd, 0, SEEK_SET) < 0 ||
			    ftruncate(sp->fd, 0)))
		sp->error = -errno;
	return sp->error;
}

static int spill(struct op25b_spool *sp)
{
	if (sp->fd < 0)
		sp->fd = op25b_nameless_file();
	sp->error = sp->fd < 0 ? sp->fd :
		op25b_write_all(sp->fd, sp->buf, sp->used);
	sp->used = 0;
	return sp->error;
}

int op25b_spool_add(struct op25b_spool *sp, const struct op25b_entry *e)
{
	size_t len = FIXED + e->comment_len;
	int err;

	if (sp->used + len > OP25B_SPOOL_ROOM) {
		err = spill(sp);
		if (err)
			return err;
	}
	memcpy(sp->buf + sp->used, e, len);
	sp->used += len;
	return 0;
}

int op25b_spool_rewind(struct op25b_spool *sp)
{
	int err;

	sp->pos = 0;
	if (sp->fd < 0)
		return 0;
	err = spill(sp);
	if (!err && lseek(sp->fd, 0, SEEK_SET) < 0)
		err = -errno;
	return err;
}

/* Makes as much as the file has left follow the unread rest of buf. */
static int refill(struct op25b_spool *sp)
{
	ssize_t n;

	memmove(sp->buf, sp->buf + sp->pos, sp->used - sp->pos);
	sp->used -= sp->pos;
	sp->pos = 0;
	do {
		n = read(sp->fd, sp->buf + sp->used,
			 OP25B_SPOOL_ROOM - sp->used);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	sp->used += n;
	return 0;
}

int op25b_spool_next(struct op25b_spool *sp, struct op25b_entry *e)
{
	int err;

	if (sp->fd >= 0 && sp->used - sp->pos < sizeof(*e)) {
		err = refill(sp);
		if (err)
			return err;
	}
	if (sp->pos == sp->used)
		return 0;
	if (sp->used - sp->pos < FIXED)
		return -EIO;
	memcpy(e, sp->buf + sp->pos, FIXED);
	sp->pos += FIXED;
	if (sp->used - sp->pos < e->comment_len)
		return -EIO;
	memcpy(e->comment, sp->buf + sp->pos, e->comment_len);
	e->comment[e->comment_len] = '\0';
	sp->pos += e->comment_len;
	return 1;
}
