/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in the rpm database. rpm keeps each as a package gpg-pubkey, told apart
 * by version and release, with its user id as the packager. A user id may hold
 * any byte, so each is asked for by itself and is the whole answer.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "survey/rpm.h"

#define SEP "\x1f"

enum { KEYS_MAX = 1000, REPOSITORY_BYTES_MAX = 1024 * 1024, REPOSITORIES_MAX = 10000 };

struct key {
	struct fact_key fact;
	struct slice user;
	struct slice ids; /* lines of gpg(...): of the key and its subkeys */
};

struct keys {
	struct survey *s;
	const char *why;
	struct key *list;
	size_t n;
	struct slice signatures; /* lines: package, SEP, its signature in words */
	struct fact_repository *repositories;
	size_t n_repositories;
};

/* ---- the keys ---- */

/* "2fa658e0-45700c69" and nothing else: it becomes part of a name. */
static bool is_key_version(struct slice line)
{
	for (size_t i = 0; i < line.n; i++)
		if (!isxdigit(line.p[i]) && line.p[i] != '-')
			return false;
	return line.n > 0 && line.p[0] != '-' && slice_find_byte(line, '-') < line.n;
}

static int look_at_key(struct keys *k, struct slice version)
{
	char *name = arena_printf(k->s->mem, "gpg-pubkey-%.*s", SLICE_ARG(version));
	const char *const user[] = {"-q", "--qf", "%{PACKAGER}", name};
	const char *const ids[] = {"-q", "--qf", "[%{PROVIDENAME}\n]", name};
	struct key *key = &k->list[k->n];

	if (!name)
		return -ENOMEM;
	*key = (struct key){.fact = {.name = slice_str(name), .version = version}};
	int rc = rpm_ask(k->s, user, COUNT_OF(user), false, &key->user, &k->why);
	if (rc == 0 && !k->why)
		rc = rpm_ask(k->s, ids, COUNT_OF(ids), false, &key->ids, &k->why);
	k->n++;
	return rc;
}

static int read_keys(struct keys *k)
{
	static const char *const query[] = {
		"-qa", "--qf", "%{VERSION}-%{RELEASE}\n", "gpg-pubkey",
	};
	struct slice text, line;
	int rc = rpm_ask(k->s, query, COUNT_OF(query), false, &text, &k->why);

	k->list = arena_zalloc(k->s->mem, KEYS_MAX, sizeof(*k->list));
	if (!k->list)
		return -ENOMEM;
	while (rc == 0 && !k->why && slice_line(&text, &line)) {
		if (survey_stopped(k->s))
			return -EINTR;
		if (k->n == KEYS_MAX)
			k->why = "there are more than 1000 keys";
		else if (is_key_version(line))
			rc = look_at_key(k, line);
	}
	return rc;
}

/* ---- which packages are signed with them ---- */

static int read_signatures(struct keys *k)
{
	static const char *const query[] = {
		"-qa", "--qf",
		"%{NAME}" SEP "%|RSAHEADER?{%{RSAHEADER:pgpsig}}:{%|DSAHEADER?{"
		"%{DSAHEADER:pgpsig}}:{%|SIGPGP?{%{SIGPGP:pgpsig}}:{"
		"%|SIGGPG?{%{SIGGPG:pgpsig}}|}|}|}|\n",
	};

	return rpm_ask(k->s, query, COUNT_OF(query), false, &k->signatures, &k->why);
}

/* "RSA/SHA256, <date>, Key ID 0123456789abcdef" */
static struct slice signer(struct slice words)
{
	static const char before[] = "Key ID ";
	size_t at = slice_find(words, slice_str(before));

	return at < words.n ? slice_trim(slice_from(words, at + strlen(before)))
	                    : (struct slice){0};
}

static bool has_id(struct slice ids, struct slice id)
{
	struct slice line;

	while (slice_line(&ids, &line)) {
		struct slice inner = slice_starts(line, SLICE("gpg(")) && line.n > 5
		                             ? slice_of(line.p + 4, line.n - 5)
		                             : (struct slice){0};
		if (inner.n && slice_eq_nocase(inner, id))
			return true;
	}
	return false;
}

static int find_signed(struct keys *k, struct key *key)
{
	struct slice rest = k->signatures, line, name;
	struct texts names = {0};
	int rc = 0;

	while (rc == 0 && slice_line(&rest, &line)) {
		if (!slice_split(&line, SEP[0], &name))
			continue;
		struct slice id = signer(line);
		if (id.n && has_id(key->ids, id))
			rc = texts_add(&names, name);
	}
	texts_settle(&names);
	if (rc == 0)
		rc = texts_give(&names, k->s->mem, &key->fact.packages,
		                &key->fact.n_packages);
	texts_finish(&names);
	return rc;
}

