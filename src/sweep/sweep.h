/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sweep: sources go in, a report comes out. It ties the walk, the jail and
 * the findings together and takes the second look (second_look.c) where the
 * first gave cause for one.
 */
#ifndef SWEEP_SWEEP_H
#define SWEEP_SWEEP_H

#include <stdatomic.h>

#include "base/err.h"
#include "match/match.h"
#include "report/report.h"
#include "store/store.h"

enum { SOURCES_MAX = 10000, MENTIONS_MAX = 100000 };

/* Where a sweep is, for whoever shows progress. */
struct sweep_progress {
	atomic_uint_fast64_t items, bytes;
	/* The folder being read; overwritten without a lock, so that a reader
	 * may see a mixture of two: for the eye only. */
	_Atomic char at[512];
};

struct sweep_args {
	const char *const *sources; /* paths; "-" is a list on standard input */
	size_t n_sources;
	const struct pack *pack;
	struct matcher *matcher;
	const struct order *const *orders;
	size_t n_orders;
	const struct law_context *law; /* for whom and which day verdicts are */
	const bool *entities;       /* by index: those wanted; NULL = all */
	unsigned jobs;
	unsigned deadline_ms;
	size_t memory_bytes;        /* of each worker */
	bool deep, mentions;
	bool one_file_system, all_file_systems;
	/* Where it is remembered what need not be opened again; NULL: nowhere.
	 * full: open all the same. */
	const char *memory_dir;
	bool full;
	/* deep, for what was not searched yet; there must be a memory. */
	bool only_needed;
	/* Where it is kept, NULL: nowhere; as which host (NULL: its own name), of
	 * which unit and with which labels (JSON; "": as they are). */
	struct store *store;
	const char *host, *unit, *labels;
	/* Say what changed since a time (0: since the last report). */
	bool changes;
	int64_t changed_since;
	const atomic_bool *stop;
	struct sweep_progress *progress;
	/* Notes for people, such as what the kernel refused; may be NULL. */
	void (*note)(const char *words);
	void (*remark)(const char *words); /* others, as they are */
	/* Called when the workers exist: from here on there may be threads. */
	void (*started)(void);
};

struct sweep;

/*
 * What args points to must live until sweep_run() returns, the packs and orders
 * until sweep_free(). Returns 0 and the sweep; a negative errno with the sentence in e when a
 * source does not exist or the jail cannot be closed.
 */
int sweep_run(const struct sweep_args *args, struct err *e, struct sweep **ret);

/* Everything in it lives until sweep_free(). */
const struct report *sweep_report(const struct sweep *s);

/* Why the inventory could not be written to, when it could not: the report is
 * whole all the same. */
const char *sweep_not_kept(const struct sweep *s);

void sweep_free(struct sweep *s);

#endif
