/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups. An account stays behind when its software is gone, so it
 * is residue and no more. Password files (shadow, gshadow) are never read.
 */
#include "extract/setup_util.h"

enum { FIELDS_MAX = 7, GECOS = 4, HOME = 5 };

static void claim_field(struct extraction *x, enum attr attr, struct slice line,
                        struct slice value, uint64_t offset)
{
	sink_text(x->out, attr, value, offset + (size_t)(value.p - line.p));
}

/* Splits at colons; an empty field stays one. Returns the number of fields. */
static size_t split(struct slice line, struct slice fields[FIELDS_MAX])
{
	size_t n = 0;
	struct slice rest = line;

	while (n < FIELDS_MAX) {
		size_t colon = slice_find_byte(rest, ':');
		fields[n++] = slice_first(rest, colon);
		if (colon == rest.n)
			break;
		rest = slice_from(rest, colon + 1);
	}
	return n;
}

/* "+name" and "-name" ask a name service and are no accounts. */
static bool is_entry(struct slice name)
{
	return name.n > 0 && !memchr("+-#", name.p[0], 3);
}

static void user_line(void *ctx, struct slice line, uint64_t offset)
{
	struct extraction *x = ctx;
	struct slice fields[FIELDS_MAX];

	if (split(line, fields) < FIELDS_MAX || !is_entry(fields[0]))
		return;
	setup_record(x, fields[0], STATE_RESIDUE);
	claim_field(x, ATTR_USER_NAME, line, fields[0], offset);
	claim_field(x, ATTR_USER_GECOS, line, fields[GECOS], offset);
	claim_field(x, ATTR_USER_HOME, line, fields[HOME], offset);
}

static void group_line(void *ctx, struct slice line, uint64_t offset)
{
	struct extraction *x = ctx;
	struct slice fields[FIELDS_MAX];

	if (split(line, fields) < 3 || !is_entry(fields[0]))
		return;
	setup_record(x, fields[0], STATE_RESIDUE);
	claim_field(x, ATTR_GROUP_NAME, line, fields[0], offset);
}

static int accounts_run(struct extraction *x)
{
	bool users = slice_ends(x->item->path, SLICE("passwd"));

	return setup_lines(x, x, users ? user_line : group_line);
}

const struct extractor extract_accounts = {
	.name = "accounts",
	.version = 1,
	.probes = {{.path = "etc/passwd"},
	           {.path = "etc/group"},
	           {.path = "usr/lib/passwd"},
	           {.path = "usr/lib/group"}},
	.run = accounts_run,
};
