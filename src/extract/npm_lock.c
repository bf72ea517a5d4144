/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lock files of npm, Yarn and pnpm: every package that a project's build will
 * fetch, direct or not. What they name is referenced, not there.
 */
#include "extract/code_util.h"

#include <errno.h>

enum {
	LOCK_JSON_MAX = 32 * 1024 * 1024,
	LOCK_LINE_MAX = 16 * 1024,
	LOCK_PACKAGES_MAX = 100000,
	LOCK_DEPTH_MAX = 32 /* version 1 nests dependencies in dependencies */
};

static void start_record(struct extraction *x, const struct code_text *name,
                         struct slice version)
{
	sink_record(x->out, &(struct record){
				    .scope = SCOPE_ITEM,
				    .kind = ARTICLE_SOFTWARE,
				    .state = STATE_REFERENCED,
				    .ecosystem = "npm",
				    .name = name->value,
				    .version = version,
			    });
	code_claim(x->out, ATTR_NPM_DEPENDENCY, name);
}

/* --- package-lock.json, npm-shrinkwrap.json --- */

/* The package's name in a key such as "node_modules/a/node_modules/@b/c"; a
 * key with other folders is a workspace's and says no name. */
static struct code_text name_in_key(struct json key, struct arena *mem)
{
	struct code_text text = code_json(key, mem);
	struct slice folder = SLICE("node_modules/");
	bool found = false;
	size_t at;

	while ((at = slice_find(text.value, folder)) != SIZE_MAX) {
		found = true;
		text.value = slice_from(text.value, at + folder.n);
		text.offset += at + folder.n;
	}
	text.length = text.value.n;
	return found ? text : (struct code_text){0};
}

static int read_packages(struct extraction *x, struct json packages)
{
	struct json_iter it = json_members(packages);
	struct json key, value;

	for (unsigned i = 0; json_next(&it, &key, &value); i++) {
		if (i == LOCK_PACKAGES_MAX)
			return -E2BIG;
		struct code_text name = name_in_key(key, x->mem);
		struct json alias = json_get(value, "name");
		if (alias.kind == JSON_STRING && name.value.n)
			name = code_json(alias, x->mem);
		if (name.value.n)
			start_record(x, &name,
			             json_text(json_get(value, "version"),
			                       x->mem));
	}
	return 0;
}

struct v1 {
	struct extraction *x;
	unsigned left; /* packages that may still be read */
};

