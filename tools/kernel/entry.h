/* SPDX-License-Identifier: GPL-2.0 */
/* Entries to and from netlink. */
#ifndef OP25BCTL_ENTRY_H
#define OP25BCTL_ENTRY_H

#include "words/kind.h"
#include "words/select.h"

struct nl_msg;
struct nlattr;

/* Puts a nest with the entry's address, action, expiry and comment.
 * Return: 0, -1
 */
int op25b_entry_put(struct nl_msg *msg, const struct op25b_kind *kind,
		    const struct op25b_entry *e);

/* Puts whose entries a request is about, unless that is what @absent stands
 * for: config in changes, 0 where entries are read. So an older module, which
 * has no other, goes on to be changed. Return: 0, -1
 */
int op25b_origin_put(struct nl_msg *msg, uint8_t origin, uint8_t absent);

/* Puts what of @sel the kernel selects by. Return: 0, -1 */
int op25b_select_put(struct nl_msg *msg, const struct op25b_select *sel);

/* Reads an address of 4 or 16 bytes, and its length, which may be absent.
 * Return: AF_INET, AF_INET6, or 0 if it is none
 */
int op25b_addr_get(const struct nlattr *a, const struct nlattr *len,
		   uint8_t *addr, uint8_t *plen);

/* Reads a nest. Return: true if it was whole. */
bool op25b_entry_get(const struct nlattr *nest, const struct op25b_kind *kind,
		     struct op25b_entry *e);

#endif /* OP25BCTL_ENTRY_H */
