/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/rpm_util.h"

#include <errno.h>

#include "base/cursor.h"
#include "extract/pkgdb_util.h"

enum {
	ENTRIES_MAX = 65535,
	ENTRY_BYTES = 16,
	INTRO_BYTES = 8,
	FILES_MAX = 4000000,
};

enum value_type { TYPE_INT32 = 4, TYPE_STRING = 6, TYPE_STRINGS = 8, TYPE_I18N = 9 };

/* The tags that are read; FIELD_... indexes both tables below. */
enum field {
	FIELD_NAME,
	FIELD_VERSION,
	FIELD_RELEASE,
	FIELD_EPOCH,
	FIELD_VENDOR,
	FIELD_PACKAGER,
	FIELD_URL,
	FIELD_SOURCE,
	FIELD_DIRINDEXES,
	FIELD_BASENAMES,
	FIELD_DIRNAMES,
	FIELD_COUNT
};

static const uint32_t tags[FIELD_COUNT] = {
	[FIELD_NAME] = 1000,        [FIELD_VERSION] = 1001,
	[FIELD_RELEASE] = 1002,     [FIELD_EPOCH] = 1003,
	[FIELD_VENDOR] = 1011,      [FIELD_PACKAGER] = 1015,
	[FIELD_URL] = 1020,         [FIELD_SOURCE] = 1044,
	[FIELD_DIRINDEXES] = 1116,  [FIELD_BASENAMES] = 1117,
	[FIELD_DIRNAMES] = 1118,
};

struct entry {
	uint32_t type, offset, count; /* type 0: the header has no such tag */
};

struct header {
	struct rpm_db *db;
	const struct rpm_blob *blob;
	struct slice store;
	size_t store_at; /* in the blob */
	struct entry entries[FIELD_COUNT];
};

static void note_entry(struct header *h, uint32_t tag, const struct entry *entry)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (tags[i] == tag && h->entries[i].type == 0)
			h->entries[i] = *entry;
	}
}

/* Reads the index; false when the header is broken. */
static bool header_open(struct header *h)
{
	struct cursor c = cursor_on(h->blob->bytes);
	uint32_t n = cursor_u32be(&c);
	uint32_t store_bytes = cursor_u32be(&c);

	if (cursor_failed(&c) || n > ENTRIES_MAX)
		return false;
	for (uint32_t i = 0; i < n && !cursor_failed(&c); i++) {
		uint32_t tag = cursor_u32be(&c);
		struct entry entry = {.type = cursor_u32be(&c)};
		entry.offset = cursor_u32be(&c);
		entry.count = cursor_u32be(&c);
		note_entry(h, tag, &entry);
	}
	h->store_at = INTRO_BYTES + (size_t)n * ENTRY_BYTES;
	h->store = cursor_take(&c, store_bytes);
	return !cursor_failed(&c);
}

static bool is_text(const struct entry *e)
{
	return e->count > 0 && (e->type == TYPE_STRING ||
	                        e->type == TYPE_STRINGS || e->type == TYPE_I18N);
}

/* The first string of a field, or an empty slice. */
static struct slice text_of(const struct header *h, enum field field)
{
	struct cursor c = cursor_on(h->store);

	if (!is_text(&h->entries[field]))
		return (struct slice){0};
	cursor_seek(&c, h->entries[field].offset);
	return cursor_cstr(&c);
}

/* A part of the store as evidence. */
static struct claim located(const struct header *h, struct slice value)
{
	return (struct claim){
		.value = value,
		.member = h->blob->member,
		.offset = h->blob->at + h->store_at +
		          (value.n ? (size_t)(value.p - h->store.p) : 0),
		.length = value.n,
	};
}

static void claim_text(const struct header *h, enum attr attr,
                       struct slice value)
{
	struct claim claim = located(h, value);

	claim.attr = attr;
	sink_claim(h->db->x->out, &claim);
}

/* "name-version-release.src.rpm": what is before the last two dashes */
static struct slice source_name(struct slice file)
{
	for (int dashes = 0; dashes < 2; dashes++) {
		const uint8_t *dash = file.n ? memrchr(file.p, '-', file.n) : NULL;
		if (!dash)
			return (struct slice){0};
		file = slice_first(file, (size_t)(dash - file.p));
	}
	return file;
}

/* "[epoch:]version-release", in db->mem. */
static struct slice full_version(const struct header *h)
{
	struct slice version = text_of(h, FIELD_VERSION);
	struct slice release = text_of(h, FIELD_RELEASE);
	const struct entry *e = &h->entries[FIELD_EPOCH];
	struct cursor c = cursor_on(h->store);

