// SPDX-License-Identifier: GPL-2.0
/*
 * A file and those that it includes. Reading goes down into the files of an
 * include, which stand one behind the other in the table, and on behind the
 * include after the last.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <nettle/base16.h>
#include <nettle/sha2.h>

#include "files/source.h"
#include "say.h"

/* Lines are counted on from the last place of which the number is kept. */
#define MARK_BYTES	(64 * 1024)

/* A place in the files as one number: no file has more than OP25B_BYTES_MAX. */
#define OFFSET_BITS	31
#define OFFSET_MASK	((1UL << OFFSET_BITS) - 1)

struct mark {
	uint32_t offset;
	uint32_t line;
};

/**
 * struct op25b_part - one file
 * @path: as it is opened
 * @name: the same as complaints call it, or @path itself
 * @fd: open until the source is closed
 * @size: bytes that were there when it was first read; what comes later is
 *	not looked at
 * @mark: the first line that begins in each MARK_BYTES, @marks of them
 * @dev: tells, with @ino, one file from another
 * @from: the include that asked for it; line 0 for the first
 * @resume: offset, and @line the number, of the last line read before it
 *	included others
 */
struct op25b_part {
	char *path;
	char *name;
	int fd;
	uint64_t size;
	struct mark *mark;
	unsigned int marks;
	dev_t dev;
	ino_t ino;
	struct op25b_place from;
	uint64_t resume;
	unsigned long line;
};

const char *op25b_source_name(const struct op25b_source *s, unsigned int file)
{
	return s->part[file].name;
}

const char *op25b_source_path(const struct op25b_source *s, unsigned int file)
{
	return s->part[file].path;
}

static bool same_place(struct op25b_place a, struct op25b_place b)
{
	return a.file == b.file && a.line == b.line;
}

/* Goes to a place in a file. */
static int turn_to(struct op25b_source *s, unsigned int file, uint64_t offset,
		   unsigned long line)
{
	uint64_t limit = s->opened ? s->part[file].size : OP25B_BYTES_MAX + 1;

	s->at.file = file;
	return op25b_reader_turn(&s->r, s->part[file].fd, offset, line, limit);
}

int op25b_source_rewind(struct op25b_source *s)
{
	s->includes = 0;
	return turn_to(s, 0, 0, 0);
}

/* After the end of a file: the next of the same include, or what follows it.
 * Return: 1, 0 at the end of all, or -errno
 */
static int leave(struct op25b_source *s)
{
	struct op25b_part *p = &s->part[s->at.file];
	unsigned int next = s->at.file + 1, up = p->from.file;
	int err;

	if (!s->opened) {
		p->size = s->r.base + s->r.end;
		s->bytes += p->size;
		if (s->bytes > OP25B_BYTES_MAX)
			return -EFBIG;
	}
	if (!p->from.line)
		return 0;
	while (next < s->n && !same_place(s->part[next].from, p->from))
		next++;
	if (next < s->n)
		err = turn_to(s, next, 0, 0);
	else
		err = turn_to(s, up, s->part[up].resume, s->part[up].line);
	return err ? err : 1;
}

