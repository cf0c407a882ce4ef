// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink engine. libnl builds, sends and takes apart; the extended ACK it
 * does not read, so that is done here.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <netlink/genl/genl.h>
#include <netlink/genl/ctrl.h>

#include "kernel/netlink.h"
#include "kernel/version.h"
#include "say.h"

/* The kernel builds dump messages of at most 32 KiB; this holds two. */
#define RECEIVE_ROOM		(64 * 1024)

/* libnl's default of 32 KiB would refuse a packed array as too long. */
#define SEND_BUFFER		(256 * 1024)

/* What one request's callbacks share. */
struct talk {
	struct op25b_nl *nl;
	op25b_reply_fn reply;
	op25b_dump_fn each;
	int attr;
	void *arg;
	bool done;
	bool interrupted;
};

/* Keeps the sentence and offset among the attributes behind an error. */
static void read_extack(struct op25b_nl *nl, const void *attrs, int len)
{
	const struct nlattr *a = attrs;

	for (; nla_ok(a, len); a = nla_next(a, &len)) {
		if (nla_type(a) == NLMSGERR_ATTR_MSG)
			snprintf(nl->sentence, sizeof(nl->sentence), "%.*s",
				 nla_len(a), (const char *)nla_data(a));
		else if (nla_type(a) == NLMSGERR_ATTR_OFFS &&
			 nla_len(a) >= (int)sizeof(uint32_t))
			nl->offset = nla_get_u32(a);
	}
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	/* libnl hands over the payload; the flags stand in front of it. */
	struct nlmsghdr *h = (void *)((char *)e - NLMSG_HDRLEN);
	int left = nlmsg_datalen(h) - sizeof(*e);
	const char *p = (const char *)(e + 1);
	struct talk *t = arg;
	int skip;

	(void)from;
	t->done = true;
	t->nl->error = e->error;
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	if (!(h->nlmsg_flags & NLM_F_CAPPED)) {
		skip = NLMSG_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
		p += skip;
		left -= skip;
	}
	read_extack(t->nl, p, left);
	return NL_STOP;
}

/* The end of a dump carries its error, and a sentence behind that. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct talk *t = arg;
	int len = nlmsg_datalen(h);

	t->done = true;
	if (len < (int)sizeof(int))
		return NL_STOP;
	/* What a callback failed at is not undone by the rest. */
	if (!t->nl->error)
		t->nl->error = *(int *)nlmsg_data(h);
	if (h->nlmsg_flags & NLM_F_ACK_TLVS)
		read_extack(t->nl, (char *)nlmsg_data(h) + sizeof(int),
			    len - sizeof(int));
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct talk *t = arg;

	(void)msg;
	t->done = true;
	return NL_STOP;
}

static int on_interrupt(struct nl_msg *msg, void *arg)
{
	struct talk *t = arg;

	(void)msg;
	t->interrupted = true;
	return NL_OK;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *g = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[OP25B_A_MAX + 1];
	struct talk *t = arg;
	int err = 0, left;
	struct nlattr *a;

	if (nlmsg_hdr(msg)->nlmsg_type != t->nl->family)
		return NL_SKIP;
	if (t->reply)
		err = genlmsg_parse(nlmsg_hdr(msg), 0, tb, OP25B_A_MAX, NULL) ?
			-EBADMSG : t->reply(tb, t->arg);
	if (t->each)
		nla_for_each_attr(a, genlmsg_attrdata(g, 0),
				  genlmsg_attrlen(g, 0), left)
			if (!err && nla_type(a) == t->attr)
				err = t->each(a, t->arg);
	if (err && !t->nl->error)
		t->nl->error = err;
	return NL_OK;
}

static struct nl_cb *callbacks(struct talk *t)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_CUSTOM);

	if (!cb)
		return NULL;
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, t);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, t);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, t);
	nl_cb_set(cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_interrupt, t);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, t);
	return cb;
}

