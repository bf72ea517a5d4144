/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the store share: the store itself, the batch, and the
 * parts that keep something in memory. Functions return 0 or a negative errno
 * and leave words in db_error(s->db); only those of store.h write a struct err.
 *
 * What is in memory mirrors what is committed, and, while a batch is open, what
 * the batch adds. It is all dropped when a batch is cancelled, and brought up
 * to date when another process has committed meanwhile (meta's generation).
 */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <endian.h>

#include "base/siphash.h"
#include "store/host_block.h"
#include "store/idmap.h"
#include "store/numbers.h"
#include "store/store.h"
#include "store/table.h"

/* Rows of meta: numbers that would be slow to count. */
enum meta {
	META_SCHEMA,
	META_GENERATION,
	META_ATTRIBUTES,
	META_VALUE_BLOCKS,
	META_VALUES,
	META_ARTEFACTS,
	META_UNITS,
	META_HOSTS,
	META_REPORTED,
	META_REPORTS,
	META_MANIFESTS,
	META_COUNT
};

enum posting_kind {
	POSTING_HOSTS_OF_MANIFEST = 1,
	POSTING_HOSTS_WITH,
	POSTING_HOSTS_WITHOUT,
	POSTING_MANIFESTS_WITH,
	POSTING_ARTEFACTS_OF,
	POSTING_KINDS
};

/* Largest number of a host, artefact, manifest or value. */
enum { NUMBER_MAX = INT32_MAX - 1 };

/* ---- values (value.c) -------------------------------------------------- */

enum { VALUES_PER_BLOCK = 256, ATTRIBUTES_MAX = 4096 };

/* The block of an attribute that is not full yet. */
struct open_block {
	uint32_t id; /* 0: none */
	uint32_t n;
	struct str bytes;
	bool changed;
};

/* A block that was read, for records. */
struct read_block {
	uint32_t id, n;
	enum attr attr; /* ATTR_COUNT: not one of this version's */
	struct slice bytes;
	uint32_t ends[VALUES_PER_BLOCK], starts[VALUES_PER_BLOCK];
};

enum { READ_BLOCKS = 256 };

struct values {
	bool attributes_loaded, loaded;
	uint32_t stored[ATTR_COUNT];      /* the number of an attribute, or 0 */
	uint16_t attrs[ATTRIBUTES_MAX];   /* and back; ATTR_COUNT: unknown */
	struct siphash_key keys[2];
	struct idmap map;                 /* keyed hash of attribute and bytes */
	struct open_block open[ATTR_COUNT];
	struct read_block *read[READ_BLOCKS];
};

void values_finish(struct values *v);
int values_load_attributes(struct store *s);
/* The value's number, a new one when it has none. Only in a batch. */
int value_number(struct store_batch *b, enum attr attr, struct slice bytes,
                 uint32_t *ret);
/* The value with that number; *ret_bytes lasts until the next call. *ret_attr
 * is ATTR_COUNT when this version does not know the attribute. */
int value_get(struct store *s, uint32_t number, enum attr *ret_attr,
              struct slice *ret_bytes);
int values_flush(struct store_batch *b);
/* Adds the number of values in a row of value_block. */
int values_in_block(struct db *db, const struct db_value *row, uint32_t *ret);

/* ---- postings (posting.c) ---------------------------------------------- */

/* Changes of one kind, each packed into a number: see posting.c. */
struct pending {
	uint64_t *v;
	size_t n, size;
};

int posting_change(struct store_batch *b, enum posting_kind kind, uint32_t key,
                   uint32_t member, bool comes);
int postings_flush(struct store_batch *b);
/* Adds the key's members, up to number `last`, to the set (or takes them off). */
int posting_read(struct store *s, enum posting_kind kind, uint32_t key,
                 uint32_t last, bool clear, struct host_set *set);
/* The key's members as ascending numbers. */
int posting_numbers(struct store *s, enum posting_kind kind, uint32_t key,
                    uint32_t last, struct numbers *ret);
/* Grows the set so that it has a place for number `last`. */
int set_reserve(struct host_set *set, uint32_t last);
/* The members of a set, ascending. */
void set_numbers(const struct host_set *set, struct numbers *ret);

/* ---- artefacts (artefact.c) -------------------------------------------- */

int artefacts_load(struct store *s);
/* The record of a row of the table, in mem. */
int artefact_unpack(struct store *s, const struct db_value *row,
                    struct arena *mem, struct record *ret);
/* The numbers of the values that a row's claims name, ascending. */
int artefact_values(struct slice claims, struct numbers *ret);
const char *scope_name(enum scope scope);
int scope_by_name(const char *name);

/* ---- manifests (manifest.c) -------------------------------------------- */

/* A manifest in memory, by digest. */
struct manifest {
	uint32_t id;
	size_t n;
	struct digest *digests;
	uint32_t *artefacts; /* of the same place */
	uint64_t used;
};

/* The manifests that have a digest with this prefix in their sketch. */
struct voters {
	uint64_t prefix;
	uint32_t *ids;
	uint32_t n, size; /* n 0: an empty slot */
};

struct manifests {
	struct manifest **by_id; /* NULL: not in memory */
	uint32_t size;           /* of by_id and votes */
	size_t bytes;
	uint64_t clock;
	uint32_t hand;           /* where to look for one to drop */
	uint32_t indexed;        /* sketches are there up to this number */
	struct voters *voters;   /* slots by prefix */
	uint32_t n_slots, n_voters;
	uint16_t *votes;         /* by number; 0 between elections */
};

void manifests_finish(struct manifests *m);

/* A report's set against a manifest. Both ascending. */
struct difference {
	uint32_t manifest;
	struct numbers added, removed;
};

/* Finds the manifest that is nearest to a set (sorted, without doubles; its
 * digest is `digest`), `present` first, or makes one. -ENOENT when an artefact
 * of the set is not stored. */
int manifest_for(struct store_batch *b, const struct digest *set, size_t n,
                 const struct digest *digest, uint32_t present,
                 struct difference *ret);
/* Appends the manifest's artefacts, ascending. */
int manifest_read(struct store *s, uint32_t id, struct numbers *ret);

/* ---- hosts (host.c) ---------------------------------------------------- */

struct host_entry {
	uint64_t name[2];     /* keyed hash */
	uint32_t id;
	uint32_t report;      /* number of the current one */
	uint32_t manifest;
	struct digest digest; /* of what it holds */
	uint64_t labels;      /* keyed hash */
	int64_t coverage;     /* coverage_hash(); 0: not known */
	uint32_t coverage_at; /* place + 1 in the batch's coverages */
	bool changed;         /* the batch must write its row of `seen` */
	bool fresh;           /* the batch wrote its row of `host` or `report` */
};

struct hosts {
	struct siphash_key keys[2];
	bool keyed;
	struct host_entry *entries;
	uint32_t n, size;
	uint32_t *slots, n_slots; /* place + 1 */
	struct host_block **blocks; /* by number; NULL: neither the block nor the
	                             * entries of its hosts are in memory */
	uint32_t n_blocks;
	bool units_loaded;
	struct idmap units;       /* keyed hash of the name */
};

void hosts_finish(struct hosts *h);
/* Forgets hosts when there are too many; only between batches. */
void hosts_make_room(struct hosts *h);
/* The place of the host's entry, made when there is none and `host` is valid.
 * -EBADMSG with words for a name that cannot be. */
int host_entry(struct store_batch *b, const struct store_host *host,
               uint32_t *ret);
/* A column of a host that has an entry. */
uint64_t host_get(const struct hosts *h, uint32_t id, enum host_column column);
void host_set(struct hosts *h, uint32_t id, enum host_column column, uint64_t n);
/* The host's row of `seen` is to be written. */
int host_reported(struct store_batch *b, uint32_t entry);
int host_covered(struct store_batch *b, uint32_t entry,
                 const struct store_coverage *coverage);
int hosts_flush(struct store_batch *b);
/* Tells one coverage from another; never 0. Kept in `seen`. */
int64_t coverage_hash(const struct store_coverage *c);
/* Set of enum store_seen_flag. */
uint64_t seen_flags(const struct store_coverage *c);

/* ---- reading hosts (seen.c) -------------------------------------------- */

/* As store_unit_names(), inside a question. */
int unit_names_read(struct store *s, struct arena *mem, struct slice **ret,
                    size_t *ret_n);

/* ---- reports (report.c) ------------------------------------------------ */

enum { REPORTS_PER_HOST_BITS = 24 };

static inline int64_t report_id(uint32_t host, uint32_t number)
{
	return (int64_t)host << REPORTS_PER_HOST_BITS | number;
}

/* The order of digests, that of their bytes: -1, 0 or 1. */
static inline int digest_compare(const struct digest *a, const struct digest *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a->bytes, sizeof(x));
	memcpy(y, b->bytes, sizeof(y));
	size_t i = x[0] == y[0];
	return (be64toh(x[i]) > be64toh(y[i])) - (be64toh(x[i]) < be64toh(y[i]));
}

