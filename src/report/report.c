/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

static const struct report_form *const forms[] = {
	&report_text, &report_json, &report_jsonl, &report_csv,
};

const struct report_form *report_form(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		if (strcmp(forms[i]->name, name) == 0)
			return forms[i];
	return NULL;
}
