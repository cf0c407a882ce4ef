/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ACCESSES_H
#define ACCESSES_H

#include <linux/types.h>

extern u64 accesses;	/* of files built with -fsanitize=thread */

#endif
