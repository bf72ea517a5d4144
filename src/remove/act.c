/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "remove/act_private.h"

enum { OUTPUT_MAX = 8 << 20, DEADLINE_S = 3600, SAID_MAX = 400 };

/* ---- programs ---------------------------------------------------------- */

/* The last lines are the ones that say why. */
static struct slice last_words(const struct command_result *r)
{
	const struct slice all = slice_trim(str_slice(r->err.n ? &r->err : &r->out));

	return all.n > SAID_MAX ? slice_from(all, all.n - SAID_MAX) : all;
}

int act_run(char *const *argv, const char *chroot, struct str *out, struct err *e)
{
	struct command_result r = {0};
	int status = command_run(&(struct command){
		.argv = argv,
		.output_max = OUTPUT_MAX,
		.deadline_s = DEADLINE_S,
		.untouched = true,
		.chroot = chroot,
	}, e, &r);

	if (status == 0)
		status = r.status;
	if (status > 0)
		(void)err_set(e, -EIO, "%s: %.*s", argv[0], SLICE_ARG(last_words(&r)));
	if (out && status >= 0)
		str_add(out, str_slice(&r.out));
	if (status >= 0 && r.cut)
		status = err_set(e, -EFBIG, "%s says more than %d bytes", argv[0], OUTPUT_MAX);
	command_finish(&r);
	if (out && str_failed(out))
		return err_sys(e, -ENOMEM, "%s", argv[0]);
	return status;
}

int act_must(char *const *argv, const char *chroot, struct err *e)
{
	const int status = act_run(argv, chroot, NULL, e);

	return status > 0 ? -EIO : status;
}

int act_fixed_places(const struct act *a, const char *const *list, struct slice **ret,
                     size_t *ret_n)
{
	size_t n = 0;

	while (list[n])
		n++;
	struct slice *places = arena_zalloc(a->mem, n + 1, sizeof(*places));
	if (!places)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		places[i] = slice_str(list[i]);
	*ret = places;
	*ret_n = n;
	return 0;
}

/* ---- kinds ------------------------------------------------------------- */

static const struct act_kind *kind_of(const struct act *a)
{
	static const struct act_kind *const kinds[STEP_KIND_COUNT] = {
		[STEP_SERVICE] = &act_service,
		[STEP_PACKAGE] = &act_package,
		[STEP_TRUST] = &act_trust,
		[STEP_USER] = &act_account,
		[STEP_GROUP] = &act_account,
	};
	return kinds[a->step->kind];
}

int act_done(const struct act *a, struct err *e)
{
	return kind_of(a)->done(a, e);
}

int act_try(const struct act *a, struct err *e)
{
	return kind_of(a)->try(a, e);
}

int act_places(const struct act *a, struct err *e, struct slice **ret, size_t *ret_n)
{
	return kind_of(a)->places(a, e, ret, ret_n);
}

int act_do(const struct act *a, struct err *e)
{
	return kind_of(a)->run(a, e);
}

int act_undo(const struct act *a, bool exact, const char *package_file, struct err *e)
{
	return kind_of(a)->undo(a, exact, package_file, e);
}
