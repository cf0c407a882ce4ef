/* SPDX-License-Identifier: GPL-2.0 */
/* The numbers of a namespace for Prometheus. */
#ifndef OP25BCTL_PROMETHEUS_H
#define OP25BCTL_PROMETHEUS_H

#include "op25bctl.h"

/* `stats --prometheus` */
int op25b_prometheus(struct op25b_ctx *ctx, const struct op25b_word *w, int n);

#endif /* OP25BCTL_PROMETHEUS_H */
