/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_ERR_H
#define _SHIM_ERR_H

#define IS_ERR(p)	((unsigned long)(p) >= (unsigned long)-4095)
#define PTR_ERR(p)	((long)(p))
#define ERR_PTR(err)	((void *)(long)(err))

#endif
