// SPDX-License-Identifier: GPL-2.0
/* What routes have put in force, and for how long it stays. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/op25b.h>

#include "routes/set.h"
#include "words/addr.h"

/* An item's state, besides OP25B_ITEM_RELAY and _USED. */
#define RULE	0x03		/* in force: enum op25b_action, of a relay 1 */
#define PRESENT	0x04		/* the kernel has an entry of this key */
#define CURRENT	0x08		/* and with this class */
#define QUEUED	0x10		/* it is among the steps */

void op25b_rset_init(struct op25b_rset *set,
		     const struct op25b_routes_conf *conf)
{
	memset(set, 0, sizeof(*set));
	set->conf = conf;
	op25b_table_init(&set->table[OP25B_RSET_V4], AF_INET);
	op25b_table_init(&set->table[OP25B_RSET_V6], AF_INET6);
	set->limit[false] = OP25B_DEF_ORIGIN_PREFIXES;
	set->limit[true] = OP25B_MAX_RELAYS;
	set->room = OP25B_STEPS;
}

void op25b_rset_free(struct op25b_rset *set)
{
	op25b_table_free(&set->table[OP25B_RSET_V4]);
	op25b_table_free(&set->table[OP25B_RSET_V6]);
}

static int family_of(const struct op25b_key *key)
{
	return key->family == AF_INET ? OP25B_RSET_V4 : OP25B_RSET_V6;
}

static struct op25b_item *find(const struct op25b_rset *set,
			       const struct op25b_key *key)
{
	return op25b_table_find(&set->table[family_of(key)], key);
}

static unsigned int class_of(const struct op25b_item *it)
{
	return it->state & OP25B_ITEM_RELAY ? OP25B_CLASS_RELAY :
					      it->state & RULE;
}

/* Each change of an item is between these two. */
static void leave(struct op25b_rset *set, int family,
		  const struct op25b_item *it)
{
	struct op25b_tally *t = &set->tally[class_of(it)][family];

	if (it->state & RULE) {
		t->in_force--;
		t->missing -= !it->mask;
	}
}

static void enter(struct op25b_rset *set, int family,
		  const struct op25b_item *it)
{
	struct op25b_tally *t = &set->tally[class_of(it)][family];

	if (it->state & RULE) {
		t->in_force++;
		t->missing += !it->mask;
	}
}

/* The stricter of what these sources say: block, monitor, exempt. */
static uint8_t rule_of(const struct op25b_rset *set, uint8_t mask)
{
	bool says[OP25B_CLASSES] = { false };
	unsigned int i;

	for (i = 0; i < set->conf->n; i++)
		if (mask & 1 << i)
			says[set->conf->source[i].class] = true;
	if (says[OP25B_ACTION_BLOCK] || says[OP25B_CLASS_RELAY])
		return OP25B_ACTION_BLOCK;
	return says[OP25B_ACTION_MONITOR] ? OP25B_ACTION_MONITOR :
					    OP25B_ACTION_EXEMPT;
}

/* The item is in these sources' tables from now on. */
static void place(struct op25b_rset *set, int family, struct op25b_item *it,
		  uint8_t mask, uint32_t now)
{
	uint8_t rule;

	leave(set, family, it);
	if (it->mask && !mask)
		it->since = now;
	it->mask = mask;
	rule = mask ? rule_of(set, mask) : it->state & RULE;
	if (rule != (it->state & RULE))
		it->state = (it->state & ~(RULE | CURRENT)) | rule;
	enter(set, family, it);
}

static uint32_t in_force(const struct op25b_rset *set, bool relay)
{
	uint32_t n = 0;
	int class, f;

	for (class = 0; class < OP25B_CLASSES; class++)
		for (f = 0; f < OP25B_RSET_FAMILIES; f++)
			if (relay == !class)
				n += set->tally[class][f].in_force;
	return n;
}

