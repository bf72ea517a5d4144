/* SPDX-License-Identifier: Apache-2.0 */
/* Private to report/: the words of struct change, which all forms share. */
#ifndef REPORT_CHANGES_H
#define REPORT_CHANGES_H

#include "report/report.h"

/* "appeared", "went", "changed". */
const char *change_word_name(enum change_word word);
/* "package", "file", "folder", "setup". */
const char *change_kind_name(enum change_kind kind);

/* How many of the listed changes have that word. */
size_t changes_count(const struct changes *c, enum change_word word);

#endif
