/* SPDX-License-Identifier: GPL-2.0 */
/* For one thread. */
#ifndef _SHIM_SEQLOCK_H
#define _SHIM_SEQLOCK_H

typedef struct {
	unsigned int sequence;
} seqcount_t;

#define seqcount_init(s)		((void)((s)->sequence = 0))
#define write_seqcount_begin(s)		((void)(s)->sequence++)
#define write_seqcount_end(s)		((void)(s)->sequence++)
#define read_seqcount_begin(s)		((s)->sequence)
#define read_seqcount_retry(s, start)	((s)->sequence != (start))

#endif
