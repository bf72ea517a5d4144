/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repositories of yum, dnf and zypper: sections of "key=value" lines, in which
 * a value goes on in lines that start with white space. A repository that is
 * switched off is one that is set up.
 */
#include "extract/field_util.h"
#include "extract/repo_util.h"

static const char *const keys[] = {"baseurl", "mirrorlist", "metalink", "gpgkey"};

static bool is_url_key(struct slice key)
{
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		if (slice_eq_nocase(key, slice_str(keys[i])))
			return true;
	}
	return false;
}

/* A line that goes on with URLs has no "key=" in front: its first word has
 * "://" before any "=". */
static bool goes_on(struct slice line)
{
	size_t scheme = slice_find(line, SLICE("://"));

	return scheme != SIZE_MAX && scheme < slice_find_byte(line, '=');
}

static int take_line(void *ctx, struct slice line, uint64_t offset)
{
	struct slice key, value;

	if (goes_on(line))
		return repo_words(ctx, line, offset);
	if (!field_pair(line, '=', &key, &value) || !is_url_key(key))
		return 0;
	return repo_words(ctx, value, offset + field_at(line, value));
}

static int run(struct extraction *x)
{
	struct repo_hosts hosts = {.x = x};

	return repo_lines(x, &(struct repo_text){take_line, &hosts});
}

const struct extractor extract_rpm_repo = {
	.name = "rpm_repo",
	.version = 1,
	.probes = {
		{.path = "etc/yum.repos.d/*.repo"},
		{.path = "etc/zypp/repos.d/*.repo"},
		{.path = "etc/yum.conf"},
		{.path = "etc/dnf/dnf.conf"},
	},
	.run = run,
};
