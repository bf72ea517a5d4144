/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inventory: what every host is known to hold, kept so that a new order is
 * answered without looking at a host again.
 *
 *   artefact   what an extractor said of one thing: a record with its claims.
 *              Stored once per distinct content, by a 128-bit digest of it.
 *   manifest   a set of artefacts that many hosts have in common.
 *   report     one host at one time: a manifest, and what the host has more
 *              and less than it. A host's reports follow each other in time;
 *              the last one is current.
 *   posting    the inverse, for questions: which hosts use a manifest, have an
 *              artefact more, have it less; hosts in blocks of 4096.
 *
 * One writer at a time, any number of readers; a report is there as a whole or
 * not at all. Hosts, artefacts, values and manifests are numbered from 1, in
 * the order in which they came (the numbers of values have gaps). Times are
 * seconds since 1970 UTC.
 *
 * A store that was opened for reading only stays in the state that it saw
 * first, until it is closed; one that may write sees at each question what is
 * committed by then, and is not asked while a batch is open. Questions may be
 * put from inside the callback of another one. A store belongs to one thread.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "claim/claim.h"

struct store;

enum store_flag { STORE_READ_ONLY = 1, STORE_CREATE = 2 };

/* url: a path of an SQLite file, or postgresql://... . Migrates an older
 * schema when it may write; refuses a newer one. The sentence in e says what
 * to do: another sweep is writing, no permission, damaged, ... */
int store_open(const char *url, unsigned flags, struct err *e,
               struct store **ret);
void store_close(struct store *s);

/* ---- what is stored --------------------------------------------------- */

struct digest {
	uint8_t bytes[16];
};

/* The digest of a record: first 16 bytes of SHA-256 over scope, kind, state,
 * ecosystem, name, version, root and claims (with member, offset, length,
 * verified), each with its length. */
struct digest store_digest(const struct record *record);

struct store_host {
	struct slice name;   /* unique: host name or machine id */
	struct slice unit;   /* department/agency/unit, "" when not known */
	struct slice labels; /* JSON object or "" */
};

/* How well the host was looked at when it reported. */
struct store_coverage {
	uint64_t items, examined, bytes, incomplete;
	uint64_t programs;   /* files in which byte markers could stand */
	bool complete, deep;
	struct slice json;   /* the coverage object of the report, or "" */
};

/*
 * A batch of reports is one transaction. begin waits up to wait_ms for another
 * writer, then -EBUSY.
 */
struct store_batch;
int store_begin(struct store *s, unsigned wait_ms, struct err *e,
                struct store_batch **ret);
/* Makes all of the batch's reports durable, or none; the batch is gone. */
int store_commit(struct store_batch *b, struct err *e);
void store_cancel(struct store_batch *b);

/*
 * Is an artefact of that digest stored (or already given in this batch)? When
 * not, its record must be given before a report names it. The record is hashed
 * again: -EINVAL when its digest is another.
 */
bool store_has(struct store_batch *b, const struct digest *digest);
int store_artefact(struct store_batch *b, const struct digest *digest,
                   const struct record *record, struct err *e);

/*
 * One host as it is at `time`: its artefacts, in any order, doubles allowed
 * (the array is sorted in place). An unchanged host costs one look-up and an
 * update of its last-seen time in memory. A report from before the host was last seen
 * changes nothing. A unit or labels that are "" leave those that are known; a
 * coverage of NULL likewise. Returns 1 when something changed, 0 when not, or a
 * negative errno: -EINVAL for a host whose name cannot be, or an artefact that
 * was not given, and the batch may go on; after any other the batch can only be
 * cancelled, and store_commit says so.
 */
int store_report(struct store_batch *b, const struct store_host *host,
                 int64_t time, const struct store_coverage *coverage,
                 struct digest *artefacts, size_t n, struct err *e);

/* A host that should report some day: counts as expected. */
int store_expect(struct store_batch *b, const struct store_host *host,
                 struct err *e);

/* ---- asking ----------------------------------------------------------- */

enum { HOST_BLOCK = 4096 };

/* A set of hosts: one bit per host number, in blocks of HOST_BLOCK. */
struct host_set {
	uint64_t *words;
	size_t n_words;
};

/* Calls fn for each distinct value of the attributes in `wanted` (NULL: all)
 * in order of id. A non-zero result of fn ends it and is returned. */
