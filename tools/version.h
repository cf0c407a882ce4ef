/* SPDX-License-Identifier: GPL-2.0 */
/* The tool's version, in one place: `op25bctl version` prints it. */
#ifndef OP25BCTL_VERSION_H
#define OP25BCTL_VERSION_H

#define OP25BCTL_VERSION	"0.1.0"

#endif /* OP25BCTL_VERSION_H */
