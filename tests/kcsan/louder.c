// SPDX-License-Identifier: GPL-2.0
/*
 * make OP25B_KCSAN=y: KCSAN takes a closer look at the module.
 *
 * Of all plain accesses of the kernel KCSAN watches one in 4000, by chance: in
 * an emulated storm that is a handful of the module's own, and a race put in on
 * purpose was not seen. Here each access of the module asks OFTEN times whether
 * it is the one to watch. The wrappers stand between the compiler's calls and
 * the kernel's functions (ld --wrap); they are not instrumented themselves.
 */
#include "louder.h"

#define OFTEN	100

#define LOUDER(name)						\
	void __wrap___tsan_##name(void *ptr)			\
	{							\
		int i;						\
								\
		for (i = 0; i < OFTEN; i++)			\
			__real___tsan_##name(ptr);		\
	}

LOUDER(read1)
LOUDER(read2)
LOUDER(read4)
LOUDER(read8)
LOUDER(write1)
LOUDER(write2)
LOUDER(write4)
LOUDER(write8)
