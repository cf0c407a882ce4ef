/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Building a new version of a trie. The version in force stays as it is; nodes
 * that a change touches are copied first. Theory in trie.c and build.c.
 */
#ifndef _OP25B_BUILD_H
#define _OP25B_BUILD_H

#include "lpm/garbage.h"
#include "lpm/trie.h"

/**
 * struct op25b_build - a version in the making
 * @trie: begins as a copy (by value) of the version in force, or empty
 * @retired: objects of the version in force that this one has replaced
 * @retired_bytes: of them
 */
struct op25b_build {
	struct op25b_trie trie;
	struct op25b_bag retired;
	u64 retired_bytes;
};

/* @base: the version to begin with, NULL for an empty one of @family. */
void op25b_build_begin(struct op25b_build *build, const struct op25b_trie *base,
		       u8 family);

/* Adds @prefix or changes its action. On -ENOMEM the build holds the same
 * prefixes as before. May sleep.
 */
int op25b_build_set(struct op25b_build *build,
		    const struct op25b_prefix *prefix, u8 action);

/* Deletes @prefix. -ENOENT, -ENOMEM: the build holds the same prefixes as
 * before. May sleep.
 */
int op25b_build_del(struct op25b_build *build,
		    const struct op25b_prefix *prefix);

/* The last write: afterwards the trie may be published. What @retired holds is
 * to be freed a grace period later. May sleep.
 */
void op25b_build_seal(struct op25b_build *build);

/* Forgets the version; the one it began with is as it was. May sleep. */
void op25b_build_abort(struct op25b_build *build);

/* Frees a whole trie that shares nothing with another.
 * Context: no reader can reach it; may sleep, yields every 1024 objects.
 */
void op25b_trie_free(struct op25b_trie *trie);

#endif /* _OP25B_BUILD_H */
