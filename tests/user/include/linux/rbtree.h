/* SPDX-License-Identifier: GPL-2.0 */
/* The same order, without the balance. */
#ifndef _SHIM_RBTREE_H
#define _SHIM_RBTREE_H

#include <stddef.h>

struct rb_node {
	struct rb_node *parent, *left, *right;
};

struct rb_root {
	struct rb_node *node;
};

#define RB_ROOT			(struct rb_root){ NULL }
#define RB_EMPTY_ROOT(root)	(!(root)->node)
#define rb_entry(p, type, m)	container_of(p, type, m)

static inline struct rb_node *
rb_find(const void *key, const struct rb_root *root,
	int (*cmp)(const void *key, const struct rb_node *node))
{
	struct rb_node *node = root->node;
	int c;

	while (node && (c = cmp(key, node)))
		node = c < 0 ? node->left : node->right;
	return node;
}

static inline struct rb_node *
rb_find_add(struct rb_node *node, struct rb_root *root,
	    int (*cmp)(struct rb_node *a, const struct rb_node *b))
{
	struct rb_node **at = &root->node, *parent = NULL;
	int c;

	while (*at) {
		parent = *at;
		c = cmp(node, parent);
		if (!c)
			return parent;
		at = c < 0 ? &parent->left : &parent->right;
	}
	*node = (struct rb_node){ .parent = parent };
	*at = node;
	return NULL;
}

static inline struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *node = root->node;

	while (node && node->left)
		node = node->left;
	return node;
}

static inline struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *up;

	if (node->right) {
		up = node->right;
		while (up->left)
			up = up->left;
		return up;
	}
	for (up = node->parent; up && node == up->right; up = up->parent)
		node = up;
	return up;
}

static inline struct rb_node *shim_rb_leaf(struct rb_node *node)
{
	while (node && (node->left || node->right))
		node = node->left ? node->left : node->right;
	return node;
}

static inline struct rb_node *shim_rb_later(const struct rb_node *node)
{
	struct rb_node *up = node->parent;

	if (up && node == up->left && up->right)
		return shim_rb_leaf(up->right);
	return up;
}

#define shim_rb_or_null(p, type, m) \
	({ struct rb_node *_p = (p); _p ? container_of(_p, type, m) : NULL; })
#define rbtree_postorder_for_each_entry_safe(pos, n, root, m)		\
	for (pos = shim_rb_or_null(shim_rb_leaf((root)->node),		\
				   __typeof__(*pos), m);		\
	     pos && (n = shim_rb_or_null(shim_rb_later(&pos->m),	\
					 __typeof__(*pos), m), 1);	\
	     pos = n)

#endif
