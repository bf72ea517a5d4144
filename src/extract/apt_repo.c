/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apt's repositories: one-line lists ("deb [options] URI suite component...")
 * and .sources files (stanzas with URIs).
 */
#include "extract/deb822_util.h"
#include "extract/field_util.h"
#include "extract/repo_util.h"

/* Leaves out "[arch=amd64 signed-by=/a b.gpg]" in front of the URI. */
static struct slice without_options(struct slice rest)
{
	struct slice trimmed = slice_trim(rest);

	if (!slice_starts(trimmed, SLICE("[")))
		return trimmed;
	return slice_from(trimmed, slice_find_byte(trimmed, ']') + 1);
}

static int take_line(void *ctx, struct slice line, uint64_t offset)
{
	struct slice rest = line, type, uri;

	if (!field_word(&rest, &type) ||
	    (!slice_eq(type, SLICE("deb")) && !slice_eq(type, SLICE("deb-src"))))
		return 0;
	rest = without_options(rest);
	if (!field_word(&rest, &uri))
		return 0;
	return repo_host(ctx, uri, offset + field_at(line, uri));
}

static int read_sources(struct repo_hosts *hosts)
{
	struct deb822_line line;
	struct deb822 d;
	bool in_uris = false;

	int r = deb822_init(&d, hosts->x->in, hosts->x->mem);
	while (r >= 0 && (r = deb822_next(&d, &line)) > 0) {
		if (line.kind == DEB822_BLANK)
			in_uris = false;
		if (line.kind == DEB822_FIELD)
			in_uris = slice_eq_nocase(line.name, SLICE("URIs"));
		if (in_uris)
			r = repo_words(hosts, line.value, line.offset);
	}
	return r;
}

static int run(struct extraction *x)
{
	struct repo_hosts hosts = {.x = x};

	if (slice_ends(x->item->path, SLICE(".sources")))
		return read_sources(&hosts);
	return repo_lines(x, &(struct repo_text){take_line, &hosts});
}

const struct extractor extract_apt_repo = {
	.name = "apt_repo",
	.version = 1,
	.probes = {
		{.path = "etc/apt/sources.list"},
		{.path = "etc/apt/sources.list.d/*.list"},
		{.path = "etc/apt/sources.list.d/*.sources"},
	},
	.run = run,
};
