/* SPDX-License-Identifier: GPL-2.0 */
#define size_add(a, b)		((a) + (b))
#define array_size(a, b)	((size_t)(a) * (b))
#define struct_size(p, member, n) \
	(sizeof(*(p)) + sizeof(*(p)->member) * (n))
