/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher's inside, shared by the files of this folder only.
 *
 *   lookup.c    tests for a whole text (exact, name, id, domain, bytes): a table
 *   pattern.c   one test as a regular expression
 *   compile.c   tests for a part of a text: patterns, compiled into databases
 *   cache.c     the databases in a file
 *   matcher.c   building all of it from a pack
 *   record.c    records against tests, tests against marks
 *   grams.c     many literals in bytes
 *   bytes.c     byte markers in a stream, by grams
 *   mention.c   words of entities in text
 */
#ifndef MATCH_MATCHER_H
#define MATCH_MATCHER_H

#include <hs.h>

#include "base/str.h"
#include "match/lookup.h"
#include "match/match.h"

/* Limits on what a pack may ask for. */
enum {
	TEST_VALUE_MAX = CLAIM_VALUE_MAX, /* bytes of one value of a test */
	MENTION_BYTES_MAX = 100,
	PATTERNS_MAX = 1000000,
};

/* What a database is scanned with. */
enum text_form {
	FORM_RAW,   /* the value's bytes: prefix, glob */
	FORM_VALID, /* the same with bytes that are not UTF-8 replaced: regex */
	FORM_WORDS, /* fold_words(): words */
	FORM_COUNT
};

enum database_kind {
	DATABASE_RAW = FORM_RAW,
	DATABASE_VALID = FORM_VALID,
	DATABASE_WORDS = FORM_WORDS,
	DATABASE_MENTIONS,
};

/* A compiled set of patterns. Attributes that are tested alike share one. */
struct database {
	enum database_kind kind;
	uint32_t *tests; /* of FORM_*: indices in pack.tests, ascending */
	size_t n_tests;
	hs_database_t *hs; /* NULL when there is nothing to find */
};

/* A literal of the byte search is an index here. */
struct byte_value {
	uint32_t test, value;
};

/* A pattern of the mention database is an index here. */
struct mention {
	uint32_t entity;
	uint32_t length; /* bytes; the same in all its spellings */
};

/* The claim that met a test, when epoch is the current record's. */
struct met {
	uint32_t epoch, claim;
};

struct matcher {
	const struct pack *pack;
	struct arena mem;
	hs_scratch_t *scratch; /* large enough for every database */

	/* what each attribute is tested for */
	uint32_t kinds[ATTR_COUNT]; /* bit set of 1u << enum test_kind */
	uint8_t begins[ATTR_COUNT][256 / 8]; /* first bytes of exact tests */
	const struct database *parts[ATTR_COUNT][FORM_COUNT];
	struct lookup wholes;
	uint32_t *ranges; /* indices in pack.tests */
	size_t n_ranges;

	struct database *databases; /* in an order that the pack decides */
	size_t n_databases;
	const struct database *mentioned;
	struct grams *grams; /* finds byte_values */
	struct byte_value *byte_values;
	size_t n_byte_values;
	struct mention *mentions;
	size_t n_mentions;

	/* state of the record that is being matched */
	struct met *met; /* one per test */
	bool *is_main;   /* one per test: the main test of some mark */
	uint32_t epoch;
	uint32_t claim;  /* index of the claim that is being tested */
	enum attr attr;  /* of that claim */
	size_t n_main;   /* main tests that were met */
	struct hit *hits; /* room for one per mark */
	struct str text, words, name, valid;

	struct byte_scan *scan;
};

/*
 * The form in which a value of a whole-text test is looked up, appended to
 * `out`; nothing when the value has no such form.
 */
void whole_key(struct str *out, enum test_kind kind, struct slice value);

static inline bool kind_is_whole(enum test_kind kind)
{
	return kind == TEST_EXACT || kind == TEST_NAME || kind == TEST_ID ||
	       kind == TEST_DOMAIN || kind == TEST_BYTES;
}

/* Compiles db->hs. Returns 0 or a negative errno with the sentence in e. */
int database_compile(const struct matcher *m, struct database *db,
                     struct err *e);

/* Puts "mark ID: " of the mark that a test belongs to before the sentence. */
void blame_mark(const struct pack *pack, uint32_t test, struct err *e);

/*
 * Reads all databases from the cache, or writes them to it. cache_load
 * returns 0 when all were loaded, or a negative errno and none are.
 */
int cache_load(struct matcher *m, const char *dir);
void cache_store(const struct matcher *m, const char *dir);

/* Fills m->mentions; called before compiling. Returns 0 or a negative errno. */
int mentions_prepare(struct matcher *m, struct err *e);

/*
 * Writes a regular expression over bytes that finds `word` in any case to
 * `out`. Every spelling has the length of the word.
 */
void mention_pattern(struct str *out, struct slice word);

void byte_scan_free(struct byte_scan *scan);

#endif
