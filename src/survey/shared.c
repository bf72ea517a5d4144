/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/shared.h"

#include <errno.h>
#include <fnmatch.h>

enum { SHARED_FILE_MAX = 1024 * 1024 };

/* What tells an entry's owner from another's; words go to `owners`. */
typedef int owners_fn(struct slice text, struct texts *owners);

static bool is_comment(struct slice line)
{
	return line.n == 0 || line.p[0] == '#' || line.p[0] == ';';
}

/* Every host of a URL in the text, comments left out: sources of packages. */
static int hosts(struct slice text, struct texts *owners)
{
	struct slice line;
	int rc = 0;

	while (rc == 0 && slice_line(&text, &line)) {
		line = slice_trim(line);
		if (is_comment(line))
			continue;
		for (size_t at; rc == 0 && (at = slice_find(line, SLICE("://"))) < line.n;) {
			line = slice_from(line, at + 3);
			size_t n = 0;
			while (n < line.n && line.p[n] > ' ' && !strchr("/\"',", line.p[n]))
				n++;
			if (n) /* file:///... is nobody's host */
				rc = texts_add(owners, slice_first(line, n));
		}
	}
	return rc;
}

/* The first word of a line that is an absolute path, its folder: what a job
 * starts. A job without one may be anybody's. */
static int jobs(struct slice text, struct texts *owners)
{
	struct slice line, word;
	int rc = 0;

	while (rc == 0 && slice_line(&text, &line)) {
		line = slice_trim(line);
		if (is_comment(line))
			continue;
		struct slice rest = line, owner = line;
		bool setting = line.p[0] != '*' && line.p[0] != '@' &&
		               (line.p[0] < '0' || line.p[0] > '9');
		while (!setting && slice_split(&rest, ' ', &word))
			if (word.n > 1 && word.p[0] == '/') {
				owner = slice_dirname(word);
				break;
			}
		if (!setting)
			rc = texts_add(owners, owner);
	}
	return rc;
}

/* Each certificate is somebody's. */
static int certificates(struct slice text, struct texts *owners)
{
	struct slice begin = SLICE("-----BEGIN ");
	int rc = 0;

	for (size_t at; rc == 0 && (at = slice_find(text, begin)) < text.n;) {
		text = slice_from(text, at + begin.n);
		rc = texts_add(owners, slice_first(text, 200));
	}
	return rc;
}

/* By kind of file. What is in none of these has one owner. */
static const struct {
	const char *glob; /* fnmatch(3) on the whole path */
	owners_fn *owners; /* NULL: shared whatever it holds */
} kinds[] = {
	{"/etc/apt/sources.list", NULL},
	{"/etc/apt/sources.list.d/*", hosts},
	{"/etc/yum.repos.d/*.repo", hosts},
	{"/etc/zypp/repos.d/*.repo", hosts},
	{"/etc/apk/repositories", NULL},
	{"/etc/pacman.conf", NULL},
	{"/etc/pacman.d/*", hosts},
	{"/etc/crontab", NULL},
	{"/etc/anacrontab", NULL},
	{"/etc/cron.d/*", jobs},
	{"/var/spool/cron/*", jobs},
	{"/etc/apt/trusted.gpg", NULL},
	{"*.pem", certificates},
	{"*.crt", certificates},
	{"*/cert8.db", NULL},
	{"*/cert9.db", NULL},
	{"*/cacerts", NULL},
	{"*.jks", NULL},
	{"*.p12", NULL},
	{"*.pfx", NULL},
	{"/etc/passwd", NULL},
	{"/etc/group", NULL},
	{"/etc/shadow", NULL},
	{"/etc/gshadow", NULL},
	{"/var/lib/dpkg/*", NULL},
	{"/var/lib/rpm/*", NULL},
	{"/usr/lib/sysimage/rpm/*", NULL},
	{"/lib/apk/db/*", NULL},
	{"/var/lib/snapd/state.json", NULL},
	{"*/package-lock.json", NULL},
	{"*/package.json", NULL},
};

static int judge(struct survey *s, const char *path, owners_fn *owners,
                 bool *ret_shared)
{
	struct texts w = {0};
	struct slice text;

	*ret_shared = true;
	if (!owners)
		return 0;
	int rc = survey_read(s, path, SHARED_FILE_MAX, &text);
	if (rc < 0)
		return rc == -ENOMEM ? rc : 0;
	rc = owners(text, &w);
	/* certificates alike are still two: count before they are settled */
	if (owners != certificates)
		texts_settle(&w);
	*ret_shared = w.n > 1;
	texts_finish(&w);
	return rc;
}

int shared_look(struct survey *s, struct slice path, struct fact *fact)
{
	const struct fact_place *p = &fact->place;
	bool is_file = p->n_objects == 1 && p->objects[0].type == OBJECT_FILE;
	const char *text = (const char *)path.p; /* arena_copy() ends it */

	for (size_t i = 0; is_file && i < COUNT_OF(kinds); i++)
		if (fnmatch(kinds[i].glob, text, 0) == 0)
			return judge(s, text, kinds[i].owners, &fact->place.shared);
	return 0;
}
