/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A survey says what stands in a root: of made trees, of a root with real
 * packages of dpkg and rpm where these are installed, and of this machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "survey/survey.h"

static char root[] = "/tmp/debar-test-survey-XXXXXX";

/* -- making trees -------------------------------------------------------- */

static const char *in_root(const char *path)
{
	static char text[4][8192];
	static unsigned turn;
	char *p = text[turn++ % 4];

	(void)snprintf(p, sizeof(text[0]), "%s%s", root, path);
	return p;
}

static void folder(const char *path)
{
	char text[8192];

	(void)snprintf(text, sizeof(text), "%s", in_root(path));
	for (char *p = text + strlen(root) + 1; *p; p++)
		if (*p == '/') {
			*p = 0;
			assert_true(mkdir(text, 0755) == 0 || errno == EEXIST);
			*p = '/';
		}
	assert_true(mkdir(text, 0755) == 0 || errno == EEXIST);
}

static void file(const char *path, const char *text)
{
	char parent[8192];
	struct slice dir = slice_dirname(slice_str(path));

	(void)snprintf(parent, sizeof(parent), "%.*s", SLICE_ARG(dir));
	if (dir.n)
		folder(parent);
	FILE *f = fopen(in_root(path), "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int run(const char *fmt, ...)
{
	char command[4096];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	int status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool have(const char *program)
{
	return run("command -v %s >/dev/null 2>&1", program) == 0;
}

static int make_root(void **state)
{
	(void)state;
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	(void)state;
	return run("rm -rf --one-file-system '%s'", root);
}

/* -- asking -------------------------------------------------------------- */

static struct facts ask_with(const struct need *needs, size_t n, bool live,
                             const struct plan_lore *lore)
{
	struct survey_args args = {.root = live ? "/" : root, .live = live,
	                           .needs = needs, .n = n, .lore = lore};
	struct facts facts = {0};
	struct err e = {0};
	int rc = survey(&args, &e, &facts);

	if (rc < 0)
		print_message("%s\n", e.text);
	assert_int_equal(rc, 0);
	assert_int_equal(facts.n, n);
	return facts;
}

static struct facts ask(const struct need *needs, size_t n)
{
	return ask_with(needs, n, false, NULL);
}

#define PLACE_OF(path) {.kind = NEED_PLACE, .text = SLICE(path)}
#define PACKAGE_OF(eco, name) \
	{.kind = NEED_PACKAGE, .ecosystem = eco, .text = SLICE(name)}
#define USER_OF(name) \
	{.kind = NEED_USER, .attr = ATTR_USER_NAME, .text = SLICE(name)}
#define GROUP_OF(name) {.kind = NEED_GROUP, .text = SLICE(name)}
#define UNIT_OF(path) {.kind = NEED_UNIT, .text = SLICE(path)}
#define ASK(needs) ask(needs, COUNT_OF(needs))

#define assert_slice(s, text) \
	do { \
		if (!slice_eq(s, slice_str(text))) \
			print_message("\"%.*s\" is not \"%s\"\n", SLICE_ARG(s), text); \
		assert_true(slice_eq(s, slice_str(text))); \
	} while (0)

static void assert_why(const struct fact *f, const char *words)
{
	if (slice_find(f->why, slice_str(words)) == SIZE_MAX)
		print_message("\"%.*s\" lacks \"%s\"\n", SLICE_ARG(f->why), words);
	assert_true(slice_find(f->why, slice_str(words)) != SIZE_MAX);
}

/* -- places -------------------------------------------------------------- */

static void a_folder_is_listed_contents_first(void **state)
{
	(void)state;
	file("/opt/ex/bin/tool", "abc");
	file("/opt/ex/a b\n\xff", "x");
	assert_int_equal(symlink("/etc/passwd", in_root("/opt/ex/link")), 0);
	assert_int_equal(mkfifo(in_root("/opt/ex/pipe"), 0600), 0);
	const struct need needs[] = {PLACE_OF("/opt/ex"), PLACE_OF("/opt/none"),
	                             PLACE_OF("/opt/ex/bin/tool/deeper")};
	struct facts f = ASK(needs);
	static const char *const expected[] = {
		"/opt/ex/a b\n\xff", "/opt/ex/bin/tool", "/opt/ex/bin", "/opt/ex/link",
		"/opt/ex/pipe", "/opt/ex"};
	static const enum object_type types[] = {OBJECT_FILE, OBJECT_FILE, OBJECT_FOLDER,
	                                         OBJECT_LINK, OBJECT_OTHER, OBJECT_FOLDER};
	const struct fact_place *p = &f.list[0].place;

	assert_slice(f.list[0].why, "");
	assert_true(p->exists);
	assert_int_equal(p->n_objects, COUNT_OF(expected));
	for (size_t i = 0; i < p->n_objects; i++) {
		assert_slice(p->objects[i].path, expected[i]);
		assert_int_equal(p->objects[i].type, types[i]);
	}
	assert_int_equal(p->objects[1].size, 3);
	assert_int_equal(p->objects[1].sha256[0], 0xba); /* of "abc" */
	assert_false(f.list[1].place.exists);
	assert_slice(f.list[1].why, "");
	assert_false(f.list[2].place.exists);
	facts_finish(&f);
}

static void links_lead_nowhere(void **state)
{
	(void)state;
	file("/real/file", "x");
	assert_int_equal(symlink("real", in_root("/way")), 0);
	folder("/loop");
	assert_int_equal(symlink("..", in_root("/loop/up")), 0);
	assert_int_equal(symlink("self", in_root("/loop/self")), 0);
	const struct need needs[] = {PLACE_OF("/way/file"), PLACE_OF("/loop"),
	                             PLACE_OF("/way"), PLACE_OF("/real/../real/file"),
	                             PLACE_OF("relative")};
	struct facts f = ASK(needs);

	assert_why(&f.list[0], "a link stands on the way");
	assert_int_equal(f.list[0].place.n_objects, 0);
	assert_int_equal(f.list[1].place.n_objects, 3);
	assert_int_equal(f.list[2].place.n_objects, 1);
	assert_int_equal(f.list[2].place.objects[0].type, OBJECT_LINK);
	assert_why(&f.list[3], "is no plain absolute path");
	assert_why(&f.list[4], "is no plain absolute path");
	facts_finish(&f);
}

static void names_outside_the_place_are_counted(void **state)
{
	(void)state;
	file("/opt/ex/a", "x");
	assert_int_equal(link(in_root("/opt/ex/a"), in_root("/opt/ex/b")), 0);
	assert_int_equal(link(in_root("/opt/ex/a"), in_root("/opt/c")), 0);
	assert_int_equal(link(in_root("/opt/ex/a"), in_root("/opt/d")), 0);
	const struct need needs[] = {PLACE_OF("/opt/ex"), PLACE_OF("/opt"),
	                             PLACE_OF("/opt/c")};
	struct facts f = ASK(needs);

	assert_int_equal(f.list[0].place.more_links, 2);
	assert_int_equal(f.list[1].place.more_links, 0);
	assert_int_equal(f.list[2].place.more_links, 3);
	facts_finish(&f);
}

static void files_that_others_share_are_told(void **state)
{
	(void)state;
	file("/etc/apt/sources.list.d/one.list",
	     "# http://other.example/\ndeb https://a.example/x y z\n"
	     "deb-src https://a.example/ y\n");
	file("/etc/apt/sources.list.d/two.sources",
	     "URIs: https://a.example/\n http://b.example\n");
	file("/etc/yum.repos.d/one.repo", "[a]\nbaseurl=https://a.example/x\n"
	     "gpgkey=file:///etc/pki/key\n[b]\nbaseurl=https://a.example/y\n");
	file("/etc/cron.d/one", "PATH=/bin\n1 * * * * root /opt/ex/bin/a\n"
	     "2 * * * * root /opt/ex/bin/b\n");
	file("/etc/cron.d/two", "1 * * * * root /opt/ex/bin/a\n@daily root backup\n");
	file("/etc/ssl/one.pem", "-----BEGIN CERTIFICATE-----\n");
	file("/etc/ssl/two.pem", "-----BEGIN X-----\n-----BEGIN X-----\n");
	file("/etc/crontab", "");
	const struct need needs[] = {
		PLACE_OF("/etc/apt/sources.list.d/one.list"),
		PLACE_OF("/etc/apt/sources.list.d/two.sources"),
		PLACE_OF("/etc/cron.d/one"), PLACE_OF("/etc/cron.d/two"),
		PLACE_OF("/etc/ssl/one.pem"), PLACE_OF("/etc/ssl/two.pem"),
		PLACE_OF("/etc/crontab"), PLACE_OF("/etc/yum.repos.d/one.repo")};
	static const bool shared[] = {false, true, false, true, false, true, true, false};
	struct facts f = ASK(needs);

	for (size_t i = 0; i < f.n; i++) {
		assert_true(f.list[i].place.exists);
		if (f.list[i].place.shared != shared[i])
			print_message("%.*s\n", SLICE_ARG(needs[i].text));
		assert_int_equal(f.list[i].place.shared, shared[i]);
	}
	facts_finish(&f);
}

static void a_mount_inside_is_named_and_not_entered(void **state)
{
	(void)state;
	file("/opt/ex/a", "x");
	folder("/opt/ex/data");
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("none", in_root("/opt/ex/data"), "tmpfs", 0, NULL) < 0)
			_exit(77);
		file("/opt/ex/data/inside", "x");
		const struct need needs[] = {PLACE_OF("/opt/ex"), PLACE_OF("/opt/ex/data")};
		struct facts f = ASK(needs);
		const struct fact_place *p = &f.list[0].place;
		bool good = slice_eq(p->mount, SLICE("/opt/ex/data")) &&
		            p->n_objects == 2 && f.list[1].place.n_objects == 0 &&
		            slice_eq(f.list[1].place.mount, SLICE("/opt/ex/data")) &&
		            f.list[1].why.n > 0;
		_exit(good ? 0 : 1);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Exchanges /opt/ex/sub and a link to /secret until told to stop. */
static atomic_bool stop_racing;

static void *race(void *unused)
{
	char a[8192], b[8192];

	(void)snprintf(a, sizeof(a), "%s/opt/ex/sub", root);
	(void)snprintf(b, sizeof(b), "%s/other", root);
	while (!atomic_load(&stop_racing))
		(void)renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
	return unused;
}

static void a_folder_that_becomes_a_link_is_never_followed(void **state)
{
	enum { ROUNDS = 2000 };
	const struct need needs[] = {PLACE_OF("/opt/ex")};
	size_t whole = 0, links = 0, gave_up = 0, unsound = 0;
	pthread_t thread;

	(void)state;
	file("/opt/ex/sub/mine", "x");
	file("/secret/key", "x");
	assert_int_equal(symlink(in_root("/secret"), in_root("/other")), 0);
	atomic_store(&stop_racing, false);
	assert_int_equal(pthread_create(&thread, NULL, race, NULL), 0);
	for (int i = 0; i < ROUNDS; i++) {
		struct facts f = ASK(needs);
		const struct fact_place *p = &f.list[0].place;
		for (size_t j = 0; j < p->n_objects; j++)
			assert_false(slice_ends(p->objects[j].path, SLICE("key")));
		if (f.list[0].why.n)
			gave_up++;
		else if (p->n_objects == 3)
			whole++;
		else
			links++;
		bool sound = f.list[0].why.n || p->n_objects == 3 ||
		             (p->n_objects == 2 && p->objects[0].type == OBJECT_LINK);
		if (!sound)
			print_message("%zu objects, the first of type %d, mount \"%.*s\"\n",
			              p->n_objects, p->n_objects ? (int)p->objects[0].type : -1,
			              SLICE_ARG(p->mount));
		unsound += !sound;
		facts_finish(&f);
	}
	atomic_store(&stop_racing, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	print_message("of %d looks: %zu saw the folder, %zu the link, %zu gave up\n",
	              ROUNDS, whole, links, gave_up);
	assert_int_equal(unsound, 0);
	assert_true(whole + links > 0);
}

static void deep_folders_end_in_a_reason(void **state)
{
	char path[4096] = "/deep";

	(void)state;
	for (size_t n = strlen(path), i = 0; i < 450; i++, n += 2)
		(void)snprintf(path + n, sizeof(path) - n, "/d");
	folder(path);
	const struct need needs[] = {PLACE_OF("/deep")};
	struct facts f = ASK(needs);
	assert_why(&f.list[0], "folders are in one another");
	assert_int_equal(f.list[0].place.n_objects, 0);
	assert_true(f.list[0].place.exists);
	facts_finish(&f);
}

static void a_hundred_thousand_files_are_looked_at(void **state)
{
	enum { FOLDERS = 100, FILES = 1000 };
	char path[64];
	struct timespec a, b;

	(void)state;
	for (int i = 0; i < FOLDERS; i++) {
		(void)snprintf(path, sizeof(path), "/many/%d", i);
		folder(path);
		for (int j = 0; j < FILES; j++) {
			(void)snprintf(path, sizeof(path), "/many/%d/%d", i, j);
			int fd = open(in_root(path), O_CREAT | O_WRONLY, 0600);
			assert_true(fd >= 0);
			assert_int_equal(close(fd), 0);
		}
	}
	const struct need needs[] = {PLACE_OF("/many")};
	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	struct facts f = ASK(needs);
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	assert_slice(f.list[0].why, "");
	assert_int_equal(f.list[0].place.n_objects, FOLDERS * (FILES + 1) + 1);
	double seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	print_message("100,000 files: %.2f s\n", seconds);
#ifndef __SANITIZE_ADDRESS__
	assert_true(seconds < 60);
#endif
	facts_finish(&f);
}

static void stops_when_it_is_told_to(void **state)
{
	const struct need needs[] = {PLACE_OF("/opt")};
	atomic_bool stop = true;
	struct survey_args args = {.root = root, .needs = needs, .n = 1, .stop = &stop};
	struct facts facts = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(survey(&args, &e, &facts), -EINTR);
	assert_non_null(strstr(e.text, "stopped"));
	args.root = "/nonexistent/root";
	assert_int_equal(survey(&args, &e, &facts), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/root"));
}

/* -- accounts ------------------------------------------------------------ */

static void accounts_know_what_is_theirs(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
	                    "exuser:x:4711:4712:Example:/var/opt/ex:/bin/false\n"
	                    "twin:x:4713:1::/:\nother:x:4713:1::/:\n"
	                    "+::::::\n");
	file("/etc/group", "root:x:0:\nexuser:x:4712:\nexadm:x:4714:exuser,admin\n"
	                   "exnone:x:4715:exuser\n");
	file("/var/opt/ex/z", "x");
	file("/var/opt/ex/a", "x");
	assert_int_equal(lchown(in_root("/var/opt/ex/z"), 4711, 4714), 0);
	assert_int_equal(lchown(in_root("/var/opt/ex/a"), 4711, 0), 0);
	const struct need needs[] = {
		USER_OF("exuser"), GROUP_OF("exuser"), GROUP_OF("exadm"), GROUP_OF("exnone"),
		USER_OF("nobody"), USER_OF("twin"), USER_OF("root"),
		{.kind = NEED_USER, .attr = ATTR_USER_HOME, .text = SLICE("/var/opt/ex")},
		{.kind = NEED_USER, .attr = ATTR_USER_HOME, .text = SLICE("/")}};
	struct facts f = ASK(needs);
	const struct fact_account *a = &f.list[0].account;

	assert_slice(f.list[0].why, "");
	assert_true(a->exists);
	assert_int_equal(a->id, 4711);
	assert_int_equal(a->remaining, 2);
	assert_int_equal(a->n_paths, 2);
	assert_slice(a->paths[0], "/var/opt/ex/a");
	assert_slice(a->paths[1], "/var/opt/ex/z");
	assert_slice(a->used, "");
	assert_slice(f.list[1].account.used, "");
	assert_int_equal(f.list[1].account.remaining, 0);
	assert_slice(f.list[2].account.used, "the user admin is a member of it");
	assert_int_equal(f.list[2].account.remaining, 1);
	assert_slice(f.list[3].account.used, "");
	assert_false(f.list[4].account.exists);
	assert_slice(f.list[5].account.used, "other has the same id");
	assert_slice(f.list[6].account.used, "its id is that of the superuser");
	assert_slice(f.list[7].account.name, "exuser");
	assert_why(&f.list[8], "more than one account");
	facts_finish(&f);
}

static void a_group_in_use_by_another_user_is_told(void **state)
{
	(void)state;
	file("/etc/passwd", "exuser:x:4711:4712::/:\n");
	file("/etc/group", "exuser:x:4712:\n");
	const struct need needs[] = {GROUP_OF("exuser")};
	struct facts f = ASK(needs);
	assert_slice(f.list[0].account.used, "it is the first group of the user exuser");
	facts_finish(&f);
}

static void a_damaged_file_of_accounts_is_a_reason(void **state)
{
	(void)state;
	file("/etc/passwd", "exuser:x:4711:4712::/:\nbad line\n");
	file("/etc/group", "ex:x:99999999999:\n");
	const struct need needs[] = {USER_OF("exuser"), GROUP_OF("ex")};
	struct facts f = ASK(needs);
	assert_why(&f.list[0], "damaged");
	assert_why(&f.list[1], "damaged");
	facts_finish(&f);
}

static void more_paths_than_are_listed_are_counted(void **state)
{
	char path[64];

	(void)state;
	if (geteuid() != 0)
		skip();
	file("/etc/passwd", "exuser:x:4711:0::/:\n");
	folder("/d");
	for (int i = 0; i < 3500; i++) {
		(void)snprintf(path, sizeof(path), "/d/%04d", (i * 1777) % 3500);
		file(path, "");
		assert_int_equal(lchown(in_root(path), 4711, 0), 0);
	}
	const struct need needs[] = {USER_OF("exuser")};
	struct facts f = ASK(needs);
	const struct fact_account *a = &f.list[0].account;
	assert_int_equal(a->remaining, 3500);
	assert_int_equal(a->n_paths, 1000);
	assert_slice(a->paths[0], "/d/0000");
	assert_slice(a->paths[999], "/d/0999");
	facts_finish(&f);
}

/* -- services ------------------------------------------------------------ */

static void units_of_another_root_are_told_by_links(void **state)
{
	(void)state;
	folder("/etc/systemd/system/multi-user.target.wants");
	folder("/etc/rc3.d");
	assert_int_equal(symlink("/lib/systemd/system/ex.service",
	                 in_root("/etc/systemd/system/multi-user.target.wants/ex.service")), 0);
	assert_int_equal(symlink("../init.d/ex", in_root("/etc/rc3.d/S20ex")), 0);
	const struct need needs[] = {
		UNIT_OF("/lib/systemd/system/ex.service"), UNIT_OF("/etc/init.d/ex"),
		UNIT_OF("/lib/systemd/system/exx.service"), UNIT_OF("/etc/init.d/x"),
		UNIT_OF("/etc/init.d/-rf")};
	struct facts f = ASK(needs);
	assert_slice(f.list[0].unit.name, "ex.service");
	assert_true(f.list[0].unit.enabled);
	assert_false(f.list[0].unit.known);
	assert_true(f.list[1].unit.enabled);
	assert_false(f.list[2].unit.enabled);
	assert_false(f.list[3].unit.enabled);
	assert_why(&f.list[4], "no unit can have this name");
	facts_finish(&f);
}

/* -- dpkg ---------------------------------------------------------------- */

/* Builds and installs a package with one file; `more` are control lines. */
static void deb(const char *name, const char *version, const char *more,
                const char *path)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "Package: %s\nVersion: %s\nArchitecture: all\n"
	               "Maintainer: M <m@example.org>\nDescription: d\n%s", name, version, more);
	file("/build/DEBIAN/control", text);
	(void)snprintf(text, sizeof(text), "/build%s", path);
	file(text, "content");
	assert_int_equal(run("cd '%s' && chmod -R go-w build && dpkg-deb --root-owner-group "
	                     "-b build x.deb >/dev/null && rm -r build && "
	                     "dpkg --root='%s' --force-depends --force-not-root "
	                     "--force-script-chrootless --log=/dev/null "
	                     "-i x.deb >/dev/null 2>&1", root, root), 0);
}

static void make_dpkg_root(void)
{
	folder("/var/lib/dpkg/info");
	folder("/var/lib/dpkg/updates");
	file("/var/lib/dpkg/status", "");
	deb("exsoft", "1:1.2-3", "Provides: scanner, engine (= 2.0)\n", "/opt/ex/bin/exsoft");
	deb("exsoft-gui", "1.0", "Depends: exsoft (>= 1:1.0)\n", "/opt/ex/gui/g");
	deb("user-of-virtual", "1", "Depends: scanner\n", "/opt/u1");
	deb("user-of-version", "1", "Pre-Depends: engine (>= 1.5)\n", "/opt/u2");
	deb("user-of-either", "1", "Depends: exsoft | other\n", "/opt/u3");
	deb("other", "1", "Essential: yes\n", "/sbin/init");
	deb("user-of-newer", "1", "Depends: exsoft (>= 2:0)\n", "/opt/u4");
	deb("with-unit", "1", "", "/lib/systemd/system/ex.service");
	deb("owns-file", "1", "", "/opt/ex/shared/o");
}

static bool names_one(const struct fact_package *p, const char *name)
{
	for (size_t i = 0; i < p->n_needed_by; i++)
		if (slice_eq(p->needed_by[i], slice_str(name)))
			return true;
	return false;
}

static void packages_of_dpkg_are_known(void **state)
{
	(void)state;
	if (!have("dpkg-deb") || !have("dpkg-query"))
		skip();
	make_dpkg_root();
	const struct need needs[] = {
		PACKAGE_OF("deb", "exsoft"), PACKAGE_OF("deb", "other"),
		PACKAGE_OF("deb", "absent"), PACKAGE_OF("deb", "with-unit"),
		PACKAGE_OF("apk", "x"), PLACE_OF("/opt/ex"), PLACE_OF("/opt/ex/bin/exsoft")};
	struct facts f = ASK(needs);
	const struct fact_package *p = &f.list[0].package;

	assert_slice(f.list[0].why, "");
	assert_true(p->installed);
	assert_false(p->residue);
	assert_slice(p->version, "1:1.2-3");
	assert_slice(p->arch, "all");
	assert_int_equal(p->n_files, 1);
	assert_int_equal(p->bytes, 7);
	assert_false(p->essential);
	assert_slice(p->critical, "");
	for (size_t i = 0; i < p->n_needed_by; i++)
		print_message("needed by %.*s\n", SLICE_ARG(p->needed_by[i]));
	assert_true(names_one(p, "exsoft-gui"));
	assert_true(names_one(p, "user-of-virtual"));
	assert_true(names_one(p, "user-of-version"));
	assert_true(names_one(p, "user-of-either")); /* both would go */
	assert_int_equal(p->n_needed_by, 4);
	assert_true(f.list[1].package.essential);
	assert_slice(f.list[1].package.critical, "it starts the system (/sbin/init)");
	assert_true(names_one(&f.list[1].package, "user-of-either"));
	assert_false(f.list[2].package.installed || f.list[2].package.residue);
	assert_slice(f.list[2].why, "");
	assert_int_equal(f.list[3].package.n_units, 1);
	assert_slice(f.list[3].package.units[0], "/lib/systemd/system/ex.service");
	assert_why(&f.list[4], "does not ask the manager of apk packages");
	assert_slice(f.list[5].place.owner, "deb exsoft");
	assert_int_equal(f.list[5].place.n_others, 3);
	assert_slice(f.list[5].place.others[0], "deb exsoft");
	assert_slice(f.list[5].place.others[2], "deb owns-file");
	assert_slice(f.list[6].place.owner, "deb exsoft");
	facts_finish(&f);
}

static void what_an_unasked_package_offers_stays(void **state)
{
	(void)state;
	if (!have("dpkg-deb") || !have("dpkg-query"))
		skip();
	make_dpkg_root();
	const struct need needs[] = {PACKAGE_OF("deb", "exsoft"),
	                             PACKAGE_OF("deb", "exsoft-gui")};
	struct facts f = ASK(needs);
	assert_false(names_one(&f.list[0].package, "user-of-either"));
	assert_true(names_one(&f.list[0].package, "exsoft-gui")); /* so it goes first */
	assert_int_equal(f.list[0].package.n_needed_by, 3);
	facts_finish(&f);
}

static void a_database_that_cannot_be_read_is_a_reason(void **state)
{
	(void)state;
	if (!have("dpkg-query"))
		skip();
	folder("/var/lib/dpkg/info");
	file("/var/lib/dpkg/status", "Package: x\nnonsense\n");
	file("/opt/x", "");
	const struct need needs[] = {PACKAGE_OF("deb", "x"), PLACE_OF("/opt/x")};
	struct facts f = ASK(needs);
	assert_why(&f.list[0], "asking the deb packages of the root");
	assert_why(&f.list[1], "whether a package owns it is not known");
	facts_finish(&f);
}

static void configuration_left_behind_is_residue(void **state)
{
	(void)state;
	if (!have("dpkg-query"))
		skip();
	folder("/var/lib/dpkg/info");
	file("/var/lib/dpkg/info/ex.list", "/.\n/etc\n/etc/ex.conf\n");
	file("/var/lib/dpkg/info/kept.list", "/.\n/opt/kept\n");
	file("/var/lib/dpkg/status",
	     "Package: ex\nStatus: deinstall ok config-files\nArchitecture: all\n"
	     "Version: 1\nMaintainer: m\nDescription: d\nConffiles:\n /etc/ex.conf 1\n\n"
	     "Package: kept\nStatus: hold ok installed\nArchitecture: all\nVersion: 1\n"
	     "Maintainer: m\nDescription: d\n");
	const struct need needs[] = {PACKAGE_OF("deb", "ex"), PACKAGE_OF("deb", "kept")};
	struct facts f = ASK(needs);
	assert_true(f.list[0].package.residue);
	assert_false(f.list[0].package.installed);
	assert_true(f.list[1].package.installed);
	assert_slice(f.list[1].package.held, "its manager is told to hold it");
	facts_finish(&f);
}

/* -- rpm ----------------------------------------------------------------- */

static void rpm(const char *name, const char *more, const char *path)
{
	char spec[2048];

	(void)snprintf(spec, sizeof(spec),
	               "Name: %s\nVersion: 1.2\nRelease: 3\nSummary: s\nLicense: x\n"
	               "BuildArch: noarch\nAutoReqProv: no\n%s%%description\nd\n%%install\n"
	               "mkdir -p $(dirname %%{buildroot}%s)\necho x > %%{buildroot}%s\n"
	               "%%files\n%s\n", name, more, path, path, path);
	file("/spec/x.spec", spec);
	assert_int_equal(run("cd '%s' && rpmbuild -bb --quiet --define '_topdir %s/rpmbuild' "
	                     "spec/x.spec >/dev/null 2>&1 && "
	                     "rpm --root '%s' --dbpath /var/lib/rpm --nodeps --noplugins -i "
	                     "rpmbuild/RPMS/noarch/%s-1.2-3.noarch.rpm >/dev/null 2>&1",
	                     root, root, root, name), 0);
}

static void packages_of_rpm_are_known(void **state)
{
	(void)state;
	if (geteuid() != 0 || !have("rpmbuild") || !have("rpm"))
		skip();
	folder("/var/lib/rpm");
	assert_int_equal(run("rpm --root '%s' --dbpath /var/lib/rpm --initdb", root), 0);
	rpm("exsoft", "Provides: scanner\n", "/opt/ex/bin/exsoft");
	rpm("exsoft-gui", "Requires: exsoft\n", "/opt/ex/gui");
	rpm("user", "Requires: scanner\n", "/opt/user");
	rpm("one", "Provides: either\n", "/opt/one");
	rpm("two", "Provides: either\n", "/opt/two");
	rpm("user-of-either", "Requires: either\n", "/opt/either");
	rpm("alone", "", "/usr/lib/systemd/system/ex.service");
	const struct need needs[] = {PACKAGE_OF("rpm", "exsoft"),
	                             PACKAGE_OF("rpm", "exsoft-gui"),
	                             PACKAGE_OF("rpm", "alone"), PACKAGE_OF("rpm", "none"),
	                             PLACE_OF("/opt/ex/bin/exsoft"),
	                             PACKAGE_OF("rpm", "one"), PACKAGE_OF("rpm", "two")};
	folder("/etc/dnf/protected.d");
	file("/etc/dnf/protected.d/mine.conf", "exsoft-g*\nnobody\n");
	file("/etc/dnf/protected.d/not-a-list", "alone\n");
	struct facts f = ASK(needs);
	const struct fact_package *p = &f.list[0].package;

	assert_slice(f.list[0].why, "");
	assert_true(names_one(&f.list[5].package, "user-of-either"));
	assert_true(names_one(&f.list[6].package, "user-of-either"));
	assert_true(p->installed);
	assert_slice(p->version, "1.2-3");
	assert_slice(p->arch, "noarch");
	assert_int_equal(p->n_files, 1);
	assert_int_equal(p->n_needed_by, 2);
	assert_true(names_one(p, "user") && names_one(p, "exsoft-gui"));
	assert_int_equal(f.list[1].package.n_needed_by, 0);
	assert_int_equal(f.list[2].package.n_units, 1);
	assert_false(f.list[3].package.installed);
	assert_slice(f.list[4].place.owner, "rpm exsoft");
	assert_false(p->essential);
	assert_true(f.list[1].package.essential);
	assert_false(f.list[2].package.essential);
	facts_finish(&f);
}

/* A key in the database, a package that is signed with it, and one that is not; a
 * repository that names the key's file. */
static void keys_of_rpm_are_known(void **state)
{
	(void)state;
	if (geteuid() != 0 || !have("rpmbuild") || !have("rpmsign") || !have("gpg"))
		skip();
	folder("/var/lib/rpm");
	assert_int_equal(run("rpm --root '%s' --dbpath /var/lib/rpm --initdb", root), 0);
	assert_int_equal(run("cd '%s' && mkdir -m 700 gnupg && gpg --homedir gnupg --batch --quiet"
	                     " --pinentry-mode loopback --passphrase '' --quick-gen-key"
	                     " 'Exsoft <x@ex.example>' rsa2048 sign never >/dev/null 2>&1 &&"
	                     " gpg --homedir gnupg --armor --export >key.asc", root), 0);
	assert_int_equal(run("cd '%s' && rpm --root '%s' --dbpath /var/lib/rpm --import key.asc",
	                     root, root), 0);
	rpm("plain", "", "/opt/plain");
	rpm("signed", "", "/opt/signed");
	assert_int_equal(run("cd '%s' && rpmsign --define '__gpg /usr/bin/gpg' --define"
	                     " '_gpg_name Exsoft' --define '_gpg_path %s/gnupg' --define"
	                     " '_gpg_sign_cmd_extra_args --batch --pinentry-mode loopback'"
	                     " --addsign rpmbuild/RPMS/noarch/signed-*.rpm >/dev/null 2>&1",
	                     root, root), 0);
	assert_int_equal(run("cd '%s' && rpm --root '%s' --dbpath /var/lib/rpm --noplugins -i"
	                     " --replacepkgs rpmbuild/RPMS/noarch/signed-*.rpm >/dev/null 2>&1",
	                     root, root), 0);
	(void)run("gpgconf --homedir '%s/gnupg' --kill all", root);
	file("/etc/yum.repos.d/ex.repo", "[ex]\nname=x\ngpgkey = file:///etc/k/A\n"
	                                 " file:///etc/k/B\nbaseurl=file:///not/a/key\n");
	const struct need needs[] = {
		{.kind = NEED_KEY, .text = SLICE("Exsoft <x@ex.example>")},
		{.kind = NEED_KEY, .text = SLICE("Exsoft")},
	};
	struct facts f = ASK(needs);
	const struct fact_keys *k = &f.list[0].keys;

	assert_slice(f.list[0].why, "");
	assert_int_equal(k->n, 1);
	assert_true(slice_starts(k->list[0].name, SLICE("gpg-pubkey-")));
	assert_true(slice_ends(k->list[0].name, k->list[0].version));
	assert_int_equal(k->list[0].n_packages, 1);
	assert_slice(k->list[0].packages[0], "signed");
	assert_int_equal(k->n_repositories, 2);
	assert_slice(k->repositories[1].path, "/etc/yum.repos.d/ex.repo");
	assert_slice(k->repositories[1].key, "/etc/k/B");
	assert_int_equal(f.list[1].keys.n, 0);
	facts_finish(&f);
}

/* -- the running system -------------------------------------------------- */

static const char *const *protections(const void *ctx, struct slice role)
{
	static const char *const list[] = {"debar-no-such", "test-guard", NULL};

	(void)ctx;
	(void)role;
	return list;
}

static void a_running_program_is_seen(void **state)
{
	const struct plan_lore lore = {.protections = protections};
	char path[200], sleep_text[] = "sleep", minute[] = "60";

	(void)state;
	file("/bin/none", "");
	(void)snprintf(path, sizeof(path), "%s/bin/test-guard", root);
	assert_int_equal(run("cp \"$(command -v sleep)\" '%s'", path), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char *const argv[] = {sleep_text, minute, NULL};
		(void)execv(path, argv);
		_exit(1);
	}
	(void)usleep(300000);
	struct need needs[] = {
		{.kind = NEED_PLACE, .text = slice_str(path)},
		{.kind = NEED_ROLE, .text = SLICE("anti-virus")},
		{.kind = NEED_MODULE, .text = SLICE("/lib/modules/x/no-such-module.ko.xz")}};
	struct facts f = ask_with(needs, COUNT_OF(needs), true, &lore);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(f.list[0].place.n_running, 1);
	assert_true(slice_find(f.list[0].place.running[0], SLICE("(test-guard)")) != SIZE_MAX);
	if (geteuid() == 0)
		assert_true(slice_starts(f.list[1].role.running, SLICE("test-guard (pid ")));
	assert_false(f.list[2].module.loaded);
	facts_finish(&f);
}

static void this_system_knows_what_it_starts_with(void **state)
{
	(void)state;
	if (access("/var/lib/dpkg/status", R_OK) < 0 || !have("dpkg-query"))
		skip();
	const struct need needs[] = {PACKAGE_OF("deb", "dpkg"), PACKAGE_OF("deb", "dash"),
	                             PACKAGE_OF("deb", "libc6"), PLACE_OF("/usr/bin/dpkg")};
	struct facts f = ask_with(needs, COUNT_OF(needs), true, NULL);
	assert_true(f.list[0].package.essential);
	assert_slice(f.list[0].package.critical, "it is the package manager");
	assert_true(f.list[0].package.n_needed_by > 0);
	assert_slice(f.list[1].package.critical, "it is the system's shell");
	assert_true(f.list[2].package.critical.n > 0 || f.list[2].why.n > 0);
	assert_slice(f.list[3].place.owner, "deb dpkg");
	facts_finish(&f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_folder_is_listed_contents_first),
		TEST(links_lead_nowhere),
		TEST(names_outside_the_place_are_counted),
		TEST(files_that_others_share_are_told),
		TEST(a_mount_inside_is_named_and_not_entered),
		TEST(a_folder_that_becomes_a_link_is_never_followed),
		TEST(deep_folders_end_in_a_reason),
		TEST(a_hundred_thousand_files_are_looked_at),
		TEST(stops_when_it_is_told_to),
		TEST(accounts_know_what_is_theirs),
		TEST(a_group_in_use_by_another_user_is_told),
		TEST(a_damaged_file_of_accounts_is_a_reason),
		TEST(more_paths_than_are_listed_are_counted),
		TEST(units_of_another_root_are_told_by_links),
		TEST(packages_of_dpkg_are_known),
		TEST(what_an_unasked_package_offers_stays),
		TEST(a_database_that_cannot_be_read_is_a_reason),
		TEST(configuration_left_behind_is_residue),
		TEST(packages_of_rpm_are_known),
		TEST(keys_of_rpm_are_known),
		TEST(a_running_program_is_seen),
		TEST(this_system_knows_what_it_starts_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
