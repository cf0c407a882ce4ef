// SPDX-License-Identifier: GPL-2.0
/*
 * A sender, its receiver and their judge in one thread, pinned to a CPU.
 *
 * What is sent on a veth is received on the same CPU, forwarded there and
 * received again, in the order of sending, whatever the veth; so when a fence
 * has come out at M, everything sent before has been judged. The two senders
 * share the wires and the prefixes; an even port of S is the one's, an odd the
 * other's.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "storm.h"

#define BATCH		48
#define FENCE		BATCH		/* its number in the batch */
#define PATIENCE_MS	120000		/* emulated, and others on the host */
#define MOST_OVERDUE	60		/* seconds, for the same reason */
#define MAIL		25
#define PORT		0x4000		/* of senders, plus twice the number */
#define TCP_SYN		0x02
#define TCP_RST		0x04
#define TCP_ACK		0x10

struct frame {
	struct ethhdr eth;
	uint8_t ip[40 + 20];
	unsigned int len;
};

/* Of all parts. */
struct versions {
	uint32_t of[PARTS];
};

struct sent {
	struct what what;
	struct versions lo;
	bool came, answered;
};

/* The ends of S and M; what is sent on the one is to come out of the other. */
struct wires {
	int s, m;
};

/* Ports of this sender, at the place where IPv4 or IPv6 has them. */
static void attach(int fd, unsigned int cpu, bool dest)
{
	uint32_t at = dest ? 2 : 0;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 4),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14 + 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 8),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 14 + 20 + at),
		BPF_JUMP(BPF_JMP | BPF_JA, 4, 0, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 5),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14 + 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 14 + 40 + at),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, cpu & 1, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 65535),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		complain("no filter: %s", strerror(errno));
}

static void enter(const char *netns)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		complain("setns %s: %s", netns, strerror(errno));
	close(fd);
}

static int open_wire(const char *netns, unsigned int cpu, bool dest)
{
	struct sockaddr_ll where = { .sll_family = AF_PACKET };
	int one = 1, room = 8 << 20, fd;

	enter(netns);
	/* Protocol 0: nothing comes in before the filter stands. */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	attach(fd, cpu, dest);
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	where.sll_protocol = htons(ETH_P_ALL);
	where.sll_ifindex = if_nametoindex("eth0");
	if (bind(fd, (struct sockaddr *)&where, sizeof(where)))
		complain("bind in %s: %s", netns, strerror(errno));
	enter("R");
	return fd;
}

static uint32_t sum(const uint8_t *p, unsigned int n, uint32_t s)
{
	for (; n > 1; n -= 2, p += 2)
		s += p[0] << 8 | p[1];
	return s;
}

static void put16(uint8_t *p, uint32_t s)
{
	p[0] = s >> 8;
	p[1] = s;
}

static void put_sum(uint8_t *p, uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	put16(p, ~s & 0xffff);
}

static void put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, sizeof(v));
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

static void build_tcp(uint8_t *tcp, unsigned int port, const struct what *what,
		      uint32_t id, bool syn, uint32_t pseudo)
{
	put16(tcp + (what->back ? 2 : 0), port);
	put16(tcp + (what->back ? 0 : 2), what->mail ? MAIL : 587);
	put32(tcp + 4, id);
	put32(tcp + 8, syn ? 0 : id);
	tcp[12] = 5 << 4;
	tcp[13] = syn ? TCP_SYN : TCP_ACK;
	put_sum(tcp + 16, sum(tcp, 20, pseudo + IPPROTO_TCP + 20));
}

/* S's address and M's. */
static void addresses_v4(uint8_t *s, uint8_t *m, const struct what *what)
{
	static const uint8_t unlisted[] = { 10, 2, 0, 1 };
	const uint8_t slot = what->timed ? TIMED_SLOT : what->slot;
	const uint8_t listed[] = { 10, 1, slot, what->inside ? 0x41 : 1 };

	memcpy(s, what->listed ? listed : unlisted, 4);
	memcpy(m, (uint8_t []){ 198, 18, 0, what->relay ? 26 : 25 }, 4);
}

