// SPDX-License-Identifier: GPL-2.0
/* Files written whole or not at all: beside the old one, then renamed. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/save.h"
#include "say.h"

/* As the kernel has it. */
#define LINKS_MAX	40

static int failed(struct op25b_ctx *ctx, const char *name)
{
	return op25b_fail(ctx, OP25B_UNWRITTEN, "cannot write %s: %s", name,
			  strerror(errno));
}

static void forget(struct op25b_save *sv)
{
	free(sv->path);
	free(sv->temp);
}

/* The folder of @path and the name @to in it, or @to alone where that is a
 * path from the root. To be freed, or NULL.
 */
static char *beside(const char *path, const char *to)
{
	const char *slash = strrchr(path, '/');
	int dir = slash && *to != '/' ? slash + 1 - path : 0;
	char *joined;

	return asprintf(&joined, "%.*s%s", dir, path, to) < 0 ? NULL : joined;
}

/* The file that is meant: links are followed, also to one that is not there
 * yet. To be freed, or NULL.
 */
static char *resolve(const char *name)
{
	char to[PATH_MAX], *path = realpath(name, NULL), *next;
	unsigned int links = 0;
	ssize_t n;

	if (path || errno != ENOENT)
		return path;
	path = strdup(name);
	while (path && (n = readlink(path, to, sizeof(to) - 1)) >= 0) {
		to[n] = '\0';
		next = links++ < LINKS_MAX ? beside(path, to) : NULL;
		free(path);
		path = next;
	}
	return path;
}

/* Can a file take the place of what is there? */
static bool replaceable(const char *name, const char **why)
{
	struct stat st;

	if (stat(name, &st))
		*why = errno == ENOENT ? NULL : strerror(errno);
	else if (S_ISREG(st.st_mode))
		*why = NULL;
	else
		*why = S_ISDIR(st.st_mode) ? strerror(EISDIR) :
			"expected a regular file";
	return !*why;
}

/* A file that is replaced keeps its mode and owner. A new one is for its
 * owner only (mkstemp): subscriber lists are private.
 */
static int keep_mode(const struct op25b_save *sv, int fd)
{
	struct stat st;

	if (stat(sv->path, &st))
		return errno == ENOENT ? 0 : -1;
	if (fchown(fd, st.st_uid, st.st_gid))
		return -1;
	return fchmod(fd, st.st_mode & 07777);
}

int op25b_save_begin(struct op25b_ctx *ctx, struct op25b_save *sv,
		     const char *name)
{
	const char *why;
	int fd, ret;

	if (!replaceable(name, &why))
		return op25b_fail(ctx, OP25B_UNWRITTEN, "cannot write %s: %s",
				  name, why);
	sv->path = resolve(name);
	if (!sv->path || asprintf(&sv->temp, "%s.XXXXXX", sv->path) < 0) {
		free(sv->path);
		return failed(ctx, name);
	}
	fd = mkostemp(sv->temp, O_CLOEXEC);
	if (fd < 0) {
		ret = failed(ctx, name);
		forget(sv);
		return ret;
	}
	sv->f = keep_mode(sv, fd) ? NULL : fdopen(fd, "w");
	if (sv->f)
		return OP25B_DONE;
	ret = failed(ctx, name);
	close(fd);
	unlink(sv->temp);
	forget(sv);
	return ret;
}

int op25b_save_reopen(struct op25b_ctx *ctx, struct op25b_save *sv)
{
	FILE *f = fopen(sv->temp, "r+e");

	if (!f)
		return failed(ctx, sv->temp);
	fclose(sv->f);
	sv->f = f;
	return keep_mode(sv, fileno(f)) ? failed(ctx, sv->temp) : OP25B_DONE;
}

/* Makes the rename itself outlive a power cut. */
static int sync_dir(const char *path)
{
	char *copy = strdup(path);
	int fd, err = -1;

	if (!copy)
		return -1;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		/* Some file systems cannot sync a directory. */
		err = fsync(fd) && errno != EINVAL ? -1 : 0;
		close(fd);
	}
	free(copy);
	return err;
}

int op25b_save_end(struct op25b_ctx *ctx, struct op25b_save *sv, int ret)
{
	bool bad = ferror(sv->f) | (fflush(sv->f) || fsync(fileno(sv->f)));

	if (fclose(sv->f))
		bad = true;
	if (!ret && (bad || rename(sv->temp, sv->path)))
		ret = failed(ctx, sv->path);
	if (ret)
		unlink(sv->temp);
	else if (sync_dir(sv->path))
		ret = failed(ctx, sv->path);
	forget(sv);
	return ret;
}
