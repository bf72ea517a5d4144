/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two small things that extractors of executables share: a set that says
 * whether a value was claimed before, and a writer of claims by the thousand
 * that goes on in a further record of the same item when one is full.
 */
#ifndef EXTRACT_VALUES_UTIL_H
#define EXTRACT_VALUES_UTIL_H

#include "extract/extract.h"

/* Distinct values, compared with their attribute. */
enum { VALUE_SET_MAX = 4096 };

struct value_set {
	struct arena *mem;
	struct value_entry *entries; /* room for `size` */
	size_t n, size;
};

static inline struct value_set value_set_on(struct arena *mem)
{
	return (struct value_set){.mem = mem};
}

/*
 * Returns 1 when the value is new (it is borrowed, not copied), 0 when it was
 * there, -ENOMEM, or -E2BIG when the set is full.
 */
int value_set_add(struct value_set *set, enum attr attr, struct slice value);

/* Many claims of one item. `head` is what a further record starts with. */
struct value_run {
	struct extraction *x;
	struct record head;
	size_t n, bytes; /* in the current record */
};

static inline struct value_run value_run_on(struct extraction *x,
                                            const struct record *head)
{
	return (struct value_run){.x = x, .head = *head};
}

/* Adds a claim to the current record, or to a new one when that is full. */
void value_run_add(struct value_run *run, const struct claim *claim);

/* The head of a record that speaks for the item itself, named after its file;
 * names and versions that are known better are set on it later. */
struct record value_item_head(const struct item *item);

#endif