/* A failure of libnl's own, in the kernel's place. */
static void own_failure(struct op25b_nl *nl, const char *what, int nlerr)
{
	nl->error = nlerr == -NLE_PERM ? -EPERM : -EIO;
	snprintf(nl->sentence, sizeof(nl->sentence), "%s: %s", what,
		 nl_geterror(nlerr));
}

static void exchange_once(struct op25b_nl *nl, struct nl_msg *msg,
			  struct nl_cb *cb, struct talk *t)
{
	int err;

	nl->error = 0;
	nl->sentence[0] = '\0';
	nl->offset = OP25B_NO_OFFSET;
	t->done = false;
	err = cb ? nl_send_auto(nl->sk, msg) : -NLE_NOMEM;
	if (err < 0)
		own_failure(nl, "cannot send to the kernel", err);
	while (err >= 0 && !t->done) {
		err = nl_recvmsgs(nl->sk, cb);
		/* libnl repeats an error that on_error() has taken. */
		if (err < 0 && !t->done)
			own_failure(nl, "cannot receive from the kernel", err);
	}
}

static void set_gone(struct op25b_nl *nl)
{
	nl->error = -EIO;
	strcpy(nl->sentence, "op25b.ko has been unloaded");
}

/* The kernel knows no family of our number, which it says without a sentence:
 * the module has gone, or come back with another. Return: true if @msg is to be
 * sent again.
 */
static bool reloaded(struct op25b_nl *nl, struct nl_msg *msg)
{
	int family;

	if (nl->error != -ENOENT || nl->sentence[0])
		return false;
	family = genl_ctrl_resolve(nl->sk, OP25B_GENL_NAME);
	if (family < 0)
		set_gone(nl);
	if (family < 0 || family == nl->family)
		return false;
	nl->family = family;
	nlmsg_hdr(msg)->nlmsg_type = family;
	nlmsg_hdr(msg)->nlmsg_seq = NL_AUTO_SEQ;
	return true;
}

static int exchange(struct op25b_nl *nl, struct nl_msg *msg, struct talk *t)
{
	struct nl_cb *cb = callbacks(t);

	do {
		exchange_once(nl, msg, cb, t);
	} while (reloaded(nl, msg));
	nlmsg_free(msg);
	nl_cb_put(cb);
	return nl->error;
}

int op25b_nl_talk(struct op25b_ctx *ctx, struct nl_msg *msg,
		  op25b_reply_fn reply, void *arg)
{
	struct talk t = { .nl = ctx->nl, .reply = reply, .arg = arg };

	return exchange(ctx->nl, msg, &t);
}

int op25b_nl_talk_each(struct op25b_ctx *ctx, struct nl_msg *msg,
		       op25b_reply_fn reply, int attr, op25b_dump_fn each,
		       void *arg)
{
	struct talk t = {
		.nl = ctx->nl, .reply = reply, .each = each, .attr = attr,
		.arg = arg,
	};

	return exchange(ctx->nl, msg, &t);
}

int op25b_nl_talk_long(struct op25b_ctx *ctx, struct nl_msg *msg)
{
	int room = nlmsg_hdr(msg)->nlmsg_len;

	nlmsg_hdr(msg)->nlmsg_type = ctx->nl->family;
	if (room > SEND_BUFFER / 2)
		setsockopt(nl_socket_get_fd(ctx->nl->sk), SOL_SOCKET,
			   SO_SNDBUFFORCE, &room, sizeof(room));
	return op25b_nl_talk(ctx, msg, NULL, NULL);
}

struct number {
	int attr;
	uint64_t value;
};

static int take_number(struct nlattr **tb, void *arg)
{
	struct number *n = arg;

	if (!tb[n->attr])
		return -EBADMSG;
	n->value = op25b_nl_u64(tb[n->attr]);
	return 0;
}

