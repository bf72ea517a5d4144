/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The artefacts of one source (keep.h), one after the other: what workers said
 * of it, completed, and the paths of all the rest.
 */
#ifndef SWEEP_ARTEFACTS_H
#define SWEEP_ARTEFACTS_H

#include "sweep/state.h"

/* Gets each record whole; it lives during the call. 0 goes on. */
typedef int artefact_fn(void *ctx, const struct record *record);

/* Calls fn for every artefact of the source, in any order, each at least once,
 * and from two threads at a time: one takes the records, one the paths.
 * Returns 0, what fn returned, -ENOMEM, or -EBADMSG for what a memory holds and
 * no worker would have said. */
int artefacts_each(struct sweep *s, uint32_t source, artefact_fn *fn, void *ctx);

/* The part of artefacts_each() that makes records of paths: those of the
 * source's folders, but for those in `known` (sorted hashes of paths, under the
 * jail's key, of items that have records of their own). */
int path_lists_each(struct sweep *s, uint32_t source, const uint64_t *known,
                    size_t n_known, artefact_fn *fn, void *ctx);

/* "ecosystem\tname\tversion\tmaker" for package.owner. */
void artefact_owner(const struct sweep *s, uint32_t source,
                    const struct owner *owner, struct str *out);

#endif
