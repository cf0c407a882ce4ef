// SPDX-License-Identifier: GPL-2.0
/*
 * The trie against a naive list. The same file runs as a KUnit suite in the
 * kernel and under sanitizers in user space (tests/user).
 */
#include <kunit/test.h>
#ifdef __KERNEL__
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "early.h"
#endif
#include <linux/op25b.h>

#include "lpm/build.h"
#include "lpm/node.h"
#include "lpm/trie.h"

static u64 rnd_state;

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014): the same in both rings. */
static u64 rnd(void)
{
	u64 z = rnd_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static unsigned int below(unsigned int n)
{
	return (u32)(rnd() >> 32) % n;
}

static void sow(struct kunit *test)
{
#ifdef __KERNEL__
	get_random_bytes(&rnd_state, sizeof(rnd_state));
#else
	FILE *f = fopen("/dev/urandom", "r");
	const char *given = getenv("SEED");

	if (given)
		rnd_state = strtoull(given, NULL, 0);
	else if (!f || fread(&rnd_state, sizeof(rnd_state), 1, f) != 1)
		abort();
	if (f)
		fclose(f);
#endif
	kunit_info(test, "seed 0x%llx", (unsigned long long)rnd_state);
}

/* The oracle: an unsorted array, searched from end to end. */
struct naive {
	struct { struct op25b_prefix prefix; u8 action; } *entry;
	unsigned int count, max;
};

static int naive_index(const struct naive *n, const struct op25b_prefix *p)
{
	unsigned int i;

	for (i = 0; i < n->count; i++)
		if (n->entry[i].prefix.len == p->len &&
		    n->entry[i].prefix.addr.hi == p->addr.hi &&
		    n->entry[i].prefix.addr.lo == p->addr.lo)
			return i;
	return -1;
}

static bool naive_holds(const struct op25b_prefix *p, struct op25b_addr a)
{
	unsigned int i;

	for (i = 0; i < p->len; i++) {
		u64 x = i < 64 ? p->addr.hi ^ a.hi : p->addr.lo ^ a.lo;

		if (x >> (63 - i % 64) & 1)
			return false;
	}
	return true;
}

static struct op25b_match naive_lookup(const struct naive *n,
				       struct op25b_addr a)
{
	struct op25b_match m = {};
	unsigned int i;

	for (i = 0; i < n->count; i++) {
		const struct op25b_prefix *p = &n->entry[i].prefix;

		if ((!m.action || p->len > m.len) && naive_holds(p, a)) {
			m.action = n->entry[i].action;
			m.len = p->len;
		}
	}
	return m;
}

static void naive_set(struct naive *n, const struct op25b_prefix *p, u8 action)
{
	int i = naive_index(n, p);

	if (i < 0) {
		i = n->count++;
		n->entry[i].prefix = *p;
	}
	n->entry[i].action = action;
}

static bool naive_del(struct naive *n, const struct op25b_prefix *p)
{
	int i = naive_index(n, p);

	if (i < 0)
		return false;
	n->entry[i] = n->entry[--n->count];
	return true;
}

/* Prefixes of one list cluster around a few bases, or nothing would nest. They
 * differ from a base behind its first @stem bits.
 */
struct shape {
	const char *name;
	u8 family, min_len, max_len, stem, bases, free_bits;
};

static const struct shape shapes[] = {
	{ "v4 wild",	OP25B_V4, 0, 32, 0, 0, 0 },
	{ "v4 hosts",	OP25B_V4, 24, 32, 0, 2, 10 },
	{ "v4 nested",	OP25B_V4, 1, 32, 0, 1, 4 },
	{ "v4 short",	OP25B_V4, 0, 6, 0, 0, 0 },
	{ "v4 pool",	OP25B_V4, 20, 32, 18, 1, 8 },
	{ "v6 wild",	OP25B_V6, 0, 128, 0, 0, 0 },
	{ "v6 hosts",	OP25B_V6, 120, 128, 0, 3, 10 },
	{ "v6 nested",	OP25B_V6, 1, 128, 0, 1, 5 },
	{ "v6 nets",	OP25B_V6, 32, 64, 0, 3, 20 },
	{ "v6 pairs",	OP25B_V6, 100, 128, 0, 20, 3 },
	{ "v6 pool",	OP25B_V6, 44, 64, 42, 1, 12 },
	{ "v6 link",	OP25B_V6, 60, 128, 60, 1, 12 },
	{ "v6 rack",	OP25B_V6, 110, 128, 100, 1, 12 },
};

static struct op25b_addr bases[20];

static struct op25b_addr random_addr(const struct shape *s, unsigned int len)
{
	struct op25b_addr a = { rnd(), rnd() };
	unsigned int i;

	if (s->bases) {
		struct op25b_addr b = bases[below(s->bases)];

		/* Differ from the base in free_bits random places. */
		for (i = 0; i < s->free_bits; i++) {
			unsigned int bit = s->stem;

			if (len > s->stem)
				bit += below(len - s->stem);
			if (len <= s->stem || rnd() & 1)
				continue;
			if (bit < 64)
				b.hi ^= 1ULL << (63 - bit);
			else
				b.lo ^= 1ULL << (127 - bit);
		}
		a = b;
	}
	if (s->family == OP25B_V4) {
		a.hi = a.hi >> 32 << 32;
		a.lo = 0;
	}
	return a;
}

static struct op25b_prefix random_prefix(const struct shape *s)
{
	struct op25b_prefix p = { .family = s->family };

	p.len = s->min_len + below(s->max_len - s->min_len + 1);
	p.addr = op25b_addr_head(random_addr(s, p.len), p.len);
	return p;
}

static bool naive_behind(const struct op25b_prefix *a,
			 const struct op25b_prefix *b)
{
	if (a->addr.hi != b->addr.hi)
		return a->addr.hi > b->addr.hi;
	if (a->addr.lo != b->addr.lo)
		return a->addr.lo > b->addr.lo;
	return a->len > b->len;
}

/* The walk from @after: in order, all of the list that is behind it. */
static void check_walk(struct kunit *test, const struct op25b_trie *trie,
		       const struct naive *n, const struct op25b_prefix *after)
{
	struct op25b_prefix last, p;
	struct op25b_trie_iter it;
	unsigned int seen = 0, want = 0, i;
	u8 action;

	for (i = 0; i < n->count; i++)
		want += !after || naive_behind(&n->entry[i].prefix, after);
	op25b_trie_first(&it, trie, after);
	while ((action = op25b_trie_next(&it, &p))) {
		int at = naive_index(n, &p);

		KUNIT_EXPECT_EQ(test, p.family, trie->family);
		if (at < 0 || n->entry[at].action != action ||
		    (seen && !naive_behind(&p, &last)) ||
		    (after && !naive_behind(&p, after))) {
			KUNIT_FAIL(test, "walk gave %llx:%llx/%u action %u",
				   (unsigned long long)p.addr.hi,
				   (unsigned long long)p.addr.lo, p.len,
				   action);
			return;
		}
		last = p;
		seen++;
	}
	KUNIT_EXPECT_EQ(test, seen, want);
}

static void check_lookup(struct kunit *test, const struct op25b_trie *trie,
			 const struct naive *n, struct op25b_addr a)
{
	struct op25b_match want = naive_lookup(n, a);
	struct op25b_match got = op25b_trie_lookup(trie, trie->family, a);

	if (got.action != want.action || (want.action && got.len != want.len))
		KUNIT_FAIL(test, "lookup %llx:%llx: %u/%u, should be %u/%u",
			   (unsigned long long)a.hi, (unsigned long long)a.lo,
			   got.action, got.len, want.action, want.len);
}

/* The last address that @p holds, and the one behind it. */
static struct op25b_addr last_of(const struct op25b_prefix *p)
{
	struct op25b_addr a = p->addr;
	unsigned int i;

	for (i = p->len; i < op25b_family_bits(p->family); i++) {
		if (i < 64)
			a.hi |= 1ULL << (63 - i);
		else
			a.lo |= 1ULL << (127 - i);
	}
	return a;
}

static struct op25b_addr successor(struct op25b_addr a, u8 family)
{
	if (family == OP25B_V4)
		a.hi += 1ULL << 32;
	else if (!++a.lo)
		a.hi++;
	return a;
}

/* An address outside of @p by one bit, which may be any. */
static struct op25b_addr elsewhere(const struct op25b_prefix *p)
{
	struct op25b_addr a = last_of(p);
	unsigned int bit = p->len ? below(p->len) : 0;

	if (bit < 64)
		a.hi ^= 1ULL << (63 - bit);
	else
		a.lo ^= 1ULL << (127 - bit);
	return a;
}

static void check_all(struct kunit *test, const struct op25b_trie *trie,
		      const struct naive *n, const struct shape *s)
{
	struct op25b_prefix p;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, trie->count, n->count);
	for (i = 0; i < n->count; i++) {
		p = n->entry[i].prefix;
		KUNIT_EXPECT_EQ(test, op25b_trie_find(trie, &p),
				n->entry[i].action);
		check_lookup(test, trie, n, p.addr);
		check_lookup(test, trie, n, last_of(&p));
		check_lookup(test, trie, n,
			     successor(last_of(&p), s->family));
		check_lookup(test, trie, n, elsewhere(&p));
	}
	for (i = 0; i < 64; i++) {
		check_lookup(test, trie, n,
			     random_addr(s, op25b_family_bits(s->family)));
		p = random_prefix(s);
		if (naive_index(n, &p) < 0)
			KUNIT_EXPECT_EQ(test, op25b_trie_find(trie, &p),
					OP25B_ACTION_NONE);
	}
	check_walk(test, trie, n, NULL);
}

