/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which package owns a path, as the package databases of the sources say.
 * Paths are kept as keyed 64-bit hashes, 16 bytes each, so that half a million
 * owned files cost 8 MB. Adding is serialised inside; asking comes after.
 */
#ifndef SWEEP_OWNERS_H
#define SWEEP_OWNERS_H

#include "base/siphash.h"
#include "finding/finding.h"
#include "jail/jail.h"

enum { OWNERS_PACKAGES_MAX = 1000000, OWNERS_PATHS_MAX = 20000000,
       OWNERS_TEXT_MAX = 256 * 1024 * 1024 /* names, versions, makers */ };

struct owners;

[[nodiscard]] struct owners *owners_new(const struct siphash_key *key);
void owners_free(struct owners *o);

/* A package is there; what is stated (version, maker) completes what was
 * known of it. Returns 0, -ENOMEM or -E2BIG. */
int owners_package(struct owners *o, uint32_t source,
                   const struct jail_package *package);

/* The package owns these paths. */
int owners_paths(struct owners *o, uint32_t source,
                 const struct jail_package *package, const uint64_t *hashes,
                 size_t n);

/* Ends the adding: sorts. */
void owners_settle(struct owners *o);

/* The owner of a path in a source; knows that /usr/bin/x may stand in a
 * database as /bin/x. False when there is none. */
bool owners_of(const struct owners *o, uint32_t source, struct slice path,
               struct owner *ret);

/* The same as a number that stands for the package, from 1; 0: none owns it.
 * `hash` is that of owners_bare(path) under the owners' key. */
uint32_t owners_number(const struct owners *o, uint32_t source,
                       struct slice path, uint64_t hash);

/* The path as it is hashed: without leading slashes. */
static inline struct slice owners_bare(struct slice path)
{
	while (path.n > 0 && path.p[0] == '/')
		path = slice_from(path, 1);
	return path;
}

/* The highest such number. */
size_t owners_count(const struct owners *o);
void owners_get(const struct owners *o, uint32_t number, struct owner *ret);

/* The maker that a package states, "" when unknown. False: no such package. */
bool owners_maker(const struct owners *o, uint32_t source,
                  struct slice ecosystem, struct slice name, struct slice *ret);

#endif
