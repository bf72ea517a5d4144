/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pack is what the YAML files say: entities (banned makers), marks
 * (technical identifiers of an entity), orders (the bans), removals (what is
 * known of removing articles) and protections (what may take over from a
 * removed one). It is read and
 * checked once, then immutable; everything in it belongs to the pack's arena
 * and lives until pack_free(). Nothing under src/ names a vendor: packs do.
 *
 * The YAML form is described in debar-packs(5).
 */
#ifndef PACK_PACK_H
#define PACK_PACK_H

#include "base/arena.h"
#include "base/err.h"
#include "claim/claim.h"
#include "pack/form.h"
#include "pack/order.h"

enum test_kind {
	TEST_EXACT,  /* the value, after NFKC, case folding and white space */
	TEST_NAME,   /* the value is this name, legal forms and quotes apart */
	TEST_WORDS,  /* these words stand in the value, in order, whole */
	TEST_PREFIX, /* the value starts with these bytes */
	TEST_GLOB,   /* path components: "*" within one, "**" any number */
	TEST_REGEX,  /* a regular expression finds something in the value */
	TEST_DOMAIN, /* the value is, or holds, a host at or below the domain */
	TEST_ID,     /* the value is this id (hex digits or text), case apart */
	TEST_RANGE,  /* the value as a number lies in [low, high] */
	TEST_BYTES,  /* file.bytes only: these bytes stand in the file */
	TEST_KIND_COUNT
};

/* A set of attributes; ATTR_COUNT must stay at or below 128. */
struct attrs {
	uint64_t bits[2];
};

static inline bool attrs_has(struct attrs s, enum attr a)
{
	return s.bits[a / 64] >> (a % 64) & 1;
}

/* One test: any of its values (or the range) on any of its attributes. */
struct test {
	enum test_kind kind;
	struct attrs attrs;
	struct slice *values; /* UTF-8 as written; bytes for TEST_BYTES */
	size_t n_values;
	uint64_t low, high;   /* TEST_RANGE only, both inclusive */
	unsigned base;        /* TEST_RANGE: 10 or 16, how values are written */
	uint32_t index;       /* place in pack.tests */
};

/* One claim that an example gives: attribute and value. */
struct example_claim {
	enum attr attr;
	struct slice value;
};

/* An example of a mark: claims of one record that it must catch or spare. */
struct example {
	struct example_claim *claims;
	size_t n_claims;
	int line;
};

/*
 * A mark fires on a record when `test` holds for one of its claims, all of
 * `all`, at least one of `any` (when there are any) and none of `unless` hold
 * for claims of the same record.
 */
struct mark {
	const char *id;          /* "examplesoft/package-vendor" */
	uint32_t index;          /* place in pack.marks */
	uint32_t entity;         /* place in pack.entities */
	struct test *test;
	struct test **all, **any, **unless;
	size_t n_all, n_any, n_unless;
	enum basis basis;
	enum strength strength;
	unsigned states;         /* bit set of 1u << enum state; never empty */
	enum state state_first;  /* the one listed first */
	enum article_kind kind;
	const char *article;     /* name for things that carry none, or NULL */
	const char *company;     /* basis family: the relative whose sign it is, one
	                          * of the entity's family; or NULL */
	struct slice *parts;     /* byte marks: globs of the source files whose
	                          * code they show (see copyright.files) */
	size_t n_parts;
	enum sureness sureness;
	const char *source;      /* where the fact comes from */
	const char *note;        /* or NULL */
	const char *since, *until; /* ISO dates, or NULL */
	struct example *catches, *spares;
	size_t n_catches, n_spares;
	const char *file;        /* where the mark stands */
	int line;
};

struct family_edge {
	enum relation relation;
	const char *name;
	const struct entity *entity; /* when that company is one too, or NULL */
	const char *since, *until, *source;
	int percent;             /* owned, 0..100; -1 = not known */
};

struct entity_name {
	const char *name;
	const char *since, *until; /* or NULL */
	const char *source;
};

struct entity {
	const char *id, *name;
	uint32_t index;
	const char *country;     /* ISO 3166 alpha-2, or NULL */
	const char *note;        /* or NULL */
	struct entity_name *names;
	size_t n_names;
	struct family_edge *family;
	size_t n_family;
	bool kin;                /* its family leads to another entity of the pack, or
	                          * another one's to it */
	struct slice *mentions;  /* words whose presence in text is a mention */
	size_t n_mentions;
	const char *file;
	int line;
};

/* Where a recipe can be carried out. */
enum platform {
	PLATFORM_WINDOWS, PLATFORM_LINUX, PLATFORM_MACOS, PLATFORM_ANDROID,
	PLATFORM_DOCKER, PLATFORM_COUNT
};

/* A documented way to remove an article, for a person to carry out: debar
 * prints its command and never runs it. */
