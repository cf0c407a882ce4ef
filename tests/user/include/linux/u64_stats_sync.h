/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_U64_STATS_SYNC_H
#define _SHIM_U64_STATS_SYNC_H

#include <shim-smp.h>

/* For 64-bit machines. */
#define u64_stats_init(s)		((void)(s))
#define u64_stats_update_begin(s)	((void)(s))
#define u64_stats_update_end(s)		((void)(s))
#define u64_stats_fetch_begin(s)	((void)(s), 0)
#define u64_stats_fetch_retry(s, start)	((void)(s), (void)(start), 0)

#endif
