/* SPDX-License-Identifier: GPL-2.0 */
/*
 * local_lock_nested_bh(), since Linux 6.11: taken with bottom halves off, it
 * excludes whoever else takes it on this CPU. That costs nothing but on
 * PREEMPT_RT, where since Linux 6.18 bottom halves that are off need not
 * exclude each other (PREEMPT_RT_NEEDS_BH_LOCK). Before 6.11 they always did.
 */
#ifndef _OP25B_COMPAT_LOCAL_LOCK_H
#define _OP25B_COMPAT_LOCAL_LOCK_H

#include <linux/local_lock.h>
#include <linux/percpu.h>

#ifndef local_lock_nested_bh
#define local_lock_nested_bh(lock)	((void)(lock))
#define local_unlock_nested_bh(lock)	((void)(lock))
#endif

#endif /* _OP25B_COMPAT_LOCAL_LOCK_H */
