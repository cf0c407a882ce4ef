// SPDX-License-Identifier: GPL-2.0
/*
 * The relay set: named cases, and random edits against a naive list.
 */
#include <kunit/test.h>
#include <linux/moduleparam.h>
#include <linux/sort.h>

#include "state/relay.h"
#include "rnd.h"

static ulong seed;
module_param_named(relay_seed, seed, ulong, 0444);
MODULE_PARM_DESC(relay_seed, "repeat the random edits of this seed");

static struct op25b_relay v4(u32 addr)
{
	return (struct op25b_relay){
		.addr = op25b_addr_v4(cpu_to_be32(addr)),
		.family = OP25B_V4,
	};
}

static struct op25b_relay v6(u64 hi, u64 lo)
{
	return (struct op25b_relay){
		.addr = { .hi = hi, .lo = lo },
		.family = OP25B_V6,
	};
}

static bool has(const struct op25b_relays *set, struct op25b_relay relay)
{
	return op25b_relay_match(set, relay.family, relay.addr);
}

static bool same(const struct op25b_relay *a, const struct op25b_relay *b)
{
	return a->family == b->family && op25b_addr_equal(a->addr, b->addr);
}

static void empty_set(struct kunit *test)
{
	const struct op25b_relay relay = v4(0xc0000219);

	KUNIT_EXPECT_FALSE(test, has(NULL, relay));
	KUNIT_EXPECT_EQ(test, op25b_relay_count(NULL), 0);
	KUNIT_EXPECT_EQ(test, op25b_relay_after(NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, op25b_relay_after(NULL, &relay), 0);
	KUNIT_EXPECT_EQ(test, op25b_relay_bytes(0), 0);
	KUNIT_EXPECT_NULL(test, op25b_relay_edit(NULL, NULL, 0, NULL, 0));
	op25b_relay_free(NULL);
}

static void one_relay(struct kunit *test)
{
	const struct op25b_relay relay = v4(0xc0000219);
	struct op25b_relays *set;

	set = op25b_relay_edit(NULL, &relay, 1, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(set));
	KUNIT_EXPECT_TRUE(test, has(set, relay));
	KUNIT_EXPECT_FALSE(test, has(set, v4(0xc0000218)));
	KUNIT_EXPECT_FALSE(test, has(set, v4(0)));
	KUNIT_EXPECT_EQ(test, op25b_relay_count(set), 1);
	KUNIT_EXPECT_TRUE(test, same(op25b_relay_at(set, 0), &relay));

	/* The last relay goes: the empty set is NULL. */
	KUNIT_EXPECT_NULL(test, op25b_relay_edit(set, NULL, 0, &relay, 1));
	op25b_relay_free(set);
}

/* 192.0.2.25 and c000:219:: have the same bits and are not the same. */
static void families_differ(struct kunit *test)
{
	const struct op25b_relay four = v4(0xc0000219);
	const struct op25b_relay six = v6(0xc000021900000000, 0);
	struct op25b_relays *set;

	set = op25b_relay_edit(NULL, &four, 1, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(set));
	KUNIT_EXPECT_TRUE(test, has(set, four));
	KUNIT_EXPECT_FALSE(test, has(set, six));
	op25b_relay_free(set);

	set = op25b_relay_edit(NULL, &six, 1, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(set));
	KUNIT_EXPECT_FALSE(test, has(set, four));
	KUNIT_EXPECT_TRUE(test, has(set, six));
	op25b_relay_free(set);
}

/* IPv4 first, then by address; and where a dump goes on behind a relay. */
static void order(struct kunit *test)
{
	const struct op25b_relay in[] = {
		v4(0), v4(0x0a000001), v4(0xffffffff),
		v6(0, 0), v6(0, 1), v6(1, 0), v6(~0ULL, ~0ULL),
	};
	const struct op25b_relay between = v4(0x0a000002);
	struct op25b_relays *set;
	u32 i;

	set = op25b_relay_edit(NULL, in, ARRAY_SIZE(in), NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(set));
	KUNIT_ASSERT_EQ(test, op25b_relay_count(set), (u32)ARRAY_SIZE(in));
	for (i = 0; i < ARRAY_SIZE(in); i++) {
		KUNIT_EXPECT_TRUE(test, same(op25b_relay_at(set, i), &in[i]));
		KUNIT_EXPECT_EQ(test, op25b_relay_after(set, &in[i]), i + 1);
	}
	KUNIT_EXPECT_EQ(test, op25b_relay_after(set, NULL), 0);
	KUNIT_EXPECT_EQ(test, op25b_relay_after(set, &between), 2);
	op25b_relay_free(set);
}

/* An edit makes a new set and leaves the old one as it was. */
static void old_set_stays(struct kunit *test)
{
	const struct op25b_relay ab[] = { v4(1), v4(2) };
	const struct op25b_relay a = ab[0], b = ab[1], c = v6(3, 3);
	struct op25b_relays *old, *new;

	old = op25b_relay_edit(NULL, ab, 2, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(old));

	new = op25b_relay_edit(old, &c, 1, &a, 1);
	KUNIT_EXPECT_FALSE(test, IS_ERR_OR_NULL(new));
	KUNIT_EXPECT_TRUE(test, has(old, a) && has(old, b) && !has(old, c));
	if (!IS_ERR_OR_NULL(new)) {
		KUNIT_EXPECT_FALSE(test, has(new, a));
		KUNIT_EXPECT_TRUE(test, has(new, b) && has(new, c));
		op25b_relay_free(new);
	}
	op25b_relay_free(old);
}

static void bytes_grow(struct kunit *test)
{
	u32 n;

	for (n = 0; n < 64; n++)
		KUNIT_EXPECT_LT(test, op25b_relay_bytes(n),
				op25b_relay_bytes(n + 1));
	/* 64k relays: 24 bytes each, two slots of four bytes each, a header */
	KUNIT_EXPECT_LE(test, op25b_relay_bytes(65536), 65536UL * 32 + 128);
}

/* Many addresses that differ only in high or in low bits must not pile up. */
static void regular_addresses(struct kunit *test)
{
	const u32 n = 4096;
	struct op25b_relay *in;
	struct op25b_relays *set;
	u32 i, missing = 0, extra = 0;

	in = kunit_kcalloc(test, n, sizeof(*in), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, in);
	for (i = 0; i < n; i++)
		in[i] = i < n / 2 ? v4(i << 12) : v6((u64)i << 48, 25);

	set = op25b_relay_edit(NULL, in, n, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(set));
	for (i = 0; i < n; i++) {
		missing += !has(set, in[i]);
		in[i].addr.lo++;
		extra += has(set, in[i]);
	}
	KUNIT_EXPECT_EQ(test, missing, 0);
	KUNIT_EXPECT_EQ(test, extra, 0);
	op25b_relay_free(set);
}

/*
 * Random edits. The oracle is a list of flags over a small world of addresses,
 * so that adding, deleting and missing all happen often.
 */
#define WORLD	600
#define EDITS	400

static struct op25b_relay world_at(struct rnd *r, u32 i)
{
	/* Every third IPv4, some of IPv6 differing in one word only. */
	if (i % 3 == 0)
		return v4(rnd64(r));
	if (i % 3 == 1)
		return v6(0x20010db800000000, rnd64(r));
	return v6(rnd64(r), rnd64(r));
}

static u32 compare(const struct op25b_relays *set,
		   const struct op25b_relay *world, const bool *in)
{
	const struct op25b_relay *after = NULL;
	u32 i, n = 0, wrong = 0;

	for (i = 0; i < WORLD; i++) {
		wrong += has(set, world[i]) != in[i];
		if (!in[i])
			continue;
		/* the world is sorted: this is the dump's next one */
		if (op25b_relay_after(set, after) != n ||
		    n >= op25b_relay_count(set) ||
		    !same(op25b_relay_at(set, n), &world[i]))
			wrong++;
		after = &world[i];
		n++;
	}
	return wrong + (op25b_relay_count(set) != n);
}

struct edit {
	struct op25b_relay add[WORLD], del[WORLD];
	u32 n_add, n_del;
};

static void random_edit(struct rnd *r, struct edit *e,
			const struct op25b_relay *world, bool *in)
{
	/* From single changes to nearly everything. */
	u32 odds = 1U << rnd_below(r, 9);
	u32 i;

	e->n_add = 0;
	e->n_del = 0;
	for (i = 0; i < WORLD; i++) {
		if (rnd_below(r, odds))
			continue;
		if (in[i])
			e->del[e->n_del++] = world[i];
		else
			e->add[e->n_add++] = world[i];
		in[i] = !in[i];
	}
}

static void random_edits(struct kunit *test)
{
	struct op25b_relays *set = NULL, *next;
	struct op25b_relay *world;
	struct edit *e;
	struct rnd r;
	bool *in;
	u32 i;

	rnd_init(test, &r, seed);
	world = kunit_kcalloc(test, WORLD, sizeof(*world), GFP_KERNEL);
	e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);
	in = kunit_kcalloc(test, WORLD, sizeof(*in), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, world && e && in);

	for (i = 0; i < WORLD; i++)
		world[i] = world_at(&r, i);
	sort(world, WORLD, sizeof(*world), op25b_relay_cmp, NULL);

	for (i = 0; i < EDITS; i++) {
		random_edit(&r, e, world, in);
		next = op25b_relay_edit(set, e->add, e->n_add, e->del,
					e->n_del);
		op25b_relay_free(set);
		set = IS_ERR(next) ? NULL : next;
		KUNIT_ASSERT_FALSE(test, IS_ERR(next));
		KUNIT_ASSERT_EQ_MSG(test, compare(set, world, in), 0,
				    "after edit %u", i);
	}
	op25b_relay_free(set);
}

static struct kunit_case relay_cases[] = {
	KUNIT_CASE(empty_set),
	KUNIT_CASE(one_relay),
	KUNIT_CASE(families_differ),
	KUNIT_CASE(order),
	KUNIT_CASE(old_set_stays),
	KUNIT_CASE(bytes_grow),
	KUNIT_CASE(regular_addresses),
	KUNIT_CASE(random_edits),
	{}
};

static struct kunit_suite relay_suite = {
	.name = "op25b_relay",
	.test_cases = relay_cases,
};

kunit_test_suite(relay_suite);
