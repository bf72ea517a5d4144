/* SPDX-License-Identifier: Apache-2.0 */
/* A plan in writing, and what is refused when it is read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/form.h"

static struct object objects[] = {
	{.path = SLICE("/opt/acme/bin/a\nb"), .type = OBJECT_FILE, .device = UINT64_MAX,
	 .inode = UINT64_MAX - 1, .size = INT64_MAX, .mode = S_IFREG | 04755, .uid = 1,
	 .gid = UINT32_MAX, .mtime_s = -5, .mtime_ns = 999999999, .links = 2, .flags = 16,
	 .sha256 = {0xab, 1, 2}},
	{.path = SLICE("/opt/acme/bin/\xff'\"\\"), .type = OBJECT_LINK,
	 .mode = S_IFLNK | 0777, .sha256 = {9}},
	{.path = SLICE("/opt/acme/bin"), .type = OBJECT_FOLDER, .mode = S_IFDIR | 0755},
	{.path = SLICE("/opt/acme/socket"), .type = OBJECT_OTHER, .mode = S_IFSOCK | 0755},
	{.path = SLICE("/opt/acme"), .type = OBJECT_FOLDER, .mode = S_IFDIR | 0755},
};
static struct plan_package packages[] = {
	{"deb", SLICE("acme-agent"), SLICE("2:1.0-1+b1~x"), SLICE("amd64"), false},
	{"deb", SLICE("acme"), SLICE("1.0"), SLICE(""), true},
};
static struct plan_reason reasons[] = {{SLICE("xx-order"), SLICE("software of \xc3\xa4")}};
static struct plan_evidence evidence[] = {
	{SLICE("path"), SLICE("zero\0byte"), SLICE("/opt/\x80"), SLICE("acme/path"),
	 SLICE(""), STRENGTH_PROVEN},
};
static struct slice lines[] = {SLICE("it holds"), SLICE("not \xfe UTF-8")};
static struct step steps[] = {
	{.kind = STEP_SERVICE, .stage = STAGE_SERVICE, .subject = SLICE("acme@1.service"),
	 .was_active = true, .risk = RISK_HIGH},
	{.kind = STEP_PACKAGE, .stage = STAGE_PACKAGE, .rank = 3, .packages = packages,
	 .n_packages = 2, .reasons = reasons, .n_reasons = 1, .evidence = evidence,
	 .n_evidence = 1, .name = SLICE("acme"), .article = SLICE("0123"),
	 .entity = SLICE("acme"), .risk = RISK_MEDIUM, .risk_words = SLICE("so so")},
	{.kind = STEP_TAKE, .stage = STAGE_LEFTOVER, .objects = objects,
	 .n_objects = COUNT_OF(objects), .packages = packages, .n_packages = 1,
	 .before = lines, .n_before = 2, .after = lines, .n_after = 1,
	 .words = SLICE("take it")},
	{.kind = STEP_USER, .stage = STAGE_ACCOUNT, .subject = SLICE("acme"), .id = 990},
	{.kind = STEP_REVIEW, .stage = STAGE_REVIEW, .words = SLICE("ask")},
};
static struct plan_gate gates[] = {
	{SLICE("anti-virus"), GATE_WAIVED, SLICE("I do"), lines, 1},
	{SLICE("firewall"), GATE_MISSING, SLICE(""), NULL, 0},
};
static struct plan_left left[] = {{SLICE("9"), SLICE("x"), SLICE("acme"), SLICE("spared")}};
static struct slice orders[] = {SLICE("xx-order")};

static struct plan sample(void)
{
	struct plan p = {
		.tool = SLICE("0.1"), .packs_sha256 = SLICE("aa"), .orders = orders,
		.n_orders = 1, .source_path = SLICE("/"), .source_kind = SLICE("root"),
		.host = SLICE("h"), .swept = SLICE("2026-01-01T00:00:00Z"), .live = true,
		.complete = true, .root_device = 5, .root_inode = 2, .approvals = 2,
		.gates = gates, .n_gates = 2, .steps = steps, .n_steps = COUNT_OF(steps),
		.left = left, .n_left = 1,
	};

	assert_int_equal(plan_hash(&p), 0);
	return p;
}

static char *json_of(const struct plan *p)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	assert_int_equal(plan_form_json.write(&(struct plan_form_input){.plan = p}, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static int read_text(const char *text, struct err *e, struct plan **ret)
{
	int fd = memfd_create("plan", MFD_CLOEXEC);
	size_t n = strlen(text);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	int code = plan_read(fd, e, ret);
	close(fd);
	return code;
}

/* The text with the first `from` replaced. */
static char *with(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *changed;

	if (!at)
		fail_msg("the document has no %s", from);
	assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, to,
	                     at + strlen(from)) > 0);
	return changed;
}

