/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table takes in a packet of a source, as the hook has it do so.
 */
#ifndef _OP25B_TEST_SEE_H
#define _OP25B_TEST_SEE_H

#include <linux/bottom_half.h>

#include "packet/sight.h"

/* Return: as op25b_heavy_count(), or 1 where the source moves in. */
static inline u64 see(struct op25b_heavy *table, u32 version,
		      const struct op25b_sight *sight)
{
	u64 attempts;

	local_bh_disable();
	local_lock_nested_bh(&op25b_heavy_lock);
	attempts = op25b_heavy_count(table, version,
				     op25b_traits_family(sight->traits), sight);
	if (attempts == OP25B_HEAVY_NEW)
		attempts = op25b_heavy_move_in(table, sight);
	local_unlock_nested_bh(&op25b_heavy_lock);
	local_bh_enable();
	return attempts;
}

#endif /* _OP25B_TEST_SEE_H */
