/* SPDX-License-Identifier: Apache-2.0 */
#include "report/completion.h"

const char *completion_word_name(enum completion_word word)
{
	static const char *const names[] = {
		[COMPLETION_GONE] = "gone",
		[COMPLETION_STILL_THERE] = "still there",
		[COMPLETION_CAME_BACK] = "came back",
		[COMPLETION_ALSO_FOUND] = "also found",
	};
	return names[word];
}

const struct completion_form *completion_form(const char *name)
{
	static const struct completion_form *const forms[] = {
		&completion_text, &completion_markdown, &completion_html, &completion_json};

	for (size_t i = 0; i < COUNT_OF(forms); i++)
		if (strcmp(name, forms[i]->name) == 0)
			return forms[i];
	return NULL;
}