/* The canonical form: the same list in another order makes the same trie. */
static void check_shape(struct kunit *test, const struct op25b_trie *trie,
			const struct naive *n)
{
	struct op25b_build build;
	unsigned int i;

	op25b_build_begin(&build, NULL, trie->family);
	for (i = n->count; i-- > 0;)
		KUNIT_ASSERT_EQ(test, op25b_build_set(&build,
						      &n->entry[i].prefix,
						      n->entry[i].action), 0);
	KUNIT_EXPECT_EQ(test, build.trie.bytes, trie->bytes);
	KUNIT_EXPECT_LE(test, trie->bytes, 64 * (u64)n->count + 64);
	op25b_build_abort(&build);
}

/* One random change to both. */
static void change(struct kunit *test, struct op25b_build *build,
		   struct naive *n, const struct shape *s)
{
	struct op25b_prefix p = random_prefix(s);
	u8 action = OP25B_ACTION_BLOCK + below(3);

	if (n->count && (n->count == n->max || below(100) < 45)) {
		if (below(10))
			p = n->entry[below(n->count)].prefix;
		KUNIT_EXPECT_EQ(test, op25b_build_del(build, &p),
				naive_del(n, &p) ? 0 : -ENOENT);
		return;
	}
	if (n->count && !below(8))
		p = n->entry[below(n->count)].prefix;
	KUNIT_EXPECT_EQ(test, op25b_build_set(build, &p, action), 0);
	naive_set(n, &p, action);
}

