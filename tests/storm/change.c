// SPDX-License-Identifier: GPL-2.0
/* The writer: one change after another, each a version of its own. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netlink/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

/* Prefixes elsewhere, so that there is something to free; in a message. */
#define FILLER		1500
#define BUSY_TRIES	3000	/* a hundredth of a second each */
#define FREEING_US	500000	/* until what a big change left is freed */

const char *const change_names[CHANGES] = {
	[ADD_OR_REPLACE] = "replace",
	[DELETE] = "delete",
	[FLUSH] = "flush",
	[COMMIT] = "commit",
	[ABORT] = "abort",
	[MODE] = "mode",
	[REJECT] = "reject",
	[RELAY] = "relay",
	[EXPIRE] = "timed",
	[RELOAD] = "reload",
};

/* Of a hundred changes; a reload takes seconds under emulation. */
static const struct {
	enum change change;
	unsigned int weight;
} weights[] = {
	{ ADD_OR_REPLACE, 400 }, { DELETE, 250 }, { FLUSH, 20 },
	{ COMMIT, 100 }, { ABORT, 20 }, { MODE, 40 }, { REJECT, 40 },
	{ RELAY, 50 }, { EXPIRE, 10 }, { RELOAD, 2 },
};

static struct nl_sock *sock;
static int family;

/* Of the request under way: has the kernel said yes, and which transaction? */
static bool acked;
static uint64_t txn;

static void give_up(const char *what, int error)
{
	complain("%s: %s", what, strerror(error < 0 ? -error : error));
	storm.over = true;
}

static int take_ack(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	acked = true;
	return NL_STOP;
}

static int take_reply(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *head = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attr;

	(void)arg;
	attr = nla_find(genlmsg_attrdata(head, 0), genlmsg_attrlen(head, 0),
			OP25B_A_TXN);
	if (attr)
		txn = nla_get_u64(attr);
	return NL_OK;
}

static void connect_family(void)
{
	sock = nl_socket_alloc();
	if (!sock || genl_connect(sock))
		return give_up("no socket", ENOMEM);
	nl_socket_set_msg_buf_size(sock, 1 << 17);
	nl_socket_set_buffer_size(sock, 1 << 18, 1 << 18);
	family = genl_ctrl_resolve(sock, OP25B_GENL_NAME);
	if (family < 0)
		return give_up("no family", ENOENT);
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, take_reply, NULL);
	nl_socket_modify_cb(sock, NL_CB_ACK, NL_CB_CUSTOM, take_ack, NULL);
}

static struct nl_msg *message(int cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(1 << 17);

	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_ACK, cmd,
		    OP25B_GENL_VERSION);
	return msg;
}

/* Return: did the kernel say yes? An answer comes in front of that. */
static bool ask(struct nl_msg *msg, const char *what)
{
	int err = nl_send_auto(sock, msg);

	nlmsg_free(msg);
	acked = false;
	while (err >= 0 && !acked)
		err = nl_recvmsgs_default(sock);
	if (err < 0) {
		complain("%s refused: %s", what, nl_geterror(err));
		storm.over = true;	/* what is in force is not known */
	}
	return err >= 0;
}

/* The next version, still unknown to the senders. */
static struct state *next(void)
{
	uint32_t n = storm.begun;

	if (n + 2 >= HISTORY)
		storm.over = true;
	storm.history[n + 1] = storm.history[n];
	return &storm.history[n + 1];
}

static void begin(void)
{
	atomic_fetch_add(&storm.begun, 1);
}

static void finish(void)
{
	atomic_store(&storm.done, storm.begun);
}

