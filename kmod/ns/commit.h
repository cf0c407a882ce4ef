/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Putting an edit in force, with all that follows from it.
 */
#ifndef _OP25B_COMMIT_H
#define _OP25B_COMMIT_H

struct netlink_ext_ack;
struct op25b_edit;
struct op25b_net;

/* Publishes @edit as the next generation. On error (no memory, hooks or reply
 * helpers not to be had) nothing has changed and the edit still stands; abort
 * it. Context: on->store.lock held; may sleep.
 */
int op25b_commit(struct op25b_net *on, struct op25b_edit *edit,
		 struct netlink_ext_ack *extack);

#endif /* _OP25B_COMMIT_H */
