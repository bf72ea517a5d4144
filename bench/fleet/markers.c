/* SPDX-License-Identifier: Apache-2.0 */
/* The byte markers that a made-up fleet was searched for are the real ones. */
#include "fleet.h"

#include <stdio.h>

#include "pack/pack.h"

static void add(struct markers *m, const struct mark *mark)
{
	if (m->n == MARKERS_MAX || strlen(mark->id) >= sizeof(m->ids[0]))
		fleet_die("too many byte markers, or a long name: %s", mark->id);
	if (pack_marker_digest(mark, m->digests[m->n]) <= 0)
		return;
	(void)snprintf(m->ids[m->n], sizeof(m->ids[0]), "%s", mark->id);
	m->n++;
}

void markers_read(const char *dir, struct markers *ret)
{
	struct pack_problems problems = {0};
	struct pack *pack = NULL;
	struct err e = {0};

	*ret = (struct markers){0};
	if (!dir)
		return;
	if (pack_load(&dir, 1, &e, &problems, &pack) < 0)
		fleet_die("%s: %s", dir, problems.n ? problems.list[0].words : e.text);
	for (size_t i = 0; i < pack->n_marks; i++)
		add(ret, &pack->marks[i]);
	pack_problems_finish(&problems);
	pack_free(pack);
}

uint32_t markers_find(const struct markers *m, const char *id)
{
	uint32_t i = 0;

	while (i < m->n && strcmp(m->ids[i], id) != 0)
		i++;
	return i;
}

void markers_record(const struct markers *m, uint32_t n,
                    struct claim claims[MARKERS_MAX + 1], struct record *ret)
{
	*ret = (struct record){
		.scope = SCOPE_SETUP,
		.kind = ARTICLE_SOFTWARE,
		.state = STATE_INSTALLED,
		.ecosystem = "",
		.name = SLICE("searched"),
		.claims = claims,
		.n_claims = n,
	};
	for (uint32_t i = 0; i < n; i++)
		claims[i] = (struct claim){.attr = ATTR_SEARCH_MARKER,
		                           .value = slice_str(m->digests[i])};
}
