/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An installed flatpak application or runtime: the key file "metadata" in
 * flatpak/app/<id>/<arch>/<branch>/<commit>/, and the developer's name in the
 * description that it exports for software centres (files/share/metainfo).
 */
#include <errno.h>

#include "extract/extract.h"
#include "extract/field_util.h"

enum {
	DB_LINE_MAX = 16 * 1024,
	LINES_MAX = 100000,
	METAINFO_BYTES_MAX = 4 * 1024 * 1024,
	DEVELOPERS_MAX = 256, /* one per language */
};

static void package_start(const struct extraction *x, struct slice name)
{
	sink_record(x->out, &(struct record){
		.scope = SCOPE_PACKAGE,
		.kind = ARTICLE_SOFTWARE,
		.state = STATE_INSTALLED,
		.ecosystem = "flatpak",
		.name = name,
	});
}

/* The groups that name the thing itself. */
static bool is_main_group(struct slice line)
{
	return slice_eq(line, SLICE("[Application]")) ||
	       slice_eq(line, SLICE("[Runtime]"));
}

static int read_metadata(const struct extraction *x, struct lines *l)
{
	struct slice line, key, value;
	bool in_main = false, named = false;
	uint64_t offset;
	unsigned n = 0;
	int e;

	while ((e = lines_next(l, &line, &offset)) > 0) {
		if (n++ == LINES_MAX)
			return -E2BIG;
		if (slice_starts(line, SLICE("[")))
			in_main = is_main_group(slice_trim(line));
		if (named || !in_main || !field_pair(line, '=', &key, &value) ||
		    !slice_eq(key, SLICE("name")) || value.n == 0)
			continue;
		named = true;
		package_start(x, value);
		sink_text(x->out, ATTR_PACKAGE_NAME, value,
		          offset + field_at(line, value));
	}
	return e == 0 && !named ? -EBADMSG : e;
}

/*
 * The text of the next element `name` from *at on, which then moves behind
 * it. Exact enough for a field of a line or two: what an attacker hides from
 * it in CDATA or entities he could as well leave out.
 */
static bool next_element(struct slice xml, size_t *at, const char *open,
                         const char *close, struct slice *ret)
{
	struct slice rest = slice_from(xml, *at);
	size_t start = slice_find(rest, slice_str(open));

	if (start == SIZE_MAX)
		return false;
	rest = slice_from(rest, start);
	rest = slice_from(rest, slice_find_byte(rest, '>') + 1);
	size_t end = slice_find(rest, slice_str(close));
	if (end == SIZE_MAX)
		return false;
	*ret = slice_first(rest, end);
	*at = field_at(xml, rest) + end;
	return true;
}

static void claim_inner(const struct extraction *x, enum attr attr,
                        struct slice xml, struct slice inner)
{
	inner = slice_trim(inner);
	sink_text(x->out, attr, inner, field_at(xml, inner));
}

/* <developer_name>X</developer_name>, or <developer><name>X</name> since
 * AppStream 1.0 */
static void claim_developers(const struct extraction *x, struct slice xml)
{
	struct slice inner, name;
	size_t at = 0;
	unsigned n = 0;

	while (n++ < DEVELOPERS_MAX &&
	       next_element(xml, &at, "<developer_name", "</developer_name>",
	                    &inner))
		claim_inner(x, ATTR_PACKAGE_VENDOR, xml, inner);
	at = 0;
	if (!next_element(xml, &at, "<developer ", "</developer>", &inner)) {
		at = 0;
		if (!next_element(xml, &at, "<developer>", "</developer>", &inner))
			return;
	}
	at = 0;
	while (n++ < DEVELOPERS_MAX &&
	       next_element(inner, &at, "<name", "</name>", &name))
		claim_inner(x, ATTR_PACKAGE_VENDOR, xml, name);
}

/* The id of the application: the component behind "app" in the path. */
static struct slice app_id(struct slice path)
{
	/* .../app/ID/ARCH/BRANCH/COMMIT/files/share/metainfo/NAME */
	for (int up = 0; up < 7; up++)
		path = slice_dirname(path);
	return slice_basename(path);
}

static int read_metainfo(const struct extraction *x)
{
	struct slice xml, url;
	size_t at = 0;

	int e = input_get_all(x->in, METAINFO_BYTES_MAX, x->mem, &xml);
	if (e < 0)
		return e;
	package_start(x, app_id(x->item->path));
	claim_developers(x, xml);
	while (next_element(xml, &at, "<url type=\"homepage\"", "</url>", &url))
		claim_inner(x, ATTR_PACKAGE_URL, xml, url);
	return 0;
}

static int run(struct extraction *x)
{
	struct lines l;

	if (slice_ends(x->item->path, SLICE(".xml")))
		return read_metainfo(x);
	int e = lines_init(&l, x->in, x->mem, DB_LINE_MAX);
	return e < 0 ? e : read_metadata(x, &l);
}

const struct extractor extract_flatpak = {
	.name = "flatpak",
	.version = 1,
	.probes = {
		{.path = "flatpak/app/*/*/*/*/metadata"},
		{.path = "flatpak/runtime/*/*/*/*/metadata"},
		{.path = "flatpak/app/*/*/*/*/files/share/metainfo/*.xml"},
		{.path = "flatpak/app/*/*/*/*/files/share/appdata/*.xml"},
	},
	.run = run,
};
