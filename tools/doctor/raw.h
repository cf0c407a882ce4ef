/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of the kernel's other subsystems (links, routes, nf_tables), message by
 * message: a router has a million routes, and nobody needs them all at once.
 */
#ifndef OP25BCTL_RAW_H
#define OP25BCTL_RAW_H

#include <stddef.h>
#include <stdint.h>

#include <linux/netlink.h>

struct nlattr;

/* Takes one message of the list. Return: 0 to go on, or -errno */
typedef int (*op25b_raw_fn)(const struct nlmsghdr *h, void *arg);

/**
 * op25b_raw_dump() - ask for a list in the namespace we are in
 * @protocol: NETLINK_ROUTE or NETLINK_NETFILTER
 * @type: of the request
 * @request: what follows the message's header
 * @len: its length
 *
 * Return: 0 or -errno, the kernel's or that of @each; -EPROTONOSUPPORT where
 * the kernel has no such protocol; -EINTR if the list changed meanwhile, so
 * that something may be missing in what @each got.
 */
int op25b_raw_dump(int protocol, int type, const void *request, size_t len,
		   op25b_raw_fn each, void *arg);

/* Likewise, but a question that has one answer. */
int op25b_raw_ask(int protocol, int type, const void *request, size_t len,
		  op25b_raw_fn each, void *arg);

/* The attributes of @h behind a header of @hdrlen bytes, @tb of @max + 1.
 * Return: 0, or -EBADMSG
 */
int op25b_raw_parse(const struct nlmsghdr *h, size_t hdrlen,
		    struct nlattr **tb, int max);

/* What an attribute holds, in network order as nfnetlink writes numbers; 0
 * and "" where it is absent.
 */
uint32_t op25b_raw_be32(const struct nlattr *a);
const char *op25b_raw_str(const struct nlattr *a);

#endif /* OP25BCTL_RAW_H */
