/* SPDX-License-Identifier: GPL-2.0 */
/* What the compiler calls before an access, by the names of ld --wrap. */
#ifndef OP25B_LOUDER_H
#define OP25B_LOUDER_H

#define LOUDER_DECLARE(name)				\
	void __real___tsan_##name(void *ptr);		\
	void __wrap___tsan_##name(void *ptr)

LOUDER_DECLARE(read1);
LOUDER_DECLARE(read2);
LOUDER_DECLARE(read4);
LOUDER_DECLARE(read8);
LOUDER_DECLARE(write1);
LOUDER_DECLARE(write2);
LOUDER_DECLARE(write4);
LOUDER_DECLARE(write8);

#endif /* OP25B_LOUDER_H */
