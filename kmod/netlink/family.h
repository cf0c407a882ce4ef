/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family. The contract is uapi/linux/op25b.h.
 */
#ifndef _OP25B_NETLINK_H
#define _OP25B_NETLINK_H

int op25b_netlink_init(void);
void op25b_netlink_exit(void);

#endif /* _OP25B_NETLINK_H */
