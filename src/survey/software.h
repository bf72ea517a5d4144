/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is installed on a root: its managers' packages and its services. Listed
 * when a removal begins and again when it is verified, so that what came
 * meanwhile is known without an inventory.
 */
#ifndef SURVEY_SOFTWARE_H
#define SURVEY_SOFTWARE_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { SOFTWARE_BYTES_MAX = 64 * 1024 * 1024 };

struct software {
	const char *kind;     /* constant: "package" or "service" */
	struct slice system;  /* of a package its ecosystem; of a service "" */
	struct slice name;
	struct slice version; /* of a package; of a service its folder */
};

struct software_list {
	struct software *list; /* by kind, system, name */
	size_t n;
};

/*
 * Lists the software of the root into mem. Returns 0; -ENODATA when a manager
 * could not be asked, -EINTR when stopped, or another negative errno, with the
 * sentence in e.
 */
int software_look(const char *root, const atomic_bool *stop, struct arena *mem,
                  struct err *e, struct software_list *ret);

/* The list as text, to be kept in a file; failure stays in out. */
void software_write(const struct software_list *s, struct str *out);

/* Back from that text, borrowed. 0, -ENOMEM, or -EBADMSG. */
int software_read(struct slice text, struct arena *mem, struct software_list *ret);

/* Is a package or service of that name in it, whatever its version? */
bool software_has(const struct software_list *s, const struct software *one);

#endif
