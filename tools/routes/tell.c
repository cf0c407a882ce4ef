// SPDX-License-Identifier: GPL-2.0
/* What others hear of `routes follow`. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "routes/tell.h"

/* Seconds in which an answer comes: no scan takes longer. */
#define PATIENCE	10

/* Where systemd's socket is, "@" for an abstract one. */
static socklen_t systemd_address(struct sockaddr_un *addr)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (len < 2 || len >= sizeof(addr->sun_path))
		return 0;
	memcpy(addr->sun_path, path, len);
	if (*path == '@')
		addr->sun_path[0] = '\0';
	return offsetof(struct sockaddr_un, sun_path) + len;
}

void op25b_tell_systemd(const char *fmt, ...)
{
	struct sockaddr_un addr;
	socklen_t len = systemd_address(&addr);
	char text[512];
	va_list ap;
	int fd;

	if (!len)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, text, strlen(text), MSG_NOSIGNAL,
	       (struct sockaddr *)&addr, len);
	close(fd);
}

uint64_t op25b_tell_watchdog(void)
{
	const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!us || (pid && strtol(pid, NULL, 10) != getpid()))
		return 0;
	return strtoull(us, NULL, 10) / 1000 / 2;
}

char *op25b_tell_path(const struct op25b_ctx *ctx, const char *variable,
		      const char *dir, const char *name, const char *suffix)
{
	const char *own = getenv(variable);
	char *path, *p;

	if (asprintf(&path, "%s/%s%s%s%s", own ? own : dir, name,
		     ctx->netns ? "@" : "", ctx->netns ? ctx->netns : "",
		     suffix) < 0)
		return NULL;
	/* A namespace may be a path. */
	p = path + strlen(own ? own : dir) + 1;
	while ((p = strchr(p, '/')))
		*p = '-';
	return path;
}

static int address(const struct op25b_ctx *ctx, struct sockaddr_un *addr)
{
	char *path = op25b_tell_path(ctx, "OP25B_RUN_DIR", "/run/op25b",
				     "routes", ".sock");
	int err = 0;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (!path)
		return -ENOMEM;
	if (strlen(path) < sizeof(addr->sun_path))
		strcpy(addr->sun_path, path);
	else
		err = -ENAMETOOLONG;
	free(path);
	return err;
}

static int reach(const struct op25b_ctx *ctx, int flags)
{
	static const struct timeval patience = { .tv_sec = PATIENCE };
	struct sockaddr_un own = { .sun_family = AF_UNIX }, addr;
	int err = address(ctx, &addr), fd;

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return -errno;
	/* A name that the kernel chooses, for the answer to find its way. */
	if (bind(fd, (struct sockaddr *)&own, sizeof(own.sun_family)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)) ||
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int op25b_tell_open(const struct op25b_ctx *ctx)
{
	int other = reach(ctx, 0), fd, err;
	struct sockaddr_un addr;
	char *slash;

	if (other >= 0) {
		close(other);
		return -EADDRINUSE;
	}
	err = address(ctx, &addr);
	if (err)
		return err;
	slash = strrchr(addr.sun_path, '/');
	*slash = '\0';
	mkdir(addr.sun_path, 0700);
	*slash = '/';
	/* What one left that was killed. */
	unlink(addr.sun_path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!bind(fd, (struct sockaddr *)&addr, sizeof(addr)) &&
	    !chmod(addr.sun_path, 0600))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

void op25b_tell_close(const struct op25b_ctx *ctx, int fd)
{
	struct sockaddr_un addr;

	if (fd >= 0 && !address(ctx, &addr))
		unlink(addr.sun_path);
	if (fd >= 0)
		close(fd);
}

void op25b_tell_answer(int fd, op25b_answer_fn answer, void *arg)
{
	char question[64], buf[OP25B_ANSWER] = "";
	struct sockaddr_un from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, question, sizeof(question) - 1, 0,
			     (struct sockaddr *)&from, &len);

	if (n < 0)
		return;
	question[n] = '\0';
	answer(arg, question, buf, sizeof(buf));
	sendto(fd, buf, strlen(buf), MSG_NOSIGNAL | MSG_DONTWAIT,
	       (struct sockaddr *)&from, len);
}

int op25b_tell_ask(const struct op25b_ctx *ctx, const char *question,
		   char *buf)
{
	int fd = reach(ctx, 0), err = 0;
	ssize_t n = -1;

	if (fd < 0)
		return fd;
	if (send(fd, question, strlen(question), MSG_NOSIGNAL) >= 0)
		n = recv(fd, buf, OP25B_ANSWER - 1, 0);
	if (n < 0)
		err = errno == EAGAIN ? -ETIMEDOUT : -errno;
	else
		buf[n] = '\0';
	close(fd);
	return err;
}

bool op25b_tell_line(char **at, const char **key, const char **value)
{
	char *end = strchr(*at, '\n'), *blank = strchr(*at, ' ');

	if (!end || !blank || blank > end)
		return false;
	*end = '\0';
	*blank = '\0';
	*key = *at;
	*value = blank + 1;
	*at = end + 1;
	return true;
}
