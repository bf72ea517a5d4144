/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python's distributions: RECORD in the .dist-info folder lists the files with
 * their checksums (PEP 376, PEP 427); METADATA of the others beside it says what
 * they ask for (Requires-Dist). Compiled files that Python made since are not in
 * a RECORD; they lie in __pycache__ under the names of their sources.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "survey/code.h"

enum {
	SUM_TEXT = 4 * ((PLAN_SHA256_BYTES + 2) / 3) + 1,
	SIBLINGS_MAX = 20000,
};

/* A line of RECORD. */
struct entry {
	struct slice path; /* absolute, in mem */
	struct slice sum;  /* "sha256=..." in base64 of URLs, or "" */
};

struct pypi {
	struct code *c;
	struct slice site, prefix, name;
	struct entry *list;    /* by path; in the heap */
	size_t n, size;
	struct slice *folders; /* that hold nothing else, the longest first */
	size_t n_folders;
	struct str path;       /* scratch */
	struct texts needed_by;
};

/* ---- where it is ---- */

/* "/usr/local/lib/python3.11/site-packages": the environment is "/usr/local". */
static int find_ways(struct pypi *p)
{
	const struct slice site = slice_dirname(p->c->folder), python = slice_dirname(site);
	const struct slice lib = slice_dirname(python), named = slice_basename(python);
	const bool known = (slice_starts(named, SLICE("python")) ||
	                    slice_starts(named, SLICE("pypy"))) &&
	                   (slice_eq(slice_basename(lib), SLICE("lib")) ||
	                    slice_eq(slice_basename(lib), SLICE("lib64")));

	p->site = site;
	p->prefix = slice_dirname(lib);
	if (!known || p->prefix.n == 0)
		return code_keep(p->c, "it stands in no Python environment that debar knows");
	if (slice_eq(p->prefix, SLICE("/usr")))
		return code_keep(p->c, "it stands among the packages of the system itself");
	return 0;
}

/* ---- RECORD ---- */

/* The next field of a line of comma-separated values, into out; false when a
 * quote does not end. */
static bool next_field(struct slice *line, struct str *out)
{
	const bool quoted = line->n && line->p[0] == '"';
	size_t at = quoted;

	str_clear(out);
	for (; at < line->n; at++) {
		if (quoted && line->p[at] == '"') {
			if (at + 1 == line->n || line->p[at + 1] != '"')
				break;
			at++;
		} else if (!quoted && line->p[at] == ',') {
			break;
		}
		str_putc(out, (char)line->p[at]);
	}
	if (quoted && at == line->n)
		return false;
	*line = slice_from(*line, at + quoted);
	if (line->n && line->p[0] == ',')
		*line = slice_from(*line, 1);
	return !str_failed(out);
}

/* Calls for the file of each line of the RECORD in c->text. */
static int each_line(struct pypi *p, int (*fn)(struct pypi *p, struct slice path,
                                               struct slice sum, struct slice owner),
                     struct slice owner)
{
	struct slice rest = str_slice(&p->c->text), line;
	struct str field = {0};
	int rc = 0;

	while (rc == 0 && slice_line(&rest, &line)) {
		if (line.n == 0)
			continue;
		const bool good = next_field(&line, &field) &&
		                  code_resolve(p->site, str_slice(&field), &p->path) &&
		                  next_field(&line, &field);
		rc = good ? fn(p, str_slice(&p->path), str_slice(&field), owner)
		          : code_keep(p->c, "%.*s: a line of its RECORD cannot be read",
		                      SLICE_ARG(owner));
	}
	str_finish(&field);
	return rc;
}

static int add(struct pypi *p, struct slice path, struct slice sum)
{
	if (p->n == CODE_FILES_MAX)
		return code_keep(p->c, "it has more than 500,000 files");
	if (p->n == p->size) {
		const size_t size = p->size ? 2 * p->size : 256;
		struct entry *list = reallocarray(p->list, size, sizeof(*list));
		if (!list)
			return -ENOMEM;
		p->list = list;
		p->size = size;
	}
	path = arena_copy(p->c->s->mem, path);
	sum = arena_copy(p->c->s->mem, sum);
	if (!path.p || !sum.p)
		return -ENOMEM;
	p->list[p->n++] = (struct entry){path, sum};
	return 0;
}

