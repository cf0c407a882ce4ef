/* SPDX-License-Identifier: GPL-2.0 */
/*
 * malloc() behind the kernel's names. shim_fail_nth makes the nth allocation
 * from now fail (0: none), as the kernel's fail-nth does; shim_objects counts
 * what is alive.
 */
#ifndef _SHIM_SLAB_H
#define _SHIM_SLAB_H

#include <linux/types.h>
#include <stdlib.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE		4096UL
#define GFP_KERNEL_ACCOUNT	0
#define __GFP_RETRY_MAYFAIL	0
#define __GFP_NOWARN		0
#define __GFP_ACCOUNT		0
#define __GFP_ZERO		0
#define GFP_KERNEL		0

extern long shim_objects;
extern long shim_fail_nth;

struct kmem_cache {
	unsigned int size;
};

/* What is large is aligned to cache lines at least, as there. */
static inline void *shim_alloc(size_t size)
{
	void *p = NULL;

	if (shim_fail_nth && !--shim_fail_nth)
		return NULL;
	if (size < PAGE_SIZE)
		p = calloc(1, size);
	else if (!posix_memalign(&p, 64, size))
		memset(p, 0, size);
	shim_objects += !!p;
	return p;
}

static inline void shim_free(void *p)
{
	shim_objects -= !!p;
	free(p);
}

static inline struct kmem_cache *
kmem_cache_create(const char *name, unsigned int size, unsigned int align,
		  unsigned int flags, void (*ctor)(void *))
{
	struct kmem_cache *cache = malloc(sizeof(*cache));

	(void)name, (void)align, (void)flags, (void)ctor;
	if (cache)
		cache->size = size;
	return cache;
}

#define kmem_cache_destroy(cache)	free(cache)
#define kmem_cache_alloc(cache, gfp)	shim_alloc((cache)->size)
#define kmem_cache_free(cache, p)	((void)(cache), shim_free(p))
#define __get_free_page(gfp)		((unsigned long)shim_alloc(PAGE_SIZE))
#define free_page(p)			shim_free((void *)(p))

#endif