#define MAX_ENTRIES 150

static void random_versions(struct kunit *test, const struct shape *s,
			    struct naive *n, struct naive *old)
{
	struct op25b_trie trie = { .family = s->family };
	struct op25b_build build;
	unsigned int version, i;

	for (i = 0; i < ARRAY_SIZE(bases); i++)
		bases[i] = (struct op25b_addr){ rnd(), rnd() };
	n->count = 0;
	for (version = 0; version < 60; version++) {
		old->count = n->count;
		memcpy(old->entry, n->entry, n->count * sizeof(*n->entry));
		op25b_build_begin(&build, &trie, s->family);
		for (i = below(version % 3 ? 4 : 60); i-- > 0;)
			change(test, &build, n, s);

		/* Readers of the version in force notice nothing. */
		check_all(test, &trie, old, s);
		if (!below(5)) {
			op25b_build_abort(&build);
			check_all(test, &trie, old, s);
			n->count = old->count;
			memcpy(n->entry, old->entry,
			       n->count * sizeof(*n->entry));
			continue;
		}
		op25b_build_seal(&build);
		op25b_bag_free(&build.retired);
		trie = build.trie;
		check_all(test, &trie, n, s);
		check_shape(test, &trie, n);
		for (i = 0; i < 8; i++) {
			struct op25b_prefix after = random_prefix(s);

			if (n->count && (i & 1))
				after = n->entry[below(n->count)].prefix;
			check_walk(test, &trie, n, &after);
		}
	}
	while (n->count) {
		struct op25b_prefix p = n->entry[below(n->count)].prefix;

		op25b_build_begin(&build, &trie, s->family);
		KUNIT_EXPECT_EQ(test, op25b_build_del(&build, &p), 0);
		naive_del(n, &p);
		op25b_build_seal(&build);
		op25b_bag_free(&build.retired);
		trie = build.trie;
		check_shape(test, &trie, n);
	}
	KUNIT_EXPECT_EQ(test, trie.root, 0ULL);
	KUNIT_EXPECT_EQ(test, trie.bytes, 0ULL);
}

