/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/form.h"

static const struct plan_form *const forms[] = {
	&plan_form_text, &plan_form_json, &plan_form_ansible,
	&plan_form_shell, &plan_form_powershell, &plan_form_dockerfile,
};

const struct plan_form *plan_form(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		if (strcmp(forms[i]->name, name) == 0)
			return forms[i];
	return NULL;
}
