// SPDX-License-Identifier: GPL-2.0
/* What routes put in force, in the kernel. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <netlink/msg.h>
#include <netlink/attr.h>

#include "kernel/entry.h"
#include "kernel/netlink.h"
#include "kernel/state.h"
#include "routes/force.h"

/* Bytes of a step, and of all of them. */
#define STEP_BYTES	64
#define MESSAGE_BYTES	(OP25B_STEPS * STEP_BYTES)

/* How often, and after how many microseconds, the kernel is asked again that is
 * busy with what others have replaced.
 */
#define PATIENCE	200
#define PAUSE		5000

struct reading {
	struct op25b_rset *set;
	const struct op25b_kind *kind;
	uint32_t now;
};

static int take_entry(const struct nlattr *a, void *arg)
{
	struct reading *r = arg;
	struct op25b_key key = { .relay = !r->kind->is_prefix };
	struct op25b_entry e;

	if (!op25b_entry_get(a, r->kind, &e))
		return -EBADMSG;
	memcpy(key.addr, e.addr, sizeof(key.addr));
	key.family = e.family;
	key.len = e.len;
	return op25b_rset_found(r->set, r->now, &key, e.action);
}

static int read_kind(struct op25b_force *f, struct op25b_rset *set,
		     const struct op25b_kind *kind, uint32_t now)
{
	struct reading r = { set, kind, now };
	struct nl_msg *msg = op25b_nl_new(f->ctx, kind->cmd_get,
					  OP25B_MSG_SMALL);

	op25b_origin_put(msg, OP25B_ORIGIN_BGP, OP25B_ORIGIN_UNSPEC);
	return op25b_nl_dump(f->ctx, msg, kind->nest, take_entry, &r);
}

static int read_once(struct op25b_force *f, struct op25b_rset *set,
		     uint32_t now)
{
	struct op25b_state st;
	int err = op25b_state_get(f->ctx, &st);

	if (err)
		return err;
	f->serial = st.part[OP25B_ORIGIN_BGP].serial;
	op25b_rset_unknown(set);
	err = read_kind(f, set, &op25b_prefix_kind, now);
	if (!err)
		err = read_kind(f, set, &op25b_relay_kind, now);
	if (!err)
		err = op25b_state_get(f->ctx, &st);
	return err || f->serial == st.part[OP25B_ORIGIN_BGP].serial ? err :
								      -EAGAIN;
}

int op25b_force_read(struct op25b_force *f, struct op25b_rset *set,
		     uint32_t now, bool *again)
{
	struct op25b_state st;
	int err = op25b_state_get(f->ctx, &st), tries;

	*again = false;
	if (err)
		return err;
	set->limit[false] = st.part[OP25B_ORIGIN_BGP].max_prefixes;
	set->limit[true] = st.max_relays;
	if (f->known && f->serial == st.part[OP25B_ORIGIN_BGP].serial)
		return 0;
	*again = true;
	err = -EAGAIN;
	for (tries = 0; err == -EAGAIN && tries < OP25B_TRIES; tries++)
		err = read_once(f, set, now);
	f->known = !err;
	return err;
}

/* Nothing has to be asked that the kernel has no room for. */
static bool is_futile(const struct op25b_rset *set,
		      const struct op25b_step *s)
{
	return set->full && !s->gone && !op25b_rset_present(set, s);
}

static void put_step(struct nl_msg *msg, const struct op25b_step *s)
{
	struct op25b_entry e;

	memcpy(e.addr, s->key.addr, sizeof(e.addr));
	e.family = s->key.family;
	e.len = s->key.len;
	e.action = s->gone || s->key.relay ? 0 : s->class;
	e.expires = 0;
	e.comment_len = 0;
	op25b_entry_put(msg, s->key.relay ? &op25b_relay_kind :
			&op25b_prefix_kind, &e);
}

/* Sends the steps from @from to before @to. Where one is refused, nothing was
 * done, and *@bad is its number, or -1. Return: 0 or -errno
 */
