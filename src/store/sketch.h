/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which manifest is near to a new set? Each has a sketch, its 64 smallest
 * digests. Digests are as good as random, so two sets that share nine tenths
 * share most of their sketches. A new set's sketch votes, and the manifests
 * with most votes are compared in full. Hosts of one system share most of what
 * they hold whatever they were installed from, so fewer would often elect a
 * wrong manifest: of 64, it takes an unlikely 15 more to catch up.
 */
#ifndef STORE_SKETCH_H
#define STORE_SKETCH_H

#include "store/internal.h"

enum { CANDIDATES = 4 }; /* compared in full */

struct candidates {
	uint32_t ids[CANDIDATES]; /* most votes first */
	uint16_t votes[CANDIDATES];
	size_t n;
};

void sketches_finish(struct manifests *m);

/* Enters a manifest; and those that are not entered yet. */
int sketch_index(struct store *s, uint32_t id, const struct numbers *artefacts);
int sketch_index_new(struct store *s);

/* The manifests that a set (sorted) elects. */
int sketch_vote(struct store *s, const struct digest *set, size_t n,
                struct candidates *ret);

/* Makes by_id and votes reach to `id` (manifest.c). */
int manifests_reserve(struct manifests *m, uint32_t id);

#endif