int op25b_nl_ask(struct op25b_ctx *ctx, struct nl_msg *msg, int attr,
		 uint64_t *value)
{
	struct number n = { .attr = attr };
	int err = op25b_nl_talk(ctx, msg, take_number, &n);

	if (!err)
		*value = n.value;
	return err;
}

uint64_t op25b_nl_u64(const struct nlattr *a)
{
	switch (a ? nla_len(a) : 0) {
	case 1:
		return nla_get_u8(a);
	case 4:
		return nla_get_u32(a);
	case 8:
		return nla_get_u64((struct nlattr *)a);
	}
	return 0;
}

int op25b_nl_dump(struct op25b_ctx *ctx, struct nl_msg *msg, int attr,
		  op25b_dump_fn each, void *arg)
{
	struct talk t = {
		.nl = ctx->nl, .each = each, .attr = attr, .arg = arg,
	};
	int err;

	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
	err = exchange(ctx->nl, msg, &t);
	return err ? err : t.interrupted ? -EAGAIN : 0;
}

/* Events have no request whose number they could carry. */
static int on_sequence(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

/* Joins a group of a family. Return: 0 or libnl's error */
static int join_group(struct op25b_nl *nl, const char *family,
		      const char *name)
{
	int group = genl_ctrl_resolve_grp(nl->sk, family, name);

	return group < 0 ? group : nl_socket_add_membership(nl->sk, group);
}

/* First the controller's group, which tells that a family is gone: then none
 * can go unnoticed that was there after.
 */
static int join(struct op25b_nl *nl)
{
	int err;

	nl->error = 0;
	nl->sentence[0] = '\0';
	err = join_group(nl, "nlctrl", "notify");
	if (!err) {
		nl->family = genl_ctrl_resolve(nl->sk, OP25B_GENL_NAME);
		if (nl->family < 0) {
			set_gone(nl);
			return nl->error;
		}
		err = join_group(nl, OP25B_GENL_NAME, OP25B_GENL_EVENTS);
	}
	if (err == -NLE_OBJ_NOTFOUND) {
		nl->error = -EOPNOTSUPP;
		strcpy(nl->sentence,
		       "this kernel cannot keep others from hearing");
	} else if (err == -NLE_PERM) {
		nl->error = -EPERM;
	} else if (err) {
		own_failure(nl, "cannot listen", err);
	}
	return nl->error;
}

/* The controller's own events: is it our family that went? */
static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *g = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct talk *t = arg;

	if (nlmsg_hdr(msg)->nlmsg_type != GENL_ID_CTRL)
		return on_valid(msg, arg);
	if (g->cmd == CTRL_CMD_DELFAMILY && !t->nl->error &&
	    !genlmsg_parse(nlmsg_hdr(msg), 0, tb, CTRL_ATTR_MAX, NULL) &&
	    tb[CTRL_ATTR_FAMILY_ID] &&
	    nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]) == t->nl->family)
		set_gone(t->nl);
	return NL_OK;
}

/* After a loss, that the family went may be among what was lost: asked on a
 * socket on which no events come in between.
 */
static bool still_there(const struct op25b_nl *nl)
{
	struct nl_sock *sk = nl_socket_alloc();
	bool same;

	same = sk && !genl_connect(sk) &&
	       genl_ctrl_resolve(sk, OP25B_GENL_NAME) == nl->family;
	nl_socket_free(sk);
	return same;
}

/* Waits for a message. A namespace with a name may lose it meanwhile: nobody
 * can reach then what we listen to. Return: false after setting the error
 */
static bool wait_for_event(struct op25b_ctx *ctx)
{
	struct pollfd p = {
		.fd = nl_socket_get_fd(ctx->nl->sk), .events = POLLIN,
	};

	while (!poll(&p, 1, ctx->netns ? 1000 : -1))
		if (!op25b_nl_same_netns(ctx))
			return false;
	return true;
}