/* ---- which repositories name key files ---- */

/* Every file:// word of gpgkey=, also on the lines that go on with it. */
static int take_keys_of(struct keys *k, struct slice path, struct slice text)
{
	struct slice line, word;
	bool on = false;

	while (slice_line(&text, &line)) {
		bool more = line.n && (line.p[0] == ' ' || line.p[0] == '\t');
		line = slice_trim(line);
		if (!more)
			on = slice_starts(line, SLICE("gpgkey"));
		for (size_t at; on && (at = slice_find(line, SLICE("file://"))) < line.n;) {
			line = slice_from(line, at + sizeof("file://") - 1);
			size_t n = 0;
			while (n < line.n && line.p[n] > ' ' && line.p[n] != ',')
				n++;
			word = slice_first(line, n);
			if (k->n_repositories == REPOSITORIES_MAX)
				k->why = "the repositories name more than 10,000 keys";
			else
				k->repositories[k->n_repositories++] =
					(struct fact_repository){path, word};
			on = !k->why;
		}
	}
	return 0;
}

static int read_repository(struct keys *k, const char *folder, const char *name)
{
	char *path = arena_printf(k->s->mem, "%s/%s", folder, name);
	struct slice text;

	if (!path)
		return -ENOMEM;
	if (!slice_ends(slice_str(path), SLICE(".repo")))
		return 0;
	int rc = survey_read(k->s, path, REPOSITORY_BYTES_MAX, &text);
	if (rc < 0 && rc != -ENOMEM && rc != -ENOENT)
		k->why = arena_printf(k->s->mem, "%s: %s", path, strerrordesc_np(-rc));
	if (rc < 0)
		return rc == -ENOMEM ? rc : 0;
	return take_keys_of(k, slice_str(path), text);
}

static int read_folder(struct keys *k, const char *folder)
{
	int fd = object_open_folder(k->s->root_fd, slice_str(folder), O_RDONLY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int rc = 0;

	if (fd == -ENOENT)
		return 0;
	if (!dir) {
		k->why = arena_printf(k->s->mem, "%s cannot be listed", folder);
		if (fd >= 0)
			(void)close(fd);
		return k->why ? 0 : -ENOMEM;
	}
	for (struct dirent *d; rc == 0 && !k->why && (d = readdir(dir));)
		rc = read_repository(k, folder, d->d_name);
	(void)closedir(dir);
	return rc;
}

static int read_repositories(struct keys *k)
{
	static const char *const folders[] = {"/etc/yum.repos.d", "/etc/zypp/repos.d"};
	int rc = 0;

	k->repositories = arena_zalloc(k->s->mem, REPOSITORIES_MAX,
	                               sizeof(*k->repositories));
	if (!k->repositories)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && !k->why && i < COUNT_OF(folders); i++)
		rc = read_folder(k, folders[i]);
	return rc;
}

/* ---- answers ---- */

static int answer(struct keys *k, struct slice user, struct fact *f)
{
	f->keys.list = arena_zalloc(k->s->mem, k->n, sizeof(*f->keys.list));
	if (!f->keys.list)
		return -ENOMEM;
	for (size_t i = 0; i < k->n; i++)
		if (slice_eq(k->list[i].user, user))
			f->keys.list[f->keys.n++] = k->list[i].fact;
	f->keys.repositories = k->repositories;
	f->keys.n_repositories = k->n_repositories;
	return 0;
}

static bool is_asked(const struct survey *s)
{
	for (size_t i = 0; i < s->args->n; i++)
		if (s->args->needs[i].kind == NEED_KEY)
			return true;
	return false;
}

int survey_keys(struct survey *s)
{
	static int (*const steps[])(struct keys *) = {
		read_keys, read_signatures, read_repositories,
	};
	struct keys k = {.s = s};
	int rc = 0;

	if (!is_asked(s) || !rpm_present(s))
		return 0;
	for (size_t i = 0; rc == 0 && !k.why && i < COUNT_OF(steps); i++)
		rc = steps[i](&k);
	for (size_t i = 0; rc == 0 && !k.why && i < k.n; i++)
		rc = find_signed(&k, &k.list[i]);
	for (size_t i = 0; rc == 0 && i < s->args->n; i++) {
		if (s->args->needs[i].kind != NEED_KEY)
			continue;
		if (k.why)
			rc = survey_why(s, &s->facts->list[i], "asking rpm for its keys: %s",
			                k.why);
		else
			rc = answer(&k, s->args->needs[i].text, &s->facts->list[i]);
	}
	return rc;
}
