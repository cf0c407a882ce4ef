/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's headers as far as the files of kmod that know no skb need them,
 * in user space: for sanitizers, fuzzers and cache counters.
 */
#ifndef _SHIM_TYPES_H
#define _SHIM_TYPES_H

#include_next <linux/types.h>
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define be32_to_cpu(x)	be32toh(x)
#define cpu_to_be32(x)	htobe32(x)
#define be64_to_cpu(x)	be64toh(x)
#ifdef SHIM_RACES	/* looked for by -fsanitize=thread, which knows these */
#define READ_ONCE(x)	__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#else
#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#endif
#define __always_inline	inline __attribute__((always_inline))
#define noinline	__attribute__((noinline))
#define __pure		__attribute__((pure))
#define __uninitialized	/* sanitizers look at what is left so */
#define __init
#define __exit
#define __rcu
#define fallthrough	__attribute__((fallthrough))

#endif
