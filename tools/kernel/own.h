/* SPDX-License-Identifier: GPL-2.0 */
/* The router's own addresses: what goes to them or comes from them is not
 * forwarded.
 */
#ifndef OP25BCTL_OWN_H
#define OP25BCTL_OWN_H

#include <stdbool.h>
#include <stdint.h>

struct ifaddrs;

/* Those of the interfaces that are up in the namespace we are in. Return: a
 * list to be freed with op25b_own_free(), NULL if there is none or on failure
 */
struct ifaddrs *op25b_own_read(void);
void op25b_own_free(struct ifaddrs *own);

bool op25b_own_has(const struct ifaddrs *own, const uint8_t *addr, int family);

/* Does a route make it ours, though no interface has it? */
bool op25b_own_route(const uint8_t *addr, int family);

#endif /* OP25BCTL_OWN_H */
