/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian packages: dpkg-query lists all of them with their files in one go, and
 * who would be left without an asked one is worked out from what they say that
 * they depend on.
 */
#include <errno.h>
#include <stdlib.h>

#include "survey/packages.h"

/* One record a package: a line of fields, then its files, each on a line after
 * a space. Neither separator can stand in a field. */
#define SEP "\x1f"
static const char format[] =
	"P" SEP "${Package}" SEP "${Architecture}" SEP "${Version}" SEP
	"${db:Status-Want}" SEP "${db:Status-Status}" SEP "${db:Status-Eflag}" SEP
	"${Essential}" SEP "${Protected}" SEP "${Multi-Arch}" SEP "${Pre-Depends}" SEP
	"${Depends}" SEP "${Provides}" SEP "${Installed-Size}" SEP "\n"
	"${db-fsys:Files}\n";

enum field {
	F_MARK, F_NAME, F_ARCH, F_VERSION, F_WANT, F_STATUS, F_FLAG, F_ESSENTIAL,
	F_PROTECTED, F_MULTI_ARCH, F_PRE_DEPENDS, F_DEPENDS, F_PROVIDES, F_SIZE, F_COUNT
};

static bool is_one_of(struct slice word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(word, slice_str(list[i])))
			return true;
	return false;
}

/* -- the list ------------------------------------------------------------ */

static bool split(struct slice line, struct slice f[static F_COUNT])
{
	size_t n = 0;

	while (n < F_COUNT && slice_split(&line, SEP[0], &f[n]))
		n++;
	return n == F_COUNT && line.n == 0;
}

static int take_record(struct survey *s, struct slice line, struct package *ret)
{
	static const char *const there[] = {
		"installed", "unpacked", "half-configured", "triggers-awaited",
		"triggers-pending", "half-installed",
	};
	struct slice f[F_COUNT];

	if (!split(line, f))
		return -EBADMSG;
	char *depends = arena_printf(s->mem, "%.*s,%.*s", SLICE_ARG(f[F_PRE_DEPENDS]),
	                             SLICE_ARG(f[F_DEPENDS]));
	if (!depends)
		return -ENOMEM;
	*ret = (struct package){
		.name = f[F_NAME],
		.arch = f[F_ARCH],
		.version = f[F_VERSION],
		.depends = slice_str(depends),
		.provides = f[F_PROVIDES],
		.installed = is_one_of(f[F_STATUS], there, COUNT_OF(there)),
		.residue = slice_eq(f[F_STATUS], SLICE("config-files")),
		.broken = slice_eq(f[F_STATUS], SLICE("half-installed")) ||
		          slice_find(f[F_FLAG], SLICE("reinst")) != SIZE_MAX,
		.essential = slice_eq(f[F_ESSENTIAL], SLICE("yes")) ||
		             slice_eq(f[F_PROTECTED], SLICE("yes")),
		.held = slice_eq(f[F_WANT], SLICE("hold")),
		.any_arch = slice_eq(f[F_MULTI_ARCH], SLICE("foreign")) ||
		            slice_eq(f[F_MULTI_ARCH], SLICE("allowed")),
	};
	(void)slice_number(f[F_SIZE], 10, &ret->kilobytes);
	return 0;
}

static bool is_record(struct slice line)
{
	return slice_starts(line, SLICE("P" SEP));
}

static const char malformed[] = "its answer is not what it should be";

static int take_list(struct survey *s, struct slice text, struct packages *ret)
{
	struct slice rest = text, line, at;
	size_t n = 0;

	while (slice_line(&rest, &line))
		n += is_record(line);
	if (n > PACKAGES_MAX) {
		ret->why = "there are more than 200,000 packages";
		return 0;
	}
	ret->list = arena_zalloc(s->mem, n, sizeof(*ret->list));
	if (!ret->list)
		return -ENOMEM;
	for (rest = text; at = rest, slice_line(&rest, &line);) {
		struct package *last = ret->n ? &ret->list[ret->n - 1] : NULL;
		if (last && (line.n == 0 || line.p[0] == ' ')) {
			if (!last->files.p)
				last->files = slice_first(at, 0);
			last->files.n = (size_t)(line.p + line.n - last->files.p);
			continue;
		}
		int rc = is_record(line) ? take_record(s, line, &ret->list[ret->n])
		                         : -EBADMSG;
		if (rc == -ENOMEM)
			return rc;
		if (rc < 0) {
			ret->why = malformed;
			return 0;
		}
		ret->n++;
	}
	return 0;
}

/* Old versions know no "db-fsys:Files" and leave it empty. */
static bool has_files(const struct packages *p)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++) {
		if (p->list[i].files.n > 2)
			return true;
		any |= p->list[i].installed;
	}
	return !any;
}

static int list(struct survey *s, struct packages *ret)
{
	char query[] = "dpkg-query", show[] = "-W", f[] = "-f";
	char *admindir = arena_printf(s->mem, "--admindir=%s/var/lib/dpkg",
	                              strcmp(s->root, "/") == 0 ? "" : s->root);
	char *form = arena_str(s->mem, slice_str(format));
	char *argv[] = {query, admindir, show, f, form, NULL};
	struct slice text;

	if (!admindir || !form)
		return -ENOMEM;
	if (!survey_exists(s, "/var/lib/dpkg/status"))
		return 0;
	ret->present = true;
	int rc = packages_ask(s, argv, false, &text, &ret->why);
	if (rc == 0 && !ret->why)
		rc = take_list(s, text, ret);
	if (rc == 0 && !ret->why && !has_files(ret))
		ret->why = "dpkg-query does not list files; it is too old";
	if (ret->why)
		ret->n = 0;
	return rc;
}

