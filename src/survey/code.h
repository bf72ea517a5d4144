/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages of languages that are installed where their files can be told: which
 * files, and who beside them asks for them. What says so (a list of files, other
 * packages' metadata) is read as lines of text and believed in nothing: a file
 * must lie in the environment, be the file that the list's checksum means, and
 * be nobody else's. Private to survey/.
 */
#ifndef SURVEY_CODE_H
#define SURVEY_CODE_H

#include "survey/state.h"

enum {
	CODE_TEXT_MAX = 16 * 1024 * 1024, /* RECORD, METADATA, package.json */
	CODE_FILES_MAX = 500000,
};

struct code {
	struct survey *s;
	struct fact *fact;
	struct slice folder;  /* of the need: .dist-info, or the package's own */
	struct str text;      /* the file that is being read */
};

/* Each answers one need. 0, -ENOMEM or -EINTR; else fact->place.kept says why a
 * person must decide. */
int code_pypi(struct code *c);
int code_npm(struct code *c);

/* Why it cannot go by its files; the first reason stays. 0 or -ENOMEM. */
int code_keep(struct code *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

static inline bool code_kept(const struct code *c)
{
	return c->fact->place.kept.n > 0;
}

/* A small file as a whole into c->text. 0; -ENOENT and others as survey_open(),
 * -EFBIG. */
int code_read(struct code *c, struct slice folder, const char *name);

/* The names in a folder, sorted; none when there is no such folder. 0 or a
 * negative errno; *names is to be finished in any case. */
int code_names(struct code *c, struct slice folder, struct texts *names);

/* "folder/name" in mem; .p NULL when out of memory. */
struct slice code_path(struct code *c, struct slice folder, struct slice name);

/* Where `text` leads from the folder, by its words alone. False when it is too
 * long or leads above the root. */
bool code_resolve(struct slice folder, struct slice text, struct str *ret);

/* Adds a package beside it that asks for it, while there is room. 0 or -ENOMEM. */
int code_needed_by(struct texts *list, struct slice folder);

#endif
