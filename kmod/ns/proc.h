/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/net/op25b: knobs, totals and counters of a namespace, one "key value"
 * a line, readable by all. No address ever stands there. Keys are only added.
 */
#ifndef _OP25B_PROC_H
#define _OP25B_PROC_H

struct op25b_net;

/* Return: 0 or -ENOMEM. Context: birth of the namespace; everything that can
 * be read of @on is there.
 */
int op25b_proc_net_init(struct op25b_net *on);

/* Waits for readers. Context: before anything of @on is freed. */
void op25b_proc_net_exit(struct op25b_net *on);

#endif /* _OP25B_PROC_H */
