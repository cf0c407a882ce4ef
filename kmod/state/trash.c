// SPDX-License-Identifier: GPL-2.0
/*
 * What readers may still see.
 *
 * A batch at a time: while one waits for its grace period and is freed, the
 * next one gathers. So there is one work item, whatever the number of edits,
 * and a batch that is as large as they are fast.
 */
#include <linux/slab.h>

#include "lpm/build.h"
#include "lpm/chunk.h"
#include "lpm/filter.h"
#include "state/store.h"
#include "state/edit.h"
#include "state/trash.h"

/* What may lie there before a writer waits: at 10,000 edits a second, that of
 * 400 ms; or 16 MiB of filters, of which each edit of many leaves one.
 */
#define MOST		4096
#define FILTER_PIECE	4096	/* bytes, count as much as a ruleset */

struct workqueue_struct *op25b_workers;

/* Writers who wait for a trash to become smaller, of all namespaces. */
static DECLARE_WAIT_QUEUE_HEAD(room);

int op25b_trash_start(void)
{
	op25b_workers = alloc_workqueue("op25b", WQ_UNBOUND, 0);
	return op25b_workers ? 0 : -ENOMEM;
}

void op25b_trash_stop(void)
{
	destroy_workqueue(op25b_workers);
}

/* Filling it */

void op25b_trash_nodes(struct op25b_store *on, struct op25b_build *build)
{
	struct op25b_heap *heap = &on->trash.next;
	u64 before = heap->bag.bytes + build->retired.bytes;

	lockdep_assert_held(&on->lock);
	op25b_bag_pour(&heap->bag, &build->retired);
	heap->bytes += build->retired_bytes;
	atomic64_sub(before - heap->bag.bytes, &on->memory);
}

static u32 weight(const struct op25b_ruleset *rs)
{
	const struct op25b_part *part = op25b_part_of(rs, rs->left);
	size_t bytes = 0;
	unsigned int i;

	for (i = 0; i < OP25B_ENTRY_KINDS; i++)
		if (rs->filter_gone[i])
			bytes += op25b_filter_bytes(part->filter[i]);
	return 1 + bytes / FILTER_PIECE;
}

void op25b_trash_ruleset(struct op25b_store *on, struct op25b_ruleset *rs)
{
	lockdep_assert_held(&on->lock);
	rs->dead = on->trash.next.rulesets;
	on->trash.next.rulesets = rs;
	WRITE_ONCE(on->trash.count, on->trash.count + weight(rs));
	atomic64_add(sizeof(*rs), &on->memory);
}

static void heap_init(struct op25b_heap *heap)
{
	heap->rulesets = NULL;
	op25b_bag_init(&heap->bag);
	heap->bytes = 0;
}

/* From @next to @now, which is empty. Return: is there anything? */
static bool begin_batch(struct op25b_store *on)
{
	struct op25b_heap *now = &on->trash.now, *next = &on->trash.next;
	bool any = op25b_entry_limbo(on, &on->trash.limbo);

	any |= next->rulesets || next->bag.bytes;
	now->rulesets = next->rulesets;
	next->rulesets = NULL;
	op25b_bag_pour(&now->bag, &next->bag);
	now->bytes = next->bytes;
	next->bytes = 0;
	return any;
}

void op25b_trash_kick(struct op25b_store *on)
{
	lockdep_assert_held(&on->lock);
	if (on->trash.busy || !begin_batch(on))
		return;
	WRITE_ONCE(on->trash.busy, true);
	queue_rcu_work(op25b_workers, &on->trash.work);
}

/* Emptying it */

static void sweep(struct op25b_store *on, u8 class,
		  const struct op25b_prefix *key, unsigned int *n)
{
	mutex_lock(&on->lock);
	op25b_sweep(on, class, key);
	mutex_unlock(&on->lock);
	op25b_chunk(n);
}

static void free_trie(struct op25b_store *on, u8 class,
		      struct op25b_trie *trie)
{
	struct op25b_trie_iter it;
	struct op25b_prefix key;
	unsigned int n = 0;

	op25b_trie_first(&it, trie, NULL);
	while (op25b_trie_next(&it, &key))
		sweep(on, class, &key, &n);
	atomic64_sub(trie->bytes, &on->memory);
	op25b_trie_free(trie);
}

/* The part of @rs that no other ruleset has. */
static void free_left(struct op25b_store *on, struct op25b_ruleset *rs,
		      struct op25b_part *part)
{
	unsigned int i;

	if (part == &op25b_part_empty)
		return;
	for (i = 0; i < OP25B_TRIES; i++)
		if (rs->gone[i / OP25B_FAMILIES])
			free_trie(on, op25b_class(rs->left, i / OP25B_FAMILIES),
				  &part->tries[i]);
	for (i = 0; i < OP25B_ENTRY_KINDS; i++) {
		if (!rs->filter_gone[i])
			continue;
		atomic64_sub(op25b_filter_bytes(part->filter[i]), &on->memory);
		op25b_filter_free(part->filter[i]);
	}
}

static void free_ruleset(struct op25b_store *on, struct op25b_ruleset *rs)
{
	struct op25b_part *other;

	if (rs->left == OP25B_ORIGIN_CONFIG) {
		free_left(on, rs, &rs->config);
	} else {
		other = rs->other[op25b_other(rs->left)];
		free_left(on, rs, other);
		op25b_part_free(on, other);
	}
	atomic64_sub(sizeof(*rs), &on->memory);
	kfree(rs);
}

static u32 free_heap(struct op25b_store *on, struct op25b_heap *heap)
{
	struct op25b_ruleset *rs, *next;
	unsigned int n = 0;
	u32 count = 0;

	atomic64_sub(heap->bytes + heap->bag.bytes, &on->memory);
	op25b_bag_free(&heap->bag);
	for (rs = heap->rulesets; rs; rs = next) {
		next = rs->dead;
		count += weight(rs);
		free_ruleset(on, rs);
		op25b_chunk(&n);
	}
	heap->rulesets = NULL;
	op25b_entry_release(on, &on->trash.limbo);
	return count;
}

static void worker(struct work_struct *work)
{
	struct op25b_store *on = container_of(to_rcu_work(work),
					    struct op25b_store, trash.work);
	struct op25b_trash *trash = &on->trash;
	u32 count = free_heap(on, &trash->now);

	mutex_lock(&on->lock);
	WRITE_ONCE(trash->count, trash->count - count);
	WRITE_ONCE(trash->busy, false);
	op25b_trash_kick(on);
	mutex_unlock(&on->lock);
	wake_up_all(&room);
}

int op25b_trash_wait_room(struct op25b_store *on)
{
	struct op25b_trash *trash = &on->trash;
	long left;

	left = wait_event_killable_timeout(room,
					   READ_ONCE(trash->count) < MOST, HZ);
	return min(left, 0L);
}

void op25b_trash_wait(struct op25b_store *on)
{
	/* The worker queues itself once more for what it has put there. */
	do
		flush_rcu_work(&on->trash.work);
	while (READ_ONCE(on->trash.busy));
}

void op25b_trash_init(struct op25b_store *on)
{
	heap_init(&on->trash.next);
	heap_init(&on->trash.now);
	INIT_RCU_WORK(&on->trash.work, worker);
}
