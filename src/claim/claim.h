/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A claim says "attribute = value" about an item and where that stands in it.
 * Claims that belong together (the fields of one package record, the version
 * resource of one file) form a record: what marks are tested against.
 *
 * These are values without behaviour, shared by everything downstream of
 * extraction. Slices are borrowed; whoever makes a record says how long they
 * live.
 */
#ifndef CLAIM_CLAIM_H
#define CLAIM_CLAIM_H

#include "base/slice.h"

enum attr {
#define ATTR(symbol, name, words) ATTR_##symbol,
#include "claim/attr.def"
#undef ATTR
	ATTR_COUNT
};

enum why {
	WHY_NONE,
#define WHY(symbol, name, words) WHY_##symbol,
#include "claim/why.def"
#undef WHY
	WHY_COUNT
};

enum article_kind {
	ARTICLE_SOFTWARE,
	ARTICLE_HARDWARE,
	ARTICLE_SERVICE,
	ARTICLE_KIND_COUNT
};

/* Weakest first, so that the state of several records is their maximum. */
enum state {
	STATE_CONNECTED,
	STATE_REFERENCED,
	STATE_RESIDUE,
	STATE_STORED,
	STATE_INSTALLED,
	STATE_COUNT
};

/* Furthest from the maker first. */
enum basis {
	BASIS_FORMER,
	BASIS_FAMILY,
	BASIS_IN_PART,
	BASIS_PROVIDED,
	BASIS_DEVELOPED,
	BASIS_COUNT
};

enum strength { STRENGTH_WEAK, STRENGTH_STRONG, STRENGTH_PROVEN, STRENGTH_COUNT };

/* What a record speaks for; decides which article its findings join. */
enum scope {
	SCOPE_ITEM,    /* the item it was found in (a PE file, an ELF file, a key) */
	SCOPE_PACKAGE, /* a package of a package database, by record.name */
	SCOPE_PART,    /* some part of the package record.name (a DEP-5 paragraph) */
	SCOPE_FOLDER,  /* the code package whose root folder is record.root */
	SCOPE_SETUP,   /* how the system is set up (user, unit, repository, ...) */
	SCOPE_COUNT
};

/* Longest value that a claim carries; longer ones are cut, which is said. */
enum { CLAIM_VALUE_MAX = 4096, RECORD_CLAIMS_MAX = 4096, RECORD_NAME_MAX = 255 };

struct claim {
	enum attr attr;
	struct slice value;  /* UTF-8 where the format allows; may be any bytes */
	struct slice member; /* path inside the item (archive member); "" = none */
	uint64_t offset;     /* bytes from the start of the item or its member */
	uint64_t length;     /* bytes of evidence at that offset; 0 = not located */
	bool verified;       /* a signature or registration was checked, not read */
};

/*
 * ecosystem is a short constant: "deb", "rpm", "apk", "alpm", "snap",
 * "flatpak", "npm", "pypi", "maven", or "" for none. It keeps a PyPI "foo"
 * apart from a Debian "foo".
 */
struct record {
	enum scope scope;
	enum article_kind kind;
	enum state state;
	const char *ecosystem;
	struct slice name;    /* of the article; "" when the item does not say */
	struct slice version; /* likewise */
	struct slice root;    /* SCOPE_FOLDER: the folder, as a path in the source */
	struct slice maker;   /* set where the claims are left behind (on the
	                       * wire): what record_maker() said of them */
	const struct claim *claims;
	size_t n_claims;
};

/* Whom a signed program names as its own maker (its first CompanyName), or ""
 * when it does not say. */
struct slice record_maker(const struct record *r);

/*
 * The state of a program file by where it lies: in a root's places for programs
 * (/usr, /opt, /bin, /sbin, /lib*, /snap, ...) it is installed, elsewhere and
 * outside roots it is stored.
 */
enum state state_of_path(struct slice path, bool in_root);

/* The constant for an ecosystem's name, or NULL when it is none of them. */
const char *ecosystem_by_name(struct slice name);

const char *attr_name(enum attr attr);
const char *attr_words(enum attr attr);
/* Returns the attribute of that name, or -1. */
int attr_by_name(const char *name);
/* Does the inventory claim it, and no extractor? A mark must not test it: what
 * it says is how a record is kept, not what a maker left. */
bool attr_of_inventory(enum attr attr);

const char *why_name(enum why why);
const char *why_words(enum why why);

/* The word of each value ("in-part"), and back: -1 when there is none. */
const char *kind_name(enum article_kind kind);
const char *state_name(enum state state);
const char *basis_name(enum basis basis);
const char *strength_name(enum strength strength);
int kind_by_name(const char *name);
int state_by_name(const char *name);
int basis_by_name(const char *name);
int strength_by_name(const char *name);

#endif
