/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of the kernel that a BPF program may call: net/core/filter.c and
 * kernel/bpf/helpers.c, whose comments say what they do.
 */
#ifndef _BENCH_KFUNC_H
#define _BENCH_KFUNC_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags,
			struct bpf_dynptr *packet) __ksym;
void *bpf_dynptr_slice(const struct bpf_dynptr *packet, __u32 offset,
		       void *buffer, __u32 bytes) __ksym;

#endif