static void fill(struct op25b_prefix_rec *rec, unsigned int prefix, bool v6,
		 uint8_t action)
{
	static const uint8_t base4[] = { 10, 1 };
	static const uint8_t base6[] = { 0x20, 1, 0x0d, 0xb8, 0, 1 };
	unsigned int slot = (prefix - 1) % SLOTS;
	bool inner = prefix >= INNER(0);

	memset(rec, 0, sizeof(*rec));
	rec->family = v6 ? AF_INET6 : AF_INET;
	rec->action = action;
	if (v6)
		memcpy(rec->addr, base6, sizeof(base6));
	else
		memcpy(rec->addr, base4, sizeof(base4));
	rec->len = v6 ? 48 : 16;
	if (prefix == OUTER)
		return;
	rec->len = v6 ? inner ? 80 : 64 : inner ? 26 : 24;
	rec->addr[v6 ? 7 : 2] = slot;
	if (inner)
		rec->addr[v6 ? 9 : 3] = 0x40;
}

static void put_records(struct nl_msg *msg, const struct op25b_prefix_rec *rec,
			unsigned int n)
{
	nla_put_u32(msg, OP25B_A_RECORD_SIZE, sizeof(*rec));
	nla_put(msg, OP25B_A_PREFIXES, n * sizeof(*rec), rec);
}

/* Both families of @prefix, or of as many as @chosen says. */
static unsigned int put_chosen(struct op25b_prefix_rec *rec, const bool *chosen,
			       const uint8_t *action)
{
	unsigned int i, n = 0;

	for (i = 0; i < PREFIXES; i++) {
		if (!chosen[i])
			continue;
		fill(&rec[n++], i, false, action ? action[i] : 0);
		fill(&rec[n++], i, true, action ? action[i] : 0);
	}
	return n;
}

static uint8_t any_action(uint64_t *seed)
{
	static const uint8_t actions[] = {
		OP25B_ACTION_BLOCK, OP25B_ACTION_BLOCK, OP25B_ACTION_BLOCK,
		OP25B_ACTION_EXEMPT, OP25B_ACTION_MONITOR,
	};

	return actions[rnd(seed, sizeof(actions))];
}

static bool change_some(uint64_t *seed, bool delete)
{
	struct op25b_prefix_rec rec[2 * PREFIXES];
	unsigned int i, n, tries = 1 + rnd(seed, 6);
	struct state *state = next();
	bool chosen[PREFIXES] = { };
	struct nl_msg *msg;

	while (tries--) {
		i = rnd(seed, 8) ? 1 + rnd(seed, PREFIXES - 1) : OUTER;
		if (delete && !state->action[i])
			continue;
		chosen[i] = true;
		state->action[i] = delete ? 0 : any_action(seed);
	}
	n = put_chosen(rec, chosen, state->action);
	if (!n)
		return false;
	msg = message(delete ? OP25B_CMD_PREFIX_DEL : OP25B_CMD_PREFIX_REPLACE);
	put_records(msg, rec, n);
	begin();
	return ask(msg, delete ? "delete" : "replace");
}

static bool flush(void)
{
	struct state *state = next();

	memset(state->action, 0, PREFIXES);
	state->timed = 0;
	begin();
	return ask(message(OP25B_CMD_PREFIX_FLUSH), "flush");
}

static void put_relay(struct nl_msg *msg, bool v6)
{
	static const uint8_t relay4[] = { 198, 18, 0, 26 };
	static const uint8_t relay6[16] = {
		0x20, 1, 0x0d, 0xb8, 0, 2, [15] = 26,
	};
	struct nlattr *nest = nla_nest_start(msg, OP25B_A_RELAY | NLA_F_NESTED);

	nla_put(msg, OP25B_RELAY_A_ADDR, v6 ? 16 : 4, v6 ? relay6 : relay4);
	nla_nest_end(msg, nest);
}

static void put_timed(struct nl_msg *msg, bool v6, uint32_t until)
{
	static const uint8_t addr4[] = { 10, 1, TIMED_SLOT, 0 };
	static const uint8_t addr6[16] = {
		0x20, 1, 0x0d, 0xb8, 0, 1, 0, TIMED_SLOT,
	};
	struct nlattr *nest = nla_nest_start(msg,
					     OP25B_A_PREFIX | NLA_F_NESTED);

	nla_put(msg, OP25B_PREFIX_A_ADDR, v6 ? 16 : 4, v6 ? addr6 : addr4);
	nla_put_u8(msg, OP25B_PREFIX_A_LEN, v6 ? 64 : 24);
	nla_put_u8(msg, OP25B_PREFIX_A_ACTION, OP25B_ACTION_BLOCK);
	nla_put_u64(msg, OP25B_PREFIX_A_EXPIRES, until);
	nla_nest_end(msg, nest);
}

