// SPDX-License-Identifier: GPL-2.0
/*
 * The filter in front of tries: it never hides a prefix, and how often it lets
 * an address pass that is in none is counted.
 */
#include <kunit/test.h>
#include <linux/moduleparam.h>
#include <linux/op25b.h>

#include "early.h"
#include "lpm/filter.h"
#include "rnd.h"

static ulong seed;
module_param_named(filter_seed, seed, ulong, 0444);
MODULE_PARM_DESC(filter_seed, "repeat the random prefixes of this seed");

#define MOST	65536		/* beyond, a filter is not worth its copies */
#define LOOKUPS	20000

static struct op25b_prefix v4(u32 addr, u8 len)
{
	struct op25b_addr all = op25b_addr_v4(cpu_to_be32(addr));

	return (struct op25b_prefix){
		.addr = op25b_addr_head(all, len),
		.family = OP25B_V4,
		.len = len,
	};
}

static struct op25b_prefix v6(u64 hi, u64 lo, u8 len)
{
	struct op25b_addr all = { .hi = hi, .lo = lo };

	return (struct op25b_prefix){
		.addr = op25b_addr_head(all, len),
		.family = OP25B_V6,
		.len = len,
	};
}

static struct op25b_prefix random4(struct rnd *r, u32 i)
{
	return v4(rnd64(r), 32);
}

static struct op25b_prefix beside4(struct rnd *r, u32 i)
{
	return v4(10 << 24 | i, 32);
}

static struct op25b_prefix scattered4(struct rnd *r, u32 i)
{
	return v4(i * 2654435761U, 32);
}

/* Of two levels: a /32 is one of its own. */
static struct op25b_prefix mixed4(struct rnd *r, u32 i)
{
	return v4(rnd64(r), 28 + rnd64(r) % 5);
}

static struct op25b_prefix random6(struct rnd *r, u32 i)
{
	return v6(rnd64(r), rnd64(r), 128);
}

static struct op25b_prefix hosts6(struct rnd *r, u32 i)
{
	return v6(0x20010db800000000, i, 128);
}

static struct op25b_prefix nets6(struct rnd *r, u32 i)
{
	return v6(0x20010db800000000 + ((u64)i << 16), 25, 128);
}

static struct op25b_prefix mixed6(struct rnd *r, u32 i)
{
	return v6(rnd64(r), rnd64(r), 48 + rnd64(r) % 81);
}

static const struct {
	const char *name;
	struct op25b_prefix (*at)(struct rnd *r, u32 i);
} patterns[] = {
	{ "random IPv4", random4 }, { "IPv4 side by side", beside4 },
	{ "scattered IPv4", scattered4 }, { "IPv4, /28 to /32", mixed4 },
	{ "random IPv6", random6 }, { "IPv6 hosts of one /64", hosts6 },
	{ "a host in each /48", nets6 }, { "IPv6, /48 to /128", mixed6 },
};

#define KINDS	(ARRAY_SIZE(patterns) / OP25B_FAMILIES)

static void start(struct op25b_build *builds)
{
	unsigned int f;

	for (f = 0; f < OP25B_FAMILIES; f++)
		op25b_build_begin(&builds[f], NULL, f);
}

static void end(struct op25b_build *builds)
{
	unsigned int f;

	for (f = 0; f < OP25B_FAMILIES; f++)
		op25b_build_abort(&builds[f]);
}

/* As an edit does it. */
static struct op25b_filter *add(struct kunit *test, struct op25b_filter *filter,
				struct op25b_build *builds,
				const struct op25b_prefix *key)
{
	if (op25b_trie_find(&builds[key->family].trie, key))
		return filter;
	op25b_filter_add(filter, key);
	KUNIT_EXPECT_EQ(test, 0, op25b_build_set(&builds[key->family], key,
						 OP25B_ACTION_BLOCK));
	return op25b_filter_step(filter, builds);
}

