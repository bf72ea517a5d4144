/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the readers of package databases share: which root a database speaks
 * for, how far its word on states goes, and the paths that packages own.
 */
#ifndef EXTRACT_PKGDB_UTIL_H
#define EXTRACT_PKGDB_UTIL_H

#include "extract/extract.h"

/*
 * The root whose database `path` is, when the last components of `path` are
 * `home` ("var/lib/dpkg/status"; a component "*" stands for any one): what is
 * before them, without a slash at its end, "" for the root itself. Returns
 * false when `path` is somewhere else: a copy of a database.
 */
bool pkgdb_root(struct slice path, const char *home, struct slice *ret_root);

/*
 * The state that a database's word "installed" means. At home, or given by
 * the user outside any root, it is installed; a copy that lies about in a
 * root only refers to packages.
 */
enum state pkgdb_state(const struct item *item, bool home);

/*
 * The paths of one package. When the item asks for them (list_owned), they are
 * claims too; a package with more than a record holds gets several records.
 */
struct owned {
	const struct extraction *x;
	struct slice root;   /* put in front of each path */
	struct record head;  /* its slices must stay valid */
	size_t claimed;
	bool too_long;       /* a path did not fit and was left out */
};

/* dir + "/" + base is owned by the current record, which must have been
 * started from o->head. dir may be empty, both may have outer slashes. offset
 * and length locate the path's own bytes; member as in struct claim. */
void owned_path(struct owned *o, struct slice dir, struct slice base,
                const struct claim *where);

#endif
