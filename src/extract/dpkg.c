/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpkg's list of packages: var/lib/dpkg/status, its parts in status.d of small
 * images, and copies of either. A stanza is a package; its Status says how far
 * it is on the machine. Lists of packages that could be had (apt's indices,
 * dpkg's "available") have no Status: they say nothing about the machine.
 */
#include <errno.h>

#include "extract/deb822_util.h"
#include "extract/field_util.h"
#include "extract/pkgdb_util.h"

/* Stanzas of one file; Debian as a whole has some 65,000 packages. */
enum { STANZAS_MAX = 500000 };

struct reader {
	const struct extraction *x;
	bool home;           /* this is a database, not a copy of one */
	bool part;           /* a file of status.d: no Status, all installed */
	unsigned stanzas;
	/* the stanza that is being read */
	bool open, named, has_source, has_status;
	enum state state;
	struct slice name;   /* in name_buf */
	uint8_t name_buf[RECORD_NAME_MAX];
	uint64_t name_at;
	const struct field *field; /* that continuation lines belong to */
};

struct field {
	const char *name;
	void (*line)(struct reader *r, struct slice value, uint64_t offset);
};

static void on_name(struct reader *r, struct slice value, uint64_t offset)
{
	r->named = value.n > 0;
	r->name = slice_of(r->name_buf, value.n < sizeof(r->name_buf)
	                                        ? value.n
	                                        : sizeof(r->name_buf));
	memcpy(r->name_buf, value.p, r->name.n);
	r->name_at = offset;
	sink_name(r->x->out, value);
	sink_text(r->x->out, ATTR_PACKAGE_NAME, value, offset);
}

static void on_version(struct reader *r, struct slice value, uint64_t offset)
{
	(void)offset;
	sink_version(r->x->out, value);
}

/* "Source: name (version)" */
static void on_source(struct reader *r, struct slice value, uint64_t offset)
{
	struct slice name;

	if (!field_word(&value, &name))
		return;
	r->has_source = true;
	sink_text(r->x->out, ATTR_PACKAGE_SOURCE, name, offset);
}

static void on_vendor(struct reader *r, struct slice value, uint64_t offset)
{
	sink_text(r->x->out, ATTR_PACKAGE_VENDOR, value, offset);
}

static void on_maintainer(struct reader *r, struct slice value, uint64_t offset)
{
	sink_text(r->x->out, ATTR_PACKAGE_MAINTAINER, value, offset);
}

static void on_homepage(struct reader *r, struct slice value, uint64_t offset)
{
	sink_text(r->x->out, ATTR_PACKAGE_URL, value, offset);
}

/* "golang-1.19 (= 1.19.8-2), rustc (= 1.63.0)": a claim per name */
static void on_built_using(struct reader *r, struct slice value, uint64_t offset)
{
	struct slice rest = value, piece, name;

	while (slice_split(&rest, ',', &piece)) {
		struct slice words = piece;
		if (field_word(&words, &name))
			sink_text(r->x->out, ATTR_PACKAGE_BUILT_USING, name,
			          offset + field_at(value, name));
	}
}

/* "want flag state": only the last word says what is there */
static void on_status(struct reader *r, struct slice value, uint64_t offset)
{
	static const struct {
		const char *word;
		enum state state;
	} words[] = {
		{"installed", STATE_INSTALLED},
		{"config-files", STATE_RESIDUE},
		{"half-installed", STATE_INSTALLED},
		{"unpacked", STATE_INSTALLED},
		{"half-configured", STATE_INSTALLED},
		{"triggers-awaited", STATE_INSTALLED},
		{"triggers-pending", STATE_INSTALLED},
	};
	struct slice word = {0};

	(void)offset;
	while (field_word(&value, &word))
		continue;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (slice_eq(word, slice_str(words[i].word))) {
			r->has_status = true;
			r->state = words[i].state;
		}
	}
}

static const struct field fields[] = {
	{"Package", on_name},
	{"Version", on_version},
	{"Source", on_source},
	{"Status", on_status},
	{"Vendor", on_vendor},
	{"Origin", on_vendor},
	{"Maintainer", on_maintainer},
	{"Original-Maintainer", on_maintainer},
	{"XSBC-Original-Maintainer", on_maintainer},
	{"Homepage", on_homepage},
	{"Built-Using", on_built_using},
	{"Static-Built-Using", on_built_using},
	{"X-Cargo-Built-Using", on_built_using},
};

static const struct field *field_named(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (slice_eq_nocase(name, slice_str(fields[i].name)))
			return &fields[i];
	}
	return NULL;
}

static void stanza_start(struct reader *r)
{
	r->open = true;
	r->named = r->has_source = r->has_status = false;
	r->state = STATE_INSTALLED;
	r->field = NULL;
	r->stanzas++;
	sink_record(r->x->out, &(struct record){
		.scope = SCOPE_PACKAGE,
		.kind = ARTICLE_SOFTWARE,
		.state = STATE_INSTALLED,
		.ecosystem = "deb",
	});
}

static void stanza_end(struct reader *r)
{
	enum state most = pkgdb_state(r->x->item, r->home);

	if (!r->open)
		return;
	r->open = false;
	if (!r->named || (!r->has_status && !r->part)) {
		sink_drop(r->x->out);
		return;
	}
	if (!r->has_source)
		sink_text(r->x->out, ATTR_PACKAGE_SOURCE, r->name, r->name_at);
	sink_state(r->x->out, r->state < most ? r->state : most);
}

static int take_line(struct reader *r, const struct deb822_line *line)
{
	if (line->kind == DEB822_BLANK) {
		stanza_end(r);
		return 0;
	}
	if (!r->open) {
		if (r->stanzas == STANZAS_MAX)
			return -E2BIG;
		stanza_start(r);
	}
	if (line->kind == DEB822_FIELD)
		r->field = field_named(line->name);
	if (r->field && line->value.n > 0)
		r->field->line(r, line->value, line->offset);
	return 0;
}

/* Is this file a database, a part of one, or not to be read at all? */
static bool place(struct reader *r)
{
	struct slice path = r->x->item->path, root;

	if (pkgdb_root(path, "var/lib/dpkg/status.d/*", &root)) {
		r->home = r->part = true;
		return !slice_ends(path, SLICE(".md5sums"));
	}
	r->home = pkgdb_root(path, "var/lib/dpkg/status", &root);
	/* dpkg's and cron's backups of the database speak of the past. */
	return !pkgdb_root(path, "var/lib/dpkg/status-old", &root) &&
	       !pkgdb_root(path, "var/backups/*", &root);
}

static int run(struct extraction *x)
{
	struct reader r = {.x = x};
	struct deb822_line line;
	struct deb822 d;

	if (!place(&r))
		return 0;
	int e = deb822_init(&d, x->in, x->mem);
	if (e < 0)
		return e;
	while ((e = deb822_next(&d, &line)) > 0) {
		e = take_line(&r, &line);
		if (e < 0)
			break;
	}
	stanza_end(&r);
	if (d.lines.cut > 0 && r.home)
		sink_unread(x->out, WHY_TOO_LARGE, (struct slice){0});
	if (e < 0)
		return e;
	return r.home && d.odd > 0 ? -EBADMSG : 0;
}

const struct extractor extract_dpkg = {
	.name = "dpkg",
	.version = 2,
	.probes = {
		{.path = "var/lib/dpkg/status"},
		{.path = "var/lib/dpkg/status.d/*"},
		{MAGIC("Package: ")},
	},
	.run = run,
};
