// SPDX-License-Identifier: GPL-2.0
/* Lists of the kernel's other subsystems. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <netlink/netlink.h>
#include <netlink/msg.h>
#include <netlink/attr.h>

#include "doctor/raw.h"

/* A dump's messages are built in buffers of at most 32 KiB. */
#define RECEIVE_ROOM	(64 * 1024)

struct dump {
	op25b_raw_fn each;
	void *arg;
	int err;
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
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct dump *d = arg;

	(void)from;
	d->err = e->error;
	return NL_STOP;
}

static int exchange(struct nl_sock *sk, int protocol, int type,
		    const void *request, size_t len, struct dump *d)
{
	int err = nl_connect(sk, protocol);

	if (err)
		return -EPROTONOSUPPORT;
	nl_socket_set_msg_buf_size(sk, RECEIVE_ROOM);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_valid, d);
	nl_socket_modify_cb(sk, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupt, d);
	nl_socket_modify_err_cb(sk, NL_CB_CUSTOM, on_error, d);
	err = nl_send_simple(sk, type, NLM_F_DUMP, (void *)request, len);
	if (err >= 0)
		err = nl_recvmsgs_default(sk);
	if (d->err)
		return d->err;
	return err < 0 ? -EIO : 0;
}

int op25b_raw_dump(int protocol, int type, const void *request, size_t len,
		   op25b_raw_fn each, void *arg)
{
	struct dump d = { .each = each, .arg = arg };
	struct nl_sock *sk = nl_socket_alloc();
	int err;

	if (!sk)
		return -ENOMEM;
	err = exchange(sk, protocol, type, request, len, &d);
	nl_socket_free(sk);
	return err;
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
