/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x86_64 kernels patch hweight64() to POPCNT when they boot. User-mode Linux
 * calls the portable function instead; with this file included ahead of the
 * module's own (KCFLAGS), its figures say what the router's would.
 */
#ifndef __ASSEMBLY__
#include <linux/bitops.h>

#undef hweight64
#define hweight64(w) ((unsigned int)__builtin_popcountll(w))
#endif