/* Keeps the number of the line just read, if it is the first in its piece. */
static int keep_mark(struct op25b_part *p, const struct op25b_reader *r)
{
	struct mark *more;

	while (p->marks <= r->start / MARK_BYTES) {
		more = realloc(p->mark, (p->marks + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		p->mark = more;
		more[p->marks++] = (struct mark){ r->start, r->line };
	}
	return 0;
}

/* The next line. Return: as op25b_reader_next() */
static int next_line(struct op25b_source *s, char **text, size_t *len)
{
	int found, more;

	while (!(found = op25b_reader_next(&s->r, text, len))) {
		more = leave(s);
		if (more <= 0)
			return more;
	}
	s->at.line = s->r.line;
	s->start = (uint64_t)s->at.file << OFFSET_BITS | s->r.start;
	return found;
}

/* How many files include each other down to @file; is @st one of them? */
static unsigned int depth(const struct op25b_source *s, unsigned int file,
			  const struct stat *st, bool *loop)
{
	unsigned int n = 1;

	for (;; n++, file = s->part[file].from.file) {
		const struct op25b_part *p = &s->part[file];

		if (p->dev == st->st_dev && p->ino == st->st_ino)
			*loop = true;
		if (!p->from.line)
			return n;
	}
}

/* What keeps @st, behind @fd, from being included; NULL if nothing does. */
static const char *objection(const struct op25b_source *s, int fd,
			     struct stat *st)
{
	bool loop = false;

	if (fd < 0 || fstat(fd, st))
		return strerror(errno);
	if (!S_ISREG(st->st_mode))
		return S_ISDIR(st->st_mode) ? strerror(EISDIR) :
			"expected a regular file";
	if (depth(s, s->at.file, st, &loop) >= OP25B_DEPTH_MAX && !loop)
		return "expected at most 8 files that include each other";
	if (loop)
		return "the file includes itself";
	return s->n == OP25B_FILES_MAX ? "expected at most 512 files" : NULL;
}

/* Takes @fd and @path. Return: false without memory, and nothing is taken */
static bool add_part(struct op25b_source *s, char *path, int fd,
		     const struct stat *st, struct op25b_place from)
{
	char *name = op25b_printable(path);

	if (!name)
		return false;
	s->part[s->n++] = (struct op25b_part){
		.path = path, .name = name, .fd = fd, .from = from,
		.dev = st->st_dev, .ino = st->st_ino,
	};
	return true;
}

static void drop_part(struct op25b_source *s)
{
	struct op25b_part *p = &s->part[--s->n];

	close(p->fd);
	free(p->path);
	free(p->name);
	free(p->mark);
}

/* Opens a file for the include at s->at; takes @path. Return: 0 or -1 */
static int include_file(struct op25b_source *s, char *path,
			struct op25b_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *no;
	struct stat st;

	no = objection(s, fd, &st);
	if (!no && add_part(s, path, fd, &st, s->at))
		return 0;
	op25b_err(err, "include: cannot read %s: %s", path,
		  no ? no : "out of memory");
	if (fd >= 0)
		close(fd);
	free(path);
	return -1;
}

/* Of the include that is being opened: scandir() hands nothing on. */
static const char *pattern;

static int fits(const struct dirent *e)
{
	return !fnmatch(pattern, e->d_name, FNM_PERIOD);
}

/* A folder or a pipe is not read; what cannot be looked at is, so that somebody
 * complains.
 */
static bool is_read(const char *path)
{
	struct stat st;

	return stat(path, &st) || S_ISREG(st.st_mode);
}

/* Opens the files of @dir (empty, or ends with a slash) whose name fits. */
static int include_dir(struct op25b_source *s, const char *dir,
		       struct op25b_err *err)
{
	struct dirent **names = NULL;
	int n, i, ret = 0;
	char *path;

	n = scandir(*dir ? dir : ".", &names, fits, alphasort);
	if (n < 0)
		return op25b_err(err, "include: cannot read the folder %s: %s",
				 *dir ? dir : ".", strerror(errno));
	if (n > OP25B_FILES_MAX)
		ret = op25b_err(err,
				"include: too many files in %s: expected at most %d files",
				*dir ? dir : ".", OP25B_FILES_MAX);
	for (i = 0; i < n; i++) {
		if (!ret && asprintf(&path, "%s%s", dir, names[i]->d_name) < 0)
			ret = op25b_err(err, "out of memory");
		else if (!ret && is_read(path))
			ret = include_file(s, path, err);
		else if (!ret)
			free(path);
		free(names[i]);
	}
	free(names);
	return ret;
}

/* The path that @w means in the file being read, to be freed. */
static char *resolve(const struct op25b_source *s, const struct op25b_word *w)
{
	const char *name = op25b_source_path(s, s->at.file);
	const char *slash = strrchr(name, '/');
	int dir = slash && w->s[0] != '/' ? slash + 1 - name : 0;
	char *path;

	if (asprintf(&path, "%.*s%.*s", dir, name, (int)w->len, w->s) < 0)
		return NULL;
	return path;
}

/* Opens what an include asks for. Return: 0, or -1 with @err set. */
static int try_include(struct op25b_source *s, const struct op25b_word *w,
		       int n, struct op25b_err *err)
{
	char q[OP25B_QUOTE];
	char *path, *base;
	int ret;

	if (n < 2 || !w[1].len)
		return op25b_err(err,
				 "include: expected a file, or FOLDER/*.conf");
	if (n > 2)
		return op25b_err(err, "%s: expected the end of the line",
				 op25b_quote(&w[2], q));
	if (s->includes > OP25B_FILES_MAX)
		return op25b_err(err, "include: expected at most %d of them",
				 OP25B_FILES_MAX);
	path = resolve(s, &w[1]);
	if (!path)
		return op25b_err(err, "out of memory");
	base = strrchr(path, '/');
	base = base ? base + 1 : path;
	if (!strpbrk(base, "*?["))
		return include_file(s, path, err);
	base = strdup(base);
	path[strlen(path) - strlen(base)] = '\0';
	pattern = base;
	ret = include_dir(s, path, err);
	free(base);
	free(path);
	return ret;
}

/* The same, all or nothing; once all files are known nothing is opened any
 * more, it only says what is wrong.
 */
static int run_include(struct op25b_source *s, const struct op25b_word *w,
		       int n, struct op25b_err *err)
{
	unsigned int before = s->n;
	int ret = try_include(s, w, n, err);

	if (!ret && s->opened && s->n > before)
		ret = op25b_err(err,
				"include: files have come since this was first read");
	while (ret && s->n > before)
		drop_part(s);
	return ret;
}

/* Is it an include? Counts those that are. */
static bool is_include(struct op25b_source *s, const struct op25b_word *w)
{
	if (!op25b_is(w, "include"))
		return false;
	s->includes++;
	return true;
}

/* Goes on with the first file of the include at s->at.
 * Return: 1, 0 if it has none, or -errno
 */
static int enter(struct op25b_source *s)
{
	struct op25b_part *p = &s->part[s->at.file];
	unsigned int i = s->at.file + 1;
	int err;

	while (i < s->n && !same_place(s->part[i].from, s->at))
		i++;
	if (i == s->n)
		return 0;
	p->resume = s->r.base + s->r.pos;
	p->line = s->r.line;
	err = turn_to(s, i, 0, 0);
	return err ? err : 1;
}

/* Opens all that is included, counts lines, and keeps some of their numbers. */
static int open_all(struct op25b_source *s)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	struct op25b_err err;
	int found, n, ret = 0;
	size_t len, i;
	char *text;

	while (!ret && (found = next_line(s, &text, &len)) > 0) {
		s->lines++;
		ret = keep_mark(&s->part[s->at.file], &s->r);
		for (i = 0; i < len && (text[i] == ' ' || text[i] == '\t'); i++)
			;
		if (ret || found == OP25B_LINE_LONG || i == len ||
		    text[i] != 'i')
			continue;
		n = op25b_split(text, len, w, &err);
		if (n > 0 && is_include(s, w) && !run_include(s, w, n, &err))
			ret = enter(s);
		if (ret > 0)
			ret = 0;
	}
	s->opened = true;
	return ret ? ret : found < 0 ? found : op25b_source_rewind(s);
}

/* Opens the first file, whose reader is open, and all else.
 * Return: 0 or -errno
 */
static int open_parts(struct op25b_source *s)
{
	struct op25b_place none = { 0 };
	struct stat st = { 0 };
	char *path = strdup(s->r.name);
	int err;

	s->part = calloc(OP25B_FILES_MAX, sizeof(*s->part));
	if (!path || !s->part || fstat(s->r.fd, &st) ||
	    !add_part(s, path, s->r.fd, &st, none)) {
		free(path);
		return -ENOMEM;
	}
	err = op25b_source_rewind(s);
	return err ? err : open_all(s);
}

/* Each file stays open: the usual limit of descriptors may be too low. */
static void allow_files(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim))
		return;
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_NOFILE, &lim);
}