static bool too_short(const struct op25b_rset *set,
		      const struct op25b_key *key)
{
	return key->len < (key->relay ? op25b_addr_bits(key->family) :
			   set->conf->shortest[family_of(key)]);
}

static bool is_live(const struct op25b_item *it)
{
	return it && (it->state & RULE || it->seen);
}

/* The item of a route, in *@it. Return: 0, 1 if it is to be refused, -ENOMEM */
static int take(struct op25b_rset *set, const struct op25b_key *key,
		struct op25b_item **it)
{
	*it = find(set, key);
	if (is_live(*it))
		return 0;
	if (too_short(set, key) ||
	    in_force(set, key->relay) + set->fresh[key->relay] >=
	    set->limit[key->relay])
		return 1;
	*it = op25b_table_put(&set->table[family_of(key)], key);
	return *it ? 0 : -ENOMEM;
}

void op25b_rset_unknown(struct op25b_rset *set)
{
	struct op25b_item *it;
	uint64_t cursor;
	int f;

	for (f = 0; f < OP25B_RSET_FAMILIES; f++)
		for (cursor = 0; (it = op25b_table_next(&set->table[f],
							&cursor));)
			it->state &= ~(PRESENT | CURRENT);
}

int op25b_rset_found(struct op25b_rset *set, uint32_t now,
		     const struct op25b_key *key, uint8_t class)
{
	uint8_t rule = key->relay ? OP25B_ACTION_BLOCK : class;
	int f = family_of(key);
	struct op25b_item *it = op25b_table_put(&set->table[f], key);

	if (!it)
		return -ENOMEM;
	leave(set, f, it);
	if (!(it->state & RULE)) {
		it->since = now;
		it->state |= rule;
	}
	it->state |= PRESENT;
	if ((it->state & RULE) == rule)
		it->state |= CURRENT;
	enter(set, f, it);
	return 0;
}

static struct op25b_step *add_step(struct op25b_rset *set, int family,
				   const struct op25b_item *it)
{
	struct op25b_step *step = &set->step[set->n++];

	op25b_item_key(&set->table[family], it, &step->key);
	step->class = class_of(it);
	step->gone = false;
	return step;
}

int op25b_rset_route(struct op25b_rset *set, uint32_t now,
		     const struct op25b_key *key, uint8_t gone, uint8_t has)
{
	struct op25b_item *it = find(set, key);
	int err = has ? take(set, key, &it) : 0, f = family_of(key);

	if (err < 0)
		return err;
	set->refused += err;
	if (err || !it)
		return 0;
	place(set, f, it, (it->mask & ~gone) | has, now);
	if (!(it->state & RULE) || it->state & (CURRENT | QUEUED))
		return 0;
	it->state |= QUEUED;
	add_step(set, f, it);
	return set->n == set->room;
}

int op25b_rset_flush(struct op25b_rset *set, op25b_flush_fn flush, void *arg)
{
	struct op25b_item *it;
	unsigned int i;
	int err;

	/* A class may have changed again. */
	for (i = 0; i < set->n; i++) {
		it = find(set, &set->step[i].key);
		if (it->state & QUEUED)
			set->step[i].class = class_of(it);
		it->state &= ~QUEUED;
	}
	err = set->n ? flush(set, arg) : 0;
	set->n = 0;
	return err;
}

void op25b_rset_scan(struct op25b_rset *set)
{
	set->counting = 0;
}

int op25b_rset_seen(struct op25b_rset *set, const struct op25b_key *key,
		    uint8_t has)
{
	struct op25b_item *it;
	int err = take(set, key, &it);

	if (err < 0)
		return err;
	set->counting += err;
	if (err)
		return 0;
	if (!is_live(it))
		set->fresh[key->relay]++;
	it->seen |= has;
	return 0;
}

