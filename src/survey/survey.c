/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "survey/state.h"

/* bin, sbin and lib are links where a system keeps all of that below /usr. */
static bool is_merged(int root_fd)
{
	struct stat st;

	return fstatat(root_fd, "bin", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(st.st_mode);
}

int survey_open_root(struct survey *s, struct err *e)
{
	struct facts *f = s->facts;
	struct stat st;
	char *real = realpath(s->args->root, NULL);

	if (!real)
		return err_sys(e, -errno, "opening %s", s->args->root);
	s->root = arena_str(s->mem, slice_str(real));
	s->root_fd = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = s->root_fd < 0 ? -errno : 0;
	free(real);
	if (rc < 0 || fstat(s->root_fd, &st) < 0)
		return err_sys(e, rc < 0 ? rc : -errno, "opening %s", s->args->root);
	if (!s->root)
		return -ENOMEM;
	f->root = slice_str(s->root);
	f->live = s->args->live;
	f->root_device = st.st_dev;
	f->root_inode = st.st_ino;
	s->merged = is_merged(s->root_fd);
	return 0;
}

/* The order matters: later ones use what earlier ones have found. */
static int look(struct survey *s)
{
	static int (*const steps[])(struct survey *) = {
		mounts_list,     processes_read,  survey_places,
		survey_code,     survey_packages, survey_accounts, survey_units, survey_modules,
		survey_roles,    survey_keys,
	};

	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		int rc = survey_stopped(s) ? -EINTR : steps[i](s);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int survey(const struct survey_args *args, struct err *e, struct facts *ret)
{
	struct facts facts = {.n = args->n};
	struct survey s = {.args = args, .facts = &facts, .root_fd = -1};

	arena_init(&facts.mem, SURVEY_BYTES_MAX);
	s.mem = &facts.mem;
	facts.list = arena_zalloc(s.mem, args->n, sizeof(*facts.list));
	int rc = facts.list ? survey_open_root(&s, e) : -ENOMEM;
	if (rc == 0)
		rc = look(&s);
	if (s.root_fd >= 0)
		(void)close(s.root_fd);
	if (rc == -ENOMEM)
		err_set(e, rc, "out of memory while looking at %s, or there is more "
		        "than 1.5 GiB to say of it", args->root);
	if (rc == -EINTR)
		err_set(e, rc, "stopped while looking at %s", args->root);
	if (rc < 0)
		arena_finish(&facts.mem);
	else
		*ret = facts;
	return rc;
}

void facts_finish(struct facts *f)
{
	arena_finish(&f->mem);
	*f = (struct facts){0};
}
