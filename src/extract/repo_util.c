/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/repo_util.h"

#include <errno.h>

#include "extract/field_util.h"

int repo_host(struct repo_hosts *hosts, struct slice url, uint64_t offset)
{
	struct slice host = url_host(url);

	if (host.n == 0)
		return 0;
	if (hosts->n == REPO_HOSTS_MAX)
		return -E2BIG;
	hosts->n++;
	sink_record(hosts->x->out, &(struct record){
		.scope = SCOPE_SETUP,
		.kind = ARTICLE_SOFTWARE,
		.state = STATE_REFERENCED,
		.name = host,
	});
	sink_text(hosts->x->out, ATTR_REPO_HOST, host,
	          offset + field_at(url, host));
	return 0;
}

static bool is_separator(uint8_t c)
{
	return c == ',' || c == ' ' || c == '\t';
}

int repo_words(struct repo_hosts *hosts, struct slice text, uint64_t offset)
{
	size_t to;

	for (size_t from = 0; from < text.n; from = to + 1) {
		for (to = from; to < text.n && !is_separator(text.p[to]); to++)
			continue;
		struct slice word = slice_of(text.p + from, to - from);
		int r = repo_host(hosts, word, offset + from);
		if (r < 0)
			return r;
	}
	return 0;
}

int repo_lines(const struct extraction *x, const struct repo_text *text)
{
	struct slice line;
	uint64_t offset;
	struct lines l;

	int r = lines_init(&l, x->in, x->mem, REPO_LINE_MAX);
	while (r >= 0 && (r = lines_next(&l, &line, &offset)) > 0) {
		struct slice trimmed = slice_trim(line);
		if (trimmed.n > 0 && trimmed.p[0] != '#' && trimmed.p[0] != ';')
			r = text->line(text->ctx, trimmed,
			               offset + field_at(line, trimmed));
	}
	if (l.cut > 0)
		sink_unread(x->out, WHY_TOO_LARGE, (struct slice){0});
	return r;
}
