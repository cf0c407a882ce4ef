// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into the tool: the kernel as a module of another version would
 * answer. OP25B_SKEW says which:
 *
 *	newer	each answer, and each nest in it, has an attribute more
 *	older	an answer has only the attributes up to OP25B_A_MAX_MEMORY, a
 *		nest all but the last two
 *	command	each command is one that the module does not have
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/op25b.h>

#define UNKNOWN		200
#define ROOM		(256 * 1024)

static const char *skew(void)
{
	const char *word = getenv("OP25B_SKEW");

	return word ? word : "";
}

/* Is it a message of op25b's? Numbers of such families begin there. */
static int is_ours(const struct nlmsghdr *h)
{
	return h->nlmsg_type >= GENL_ID_CTRL + 3 &&
		h->nlmsg_len >= NLMSG_LENGTH(GENL_HDRLEN);
}

static size_t put(char *to, int type, const void *data, size_t len)
{
	struct nlattr a = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	memcpy(to, &a, sizeof(a));
	memcpy(to + NLA_HDRLEN, data, len);
	return NLA_ALIGN(a.nla_len);
}

/* Copies attributes as they would be. Return: bytes written */
static size_t copy(char *to, const char *from, size_t len, int last)
{
	char inner[ROOM / 4];
	const struct nlattr *a;
	size_t used = 0, n;

	for (; len >= sizeof(*a); from += n, len -= n) {
		a = (const struct nlattr *)from;
		n = NLA_ALIGN(a->nla_len);
		if (n > len)
			n = len;
		if (!strcmp(skew(), "older") &&
		    (a->nla_type & NLA_TYPE_MASK) > last)
			continue;
		if (!(a->nla_type & NLA_F_NESTED)) {
			memcpy(to + used, from, n);
			used += n;
			continue;
		}
		used += put(to + used, a->nla_type, inner,
			    copy(inner, from + NLA_HDRLEN,
				 a->nla_len - NLA_HDRLEN,
				 OP25B_PREFIX_A_SYNS));
	}
	if (!strcmp(skew(), "newer"))
		used += put(to + used, UNKNOWN, "new", 4);
	return used;
}

/* Return: bytes at @to */
static size_t rewrite(char *to, const char *from, size_t len)
{
	const size_t head = NLMSG_LENGTH(GENL_HDRLEN);
	size_t used = 0, n;

	while (len >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)from;
		struct nlmsghdr *mine = (struct nlmsghdr *)(to + used);

		n = NLMSG_ALIGN(h->nlmsg_len);
		memcpy(mine, h, n < len ? n : len);
		if (is_ours(h))
			mine->nlmsg_len = head +
				copy(to + used + head, from + head,
				     h->nlmsg_len - head, OP25B_A_MAX_MEMORY);
		used += NLMSG_ALIGN(mine->nlmsg_len);
		if (n >= len)
			break;
		from += n;
		len -= n;
	}
	return used;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	typeof(recvmsg) *real = dlsym(RTLD_NEXT, "recvmsg");
	ssize_t n = real(fd, msg, flags);
	static char copied[ROOM];
	size_t len;

	if (n <= 0 || msg->msg_iovlen != 1 || !*skew() ||
	    !strcmp(skew(), "command"))
		return n;
	len = rewrite(copied, msg->msg_iov->iov_base, n);
	if (len > msg->msg_iov->iov_len)
		abort();
	memcpy(msg->msg_iov->iov_base, copied, len);
	return len;
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	typeof(sendmsg) *real = dlsym(RTLD_NEXT, "sendmsg");
	struct nlmsghdr *h = msg->msg_iov->iov_base;

	if (!strcmp(skew(), "command") && is_ours(h))
		((struct genlmsghdr *)NLMSG_DATA(h))->cmd = UNKNOWN;
	return real(fd, msg, flags);
}