static void random_test(struct kunit *test)
{
	struct naive n = { .max = MAX_ENTRIES }, old = { .max = MAX_ENTRIES };
	unsigned int i;

	sow(test);
	n.entry = kvcalloc(MAX_ENTRIES, sizeof(*n.entry), GFP_KERNEL);
	old.entry = kvcalloc(MAX_ENTRIES, sizeof(*old.entry), GFP_KERNEL);
	if (n.entry && old.entry)
		for (i = 0; i < ARRAY_SIZE(shapes); i++)
			random_versions(test, &shapes[i], &n, &old);
	else
		KUNIT_FAIL(test, "no memory for the oracle");
	kvfree(n.entry);
	kvfree(old.entry);
}

/* Cases by hand. */
struct row {
	u64 hi, lo;
	u8 len, action;
};

#define V4(a, b, c, d) ((u64)(a) << 56 | (u64)(b) << 48 | (u64)(c) << 40 | \
			(u64)(d) << 32)

static const struct row table_v4[] = {
	{ V4(0, 0, 0, 0), 0, 0, OP25B_ACTION_MONITOR },
	{ V4(100, 64, 0, 0), 0, 10, OP25B_ACTION_BLOCK },
	{ V4(100, 64, 7, 9), 0, 32, OP25B_ACTION_EXEMPT },
	{ V4(100, 64, 8, 0), 0, 21, OP25B_ACTION_EXEMPT },
	{ V4(100, 64, 8, 128), 0, 25, OP25B_ACTION_BLOCK },
	{ V4(255, 255, 255, 255), 0, 32, OP25B_ACTION_BLOCK },
};

static const struct row probes_v4[] = {
	{ V4(100, 64, 0, 0), 0, 10, OP25B_ACTION_BLOCK },
	{ V4(100, 127, 255, 255), 0, 10, OP25B_ACTION_BLOCK },
	{ V4(100, 128, 0, 0), 0, 0, OP25B_ACTION_MONITOR },
	{ V4(100, 63, 255, 255), 0, 0, OP25B_ACTION_MONITOR },
	{ V4(100, 64, 7, 8), 0, 10, OP25B_ACTION_BLOCK },
	{ V4(100, 64, 7, 9), 0, 32, OP25B_ACTION_EXEMPT },
	{ V4(100, 64, 7, 10), 0, 10, OP25B_ACTION_BLOCK },
	{ V4(100, 64, 15, 255), 0, 21, OP25B_ACTION_EXEMPT },
	{ V4(100, 64, 8, 127), 0, 21, OP25B_ACTION_EXEMPT },
	{ V4(100, 64, 8, 200), 0, 25, OP25B_ACTION_BLOCK },
	{ V4(255, 255, 255, 255), 0, 32, OP25B_ACTION_BLOCK },
	{ V4(255, 255, 255, 254), 0, 0, OP25B_ACTION_MONITOR },
};

#define DB8 0x20010db800000000ULL

static const struct row table_v6[] = {
	{ DB8, 0, 32, OP25B_ACTION_BLOCK },
	{ DB8 | 0x0100, 0, 56, OP25B_ACTION_EXEMPT },
	{ DB8 | 0x0101, 0, 64, OP25B_ACTION_MONITOR },
	{ DB8 | 0x0101, 1, 128, OP25B_ACTION_BLOCK },
	{ DB8 | 0x0200, 0x100, 120, OP25B_ACTION_EXEMPT },
};

