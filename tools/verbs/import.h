/* SPDX-License-Identifier: GPL-2.0 */
/* conf import */
#ifndef OP25BCTL_VERBS_IMPORT_H
#define OP25BCTL_VERBS_IMPORT_H

#include "op25bctl.h"

int op25b_conf_import(struct op25b_ctx *ctx, const struct op25b_word *w,
		      int n);

#endif /* OP25BCTL_VERBS_IMPORT_H */
