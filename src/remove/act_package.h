/* SPDX-License-Identifier: Apache-2.0 */
/* Private to remove/: what a package manager is asked, a file for each. */
#ifndef REMOVE_ACT_PACKAGE_H
#define REMOVE_ACT_PACKAGE_H

#include "remove/act.h"

struct known {
	enum { KNOWN_NOT, KNOWN_INSTALLED, KNOWN_RESIDUE, KNOWN_BROKEN } state;
	struct slice version; /* in the act's arena */
};

/* A growing list; texts lie in mem. */
struct places {
	struct arena *mem;
	struct slice *list; /* by malloc */
	size_t n, size;
};

/* False when out of memory or too many. */
bool places_add(struct places *p, struct slice path);

struct query {
	const char *manager;
	/* What the manager knows of a package. 0 or a negative errno. */
	int (*known)(const struct act *a, const struct plan_package *p, struct known *ret,
	             struct err *e);
	/* Is another program at work on the database? -EPERM with words, or 0. */
	int (*busy)(const struct act *a, struct err *e);
	/* The packages' own files, folders that are theirs alone (with all in
	 * them), and the manager's notes of them. */
	int (*places)(const struct act *a, struct places *ret, struct err *e);
	/* The table's arguments, completed for this root; may be NULL. */
	char **(*argv)(const struct act *a, char **argv);
};

/*
 * The path that a package's list means, when links are part of the way to it:
 * /usr/lib/x for /lib/x. The last component is left as it is. In mem; the path
 * itself when it leads nowhere; .p NULL when out of memory.
 */
struct slice places_resolve(const struct act *a, int root_fd, struct slice path);

extern const struct query query_dpkg, query_rpm, query_pacman;

/* The manager of a step's packages. */
const struct manager *act_manager(const struct act *a);

#endif
