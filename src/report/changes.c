/* SPDX-License-Identifier: Apache-2.0 */
#include "report/changes.h"

const char *change_word_name(enum change_word word)
{
	static const char *const names[] = {
		[CHANGE_APPEARED] = "appeared",
		[CHANGE_WENT] = "went",
		[CHANGE_CHANGED] = "changed",
	};

	return names[word];
}

const char *change_kind_name(enum change_kind kind)
{
	static const char *const names[] = {
		[CHANGE_PACKAGE] = "package",
		[CHANGE_FILE] = "file",
		[CHANGE_FOLDER] = "folder",
		[CHANGE_SETUP] = "setup",
	};

	return names[kind];
}

size_t changes_count(const struct changes *c, enum change_word word)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->list[i].word == word;
	return n;
}
