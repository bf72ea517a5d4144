/* SPDX-License-Identifier: Apache-2.0 */
/* The paths of a claim of path.list, one after the other. */
#ifndef CLAIM_PATH_LIST_H
#define CLAIM_PATH_LIST_H

#include "claim/claim.h"

struct paths {
	struct slice rest;       /* names to come */
	size_t folder_n;         /* of text: the folder and a slash */
	enum attr attr;          /* ATTR_PATH or, of a folder, ATTR_DIRECTORY */
	struct slice path;       /* into text */
	char text[2 * CLAIM_VALUE_MAX];
};

void paths_begin(struct paths *p, struct slice list);
/* False at the end. */
bool paths_next(struct paths *p);

#endif