/* One that expires in a second or two, unless a flush comes before. */
static bool add_timed(uint64_t *seed)
{
	struct nl_msg *msg = message(OP25B_CMD_PREFIX_REPLACE);
	struct state *state = next();

	state->timed = time(NULL) + 1 + rnd(seed, 2);
	put_timed(msg, false, state->timed);
	put_timed(msg, true, state->timed);
	begin();
	return ask(msg, "timed");
}

static bool toggle_relay(void)
{
	struct state *state = next();
	struct nl_msg *msg;

	msg = message(state->relay ? OP25B_CMD_RELAY_DEL : OP25B_CMD_RELAY_ADD);
	state->relay = !state->relay;
	put_relay(msg, false);
	put_relay(msg, true);
	begin();
	return ask(msg, "relay");
}

static bool set(uint64_t *seed, enum change change)
{
	static const uint8_t modes[] = {
		OP25B_MODE_ENFORCE, OP25B_MODE_ENFORCE, OP25B_MODE_OFF,
		OP25B_MODE_MONITOR,
	};
	struct nl_msg *msg = message(OP25B_CMD_SET);
	struct state *state = next();

	if (change == MODE) {
		state->mode = modes[rnd(seed, sizeof(modes))];
		nla_put_u8(msg, OP25B_A_MODE, state->mode);
	} else {
		state->reject = rnd(seed, 3);
		nla_put_u8(msg, OP25B_A_REJECT, state->reject);
	}
	begin();
	return ask(msg, "set");
}

/* The @n from the @at-th on, hosts of either family in clusters. */
static void filler(struct op25b_prefix_rec *rec, unsigned int at,
		   unsigned int n)
{
	static const uint8_t base6[] = { 0x20, 1, 0x0d, 0xb8, 0, 4 };
	uint32_t host;

	memset(rec, 0, n * sizeof(*rec));
	for (; n--; rec++, at++) {
		host = htonl(11 << 24 | at * 5 % (1 << 24));
		rec->action = OP25B_ACTION_BLOCK;
		rec->family = at % 4 ? AF_INET : AF_INET6;
		rec->len = at % 4 ? 32 : 128;
		if (at % 4)
			memcpy(rec->addr, &host, sizeof(host));
		else
			memcpy(rec->addr, base6, sizeof(base6));
		if (!(at % 4))
			memcpy(rec->addr + 8, &host, sizeof(host));
	}
}

static bool put_filler(unsigned int at, unsigned int n)
{
	struct op25b_prefix_rec rec[FILLER];
	struct nl_msg *msg = message(OP25B_CMD_FILL);

	filler(rec, at, n);
	nla_put_u64(msg, OP25B_A_TXN, txn);
	put_records(msg, rec, n);
	return ask(msg, "fill");
}

