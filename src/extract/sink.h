/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sink that extractors write to: gathers claims into records, enforces the
 * limits of claim.h, and calls back once per finished record. Its owner (the
 * worker, a test, a fuzzer) decides what happens to them.
 */
#ifndef EXTRACT_SINK_H
#define EXTRACT_SINK_H

#include "extract/extract.h"

struct sink_args {
	void *ctx;
	/* A finished record; valid during the call. May be NULL. */
	void (*on_record)(void *ctx, const struct record *record);
	/* The record's package owns a path. May be NULL. */
	void (*on_owns)(void *ctx, const struct record *owner, struct slice path);
	/* Something was not examined. May be NULL. */
	void (*on_unread)(void *ctx, enum why why, struct slice member);
};

/* Returns NULL when out of memory. */
[[nodiscard]] struct sink *sink_new(const struct sink_args *args);

/* Sends off the record that is open, if any, and forgets everything. Call it
 * at the end of each item. */
void sink_flush(struct sink *s);

void sink_free(struct sink *s);

#endif
