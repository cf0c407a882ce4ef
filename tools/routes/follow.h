/* SPDX-License-Identifier: GPL-2.0 */
/* `routes follow` and `routes sync`: routing tables put in force. */
#ifndef OP25BCTL_ROUTES_FOLLOW_H
#define OP25BCTL_ROUTES_FOLLOW_H

#include "routes/conf.h"

/* Until it is told to end. Return: enum op25b_exit */
int op25b_follow(struct op25b_ctx *ctx, const struct op25b_routes_conf *conf);

/* Once, without linger. With @force whatever share of a class goes.
 * Return: enum op25b_exit
 */
int op25b_follow_once(struct op25b_ctx *ctx,
		      const struct op25b_routes_conf *conf, bool force);

#endif /* OP25BCTL_ROUTES_FOLLOW_H */