static int take_line(struct pypi *p, struct slice path, struct slice sum, struct slice owner)
{
	(void)owner;
	if (!path_at_or_below(path, p->prefix) || path.n == p->prefix.n)
		return code_keep(p->c, "its RECORD names %.*s, which is outside of its"
		                 " environment", SLICE_ARG(path));
	if (slice_starts(slice_basename(path), SLICE("__editable__")))
		return code_keep(p->c, "it is installed in editable form: its code lies in a"
		                 " project elsewhere");
	return add(p, path, sum);
}

static int by_path(const void *a, const void *b)
{
	return slice_cmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static void sort(struct pypi *p)
{
	size_t kept = 0;

	if (p->n)
		qsort(p->list, p->n, sizeof(*p->list), by_path);
	for (size_t i = 0; i < p->n; i++)
		if (kept == 0 || by_path(&p->list[kept - 1], &p->list[i]) != 0)
			p->list[kept++] = p->list[i];
	p->n = kept;
}

static const struct entry *find(const struct pypi *p, struct slice path)
{
	const struct entry key = {.path = path};

	return p->n ? bsearch(&key, p->list, p->n, sizeof(*p->list), by_path) : NULL;
}

static int read_record(struct pypi *p)
{
	int rc = code_read(p->c, p->c->folder, "RECORD");

	if (rc == -ENOENT)
		return code_keep(p->c, "it has no RECORD, so its files are not known");
	if (rc == 0)
		rc = each_line(p, take_line, p->c->folder);
	sort(p);
	if (rc == 0 && p->n == 0)
		rc = code_keep(p->c, "its RECORD is empty, so its files are not known");
	return rc;
}

/* ---- what Python compiled since ---- */

/* "/site/a/__pycache__/b.cpython-311.pyc" comes from "/site/a/b.py". */
static int add_compiled(struct pypi *p, struct slice folder, struct slice name,
                        struct texts *ret)
{
	if (!slice_ends(name, SLICE(".pyc")))
		return 0;
	str_clear(&p->path);
	str_printf(&p->path, "%.*s/%.*s.py", SLICE_ARG(folder),
	           SLICE_ARG(slice_first(name, slice_find_byte(name, '.'))));
	if (str_failed(&p->path))
		return -ENOMEM;
	if (!find(p, str_slice(&p->path)))
		return 0;
	char *path = arena_printf(p->c->s->mem, "%.*s/__pycache__/%.*s", SLICE_ARG(folder),
	                          SLICE_ARG(name));
	return path ? texts_add(ret, slice_str(path)) : -ENOMEM;
}

static int look_for_compiled(struct pypi *p, struct slice folder, struct texts *ret)
{
	const struct slice cache = code_path(p->c, folder, SLICE("__pycache__"));
	struct texts names = {0};
	int rc = cache.p ? code_names(p->c, cache, &names) : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < names.n; i++)
		rc = add_compiled(p, folder, names.list[i], ret);
	texts_finish(&names);
	return rc;
}

static int add_all_compiled(struct pypi *p)
{
	struct texts folders = {0}, compiled = {0};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->n; i++)
		if (slice_ends(p->list[i].path, SLICE(".py")))
			rc = texts_add(&folders, slice_dirname(p->list[i].path));
	texts_settle(&folders);
	for (size_t i = 0; rc == 0 && i < folders.n; i++)
		rc = look_for_compiled(p, folders.list[i], &compiled);
	for (size_t i = 0; rc == 0 && i < compiled.n; i++)
		rc = add(p, compiled.list[i], (struct slice){0});
	texts_finish(&folders);
	texts_finish(&compiled);
	sort(p);
	return rc;
}

/* ---- folders that would be left empty ---- */

static int longest_first(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)b, *(const struct slice *)a);
}

static bool goes(const struct pypi *p, struct slice path)
{
	return find(p, path) || (p->n_folders && bsearch(&path, p->folders, p->n_folders,
	                                                 sizeof(*p->folders), longest_first));
}

/* Does all in it go? */
static int is_ours(struct pypi *p, struct slice folder)
{
	struct texts names = {0};
	int rc = code_names(p->c, folder, &names);
	bool ours = rc == 0 && names.n > 0;

	for (size_t i = 0; ours && i < names.n; i++) {
		str_clear(&p->path);
		str_printf(&p->path, "%.*s/%.*s", SLICE_ARG(folder), SLICE_ARG(names.list[i]));
		ours = !str_failed(&p->path) && goes(p, str_slice(&p->path));
	}
	texts_finish(&names);
	return rc < 0 ? rc : ours;
}

