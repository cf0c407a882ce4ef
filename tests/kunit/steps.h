/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What compiler and linker make of the module's own words (Kbuild): it calls
 * __wrap_X() where it says X(), which __real_X() still is.
 */
#ifndef _OP25B_TEST_STEPS_H
#define _OP25B_TEST_STEPS_H

#include <linux/slab.h>

void __sanitizer_cov_trace_pc(void);
int __wrap___cond_resched(void);
int __real___cond_resched(void);
void __wrap_kfree(const void *p);
void __real_kfree(const void *p);
void __wrap_kmem_cache_free(struct kmem_cache *cache, void *p);
void __real_kmem_cache_free(struct kmem_cache *cache, void *p);
void __wrap_free_pages(unsigned long addr, unsigned int order);
void __real_free_pages(unsigned long addr, unsigned int order);

#endif /* _OP25B_TEST_STEPS_H */