static int send_steps(struct op25b_force *f, struct op25b_rset *set,
		      unsigned int from, unsigned int to, int *bad)
{
	static uint32_t offset[OP25B_STEPS];
	enum op25b_op op = OP25B_OP_UNSPEC, next;
	struct nl_msg *msg = op25b_nl_new(f->ctx, OP25B_CMD_CHANGE,
					  MESSAGE_BYTES);
	unsigned int i;
	int err;

	op25b_origin_put(msg, OP25B_ORIGIN_BGP, OP25B_ORIGIN_UNSPEC);
	for (i = from; i < to; i++) {
		struct op25b_step *s = &set->step[i];

		offset[i] = OP25B_NO_OFFSET;
		if (is_futile(set, s))
			continue;
		next = s->gone ? OP25B_OP_DEL_IF_PRESENT : OP25B_OP_REPLACE;
		if (next != op)
			nla_put_u8(msg, OP25B_A_OP, next);
		op = next;
		offset[i] = NLMSG_ALIGN(nlmsg_hdr(msg)->nlmsg_len);
		put_step(msg, s);
	}
	*bad = -1;
	if (op == OP25B_OP_UNSPEC) {
		nlmsg_free(msg);
		return 0;
	}
	err = op25b_nl_talk(f->ctx, msg, NULL, NULL);
	for (i = from; err && f->ctx->nl->offset != OP25B_NO_OFFSET &&
	     i < to; i++)
		if (offset[i] <= f->ctx->nl->offset)
			*bad = i;
	f->serial += !err;
	return err;
}

static int send_patiently(struct op25b_force *f, struct op25b_rset *set,
			  unsigned int from, unsigned int to, int *bad)
{
	int tries, err = -EBUSY;

	for (tries = 0; err == -EBUSY && tries < PATIENCE; tries++) {
		if (tries)
			usleep(PAUSE);
		err = send_steps(f, set, from, to, bad);
	}
	return err;
}

static void settle(struct op25b_rset *set, unsigned int from, unsigned int to)
{
	for (; from < to; from++)
		op25b_rset_settle(set, &set->step[from],
				  is_futile(set, &set->step[from]) ?
				  OP25B_STEP_REFUSED : OP25B_STEP_DONE);
}

/* Is the kernel's no about one step? */
static bool is_about_step(int err)
{
	return err == -ENOSPC || err == -EINVAL || err == -ERANGE ||
	       err == -EEXIST || err == -ENOENT || err == -EOPNOTSUPP;
}

/* Does those before @bad, which are fine, and notes that @bad is refused.
 * Return: 0 or -errno
 */
static int pass_by(struct op25b_force *f, struct op25b_rset *set,
		   unsigned int from, unsigned int bad, int why)
{
	int none, err = 0;

	if (bad > from)
		err = send_patiently(f, set, from, bad, &none);
	if (err)
		return err;
	settle(set, from, bad);
	op25b_rset_settle(set, &set->step[bad], why == -ENOSPC ?
			  OP25B_STEP_NO_ROOM : OP25B_STEP_REFUSED);
	return 0;
}

int op25b_force_flush(struct op25b_rset *set, void *arg)
{
	struct op25b_force *f = arg;
	unsigned int from = 0;
	int bad, err = 0;

	while (!err && from < set->n) {
		err = send_patiently(f, set, from, set->n, &bad);
		if (!err) {
			settle(set, from, set->n);
			return 0;
		}
		/* Without an offset the first is as good as any. */
		bad = bad < 0 ? (int)from : bad;
		if (is_about_step(err))
			err = pass_by(f, set, from, bad, err);
		from = bad + 1;
	}
	if (err)
		f->known = false;
	return err;
}

/* The number of the controller's group "notify", which never changes. */
int op25b_force_watch(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int fd, group = GENL_ID_CTRL;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	if (!bind(fd, (struct sockaddr *)&addr, sizeof(addr)) &&
	    !setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			sizeof(group)))
		return fd;
	close(fd);
	return -errno;
}

static bool is_ours(struct nlmsghdr *h)
{
	const struct genlmsghdr *g = nlmsg_data(h);
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	return nlmsg_datalen(h) >= (int)GENL_HDRLEN &&
	       (g->cmd == CTRL_CMD_NEWFAMILY || g->cmd == CTRL_CMD_DELFAMILY) &&
	       !nlmsg_parse(h, GENL_HDRLEN, tb, CTRL_ATTR_MAX, NULL) &&
	       tb[CTRL_ATTR_FAMILY_NAME] &&
	       !strcmp(nla_get_string(tb[CTRL_ATTR_FAMILY_NAME]),
		       OP25B_GENL_NAME);
}

bool op25b_force_moved(int fd)
{
	static struct nlmsghdr buf[1024];
	struct nlmsghdr *h;
	bool ours = false;
	int n;

	/* What was lost may have been it. */
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0 || errno == ENOBUFS) {
		ours |= n < 0;
		for (h = buf; nlmsg_ok(h, n); h = nlmsg_next(h, &n))
			ours |= is_ours(h);
		errno = 0;
	}
	return ours;
}
