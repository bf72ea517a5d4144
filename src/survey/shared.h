/* SPDX-License-Identifier: Apache-2.0 */
/* Files that several may share, such as a list of package sources. Private to
 * survey/. */
#ifndef SURVEY_SHARED_H
#define SURVEY_SHARED_H

#include "survey/state.h"

/*
 * Sets fact->place.shared when the file at the path is of a kind that may hold
 * several entries and these have not one owner: package sources on more than
 * one host, jobs that start programs of more than one folder, more than one
 * certificate. A file that belongs to the system as a whole, or one too large
 * to be read, is shared. 0 or -ENOMEM.
 */
int shared_look(struct survey *s, struct slice path, struct fact *fact);

#endif
