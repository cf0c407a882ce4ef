/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that cross FORWARD more than once on their way through a namespace.
 */
#ifndef _OP25B_AGAIN_H
#define _OP25B_AGAIN_H

#include <linux/types.h>

struct nf_hook_state;
struct op25b_flow;
struct sk_buff;

/* Has @skb, which is let pass, been counted in this namespace before? If it
 * will come once more, that is remembered.
 * Context: packet path, bottom halves off.
 */
bool op25b_again(const struct sk_buff *skb, const struct nf_hook_state *state,
		 const struct op25b_flow *flow);

#endif /* _OP25B_AGAIN_H */