int op25b_nl_listen(struct op25b_ctx *ctx, op25b_reply_fn event,
		    int (*overflow)(void *arg), void *arg)
{
	struct talk t = { .nl = ctx->nl, .reply = event, .arg = arg };
	struct op25b_nl *nl = ctx->nl;
	struct nl_cb *cb;
	int err;

	if (join(nl))
		return nl->error;
	cb = callbacks(&t);
	if (cb) {
		nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, &t);
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_event, &t);
	}
	while (!nl->error && wait_for_event(ctx)) {
		err = cb ? nl_recvmsgs(nl->sk, cb) : -NLE_FAILURE;
		/* libnl's name for ENOBUFS */
		if (err == -NLE_NOMEM) {
			nl->error = overflow(arg);
			if (!nl->error && !still_there(nl))
				set_gone(nl);
		} else if (err < 0 && !nl->error) {
			own_failure(nl, "cannot listen", err);
		}
	}
	nl_cb_put(cb);
	return nl->error;
}

bool op25b_nl_same_netns(struct op25b_ctx *ctx)
{
	if (!ctx->netns || op25b_netns_is(ctx->netns))
		return true;
	ctx->nl->error = -EIO;
	snprintf(ctx->nl->sentence, sizeof(ctx->nl->sentence),
		 "network namespace %.150s is gone", ctx->netns);
	return false;
}

struct nl_msg *op25b_nl_new(struct op25b_ctx *ctx, int cmd, size_t size)
{
	size_t room = NLMSG_HDRLEN + GENL_HDRLEN + size;
	struct nl_msg *msg = nlmsg_alloc_size(room);

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ,
				 ctx->nl->family, 0, 0, cmd,
				 OP25B_GENL_VERSION)) {
		op25b_complain(ctx, "out of memory");
		exit(OP25B_UNASKED);
	}
	return msg;
}

const char *op25b_nl_sentence(const struct op25b_ctx *ctx)
{
	if (ctx->nl->sentence[0])
		return ctx->nl->sentence;
	if (ctx->nl->error == -EPERM)
		return "not permitted: be root in the initial user namespace";
	return strerror(-ctx->nl->error);
}

void op25b_nl_add(struct op25b_ctx *ctx, const char *fmt, ...)
{
	char *s = ctx->nl->sentence;
	size_t n;
	va_list ap;

	if (!*s)
		snprintf(s, sizeof(ctx->nl->sentence), "%s",
			 op25b_nl_sentence(ctx));
	n = strlen(s);
	va_start(ap, fmt);
	vsnprintf(s + n, sizeof(ctx->nl->sentence) - n, fmt, ap);
	va_end(ap);
}

int op25b_nl_status(const struct op25b_ctx *ctx)
{
	switch (-ctx->nl->error) {
	case 0:
		return OP25B_DONE;
	case EPERM:
	case EIO:
		return OP25B_UNASKED;
	}
	return OP25B_REFUSED;
}

/* What is refused while a confirm is awaited will be possible again: when? */
static void add_seconds_left(struct op25b_ctx *ctx)
{
	struct op25b_nl was = *ctx->nl;
	uint64_t left = 0;

	op25b_nl_ask(ctx, op25b_nl_new(ctx, OP25B_CMD_GET, 0),
		     OP25B_A_CONFIRM_LEFT, &left);
	*ctx->nl = was;
	if (left)
		op25b_nl_add(ctx, " (%u %s left)", (unsigned int)left,
			     op25b_plural(left, "second", "seconds"));
}

/* What another version of the module does not know, or says otherwise. */
static void add_versions(struct op25b_ctx *ctx)
{
	char module[OP25B_VERSION_TEXT];

	if (op25b_module_differs(module))
		op25b_nl_add(ctx, "; op25b.ko is %s, and op25bctl %s", module,
			     OP25B_VERSION);
}

