// SPDX-License-Identifier: GPL-2.0
/*
 * Guests whose packets leave by an interface of ours without coming to our IP
 * layer: macvlan and ipvlan in other namespaces, their taps and virtual
 * functions, which are a virtual machine's. Only an interface itself knows what
 * it is on top of, so the namespaces with a name and those of all processes are
 * entered and asked; each calls ours by a number of its own.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>

#include "doctor/doctor.h"
#include "doctor/raw.h"
#include "say.h"

#define OWN		"/proc/self/ns/net"

/**
 * struct visit - a walk through the namespaces of this machine
 * @own: ours, open
 * @seen: inodes of those we have been to, @n of them, ours the first
 * @asked: how many others were asked
 * @closed: names and processes whose namespace could not be, the last by @err
 */
struct visit {
	struct op25b_doctor *d;
	int own;
	ino_t *seen;
	size_t n;
	unsigned int asked, closed;
	int err;
};

static bool is_tap(const struct op25b_link *l)
{
	return !strcmp(l->kind, "macvtap") || !strcmp(l->kind, "ipvtap");
}

static bool is_guest(const struct op25b_link *l)
{
	return is_tap(l) || !strcmp(l->kind, "macvlan") ||
		!strcmp(l->kind, "ipvlan");
}

static void tell(struct visit *v, const struct op25b_link *l,
		 const char *where)
{
	const struct op25b_link *lower = op25b_link_find(&v->d->links,
							 l->lower);

	op25b_finding(v->d, lower && lower->subscriber ? OP25B_WARNING :
		      OP25B_NOTE,
		      "if mail of guests is to be blocked, give them routed interfaces, or bridged ones with br_netfilter",
		      "%s %s%s is on top of %s: what its guest sends passes op25b by",
		      l->kind, l->name, where, lower ? lower->name : "?");
}

/* Remembers the namespace. Return: 1 if it is new, 0 if not, or -errno */
static int remember(struct visit *v, ino_t ino)
{
	ino_t *more;
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->seen[i] == ino)
			return 0;
	more = realloc(v->seen, (v->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	v->seen = more;
	more[v->n++] = ino;
	return 1;
}

static int take_nsid(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *tb[NETNSA_MAX + 1];
	int *nsid = arg;

	if (h->nlmsg_type != RTM_NEWNSID)
		return 0;
	if (op25b_raw_parse(h, sizeof(struct rtgenmsg), tb, NETNSA_MAX))
		return -EBADMSG;
	if (tb[NETNSA_NSID])
		*nsid = nla_get_s32(tb[NETNSA_NSID]);
	return 0;
}

/* What the namespace we are in calls that of @fd: NETNSA_NSID_NOT_ASSIGNED if
 * nothing in it leads there. Return: 0 or -errno
 */
static int nsid_of(int fd, int *nsid)
{
	struct {
		struct rtgenmsg gen;
		uint8_t pad[3];
		struct nlattr a;
		uint32_t fd;
	} request = {
		.a.nla_type = NETNSA_FD,
		.a.nla_len = NLA_HDRLEN + sizeof(request.fd),
		.fd = fd,
	};

	*nsid = NETNSA_NSID_NOT_ASSIGNED;
	return op25b_raw_ask(NETLINK_ROUTE, RTM_GETNSID, &request,
			     sizeof(request), take_nsid, nsid);
}

/* Asks the namespace that we are in, which is another one. */
static int look_around(struct visit *v, const char *where)
{
	struct op25b_links links;
	int nsid, err = nsid_of(v->own, &nsid);
	size_t i;

	if (err || nsid == NETNSA_NSID_NOT_ASSIGNED)
		return err;
	err = op25b_links_read(&links);
	for (i = 0; !err && i < links.n; i++)
		if (is_guest(&links.link[i]) && links.link[i].lower_away &&
		    links.link[i].lower_nsid == nsid)
			tell(v, &links.link[i], where);
	op25b_links_free(&links);
	return err;
}

static void visit(struct visit *v, const char *path, const char *where)
{
	struct stat st;
	int fd, err;

	if (stat(path, &st)) {
		err = errno == ENOENT || errno == ESRCH ? 0 : -errno;
		fd = -1;
	} else {
		err = remember(v, st.st_ino);
		if (!err)
			return;
		fd = err < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
		if (err > 0)
			err = fd < 0 || setns(fd, CLONE_NEWNET) ? -errno : 0;
		if (!err) {
			err = look_around(v, where);
			setns(v->own, CLONE_NEWNET);
		}
	}
	if (fd >= 0)
		close(fd);
	if (err) {
		v->closed++;
		v->err = err;
	} else if (fd >= 0) {
		v->asked++;
	}
}

/* Namespaces with a name, then those that only processes keep. */
static void visit_all(struct visit *v)
{
	DIR *names = opendir("/run/netns"), *tasks = opendir("/proc");
	char path[300], where[300];
	struct dirent *e;

	while (names && (e = readdir(names))) {
		if (*e->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/run/netns/%s", e->d_name);
		snprintf(where, sizeof(where), " in namespace %s", e->d_name);
		visit(v, path, where);
	}
	while (tasks && (e = readdir(tasks))) {
		if (*e->d_name < '1' || *e->d_name > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", e->d_name);
		snprintf(where, sizeof(where),
			 " in the namespace of process %s", e->d_name);
		visit(v, path, where);
	}
	if (!tasks) {
		v->closed++;
		v->err = -errno;
	} else {
		closedir(tasks);
	}
	if (names)
		closedir(names);
}

static void check_here(struct visit *v)
{
	const struct op25b_link *l = v->d->links.link;
	size_t i;

	for (i = 0; i < v->d->links.n; i++, l++) {
		if (is_tap(l) && !l->lower_away)
			tell(v, l, "");
		if (!l->vfs)
			continue;
		op25b_finding(v->d, l->subscriber ? OP25B_WARNING : OP25B_NOTE,
			      "if mail of guests is to be blocked, give them routed interfaces, or bridged ones with br_netfilter",
			      "%s has %u virtual %s (SR-IOV): what a guest sends by one passes op25b by",
			      l->name, l->vfs,
			      op25b_plural(l->vfs, "function", "functions"));
	}
}

void op25b_check_guests(struct op25b_doctor *d)
{
	struct visit v = { .d = d, .own = open(OWN, O_RDONLY | O_CLOEXEC) };
	struct stat st;

	check_here(&v);
	if (v.own < 0 || fstat(v.own, &st) || remember(&v, st.st_ino) < 0) {
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "other namespaces were not looked at: %s: %s",
			      OWN, strerror(errno));
	} else {
		visit_all(&v);
		op25b_looked(d,
			     "no macvlan, ipvlan or virtual function of a guest, here and in %u other %s",
			     v.asked,
			     op25b_plural(v.asked, "namespace", "namespaces"));
	}
	if (v.closed)
		op25b_finding(d, OP25B_SKIPPED, NULL,
			      "%u %s of names and processes could not be looked at: %s",
			      v.closed,
			      op25b_plural(v.closed, "namespace", "namespaces"),
			      strerror(-v.err));
	if (v.own >= 0)
		close(v.own);
	free(v.seen);
}