void op25b_rset_scanned(struct op25b_rset *set, uint32_t now, bool whole)
{
	struct op25b_item *it;
	uint64_t cursor;
	int f;

	for (f = 0; f < OP25B_RSET_FAMILIES; f++)
		for (cursor = 0; (it = op25b_table_next(&set->table[f],
							&cursor));) {
			place(set, f, it, whole ? it->seen :
			      it->mask | it->seen, now);
			it->seen = 0;
		}
	set->fresh[false] = 0;
	set->fresh[true] = 0;
	if (whole)
		set->refused = set->counting;
}

/* Adds a step, after those that there is no room for beside it. */
static int emit(struct op25b_rset *set, int family,
		const struct op25b_item *it, bool gone, op25b_flush_fn flush,
		void *arg)
{
	add_step(set, family, it)->gone = gone;
	return set->n == set->room ? op25b_rset_flush(set, flush, arg) : 0;
}

/* What a sweep does with those of a class and family that are missing. */
enum fate {
	HOLD,
	LINGER_ANEW,	/* they were held: more of them may be on the way */
	LET_GO,		/* those that have lingered */
};

static enum fate fate_of(const struct op25b_rset *set,
			 const struct op25b_tally *t)
{
	if (set->accepted)
		return LET_GO;
	if ((uint64_t)t->missing * 100 >
	    (uint64_t)t->in_force * set->conf->shrink)
		return HOLD;
	return t->held ? LINGER_ANEW : LET_GO;
}

static void decide(struct op25b_rset *set,
		   enum fate fate[OP25B_CLASSES][OP25B_RSET_FAMILIES])
{
	int class, f;

	for (class = 0; class < OP25B_CLASSES; class++)
		for (f = 0; f < OP25B_RSET_FAMILIES; f++) {
			fate[class][f] = fate_of(set, &set->tally[class][f]);
			set->tally[class][f].held = 0;
		}
}

static int let_go(struct op25b_rset *set, uint32_t now, op25b_flush_fn flush,
		  void *arg)
{
	enum fate fate[OP25B_CLASSES][OP25B_RSET_FAMILIES];
	uint32_t linger = set->conf->linger * OP25B_TICKS;
	struct op25b_item *it;
	uint64_t cursor;
	int f, err = 0;

	decide(set, fate);
	for (f = 0; f < OP25B_RSET_FAMILIES; f++)
		for (cursor = 0; !err && (it = op25b_table_next(&set->table[f],
								&cursor));) {
			if (!(it->state & RULE) || it->mask)
				continue;
			if (fate[class_of(it)][f] == LINGER_ANEW)
				it->since = now;
			else if (now - it->since < linger)
				continue;
			else if (fate[class_of(it)][f] == LET_GO)
				err = emit(set, f, it, true, flush, arg);
			else
				set->tally[class_of(it)][f].held++;
		}
	return err ? err : op25b_rset_flush(set, flush, arg);
}

/* The kernel has no entry of it and takes none. One with a route is forgotten:
 * the next dump has it again.
 */
static void refuse(struct op25b_rset *set, int family, struct op25b_item *it)
{
	set->refused++;
	if (it->state & PRESENT || !it->mask)
		return;
	leave(set, family, it);
	it->mask = 0;
	it->state &= ~RULE;
	enter(set, family, it);
}

static bool is_pending(const struct op25b_item *it)
{
	return it->state & RULE && !(it->state & CURRENT);
}

static int by_v4(const void *a, const void *b)
{
	const struct op25b_item * const *x = a, * const *y = b;

	return memcmp((*x)->addr, (*y)->addr, 4);
}

static int by_v6(const void *a, const void *b)
{
	const struct op25b_item * const *x = a, * const *y = b;

	return memcmp((*x)->addr, (*y)->addr, 16);
}

/* What is pending, @n of it, by address: of neighbours in a message the kernel
 * has least to copy. Return: NULL with no memory
 */
