/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody attacks these programs. */
#ifndef _SHIM_SIPHASH_H
#define _SHIM_SIPHASH_H

typedef struct { u64 key[2]; } siphash_key_t;

static inline u64 siphash_3u64(u64 a, u64 b, u64 c, const siphash_key_t *key)
{
	return (((a ^ key->key[0]) * GOLDEN_RATIO_64 ^ b) * GOLDEN_RATIO_64 ^
		c ^ key->key[1]) * GOLDEN_RATIO_64 >> 17;
}

#define get_random_bytes(p, n)	((void)getrandom(p, n, 0))

#endif