int op25b_nl_refused(struct op25b_ctx *ctx, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	switch (-ctx->nl->error) {
	case EBUSY:
		add_seconds_left(ctx);
		break;
	case EOPNOTSUPP:
	case EINVAL:
	case EBADMSG:
		add_versions(ctx);
	}
	op25b_complain(ctx, "%s: %s", what, op25b_nl_sentence(ctx));
	return op25b_nl_status(ctx);
}

/* Asks for extended ACKs without the request in them. Old kernels know
 * neither; then refusals have no sentence.
 */
static void ask_extack(struct nl_sock *sk)
{
	int one = 1, fd = nl_socket_get_fd(sk);

	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	/* Strict checks of dump requests too. */
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
}

/* Without the module *@loaded is false. */
static int connect_engine(struct op25b_nl *nl, bool *loaded,
			  struct op25b_err *why)
{
	int err;

	nl->sk = nl_socket_alloc();
	err = nl->sk ? genl_connect(nl->sk) : -NLE_NOMEM;
	/* Without generic netlink (an emulated system call) no op25b either. */
	*loaded = err != -NLE_PROTO_MISMATCH && err != -NLE_AF_NOSUPPORT;
	if (!*loaded) {
		nl->family = -NLE_OBJ_NOTFOUND;
		return 0;
	}
	if (err)
		return op25b_err(why, "cannot open a netlink socket: %s",
				 nl_geterror(err));
	nl_socket_set_buffer_size(nl->sk, SEND_BUFFER, SEND_BUFFER);
	nl_socket_set_msg_buf_size(nl->sk, RECEIVE_ROOM);
	nl_socket_disable_msg_peek(nl->sk);
	nl->family = genl_ctrl_resolve(nl->sk, OP25B_GENL_NAME);
	*loaded = nl->family != -NLE_OBJ_NOTFOUND;
	if (nl->family >= 0)
		ask_extack(nl->sk);
	else if (*loaded)
		return op25b_err(why, "cannot ask the kernel for op25b: %s",
				 nl_geterror(nl->family));
	return 0;
}

int op25b_nl_try(struct op25b_ctx *ctx, bool *loaded, struct op25b_err *why)
{
	int err;

	*loaded = true;
	if (ctx->nl)
		return 0;
	err = ctx->netns ? op25b_netns_enter(ctx->netns) : 0;
	if (err)
		return op25b_err(why, "cannot enter network namespace %s: %s",
				 ctx->netns, err == -ENOENT ?
				 "no such namespace" : strerror(-err));
	ctx->nl = calloc(1, sizeof(*ctx->nl));
	if (!ctx->nl)
		return op25b_err(why, "out of memory");
	err = connect_engine(ctx->nl, loaded, why);
	if (err || !*loaded)
		op25b_nl_close(ctx);
	return err;
}

int op25b_nl_probe(struct op25b_ctx *ctx, bool *loaded)
{
	struct op25b_err why;

	if (ctx->change)
		return op25b_fail(ctx, OP25B_USAGE,
				  "an atomic batch has add, replace and del of prefixes and relays, and set");
	if (!op25b_nl_try(ctx, loaded, &why))
		return OP25B_DONE;
	return op25b_fail(ctx, OP25B_UNASKED, "%s", why.text);
}

int op25b_nl_open(struct op25b_ctx *ctx)
{
	bool loaded;
	int err = op25b_nl_probe(ctx, &loaded);

	if (err || loaded)
		return err;
	return op25b_fail(ctx, OP25B_UNASKED,
			  "op25b.ko is not loaded: `modprobe op25b` loads it; if that fails, `op25bctl doctor` says why");
}

int op25b_nl_open_alone(struct op25b_ctx *ctx, const struct op25b_word *w,
			int n)
{
	return n ? op25b_surplus(ctx, w) : op25b_nl_open(ctx);
}

void op25b_nl_close(struct op25b_ctx *ctx)
{
	if (!ctx->nl)
		return;
	nl_socket_free(ctx->nl->sk);
	free(ctx->nl);
	ctx->nl = NULL;
}
