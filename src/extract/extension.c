/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Browser extensions: Chromium's unpacked ones by the id in their path,
 * Firefox's list of add-ons and its .xpi files, policies that make a browser
 * fetch extensions, and the native programs that extensions may talk to.
 */
#include "extract/code_util.h"
#include "extract/zip_util.h"

#include <errno.h>

enum {
	JSON_BYTES_MAX = 16 * 1024 * 1024,
	MANIFEST_MEMBER_MAX = 1024 * 1024, /* manifest.json in an .xpi */
	ADDONS_MAX = 4096,
	DEVELOPERS_MAX = 16,
	ID_LENGTH = 32                     /* Chromium: 32 letters a to p */
};

static void start_record(struct extraction *x, enum state state)
{
	sink_record(x->out, &(struct record){.scope = SCOPE_ITEM,
	                                     .kind = ARTICLE_SOFTWARE,
	                                     .state = state});
}

static int get_json(struct extraction *x, struct json *ret)
{
	struct slice text;

	int r = input_get_all(x->in, JSON_BYTES_MAX, x->mem, &text);
	return r < 0 ? r : json_root(text, ret);
}

/* Names a record after its id, or after its title when it has one. A title
 * "__MSG_key__" stands for a text in another file. */
static void claim_title(struct extraction *x, struct json title,
                        struct slice member)
{
	struct code_text text = code_json(title, x->mem);

	if (text.value.n == 0 || slice_starts(text.value, SLICE("__MSG_")))
		return;
	text.member = member;
	sink_name(x->out, text.value);
	code_claim(x->out, ATTR_EXTENSION_NAME, &text);
}

static void claim_string(struct extraction *x, enum attr attr, struct json v,
                         struct slice member)
{
	struct code_text text = code_json(v, x->mem);

	text.member = member;
	code_claim(x->out, attr, &text);
}

/* The fields of a manifest.json, which all browsers share. */
static void claim_manifest(struct extraction *x, struct json root,
                           struct slice member)
{
	struct json author = json_get(root, "author");
	struct json developer = json_get(root, "developer");
	struct json gecko = json_get(
		json_get(root, "browser_specific_settings"), "gecko");

	if (gecko.kind == JSON_NONE)
		gecko = json_get(json_get(root, "applications"), "gecko");
	claim_string(x, ATTR_EXTENSION_ID, json_get(gecko, "id"), member);
	claim_title(x, json_get(root, "name"), member);
	sink_version(x->out, json_text(json_get(root, "version"), x->mem));
	claim_string(x, ATTR_EXTENSION_AUTHOR, author, member);
	claim_string(x, ATTR_EXTENSION_AUTHOR, json_get(author, "email"), member);
	claim_string(x, ATTR_EXTENSION_AUTHOR, json_get(developer, "name"),
	             member);
}

/* --- Chromium --- */

static bool is_id(struct slice s)
{
	if (s.n != ID_LENGTH)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'a' || s.p[i] > 'p')
			return false;
	return true;
}

static void claim_id(struct extraction *x, struct slice id)
{
	sink_name(x->out, id);
	sink_claim(x->out,
	           &(struct claim){.attr = ATTR_EXTENSION_ID, .value = id});
}

/* ".../Extensions/<id>/<version>/manifest.json" */
static int read_unpacked(struct extraction *x)
{
	struct slice folder = slice_dirname(slice_dirname(x->item->path));
	struct slice id = slice_basename(folder);
	struct json root;

	if (!is_id(id))
		return 0;
	start_record(x, STATE_INSTALLED);
	claim_id(x, id);
	int r = get_json(x, &root);
	if (r == 0)
		claim_manifest(x, root, (struct slice){0});
	return r;
}

/* ".../extensions/<id>.json": makes the browser fetch the extension. */
static int read_external(struct extraction *x)
{
	struct slice name = slice_basename(x->item->path);
	struct slice id = slice_first(name, slice_find_byte(name, '.'));

	if (!is_id(id))
		return 0;
	start_record(x, STATE_REFERENCED);
	claim_id(x, id);
	return 0;
}

static void claim_policy_id(struct extraction *x, struct json entry)
{
	struct code_text text = code_json(entry, x->mem);

	text.value = slice_first(text.value, slice_find_byte(text.value, ';'));
	text.length = text.value.n;
	if (!is_id(text.value))
		return;
	start_record(x, STATE_REFERENCED);
	sink_name(x->out, text.value);
	code_claim(x->out, ATTR_EXTENSION_ID, &text);
}

/* A policy that forbids an extension speaks against it, not for it. */
static bool is_wanted(struct json settings)
{
	struct json mode = json_get(settings, "installation_mode");

	return json_is(mode, SLICE("force_installed")) ||
	       json_is(mode, SLICE("normal_installed")) ||
	       json_is(mode, SLICE("allowed"));
}

