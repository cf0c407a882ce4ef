/* SPDX-License-Identifier: GPL-2.0 */
/* The numbers of a namespace, as the kernel tells them. */
#ifndef OP25BCTL_STATS_H
#define OP25BCTL_STATS_H

#include <stdint.h>

#include <linux/op25b.h>

#include "op25bctl.h"

/**
 * struct op25b_stats - what GET and STATS_GET say
 * @get: knobs and totals by enum op25b_attr; 0 where the kernel says nothing
 * @counter: by enum op25b_counter, likewise
 */
struct op25b_stats {
	uint64_t get[OP25B_A_MAX + 1];
	uint64_t counter[OP25B_COUNTER_MAX + 1];
};

/* Asks both; the engine is open. Return: 0 or -errno, and the engine keeps the
 * kernel's sentence.
 */
int op25b_stats_read(struct op25b_ctx *ctx, struct op25b_stats *s);

/* `stats --prometheus`, see prometheus.c. */
int op25b_prometheus(struct op25b_ctx *ctx, const struct op25b_word *w, int n);

#endif /* OP25BCTL_STATS_H */