int op25b_source_open(struct op25b_ctx *ctx, struct op25b_source *s,
		      const char *name)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->now = time(NULL);
	err = op25b_reader_open(ctx, &s->r, name, true);
	if (err)
		return err;
	allow_files();
	err = open_parts(s);
	if (!err)
		return OP25B_DONE;
	op25b_complain(ctx, "cannot read %s: %s", s->r.name, err == -EFBIG ?
		       "expected at most 1 GiB, with all that is included" :
		       strerror(-err));
	op25b_source_close(s);
	return OP25B_USAGE;
}

void op25b_source_close(struct op25b_source *s)
{
	if (s->n)
		s->r.fd = -1;
	while (s->n)
		drop_part(s);
	op25b_reader_close(&s->r);
	free(s->part);
	s->part = NULL;
}

static int parse(const struct op25b_source *s, const struct op25b_word *w,
		 int n, struct op25b_stmt *st, struct op25b_err *err)
{
	if (op25b_parse_stmt(w, n, st, err))
		return -1;
	if (s->entries && !st->kind)
		return op25b_err(err,
				 "%s: expected prefix, relay or include: knobs are set by the configuration",
				 st->knob->name);
	return 0;
}

int op25b_source_next(struct op25b_source *s, struct op25b_stmt *st,
		      struct op25b_err *err)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	int found, n_words, n;
	char *text;
	size_t len;

	while ((found = next_line(s, &text, &len)) > 0) {
		if (found == OP25B_LINE_LONG) {
			op25b_err(err,
				  "line too long: expected at most %d bytes",
				  OP25B_LINE_MAX);
			return OP25B_FOUND_BAD;
		}
		n_words = op25b_split(text, len, w, err);
		if (!n_words)
			continue;
		if (n_words < 0)
			return OP25B_FOUND_BAD;
		if (!is_include(s, w))
			return parse(s, w, n_words, st, err) ?
				OP25B_FOUND_BAD : OP25B_FOUND_STMT;
		n = enter(s);
		if (n < 0)
			return n;
		if (!n && run_include(s, w, n_words, err))
			return OP25B_FOUND_BAD;
	}
	return found;
}

