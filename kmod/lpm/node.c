// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of the trie's nodes. A node of n slots and s skip words is 3 + s + n
 * words long. One cache per size up to 12 words, where nearly all nodes are,
 * then steps of an eighth to a fourth: kmalloc's powers of two would waste a
 * third.
 */
#include <linux/cache.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "lpm/memory.h"
#include "lpm/node.h"

#define HEAD_WORDS	(sizeof(struct op25b_node) / sizeof(u64))
#define HOST_WORDS	(sizeof(struct op25b_host) / sizeof(u64))
#define MAX_WORDS	(2 + HEAD_WORDS + OP25B_FANOUT)

static const struct {
	u8 words;
	const char *name;
} sizes[] = {
	{ 2, "op25b-16" },
	{ 3, "op25b-24" },
	{ 4, "op25b-32" },
	{ 5, "op25b-40" },
	{ 6, "op25b-48" },
	{ 7, "op25b-56" },
	{ 8, "op25b-64" },
	{ 9, "op25b-72" },
	{ 10, "op25b-80" },
	{ 11, "op25b-88" },
	{ 12, "op25b-96" },
	{ 14, "op25b-112" },
	{ 16, "op25b-128" },
	{ 20, "op25b-160" },
	{ 24, "op25b-192" },
	{ 28, "op25b-224" },
	{ 32, "op25b-256" },
	{ 40, "op25b-320" },
	{ 48, "op25b-384" },
	{ 56, "op25b-448" },
	{ MAX_WORDS, "op25b-552" },
};

static struct kmem_cache *caches[ARRAY_SIZE(sizes)];
static u8 size_of_words[MAX_WORDS + 1];

u64 op25b_heads[OP25B_FANOUT / 2] __ro_after_init;

/* A position, its parent, and so on up to the root's, 1. */
static void heads_init(void)
{
	unsigned int i, pos;

	for (i = 0; i < OP25B_FANOUT / 2; i++)
		for (pos = OP25B_FANOUT / 2 | i; pos; pos /= 2)
			op25b_heads[i] |= BIT_ULL(pos);
}

int op25b_node_init(void)
{
	unsigned int i, words = 0;

	heads_init();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		caches[i] = kmem_cache_create(sizes[i].name,
					      sizes[i].words * sizeof(u64),
					      sizeof(u64), 0, NULL);
		if (!caches[i]) {
			op25b_node_exit();
			return -ENOMEM;
		}
		while (words <= sizes[i].words)
			size_of_words[words++] = i;
	}
	return 0;
}

/* Context: everything is freed, rcu_barrier() and the workers are through. */
void op25b_node_exit(void)
{
	unsigned int i;

	for (i = ARRAY_SIZE(sizes); i-- > 0;) {
		kmem_cache_destroy(caches[i]);
		caches[i] = NULL;
	}
}

static void *words_alloc(unsigned int words, u64 *bytes)
{
	unsigned int i = size_of_words[words];
	void *p = kmem_cache_alloc(caches[i], OP25B_GFP | __GFP_ZERO);

	if (p)
		*bytes += sizes[i].words * sizeof(u64);
	return p;
}

struct op25b_node *op25b_node_alloc(unsigned int words, unsigned int slots,
				    u64 *bytes)
{
	u64 *p = words_alloc(words + HEAD_WORDS + slots, bytes);
	struct op25b_node *node;

	if (!p)
		return NULL;
	node = (struct op25b_node *)(p + words);
	node->plane[0] = OP25B_FRESH;
	return node;
}

struct op25b_host *op25b_host_alloc(u64 *bytes)
{
	struct op25b_host *host = words_alloc(HOST_WORDS, bytes);

	if (host)
		host->lo = OP25B_HOST_FRESH;
	return host;
}

bool op25b_node_same_size(unsigned int words, unsigned int a, unsigned int b)
{
	words += HEAD_WORDS;
	return size_of_words[words + a] == size_of_words[words + b];
}

/* Where the object behind @slot begins, and its size; NULL for a LEAF. */
static void *object(u64 slot, unsigned int *size)
{
	struct op25b_node *node = op25b_slot_node(slot);
	unsigned int words = 0;

	switch (op25b_slot_tag(slot)) {
	case OP25B_TAG_LEAF:
		return NULL;
	case OP25B_TAG_HOST:
		*size = size_of_words[HOST_WORDS];
		return op25b_slot_host(slot);
	case OP25B_TAG_SKIP:
		words = op25b_skip_count(node) > OP25B_SKIP_NARROW ? 2 : 1;
		break;
	case OP25B_TAG_NODE:
		break;
	}
	*size = size_of_words[words + HEAD_WORDS + op25b_node_slots(node)];
	return (u64 *)node - words;
}

size_t op25b_slot_bytes(u64 slot)
{
	unsigned int size;

	return object(slot, &size) ? sizes[size].words * sizeof(u64) : 0;
}

size_t op25b_slot_free(u64 slot)
{
	unsigned int size;
	void *p = object(slot, &size);

	if (!p)
		return 0;
	kmem_cache_free(caches[size], p);
	return sizes[size].words * sizeof(u64);
}
