/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/software.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "survey/packages.h"

#define HEAD "debar/software/1"
#define SEP '\x1f'

enum { SOFTWARE_MAX = 1000000 };

static const char kind_package[] = "package", kind_service[] = "service";

static int by_name(const void *x, const void *y)
{
	const struct software *a = x, *b = y;
	int c = strcmp(a->kind, b->kind);

	c = c ? c : slice_cmp(a->system, b->system);
	return c ? c : slice_cmp(a->name, b->name);
}

/* ---- looking ---- */

struct looking {
	struct survey s;
	struct software *list; /* by malloc */
	size_t n, size;
};

/* One line of text each: what has a control byte in its name is no unit that a
 * service manager loads, and no package that a manager has. */
static bool is_plain(struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ')
			return false;
	return true;
}

static int add(struct looking *l, const struct software *one)
{
	if (!is_plain(one->name) || !is_plain(one->version))
		return 0;
	if (l->n == SOFTWARE_MAX)
		return -E2BIG;
	if (l->n == l->size) {
		const size_t size = l->size ? 2 * l->size : 1024;
		struct software *list = reallocarray(l->list, size, sizeof(*list));
		if (!list)
			return -ENOMEM;
		l->list = list;
		l->size = size;
	}
	l->list[l->n++] = *one;
	return 0;
}

static int look_at_packages(struct looking *l, struct err *e)
{
	static const struct asker *const askers[] = {&asker_dpkg, &asker_rpm};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(askers); i++) {
		struct packages p = {.ecosystem = askers[i]->ecosystem};
		rc = askers[i]->list(&l->s, &p);
		if (rc == 0 && p.why)
			return err_set(e, -ENODATA, "the %s packages cannot be listed: %s",
			               p.ecosystem, p.why);
		for (size_t k = 0; rc == 0 && k < p.n; k++)
			if (p.list[k].installed)
				rc = add(l, &(struct software){
					kind_package, slice_str(p.ecosystem),
					p.list[k].name, p.list[k].version});
	}
	return rc;
}

static bool is_service(const char *folder, struct slice name)
{
	static const char *const endings[] = {".service", ".socket", ".timer", ".path"};

	for (size_t i = 0; i < COUNT_OF(endings); i++)
		if (slice_ends(name, slice_str(endings[i])))
			return true;
	return slice_ends(slice_str(folder), SLICE("init.d")) && name.p[0] != '.';
}

static int look_in_folder(struct looking *l, const char *folder, struct err *e)
{
	int fd = object_open_folder(l->s.root_fd, slice_str(folder), O_RDONLY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int rc = 0;

	/* a link on the way: the folder that it means is in the list itself */
	if (fd == -ENOENT || fd == -ELOOP || fd == -ENOTDIR)
		return 0;
	if (!dir) {
		rc = err_sys(e, fd < 0 ? fd : -errno, "%s", folder);
		if (fd >= 0)
			(void)close(fd);
		return rc;
	}
	for (struct dirent *d; rc == 0 && (d = readdir(dir));) {
		if (!is_service(folder, slice_str(d->d_name)))
			continue;
		struct slice name = arena_copy(l->s.mem, slice_str(d->d_name));
		rc = name.p ? add(l, &(struct software){kind_service, SLICE(""), name,
		                                        slice_str(folder)}) : -ENOMEM;
	}
	(void)closedir(dir);
	return rc;
}

static int look_at_services(struct looking *l, struct err *e)
{
	static const char *const folders[] = {
		"/etc/systemd/system", "/usr/local/lib/systemd/system",
		"/usr/lib/systemd/system", "/lib/systemd/system", "/etc/init.d",
		"/etc/rc.d/init.d",
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT_OF(folders); i++)
		rc = look_in_folder(l, folders[i], e);
	return rc;
}

int software_look(const char *root, const atomic_bool *stop, struct arena *mem,
                  struct err *e, struct software_list *ret)
{
	const struct survey_args args = {.root = root, .stop = stop};
	struct facts facts = {0};
	struct looking l = {.s = {.args = &args, .facts = &facts, .mem = mem, .root_fd = -1}};
	int rc = survey_open_root(&l.s, e);

	if (rc == 0)
		rc = look_at_packages(&l, e);
	if (rc == 0)
		rc = look_at_services(&l, e);
	if (rc == 0 && l.n)
		qsort(l.list, l.n, sizeof(*l.list), by_name);
	*ret = (struct software_list){arena_zalloc(mem, l.n + 1, sizeof(*l.list)), l.n};
	if (rc == 0 && !ret->list)
		rc = -ENOMEM;
	if (rc == 0 && l.n)
		memcpy(ret->list, l.list, l.n * sizeof(*l.list));
	if (rc < 0 && !*e->text)
		(void)err_sys(e, rc, "listing the software of %s", root);
	free(l.list);
	if (l.s.root_fd >= 0)
		(void)close(l.s.root_fd);
	return rc;
}

/* ---- as text ---- */

void software_write(const struct software_list *s, struct str *out)
{
	str_puts(out, HEAD "\n");
	for (size_t i = 0; i < s->n; i++) {
		const struct software *one = &s->list[i];
		str_printf(out, "%s%c", one->kind, SEP);
		const struct slice rest[] = {one->system, one->name, one->version};
		for (size_t k = 0; k < COUNT_OF(rest); k++) {
			str_add(out, rest[k]);
			str_putc(out, k + 1 < COUNT_OF(rest) ? SEP : '\n');
		}
	}
}

static bool read_line(struct slice line, struct software *ret)
{
	struct slice kind;

	if (!slice_split(&line, SEP, &kind) || !slice_split(&line, SEP, &ret->system) ||
	    !slice_split(&line, SEP, &ret->name))
		return false;
	ret->version = line;
	ret->kind = slice_eq(kind, SLICE("package")) ? kind_package
	          : slice_eq(kind, SLICE("service")) ? kind_service : NULL;
	return ret->kind != NULL;
}

int software_read(struct slice text, struct arena *mem, struct software_list *ret)
{
	struct slice line, rest = text;
	size_t n = 0;

	while (slice_line(&rest, &line))
		n++;
	*ret = (struct software_list){arena_zalloc(mem, n + 1, sizeof(*ret->list)), 0};
	if (!ret->list)
		return -ENOMEM;
	if (n > SOFTWARE_MAX + 1 || !slice_line(&text, &line) || !slice_eq(line, SLICE(HEAD)))
		return -EBADMSG;
	while (slice_line(&text, &line))
		if (!read_line(line, &ret->list[ret->n++]))
			return -EBADMSG;
	/* it may have been changed by hand: what is searched must be in order */
	if (ret->n)
		qsort(ret->list, ret->n, sizeof(*ret->list), by_name);
	return 0;
}

bool software_has(const struct software_list *s, const struct software *one)
{
	return s->n && bsearch(one, s->list, s->n, sizeof(*s->list), by_name);
}
