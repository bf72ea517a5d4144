/* SPDX-License-Identifier: Apache-2.0 */
/* doc/approval.schema.json */
#include <errno.h>

#include "plan/form.h"
#include "plan/shape.h"

enum { APPROVAL_BYTES_MAX = 64 * 1024 };

#define CHARS(member, name) \
	{.key = (name), .kind = FIELD_CHARS, .at = offsetof(struct approval, member), \
	 .limit = sizeof(((struct approval *)NULL)->member)}

static const struct field approval_shape_fields[] = {
	SHAPE_CONST("schema", "debar/approval/1"),
	CHARS(sha256, "plan"),
	CHARS(by, "by"),
	CHARS(at, "at"),
	CHARS(note, "note"),
};
SHAPE(approval_shape, struct approval);

int approval_write(const struct approval *a, FILE *out)
{
	struct json j;

	json_init(&j, out, false);
	json_open(&j, NULL, '{');
	shape_json(&j, &approval_shape, a, NULL);
	json_close(&j, '}');
	return json_finish(&j);
}

static int check(const struct approval *a, struct err *e)
{
	if (strlen(a->sha256) != 2 * PLAN_SHA256_BYTES ||
	    strspn(a->sha256, "0123456789abcdef") != 2 * PLAN_SHA256_BYTES)
		return err_set(e, -EBADMSG, "plan is no hash of a plan");
	if (!*a->by || !*a->at)
		return err_set(e, -EBADMSG, "it does not say who approved, or when");
	return 0;
}

int approval_read(int fd, struct err *e, struct approval *ret)
{
	struct approval a = {0};
	struct arena mem;
	json_t *document;
	int code = shape_load(fd, APPROVAL_BYTES_MAX, e, &document);

	if (code < 0)
		return code;
	arena_init(&mem, 0);
	code = shape_read(document, &approval_shape, &mem, e, &a);
	json_decref(document);
	arena_finish(&mem);
	code = code < 0 ? code : check(&a, e);
	if (code == 0)
		*ret = a;
	return code;
}
