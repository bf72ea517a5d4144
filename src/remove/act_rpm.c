/* SPDX-License-Identifier: Apache-2.0 */
/* rpm(8) asked of packages. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "remove/act_package.h"
#include "remove/act_private.h"
#include "system/object.h"

enum { FOLDERS_MAX = 5000 };

/* Where the root has its database: this system's rpm may look elsewhere. */
static const char *database(const struct act *a)
{
	static const char *const folders[] = {"usr/lib/sysimage/rpm", "var/lib/rpm"};
	static const char *const files[] = {"rpmdb.sqlite", "Packages.db", "Packages"};
	const int root = open(a->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t found = 1;

	for (size_t i = 0; root >= 0 && i < COUNT_OF(folders) * COUNT_OF(files); i++) {
		char path[64];
		(void)snprintf(path, sizeof(path), "%s/%s", folders[i / COUNT_OF(files)],
		               files[i % COUNT_OF(files)]);
		if (faccessat(root, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		found = i / COUNT_OF(files);
		break;
	}
	if (root >= 0)
		(void)close(root);
	return found == 0 ? "/usr/lib/sysimage/rpm" : "/var/lib/rpm";
}

/* The table's arguments begin with "rpm --root ROOT": where the database is
 * comes behind. */
static char **rpm_argv(const struct act *a, char **argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	char **more = arena_zalloc(a->mem, n + 3, sizeof(*more));
	if (!more || n < 3)
		return NULL;
	memcpy(more, argv, 3 * sizeof(*more));
	more[3] = arena_str(a->mem, SLICE("--dbpath"));
	more[4] = arena_str(a->mem, slice_str(database(a)));
	memcpy(more + 5, argv + 3, (n - 3) * sizeof(*more));
	return more[3] && more[4] ? more : NULL;
}

/* rpm --root ROOT QUERY [FORMAT] WHAT; status above 0: it knows none. */
static int query(const struct act *a, const char *what, const char *format,
                 struct slice subject, struct str *out, struct err *e)
{
	char *words[12] = {NULL};
	size_t n = 0;

	words[n++] = arena_str(a->mem, SLICE("rpm"));
	words[n++] = arena_str(a->mem, SLICE("--root"));
	words[n++] = arena_str(a->mem, slice_str(a->root));
	words[n++] = arena_str(a->mem, SLICE("--dbpath"));
	words[n++] = arena_str(a->mem, slice_str(database(a)));
	words[n++] = arena_str(a->mem, slice_str(what));
	if (format) {
		words[n++] = arena_str(a->mem, SLICE("--queryformat"));
		words[n++] = arena_str(a->mem, slice_str(format));
	}
	words[n++] = arena_str(a->mem, subject);
	for (size_t i = 0; i < n; i++)
		if (!words[i])
			return err_sys(e, -ENOMEM, "rpm");
	return act_run(words, NULL, out, e);
}

/* Its status is the same when the database cannot be read: the words tell. */
static bool is_unknown(int status, struct slice out, const struct err *e)
{
	return status > 0 && slice_find(out, SLICE(" is not installed")) != SIZE_MAX &&
	       slice_find(slice_str(e->text), SLICE("error:")) == SIZE_MAX;
}

static int rpm_known(const struct act *a, const struct plan_package *p, struct known *ret,
                     struct err *e)
{
	struct str out = {0};
	struct slice rest, line;
	int r = query(a, "-q", "%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\n", p->name, &out, e);

	*ret = (struct known){.state = KNOWN_NOT};
	rest = str_slice(&out);
	if (r == 0) {
		/* Several of one name (kernels): which is meant is not ours to guess. */
		const bool one = slice_line(&rest, &line) && rest.n == 0;
		ret->state = one ? KNOWN_INSTALLED : KNOWN_BROKEN;
		ret->version = arena_copy(a->mem, one ? line : SLICE(""));
	}
	const bool unknown = is_unknown(r, str_slice(&out), e);
	str_finish(&out);
	return unknown ? 0 : r > 0 ? -EIO : r;
}

static int rpm_busy(const struct act *a, struct err *e)
{
	(void)a;
	(void)e;
	return 0; /* rpm takes its lock itself, and says so in the trial */
}

/* Is the folder of the step's packages alone? */
static int is_alone(const struct act *a, struct slice folder, struct err *e)
{
	struct str out = {0};
	struct slice rest, line;
	int r = query(a, "-qf", "%{NAME}\\n", folder, &out, e);
	bool alone = r == 0;

	rest = str_slice(&out);
	while (alone && slice_line(&rest, &line)) {
		bool ours = false;
		for (size_t i = 0; i < a->step->n_packages; i++)
			ours |= slice_eq(a->step->packages[i].name, line);
		alone = ours;
	}
	str_finish(&out);
	return r < 0 ? r : alone;
}

static int take_path(const struct act *a, int root_fd, struct slice path, size_t *folders,
                     struct places *ret, struct err *e)
{
	const int fd = object_open_folder(root_fd, path, O_PATH);
	int r = 1;

	if (fd >= 0) {
		(void)close(fd);
		r = (*folders)++ < FOLDERS_MAX ? is_alone(a, path, e) : 0;
	}
	if (r > 0 && !places_add(ret, path))
		r = err_sys(e, -ENOMEM, "listing what a package owns");
	return r < 0 ? r : 0;
}

static int rpm_places(const struct act *a, struct places *ret, struct err *e)
{
	const int root_fd = open(a->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = root_fd < 0 ? err_sys(e, -errno, "%s", a->root) : 0;
	size_t folders = 0;

	for (size_t i = 0; r == 0 && i < a->step->n_packages; i++) {
		struct str out = {0};
		struct slice rest, line;
		r = query(a, "-ql", NULL, a->step->packages[i].name, &out, e);
		rest = str_slice(&out);
		while (r == 0 && slice_line(&rest, &line))
			if (line.n && line.p[0] == '/')
				r = take_path(a, root_fd, line, &folders, ret, e);
		if (is_unknown(r, str_slice(&out), e))
			r = 0; /* it is gone already */
		r = r > 0 ? -EIO : r;
		str_finish(&out);
	}
	if (root_fd >= 0)
		(void)close(root_fd);
	return r;
}

const struct query query_rpm = {
	.manager = "rpm",
	.known = rpm_known,
	.busy = rpm_busy,
	.places = rpm_places,
	.argv = rpm_argv,
};
