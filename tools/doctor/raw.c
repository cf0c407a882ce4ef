// SPDX-License-Identifier: GPL-2.0
/* Lists of the kernel's other subsystems. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <netlink/netlink.h>
#include <netlink/msg.h>
#include <netlink/attr.h>

#include "doctor/raw.h"

/* A dump's messages are built in buffers of at most 32 KiB. */
#define RECEIVE_ROOM	(64 * 1024)

/* What takes the answer, the first thing that went wrong, and whether the list
 * changed while it was sent.
 */
struct dump {
	op25b_raw_fn each;
	void *arg;
	int err;
	bool changed;
};

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct dump *d = arg;

	if (!d->err)
		d->err = d->each(nlmsg_hdr(msg), d->arg);
	return NL_OK;
}

static int on_interrupt(struct nl_msg *msg, void *arg)
{
	struct dump *d = arg;

	(void)msg;
	d->changed = true;
	return NL_OK;
}

/* A list that ends before its end says so in its last message. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *h = nlmsg_hdr(msg);
	struct dump *d = arg;
	int err = 0;

	if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(err)))
		memcpy(&err, NLMSG_DATA(h), sizeof(err));
	if (err < 0 && !d->err)
		d->err = err;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct dump *d = arg;

	(void)from;
	d->err = e->error;
	return NL_STOP;
}

static int exchange(struct nl_sock *sk, int protocol, int type, int flags,
		    const void *request, size_t len, struct dump *d)
{
	int err;

	errno = 0;
	err = nl_connect(sk, protocol);
	if (err)
		return errno ? -errno : -EIO;
	nl_socket_set_msg_buf_size(sk, RECEIVE_ROOM);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_valid, d);
	nl_socket_modify_cb(sk, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupt, d);
	nl_socket_modify_cb(sk, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, d);
	nl_socket_modify_err_cb(sk, NL_CB_CUSTOM, on_error, d);
	err = nl_send_simple(sk, type, flags, (void *)request, len);
	if (err >= 0)
		err = nl_recvmsgs_default(sk);
	if (d->err)
		return d->err;
	if (err < 0)
		return -EIO;
	return d->changed ? -EINTR : 0;
}

static int question(int protocol, int type, int flags, const void *request,
		    size_t len, op25b_raw_fn each, void *arg)
{
	struct dump d = { .each = each, .arg = arg };
	struct nl_sock *sk = nl_socket_alloc();
	int err;

	if (!sk)
		return -ENOMEM;
	err = exchange(sk, protocol, type, flags, request, len, &d);
	nl_socket_free(sk);
	return err;
}

int op25b_raw_dump(int protocol, int type, const void *request, size_t len,
		   op25b_raw_fn each, void *arg)
{
	return question(protocol, type, NLM_F_DUMP, request, len, each, arg);
}

int op25b_raw_ask(int protocol, int type, const void *request, size_t len,
		  op25b_raw_fn each, void *arg)
{
	return question(protocol, type, 0, request, len, each, arg);
}

int op25b_raw_parse(const struct nlmsghdr *h, size_t hdrlen,
		    struct nlattr **tb, int max)
{
	return nlmsg_parse((struct nlmsghdr *)h, hdrlen, tb, max, NULL) ?
		-EBADMSG : 0;
}

uint32_t op25b_raw_be32(const struct nlattr *a)
{
	return a && nla_len(a) >= 4 ? ntohl(nla_get_u32(a)) : 0;
}

const char *op25b_raw_str(const struct nlattr *a)
{
	if (!a || nla_len(a) < 1 || !memchr(nla_data(a), 0, nla_len(a)))
		return "";
	return nla_data(a);
}
