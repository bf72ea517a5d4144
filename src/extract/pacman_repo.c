/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pacman's repositories: "Server = URL" lines of pacman.conf and of the mirror
 * lists that it includes. "$repo" and "$arch" stand in paths, not in hosts.
 */
#include "extract/field_util.h"
#include "extract/repo_util.h"

static int take_line(void *ctx, struct slice line, uint64_t offset)
{
	struct slice key, value;

	if (!field_pair(line, '=', &key, &value) ||
	    !(slice_eq(key, SLICE("Server")) ||
	      slice_eq(key, SLICE("CacheServer"))))
		return 0;
	return repo_words(ctx, value, offset + field_at(line, value));
}

static int run(struct extraction *x)
{
	struct repo_hosts hosts = {.x = x};

	return repo_lines(x, &(struct repo_text){take_line, &hosts});
}

const struct extractor extract_pacman_repo = {
	.name = "pacman_repo",
	.version = 1,
	.probes = {
		{.path = "etc/pacman.conf"},
		{.path = "etc/pacman.d/*"},
	},
	.run = run,
};
