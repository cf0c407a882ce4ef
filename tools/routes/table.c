// SPDX-License-Identifier: GPL-2.0
/* Prefixes and relays in little memory. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "routes/table.h"

static size_t addr_bytes(const struct op25b_table *t)
{
	return t->family == AF_INET ? 4 : 16;
}

static size_t stride(const struct op25b_table *t)
{
	return sizeof(struct op25b_item) + addr_bytes(t);
}

static struct op25b_item *slot(const struct op25b_table *t,
			       const struct op25b_shard *sh, uint32_t i)
{
	return (void *)(sh->slots + i * stride(t));
}

void op25b_table_init(struct op25b_table *t, int family)
{
	memset(t, 0, sizeof(*t));
	t->family = family;
	if (getrandom(&t->seed, sizeof(t->seed), GRND_NONBLOCK) < 0)
		t->seed = (uintptr_t)t;
}

void op25b_table_free(struct op25b_table *t)
{
	int i;

	for (i = 0; i < OP25B_SHARDS; i++)
		free(t->shard[i].slots);
	memset(t->shard, 0, sizeof(t->shard));
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 32;
}

static uint64_t hash(const struct op25b_table *t, const uint8_t *addr,
		     uint8_t len, bool relay)
{
	uint64_t part[2] = { 0 }, h;

	memcpy(part, addr, addr_bytes(t));
	h = mix(t->seed, part[0]);
	if (t->family != AF_INET)
		h = mix(h + t->seed, part[1]);
	return mix(h + t->seed, len | relay << 8);
}

/* Where an item of this hash is, or the empty slot where it would be; there is
 * always one.
 */
static struct op25b_item *probe(const struct op25b_table *t,
				const struct op25b_shard *sh, uint64_t h,
				const uint8_t *addr, uint8_t len, bool relay)
{
	uint8_t is = OP25B_ITEM_USED | (relay ? OP25B_ITEM_RELAY : 0);
	uint32_t i = (h >> 32) * sh->room >> 32;
	struct op25b_item *it;

	for (;; i = i + 1 < sh->room ? i + 1 : 0) {
		it = slot(t, sh, i);
		if (!(it->state & OP25B_ITEM_USED) ||
		    (it->len == len && (it->state & (OP25B_ITEM_USED |
						     OP25B_ITEM_RELAY)) == is &&
		     !memcmp(it->addr, addr, addr_bytes(t))))
			return it;
	}
}

static struct op25b_shard *shard_of(const struct op25b_table *t, uint64_t h)
{
	return (struct op25b_shard *)&t->shard[h % OP25B_SHARDS];
}

struct op25b_item *op25b_table_find(const struct op25b_table *t,
				    const struct op25b_key *key)
{
	uint64_t h = hash(t, key->addr, key->len, key->relay);
	const struct op25b_shard *sh = shard_of(t, h);
	struct op25b_item *it;

	if (!sh->room)
		return NULL;
	it = probe(t, sh, h, key->addr, key->len, key->relay);
	return it->state & OP25B_ITEM_USED ? it : NULL;
}

/* Moves what is not dead to slots for @room. Return: 0, or -1 with no memory,
 * and then nothing is changed
 */
static int rebuild(struct op25b_table *t, struct op25b_shard *sh,
		   uint32_t room, bool (*dead)(const struct op25b_item *it))
{
	struct op25b_shard new = { .room = room };
	uint32_t i;

	new.slots = calloc(room, stride(t));
	if (!new.slots)
		return -1;
	for (i = 0; i < sh->room; i++) {
		struct op25b_item *it = slot(t, sh, i);
		bool relay = it->state & OP25B_ITEM_RELAY;

		if (!(it->state & OP25B_ITEM_USED) || (dead && dead(it)))
			continue;
		memcpy(probe(t, &new, hash(t, it->addr, it->len, relay),
			     it->addr, it->len, relay), it, stride(t));
		new.used++;
	}
	free(sh->slots);
	*sh = new;
	return 0;
}

/* Full at seven eighths, then half as large again. */
static uint32_t room_for(uint32_t used)
{
	return used + used / 2 + 8;
}

struct op25b_item *op25b_table_put(struct op25b_table *t,
				   const struct op25b_key *key)
{
	uint64_t h = hash(t, key->addr, key->len, key->relay);
	struct op25b_shard *sh = shard_of(t, h);
	struct op25b_item *it = op25b_table_find(t, key);

	if (it)
		return it;
	if (sh->used + 1 > sh->room - sh->room / 8 &&
	    rebuild(t, sh, room_for(sh->used), NULL))
		return NULL;
	it = probe(t, sh, h, key->addr, key->len, key->relay);
	memcpy(it->addr, key->addr, addr_bytes(t));
	it->len = key->len;
	it->state = OP25B_ITEM_USED | (key->relay ? OP25B_ITEM_RELAY : 0);
	sh->used++;
	return it;
}

struct op25b_item *op25b_table_next(const struct op25b_table *t,
				    uint64_t *cursor)
{
	uint32_t shard = *cursor >> 32, i = *cursor;

	for (; shard < OP25B_SHARDS; shard++, i = 0) {
		const struct op25b_shard *sh = &t->shard[shard];

		for (; i < sh->room; i++) {
			struct op25b_item *it = slot(t, sh, i);

			if (!(it->state & OP25B_ITEM_USED))
				continue;
			*cursor = (uint64_t)shard << 32 | (i + 1);
			return it;
		}
	}
	*cursor = (uint64_t)shard << 32;
	return NULL;
}

void op25b_table_purge(struct op25b_table *t,
		       bool (*dead)(const struct op25b_item *it))
{
	int s;

	for (s = 0; s < OP25B_SHARDS; s++) {
		struct op25b_shard *sh = &t->shard[s];
		uint32_t i, gone = 0;

		for (i = 0; i < sh->room; i++)
			gone += slot(t, sh, i)->state & OP25B_ITEM_USED &&
				dead(slot(t, sh, i));
		if (gone > 16 && gone > sh->used / 8)
			rebuild(t, sh, room_for(sh->used - gone), dead);
	}
}

void op25b_item_key(const struct op25b_table *t, const struct op25b_item *it,
		    struct op25b_key *key)
{
	memset(key, 0, sizeof(*key));
	memcpy(key->addr, it->addr, addr_bytes(t));
	key->family = t->family;
	key->len = it->len;
	key->relay = it->state & OP25B_ITEM_RELAY;
}
