/* SPDX-License-Identifier: Apache-2.0 */
#include "report/map_report.h"

static const struct map_form *const forms[] = {
	&map_text, &map_json, &map_jsonl, &map_csv,
};

const struct map_form *map_form(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		if (strcmp(forms[i]->name, name) == 0)
			return forms[i];
	return NULL;
}

const char *map_word_name(enum map_word word)
{
	static const char *const names[MAP_WORD_COUNT] = {
		[MAP_NONE] = "none",
		[MAP_EXCLUDED] = "excluded",
		[MAP_REVIEW] = "review",
		[MAP_COVERED] = "covered",
	};

	return names[word];
}
