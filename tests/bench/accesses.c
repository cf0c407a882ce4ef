// SPDX-License-Identifier: GPL-2.0
/*
 * A clock that counts accesses to memory: what -fsanitize=thread calls before
 * each of them. No neighbour and no cache moves it.
 */
#include <linux/types.h>

#include "accesses.h"

u64 accesses;

#define ACCESS(name)			\
	void __tsan_##name(void *p)	\
	{				\
		(void)p;		\
		accesses++;		\
	}

ACCESS(read1)
ACCESS(read2)
ACCESS(read4)
ACCESS(read8)
ACCESS(read16)
ACCESS(write1)
ACCESS(write2)
ACCESS(write4)
ACCESS(write8)
ACCESS(write16)
ACCESS(unaligned_read2)
ACCESS(unaligned_read4)
ACCESS(unaligned_read8)
ACCESS(unaligned_read16)
ACCESS(unaligned_write2)
ACCESS(unaligned_write4)
ACCESS(unaligned_write8)
ACCESS(unaligned_write16)

void __tsan_read_range(void *p, long size)
{
	(void)p;
	accesses += size;
}

void __tsan_write_range(void *p, long size)
{
	(void)p;
	accesses += size;
}

void __tsan_init(void)
{
}

void __tsan_func_entry(void *p)
{
	(void)p;
}

void __tsan_func_exit(void *p)
{
	(void)p;
}
