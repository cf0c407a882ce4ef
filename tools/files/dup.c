// SPDX-License-Identifier: GPL-2.0
/* Entries that stand twice. A slot holds an entry's hash and where its line is,
 * which is read again where hashes agree, so that the answer is exact.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files/dup.h"
#include "words/grammar.h"
#include "say.h"

int op25b_dup_init(struct op25b_dup *d, const struct op25b_source *s)
{
	unsigned long lines = s->lines + 1;
	void *p;

	d->s = s;
	d->slot = NULL;
	d->used = 0;
	d->bits = 8;
	/* Lists come from others: nobody shall choose entries that collide. */
	memcpy(&d->seed, (void *)getauxval(AT_RANDOM), sizeof(d->seed));
	while (1UL << d->bits < lines + lines / 3 &&
	       1UL << d->bits < OP25B_DUP_SLOTS)
		d->bits++;
	p = mmap(NULL, sizeof(*d->slot) << d->bits, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -ENOMEM;
	/* Each entry touches one slot at random: spare the TLB. */
	madvise(p, sizeof(*d->slot) << d->bits, MADV_HUGEPAGE);
	d->slot = p;
	return 0;
}

void op25b_dup_free(struct op25b_dup *d)
{
	if (d->slot)
		munmap(d->slot, sizeof(*d->slot) << d->bits);
	d->slot = NULL;
}

/* Each bit of @x goes into each of the result, as in splitmix64. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

uint64_t op25b_dup_hash(const struct op25b_dup *d,
			const struct op25b_kind *kind,
			const struct op25b_entry *e)
{
	uint64_t a, b, c = e->family << 16 | e->len << 8 | kind->is_prefix;

	memcpy(&a, e->addr, 8);
	memcpy(&b, e->addr + 8, 8);
	a = mix(mix(mix(a ^ d->seed) + b) + c);
	__builtin_prefetch(&d->slot[a >> (64 - d->bits)], 1);
	return a;
}

/* Is the entry whose line begins at @start @e? */
static bool same(const struct op25b_dup *d, uint64_t start,
		 const struct op25b_kind *kind, const struct op25b_entry *e)
{
	struct op25b_word w[OP25B_WORDS_MAX];
	char buf[OP25B_LINE_MAX + 1];
	struct op25b_stmt st;
	struct op25b_err err;
	size_t len;
	int n;

	len = op25b_source_line(d->s, start, buf, sizeof(buf));
	n = op25b_split(buf, len, w, &err);
	if (n <= 0 || op25b_parse_stmt(w, n, &st, &err))
		return false;
	return st.kind == kind && st.entry.family == e->family &&
		st.entry.len == e->len &&
		!memcmp(st.entry.addr, e->addr, sizeof(e->addr));
}

bool op25b_dup_add(struct op25b_dup *d, const struct op25b_kind *kind,
		   const struct op25b_entry *e, uint64_t h, uint64_t start,
		   bool exact, uint64_t *first)
{
	size_t mask = (1UL << d->bits) - 1;
	struct op25b_dup_slot *s;
	size_t i;

	for (i = h >> (64 - d->bits); (s = &d->slot[i])->start;
	     i = (i + 1) & mask) {
		*first = s->start - 1;
		if (s->hash == h && (!exact || same(d, *first, kind, e)))
			return true;
	}
	if (d->used > mask / 8 * 7)
		return false;
	*s = (struct op25b_dup_slot){ .hash = h, .start = start + 1 };
	d->used++;
	return false;
}