static void addresses_v6(uint8_t *s, uint8_t *m, const struct what *what)
{
	const uint8_t slot = what->timed ? TIMED_SLOT : what->slot;
	const uint8_t from[16] = {
		0x20, 1, 0x0d, 0xb8, 0, what->listed ? 1 : 3, 0,
		what->listed ? slot : 0, [9] = what->inside ? 0x40 : 0,
		[15] = 1,
	};
	const uint8_t to[16] = {
		0x20, 1, 0x0d, 0xb8, 0, 2, [15] = what->relay ? 26 : 25,
	};

	memcpy(s, from, 16);
	memcpy(m, to, 16);
}

/* The ends of the wires have the addresses that `inside` gave them. */
static void build(struct frame *f, unsigned int cpu, const struct what *what,
		  uint32_t id, bool syn)
{
	const uint8_t wire = what->back ? 'M' : 'S';
	const uint8_t router[ETH_ALEN] = { 2, 0, 0, 0, 1, wire };
	const uint8_t host[ETH_ALEN] = { 2, 0, 0, 0, 0, wire };
	unsigned int port = PORT + cpu, src, dst;

	memset(f, 0, sizeof(*f));
	memcpy(f->eth.h_dest, router, ETH_ALEN);
	memcpy(f->eth.h_source, host, ETH_ALEN);
	f->eth.h_proto = htons(what->v6 ? ETH_P_IPV6 : ETH_P_IP);
	f->len = sizeof(f->eth) + (what->v6 ? 60 : 40);
	if (what->v6) {
		f->ip[0] = 0x60;
		f->ip[5] = 20;
		f->ip[6] = IPPROTO_TCP;
		f->ip[7] = 64;
		src = what->back ? 24 : 8;
		dst = what->back ? 8 : 24;
		addresses_v6(f->ip + src, f->ip + dst, what);
		build_tcp(f->ip + 40, port, what, id, syn,
			  sum(f->ip + 8, 32, 0));
	} else {
		f->ip[0] = 0x45;
		f->ip[3] = 40;
		f->ip[8] = 64;
		f->ip[9] = IPPROTO_TCP;
		src = what->back ? 16 : 12;
		dst = what->back ? 12 : 16;
		addresses_v4(f->ip + src, f->ip + dst, what);
		put_sum(f->ip + 10, sum(f->ip, 20, 0));
		build_tcp(f->ip + 20, port, what, id, syn,
			  sum(f->ip + 12, 8, 0));
	}
}

static const uint8_t *tcp_of(const uint8_t *frame)
{
	return frame + sizeof(struct ethhdr) + (frame[14] >> 4 == 6 ? 40 : 20);
}

/* The number in this batch of what was sent with this sequence number, of what
 * a RST answers by its ACK or by its sequence; more than FENCE: none.
 */
static uint32_t number(const uint8_t *tcp, uint32_t base)
{
	if (!(tcp[13] & TCP_RST) || !(tcp[13] & TCP_ACK))
		return get32(tcp + 4) - base;
	return get32(tcp + 8) - 1 - base;
}

/* @back: from M, or the answer to what is from there. */
static void take(struct sent *s, const uint8_t *tcp, bool back, uint32_t id)
{
	if (s->what.back != back)
		complain("packet %u took the wrong way", id);
	if (tcp[13] & TCP_RST) {
		s->answered = true;
		return;
	}
	if (s->came)
		complain("packet %u came twice", id);
	s->came = true;
}

static void drain(int wire, bool is_m, struct sent *sent, uint32_t base)
{
	uint8_t frame[2048];
	const uint8_t *tcp;
	uint32_t i;

	while (recv(wire, frame, sizeof(frame), 0) >= 54) {
		tcp = tcp_of(frame);
		i = number(tcp, base);
		if (i <= FENCE)
			take(&sent[i], tcp, is_m == !!(tcp[13] & TCP_RST),
			     base + i);
	}
}