static struct op25b_item **sorted(const struct op25b_rset *set, int family,
				  size_t *n)
{
	const struct op25b_table *t = &set->table[family];
	struct op25b_item **list, *it;
	uint64_t cursor;

	*n = 0;
	for (cursor = 0; (it = op25b_table_next(t, &cursor));)
		*n += is_pending(it);
	list = malloc((*n + 1) * sizeof(*list));
	*n = 0;
	for (cursor = 0; list && (it = op25b_table_next(t, &cursor));)
		if (is_pending(it))
			list[(*n)++] = it;
	if (list)
		qsort(list, *n, sizeof(*list),
		      family == OP25B_RSET_V4 ? by_v4 : by_v6);
	return list;
}

static int put_in_force(struct op25b_rset *set, op25b_flush_fn flush,
			void *arg)
{
	struct op25b_item **list;
	int f, err = 0;
	size_t i, n;

	for (f = 0; !err && f < OP25B_RSET_FAMILIES; f++) {
		list = sorted(set, f, &n);
		err = list ? 0 : -ENOMEM;
		for (i = 0; !err && i < n; i++)
			if (list[i]->state & PRESENT || !set->full)
				err = emit(set, f, list[i], false, flush, arg);
			else
				refuse(set, f, list[i]);
		free(list);
	}
	return err ? err : op25b_rset_flush(set, flush, arg);
}

static bool is_dead(const struct op25b_item *it)
{
	return !is_live(it);
}

int op25b_rset_sweep(struct op25b_rset *set, uint32_t now, bool whole,
		     op25b_flush_fn flush, void *arg)
{
	int err;

	set->full = false;
	err = op25b_rset_flush(set, flush, arg);
	/* First what makes room. */
	if (!err && whole)
		err = let_go(set, now, flush, arg);
	if (!err)
		err = put_in_force(set, flush, arg);
	if (!err && whole)
		set->accepted = false;
	op25b_table_purge(&set->table[OP25B_RSET_V4], is_dead);
	op25b_table_purge(&set->table[OP25B_RSET_V6], is_dead);
	return err;
}

void op25b_rset_accept(struct op25b_rset *set, uint32_t now)
{
	struct op25b_item *it;
	uint64_t cursor;
	int f;

	for (f = 0; f < OP25B_RSET_FAMILIES; f++)
		for (cursor = 0; (it = op25b_table_next(&set->table[f],
							&cursor));)
			if (!it->mask)
				it->since = now - set->conf->linger *
					OP25B_TICKS;
	set->accepted = true;
}

void op25b_rset_settle(struct op25b_rset *set, const struct op25b_step *step,
		       enum op25b_settled how)
{
	struct op25b_item *it = find(set, &step->key);
	int f = family_of(&step->key);

	set->full |= how == OP25B_STEP_NO_ROOM;
	if (how != OP25B_STEP_DONE) {
		refuse(set, f, it);
		return;
	}
	leave(set, f, it);
	if (step->gone)
		it->state &= ~(RULE | PRESENT | CURRENT);
	else
		it->state |= PRESENT;
	if (!step->gone && step->class == class_of(it))
		it->state |= CURRENT;
	enter(set, f, it);
}

bool op25b_rset_present(const struct op25b_rset *set,
			const struct op25b_step *step)
{
	return find(set, &step->key)->state & PRESENT;
}

int op25b_rset_each(const struct op25b_rset *set, op25b_each_fn each,
		    void *arg)
{
	struct op25b_item *it;
	struct op25b_step e;
	uint64_t cursor;
	int f, err = 0;

	for (f = 0; f < OP25B_RSET_FAMILIES; f++)
		for (cursor = 0; !err && (it = op25b_table_next(&set->table[f],
								&cursor));) {
			if (!(it->state & RULE))
				continue;
			op25b_item_key(&set->table[f], it, &e.key);
			e.class = class_of(it);
			e.gone = !it->mask;
			err = each(&e, arg);
		}
	return err;
}
