/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Devices, pipes and the like are written to as they are. */
static bool replaceable(const char *path)
{
	struct stat st;
	return lstat(path, &st) < 0 ? errno == ENOENT : S_ISREG(st.st_mode);
}

static int open_temporary(struct output *o, const char *path)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	if (asprintf(&o->temporary, "%s.XXXXXX", path) < 0) {
		o->temporary = NULL;
		return -ENOMEM;
	}
	int fd = mkstemp(o->temporary);
	if (fd < 0) {
		int r = -errno;
		free(o->temporary);
		o->temporary = NULL;
		return r;
	}
	(void)fchmod(fd, 0666 & ~mask);
	o->stream = fdopen(fd, "w");
	return o->stream ? 0 : -errno;
}

int output_open(struct output *o, const char *path, struct err *e)
{
	*o = (struct output){.path = path};
	if (!path) {
		o->stream = stdout;
		return 0;
	}
	if (replaceable(path)) {
		int r = open_temporary(o, path);
		return r < 0 ? err_sys(e, r, "cannot write %s", path) : 0;
	}
	o->stream = fopen(path, "we");
	return o->stream ? 0 : err_sys(e, -errno, "cannot write %s", path);
}

int output_close(struct output *o, struct err *e)
{
	const char *name = o->path ? o->path : "standard output";
	int r = 0;

	errno = 0;
	if (fflush(o->stream) != 0 || ferror(o->stream))
		r = errno ? -errno : -EIO;
	if (o->path) {
		if (r == 0 && o->temporary && fsync(fileno(o->stream)) < 0)
			r = -errno;
		if (fclose(o->stream) != 0 && r == 0)
			r = -errno;
		o->stream = NULL;
		if (r == 0 && o->temporary && rename(o->temporary, o->path) < 0)
			r = -errno;
	}
	if (r < 0)
		output_cancel(o);
	free(o->temporary);
	o->temporary = NULL;
	if (r == -EPIPE)
		return err_set(e, r, "the reader of %s went away before the "
		                     "report was complete", name);
	return r < 0 ? err_sys(e, r, "writing the report to %s", name) : 0;
}

void output_cancel(struct output *o)
{
	if (o->path && o->stream)
		(void)fclose(o->stream);
	o->stream = NULL;
	if (o->temporary) {
		(void)unlink(o->temporary);
		free(o->temporary);
		o->temporary = NULL;
	}
}