static int read_policy(struct extraction *x)
{
	static const char *const lists[] = {"ExtensionInstallForcelist",
	                                    "ExtensionInstallAllowlist"};
	struct json root, key, value;

	int r = get_json(x, &root);
	if (r < 0)
		return r;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct json list = json_get(root, lists[i]);
		struct json_iter it = json_members(list);
		for (unsigned n = 0; n < ADDONS_MAX; n++) {
			if (!json_next(&it, &key, &value))
				break;
			claim_policy_id(x, value);
		}
	}
	struct json_iter it = json_members(json_get(root, "ExtensionSettings"));
	for (unsigned n = 0; n < ADDONS_MAX && json_next(&it, &key, &value); n++)
		if (is_wanted(value))
			claim_policy_id(x, key);
	return 0;
}

/* --- Firefox --- */

static void claim_addon(struct extraction *x, struct json addon)
{
	struct json locale = json_get(addon, "defaultLocale");
	struct json id = json_get(addon, "id");
	struct json key, developer;

	start_record(x, STATE_INSTALLED);
	sink_name(x->out, json_text(id, x->mem));
	sink_version(x->out, json_text(json_get(addon, "version"), x->mem));
	code_claim_json(x, ATTR_EXTENSION_ID, id);
	claim_title(x, json_get(locale, "name"), (struct slice){0});
	code_claim_json(x, ATTR_EXTENSION_AUTHOR, json_get(locale, "creator"));
	struct json_iter it = json_members(json_get(locale, "developers"));
	for (unsigned i = 0; i < DEVELOPERS_MAX; i++) {
		if (!json_next(&it, &key, &developer))
			break;
		code_claim_json(x, ATTR_EXTENSION_AUTHOR, developer);
	}
}

static int read_addons(struct extraction *x)
{
	struct json root, key, addon;

	int r = get_json(x, &root);
	if (r < 0)
		return r;
	struct json_iter it = json_members(json_get(root, "addons"));
	for (unsigned i = 0; json_next(&it, &key, &addon); i++) {
		if (i == ADDONS_MAX)
			return -E2BIG;
		claim_addon(x, addon);
	}
	return 0;
}

static int find_member(struct zip *z, struct slice name, struct zip_member *ret)
{
	int r;

	while ((r = zip_next(z, ret)) > 0)
		if (slice_eq(ret->name, name))
			return 1;
	return r;
}

static int read_packed_manifest(struct extraction *x)
{
	struct zip zip;
	struct zip_member m;
	struct slice text;
	struct json root;

	int r = zip_open(&zip, x->in, x->mem);
	if (r < 0)
		return r == -ENOENT ? -EBADMSG : r;
	r = find_member(&zip, SLICE("manifest.json"), &m);
	if (r <= 0)
		return r;
	r = zip_read(&zip, &m, MANIFEST_MEMBER_MAX, x->mem, &text);
	if (r == 0)
		r = json_root(text, &root);
	if (r == 0)
		claim_manifest(x, root, m.name);
	return r;
}

/* "extensions/<id>.xpi": Firefox names the file after the id; one that lies
 * elsewhere is at rest and its name says nothing. */
static int read_xpi(struct extraction *x)
{
	struct slice path = x->item->path, name = slice_basename(path);
	struct slice folder = slice_basename(slice_dirname(path));
	bool in_place = slice_eq(folder, SLICE("extensions")) ||
	                slice_starts(folder, SLICE("{ec8030f7-"));

	start_record(x, in_place ? STATE_INSTALLED : STATE_STORED);
	if (in_place)
		claim_id(x, slice_first(name, name.n - sizeof(".xpi") + 1));
	return read_packed_manifest(x);
}

/* --- native messaging hosts --- */

static int read_host(struct extraction *x)
{
	struct json root;

	int r = get_json(x, &root);
	if (r < 0)
		return r;
	struct json name = json_get(root, "name");
	if (name.kind != JSON_STRING)
		return 0;
	start_record(x, STATE_INSTALLED);
	sink_name(x->out, json_text(name, x->mem));
	code_claim_json(x, ATTR_EXTENSION_NAME, name);
	code_claim_json(x, ATTR_EXTENSION_HOST, json_get(root, "path"));
	return 0;
}

static int extension_run(struct extraction *x)
{
	struct slice path = x->item->path, name = slice_basename(path);
	struct slice folder = slice_basename(slice_dirname(path));

	if (slice_eq(name, SLICE("manifest.json")))
		return read_unpacked(x);
	if (slice_eq(name, SLICE("extensions.json")))
		return read_addons(x);
	if (slice_ends(name, SLICE(".xpi")))
		return read_xpi(x);
	if (slice_eq_nocase(folder, SLICE("NativeMessagingHosts")) ||
	    slice_eq(folder, SLICE("native-messaging-hosts")))
		return read_host(x);
	if (slice_eq(folder, SLICE("extensions")))
		return read_external(x);
	return read_policy(x);
}

const struct extractor extract_extension = {
	.name = "extension",
	.version = 1,
	.probes = {{.path = "Extensions/*/*/manifest.json"},
	           {.path = "extensions/*.json"},
	           {.path = "policies/managed/*.json"},
	           {.path = "policies/recommended/*.json"},
	           {.path = "extensions.json"},
	           {MAGIC("PK\3\4"), .path = "*.xpi"},
	           {.path = "NativeMessagingHosts/*.json"},
	           {.path = "native-messaging-hosts/*.json"}},
	.run = extension_run,
};
