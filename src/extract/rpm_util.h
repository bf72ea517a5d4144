/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpm's package headers, and two of the three containers they are kept in.
 * A header is a count of index entries, the size of a store, the entries (tag,
 * type, offset, count; all big-endian) and the store with the values.
 */
#ifndef EXTRACT_RPM_UTIL_H
#define EXTRACT_RPM_UTIL_H

#include "extract/extract.h"

enum {
	RPM_BLOB_MAX = 24 * 1024 * 1024, /* the largest headers have some 10 MB */
	RPM_PACKAGES_MAX = 500000,
	RPM_DAMAGED_MAX = 100, /* headers; with more, the database is broken */
};

/* One database that is being read. */
struct rpm_db {
	const struct extraction *x;
	bool home;          /* where rpm has its database; else a copy */
	struct slice root;  /* that it speaks for: in front of each path */
	enum state state;   /* of its packages */
	unsigned packages, damaged;
	struct arena mem;   /* of one header; reset before each */
};

/* A header and where it lies: at an offset of the file, or scattered, and then
 * in a member with the name "Packages/<number>" that offsets count in. */
struct rpm_blob {
	struct slice bytes;
	struct slice member;
	uint64_t at;
};

/*
 * Makes the records of one header. A broken one is reported as unread and the
 * reader goes on. Returns 0, -E2BIG after RPM_PACKAGES_MAX, or -EBADMSG after
 * RPM_DAMAGED_MAX.
 */
int rpm_take_header(struct rpm_db *db, const struct rpm_blob *blob);

/* Reports a package that cannot be read. Returns 0, or -EBADMSG as above. */
int rpm_unread(struct rpm_db *db, enum why why, struct slice member);

/* "Packages/<number>", in db->mem; empty when out of memory. */
struct slice rpm_member(struct rpm_db *db, uint64_t number);

/* The packages in rpm's own database (Packages.db). As run(). */
int rpm_read_ndb(struct rpm_db *db);

/* The packages in a Berkeley DB hash (Packages). As run(). */
int rpm_read_bdb(struct rpm_db *db);

#endif
