/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/deb822_util.h"

#include "extract/field_util.h"

/* Longest field name; dpkg's own are far shorter. */
enum { FIELD_NAME_MAX = 64 };

int deb822_init(struct deb822 *d, struct input *in, struct arena *mem)
{
	*d = (struct deb822){0};
	return lines_init(&d->lines, in, mem, DEB822_LINE_MAX);
}

static bool is_field_name(struct slice name)
{
	if (name.n == 0 || name.n > FIELD_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f)
			return false;
	}
	return true;
}

/* Tells what a line is; false when it is none of the kinds. */
static bool classify(struct slice line, struct deb822_line *ret)
{
	struct slice value = slice_trim(line);

	*ret = (struct deb822_line){.kind = DEB822_BLANK, .value = value};
	if (value.n == 0)
		return true;
	if (line.p[0] == ' ' || line.p[0] == '\t') {
		ret->kind = DEB822_MORE;
		return true;
	}
	ret->kind = DEB822_FIELD;
	size_t colon = slice_find_byte(line, ':');
	ret->name = slice_first(line, colon);
	ret->value = slice_trim(slice_from(line, colon + 1));
	return colon < line.n && is_field_name(ret->name);
}

int deb822_next(struct deb822 *d, struct deb822_line *ret)
{
	struct slice line;
	uint64_t offset;
	int r;

	while ((r = lines_next(&d->lines, &line, &offset)) > 0) {
		if (slice_starts(line, SLICE("#")))
			continue;
		if (!classify(line, ret)) {
			d->odd++;
			continue;
		}
		ret->offset = offset + field_at(line, ret->value);
		return 1;
	}
	return r;
}
