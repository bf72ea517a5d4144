/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher tests records against all marks of a pack at once (Vectorscan),
 * finds byte markers in a stream of bytes, and counts mentions in text.
 *
 * It is built once from a pack; a serialised form is cached under the pack's
 * digest. It is then used by one process at a time: workers inherit it by
 * fork. It keeps a pointer to the pack.
 */
#ifndef MATCH_MATCH_H
#define MATCH_MATCH_H

#include "base/arena.h"
#include "base/err.h"
#include "claim/claim.h"
#include "pack/pack.h"

struct matcher;

/* A mark fired on a record: which, and the claim that its main test met. */
struct hit {
	uint32_t mark;  /* index in pack.marks */
	uint32_t claim; /* index in record.claims */
};

/* A byte marker stands in the bytes that were fed. */
struct byte_hit {
	uint32_t test;   /* index in pack.tests */
	uint32_t value;  /* which of its values */
	uint64_t offset; /* of its first byte, from the start of the stream */
};

/*
 * cache_dir is a folder for compiled databases, or NULL for none; the last two
 * components of its path are made when they are missing. A cached file is used
 * only when it and the folder belong to this user or root and no one else can
 * write them; a damaged or foreign one is rebuilt. Failing to write it is no
 * error. A pack without a digest (sha256) is not cached. Returns 0 or a
 * negative errno with the sentence in e (-EINVAL: a test of the pack does not
 * compile; e names mark and reason).
 */
int matcher_new(const struct pack *pack, const char *cache_dir, struct err *e,
                struct matcher **ret);

void matcher_free(struct matcher *m);

/*
 * Does this test compile, and is there something left of its values once they
 * are folded? For a linter that knows where the test stands. Returns 0, -EINVAL
 * with the sentence in e, or -ENOMEM.
 */
int match_check_test(const struct test *test, struct err *e);

/*
 * All hits of a record, in order of mark; evidence for each mark is the first
 * claim that meets its main test. Byte marks are evaluated when `bytes` gives
 * the byte hits of the same item: their claim is ATTR_FILE_BYTES claims that
 * the caller put into the record (see match_bytes_claims). Values are tested up
 * to CLAIM_VALUE_MAX bytes. Returns 0, -ENOMEM or -EIO (the pattern library
 * failed); *ret lives in mem and is NULL when *ret_n is 0.
 */
int match_record(struct matcher *m, const struct record *record,
                 struct arena *mem, struct hit **ret, size_t *ret_n);

/*
 * The marks whose main test holds for this value alone, in order: those that
 * may fire on a record with it, for whoever looks through values before
 * records. Nothing is allocated when there are none. Returns 0, -ENOMEM or
 * -EIO; *ret lives in mem and is NULL when *ret_n is 0.
 */
int match_value(struct matcher *m, enum attr attr, struct slice value,
                struct arena *mem, uint32_t **ret_marks, size_t *ret_n);

/* Would this mark fire on these claims? For examples in packs and tests.
 * FILE_BYTES values are searched for the marker. 1, 0 or a negative errno. */
int match_mark(struct matcher *m, const struct mark *mark,
               const struct record *record, struct arena *mem);

/* SCOPE_PART: do byte marks of the entity show the code of every source file
 * that the record names (copyright.files)? False when it names none. */
bool match_part_known(const struct pack *pack, const struct record *record,
                      uint32_t entity);

/* Does any pack mark test this attribute? Others need not be matched. */
bool match_wants(const struct matcher *m, enum attr attr);

/* Are there byte markers at all? */
bool match_has_bytes(const struct matcher *m);

struct byte_scan;

/* Starts a scan over the bytes of one item; the state is reused from item to
 * item. NULL when out of memory. At most BYTE_HITS_MAX distinct (test, value)
 * pairs are kept, the first offset of each. */
enum { BYTE_HITS_MAX = 256 };
struct byte_scan *byte_scan_begin(struct matcher *m);
/* Feeds the next bytes. Returns 0 or a negative errno. */
int byte_scan_feed(struct byte_scan *scan, struct slice bytes);
/* Ends the scan. The hits stay valid until the next begin. */
int byte_scan_end(struct byte_scan *scan, const struct byte_hit **ret,
                  size_t *ret_n);

/*
 * Turns byte hits into ATTR_FILE_BYTES claims (value: the marker's bytes;
 * offset, length) that belong in the item's record, so that match_record()
 * sees them. Returns the number written to claims, at most `most`.
 */
size_t match_bytes_claims(const struct matcher *m, const struct byte_hit *hits,
                          size_t n, struct claim *claims, size_t most);

/* Mentions: occurrences of entity mention words in text, whole words only,
 * case apart. Adds to counts[entity index] and returns their sum. */
size_t match_mentions(struct matcher *m, struct slice text, uint32_t *counts);

#endif
