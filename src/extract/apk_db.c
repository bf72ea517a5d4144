/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alpine's list of packages, lib/apk/db/installed: lines of one letter, a
 * colon and a value; an empty line ends a package.
 */
#include <errno.h>

#include "extract/field_util.h"
#include "extract/pkgdb_util.h"

enum { DB_LINE_MAX = 256 * 1024, PACKAGES_MAX = 500000 };

struct reader {
	const struct extraction *x;
	struct owned owned;
	unsigned packages;
	bool open;
	uint8_t name[RECORD_NAME_MAX], version[RECORD_NAME_MAX];
	uint8_t folder[CLAIM_VALUE_MAX];
	struct slice in_folder; /* in `folder`: where the next files lie */
	unsigned odd;
};

static struct slice keep(uint8_t *buf, size_t size, struct slice value)
{
	value = slice_first(value, size);
	memcpy(buf, value.p, value.n);
	return slice_of(buf, value.n);
}

static void package_start(struct reader *r)
{
	r->open = true;
	r->packages++;
	r->in_folder = (struct slice){0};
	r->owned.claimed = 0;
	r->owned.head.name = r->owned.head.version = (struct slice){0};
	sink_record(r->x->out, &r->owned.head);
}

static void package_end(struct reader *r)
{
	if (r->open && r->owned.head.name.n == 0)
		sink_drop(r->x->out);
	r->open = false;
}

static void take_name(struct reader *r, struct slice value, uint64_t offset)
{
	r->owned.head.name = keep(r->name, sizeof(r->name), value);
	sink_name(r->x->out, value);
	sink_text(r->x->out, ATTR_PACKAGE_NAME, value, offset);
}

static void take_field(struct reader *r, uint8_t letter, struct slice value,
                       uint64_t offset)
{
	struct claim where = {.offset = offset, .length = value.n};

	switch (letter) {
	case 'P':
		take_name(r, value, offset);
		break;
	case 'V':
		r->owned.head.version =
			keep(r->version, sizeof(r->version), value);
		sink_version(r->x->out, value);
		break;
	case 'U':
		sink_text(r->x->out, ATTR_PACKAGE_URL, value, offset);
		break;
	case 'o':
		sink_text(r->x->out, ATTR_PACKAGE_SOURCE, value, offset);
		break;
	case 'm':
		sink_text(r->x->out, ATTR_PACKAGE_MAINTAINER, value, offset);
		break;
	case 'F':
		r->owned.too_long |= value.n > sizeof(r->folder);
		r->in_folder = keep(r->folder, sizeof(r->folder), value);
		break;
	case 'R':
		owned_path(&r->owned, r->in_folder, value, &where);
		break;
	default:
		break;
	}
}

static int read_lines(struct reader *r, struct lines *l)
{
	struct slice line;
	uint64_t offset;
	int e;

	while ((e = lines_next(l, &line, &offset)) > 0) {
		if (line.n == 0) {
			package_end(r);
			continue;
		}
		if (line.n < 2 || line.p[1] != ':') {
			r->odd++;
			continue;
		}
		if (!r->open && r->packages == PACKAGES_MAX)
			return -E2BIG;
		if (!r->open)
			package_start(r);
		take_field(r, line.p[0], slice_from(line, 2), offset + 2);
	}
	package_end(r);
	return e;
}

static int run(struct extraction *x)
{
	struct reader r = {.x = x, .owned = {.x = x}};
	struct slice path = x->item->path;
	struct lines l;

	bool home = pkgdb_root(path, "usr/lib/apk/db/installed",
	                       &r.owned.root) ||
	            pkgdb_root(path, "lib/apk/db/installed", &r.owned.root);
	r.owned.head = (struct record){
		.scope = SCOPE_PACKAGE,
		.kind = ARTICLE_SOFTWARE,
		.state = pkgdb_state(x->item, home),
		.ecosystem = "apk",
	};
	int e = lines_init(&l, x->in, x->mem, DB_LINE_MAX);
	if (e == 0)
		e = read_lines(&r, &l);
	if (l.cut > 0 || r.owned.too_long)
		sink_unread(x->out, WHY_TOO_LARGE, (struct slice){0});
	if (e < 0)
		return e;
	return home && r.odd > 0 ? -EBADMSG : 0;
}

const struct extractor extract_apk_db = {
	.name = "apk_db",
	.version = 1,
	.probes = {
		{.path = "lib/apk/db/installed"},
		{MAGIC("C:Q1"), .path = "installed"},
	},
	.run = run,
};
