// SPDX-License-Identifier: GPL-2.0
/* Entering a network namespace by the name `ip netns` gave it, or a path. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/netlink.h"

#define PATH_ROOM	4096

static const char *path_of(const char *name, char *path)
{
	snprintf(path, PATH_ROOM, "%s%s", strchr(name, '/') ? "" :
		 "/run/netns/", name);
	return path;
}

int op25b_netns_enter(const char *name)
{
	char path[PATH_ROOM];
	int fd, err = 0;

	path_of(name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET))
		err = -errno;
	close(fd);
	return err;
}

bool op25b_netns_is(const char *name)
{
	char path[PATH_ROOM];
	struct stat its, ours;

	return !stat(path_of(name, path), &its) &&
	       !stat("/proc/self/ns/net", &ours) &&
	       its.st_dev == ours.st_dev && its.st_ino == ours.st_ino;
}
