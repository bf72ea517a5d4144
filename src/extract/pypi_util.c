/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/pypi_util.h"

#include "extract/code_util.h"

enum { FIELDS_MAX = 2048 };

enum use { USE_NAME, USE_VERSION, USE_PEOPLE, USE_URL, USE_LABELLED_URL };

static const struct {
	struct slice key;
	enum use use;
} fields[] = {
	{SLICE("Name"), USE_NAME},
	{SLICE("Version"), USE_VERSION},
	{SLICE("Author"), USE_PEOPLE},
	{SLICE("Author-email"), USE_PEOPLE},
	{SLICE("Maintainer"), USE_PEOPLE},
	{SLICE("Maintainer-email"), USE_PEOPLE},
	{SLICE("Home-page"), USE_URL},
	{SLICE("Download-URL"), USE_URL},
	{SLICE("Project-URL"), USE_LABELLED_URL},
};

/* "Homepage, https://..." without the label. */
static void drop_label(struct code_text *t)
{
	size_t comma = slice_find_byte(t->value, ',');

	if (comma == t->value.n)
		return;
	struct slice url = slice_trim(slice_from(t->value, comma + 1));
	t->offset += (size_t)(url.p - t->value.p);
	t->value = url;
	t->length = url.n;
}

static void use_field(struct sink *out, enum use use, struct code_text *t)
{
	switch (use) {
	case USE_NAME:
		sink_name(out, t->value);
		code_claim(out, ATTR_PYPI_NAME, t);
		break;
	case USE_VERSION:
		sink_version(out, t->value);
		break;
	case USE_PEOPLE:
		code_claim_people(out, ATTR_PYPI_AUTHOR, t);
		break;
	case USE_LABELLED_URL:
		drop_label(t);
		code_claim(out, ATTR_PYPI_URL, t);
		break;
	case USE_URL:
		code_claim(out, ATTR_PYPI_URL, t);
		break;
	}
}

/* Uses one line; true when it was a Name field. */
static bool use_line(struct sink *out, struct code_text *t)
{
	struct slice line = t->value;
	size_t colon = slice_find_byte(line, ':');
	struct slice key = slice_first(line, colon);
	struct slice value = slice_trim(slice_from(line, colon + 1));

	if (value.n == 0 || slice_eq(value, SLICE("UNKNOWN")))
		return false;
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (!slice_eq_nocase(key, fields[i].key))
			continue;
		t->offset += (size_t)(value.p - line.p);
		t->value = value;
		t->length = value.n;
		use_field(out, fields[i].use, t);
		return fields[i].use == USE_NAME;
	}
	return false;
}

bool pypi_fields(struct sink *out, struct slice text, struct slice member)
{
	struct slice rest = text, line;
	bool named = false;

	for (unsigned i = 0; i < FIELDS_MAX && slice_line(&rest, &line); i++) {
		if (line.n == 0)
			break; /* the description follows */
		struct code_text t = {
			.value = line,
			.member = member,
			.offset = (size_t)(line.p - text.p),
		};
		if (line.p[0] != ' ' && line.p[0] != '\t')
			named |= use_line(out, &t);
	}
	return named;
}