/* -- who needs whom ------------------------------------------------------ */

/* "name:arch (relation version)", of a dependency or of Provides. */
struct relation {
	struct slice name, arch, op, version;
};

static struct relation parse(struct slice text)
{
	struct relation r = {0};
	text = slice_trim(text);
	size_t open = slice_find_byte(text, '('), n = 0;
	struct slice in = slice_from(text, open + 1);

	r.name = slice_trim(slice_first(text, open));
	n = slice_find_byte(r.name, ':');
	r.arch = slice_from(r.name, n + 1);
	r.name = slice_first(r.name, n);
	in = slice_trim(slice_first(in, slice_find_byte(in, ')')));
	for (n = 0; n < in.n && strchr("<>=", in.p[n]);)
		n++;
	r.op = slice_first(in, n);
	r.version = slice_trim(slice_from(in, n));
	return r;
}

/* A name that an installed package answers to. */
struct offer {
	struct slice name, version; /* version "": of a Provides without one */
	uint32_t package;
};

struct offers {
	struct offer *list;
	size_t n, size;
};

static int offer(struct offers *o, struct offer one)
{
	if (o->n == o->size) {
		size_t size = o->size ? o->size * 2 : 1024;
		struct offer *list = reallocarray(o->list, size, sizeof(*list));
		if (!list)
			return -ENOMEM;
		o->list = list;
		o->size = size;
	}
	o->list[o->n++] = one;
	return 0;
}

static int by_name(const void *va, const void *vb)
{
	const struct offer *a = va, *b = vb;
	int order = slice_cmp(a->name, b->name);

	return order ? order : (a->package > b->package) - (a->package < b->package);
}

static int gather_offers(struct offers *o, const struct packages *p)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		const struct package *one = &p->list[i];
		struct slice rest = one->provides, text;
		if (!one->installed)
			continue;
		rc = offer(o, (struct offer){one->name, one->version, (uint32_t)i});
		while (rc == 0 && slice_split(&rest, ',', &text)) {
			struct relation r = parse(text);
			rc = offer(o, (struct offer){r.name, r.version, (uint32_t)i});
		}
	}
	if (o->n)
		qsort(o->list, o->n, sizeof(*o->list), by_name);
	return rc;
}

static const struct offer *first_offer(const struct offers *o, struct slice name)
{
	size_t low = 0, high = o->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (slice_cmp(o->list[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return o->list + low;
}

/* Packages of another architecture only count when they say so. */
static bool arch_fits(const struct package *by, const struct relation *r,
                      const struct package *of)
{
	static const char all[] = "all";

	return slice_eq(by->arch, of->arch) || of->any_arch ||
	       slice_eq(of->arch, slice_str(all)) || slice_eq(by->arch, slice_str(all)) ||
	       (r->arch.n && slice_eq(r->arch, of->arch));
}

static bool meets(const struct package *by, const struct relation *r,
                  const struct offer *o, const struct package *of)
{
	if (!arch_fits(by, r, of))
		return false;
	if (r->op.n == 0)
		return true;
	return o->version.n && dpkg_version_holds(o->version, r->op, r->version);
}

struct needing {
	struct survey *s;
	const struct packages *p;
	const size_t *need_of;
	struct offers offers;
};

/* What one group of alternatives ("a | b") stands on. */
struct ground {
	bool stays;     /* something that nobody asks about meets it */
	size_t needs[8]; /* of asked packages that meet it; a few are enough */
	size_t n;
};

static void look_at_alternative(const struct needing *d, const struct package *by,
                                struct slice text, struct ground *g)
{
	struct relation r = parse(text);

	for (const struct offer *o = first_offer(&d->offers, r.name);
	     o < d->offers.list + d->offers.n && slice_eq(o->name, r.name); o++) {
		const struct package *of = &d->p->list[o->package];
		if (!meets(by, &r, o, of))
			continue;
		if (!of->asked || of == by)
			g->stays = true;
		else if (d->need_of[o->package] != SIZE_MAX && g->n < COUNT_OF(g->needs))
			g->needs[g->n++] = d->need_of[o->package];
	}
}

static int look_at_package(const struct needing *d, const struct package *by)
{
	struct slice rest = by->depends, group, alternative;
	int rc = 0;

	while (rc == 0 && slice_split(&rest, ',', &group)) {
		struct ground g = {0};
		while (slice_split(&group, '|', &alternative))
			look_at_alternative(d, by, alternative, &g);
		for (size_t i = 0; rc == 0 && !g.stays && i < g.n; i++)
			rc = package_needed_by(d->s, g.needs[i], by);
	}
	return rc;
}

static int needed(struct survey *s, const struct packages *p, const size_t *need_of)
{
	struct needing d = {.s = s, .p = p, .need_of = need_of};
	int rc = gather_offers(&d.offers, p);

	for (size_t i = 0; rc == 0 && i < p->n; i++)
		if (p->list[i].installed)
			rc = look_at_package(&d, &p->list[i]);
	free(d.offers.list);
	return rc;
}

const struct asker asker_dpkg = {"deb", list, needed};
