/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/unprivileged.h"
#include "system/file.h"

enum { APPROVAL_BYTES_MAX = 64 * 1024, PACKED_MORE = 256 * 1024 };

/* What a child reads from `in` and says to `out` (both memory files). */
struct reading {
	const char *path;
	int in, out;
	int (*read)(int fd, struct err *e, struct str *packed);
};

static int nothing(void *ctx)
{
	(void)ctx;
	return EXIT_CLEAN;
}

static int read_and_say(void *ctx)
{
	const struct reading *r = ctx;
	struct str packed = {0};
	struct err e = {0};
	int rc = r->read(r->in, &e, &packed);

	if (rc == 0)
		rc = file_write(r->out, str_slice(&packed));
	if (rc < 0)
		cmd_error("%s: %s", r->path, *e.text ? e.text : strerror(-rc));
	str_finish(&packed);
	return rc < 0 ? EXIT_FAILED : EXIT_CLEAN;
}

static int copy_in(const char *path, size_t limit, int to, struct str *bytes)
{
	const bool standard = strcmp(path, "-") == 0;
	const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -errno;
	int r = file_read(fd, limit, bytes);
	if (!standard)
		(void)close(fd);
	if (r == 0)
		r = file_write(to, str_slice(bytes));
	return r < 0 ? r : lseek(to, 0, SEEK_SET) < 0 ? -errno : 0;
}

/* The file's bytes, and what a child without rights makes of them. */
static bool read_apart(const char *path, size_t limit,
                       int (*fn)(int fd, struct err *e, struct str *packed),
                       struct str *bytes, struct str *packed)
{
	struct reading reading = {
		.path = path,
		.in = memfd_create("in", MFD_CLOEXEC),
		.out = memfd_create("out", MFD_CLOEXEC),
		.read = fn,
	};
	int r = reading.in < 0 || reading.out < 0 ? -errno : 0;
	bool told = false;

	if (r == 0)
		r = copy_in(path, limit, reading.in, bytes);
	if (r == 0) {
		told = unprivileged_run(nothing, read_and_say, &reading) != EXIT_CLEAN;
		if (!told && lseek(reading.out, 0, SEEK_SET) < 0)
			r = -errno;
	}
	if (r == 0 && !told)
		r = file_read(reading.out, 2 * limit + PACKED_MORE, packed);
	if (r < 0)
		cmd_error("%s: %s", path, r == -EFBIG ? "the file is too large" : strerror(-r));
	if (reading.in >= 0)
		(void)close(reading.in);
	if (reading.out >= 0)
		(void)close(reading.out);
	return r == 0 && !told;
}

/* ---- articles ---------------------------------------------------------- */

static int read_articles(int fd, struct err *e, struct str *packed)
{
	struct articles a = {0};
	int r = articles_read(fd, e, &a);

	if (r == 0)
		r = articles_pack(&a, packed);
	articles_finish(&a);
	return r;
}

bool apart_articles(const char *path, struct articles *ret)
{
	struct str bytes = {0}, packed = {0};
	struct err e = {0};
	bool good = read_apart(path, REPORT_BYTES_MAX, read_articles, &bytes, &packed);

	if (good && articles_unpack(str_slice(&packed), &e, ret) < 0) {
		cmd_error("%s: %s", path, e.text);
		good = false;
	}
	str_finish(&bytes);
	str_finish(&packed);
	return good;
}

/* ---- plans ------------------------------------------------------------- */

static int read_plan(int fd, struct err *e, struct str *packed)
{
	struct plan *plan = NULL;
	int r = plan_read(fd, e, &plan);

	if (r == 0)
		r = plan_pack(plan, packed);
	plan_free(plan);
	return r;
}

bool apart_plan(const char *path, struct plan **ret, struct str *ret_bytes)
{
	struct str bytes = {0}, packed = {0};
	struct err e = {0};
	bool good = read_apart(path, REPORT_BYTES_MAX, read_plan, &bytes, &packed);

	if (good && plan_unpack(str_slice(&packed), &e, ret) < 0) {
		cmd_error("%s: %s", path, e.text);
		good = false;
	}
	str_finish(&packed);
	if (good && ret_bytes)
		*ret_bytes = bytes;
	else
		str_finish(&bytes);
	return good;
}

/* ---- approvals --------------------------------------------------------- */

static int read_approval(int fd, struct err *e, struct str *packed)
{
	struct approval a = {0};
	const int r = approval_read(fd, e, &a);

	if (r == 0)
		str_add(packed, slice_of(&a, sizeof(a)));
	return r < 0 ? r : str_failed(packed) ? -ENOMEM : 0;
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

bool apart_approval(const char *path, struct approval *ret)
{
	struct str bytes = {0}, packed = {0};
	bool good = read_apart(path, APPROVAL_BYTES_MAX, read_approval, &bytes, &packed);

	if (good) {
		good = packed.n == sizeof(*ret);
		if (good)
			memcpy(ret, packed.p, sizeof(*ret));
		good = good && ends(ret->sha256, sizeof(ret->sha256)) &&
		       ends(ret->by, sizeof(ret->by)) && ends(ret->at, sizeof(ret->at)) &&
		       ends(ret->note, sizeof(ret->note));
		if (!good)
			cmd_error("%s: no approval could be read", path);
	}
	str_finish(&bytes);
	str_finish(&packed);
	return good;
}
