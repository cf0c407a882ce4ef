/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the peer in eBPF and its loader agree on: keys of BPF_MAP_TYPE_LPM_TRIE
 * (struct bpf_lpm_trie_key), addresses in network byte order.
 */
#ifndef _BENCH_PEER_H
#define _BENCH_PEER_H

#include <linux/types.h>

struct key4 {
	__u32 bits;
	__u8 addr[4];
};

struct key6 {
	__u32 bits;
	__u8 addr[16];
};

enum peer_action {
	PEER_BLOCK,
	PEER_EXEMPT,
};

#endif