static const struct row probes_v6[] = {
	{ DB8, 0, 32, OP25B_ACTION_BLOCK },
	{ DB8 | 0xffffffff, ~0ULL, 32, OP25B_ACTION_BLOCK },
	{ DB8 + (1ULL << 32), 0, 0, OP25B_ACTION_NONE },
	{ DB8 - 1, ~0ULL, 0, OP25B_ACTION_NONE },
	{ DB8 | 0x0100, 5, 56, OP25B_ACTION_EXEMPT },
	{ DB8 | 0x01ff, 5, 56, OP25B_ACTION_EXEMPT },
	{ DB8 | 0x0101, 5, 64, OP25B_ACTION_MONITOR },
	{ DB8 | 0x0101, 1, 128, OP25B_ACTION_BLOCK },
	{ DB8 | 0x0101, 0, 64, OP25B_ACTION_MONITOR },
	{ DB8 | 0x0200, 0x1ff, 120, OP25B_ACTION_EXEMPT },
	{ DB8 | 0x0200, 0x200, 32, OP25B_ACTION_BLOCK },
};

static void check_table(struct kunit *test, u8 family, const struct row *row,
			unsigned int rows, const struct row *probe,
			unsigned int probes)
{
	struct op25b_build build;
	unsigned int i;

	op25b_build_begin(&build, NULL, family);
	for (i = 0; i < rows; i++) {
		struct op25b_prefix p = {
			{ row[i].hi, row[i].lo }, family, row[i].len
		};

		KUNIT_ASSERT_EQ(test, op25b_build_set(&build, &p,
						      row[i].action), 0);
	}
	op25b_build_seal(&build);
	for (i = 0; i < probes; i++) {
		struct op25b_addr a = { probe[i].hi, probe[i].lo };
		struct op25b_match m;

		m = op25b_trie_lookup(&build.trie, family, a);
		KUNIT_EXPECT_EQ_MSG(test, m.action, probe[i].action,
				    "probe %u", i);
		KUNIT_EXPECT_EQ_MSG(test, m.len, probe[i].len, "probe %u", i);
	}
	op25b_trie_free(&build.trie);
	op25b_bag_free(&build.retired);
}

static void table_test(struct kunit *test)
{
	check_table(test, OP25B_V4, table_v4, ARRAY_SIZE(table_v4), probes_v4,
		    ARRAY_SIZE(probes_v4));
	check_table(test, OP25B_V6, table_v6, ARRAY_SIZE(table_v6), probes_v6,
		    ARRAY_SIZE(probes_v6));
}

static void empty_test(struct kunit *test)
{
	struct op25b_trie trie = { .family = OP25B_V6 };
	struct op25b_addr addr = { DB8, 1 };
	struct op25b_prefix p = { addr, OP25B_V6, 128 };
	struct op25b_trie_iter it;

	KUNIT_EXPECT_EQ(test, op25b_trie_lookup(&trie, OP25B_V6, addr).action,
			OP25B_ACTION_NONE);
	KUNIT_EXPECT_EQ(test, op25b_trie_find(&trie, &p), OP25B_ACTION_NONE);
	op25b_trie_first(&it, &trie, &p);
	KUNIT_EXPECT_EQ(test, op25b_trie_next(&it, &p), OP25B_ACTION_NONE);
}

/* A prefix of every length, one in the other: the deepest trie there is. */
static void chain_test(struct kunit *test)
{
	struct op25b_addr addr = { 0xa5c3f00f5a3c0ff1ULL, 0xdeadbeefcafe4241 };
	unsigned int family, len, i;
	struct op25b_build build;

	for (family = 0; family < OP25B_FAMILIES; family++) {
		unsigned int bits = op25b_family_bits(family);
		struct op25b_prefix p = { .family = family };

		if (family == OP25B_V4)
			addr = op25b_addr_head(addr, 32);
		else
			addr = (struct op25b_addr){ addr.hi, ~0ULL };
		op25b_build_begin(&build, NULL, family);
		for (len = 0; len <= bits; len++) {
			p.addr = op25b_addr_head(addr, len);
			p.len = len;
			KUNIT_EXPECT_EQ(test, op25b_build_set(&build, &p,
							      1 + len % 3), 0);
		}
		op25b_build_seal(&build);
		for (i = 0; i < bits; i++) {
			struct op25b_addr a = addr;
			struct op25b_match m;

			/* The first bit that differs ends the match. */
			if (i < 64)
				a.hi ^= 1ULL << (63 - i);
			else
				a.lo ^= 1ULL << (127 - i);
			m = op25b_trie_lookup(&build.trie, family, a);
			KUNIT_EXPECT_EQ(test, m.len, i);
			KUNIT_EXPECT_EQ(test, m.action, 1 + i % 3);
		}
		KUNIT_EXPECT_EQ(test,
				op25b_trie_lookup(&build.trie, family,
						  addr).len, bits);
		op25b_trie_free(&build.trie);
		op25b_bag_free(&build.retired);
	}
}

