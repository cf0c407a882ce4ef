/* SPDX-License-Identifier: GPL-2.0 */
/* An origin made equal to a file. */
#ifndef OP25BCTL_SYNC_H
#define OP25BCTL_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "op25bctl.h"

/* Makes prefixes and relays of @origin, session or bgp, those of the file @name
 * and what it includes, in one step: what is so already is not touched. Refused
 * if most would go or everybody be blocked, unless @force. Return: enum
 * op25b_exit
 */
int op25b_sync(struct op25b_ctx *ctx, const char *name, uint8_t origin,
	       bool force);

#endif /* OP25BCTL_SYNC_H */
