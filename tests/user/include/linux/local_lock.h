/* SPDX-License-Identifier: GPL-2.0 */
/* Nothing, as in most kernels; or, for tests/user/preempt.c, what it makes of
 * them.
 */
#ifndef _SHIM_LOCAL_LOCK_H
#define _SHIM_LOCAL_LOCK_H

typedef struct {
	int unused;
} local_lock_t;

#define INIT_LOCAL_LOCK(name)		{ 0 }

#ifdef SHIM_PREEMPT_RT
void shim_lock(local_lock_t *lock);
void shim_unlock(local_lock_t *lock);
#define local_lock_nested_bh(lock)	shim_lock(lock)
#define local_unlock_nested_bh(lock)	shim_unlock(lock)
#else
#define local_lock_nested_bh(lock)	((void)(lock))
#define local_unlock_nested_bh(lock)	((void)(lock))
#endif

#endif
