/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What appeared, went and changed on a source: the artefacts that the inventory
 * held for it before and holds now, read as packages, files and settings.
 */
#ifndef SWEEP_CHANGES_H
#define SWEEP_CHANGES_H

#include "sweep/state.h"

enum {
	CHANGES_READ_MAX = 2000000, /* things compared */
	CHANGES_MAX = 100000,       /* listed; more are counted */
};

/* What the inventory held of a host. */
struct before {
	uint32_t host;     /* its number; 0: none of that name */
	int64_t since;     /* the time that is spoken of; 0: it had not reported */
	uint32_t *artefacts;
	size_t n;
};

/* Reads what the host of that name held at `as_of`, or now (0). */
int changes_before(struct store *store, struct slice host, int64_t as_of,
                   struct arena *mem, struct before *ret, struct err *e);

struct gathering;

/* For all sources of a sweep: a gathering, what each adds, and the list. */
struct gathering *changes_begin(void);
/* Call it when the inventory has the new state. */
int changes_add(struct gathering *g, struct store *store, uint32_t source,
                struct slice host, const struct before *before, struct err *e);
/* The result lives as long as the gathering. 0 or -ENOMEM. */
int changes_end(struct gathering *g, struct changes *ret);
void changes_free(struct gathering *g);

#endif