static int read_v1(struct v1 *v1, struct json list, unsigned depth)
{
	struct json_iter it = json_members(list);
	struct json key, value;

	if (depth > LOCK_DEPTH_MAX)
		return -ELOOP;
	while (json_next(&it, &key, &value)) {
		if (key.kind == JSON_NONE || v1->left-- == 0)
			return -E2BIG;
		struct code_text name = code_json(key, v1->x->mem);
		start_record(v1->x, &name,
		             json_text(json_get(value, "version"), v1->x->mem));
		struct json inner = json_get(value, "dependencies");
		int r = inner.kind == JSON_OBJECT
		                ? read_v1(v1, inner, depth + 1)
		                : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_json(struct extraction *x)
{
	struct slice text;
	struct json root;

	int r = input_get_all(x->in, LOCK_JSON_MAX, x->mem, &text);
	if (r < 0)
		return r;
	r = json_root(text, &root);
	if (r < 0)
		return r;
	struct json packages = json_get(root, "packages");
	if (packages.kind == JSON_OBJECT)
		return read_packages(x, packages);
	struct json list = json_get(root, "dependencies");
	if (list.kind != JSON_OBJECT)
		return 0;
	struct v1 v1 = {.x = x, .left = LOCK_PACKAGES_MAX};
	return read_v1(&v1, list, 0);
}

/* --- yarn.lock, pnpm-lock.yaml --- */

static struct slice unquote(struct slice s)
{
	while (s.n && (s.p[0] == '"' || s.p[0] == '\''))
		s = slice_from(s, 1);
	while (s.n && (s.p[s.n - 1] == '"' || s.p[s.n - 1] == '\''))
		s.n--;
	return s;
}

/* Length of the name in "name@range" or "@scope/name@range". */
static size_t name_length(struct slice spec)
{
	return spec.n ? 1 + slice_find_byte(slice_from(spec, 1), '@') : 0;
}

struct lock_lines {
	struct extraction *x;
	bool in_packages; /* pnpm: below the key "packages" */
	bool open;        /* a record waits for its version */
};

static void yarn_line(struct lock_lines *l, struct slice line, uint64_t offset)
{
	struct slice text = slice_trim(line);

	if (text.n == 0 || text.p[0] == '#')
		return;
	if (line.p[0] != ' ') {
		struct slice spec = unquote(slice_first(
			text, slice_find_byte(text, ',')));
		size_t n = name_length(spec);
		l->open = n < spec.n;
		if (!l->open)
			return; /* "__metadata:" and the like */
		start_record(l->x,
		             &(struct code_text){
				     .value = slice_first(spec, n),
				     .offset = offset + (size_t)(spec.p - line.p),
				     .length = n,
			     },
		             (struct slice){0});
	} else if (l->open && slice_starts(line, SLICE("  version"))) {
		struct slice v = slice_from(text, sizeof("version") - 1);
		if (v.n && v.p[0] == ':')
			v = slice_from(v, 1);
		sink_version(l->x->out, unquote(slice_trim(v)));
		l->open = false;
	}
}

/* "/name/1.0", "/name@1.0(peer)" and "name@1.0(peer)", as the versions of the
 * format have it. */
static void pnpm_key(struct lock_lines *l, struct slice key, uint64_t offset)
{
	bool slash = key.n && key.p[0] == '/';
	struct slice spec = slice_from(key, slash ? 1 : 0);
	size_t n = name_length(spec);

	spec = slice_first(spec, slice_find_byte(spec, '('));
	if (n >= spec.n && slash)
		n = slice_dirname(spec).n;
	if (n == 0 || n >= spec.n)
		return;
	struct slice version = slice_from(spec, n + 1);
	start_record(l->x,
	             &(struct code_text){.value = slice_first(spec, n),
	                                 .offset = offset + (slash ? 1 : 0),
	                                 .length = n},
	             slice_first(version, slice_find_byte(version, '_')));
}

/* Index of the colon that ends a YAML key: at the end or before a blank. */
static size_t key_end(struct slice text)
{
	size_t at = slice_find(text, SLICE(": "));

	if (at == SIZE_MAX && slice_ends(text, SLICE(":")))
		return text.n - 1;
	return at;
}

static void pnpm_line(struct lock_lines *l, struct slice line, uint64_t offset)
{
	if (line.n == 0)
		return;
	if (line.p[0] != ' ') {
		l->in_packages = slice_starts(line, SLICE("packages:"));
		return;
	}
	if (!l->in_packages || line.n < 4 || line.p[1] != ' ' ||
	    line.p[2] == ' ')
		return;
	struct slice text = slice_trim(line);
	size_t colon = key_end(text);
	if (colon == SIZE_MAX)
		return;
	struct slice key = unquote(slice_first(text, colon));
	pnpm_key(l, key, offset + (size_t)(key.p - line.p));
}

static int read_lines(struct extraction *x,
                      void (*each)(struct lock_lines *, struct slice, uint64_t))
{
	struct lock_lines state = {.x = x};
	struct lines lines;
	struct slice line;
	uint64_t offset;

	int r = lines_init(&lines, x->in, x->mem, LOCK_LINE_MAX);
	if (r < 0)
		return r;
	while ((r = lines_next(&lines, &line, &offset)) > 0)
		each(&state, line, offset);
	if (lines.cut)
		sink_unread(x->out, WHY_TOO_LARGE, (struct slice){0});
	return r;
}

static int npm_lock_run(struct extraction *x)
{
	struct slice name = slice_basename(x->item->path);

	if (slice_ends(name, SLICE(".json")))
		return read_json(x);
	if (slice_eq(name, SLICE("yarn.lock")))
		return read_lines(x, yarn_line);
	return read_lines(x, pnpm_line);
}

const struct extractor extract_npm_lock = {
	.name = "npm_lock",
	.version = 1,
	.probes = {{.path = "package-lock.json"},
	           {.path = "npm-shrinkwrap.json"},
	           {.path = "yarn.lock"},
	           {.path = "pnpm-lock.yaml"}},
	.run = npm_lock_run,
};
