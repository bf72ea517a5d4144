/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one host held and when, apart from any store: how history goes from one
 * inventory into another.
 */
#ifndef STORE_TIMELINE_H
#define STORE_TIMELINE_H

#include "store/internal.h"

/* The host was seen with this set at that time. */
struct event {
	int64_t time;
	struct digest *set; /* of the event's own memory */
	size_t n;
};

struct timeline {
	struct event *events; /* in order of time */
	size_t n, size;
};

void timeline_finish(struct timeline *t);

/* Adds an event at the end; the set is copied. 0 or -ENOMEM. */
int timeline_add(struct timeline *t, int64_t time, const struct digest *set,
                 size_t n);

/* The reports of a host, and when it was last seen with the last. The store's
 * artefacts are loaded (artefacts_load). */
int timeline_read(struct store *s, uint32_t host, int64_t last_seen,
                  struct timeline *ret);

/*
 * Adds a timeline to what the batch's store knows of the host: later events
 * follow, earlier ones find their place among those that are there. The
 * coverage (may be NULL) is that of the last event and counts when it is the
 * latest of all.
 */
int timeline_apply(struct store_batch *b, const struct store_host *host,
                   struct timeline *t, const struct store_coverage *coverage,
                   struct err *e);

#endif
