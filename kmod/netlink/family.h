/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family. The contract is uapi/linux/op25b.h.
 */
#ifndef _OP25B_NETLINK_H
#define _OP25B_NETLINK_H

struct op25b_net;

int op25b_netlink_init(void);
void op25b_netlink_exit(void);

/* Forgets the transaction of a dying namespace.
 * Context: no other user of @on is left; may sleep.
 */
void op25b_netlink_net_exit(struct op25b_net *on);

#endif /* _OP25B_NETLINK_H */
