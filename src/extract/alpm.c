/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pacman's local database: var/lib/pacman/local/<name>-<version>-<release>/
 * with "desc" (the fields of the package) and "files" (the paths it owns).
 * Both are sections: a line "%NAME%", then values a line each, then an empty
 * line.
 */
#include <errno.h>

#include "extract/pkgdb_util.h"

enum { DB_LINE_MAX = 64 * 1024, LINES_MAX = 4000000, SECTION_NAME_MAX = 32 };

struct reader {
	const struct extraction *x;
	struct owned owned;
	const struct section *section; /* NULL: one that is not read */
	bool named;
};

struct section {
	const char *name;
	void (*line)(struct reader *r, struct slice value, uint64_t offset);
};

static void on_name(struct reader *r, struct slice value, uint64_t offset)
{
	r->named = true;
	sink_name(r->x->out, value);
	sink_text(r->x->out, ATTR_PACKAGE_NAME, value, offset);
}

static void on_version(struct reader *r, struct slice value, uint64_t offset)
{
	(void)offset;
	sink_version(r->x->out, value);
}

static void on_base(struct reader *r, struct slice value, uint64_t offset)
{
	sink_text(r->x->out, ATTR_PACKAGE_SOURCE, value, offset);
}

static void on_url(struct reader *r, struct slice value, uint64_t offset)
{
	sink_text(r->x->out, ATTR_PACKAGE_URL, value, offset);
}

static void on_packager(struct reader *r, struct slice value, uint64_t offset)
{
	sink_text(r->x->out, ATTR_PACKAGE_MAINTAINER, value, offset);
}

/* Folders end with a slash; many packages have them. */
static void on_file(struct reader *r, struct slice value, uint64_t offset)
{
	struct claim where = {.offset = offset, .length = value.n};

	if (!slice_ends(value, SLICE("/")))
		owned_path(&r->owned, (struct slice){0}, value, &where);
}

static const struct section desc_sections[] = {
	{"%NAME%", on_name},     {"%VERSION%", on_version},
	{"%BASE%", on_base},     {"%URL%", on_url},
	{"%PACKAGER%", on_packager},
	{NULL, NULL},
};

static const struct section files_sections[] = {
	{"%FILES%", on_file},
	{NULL, NULL},
};

static bool is_heading(struct slice line)
{
	return line.n > 2 && line.n <= SECTION_NAME_MAX && line.p[0] == '%' &&
	       line.p[line.n - 1] == '%';
}

static const struct section *section_named(const struct section *sections,
                                           struct slice name)
{
	for (; sections->name; sections++) {
		if (slice_eq(name, slice_str(sections->name)))
			return sections;
	}
	return NULL;
}

static int read_sections(struct reader *r, struct lines *l,
                         const struct section *sections)
{
	struct slice line;
	uint64_t offset;
	unsigned n = 0;
	int e;

	while ((e = lines_next(l, &line, &offset)) > 0) {
		if (n++ == LINES_MAX)
			return -E2BIG;
		if (line.n == 0)
			r->section = NULL;
		else if (is_heading(line))
			r->section = section_named(sections, line);
		else if (r->section)
			r->section->line(r, line, offset);
	}
	return e;
}

/* "name-version-release": the name of the package's folder taken apart. */
static bool folder_name(struct slice folder, struct slice *ret_name,
                        struct slice *ret_version)
{
	struct slice name = folder;

	for (int dashes = 0; dashes < 2; dashes++) {
		const uint8_t *dash = name.n ? memrchr(name.p, '-', name.n) : NULL;
		if (!dash)
			return false;
		name = slice_first(name, (size_t)(dash - name.p));
	}
	*ret_name = name;
	*ret_version = slice_from(folder, name.n + 1);
	return name.n > 0;
}

static int run(struct extraction *x)
{
	struct reader r = {.x = x, .owned = {.x = x}};
	struct slice path = x->item->path;
	bool files = slice_eq(slice_basename(path), SLICE("files"));
	struct record *head = &r.owned.head;
	struct lines l;

	*head = (struct record){
		.scope = SCOPE_PACKAGE,
		.kind = ARTICLE_SOFTWARE,
		.state = STATE_INSTALLED,
		.ecosystem = "alpm",
	};
	if (!pkgdb_root(path, "var/lib/pacman/local/*/*", &r.owned.root))
		return 0;
	if (files && !folder_name(slice_basename(slice_dirname(path)),
	                          &head->name, &head->version))
		return -EBADMSG;
	int e = lines_init(&l, x->in, x->mem, DB_LINE_MAX);
	if (e < 0)
		return e;
	sink_record(x->out, head);
	e = read_sections(&r, &l, files ? files_sections : desc_sections);
	if (l.cut > 0 || r.owned.too_long)
		sink_unread(x->out, WHY_TOO_LARGE, (struct slice){0});
	if (files || r.named)
		return e;
	sink_drop(x->out);
	return e < 0 ? e : -EBADMSG;
}

const struct extractor extract_alpm = {
	.name = "alpm",
	.version = 1,
	.probes = {
		{.path = "var/lib/pacman/local/*/desc"},
		{.path = "var/lib/pacman/local/*/files"},
	},
	.run = run,
};
