/* SPDX-License-Identifier: Apache-2.0 */
#include <fnmatch.h>

#include "match/match.h"

static bool has_mark_for(const struct pack *pack, uint32_t entity,
                         const char *file)
{
	for (size_t i = 0; i < pack->n_marks; i++) {
		const struct mark *m = &pack->marks[i];
		if (m->entity != entity || m->test->kind != TEST_BYTES)
			continue;
		for (size_t k = 0; k < m->n_parts; k++)
			/* a pack's text ends in a NUL: an arena's copy */
			if (fnmatch((const char *)m->parts[k].p, file,
			            FNM_PATHNAME) == 0)
				return true;
	}
	return false;
}

bool match_part_known(const struct pack *pack, const struct record *record,
                      uint32_t entity)
{
	char file[CLAIM_VALUE_MAX + 1];
	size_t known = 0;

	for (size_t i = 0; i < record->n_claims; i++) {
		struct slice value = slice_first(record->claims[i].value,
		                                 CLAIM_VALUE_MAX);
		if (record->claims[i].attr != ATTR_COPYRIGHT_FILES)
			continue;
		if (value.n)
			memcpy(file, value.p, value.n);
		file[value.n] = 0;
		if (!has_mark_for(pack, entity, file))
			return false;
		known++;
	}
	return known > 0;
}
