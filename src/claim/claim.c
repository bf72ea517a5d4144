/* SPDX-License-Identifier: Apache-2.0 */
#include "claim/claim.h"

static const struct {
	const char *name, *words;
} attrs[ATTR_COUNT] = {
#define ATTR(symbol, name, words) [ATTR_##symbol] = {name, words},
#include "claim/attr.def"
#undef ATTR
}, whys[WHY_COUNT] = {
	[WHY_NONE] = {"", ""},
#define WHY(symbol, name, words) [WHY_##symbol] = {name, words},
#include "claim/why.def"
#undef WHY
};

static const char *const kinds[] = {
	[ARTICLE_SOFTWARE] = "software",
	[ARTICLE_HARDWARE] = "hardware",
	[ARTICLE_SERVICE] = "service",
};

static const char *const states[] = {
	[STATE_CONNECTED] = "connected", [STATE_REFERENCED] = "referenced",
	[STATE_RESIDUE] = "residue",     [STATE_STORED] = "stored",
	[STATE_INSTALLED] = "installed",
};

static const char *const bases[] = {
	[BASIS_FORMER] = "former",       [BASIS_FAMILY] = "family",
	[BASIS_IN_PART] = "in-part",     [BASIS_PROVIDED] = "provided",
	[BASIS_DEVELOPED] = "developed",
};

static const char *const strengths[] = {
	[STRENGTH_WEAK] = "weak",
	[STRENGTH_STRONG] = "strong",
	[STRENGTH_PROVEN] = "proven",
};

static const char *const ecosystems[] = {
	"", "deb", "rpm", "apk", "alpm", "snap", "flatpak", "npm", "pypi", "maven",
};

const char *ecosystem_by_name(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(ecosystems); i++)
		if (slice_eq(name, slice_str(ecosystems[i])))
			return ecosystems[i];
	return NULL;
}

static int find(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

const char *attr_name(enum attr attr)
{
	return attrs[attr].name;
}

const char *attr_words(enum attr attr)
{
	return attrs[attr].words;
}

int attr_by_name(const char *name)
{
	for (int i = 0; i < ATTR_COUNT; i++)
		if (strcmp(attrs[i].name, name) == 0)
			return i;
	return -1;
}

bool attr_of_inventory(enum attr attr)
{
	switch (attr) {
	case ATTR_PACKAGE_OWNER:
	case ATTR_ITEM_PATH:
	case ATTR_PATH_LIST:
	case ATTR_PART_MARKER:
	case ATTR_SEARCH_MARKER:
		return true;
	default:
		return false;
	}
}

const char *why_name(enum why why)
{
	return whys[why].name;
}

const char *why_words(enum why why)
{
	return whys[why].words;
}

const char *kind_name(enum article_kind kind)
{
	return kinds[kind];
}

const char *state_name(enum state state)
{
	return states[state];
}

const char *basis_name(enum basis basis)
{
	return bases[basis];
}

const char *strength_name(enum strength strength)
{
	return strengths[strength];
}

int kind_by_name(const char *name)
{
	return find(kinds, ARTICLE_KIND_COUNT, name);
}

int state_by_name(const char *name)
{
	return find(states, STATE_COUNT, name);
}

int basis_by_name(const char *name)
{
	return find(bases, BASIS_COUNT, name);
}

int strength_by_name(const char *name)
{
	return find(strengths, STRENGTH_COUNT, name);
}

struct slice record_maker(const struct record *r)
{
	for (size_t i = 0; i < r->n_claims; i++) {
		const struct claim *c = &r->claims[i];
		if ((c->attr == ATTR_PE_COMPANY ||
		     c->attr == ATTR_DOTNET_COMPANY) &&
		    slice_trim(c->value).n > 0)
			return c->value;
	}
	return r->maker;
}

enum state state_of_path(struct slice path, bool in_root)
{
	static const struct slice places[] = {
		{(const uint8_t *)"/usr/", 5},  {(const uint8_t *)"/opt/", 5},
		{(const uint8_t *)"/bin/", 5},  {(const uint8_t *)"/sbin/", 6},
		{(const uint8_t *)"/lib/", 5},  {(const uint8_t *)"/lib32/", 7},
		{(const uint8_t *)"/lib64/", 7}, {(const uint8_t *)"/libx32/", 8},
		{(const uint8_t *)"/snap/", 6}, {(const uint8_t *)"/boot/", 6},
		{(const uint8_t *)"/etc/", 5},
		{(const uint8_t *)"/var/lib/flatpak/", 17},
	};

	for (size_t i = 0; in_root && i < COUNT_OF(places); i++)
		if (slice_starts(path, places[i]))
			return STATE_INSTALLED;
	return STATE_STORED;
}
