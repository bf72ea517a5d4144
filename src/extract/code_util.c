/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/code_util.h"

/* More people than this in one field are not told apart. */
enum { PEOPLE_MAX = 256 };

static const char *const vendored[] = {
	"vendor", "third_party", "third-party", "3rdparty", "vendored", "external",
};

static const char *const python_folders[] = {"site-packages", "dist-packages"};

size_t code_behind(struct slice path, const char *folder)
{
	struct slice want = slice_str(folder);
	size_t behind = SIZE_MAX, at = 0;

	for (;;) {
		size_t next = slice_find(slice_from(path, at), want);
		if (next == SIZE_MAX)
			return behind;
		at += next;
		size_t end = at + want.n;
		if (at > 0 && path.p[at - 1] == '/' && end < path.n &&
		    path.p[end] == '/')
			behind = end + 1;
		at++;
	}
}

/* The farther of two places in a path, of which either may be nowhere. */
static size_t farther(size_t a, size_t b)
{
	if (a == SIZE_MAX)
		return b;
	return b == SIZE_MAX || a > b ? a : b;
}

static size_t behind_any(struct slice path, const char *const *folders, size_t n)
{
	size_t at = SIZE_MAX;

	for (size_t i = 0; i < n; i++)
		at = farther(at, code_behind(path, folders[i]));
	return at;
}

/* Debian keeps its Node packages in /usr/share/nodejs, without the folder name
 * that npm uses. */
static size_t behind_npm(struct slice path)
{
	return farther(code_behind(path, "node_modules"),
	               code_behind(path, "share/nodejs"));
}

static size_t behind_pypi(struct slice path)
{
	return behind_any(path, python_folders, COUNT_OF(python_folders));
}

/* Length of "name" or "@scope/name" at the start of s when a slash follows;
 * 0 when that is not what stands there. */
static size_t npm_name_length(struct slice s)
{
	size_t n = slice_find_byte(s, '/');

	if (n > 0 && n < s.n && s.p[0] == '@')
		n += 1 + slice_find_byte(slice_from(s, n + 1), '/');
	return n < s.n && s.p[0] != '.' ? n : 0;
}

bool code_npm_installed(struct slice path)
{
	size_t at = behind_npm(path);

	if (at == SIZE_MAX)
		return false;
	struct slice rest = slice_from(path, at);
	size_t n = npm_name_length(rest);
	return n > 0 && slice_eq(slice_from(rest, n), SLICE("/package.json"));
}

bool code_pypi_installed(struct slice path)
{
	return behind_pypi(path) != SIZE_MAX;
}

/* Does nothing but the file's own name follow the package's folder? */
static bool at_top(struct slice path, struct slice root)
{
	return slice_dirname(path).n == root.n;
}

static bool npm_package(struct slice path, size_t at, struct code_package *ret)
{
	struct slice rest = slice_from(path, at);
	size_t n = npm_name_length(rest);

	if (n == 0)
		return false;
	*ret = (struct code_package){
		.root = slice_first(path, at + n),
		.name = slice_first(rest, n),
		.ecosystem = "npm",
		.state = STATE_INSTALLED,
	};
	ret->top = at_top(path, ret->root);
	return true;
}

/* Cuts "name-1.2.dist-info" into name and version. */
static void read_dist_info(struct code_package *p, struct slice path)
{
	static const struct slice ends[] = {SLICE(".dist-info"),
	                                    SLICE(".egg-info")};

	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		if (!slice_ends(p->name, ends[i]))
			continue;
		struct slice stem = slice_first(p->name, p->name.n - ends[i].n);
		size_t dash = slice_find_byte(stem, '-');
		p->name = slice_first(stem, dash);
		p->version = slice_from(stem, dash + 1);
		struct slice below = slice_from(slice_dirname(path), p->root.n);
		p->top = below.n == 0 || slice_eq(below, SLICE("/licenses")) ||
		         slice_eq(below, SLICE("/license_files"));
	}
}

static bool pypi_package(struct slice path, size_t at, struct code_package *ret)
{
	struct slice rest = slice_from(path, at);
	size_t n = slice_find_byte(rest, '/');

	if (n == 0 || n == rest.n)
		return false;
	*ret = (struct code_package){
		.root = slice_first(path, at + n),
		.name = slice_first(rest, n),
		.ecosystem = "pypi",
		.state = STATE_INSTALLED,
	};
	ret->top = at_top(path, ret->root);
	read_dist_info(ret, path);
	return true;
}

static bool vendored_package(const struct item *item, struct code_package *ret)
{
	struct slice root = slice_dirname(item->path);

	*ret = (struct code_package){
		.root = root,
		.name = slice_basename(root),
		.ecosystem = "",
		.state = extract_file_state(item),
		.top = true,
	};
	return true;
}

bool code_package(const struct item *item, struct code_package *ret)
{
	struct slice path = item->path;
	size_t npm = behind_npm(path);
	size_t pypi = behind_pypi(path);
	size_t other = behind_any(path, vendored, COUNT_OF(vendored));
	size_t inner = farther(farther(npm, pypi), other);

	if (inner == SIZE_MAX)
		return false;
	if (inner == npm)
		return npm_package(path, npm, ret);
	if (inner == pypi)
		return pypi_package(path, pypi, ret);
	return vendored_package(item, ret);
}

void code_claim(struct sink *out, enum attr attr, const struct code_text *text)
{
	sink_claim(out, &(struct claim){
				.attr = attr,
				.value = text->value,
				.member = text->member,
				.offset = text->offset,
				.length = text->length,
			});
}

struct code_text code_json(struct json string, struct arena *mem)
{
	if (string.kind != JSON_STRING)
		return (struct code_text){0};
	return (struct code_text){
		.value = json_text(string, mem),
		.offset = string.offset + 1,
		.length = string.raw.n - 2,
	};
}

void code_claim_json(struct extraction *x, enum attr attr, struct json value)
{
	struct code_text text = code_json(value, x->mem);

	code_claim(x->out, attr, &text);
}

/* Claims bytes [from, to) of the text, without blanks, quotes and commas. */
static void claim_part(struct sink *out, enum attr attr,
                       const struct code_text *text, size_t from, size_t to)
{
	struct slice v = text->value;

	while (from < to && memchr(" \t\",;'", v.p[from], 6))
		from++;
	while (to > from && memchr(" \t\",;'", v.p[to - 1], 6))
		to--;
	bool located = text->length != 0;
	struct code_text part = {
		.value = slice_first(slice_from(v, from), to - from),
		.member = text->member,
		.offset = text->offset + (located ? from : 0),
		.length = located ? to - from : 0,
	};
	code_claim(out, attr, &part);
}

void code_claim_people(struct sink *out, enum attr attr,
                       const struct code_text *text)
{
	struct slice v = text->value;
	size_t from = 0;

	for (unsigned i = 0; i < PEOPLE_MAX && from < v.n; i++) {
		size_t open = from;
		while (open < v.n && v.p[open] != '<' && v.p[open] != '(')
			open++;
		claim_part(out, attr, text, from, open);
		if (open == v.n)
			return;
		uint8_t closing = v.p[open] == '<' ? '>' : ')';
		size_t n = slice_find_byte(slice_from(v, open + 1), closing);
		claim_part(out, attr, text, open + 1, open + 1 + n);
		from = open + 1 + n + 1;
	}
}