/* The filter of @n prefixes of @pattern, made one by one. */
static struct op25b_filter *grow(struct kunit *test, struct op25b_build *builds,
				 struct rnd *r, u32 n, u32 pattern)
{
	struct op25b_filter *filter = op25b_filter_copy(NULL);
	u32 i;

	for (i = 0; filter && i < n; i++) {
		struct op25b_prefix key = patterns[pattern].at(r, i);

		filter = add(test, filter, builds, &key);
	}
	return filter;
}

/* The last address of @key. */
static struct op25b_addr last_of(const struct op25b_prefix *key)
{
	struct op25b_addr ones = { ~0ULL, ~0ULL };

	if (key->len == op25b_family_bits(key->family))
		return key->addr;
	return op25b_addr_of(key->family,
			     op25b_addr_join(key->addr, key->len, ones));
}

/* Prefixes of which the first or the last address is hidden. */
static u32 hidden(const struct op25b_filter *filter,
		  const struct op25b_build *builds)
{
	struct op25b_trie_iter it;
	struct op25b_prefix key;
	u32 f, n = 0;

	for (f = 0; f < OP25B_FAMILIES; f++) {
		op25b_trie_first(&it, &builds[f].trie, NULL);
		while (op25b_trie_next(&it, &key))
			n += !op25b_filter_maybe(filter, f, key.addr) ||
			     !op25b_filter_maybe(filter, f, last_of(&key));
	}
	return n;
}

/* Is @addr in a prefix of @trie? By a walk down from the longest. */
static bool inside(const struct op25b_trie *trie, u8 family,
		   struct op25b_addr addr)
{
	struct op25b_prefix key = { .family = family };
	int len;

	for (len = op25b_family_bits(family); len >= 0; len--) {
		key.addr = op25b_addr_head(addr, len);
		key.len = len;
		if (op25b_trie_find(trie, &key))
			return true;
	}
	return false;
}

/* Of LOOKUPS addresses, how many pass in vain. *@of: are in no prefix. */
static u32 passed(const struct op25b_filter *filter,
		  const struct op25b_build *builds, struct rnd *r, u32 n,
		  u32 pattern, u32 *of)
{
	u32 i, count = 0;

	*of = 0;
	for (i = 0; i < LOOKUPS; i++) {
		/* Those of the same pattern that come next, or any. */
		u32 which = i % 2 ? pattern : pattern / KINDS * KINDS;
		struct op25b_prefix key = patterns[which].at(r, n + i);
		u8 f = key.family;

		if (inside(&builds[f].trie, f, key.addr))
			continue;
		++*of;
		count += op25b_filter_maybe(filter, f, key.addr);
	}
	return count;
}

/* Also when the next is being made, and just before it takes over: the fullest
 * of filters.
 */
static void sizes(struct kunit *test)
{
	static const u32 sizes[] = { 1, 3, 24, 26, 208, 3328, 53248, MOST };
	struct op25b_build builds[OP25B_FAMILIES];
	struct op25b_filter *filter;
	u32 i, k, extra, of;
	struct rnd r;

	rnd_init(test, &r, seed);
	for (i = 0; i < ARRAY_SIZE(sizes) * ARRAY_SIZE(patterns); i++) {
		u32 n = sizes[i / ARRAY_SIZE(patterns)];

		k = i % ARRAY_SIZE(patterns);
		start(builds);
		filter = grow(test, builds, &r, n, k);
		KUNIT_ASSERT_NOT_NULL(test, filter);
		KUNIT_EXPECT_EQ(test, 0, hidden(filter, builds));
		extra = passed(filter, builds, &r, n, k, &of);
		kunit_info(test, "%u prefixes, %s: %u of %u pass, %zu bytes\n",
			   n, patterns[k].name, extra, of,
			   op25b_filter_bytes(filter));
		/* Several lengths are one level, and one more lookup. */
		KUNIT_EXPECT_LE(test, extra, of / (n < 256 ? 20 : 50) *
				(k % KINDS == KINDS - 1 ? 2 : 1));
		KUNIT_EXPECT_LE(test, op25b_filter_bytes(filter),
				120 + 8 * n);
		op25b_filter_free(filter);
		end(builds);
	}
}

