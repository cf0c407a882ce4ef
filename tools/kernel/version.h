/* SPDX-License-Identifier: GPL-2.0 */
/* The version of the module, which need not be the tool's. */
#ifndef OP25BCTL_VERSION_H
#define OP25BCTL_VERSION_H

#include <stdbool.h>

#define OP25B_VERSION_TEXT	64

/* What the loaded module says of itself, OP25B_VERSION_TEXT bytes.
 * Return: false if there is none
 */
bool op25b_module_version(char *buf);

/* Is it there, and another than the tool's? */
bool op25b_module_differs(char *buf);

#endif /* OP25BCTL_VERSION_H */
