// SPDX-License-Identifier: GPL-2.0
/*
 * peer OBJECT LIST PIN: load the peer in eBPF, fill it from a list in the
 * syntax of op25b.conf(5), hook it into FORWARD of this namespace and pin its
 * link at PIN (IPv4) and PIN6. Who removes the pins unhooks it.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "peer.h"

/* Later than some libbpf that this is built with: include/uapi/linux/bpf.h,
 * include/uapi/linux/netfilter.h.
 */
#define PROG_TYPE_NETFILTER	32
#define ATTACH_NETFILTER	45
#define HOOK_FORWARD		2
#define PRIORITY_FILTER		0

struct link_create {
	__u32 prog_fd;
	__u32 target_fd;
	__u32 attach_type;
	__u32 flags;
	struct {
		__u32 pf;
		__u32 hooknum;
		__s32 priority;
		__u32 flags;
	} netfilter;
};

/* One map and what goes into it, in one system call. */
struct filling {
	const char *map;
	size_t key;		/* bytes */
	unsigned int count, room;
	unsigned char *keys;
	__u32 *values;
};

enum { PREFIXES4, PREFIXES6, RELAYS4, RELAYS6, MAPS };

static struct filling fillings[MAPS] = {
	[PREFIXES4] = { "prefixes4", sizeof(struct key4) },
	[PREFIXES6] = { "prefixes6", sizeof(struct key6) },
	[RELAYS4] = { "relays4", 4 },
	[RELAYS6] = { "relays6", 16 },
};

static void fill(struct filling *f, const void *key, __u32 value)
{
	if (f->count == f->room) {
		f->room = f->room ? 2 * f->room : 1024;
		f->keys = realloc(f->keys, f->room * f->key);
		f->values = realloc(f->values, f->room * sizeof(*f->values));
		if (!f->keys || !f->values)
			errx(1, "no memory");
	}
	memcpy(f->keys + f->count * f->key, key, f->key);
	f->values[f->count++] = value;
}

static void read_line(const char *line)
{
	unsigned char addr[16];
	char text[64], action[16];
	unsigned int bits;

	if (sscanf(line, "prefix %63[^/]/%u %15s", text, &bits, action) == 3) {
		__u32 value = strcmp(action, "block") ? PEER_EXEMPT :
							PEER_BLOCK;
		struct key6 key = { .bits = bits };

		/* The two kinds of keys begin alike. */
		if (inet_pton(AF_INET, text, key.addr) == 1)
			fill(&fillings[PREFIXES4], &key, value);
		else if (inet_pton(AF_INET6, text, key.addr) == 1)
			fill(&fillings[PREFIXES6], &key, value);
		else
			errx(1, "no prefix: %s", line);
	} else if (sscanf(line, "relay %63s", text) == 1) {
		if (inet_pton(AF_INET, text, addr) == 1)
			fill(&fillings[RELAYS4], addr, 0);
		else if (inet_pton(AF_INET6, text, addr) == 1)
			fill(&fillings[RELAYS6], addr, 0);
		else
			errx(1, "no relay: %s", line);
	}
}

static void read_list(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[128];

	if (!file)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), file))
		read_line(line);
	fclose(file);
}

static void put(struct bpf_object *object, struct filling *f)
{
	int fd = bpf_object__find_map_fd_by_name(object, f->map);
	__u32 count = f->count;

	if (count && bpf_map_update_batch(fd, f->keys, f->values, &count, NULL))
		err(1, "%s: %u of %u", f->map, count, f->count);
}

static void attach(struct bpf_object *object, const char *name, __u32 pf,
		   const char *pin)
{
	struct bpf_program *prog =
		bpf_object__find_program_by_name(object, name);
	struct link_create attr = {
		.prog_fd = bpf_program__fd(prog),
		.attach_type = ATTACH_NETFILTER,
		.netfilter = {
			.pf = pf,
			.hooknum = HOOK_FORWARD,
			.priority = PRIORITY_FILTER,
		},
	};
	int link;

	link = syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	if (link < 0 || bpf_obj_pin(link, pin))
		err(1, "%s", name);
}

int main(int argc, char **argv)
{
	struct bpf_program *prog;
	struct bpf_object *object;
	char pin6[4096];
	int i;

	if (argc != 4)
		errx(2, "usage: peer OBJECT LIST PIN");
	read_list(argv[2]);
	object = bpf_object__open(argv[1]);
	if (!object)
		err(1, "%s", argv[1]);
	bpf_object__for_each_program(prog, object) {
		bpf_program__set_type(prog, PROG_TYPE_NETFILTER);
		bpf_program__set_expected_attach_type(prog, ATTACH_NETFILTER);
	}
	for (i = 0; i < MAPS; i++) {
		struct bpf_map *map =
			bpf_object__find_map_by_name(object, fillings[i].map);

		bpf_map__set_max_entries(map, fillings[i].count + 1);
	}
	if (bpf_object__load(object))
		err(1, "%s", argv[1]);
	for (i = 0; i < MAPS; i++)
		put(object, &fillings[i]);
	snprintf(pin6, sizeof(pin6), "%s6", argv[3]);
	attach(object, "filter4", AF_INET, argv[3]);
	attach(object, "filter6", AF_INET6, pin6);
	return 0;
}
