/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LIMITS_H
#define _SHIM_LIMITS_H

#include_next <linux/limits.h>

#define U32_MAX			UINT32_MAX
#define U64_MAX			UINT64_MAX

#endif