static void a_plan_comes_back_as_it_was_written(void **)
{
	struct plan p = sample(), *back = NULL;
	char *text = json_of(&p);
	struct err e = {0};

	if (read_text(text, &e, &back) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(back->sha256, p.sha256);
	char *again = json_of(back);
	assert_string_equal(again, text);
	assert_true(slice_eq(back->steps[2].objects[1].path, objects[1].path));
	assert_true(slice_eq(back->steps[1].evidence[0].value, evidence[0].value));
	assert_true(slice_eq(back->steps[2].before[1], lines[1]));
	assert_true(back->steps[2].objects[0].device == UINT64_MAX);
	assert_int_equal(back->steps[2].objects[0].mtime_s, -5);
	assert_memory_equal(back->steps[2].objects[0].sha256, objects[0].sha256, 32);
	plan_free(back);
	free(again);
	free(text);
}

static void a_plan_comes_back_out_of_a_pipe(void **)
{
	struct plan p = sample(), *back = NULL;
	struct str bytes = {0};
	struct err e = {0};

	assert_int_equal(plan_pack(&p, &bytes), 0);
	assert_int_equal(plan_unpack(str_slice(&bytes), &e, &back), 0);
	char *text = json_of(&p), *again = json_of(back);
	assert_string_equal(text, again);
	free(text);
	free(again);
	plan_free(back);
	str_finish(&bytes);
}

static void no_part_of_the_bytes_of_a_plan_is_a_plan(void **)
{
	struct plan p = sample();
	struct str bytes = {0};
	struct err e;

	assert_int_equal(plan_pack(&p, &bytes), 0);
	for (size_t n = 0; n < bytes.n; n++) {
		struct plan *back = NULL;
		int code = plan_unpack(slice_of(bytes.p, n), &e, &back);
		if (code != -EBADMSG)
			fail_msg("%zu of %zu bytes gave %d", n, bytes.n, code);
	}
	/* And no byte may change unseen. */
	for (size_t i = 0; i < bytes.n; i++) {
		struct plan *back = NULL;
		bytes.p[i] ^= 0x41;
		int code = plan_unpack(str_slice(&bytes), &e, &back);
		bytes.p[i] ^= 0x41;
		if (code != -EBADMSG)
			fail_msg("byte %zu changed gave %d", i, code);
	}
	str_finish(&bytes);
}

static void the_hash_sees_every_change(void **)
{
	struct plan p = sample(), q = p;
	struct step changed[COUNT_OF(steps)];

	memcpy(changed, steps, sizeof(steps));
	q.steps = changed;
	changed[4].words = SLICE("ask me");
	assert_int_equal(plan_hash(&q), 0);
	assert_string_not_equal(p.sha256, q.sha256);
	q = p;
	q.approvals = 1;
	assert_int_equal(plan_hash(&q), 0);
	assert_string_not_equal(p.sha256, q.sha256);
}

/* Changes to the text after which the hash is wrong as well; the message shows
 * that it was refused before the hash was looked at. */
static void what_is_no_plan_is_refused(void **)
{
	static const struct {
		const char *from, *to, *words;
	} cases[] = {
		{"\"ask\"", "\"asked\"", "hash"},
		{"\"approvals\": 2", "\"approvals\": 3", "approvals"},
		{"\"approvals\": 2", "\"approvals\": -1", "approvals"},
		{"\"approvals\": 2", "\"approvals\": 1.5", "approvals"},
		{"\"approvals\": 2", "\"approvals\": \"2\"", "approvals"},
		{"\"approvals\": 2", "\"approvals\": 99999999999999999999", "no JSON"},
		{"\"approvals\": 2,", "\"approvals\": 2, \"more\": 1,", "does not belong"},
		{"\"approvals\": 2,", "\"approvals\": 2, \"approvals\": 2,", "twice"},
		{"\"approvals\": 2,", "", "missing"},
		{"debar/plan/1", "debar/plan/2", "schema"},
		{"\"kind\": \"service\"", "\"kind\": \"shell\"", "kind"},
		{"\"kind\": \"user\"", "\"kind\": \"package\"", "stage"},
		{"\"subject\": \"acme\"", "\"subject\": \"-rf\"", "subject"},
		{"\"subject\": \"acme\"", "\"subject\": \"../x\"", "subject"},
		{"\"name\": \"acme-agent\"", "\"name\": \"--root=/\"", "package"},
		{"\"name\": \"acme-agent\"", "\"name\": \"a b\"", "package"},
		{"\"ecosystem\": \"deb\"", "\"ecosystem\": \"xyz\"", "ecosystem"},
		{"\"path\": \"/opt/acme/bin\",", "\"path\": \"/opt/acme/../bin\",", "object"},
		{"\"path\": \"/opt/acme/bin\",", "\"path\": \"opt/acme/bin\",", "object"},
		{"\"path\": \"/opt/acme/bin\",", "\"path\": \"/opt//acme\",", "object"},
		{"\"path\": \"/opt/acme/bin\",", "\"path\": \"/opt/acme/b\\u0000\",", "object"},
		{"\"path\": \"/opt/acme/bin\",", "\"path\": \"/opt/acme\",", "twice"},
		{"\"path\": \"/opt/acme/socket\"", "\"path\": \"/opt/acme/bin/s\"",
		 "behind the folder"},
		{"\"path\": \"/opt/acme/socket\"", "\"path\": \"/opt/acme/bin/a\\nb/c\"",
		 "no folder"},
		{"\"type\": \"other\"", "\"type\": \"file\"", "object"},
		{"\"mtime_ns\": 999999999", "\"mtime_ns\": 1000000000", "mtime_ns"},
		{"\"uid\": 1", "\"uid\": 4294967296", "uid"},
		{"\"device\": \"18446744073709551615\"",
		 "\"device\": \"18446744073709551616\"", "device"},
		{"\"device\": \"18446744073709551615\"", "\"device\": \"01\"", "device"},
		{"\"sha256\": \"ab", "\"sha256\": \"AB", "SHA-256"},
		{"\"text_base64\": \"bm90", "\"text_base64\": \"bm91", "show"},
		{"\"path_base64\": \"L29wdC9hY21lL2Jpbi//Jy",
		    "\"path_base64\": \"L29wdC9hY21lL2Jpbi//Jz",
		 "does not show"},
		{"\"state\": \"missing\"", "\"state\": \"running\"", "gate"},
		{"\"path\": \"/\"", "\"path\": \"relative\"", "source.path"},
		{"\"rank\": 3", "\"rank\": 3, \"rank\": 4", "twice"},
		{"\"before\": []", "\"before\": [[[[]]]]", "before[0]"},
		{"\"before\": []", "\"before\": {}", "before"},
		{"\"was_active\": true", "\"was_active\": 1", "was_active"},
		{"}", "", "no JSON"},
	};
	struct plan p = sample();
	char *text = json_of(&p);

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *changed = with(text, cases[i].from, cases[i].to);
		struct plan *back = NULL;
		struct err e = {0};
		int code = read_text(changed, &e, &back);
		if (code != -EBADMSG || !strstr(e.text, cases[i].words))
			fail_msg("case %zu (%s): %d, %s", i, cases[i].to, code, e.text);
		free(changed);
	}
	free(text);
}

