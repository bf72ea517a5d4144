/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alpine's repositories, etc/apk/repositories: a URL a line, with a tag
 * ("@edge URL") in front when packages must ask for it.
 */
#include "extract/repo_util.h"

static int take_line(void *ctx, struct slice line, uint64_t offset)
{
	return repo_words(ctx, line, offset);
}

static int run(struct extraction *x)
{
	struct repo_hosts hosts = {.x = x};

	return repo_lines(x, &(struct repo_text){take_line, &hosts});
}

const struct extractor extract_apk_repo = {
	.name = "apk_repo",
	.version = 1,
	.probes = {
		{.path = "etc/apk/repositories"},
		{.path = "etc/apk/repositories.d/*"},
	},
	.run = run,
};
