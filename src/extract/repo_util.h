/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the readers of package repositories' definitions share: a repository is
 * known by its host. The rest of a URL, where passwords and tokens stand, is
 * never carried.
 */
#ifndef EXTRACT_REPO_UTIL_H
#define EXTRACT_REPO_UTIL_H

#include "extract/extract.h"

enum {
	REPO_LINE_MAX = 64 * 1024,
	REPO_HOSTS_MAX = 10000, /* mirror lists have some hundred */
};

struct repo_hosts {
	const struct extraction *x;
	unsigned n;
};

/* One record for the host of `url`, which stands at `offset`; nothing when it
 * has none (a folder, a disc). Returns 0, or -E2BIG after REPO_HOSTS_MAX. */
int repo_host(struct repo_hosts *hosts, struct slice url, uint64_t offset);

/* The hosts of all words of `text` that are URLs. As repo_host. */
int repo_words(struct repo_hosts *hosts, struct slice text, uint64_t offset);

/* Reads a text of lines, "#" starting a comment line, through `line`, which
 * gets them trimmed and not empty. Its negative result ends the reading. */
struct repo_text {
	int (*line)(void *ctx, struct slice line, uint64_t offset);
	void *ctx;
};
int repo_lines(const struct extraction *x, const struct repo_text *text);

#endif
