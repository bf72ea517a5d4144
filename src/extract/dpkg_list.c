/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which paths a Debian package owns: var/lib/dpkg/info/<package>[:arch].list,
 * a path a line, and status.d/<package>.md5sums of small images, a digest and
 * a path a line.
 */
#include <errno.h>

#include "extract/field_util.h"
#include "extract/pkgdb_util.h"

enum {
	LIST_LINE_MAX = 64 * 1024,
	LIST_PATHS_MAX = 1000000, /* the largest packages have some 100,000 */
};

struct reader {
	struct owned owned;
	bool digests;         /* lines start with a digest */
	unsigned paths;
	/* A path waits for the one after it, which tells whether it is a folder. */
	struct slice waiting; /* in waiting_buf */
	struct claim where;
	uint8_t waiting_buf[CLAIM_VALUE_MAX];
};

/* A package that was removed and not purged keeps its files in /etc alone. */
static void note_state(struct reader *r, struct slice path)
{
	if (r->owned.head.state == STATE_INSTALLED ||
	    slice_starts(path, SLICE("/etc/")) || slice_eq(path, SLICE("/etc")) ||
	    slice_eq(path, SLICE("/.")))
		return;
	r->owned.head.state = STATE_INSTALLED;
	sink_state(r->owned.x->out, STATE_INSTALLED);
}

static void release(struct reader *r)
{
	if (r->waiting.n == 0)
		return;
	note_state(r, r->waiting);
	owned_path(&r->owned, (struct slice){0}, r->waiting, &r->where);
	r->waiting.n = 0;
}

/* dpkg lists a folder directly before what is in it. */
static bool is_parent(struct slice folder, struct slice path)
{
	return slice_eq(folder, SLICE("/.")) ||
	       (path.n > folder.n && slice_starts(path, folder) &&
	        path.p[folder.n] == '/');
}

static void take_path(struct reader *r, struct slice path, uint64_t offset)
{
	if (path.n == 0)
		return;
	if (r->waiting.n > 0 && !is_parent(r->waiting, path))
		release(r);
	if (path.n > sizeof(r->waiting_buf)) {
		r->owned.too_long = true;
		r->waiting.n = 0;
		return;
	}
	memcpy(r->waiting_buf, path.p, path.n);
	r->waiting = slice_of(r->waiting_buf, path.n);
	r->where = (struct claim){.offset = offset, .length = path.n};
}

/* The package: the file's name without its ending and its architecture. */
static struct slice package_name(struct slice path, bool digests)
{
	struct slice name = slice_basename(path);

	name.n -= digests ? sizeof(".md5sums") - 1 : sizeof(".list") - 1;
	return slice_first(name, slice_find_byte(name, ':'));
}

/* "<digest>  <path>": the path may hold spaces. */
static struct slice after_digest(struct slice line)
{
	struct slice digest;

	return field_word(&line, &digest) ? slice_trim(line) : line;
}

static int read_paths(struct reader *r, struct lines *l)
{
	struct slice line;
	uint64_t offset;
	int e;

	while ((e = lines_next(l, &line, &offset)) > 0) {
		if (r->paths++ == LIST_PATHS_MAX)
			return -E2BIG;
		struct slice path = r->digests ? after_digest(line) : line;
		take_path(r, path, offset + field_at(line, path));
	}
	release(r);
	return e;
}

static int run(struct extraction *x)
{
	struct slice path = x->item->path;
	struct reader r = {.digests = slice_ends(path, SLICE(".md5sums"))};
	struct lines l;

	r.owned.x = x;
	if (!pkgdb_root(path, r.digests ? "var/lib/dpkg/status.d/*"
	                                : "var/lib/dpkg/info/*",
	                &r.owned.root))
		return 0;
	r.owned.head = (struct record){
		.scope = SCOPE_PACKAGE,
		.kind = ARTICLE_SOFTWARE,
		.state = r.digests ? STATE_INSTALLED : STATE_RESIDUE,
		.ecosystem = "deb",
		.name = package_name(path, r.digests),
	};
	int e = lines_init(&l, x->in, x->mem, LIST_LINE_MAX);
	if (e < 0)
		return e;
	sink_record(x->out, &r.owned.head);
	e = read_paths(&r, &l);
	if (l.cut > 0 || r.owned.too_long)
		sink_unread(x->out, WHY_TOO_LARGE, (struct slice){0});
	return e;
}

const struct extractor extract_dpkg_list = {
	.name = "dpkg_list",
	.version = 1,
	.probes = {
		{.path = "var/lib/dpkg/info/*.list"},
		{.path = "var/lib/dpkg/status.d/*.md5sums"},
	},
	.run = run,
};
