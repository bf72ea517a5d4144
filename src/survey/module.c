/* SPDX-License-Identifier: Apache-2.0 */
/* Is a kernel module loaded? Only the running kernel can say. */
#include <errno.h>

#include "survey/state.h"

/* "kernel/x/snd-pcm.ko.xz" is listed as "snd_pcm". */
static bool is_module(struct slice path, struct slice listed)
{
	struct slice name = slice_basename(path);
	size_t dot = slice_find(name, SLICE(".ko"));

	if (dot < name.n)
		name = slice_first(name, dot);
	if (name.n != listed.n)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		uint8_t a = name.p[i] == '-' ? '_' : name.p[i];
		if (a != (listed.p[i] == '-' ? '_' : listed.p[i]))
			return false;
	}
	return true;
}

static bool is_listed(struct slice table, struct slice path)
{
	struct slice line, name;

	while (slice_line(&table, &line))
		if (slice_split(&line, ' ', &name) && is_module(path, name))
			return true;
	return false;
}

int survey_modules(struct survey *s)
{
	struct slice table = {0};
	bool asked = false;
	int rc = 0;

	for (size_t i = 0; i < s->args->n; i++) {
		const struct need *need = &s->args->needs[i];
		struct fact *f = &s->facts->list[i];
		if (need->kind != NEED_MODULE || !s->args->live)
			continue;
		if (!asked)
			rc = survey_read_proc(s, "/proc/modules", TEXT_FILE_MAX, &table);
		asked = true;
		if (rc == -ENOMEM ||
		    (rc < 0 && survey_why(s, f, "/proc/modules: %s",
		                          strerrordesc_np(-rc)) < 0))
			return -ENOMEM;
		if (rc == 0)
			f->module.loaded = is_listed(table, need->text);
	}
	return 0;
}
