/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML document as a tree of nodes, composed from libyaml's events under
 * limits of our own: depth, number of nodes (each use of an alias counts all
 * that it stands for) and anchors. An alias may only name a finished node, so
 * there are no cycles. Every plain or quoted scalar is text: `country: NO` is
 * "NO". Private to pack/.
 */
#ifndef PACK_NODE_H
#define PACK_NODE_H

#include "base/arena.h"
#include "pack/problem.h"

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node;

/* One entry: of a list (key is NULL) or of a mapping. */
struct cell {
	const struct node *key, *value;
	struct cell *next;
};

struct node {
	enum node_kind kind;
	struct slice text;   /* NODE_TEXT; a NUL follows it */
	struct cell *first;  /* NODE_LIST and NODE_MAP */
	size_t n;            /* number of cells */
	uint32_t weight;     /* nodes below and itself, aliases spelled out */
	int line, column;    /* counted from 1 */
};

/*
 * Composes the one document in `bytes`. Nodes come from `nodes`, text from
 * `text`. What is wrong with the YAML is added to problems under the name
 * `file`. Returns the root; NULL after a problem, or with *ret_nomem set when
 * an arena is exhausted.
 */
const struct node *node_compose(struct slice bytes, const char *file,
                                struct arena *nodes, struct arena *text,
                                struct pack_problems *problems, bool *ret_nomem);

/* "text", "a list", "a mapping". */
const char *node_words(const struct node *node);

#endif
