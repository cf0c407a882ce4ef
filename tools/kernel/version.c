// SPDX-License-Identifier: GPL-2.0
/* The version of the module. */
#include <stdio.h>
#include <string.h>

#include "kernel/version.h"

bool op25b_module_version(char *buf)
{
	FILE *f = fopen("/sys/module/op25b/version", "re");
	bool have = f && fgets(buf, OP25B_VERSION_TEXT, f);

	if (f)
		fclose(f);
	if (have)
		buf[strcspn(buf, "\n")] = '\0';
	return have;
}

bool op25b_module_differs(char *buf)
{
	return op25b_module_version(buf) && strcmp(buf, OP25B_VERSION);
}