static void a_text_has_a_limit(void **)
{
	struct plan p = sample(), *back = NULL;
	char *text = json_of(&p);
	struct err e = {0};
	char *much = malloc(PLAN_TEXT_MAX + 4);

	assert_non_null(much);
	memset(much, 'x', PLAN_TEXT_MAX + 3);
	much[0] = much[PLAN_TEXT_MAX + 2] = '"';
	much[PLAN_TEXT_MAX + 3] = 0;
	char *changed = with(text, "\"ask\"", much);
	assert_int_equal(read_text(changed, &e, &back), -EBADMSG);
	assert_non_null(strstr(e.text, "longer"));
	free(changed);
	free(much);
	free(text);
}

static void nesting_has_a_limit(void **)
{
	char *deep = malloc(100001);
	struct plan *back = NULL;
	struct err e = {0};

	assert_non_null(deep);
	memset(deep, '[', 100000);
	deep[100000] = 0;
	assert_int_equal(read_text(deep, &e, &back), -EBADMSG);
	assert_non_null(strstr(e.text, "deep"));
	free(deep);
}

static int approval_from(const char *text, struct err *e, struct approval *ret)
{
	int fd = memfd_create("approval", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	int code = approval_read(fd, e, ret);
	close(fd);
	return code;
}

static void an_approval_names_a_hash_and_a_person(void **)
{
	struct plan p = sample();
	struct approval a = {.by = "J. Doe", .at = "2026-01-02T00:00:00Z", .note = "\"ok\""};
	struct approval back = {0};
	char *text = NULL;
	size_t n = 0;
	struct err e = {0};

	memcpy(a.sha256, p.sha256, sizeof(a.sha256));
	FILE *out = open_memstream(&text, &n);
	assert_non_null(out);
	assert_int_equal(approval_write(&a, out), 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(approval_from(text, &e, &back), 0);
	assert_memory_equal(&a, &back, sizeof(a));
	char *nobody = with(text, "J. Doe", ""), *no_hash = with(text, a.sha256, "abc");
	assert_int_equal(approval_from(nobody, &e, &back), -EBADMSG);
	assert_int_equal(approval_from(no_hash, &e, &back), -EBADMSG);
	free(nobody);
	free(no_hash);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_comes_back_as_it_was_written),
		cmocka_unit_test(a_plan_comes_back_out_of_a_pipe),
		cmocka_unit_test(no_part_of_the_bytes_of_a_plan_is_a_plan),
		cmocka_unit_test(the_hash_sees_every_change),
		cmocka_unit_test(what_is_no_plan_is_refused),
		cmocka_unit_test(a_text_has_a_limit),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(an_approval_names_a_hash_and_a_person),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