/* A replacement of everything; the version is begun with the COMMIT only. */
static bool replace_all(uint64_t *seed, bool commit)
{
	unsigned int i, n, size = storm.big ?: FILLER;
	struct op25b_prefix_rec rec[2 * PREFIXES];
	struct state *state = next();
	bool chosen[PREFIXES] = { };
	struct nl_msg *msg;

	if (!ask(message(OP25B_CMD_BEGIN), "begin"))
		return false;
	for (i = 0; i < PREFIXES; i++) {
		state->action[i] = rnd(seed, 3) ? any_action(seed) : 0;
		chosen[i] = state->action[i];
	}
	state->relay = rnd(seed, 2);
	/* What is past is accepted, and goes at once. */
	if ((time_t)state->timed + 5 < time(NULL))
		state->timed = 0;
	for (i = 0; i < size; i += n) {
		n = size - i < FILLER ? size - i : FILLER;
		if (!put_filler(i, n))
			return false;
	}
	n = put_chosen(rec, chosen, state->action);
	msg = message(OP25B_CMD_FILL);
	nla_put_u64(msg, OP25B_A_TXN, txn);
	put_records(msg, rec, n);
	if (state->timed) {
		put_timed(msg, false, state->timed);
		put_timed(msg, true, state->timed);
	}
	if (state->relay) {
		put_relay(msg, false);
		put_relay(msg, true);
	}
	if (!ask(msg, "fill"))
		return false;
	msg = message(commit ? OP25B_CMD_COMMIT : OP25B_CMD_ABORT);
	nla_put_u64(msg, OP25B_A_TXN, txn);
	if (!commit)
		return ask(msg, "abort");	/* and no version */
	state->mode = OP25B_MODE_ENFORCE;
	state->reject = rnd(seed, 3);
	nla_put_u8(msg, OP25B_A_MODE, state->mode);
	nla_put_u8(msg, OP25B_A_REJECT, state->reject);
	nla_put_u32(msg, OP25B_A_REJECT_RATE, 1000000);
	nla_put_u32(msg, OP25B_A_REJECT_SOURCE_RATE, 1000000);
	begin();
	return ask(msg, "commit");
}

static bool load(void)
{
	int fd = open(storm.module, O_RDONLY | O_CLOEXEC);
	int err = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;

	close(fd);
	if (err)
		give_up("insmod", err);
	return !err;
}

/* Somebody's dump may hold the module for a moment. */
static bool unload(void)
{
	unsigned int tries;

	for (tries = 0; tries < BUSY_TRIES; tries++) {
		if (!syscall(SYS_delete_module, "op25b", O_NONBLOCK))
			return true;
		if (errno != EAGAIN && errno != EBUSY && errno != EWOULDBLOCK)
			break;
		usleep(10000);
	}
	give_up("rmmod", errno);
	return false;
}

static bool reload(void)
{
	memset(next(), 0, sizeof(struct state));
	nl_socket_free(sock);
	begin();
	if (!unload() || !load())
		return false;
	connect_family();
	return true;
}

static bool make(enum change change, uint64_t *seed)
{
	switch (change) {
	case ADD_OR_REPLACE:
	case DELETE:
		return change_some(seed, change == DELETE);
	case FLUSH:
		return flush();
	case COMMIT:
	case ABORT:
		return replace_all(seed, change == COMMIT);
	case MODE:
	case REJECT:
		return set(seed, change);
	case RELAY:
		return toggle_relay();
	case EXPIRE:
		return add_timed(seed);
	default:
		return reload();
	}
}

static enum change choose(uint64_t *seed)
{
	unsigned int i, sum = 0, at;

	for (i = 0; i < CHANGES; i++)
		sum += weights[i].weight;
	at = rnd(seed, sum);
	for (i = 0; at >= weights[i].weight; i++)
		at -= weights[i].weight;
	return weights[i].change;
}

/* What follows @last: each kind once, then whatever the dice say. A reload
 * leaves nothing: it is filled at once.
 */
static enum change after(enum change last, struct writer *writer)
{
	static const enum change big[] = { COMMIT, FLUSH, COMMIT, RELOAD };
	static unsigned int at;
	enum change change;

	if (storm.big)
		return big[++at % (sizeof(big) / sizeof(*big))];
	if (last == RELOAD)
		return COMMIT;
	for (change = 0; change < CHANGES; change++)
		if (!writer->count[change])
			return change;
	return choose(&writer->seed);
}

static void settle(struct writer *writer, enum change change)
{
	unsigned int worst;

	usleep(FREEING_US);
	worst = atomic_exchange(&storm.worst_us, 0);
	if (worst > writer->worst_us[change])
		writer->worst_us[change] = worst;
}

void *change_all(void *arg)
{
	struct writer *writer = arg;
	enum change change = COMMIT;

	connect_family();
	while (!storm.over) {
		if (make(change, &writer->seed)) {
			finish();
			writer->count[change]++;
		}
		if (storm.big)
			settle(writer, change);
		change = after(change, writer);
	}
	return NULL;
}
