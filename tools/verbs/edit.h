/* SPDX-License-Identifier: GPL-2.0 */
/* conf edit */
#ifndef OP25BCTL_VERBS_EDIT_H
#define OP25BCTL_VERBS_EDIT_H

#include "op25bctl.h"

int op25b_conf_edit(struct op25b_ctx *ctx, const struct op25b_word *w, int n);

#endif /* OP25BCTL_VERBS_EDIT_H */
