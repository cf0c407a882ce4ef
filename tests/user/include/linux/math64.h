/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_MATH64_H
#define _SHIM_MATH64_H

#define div_u64(a, b)	((u64)(a) / (u32)(b))
#define mul_u64_u64_shr(a, b, shift) \
	((u64)(((unsigned __int128)(a) * (b)) >> (shift)))

#endif
