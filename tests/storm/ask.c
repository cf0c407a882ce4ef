// SPDX-License-Identifier: GPL-2.0
/* What writers say to the kernel, and what it answers. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"

static atomic_int family;

static void give_up(const char *what, int error)
{
	complain("%s: %s", what, strerror(error));
	storm.over = true;
}

static int take_ack(struct nl_msg *msg, void *arg)
{
	struct writer *writer = arg;

	(void)msg;
	writer->acked = true;
	return NL_STOP;
}

static int take_reply(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *head = nlmsg_data(nlmsg_hdr(msg));
	struct writer *writer = arg;
	struct nlattr *attr;
	int len = genlmsg_attrlen(head, 0);

	attr = nla_find(genlmsg_attrdata(head, 0), len, OP25B_A_TXN);
	if (attr)
		writer->txn = nla_get_u64(attr);
	attr = nla_find(genlmsg_attrdata(head, 0), len, OP25B_A_GENERATION);
	if (attr)
		writer->generation = nla_get_u64(attr);
	return NL_OK;
}

void find_family(struct writer *writer)
{
	family = genl_ctrl_resolve(writer->sock, OP25B_GENL_NAME);
	if (family < 0)
		give_up("no family", ENOENT);
}

void connect_kernel(struct writer *writer)
{
	writer->sock = nl_socket_alloc();
	if (!writer->sock || genl_connect(writer->sock))
		return give_up("no socket", ENOMEM);
	nl_socket_set_msg_buf_size(writer->sock, 1 << 17);
	nl_socket_set_buffer_size(writer->sock, 1 << 18, 1 << 18);
	/* Not by take_reply(): that is for op25b's answers. */
	find_family(writer);
	nl_socket_modify_cb(writer->sock, NL_CB_VALID, NL_CB_CUSTOM, take_reply,
			    writer);
	nl_socket_modify_cb(writer->sock, NL_CB_ACK, NL_CB_CUSTOM, take_ack,
			    writer);
}

struct nl_msg *message(int cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(1 << 17);

	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_ACK, cmd,
		    OP25B_GENL_VERSION);
	return msg;
}

/* An answer comes in front of the ACK. */
bool ask(struct writer *writer, struct nl_msg *msg, const char *what)
{
	int err = nl_send_auto(writer->sock, msg);

	nlmsg_free(msg);
	writer->acked = false;
	while (err >= 0 && !writer->acked)
		err = nl_recvmsgs_default(writer->sock);
	if (err < 0) {
		complain("%s refused: %s", what, nl_geterror(err));
		storm.over = true;	/* what is in force is not known */
	}
	return err >= 0;
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

unsigned int put_chosen(struct nl_msg *msg, const bool *chosen,
			const struct state *state)
{
	struct op25b_prefix_rec rec[2 * PREFIXES];
	unsigned int i, n = 0;

	for (i = 0; i < PREFIXES; i++) {
		if (!chosen[i])
			continue;
		fill(&rec[n++], i, false, state ? state->action[i] : 0);
		fill(&rec[n++], i, true, state ? state->action[i] : 0);
	}
	if (n)
		put_records(msg, rec, n);
	return n;
}

void put_filler(struct nl_msg *msg, unsigned int at, unsigned int n,
		uint32_t expires)
{
	static const uint8_t base6[] = { 0x20, 1, 0x0d, 0xb8, 0, 4 };
	struct op25b_prefix_rec all[FILLER] = { };
	struct op25b_prefix_rec *rec = all;
	uint32_t host;

	for (; rec < all + n; rec++, at++) {
		host = htonl(11 << 24 | at * 5 % (1 << 24));
		rec->action = OP25B_ACTION_BLOCK;
		rec->expires = expires;
		rec->family = at % 4 ? AF_INET : AF_INET6;
		rec->len = at % 4 ? 32 : 128;
		if (at % 4)
			memcpy(rec->addr, &host, sizeof(host));
		else
			memcpy(rec->addr, base6, sizeof(base6));
		if (!(at % 4))
			memcpy(rec->addr + 8, &host, sizeof(host));
	}
	put_records(msg, all, n);
}

static void put_relay_of(struct nl_msg *msg, const void *addr, unsigned int len)
{
	struct nlattr *nest = nla_nest_start(msg, OP25B_A_RELAY | NLA_F_NESTED);

	nla_put(msg, OP25B_RELAY_A_ADDR, len, addr);
	nla_nest_end(msg, nest);
}

void put_relay(struct nl_msg *msg)
{
	static const uint8_t relay4[] = { 198, 18, 0, 26 };
	static const uint8_t relay6[16] = {
		0x20, 1, 0x0d, 0xb8, 0, 2, [15] = 26,
	};

	put_relay_of(msg, relay4, sizeof(relay4));
	put_relay_of(msg, relay6, sizeof(relay6));
}

static void put_timed_of(struct nl_msg *msg, const void *addr, unsigned int len,
			 uint8_t bits, uint32_t until)
{
	struct nlattr *nest = nla_nest_start(msg,
					     OP25B_A_PREFIX | NLA_F_NESTED);

	nla_put(msg, OP25B_PREFIX_A_ADDR, len, addr);
	nla_put_u8(msg, OP25B_PREFIX_A_LEN, bits);
	nla_put_u8(msg, OP25B_PREFIX_A_ACTION, OP25B_ACTION_BLOCK);
	nla_put_u64(msg, OP25B_PREFIX_A_EXPIRES, until);
	nla_nest_end(msg, nest);
}

void put_timed(struct nl_msg *msg, uint32_t until)
{
	static const uint8_t addr4[] = { 10, 1, TIMED_SLOT, 0 };
	static const uint8_t addr6[16] = {
		0x20, 1, 0x0d, 0xb8, 0, 1, 0, TIMED_SLOT,
	};

	put_timed_of(msg, addr4, sizeof(addr4), 24, until);
	put_timed_of(msg, addr6, sizeof(addr6), 64, until);
}

/* The writers are in the namespace in which the program was started. */
unsigned long read_key(const char *key)
{
	FILE *file = fopen("/proc/net/op25b", "re");
	unsigned long value, found = 0;
	char name[64];

	while (file && fscanf(file, "%63s %lu%*[^\n]", name, &value) > 0)
		if (!strcmp(name, key))
			found = value;
	if (file)
		fclose(file);
	return found;
}

uint8_t any_action(uint64_t *seed)
{
	static const uint8_t actions[] = {
		OP25B_ACTION_BLOCK, OP25B_ACTION_BLOCK, OP25B_ACTION_BLOCK,
		OP25B_ACTION_EXEMPT, OP25B_ACTION_MONITOR,
	};

	return actions[rnd(seed, sizeof(actions))];
}
