/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a calendar of whole days as iCalendar (RFC 5545) to a stream: lines end
 * with CRLF and are folded at 75 octets, never inside a character. A day has no
 * hour and no zone. Nothing in it is of the time of writing, so the same days
 * give the same bytes. Running out of memory is remembered; errors of writing
 * stay on the stream.
 */
#ifndef REPORT_ICS_H
#define REPORT_ICS_H

#include <stdio.h>

#include "base/str.h"
#include "calendar/calendar.h"

struct ics {
	FILE *out;
	struct str line;     /* the content line that is being composed */
	day stamp;
	bool failed;         /* out of memory */
};

struct ics_event {
	struct slice key;    /* what makes it this event and no other: the same key
	                      * replaces the entry when the file is read again */
	day on;
	const char *summary;
	const char *description, *category; /* or NULL */
};

/* Begins; `stamp` is the day of which all of it is told, `name` that of the
 * calendar. */
void ics_begin(struct ics *t, FILE *out, day stamp, const char *name);
void ics_event(struct ics *t, const struct ics_event *event);
/* Ends it and frees the scratch memory. Returns 0 or -ENOMEM. */
int ics_end(struct ics *t);

#endif
