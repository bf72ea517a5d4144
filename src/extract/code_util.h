/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the extractors of code packages (npm, PyPI, JAR, licence files, source
 * files) share: to which package a path belongs, and how people are written.
 */
#ifndef EXTRACT_CODE_UTIL_H
#define EXTRACT_CODE_UTIL_H

#include "extract/extract.h"
#include "extract/json_util.h"

/* A code package that a path lies in. All slices are parts of the path. */
struct code_package {
	struct slice root;     /* its folder */
	struct slice name, version;
	const char *ecosystem; /* "npm", "pypi" or "" for a vendored folder */
	enum state state;
	bool top;              /* the file speaks for the whole package */
};

/*
 * Finds the innermost code package around a file: below node_modules the
 * folder with the package's name, below site-packages or dist-packages the
 * first folder, below vendor, third_party and their like the folder the file
 * stands in. False when the path lies in none.
 */
bool code_package(const struct item *item, struct code_package *ret);

/* Index behind the last "/<folder>/" in the path, or SIZE_MAX. */
size_t code_behind(struct slice path, const char *folder);

/* Is path the package.json of a package in a place where Node looks? */
bool code_npm_installed(struct slice path);

/* Does path lie in a folder that Python imports from? */
bool code_pypi_installed(struct slice path);

/* Text and where it stands: the value of a claim that is being prepared.
 * length 0: not located. */
struct code_text {
	struct slice value, member;
	uint64_t offset;
	uint64_t length;
};

void code_claim(struct sink *out, enum attr attr, const struct code_text *text);

/* A JSON string's text and place; empty for other kinds. */
struct code_text code_json(struct json string, struct arena *mem);

/* Claims a JSON string; others are ignored. */
void code_claim_json(struct extraction *x, enum attr attr, struct json value);

/*
 * Claims the parts of "Name <e-mail> (URL), Name <e-mail>" one by one: marks
 * test an e-mail address's domain, which only works on the bare address.
 */
void code_claim_people(struct sink *out, enum attr attr,
                       const struct code_text *text);

#endif