/* Sorts, leaves doubles out, returns how many there are. */
size_t digests_sort(struct digest *d, size_t n);
struct digest digests_digest(const struct digest *sorted, size_t n);
/* Takes all of a host's reports back, as if it had never reported. */
int report_forget(struct store_batch *b, uint32_t entry);
/* The set of a report row: the manifest with what is added and removed. */
int report_set(struct store *s, const struct db_value *row, struct numbers *ret);

/* ---- the store and the batch (store.c) --------------------------------- */

struct store {
	struct db *db;
	char *url;
	bool read_only;
	unsigned reading;           /* questions in the reading transaction */
	struct store_batch *batch;
	int64_t meta[META_COUNT];   /* as of the batch, or of the last look */
	struct values values;
	bool artefacts_loaded;
	struct idmap artefacts;
	struct manifests manifests;
	struct hosts hosts;
};

struct host_coverage {
	uint32_t host;
	struct store_coverage c;
};

struct store_batch {
	struct store *s;
	int failed;               /* first error that left it half-done */
	char words[400];          /* of that error */
	int64_t meta_before[META_COUNT];
	struct arena mem;
	struct rows attributes, value_blocks, artefacts, units, hosts, reports;
	struct pending pending[POSTING_KINDS];
	struct numbers seen;      /* places of entries that changed */
	struct host_coverage *coverages;
	size_t n_coverages, size_coverages;
	struct difference difference; /* scratch of report.c */
};

/* store_open with a database of the caller's, which the store then owns (also
 * when it fails). For tests. */
int store_open_db(struct db *db, const char *url, unsigned flags, struct err *e,
                  struct store **ret);
/* Before and after asking: one consistent state in between. */
int read_begin(struct store *s, struct err *e);
void read_end(struct store *s);
/* Remembers that the batch cannot be committed any more; returns r. */
int batch_fail(struct store_batch *b, int r);
/* Writes the sentence for r, with the database's words; returns r. */
int store_error(const struct store *s, struct err *e, int r, const char *doing);

/* Makes room for one more element in an array; 0 or -ENOMEM. */
int array_grow(void *array, size_t n, size_t *size, size_t element);

#endif