	version = slice_first(version, RECORD_NAME_MAX);
	release = slice_first(release, RECORD_NAME_MAX);
	cursor_seek(&c, e->offset);
	uint32_t epoch = cursor_u32be(&c);
	bool has_epoch = e->type == TYPE_INT32 && e->count > 0 &&
	                 !cursor_failed(&c) && epoch > 0;
	char *text = has_epoch
		? arena_printf(&h->db->mem, "%u:%.*s-%.*s", epoch,
		               SLICE_ARG(version), SLICE_ARG(release))
		: arena_printf(&h->db->mem, "%.*s-%.*s", SLICE_ARG(version),
		               SLICE_ARG(release));
	return slice_str(text);
}

/* The folder names, `n` of them, in db->mem; NULL when they are broken. */
static struct slice *folder_names(struct header *h, size_t *ret_n)
{
	const struct entry *e = &h->entries[FIELD_DIRNAMES];
	struct cursor c = cursor_on(h->store);

	cursor_seek(&c, e->offset);
	if (!is_text(e) || e->count > cursor_left(&c))
		return NULL;
	struct slice *names = arena_zalloc(&h->db->mem, e->count, sizeof(*names));
	if (!names)
		return NULL;
	for (uint32_t i = 0; i < e->count; i++)
		names[i] = cursor_cstr(&c);
	*ret_n = e->count;
	return cursor_failed(&c) ? NULL : names;
}

/* A path is a base name and the number of its folder. */
static bool take_paths(struct header *h, struct owned *owned)
{
	const struct entry *bases = &h->entries[FIELD_BASENAMES];
	const struct entry *indexes = &h->entries[FIELD_DIRINDEXES];
	struct cursor base = cursor_on(h->store), index = cursor_on(h->store);
	size_t n_folders = 0;

	if (bases->type == 0)
		return true;
	struct slice *folders = folder_names(h, &n_folders);
	if (!folders || !is_text(bases) || indexes->type != TYPE_INT32 ||
	    indexes->count < bases->count || bases->count > FILES_MAX)
		return false;
	cursor_seek(&base, bases->offset);
	cursor_seek(&index, indexes->offset);
	for (uint32_t i = 0; i < bases->count; i++) {
		struct slice name = cursor_cstr(&base);
		uint32_t folder = cursor_u32be(&index);
		if (cursor_failed(&base) || cursor_failed(&index) ||
		    folder >= n_folders)
			return false;
		struct claim where = located(h, name);
		owned_path(owned, folders[folder], name, &where);
	}
	return true;
}

/* A key that rpm trusts is stored as a package without files; its packager is
 * the key's user id. */
static void take_key(struct header *h)
{
	struct slice user = text_of(h, FIELD_PACKAGER);

	sink_record(h->db->x->out, &(struct record){
		.scope = SCOPE_SETUP,
		.kind = ARTICLE_SOFTWARE,
		.state = STATE_REFERENCED,
		.name = user,
	});
	claim_text(h, ATTR_REPO_KEY, user);
}

static bool take_package(struct header *h, struct slice name)
{
	struct owned owned = {.x = h->db->x, .root = h->db->root};

	owned.head = (struct record){
		.scope = SCOPE_PACKAGE,
		.kind = ARTICLE_SOFTWARE,
		.state = h->db->state,
		.ecosystem = "rpm",
		.name = name,
		.version = full_version(h),
	};
	sink_record(h->db->x->out, &owned.head);
	claim_text(h, ATTR_PACKAGE_NAME, name);
	claim_text(h, ATTR_PACKAGE_SOURCE, source_name(text_of(h, FIELD_SOURCE)));
	claim_text(h, ATTR_PACKAGE_VENDOR, text_of(h, FIELD_VENDOR));
	claim_text(h, ATTR_PACKAGE_MAINTAINER, text_of(h, FIELD_PACKAGER));
	claim_text(h, ATTR_PACKAGE_URL, text_of(h, FIELD_URL));
	bool whole = take_paths(h, &owned);
	if (owned.too_long)
		sink_unread(h->db->x->out, WHY_TOO_LARGE, h->blob->member);
	return whole;
}

int rpm_unread(struct rpm_db *db, enum why why, struct slice member)
{
	if (db->damaged++ == RPM_DAMAGED_MAX)
		return -EBADMSG;
	sink_unread(db->x->out, why, member);
	return 0;
}

int rpm_take_header(struct rpm_db *db, const struct rpm_blob *blob)
{
	struct header h = {.db = db, .blob = blob};

	if (db->packages++ == RPM_PACKAGES_MAX)
		return -E2BIG;
	bool whole = header_open(&h);
	struct slice name = whole ? text_of(&h, FIELD_NAME) : (struct slice){0};
	if (name.n == 0)
		whole = false;
	else if (slice_eq(name, SLICE("gpg-pubkey")))
		take_key(&h);
	else
		whole = take_package(&h, name);
	return whole ? 0 : rpm_unread(db, WHY_DAMAGED, blob->member);
}

struct slice rpm_member(struct rpm_db *db, uint64_t number)
{
	return slice_str(arena_printf(&db->mem, "Packages/%llu",
	                              (unsigned long long)number));
}