/* The folders of the files, and those they lie in, inside site-packages. */
static int gather_folders(struct pypi *p, struct texts *ret)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		struct slice up = slice_dirname(p->list[i].path);
		if (i && slice_eq(up, slice_dirname(p->list[i - 1].path)))
			continue;
		for (; rc == 0 && up.n > p->site.n && path_at_or_below(up, p->site);
		     up = slice_dirname(up))
			rc = texts_add(ret, up);
	}
	texts_settle(ret);
	return rc;
}

static int find_folders(struct pypi *p)
{
	struct texts all = {0};
	int rc = gather_folders(p, &all);

	p->folders = rc == 0 ? arena_zalloc(p->c->s->mem, all.n, sizeof(*p->folders)) : NULL;
	if (rc == 0 && !p->folders)
		rc = -ENOMEM;
	for (size_t i = all.n; rc >= 0 && i-- > 0;) {
		rc = is_ours(p, all.list[i]);
		if (rc > 0)
			p->folders[p->n_folders++] = all.list[i];
	}
	texts_finish(&all);
	return rc < 0 ? rc : 0;
}

/* ---- the files themselves ---- */

/* All of them, what lies in a folder before it. */
static int look(struct pypi *p)
{
	const size_t n = p->n + p->n_folders;
	struct slice *paths = arena_zalloc(p->c->s->mem, n, sizeof(*paths));
	struct listed *list = arena_zalloc(p->c->s->mem, n, sizeof(*list));

	if (!paths || !list)
		return -ENOMEM;
	for (size_t i = 0; i < p->n; i++)
		paths[i] = p->list[i].path;
	for (size_t i = 0; i < p->n_folders; i++)
		paths[p->n + i] = p->folders[i];
	qsort(paths, n, sizeof(*paths), longest_first);
	for (size_t i = 0; i < n; i++)
		list[i].path = paths[i];
	return place_listed(p->c->s, list, n, p->c->fact);
}

/* "sha256=" and base64 with the letters of URLs, without padding (PEP 427). */
static bool is_sum(const struct object *o, struct slice sum)
{
	const struct slice kind = SLICE("sha256=");
	unsigned char text[SUM_TEXT];
	int n = EVP_EncodeBlock(text, o->sha256, PLAN_SHA256_BYTES);

	for (int i = 0; i < n; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	while (n > 0 && text[n - 1] == '=')
		n--;
	return slice_starts(sum, kind) &&
	       slice_eq(slice_from(sum, kind.n), slice_of(text, (size_t)n));
}

/* What a list names must be what it means by that. */
static int check(struct pypi *p)
{
	const struct fact_place *place = &p->c->fact->place;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < place->n_objects; i++) {
		const struct object *o = &place->objects[i];
		const struct entry *e = find(p, o->path);
		if (e && (o->type == OBJECT_FOLDER || o->type == OBJECT_OTHER))
			rc = code_keep(p->c, "its RECORD names %.*s, which is no file",
			               SLICE_ARG(o->path));
		else if (e && e->sum.n && !(o->type == OBJECT_FILE && is_sum(o, e->sum)))
			rc = code_keep(p->c, "%.*s is not what was installed: its checksum"
			               " differs from the one in RECORD", SLICE_ARG(o->path));
	}
	return rc;
}

/* ---- the others ---- */