int store_values(struct store *s, const bool wanted[ATTR_COUNT],
                 int (*fn)(void *ctx, uint32_t id, enum attr attr,
                           struct slice value),
                 void *ctx, struct err *e);

/* The artefacts that claim a value: their numbers in mem, ascending. */
int store_artefacts_of(struct store *s, uint32_t value, struct arena *mem,
                       uint32_t **ret, size_t *ret_n, struct err *e);

/* An artefact's record, claims and all, in mem. */
int store_record(struct store *s, uint32_t artefact, struct arena *mem,
                 struct record *ret, struct err *e);

/*
 * Calls fn for each of n artefacts (ascending, each once) with the hosts that
 * have it now (as_of 0) or had it at that time. Now costs a few rows per 65,536
 * hosts and artefact; then reads every report there is, once for hundreds of
 * artefacts. A non-zero result of fn ends it and is returned.
 */
int store_holders(struct store *s, const uint32_t *artefacts, size_t n,
                  int64_t as_of,
                  int (*fn)(void *ctx, size_t i, const struct host_set *hosts),
                  void *ctx, struct err *e);

/* The hosts that have any of them are added to the set, which is grown; free
 * its words. */
int store_hosts_with(struct store *s, const uint32_t *artefacts, size_t n,
                     int64_t as_of, struct host_set *set, struct err *e);

struct store_host_info {
	uint32_t number;
	struct slice name, unit, labels;
	int64_t first_seen, last_seen; /* 0: never reported */
	struct store_coverage coverage;
};

/* Hosts in order of number; those in `only` when it is not NULL, which costs no
 * more than they are. A non-zero result of fn ends it and is returned. */
int store_hosts(struct store *s, const struct host_set *only,
                int (*fn)(void *ctx, const struct store_host_info *host),
                void *ctx, struct err *e);

/* The number of the host of that name; 0 when there is none. */
int store_host_number(struct store *s, struct slice name, uint32_t *ret,
                      struct err *e);

/* The labels of each host that has some, in order of number. */
int store_labels(struct store *s,
                 int (*fn)(void *ctx, uint32_t host, struct slice labels),
                 void *ctx, struct err *e);

enum store_seen_flag { SEEN_COMPLETE = 1, SEEN_DEEP = 2 };

/* Some hosts, one after the other: what is counted of each, by its place. */
struct store_seen {
	uint32_t first;             /* number of the host at place 0; 0 is no host */
	uint32_t n;
	const uint64_t *unit;       /* number of its name, store_unit_names() */
	const uint64_t *first_seen, *last_seen; /* 0: never reported */
	const uint64_t *flags;      /* sets of enum store_seen_flag */
	const uint64_t *incomplete, *programs;  /* of struct store_coverage */
};

/* All hosts, HOST_BLOCK at a time and in order, without a row for each. A
 * non-zero result of fn ends it and is returned. */
int store_seen(struct store *s,
               int (*fn)(void *ctx, const struct store_seen *hosts), void *ctx,
               struct err *e);

/* The names of units by number, in mem; [0] is "". */
int store_unit_names(struct store *s, struct arena *mem, struct slice **ret,
                     size_t *ret_n, struct err *e);

struct store_counts {
	uint64_t hosts;    /* that reported */
	uint64_t expected; /* those, and those that should report some day */
	uint64_t reports;  /* that said something new */
	uint64_t artefacts, values, manifests;
};
int store_counts(struct store *s, struct store_counts *ret, struct err *e);

/* What a host holds now (0) or held then: artefact numbers, ascending. */
int store_host_artefacts(struct store *s, uint32_t host, int64_t as_of,
                         struct arena *mem, uint32_t **ret, size_t *ret_n,
                         struct err *e);

/* ---- keeping ---------------------------------------------------------- */

/* Is everything there that is referred to, do digests match, do postings agree
 * with reports? Appends one line per fault, which names table and row, to words
 * (the first 1,000); their number or -errno. */
int store_check(struct store *s, struct str *words, struct err *e);
int store_compact(struct store *s, struct err *e);
/* Adds all that `from` knows, history included; a newer report wins. In steps of
 * a thousand hosts, each as a whole; repeating a merge adds nothing. */
int store_merge(struct store *into, struct store *from, struct err *e);
/* JSON Lines, one object per artefact, manifest, host and report (export.c tells
 * the form); and back, as a merge. -EBADMSG names the line that is wrong. */
int store_export(struct store *s, FILE *out, struct err *e);
int store_import(struct store *s, FILE *in, struct err *e);

#endif
