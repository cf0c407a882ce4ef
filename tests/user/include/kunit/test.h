/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of KUnit as runs the suites of tests/kunit that need no kernel in
 * user space, under sanitizers. main.c runs them: TAP on stdout.
 */
#ifndef _SHIM_KUNIT_H
#define _SHIM_KUNIT_H

#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/types.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct kunit {
	int failed;
	jmp_buf end;		/* where a failed assertion goes */
	void *memory[4];	/* freed behind the case */
	int n;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char *name;
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(fn)	{ fn, #fn }
#define kunit_test_suite(suite) \
	struct kunit_suite *shim_suite = &(suite)

extern struct kunit_suite *shim_suite;

#define kunit_info(test, ...) \
	((void)(test), printf("# "), printf(__VA_ARGS__), printf("\n"))
#define SHIM_CHECK(test, ok, what, fatal)				\
	do {								\
		if (!(ok)) {						\
			printf("# %s:%d: %s\n", __FILE__, __LINE__, what); \
			(test)->failed++;				\
			if (fatal)					\
				longjmp((test)->end, 1);		\
		}							\
	} while (0)
#define KUNIT_EXPECT_EQ(t, a, b)  SHIM_CHECK(t, (a) == (b), #a " == " #b, 0)
#define KUNIT_EXPECT_LE(t, a, b)  SHIM_CHECK(t, (a) <= (b), #a " <= " #b, 0)
#define KUNIT_EXPECT_TRUE(t, a)   SHIM_CHECK(t, a, #a, 0)
#define KUNIT_EXPECT_FALSE(t, a)  SHIM_CHECK(t, !(a), "not " #a, 0)
#define KUNIT_ASSERT_TRUE(t, a)   SHIM_CHECK(t, a, #a, 1)
#define KUNIT_ASSERT_EQ(t, a, b)  SHIM_CHECK(t, (a) == (b), #a " == " #b, 1)
#define KUNIT_ASSERT_NOT_NULL(t, a) SHIM_CHECK(t, a, #a, 1)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, a) SHIM_CHECK(t, a, #a, 1)
#define KUNIT_EXPECT_EQ_MSG(t, a, b, ...)				\
	do {								\
		if ((a) != (b)) {					\
			printf("# " __VA_ARGS__);			\
			printf("\n");					\
			(t)->failed++;					\
		}							\
	} while (0)
#define KUNIT_FAIL(t, ...)						\
	do {								\
		printf("# " __VA_ARGS__);				\
		printf("\n");						\
		(t)->failed++;						\
	} while (0)

/* The test's own memory: never made to fail, not counted. */
#define kunit_kzalloc(test, size, gfp) \
	((test)->memory[(test)->n++] = calloc(1, size))
#define kvmalloc_array(n, size, gfp)	calloc(n, size)
#define kvcalloc(n, size, gfp)		calloc(n, size)
#define kvfree(p)			free(p)

static inline u64 get_random_u64(void)
{
	u64 v = 0;

	return getrandom(&v, sizeof(v), 0) == sizeof(v) ? v : 25;
}

#define MODULE_LICENSE(x)

#endif