/* Of what is poured, one block's slots fit into the last one's room, and the
 * next one moves. The sanitizer sees who touches what was freed.
 */
static void pour_test(struct kunit *test)
{
	struct op25b_bag from, to;
	unsigned int i;

	op25b_bag_init(&from);
	op25b_bag_init(&to);
	KUNIT_ASSERT_EQ(test, op25b_bag_reserve(&to, 1), 0);
	op25b_bag_add(&to, 0);
	for (i = 0; i < 1000; i++) {
		if (i % 50 == 0)
			KUNIT_ASSERT_EQ(test, op25b_bag_reserve(&from, 50), 0);
		op25b_bag_add(&from, 0);
	}
	KUNIT_EXPECT_EQ(test, from.bytes, 2 * PAGE_SIZE);
	op25b_bag_pour(&to, &from);
	KUNIT_EXPECT_TRUE(test, list_empty(&from.blocks));
	KUNIT_EXPECT_EQ(test, from.bytes, 0);
	KUNIT_EXPECT_EQ(test, to.bytes, 2 * PAGE_SIZE);
	op25b_bag_forget(&to);
}

#ifndef __KERNEL__
/* Every allocation of every change fails once; nothing changes, nothing leaks.
 * (In the kernel, the fail-nth ring does this through netlink.)
 */
static void fail_test(struct kunit *test)
{
	const struct shape *s = &shapes[below(ARRAY_SIZE(shapes))];
	struct naive n = { .max = MAX_ENTRIES };
	struct op25b_trie trie = { .family = s->family };
	struct op25b_build build;
	unsigned int round, nth;
	long objects;

	sow(test);
	n.entry = calloc(MAX_ENTRIES, sizeof(*n.entry));
	objects = shim_objects;
	for (round = 0; round < 2000; round++) {
		struct op25b_prefix p = random_prefix(s);
		bool del = n.count == n.max || (n.count && below(5) < 2);
		int err = -ENOMEM;

		if (del)
			p = n.entry[below(n.count)].prefix;
		if (!(round % 200)) {
			s = &shapes[round / 200 % ARRAY_SIZE(shapes)];
			op25b_trie_free(&trie);
			KUNIT_EXPECT_EQ(test, shim_objects, objects);
			trie = (struct op25b_trie){ .family = s->family };
			n.count = 0;
			continue;
		}
		op25b_build_begin(&build, &trie, s->family);
		for (nth = 1; err; nth++) {
			shim_fail_nth = nth;
			err = del ? op25b_build_del(&build, &p) :
				    op25b_build_set(&build, &p,
						    1 + round % 3);
			if (err)
				KUNIT_EXPECT_EQ(test, err, -ENOMEM);
			shim_fail_nth = 0;
			if (err)
				check_all(test, &build.trie, &n, s);
			if (nth > 100) {
				KUNIT_FAIL(test, "never succeeds");
				return;
			}
		}
		if (del)
			naive_del(&n, &p);
		else
			naive_set(&n, &p, 1 + round % 3);
		op25b_build_seal(&build);
		op25b_bag_free(&build.retired);
		trie = build.trie;
		check_all(test, &trie, &n, s);
	}
	op25b_trie_free(&trie);
	KUNIT_EXPECT_EQ(test, shim_objects, objects);
	free(n.entry);
}

static int start(struct kunit_suite *suite)
{
	(void)suite;
	return op25b_node_init();
}
#endif

static struct kunit_case trie_cases[] = {
	KUNIT_CASE(empty_test),
	KUNIT_CASE(table_test),
	KUNIT_CASE(chain_test),
	KUNIT_CASE(pour_test),
	KUNIT_CASE(random_test),
#ifndef __KERNEL__
	KUNIT_CASE(fail_test),
#endif
	{}
};

static struct kunit_suite trie_suite = {
	.name = "op25b_trie",
#ifdef __KERNEL__
	.suite_init = early_init,
	.suite_exit = early_exit,
#else
	.suite_init = start,
#endif
	.test_cases = trie_cases,
};

kunit_test_suite(trie_suite);
