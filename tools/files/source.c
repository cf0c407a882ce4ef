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
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "files/sha256.h"
#include "files/source.h"
#include "say.h"

/**
 * struct op25b_part - one file
 * @name: as complaints call it
 * @fd: open until the source is closed
 * @base: offset of its first byte, counted through all files
 * @dev: tells, with @ino, one file from another
 * @from: the include that asked for it; line 0 for the first
 * @resume: offset, and @line the number, of the last line read before it
 *	included others
 */
struct op25b_part {
	char *name;
	int fd;
	uint64_t base;
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

static bool same_place(struct op25b_place a, struct op25b_place b)
{
	return a.file == b.file && a.line == b.line;
}

/* Goes to a place in a file. */
static int turn_to(struct op25b_source *s, unsigned int file, uint64_t offset,
		   unsigned long line)
{
	s->at.file = file;
	return op25b_reader_turn(&s->r, s->part[file].fd, offset, line);
}

int op25b_source_rewind(struct op25b_source *s)
{
	return turn_to(s, 0, 0, 0);
}

/* After the end of a file: the next of the same include, or what follows it.
 * Return: 1, 0 at the end of all, or -errno
 */
static int leave(struct op25b_source *s)
{
	const struct op25b_part *p = &s->part[s->at.file];
	unsigned int next = s->at.file + 1, up = p->from.file;
	int err;

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
	s->start = s->part[s->at.file].base + s->r.start;
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

static void add_part(struct op25b_source *s, char *name, int fd,
		     const struct stat *st, struct op25b_place from)
{
	s->part[s->n++] = (struct op25b_part){
		.name = name, .fd = fd, .base = s->bytes, .from = from,
		.dev = st->st_dev, .ino = st->st_ino,
	};
	s->bytes += st->st_size + 1;
}

/* Opens a file for the include at s->at; takes @name. Return: 0 or -1 */
static int include_file(struct op25b_source *s, char *name,
			struct op25b_err *err)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *no;
	struct stat st;

	no = objection(s, fd, &st);
	if (no)
		op25b_err(err, "include: cannot read %s: %s", name, no);
	if (!no) {
		add_part(s, name, fd, &st, s->at);
		return 0;
	}
	if (fd >= 0)
		close(fd);
	free(name);
	return -1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

struct names {
	char **name;
	size_t n, room;
};

static bool keep_name(struct names *ns, const char *name)
{
	char **more;

	if (ns->n == ns->room) {
		ns->room = ns->room * 2 + 16;
		more = realloc(ns->name, ns->room * sizeof(*more));
		if (!more)
			return false;
		ns->name = more;
	}
	ns->name[ns->n] = strdup(name);
	return ns->name[ns->n++];
}

/* The names in the folder @dir that fit. Return: 0 or -1 */
static int list_dir(const char *dir, const char *pattern, struct names *ns,
		    struct op25b_err *err)
{
	DIR *d = opendir(*dir ? dir : ".");
	struct dirent *e;

	if (!d)
		return op25b_err(err, "include: cannot read the folder %s: %s",
				 *dir ? dir : ".", strerror(errno));
	while ((e = readdir(d)))
		if (!fnmatch(pattern, e->d_name, FNM_PERIOD) &&
		    !keep_name(ns, e->d_name))
			break;
	closedir(d);
	if (e)
		return op25b_err(err, "out of memory");
	if (ns->n)
		qsort(ns->name, ns->n, sizeof(*ns->name), by_name);
	return 0;
}

/* Opens the files of @dir (empty, or ends with a slash) whose name fits. */
static int include_dir(struct op25b_source *s, const char *dir,
		       const char *pattern, struct op25b_err *err)
{
	struct names ns = { 0 };
	int ret = list_dir(dir, pattern, &ns, err);
	char *path;
	size_t i;

	for (i = 0; i < ns.n; i++) {
		if (!ret && asprintf(&path, "%s%s", dir, ns.name[i]) >= 0)
			ret = include_file(s, path, err);
		free(ns.name[i]);
	}
	free(ns.name);
	return ret;
}

/* The path that @w means in the file being read, to be freed. */
static char *resolve(const struct op25b_source *s, const struct op25b_word *w)
{
	const char *name = op25b_source_name(s, s->at.file);
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
	path = resolve(s, &w[1]);
	if (!path)
		return op25b_err(err, "out of memory");
	base = strrchr(path, '/');
	base = base ? base + 1 : path;
	if (!strpbrk(base, "*?["))
		return include_file(s, path, err);
	base = strdup(base);
	path[strlen(path) - strlen(base)] = '\0';
	ret = include_dir(s, path, base, err);
	free(base);
	free(path);
	return ret;
}

/* The same, all or nothing; once all files are known it only says what is
 * wrong.
 */
static int include(struct op25b_source *s, const struct op25b_word *w, int n,
		   struct op25b_err *err)
{
	unsigned int before = s->n;
	int ret = try_include(s, w, n, err);

	while ((ret || s->opened) && s->n > before) {
		s->bytes = s->part[--s->n].base;
		close(s->part[s->n].fd);
		free(s->part[s->n].name);
	}
	return ret;
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

/* Opens all that is included, and counts lines. */
static int open_all(struct op25b_source *s)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	struct op25b_err err;
	int found, n, ret = 0;
	size_t len, i;
	char *text;

	while (!ret && (found = next_line(s, &text, &len)) > 0) {
		s->lines++;
		for (i = 0; i < len && (text[i] == ' ' || text[i] == '\t'); i++)
			;
		if (found == OP25B_LINE_LONG || i == len || text[i] != 'i')
			continue;
		n = op25b_split(text, len, w, &err);
		if (n > 0 && op25b_is(w, "include") && !include(s, w, n, &err))
			ret = enter(s);
		if (ret > 0)
			ret = 0;
	}
	s->opened = true;
	return ret ? ret : found < 0 ? found : op25b_source_rewind(s);
}

int op25b_source_open(struct op25b_ctx *ctx, struct op25b_source *s,
		      const char *name)
{
	struct op25b_place none = { 0 };
	struct stat st = { 0 };
	int err;

	memset(s, 0, sizeof(*s));
	s->now = time(NULL);
	err = op25b_reader_open(ctx, &s->r, name, true);
	if (err)
		return err;
	fstat(s->r.fd, &st);
	s->part = calloc(OP25B_FILES_MAX, sizeof(*s->part));
	if (s->part)
		add_part(s, strdup(s->r.name), s->r.fd, &st, none);
	err = s->part && s->part->name ? open_all(s) : -ENOMEM;
	if (!err)
		return OP25B_DONE;
	op25b_complain(ctx, "cannot read %s: %s", s->r.name, strerror(-err));
	op25b_source_close(s);
	return OP25B_USAGE;
}

void op25b_source_close(struct op25b_source *s)
{
	unsigned int i;

	if (s->n)
		s->r.fd = -1;
	for (i = 0; i < s->n; i++) {
		close(s->part[i].fd);
		free(s->part[i].name);
	}
	op25b_reader_close(&s->r);
	free(s->part);
	s->part = NULL;
	s->n = 0;
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
		if (!op25b_is(w, "include"))
			return op25b_parse_stmt(w, n_words, st, err) ?
				OP25B_FOUND_BAD : OP25B_FOUND_STMT;
		n = enter(s);
		if (n < 0)
			return n;
		if (!n && include(s, w, n_words, err))
			return OP25B_FOUND_BAD;
	}
	return found;
}

const char *op25b_source_sha256(const struct op25b_source *s, char *text)
{
	static char buf[64 * 1024];
	struct op25b_sha256 sha;
	unsigned int i;
	ssize_t n;
	off_t at;

	op25b_sha256_init(&sha);
	for (i = 0; i < s->n; i++) {
		at = 0;
		while ((n = pread(s->part[i].fd, buf, sizeof(buf), at)) > 0) {
			op25b_sha256_add(&sha, buf, n);
			at += n;
		}
		if (n)
			return NULL;
	}
	return op25b_sha256_end(&sha, text);
}

static const struct op25b_part *part_of(const struct op25b_source *s,
					uint64_t start)
{
	unsigned int i = s->n - 1;

	while (i && s->part[i].base > start)
		i--;
	return &s->part[i];
}

size_t op25b_source_line(const struct op25b_source *s, uint64_t start,
			 char *buf, size_t size)
{
	const struct op25b_part *p = part_of(s, start);
	ssize_t n = pread(p->fd, buf, size, start - p->base);
	char *nl;

	if (n <= 0)
		return 0;
	nl = memchr(buf, '\n', n);
	return nl ? nl - buf : n;
}

struct op25b_place op25b_source_place(const struct op25b_source *s,
				      uint64_t start)
{
	const struct op25b_part *p = part_of(s, start);

	return (struct op25b_place){
		.line = op25b_reader_count(p->fd, start - p->base) + 1,
		.file = p - s->part,
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
