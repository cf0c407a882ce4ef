/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/net/op25b: knobs, totals and counters of a namespace, one "key value"
 * a line, readable by all. No address ever stands there. Keys are only added.
 */
#ifndef _OP25B_PROC_H
#define _OP25B_PROC_H

/* Every namespace gets one. Context: after op25b_net_init(), before
 * op25b_net_exit(), which frees what readers look at.
 */
int op25b_proc_init(void);
void op25b_proc_exit(void);

#endif /* _OP25B_PROC_H */
