/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hook: skb to flow to verdict to NF_*; nothing else.
 */
#ifndef _OP25B_HOOK_H
#define _OP25B_HOOK_H

#include "lpm/addr.h"

struct op25b_net;

/* FORWARD, and OUTPUT, where replies are counted that leave */
#define OP25B_HOOKS	2	/* of a family */

/* Registers both families' hooks in the namespace of @on, or none. Does nothing
 * for those that are there.
 * Return: 0, -ENOMEM, or the error of nf_register_net_hooks(). Those that were
 * live for a moment before it are no more, and a grace period has passed since.
 * Context: on->store.lock; may sleep. What packets read, on->limiter,
 * on->offenders and in on->store, is there and stays until a grace period after
 * op25b_hook_unregister().
 */
int op25b_hook_register(struct op25b_net *on);

/* Does not wait for packets that are inside. Context: same. */
void op25b_hook_unregister(struct op25b_net *on);

/* Context: a grace period has passed since nothing is registered any more. */
void op25b_hook_free(struct op25b_net *on);

#endif /* _OP25B_HOOK_H */