/* Prefixes of each length, at random places: alone, then together. */
static void lengths(struct kunit *test)
{
	struct op25b_build builds[OP25B_FAMILIES];
	struct op25b_filter *filter, *all = op25b_filter_copy(NULL);
	struct op25b_prefix key;
	struct rnd r;
	u32 f, len;

	rnd_init(test, &r, seed);
	start(builds);
	KUNIT_ASSERT_NOT_NULL(test, all);
	for (f = 0; f < OP25B_FAMILIES; f++)
		for (len = 0; len <= op25b_family_bits(f); len++) {
			key = f == OP25B_V4 ? v4(rnd64(&r), len) :
					      v6(rnd64(&r), rnd64(&r), len);
			all = add(test, all, builds, &key);
			filter = op25b_filter_copy(NULL);
			KUNIT_ASSERT_NOT_NULL(test, filter);
			op25b_filter_add(filter, &key);
			KUNIT_EXPECT_TRUE(test, op25b_filter_maybe(filter, f,
								   key.addr));
			KUNIT_EXPECT_TRUE(test,
					  op25b_filter_maybe(filter, f,
							     last_of(&key)));
			/* It says nothing of the other family. */
			KUNIT_EXPECT_FALSE(test,
					   op25b_filter_maybe(filter, !f,
							      key.addr));
			op25b_filter_free(filter);
			KUNIT_EXPECT_EQ(test, 0, hidden(all, builds));
		}
	KUNIT_EXPECT_FALSE(test, op25b_filter_maybe(NULL, OP25B_V4, key.addr));
	op25b_filter_free(all);
	end(builds);
}

/* Beyond MOST all pass, and no copy is large. When half are gone, steps lead to
 * one that tells them apart again.
 */
static void too_many(struct kunit *test)
{
	struct op25b_build builds[OP25B_FAMILIES];
	struct op25b_filter *filter;
	struct op25b_prefix key, one_more;
	struct rnd r;
	u32 i, extra, of;

	rnd_init(test, &r, seed);
	start(builds);
	filter = grow(test, builds, &r, MOST, 1);
	KUNIT_ASSERT_NOT_NULL(test, filter);
	key = random6(&r, 0);
	KUNIT_EXPECT_FALSE(test, op25b_filter_maybe(filter, OP25B_V6,
						    key.addr));
	one_more = beside4(&r, MOST);
	filter = add(test, filter, builds, &one_more);
	extra = passed(filter, builds, &r, MOST + 1, 1, &of);
	KUNIT_EXPECT_EQ(test, extra, of);
	KUNIT_EXPECT_TRUE(test, op25b_filter_maybe(filter, OP25B_V6, key.addr));
	KUNIT_EXPECT_LE(test, op25b_filter_bytes(filter), 256);
	for (i = MOST; i > MOST / 4; i--) {
		key = beside4(&r, i);
		KUNIT_EXPECT_EQ(test, 0,
				op25b_build_del(&builds[OP25B_V4], &key));
		filter = op25b_filter_step(filter, builds);
		if (i > MOST / 2 + 1)
			KUNIT_EXPECT_LE(test, op25b_filter_bytes(filter), 256);
	}
	KUNIT_EXPECT_EQ(test, 0, hidden(filter, builds));
	extra = passed(filter, builds, &r, MOST + 1, 1, &of);
	KUNIT_EXPECT_LE(test, extra, of / 50);
	op25b_filter_free(filter);
	end(builds);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sizes),
	KUNIT_CASE(lengths),
	KUNIT_CASE(too_many),
	{}
};

static struct kunit_suite filter_suite = {
	.name = "op25b_filter",
	.suite_init = early_init,
	.suite_exit = early_exit,
	.test_cases = cases,
};

kunit_test_suite(filter_suite);
