/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is due, for people and for programs: one content (law_due()), several
 * forms. Dates are ISO in all of them.
 */
#ifndef REPORT_DUE_H
#define REPORT_DUE_H

#include "law/law.h"
#include "report/report.h"

/*
 * How a date stands on the day of the report:
 *   overdue      its day is past and the profile has no paper for it
 *   passed       its day is past; without a profile nobody knows what was done
 *   due          its day is that day or later
 *   ends         an order, a suspension or a waiver ends then
 *   not-known    what starts it is not known
 *   not-running  the order is not in force
 *   done         its paper was handed in, or the removal was completed
 */
enum due_word {
	DUE_OVERDUE, DUE_PASSED, DUE_AHEAD, DUE_ENDS, DUE_NOT_KNOWN, DUE_NOT_RUNNING, DUE_DONE,
	DUE_WORD_COUNT
};

struct due_report {
	const struct law_context *context;
	const struct due *list; /* as law_due() gave it */
	size_t n;
	day until;              /* repetitions were listed up to this day */
};

const char *due_word_name(enum due_word word);
enum due_word due_word_of(const struct due_report *r, const struct due *d);
/* How many of the list stand so. */
size_t due_count(const struct due_report *r, enum due_word word);

/* Appends for whom it is: the profile's name and the contract ("Acme: contract A-1
 * (FAR 52.204-30), officer J. Doe"), else the parties that the clock or the order
 * names. And why: the clause, else the order. */
void due_tell_whom(struct str *out, const struct due_report *r, const struct due *d);
void due_tell_why(struct str *out, const struct due *d);

/* Writes the whole report; 0 or -ENOMEM. Errors of writing stay on the stream. */
struct due_form {
	const char *name; /* the word after --format */
	int (*write)(const struct due_report *r, const struct report_style *style, FILE *out);
};

extern const struct due_form due_text, due_json, due_csv, due_ics;

/* The form of that name, or NULL. */
const struct due_form *due_form(const char *name);

#endif
