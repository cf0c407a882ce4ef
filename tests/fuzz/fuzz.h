/* SPDX-License-Identifier: GPL-2.0 */
/* What libFuzzer calls, and what the files here share. */
#ifndef _OP25B_FUZZ_H
#define _OP25B_FUZZ_H

#include <linux/types.h>

/* In front of the packet: how it lies in its skb, see parse_fuzz.c. */
#define SHAPE_BYTES	4

int LLVMFuzzerTestOneInput(const u8 *input, size_t size);
size_t LLVMFuzzerCustomMutator(u8 *input, size_t size, size_t max,
			       unsigned int seed);
size_t LLVMFuzzerMutate(u8 *input, size_t size, size_t max);

#endif /* _OP25B_FUZZ_H */