const char *op25b_source_sha256(const struct op25b_source *s, char *text)
{
	static uint8_t buf[64 * 1024];
	uint8_t digest[SHA256_DIGEST_SIZE];
	const struct op25b_part *p;
	struct sha256_ctx sha;
	uint64_t at, left;
	unsigned int i;
	ssize_t n;

	sha256_init(&sha);
	for (i = 0; i < s->n; i++) {
		p = &s->part[i];
		for (at = 0; at < p->size; at += n) {
			left = p->size - at;
			n = pread(p->fd, buf, left < sizeof(buf) ? left :
				  sizeof(buf), at);
			if (n <= 0)
				return NULL;
			sha256_update(&sha, n, buf);
		}
	}
	sha256_digest(&sha, sizeof(digest), digest);
	base16_encode_update(text, sizeof(digest), digest);
	text[BASE16_ENCODE_LENGTH(sizeof(digest))] = '\0';
	return text;
}

size_t op25b_source_line(const struct op25b_source *s, uint64_t start,
			 char *buf, size_t size)
{
	ssize_t n = pread(s->part[start >> OFFSET_BITS].fd, buf, size,
			  start & OFFSET_MASK);
	char *nl;

	if (n <= 0)
		return 0;
	nl = memchr(buf, '\n', n);
	return nl ? nl - buf : n;
}

struct op25b_place op25b_source_place(const struct op25b_source *s,
				      uint64_t start)
{
	unsigned int file = start >> OFFSET_BITS;
	const struct op25b_part *p = &s->part[file];
	uint64_t offset = start & OFFSET_MASK;
	struct mark m = { .line = 1 };
	unsigned int i = offset / MARK_BYTES;

	/* In a file that was changed meanwhile there may be less of them. */
	if (i < p->marks)
		m = p->mark[i];
	return (struct op25b_place){
		.line = m.line + op25b_reader_count(p->fd, m.offset, offset),
		.file = file,
	};
}

struct op25b_ctx op25b_source_ctx(const struct op25b_ctx *ctx,
				  const struct op25b_source *s,
				  struct op25b_place place)
{
	struct op25b_ctx at = *ctx;

	at.file = op25b_source_name(s, place.file);
	at.line = place.line;
	return at;
}

const char *op25b_source_where(const struct op25b_source *s,
			       struct op25b_place here,
			       struct op25b_place place, char *buf,
			       size_t size)
{
	if (here.file == place.file)
		snprintf(buf, size, "line %lu", place.line);
	else
		snprintf(buf, size, "%s:%lu",
			 op25b_source_name(s, place.file), place.line);
	return buf;
}

int op25b_source_changed(struct op25b_ctx *ctx,
			 const struct op25b_source *s)
{
	struct op25b_ctx at = op25b_source_ctx(ctx, s, s->at);

	return op25b_fail(&at, OP25B_USAGE,
			  "the line has changed since it was checked");
}