struct recipe {
	enum platform platform;
	const char *what;        /* what the command removes, or does */
	const char *command;     /* as a person would type it; or NULL */
	const char *after;       /* what to do when it has run, or NULL */
	unsigned *success;       /* exit codes that mean it worked; none: 0 */
	size_t n_success;
	enum sureness sureness;
	const char *source;
};

/*
 * What is known of removing some of an entity's articles: those whose name
 * meets one of the globs. Of several that fit an article the first of the pack
 * counts for rank, role and advice; the recipes of all of them are good.
 */
struct removal {
	const char *id;          /* "examplesoft/agent" */
	uint32_t entity;         /* place in pack.entities */
	struct slice *articles;  /* globs on the article's name, case apart */
	size_t n_articles;
	uint32_t rank;           /* lower goes first: what is in front before
	                          * what it stands on */
	const char *role;        /* "anti-virus", ...; "" for none */
	const char *advice;      /* words for people, or NULL */
	struct recipe *recipes;
	size_t n_recipes;
	const char *file;
	int line;
};

/* A product that can take over a role, known by its running processes. */
struct protection {
	const char *role;
	const char *name;        /* of the product */
	const char **processes;  /* names as in /proc/PID/comm or of the program
	                          * file; any of them running is enough */
	size_t n_processes;
	enum sureness sureness;
	const char *source;
	const char *file;
	int line;
};

/* All processes that can take over a role: in byte order, each once. */
struct role_list {
	const char *role;
	const char **processes;  /* NULL-terminated */
	size_t n_processes;
};

struct pack {
	struct arena mem;
	struct entity *entities;
	size_t n_entities;
	struct mark *marks;
	size_t n_marks;
	struct order *orders;
	size_t n_orders;
	struct removal *removals;
	size_t n_removals;
	struct protection *protections;
	size_t n_protections;
	struct form *forms;      /* the papers that orders ask for */
	size_t n_forms;
	struct term *terms;      /* of all kinds, in order of id */
	size_t n_terms;
	struct calendar *calendars;
	size_t n_calendars;
	struct role_list *roles; /* of all protections */
	size_t n_roles;
	struct test **tests;     /* of all marks, numbered by test.index */
	size_t n_tests;
	char sha256[65];         /* over the files' names and bytes, hex */
};

/* One complaint of the linter: file:line:column: words. */
struct pack_problem {
	const char *file;
	int line, column;
	const char *words;
};

struct pack_problems {
	struct arena mem;
	struct pack_problem *list;
	size_t n;
	bool over;               /* there were more than the limit (1000) */
};

/*
 * Reads every *.yaml file below the given folders (in byte order of their
 * names; a folder's later files may refer to earlier ones and the other way
 * round) into one pack. A file may be named in place of a folder. All
 * problems found are gathered, not only the first.
 *
 * Returns 0 and the pack; -EBADMSG when there are problems; -ENOENT and other
 * errors of reading with the sentence in e. problems must be zeroed; free it
 * with pack_problems_finish() in every case.
 */
int pack_load(const char *const *dirs, size_t n_dirs, struct err *e,
              struct pack_problems *problems, struct pack **ret);

void pack_problems_finish(struct pack_problems *problems);
void pack_free(struct pack *pack);

/* The thing of that id, or NULL. */
const struct order *pack_order(const struct pack *pack, const char *id);
const struct entity *pack_entity(const struct pack *pack, const char *id);
const struct mark *pack_mark(const struct pack *pack, const char *id);
const struct calendar *pack_calendar(const struct pack *pack, const char *id);

/* The processes that can take over a role, NULL-terminated; none for a role
 * that no protection has. */
const char *const *pack_protections(const struct pack *pack, struct slice role);

/* The relative of that name, or NULL. */
const struct family_edge *entity_relative(const struct entity *e, const char *name);

/* What is said of removing an article of that entity: the first removal that
 * names it at or after *at, which goes on; NULL at the end. */
const struct removal *pack_removal(const struct pack *pack, const char *entity,
                                   struct slice article, size_t *at);

/* The word of a platform ("windows"). */
const char *platform_name(enum platform platform);

/* Is this the name of an article that the glob means? "*" stands for any bytes,
 * "?" for one; ASCII letters' case apart. */
bool pack_name_meets(struct slice glob, struct slice name);

/*
 * What tells one byte marker from another: the first 16 bytes of SHA-256, in
 * lower-case hex, over the different byte values that any test of the mark
 * looks for, in order of their bytes, each with its length before it (64 bits,
 * little-endian). It changes exactly when the bytes to look for do.
 *
 * Returns 1; 0 when the mark looks for no bytes, with ret empty; -ENOMEM.
 */
int pack_marker_digest(const struct mark *mark, char ret[33]);

#endif