/* What the router sends back at once is there before the fence is. */
static bool wait_for_fence(struct wires *wires, struct sent *sent,
			   uint32_t base)
{
	struct pollfd poll_m = { .fd = wires->m, .events = POLLIN };

	for (;;) {
		drain(wires->m, true, sent, base);
		if (sent[FENCE].came)
			break;
		if (poll(&poll_m, 1, PATIENCE_MS) < 1)
			return false;
	}
	drain(wires->m, true, sent, base);
	drain(wires->s, false, sent, base);
	return true;
}

struct may {
	bool pass, block, answer, expired, fed;
};

static void allow(struct may *may, const struct state *common,
		  const struct state *part, const struct says *fed,
		  const struct what *what, bool expired)
{
	static const struct says nothing[2];
	bool pass = passes(common, part, fed, what, expired);

	may->pass |= pass;
	may->block |= !pass;
	may->answer |= !pass && common->reject == OP25B_REJECT_TCP_RESET;
	may->expired |= expired;
	may->fed |= pass != passes(common, part, nothing, what, expired);
}

/* What is timed may have expired when its time has come, and must have a while
 * later; what was past when it came into force, a while after that. time() may
 * lag a tick behind the kernel's clock.
 */
static void allow_state(struct may *may, const struct state *common,
			const struct state *part, const struct says *fed,
			const struct what *what)
{
	time_t now = time(NULL);
	bool timed = what->timed && common->timed;
	time_t due = common->timed > common->timed_since ?
		     common->timed : common->timed_since;

	if (!timed || now <= due + MOST_OVERDUE)
		allow(may, common, part, fed, what, false);
	if (timed && now + 1 >= (time_t)common->timed)
		allow(may, common, part, fed, what, true);
}

/* All that an origin may have said, each once. */
struct sayings {
	struct says all[64];
	unsigned int n;
};

static bool are_same(const struct says *a, const struct says *b)
{
	return a->length == b->length && a->action == b->action &&
	       a->relay == b->relay && a->loads == b->loads;
}

static void hear(struct sayings *s, enum part_name part,
		 const struct sent *sent, const struct versions *hi)
{
	const struct state *history = storm.part[part].history;
	struct says one;
	uint32_t v;
	unsigned int i;

	s->n = 0;
	for (v = sent->lo.of[part]; v <= hi->of[part]; v++) {
		one = says(&history[v], &sent->what);
		for (i = 0; i < s->n; i++)
			if (are_same(&s->all[i], &one))
				break;
		if (i == s->n && s->n < sizeof(s->all) / sizeof(*s->all))
			s->all[s->n++] = one;
		else if (i == s->n)
			complain("too many sayings");
	}
}

/* With each that sessions and BGP may have said, of this load of the module. */
static unsigned int allow_fed(struct may *may, const struct state *common,
			      const struct state *part,
			      const struct sayings fed[2],
			      const struct what *what)
{
	struct says both[2];
	unsigned int i, j, n = 0;

	for (i = 0; i < fed[0].n; i++) {
		for (j = 0; j < fed[1].n; j++) {
			both[0] = fed[0].all[i];
			both[1] = fed[1].all[j];
			if (both[0].loads != common->loads ||
			    both[1].loads != common->loads)
				continue;
			allow_state(may, common, part, both, what);
			n++;
		}
	}
	return n;
}

