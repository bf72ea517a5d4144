/* SPDX-License-Identifier: Apache-2.0 */
/* Asking rpm about the root. Private to survey/. */
#ifndef SURVEY_RPM_H
#define SURVEY_RPM_H

#include "survey/packages.h"

/* Has the root an rpm database? */
bool rpm_present(const struct survey *s);

/*
 * Runs rpm on the root's database with n more arguments; the rest is as with
 * packages_ask(). Only when rpm_present().
 */
int rpm_ask(struct survey *s, const char *const *more, size_t n, bool any_status,
            struct slice *ret, const char **ret_why);

#endif
