/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/setup_util.h"

static const struct slice places[] = {
	SLICE("/etc/"), SLICE("/usr/"), SLICE("/lib/"),
	SLICE("/run/"), SLICE("/var/"), SLICE("/opt/"),
};

enum state setup_state(const struct item *item)
{
	for (size_t i = 0; item->in_root && i < COUNT_OF(places); i++)
		if (slice_starts(item->path, places[i]))
			return STATE_INSTALLED;
	return STATE_STORED;
}

void setup_record(struct extraction *x, struct slice name, enum state state)
{
	sink_record(x->out, &(struct record){
				    .scope = SCOPE_SETUP,
				    .kind = ARTICLE_SOFTWARE,
				    .state = state,
				    .name = name,
			    });
}

int setup_lines(struct extraction *x, void *ctx,
                void (*each)(void *ctx, struct slice line, uint64_t offset))
{
	struct lines lines;
	struct slice line;
	uint64_t offset;

	int r = lines_init(&lines, x->in, x->mem, SETUP_LINE_MAX);
	if (r < 0)
		return r;
	while ((r = lines_next(&lines, &line, &offset)) > 0)
		each(ctx, line, offset);
	if (lines.cut)
		sink_unread(x->out, WHY_TOO_LARGE, (struct slice){0});
	return r;
}

struct slice setup_first_word(struct slice command)
{
	size_t n = 0;

	command = slice_trim(command);
	if (command.n && (command.p[0] == '"' || command.p[0] == '\'')) {
		uint8_t quote = command.p[0];
		command = slice_from(command, 1);
		return slice_first(command, slice_find_byte(command, quote));
	}
	while (n < command.n && !memchr(" \t;&|<>()", command.p[n], 9))
		n++;
	return slice_first(command, n);
}