/* What was in force of config at one time is of one epoch. */
static unsigned int allow_all(struct may *may, const struct sent *s,
			      const struct versions *hi)
{
	const enum part_name own = part_of(&s->what);
	const struct state *common = storm.part[COMMON].history;
	const struct state *part = storm.part[own].history;
	struct sayings fed[2];
	unsigned int n = 0;
	uint32_t c, v;

	hear(&fed[0], SESSION, s, hi);
	hear(&fed[1], BGP, s, hi);
	for (c = s->lo.of[COMMON]; c <= hi->of[COMMON]; c++)
		for (v = s->lo.of[own]; v <= hi->of[own]; v++)
			if (common[c].epoch == part[v].epoch)
				n += allow_fed(may, &common[c], &part[v], fed,
					       &s->what);
	return n;
}

/* Some version from @s->lo to @hi gives what happened to it. */
static void judge(struct sender *sender, const struct sent *s,
		  const struct versions *hi)
{
	const struct what *what = &s->what;
	const enum part_name own = part_of(what);
	struct may may = { };

	sender->versions += allow_all(&may, s, hi);
	if (storm.lie && !rnd(&sender->seed, 1000)) {
		may.pass = false;
		may.block = false;
	}
	if (s->came ? !may.pass : !may.block)
		complain("%s%s v%d slot %u%s%s%s %s, %u to %u, common %u to %u",
			 what->listed ? "listed" : "unlisted",
			 what->back ? ", back," : "", what->v6 ? 6 : 4,
			 what->slot, what->inside ? " inner" : "",
			 what->timed ? " timed" : "",
			 what->relay ? " and the relay" : "",
			 s->came ? "came through" : "was lost", s->lo.of[own],
			 hi->of[own], s->lo.of[COMMON], hi->of[COMMON]);
	if (s->answered && (s->came || !may.answer))
		complain("answered, %u to %u, common %u to %u",
			 s->lo.of[own], hi->of[own], s->lo.of[COMMON],
			 hi->of[COMMON]);
	sender->passed += s->came;
	sender->blocked += !s->came;
	sender->answered += s->answered;
	sender->unlisted += !what->listed;
	sender->expired += may.expired;
	sender->back += what->back && !s->came;
	sender->fed += may.fed;
}

static struct what choose(uint64_t *seed)
{
	return (struct what){
		.v6 = rnd(seed, 2),
		.listed = rnd(seed, 8),
		.inside = rnd(seed, 2),
		.relay = !rnd(seed, 6),
		.mail = rnd(seed, 8),
		.timed = !rnd(seed, 12),
		.slot = rnd(seed, SLOTS),
		.back = !rnd(seed, 4),
	};
}

static bool batch(struct sender *sender, struct wires *wires, uint32_t base)
{
	struct sent sent[BATCH + 1] = { };
	struct versions hi;
	struct frame frame;
	int i, part, wire;

	for (i = 0; i <= BATCH; i++) {
		if (i != FENCE)
			sent[i].what = choose(&sender->seed);
		build(&frame, sender->cpu, &sent[i].what, base + i,
		      rnd(&sender->seed, 2));
		for (part = 0; part < PARTS; part++)
			sent[i].lo.of[part] = storm.part[part].done;
		wire = sent[i].what.back ? wires->m : wires->s;
		if (send(wire, &frame, frame.len, 0) != frame.len)
			complain("send: %s", strerror(errno));
	}
	if (!wait_for_fence(wires, sent, base)) {
		complain("a fence was lost");
		return false;
	}
	for (part = 0; part < PARTS; part++)
		hi.of[part] = storm.part[part].begun;
	for (i = 0; i < BATCH; i++)
		judge(sender, &sent[i], &hi);
	return true;
}

void *send_all(void *arg)
{
	struct sender *sender = arg;
	struct wires wires;
	uint32_t base = 1;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sender->cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		complain("no CPU %u: %s", sender->cpu, strerror(errno));
	wires.s = open_wire("S", sender->cpu, true);
	wires.m = open_wire("M", sender->cpu, false);
	for (; !storm.over && !storm.failed; base += BATCH + 1)
		if (!batch(sender, &wires, base))
			storm.over = true;
	return NULL;
}