static uint8_t folded(uint8_t c)
{
	return c == '_' || c == '.' ? '-' : c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

/* Names are the same whatever their case, and with any run of "-", "_" and "."
 * (PEP 503). */
static bool same_name(struct slice a, struct slice b)
{
	size_t i = 0, k = 0;

	while (i < a.n && k < b.n) {
		const uint8_t c = folded(a.p[i]);
		if (c != folded(b.p[k]))
			return false;
		do
			i++;
		while (c == '-' && i < a.n && folded(a.p[i]) == '-');
		do
			k++;
		while (c == '-' && k < b.n && folded(b.p[k]) == '-');
	}
	return i == a.n && k == b.n;
}

/* "name[extra] (>=1); python_version > '3'": does it ask for ours? What only an
 * extra asks for is not asked for, as pip-check(1) sees it. */
static bool asks(const struct pypi *p, struct slice text)
{
	size_t n = 0;

	text = slice_trim(text);
	while (n < text.n && ((folded(text.p[n]) >= 'a' && folded(text.p[n]) <= 'z') ||
	                      (text.p[n] >= '0' && text.p[n] <= '9') ||
	                      folded(text.p[n]) == '-'))
		n++;
	const struct slice marker = slice_from(text, slice_find_byte(text, ';'));
	return same_name(slice_first(text, n), p->name) &&
	       slice_find(marker, SLICE("extra")) == SIZE_MAX;
}

/* The lines of METADATA's head with this field, or of requires.txt before its
 * first section. */
static bool any_asks(const struct pypi *p, const char *field)
{
	struct slice rest = str_slice(&p->c->text), line;
	const struct slice head = slice_str(field);

	while (slice_line(&rest, &line)) {
		if (head.n && slice_trim(line).n == 0)
			return false;
		if (line.n && line.p[0] == '[')
			return false;
		if (line.n >= head.n && slice_eq_nocase(slice_first(line, head.n), head) &&
		    asks(p, slice_from(line, head.n)))
			return true;
	}
	return false;
}

static int shares(struct pypi *p, struct slice path, struct slice sum, struct slice owner)
{
	(void)sum;
	return find(p, path) ? code_keep(p->c, "%.*s belongs to %.*s as well",
	                                 SLICE_ARG(path), SLICE_ARG(owner)) : 0;
}

static int ask(struct pypi *p, struct slice folder, const char *file, const char *field)
{
	int rc = code_read(p->c, folder, file);

	if (rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP)
		return 0; /* a file of that name, or it says nothing */
	if (rc < 0)
		return rc;
	return any_asks(p, field) ? code_needed_by(&p->needed_by, folder) : 0;
}

static int meet(struct pypi *p, struct slice folder)
{
	int rc = 0;

	if (slice_eq(folder, p->c->folder))
		return 0;
	if (slice_ends(folder, SLICE(".egg-info")))
		return ask(p, folder, "requires.txt", "");
	if (!slice_ends(folder, SLICE(".dist-info")))
		return 0;
	rc = ask(p, folder, "METADATA", "Requires-Dist:");
	if (rc < 0)
		return rc;
	rc = code_read(p->c, folder, "RECORD");
	if (rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP)
		return 0;
	return rc < 0 ? rc : each_line(p, shares, folder);
}

static int meet_all(struct pypi *p)
{
	struct texts names = {0};
	int rc = code_names(p->c, p->site, &names);

	if (rc == 0 && names.n > SIBLINGS_MAX)
		rc = code_keep(p->c, "more than 20,000 packages stand beside it");
	for (size_t i = 0; rc == 0 && !code_kept(p->c) && i < names.n; i++) {
		const struct slice folder = code_path(p->c, p->site, names.list[i]);
		rc = folder.p ? meet(p, folder) : -ENOMEM;
	}
	texts_finish(&names);
	return rc;
}

/* Its name, as its METADATA has it. */
static int read_name(struct pypi *p)
{
	const struct slice field = SLICE("Name:");
	struct slice rest, line;
	int rc = code_read(p->c, p->c->folder, "METADATA");

	rest = str_slice(&p->c->text);
	while (rc == 0 && slice_line(&rest, &line) && slice_trim(line).n && p->name.n == 0)
		if (slice_eq_nocase(slice_first(line, field.n), field))
			p->name = arena_copy(p->c->s->mem,
			                     slice_trim(slice_from(line, field.n)));
	if (rc == -ENOENT || (rc == 0 && p->name.n == 0))
		return code_keep(p->c, "its METADATA does not name it");
	return rc;
}

static int (*const parts[])(struct pypi *p) = {
	find_ways, read_name, read_record, add_all_compiled, find_folders, look, check, meet_all,
};

int code_pypi(struct code *c)
{
	struct pypi p = {.c = c};
	struct fact_place *place = &c->fact->place;
	int rc = 0;

	for (size_t i = 0; rc == 0 && !code_kept(c) && c->fact->why.n == 0 &&
	     i < COUNT_OF(parts); i++)
		rc = parts[i](&p);
	/* kept or not, it is there */
	place->exists = true;
	if (rc == 0)
		rc = texts_give(&p.needed_by, c->s->mem, &place->needed_by,
		                &place->n_needed_by);
	texts_finish(&p.needed_by);
	str_finish(&p.path);
	free(p.list);
	return rc;
}
