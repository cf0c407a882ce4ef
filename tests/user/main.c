// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/sched.h>
#include <linux/slab.h>

unsigned long shim_rescheds;
long shim_objects;
long shim_fail_nth;

/* Apart, because what it has in registers is lost where an assertion fails. */
static void run(struct kunit *test, const struct kunit_case *c)
{
	if (!setjmp(test->end))
		c->run_case(test);
}

int main(void)
{
	struct kunit_case *c = shim_suite->test_cases;
	int n = 0, failed = 0;

	if (shim_suite->suite_init && shim_suite->suite_init(shim_suite))
		return 2;
	for (; c->run_case; c++) {
		struct kunit test = {};

		run(&test, c);
		while (test.n)
			free(test.memory[--test.n]);
		printf("%sok %d - user %s %s\n", test.failed ? "not " : "", ++n,
		       shim_suite->name, c->name);
		failed += !!test.failed;
		fflush(stdout);
	}
	if (shim_suite->suite_exit)
		shim_suite->suite_exit(shim_suite);
	printf("1..%d\n", n);
	return !!failed;
}
