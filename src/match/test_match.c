/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "match/match.h"

/* A pack made by hand: marks are added, then it is built into a matcher. */
enum { MADE_MAX = 64, VALUES_MAX = 300 };

struct made {
	struct pack pack;
	struct mark marks[MADE_MAX];
	struct test *tests[MADE_MAX];
	struct test storage[MADE_MAX];
	struct slice values[VALUES_MAX];
	struct entity entities[2];
	struct test **lists[MADE_MAX];
	size_t n_values;
	struct arena mem;
	struct matcher *m;
};

static struct made *made_new(void)
{
	struct made *made = calloc(1, sizeof(*made));

	assert_non_null(made);
	made->pack.marks = made->marks;
	made->pack.tests = made->tests;
	made->pack.entities = made->entities;
	made->pack.n_entities = COUNT_OF(made->entities);
	made->entities[0].id = "one";
	made->entities[1] = (struct entity){.id = "two", .index = 1};
	return made;
}

static void made_free(struct made *made)
{
	matcher_free(made->m);
	arena_finish(&made->mem);
	free(made);
}

static struct test *add_test_bytes(struct made *made, enum attr attr,
                                   enum test_kind kind, struct slice value)
{
	size_t i = made->pack.n_tests++;
	struct test *test = &made->storage[i];

	assert_true(i < MADE_MAX && made->n_values < VALUES_MAX);
	made->values[made->n_values] = value;
	*test = (struct test){
		.kind = kind,
		.values = &made->values[made->n_values++],
		.n_values = 1,
		.index = (uint32_t)i,
	};
	test->attrs.bits[attr / 64] |= UINT64_C(1) << (attr % 64);
	made->tests[i] = test;
	return test;
}

static struct test *add_test(struct made *made, enum attr attr,
                             enum test_kind kind, const char *value)
{
	return add_test_bytes(made, attr, kind, slice_str(value));
}

static struct mark *add_mark_of(struct made *made, struct test *test)
{
	size_t i = made->pack.n_marks++;

	assert_true(i < MADE_MAX);
	made->marks[i] = (struct mark){
		.id = "one/mark",
		.index = (uint32_t)i,
		.test = test,
	};
	return &made->marks[i];
}

static struct mark *add_mark(struct made *made, enum attr attr,
                             enum test_kind kind, const char *value)
{
	return add_mark_of(made, add_test(made, attr, kind, value));
}

static void build(struct made *made, const char *cache_dir)
{
	struct err e;
	int r = matcher_new(&made->pack, cache_dir, &e, &made->m);

	if (r < 0)
		fail_msg("%d: %s", r, e.text);
}

static struct record record_of(const struct claim *claims, size_t n)
{
	return (struct record){.ecosystem = "", .claims = claims, .n_claims = n};
}

static size_t hits_of(struct made *made, const struct claim *claims, size_t n,
                      struct hit **ret)
{
	struct record record = record_of(claims, n);
	size_t n_hits = 99;

	arena_reset(&made->mem);
	assert_int_equal(match_record(made->m, &record, &made->mem, ret, &n_hits),
	                 0);
	return n_hits;
}

static bool fires(struct made *made, enum attr attr, struct slice value)
{
	struct claim claim = {.attr = attr, .value = value};
	struct hit *hits;
	size_t n = hits_of(made, &claim, 1, &hits);

	assert_int_equal(n > 0, hits != NULL);
	return n > 0;
}

struct example_value {
	const char *value;
	bool fires;
};

static void check_values(enum test_kind kind, const char *wanted,
                         const struct example_value *examples, size_t n)
{
	struct made *made = made_new();

	add_mark(made, ATTR_PACKAGE_VENDOR, kind, wanted);
	build(made, NULL);
	for (size_t i = 0; i < n; i++)
		if (fires(made, ATTR_PACKAGE_VENDOR,
		          slice_str(examples[i].value)) != examples[i].fires)
			fail_msg("\"%s\" on \"%s\": not %d", wanted,
			         examples[i].value, examples[i].fires);
	assert_false(fires(made, ATTR_PACKAGE_MAINTAINER, slice_str(wanted)));
	made_free(made);
}

static void exact_is_the_whole_value_in_any_case(void **state)
{
	static const struct example_value examples[] = {
		{"AO Kaspersky Lab", true},   {" ao  kaspersky LAB ", true},
		{"ＡＯ Kaspersky Lab", true}, {"Kaspersky Lab", false},
		{"AO Kaspersky Labs", false}, {"", false},
		{"AO Kaspersky\xff Lab", false},
	};

	(void)state;
	check_values(TEST_EXACT, "AO Kaspersky Lab", examples,
	             COUNT_OF(examples));
}

static void names_are_companies_and_not_persons(void **state)
{
	static const struct example_value examples[] = {
		{"ЗАО \u00abЛаборатория Касперского\u00bb", true},
		{"АО \"ЛАБОРАТОРИЯ КАСПЕРСКОГО\"", true},
		{"Лаборатория Касперского", true},
		{"Евгений Касперский", false},
		{"Лаборатория Касперского и другие", false},
	}, latin[] = {
		{"Kaspersky Lab", true},
		{"\"AO Kaspersky Lab\"", true},
		{"Kaspersky Lab ZAO <info@kaspersky.com>", true},
		{"Copyright (c) 2016 Kaspersky Lab, Inc.", true},
		{"Kris Kaspersky", false},
		{"Kaspersky", false},
		{"not by Kaspersky Lab", false},
		{"", false},
	}, chinese[] = {
		{"华为技术有限公司", true},
		{"华为技术", true},
		{"中华为技术", false},
	};

	(void)state;
	check_values(TEST_NAME, "АО \u00abЛаборатория Касперского\u00bb",
	             examples, COUNT_OF(examples));
	check_values(TEST_NAME, "Kaspersky Lab", latin, COUNT_OF(latin));
	check_values(TEST_NAME, "华为技术有限公司", chinese, COUNT_OF(chinese));
}

static void words_are_whole_and_in_order(void **state)
{
	static const struct example_value examples[] = {
		{"Kaspersky Lab", true},
		{"(c) 2010 \"Kaspersky-Lab\" ZAO", true},
		{"KASPERSKY\u2122 LAB", true},
		{"\xabKaspersky Lab\xbb", true},
		{"Ｋａｓｐｅｒｓｋｙ　Ｌａｂ", true},
		{"Lab Kaspersky", false},
		{"Kaspersky Labs", false},
		{"notKaspersky Lab", false},
		{"Kaspersky the Lab", false},
		{"Kris Kaspersky", false},
	}, han[] = {
		{"华为技术有限公司", true},
		{"Huawei华为 Ltd", true},
		{"华 为", true},
		{"华技术为", false},
	};

	(void)state;
	check_values(TEST_WORDS, "kaspersky lab", examples, COUNT_OF(examples));
	check_values(TEST_WORDS, "华为", han, COUNT_OF(han));
}

static void prefixes_are_bytes_at_the_start(void **state)
{
	static const struct example_value examples[] = {
		{"@huawei.(a", true},  {"@huawei.(", true}, {"@huawei.", false},
		{"x@huawei.(", false}, {"@Huawei.(", false}, {"\n@huawei.(", false},
	};

	(void)state;
	check_values(TEST_PREFIX, "@huawei.(", examples, COUNT_OF(examples));
}

static void globs_keep_to_components(void **state)
{
	static const struct example_value below[] = {
		{"/opt/kaspersky", true},
		{"/opt/kaspersky/", true},
		{"/opt/kaspersky/kesl/bin/kesl", true},
		{"/opt/kaspersky\n", false},
		{"/opt/kasperskyx/a", false},
		{"/a/opt/kaspersky/b", false},
		{"opt/kaspersky/b", false},
	}, anywhere[] = {
		{"/usr/bin/kesl-x.so", true},
		{"kesl-.so", true},
		{"/usr/bin/kesl-x.so/y", false},
		{"/usr/bin/xkesl-x.so", false},
		{"/usr/bin/kesl-x/y.so", false},
		{"/usr/bin/kesl-x.so\n", false},
		{"/usr/bin/kesl-\n.so", true},
		{"/usr/bin/kesl-\xff.so", true},
	}, middle[] = {
		{"/a/b", true},   {"/a/x/b", true},  {"/a/x/y/b", true},
		{"/a/xb", false}, {"/a/x/b/", false}, {"/ab", false},
		{"/a/b/b", true},
	}, one[] = {
		{"/a1/b", true},    {"/aä/b", true},  {"/a\xff/b", true},
		{"/a/b", false},    {"/a12/b", false}, {"/a//b", false},
		{"/a1/c/b", false},
	}, dots[] = {
		{"/a.[b]", true}, {"/axb", false}, {"/a.b", false},
	};

	(void)state;
	check_values(TEST_GLOB, "/opt/kaspersky/**", below, COUNT_OF(below));
	check_values(TEST_GLOB, "**/kesl-*.so", anywhere, COUNT_OF(anywhere));
	check_values(TEST_GLOB, "**/**/kesl-*.so", anywhere, COUNT_OF(anywhere));
	check_values(TEST_GLOB, "/a/**/b", middle, COUNT_OF(middle));
	check_values(TEST_GLOB, "/a/**/**/b", middle, COUNT_OF(middle));
	check_values(TEST_GLOB, "/a?/b", one, COUNT_OF(one));
	check_values(TEST_GLOB, "/a.[b]", dots, COUNT_OF(dots));
}

static void domains_match_on_labels_of_hosts(void **state)
{
	static const struct example_value examples[] = {
		{"kaspersky.com", true},
		{"KASPERSKY.COM.", true},
		{"support.kaspersky.com", true},
		{"https://repo.kaspersky.com:443/deb?x=1#y", true},
		{"AO Kaspersky Lab <a@kaspersky.com>", true},
		{"AO Kaspersky Lab (https://kaspersky.com)", true},
		{"git@kaspersky.com:x/y", true},
		{"*.kaspersky.com", true},
		{"kaspersky.com.evil.org", false},
		{"notkaspersky.com", false},
		{"not-kaspersky.com", false},
		{"\u00e9kaspersky.com", false},
		{"kaspersky.community", false},
		{"http://kaspersky.com@evil.org/", false},
		{"https://evil.org/kaspersky.com", false},
		{"https://evil.org/?a=kaspersky.com", false},
		{"/usr/share/kaspersky.com", false},
		{"com", false},
	};

	(void)state;
	check_values(TEST_DOMAIN, "kaspersky.com", examples, COUNT_OF(examples));
	check_values(TEST_DOMAIN, "*.Kaspersky.com", examples,
	             COUNT_OF(examples));
}

static void ids_are_equal_case_and_0x_apart(void **state)
{
	static const struct example_value examples[] = {
		{"19e5", true},  {"0x19E5", true}, {"19E5 ", true},
		{"19e50", false}, {"9e5", false},  {"0x", false},
	};

	(void)state;
	check_values(TEST_ID, "0x19e5", examples, COUNT_OF(examples));
}

static void regexes_know_unicode_and_survive_bad_bytes(void **state)
{
	static const struct example_value examples[] = {
		{"ЯНДЕКС 12", true},  {"x яндекс 3", true}, {"яндекс", false},
		{"\xff яндекс 3 \xc3", true}, {"яндекс\xff" "3", false},
		{"яндекс\n9", false},
	}, ends[] = {
		{"kesl-1\nx", true}, {"kesl-", false}, {"kesl-\xff", true},
	};

	(void)state;
	check_values(TEST_REGEX, "(?i)яндекс \\d", examples, COUNT_OF(examples));
	check_values(TEST_REGEX, "^kesl-.", ends, COUNT_OF(ends));
}

static void ranges_are_numbers_in_their_base(void **state)
{
	static const struct example_value hex[] = {
		{"0x1a", true}, {"1A", true}, {"1b", false}, {"19", false},
		{"zz", false},  {"", false},  {"-1a", false},
		{"10000000000000001a", false},
	};
	struct made *made = made_new();
	struct test *test = add_test(made, ATTR_USB_VENDOR, TEST_RANGE, "");

	(void)state;
	test->n_values = 0;
	test->base = 16;
	test->low = test->high = 0x1a;
	add_mark_of(made, test);
	build(made, NULL);
	for (size_t i = 0; i < COUNT_OF(hex); i++)
		assert_int_equal(fires(made, ATTR_USB_VENDOR,
		                       slice_str(hex[i].value)), hex[i].fires);
	assert_false(fires(made, ATTR_PCI_VENDOR, SLICE("1a")));
	made_free(made);
}

static void values_of_a_test_are_alternatives(void **state)
{
	struct made *made = made_new();
	struct test *test = add_test(made, ATTR_NPM_NAME, TEST_EXACT, "one");

	(void)state;
	made->values[made->n_values++] = SLICE("two");
	test->n_values = 2;
	test->attrs.bits[ATTR_NPM_DEPENDENCY / 64] |=
		UINT64_C(1) << (ATTR_NPM_DEPENDENCY % 64);
	add_mark_of(made, test);
	build(made, NULL);
	assert_true(fires(made, ATTR_NPM_NAME, SLICE("one")));
	assert_true(fires(made, ATTR_NPM_NAME, SLICE("two")));
	assert_true(fires(made, ATTR_NPM_DEPENDENCY, SLICE("two")));
	assert_false(fires(made, ATTR_NPM_NAME, SLICE("three")));
	assert_true(match_wants(made->m, ATTR_NPM_DEPENDENCY));
	assert_false(match_wants(made->m, ATTR_PATH));
	assert_false(match_has_bytes(made->m));
	made_free(made);
}

/* main && all && any && !unless, each on its own claim of the record. */
static struct made *made_combined(struct test *lists[4])
{
	struct made *made = made_new();
	struct mark *mark = add_mark(made, ATTR_PATH, TEST_GLOB, "**/main");

	lists[0] = add_test(made, ATTR_ELF_SONAME, TEST_EXACT, "all");
	lists[1] = add_test(made, ATTR_ELF_NEEDED, TEST_EXACT, "any1");
	lists[2] = add_test(made, ATTR_ELF_NEEDED, TEST_WORDS, "any2");
	lists[3] = add_test(made, ATTR_ELF_RUNPATH, TEST_PREFIX, "unless");
	mark->all = &lists[0];
	mark->n_all = 1;
	mark->any = &lists[1];
	mark->n_any = 2;
	mark->unless = &lists[3];
	mark->n_unless = 1;
	add_mark(made, ATTR_PATH, TEST_PREFIX, "/x/");
	build(made, NULL);
	return made;
}

static void marks_need_all_any_and_none_of_unless(void **state)
{
	struct test *lists[4];
	struct made *made = made_combined(lists);
	const struct claim claims[] = {
		{.attr = ATTR_ELF_RUNPATH, .value = SLICE("unless it is")},
		{.attr = ATTR_ELF_NEEDED, .value = SLICE("no")},
		{.attr = ATTR_ELF_NEEDED, .value = SLICE("so any2 is")},
		{.attr = ATTR_ELF_SONAME, .value = SLICE("ALL")},
		{.attr = ATTR_PATH, .value = SLICE("/other")},
		{.attr = ATTR_PATH, .value = SLICE("/x/main")},
		{.attr = ATTR_PATH, .value = SLICE("/x/y/main")},
	};
	struct hit *hits;

	(void)state;
	assert_int_equal(hits_of(made, claims + 1, 6, &hits), 2);
	assert_int_equal(hits[0].mark, 0);
	assert_int_equal(hits[0].claim, 4);
	assert_int_equal(hits[1].mark, 1);
	assert_int_equal(hits[1].claim, 4);
	assert_int_equal(hits_of(made, claims, 7, &hits), 1);
	assert_int_equal(hits[0].mark, 1);
	assert_int_equal(hits_of(made, claims + 3, 4, &hits), 1);
	assert_int_equal(hits_of(made, claims + 5, 2, &hits), 1);
	assert_int_equal(hits_of(made, claims + 1, 4, &hits), 0);
	assert_int_equal(hits_of(made, claims, 0, &hits), 0);
	made_free(made);
}

static void one_mark_can_be_asked_for(void **state)
{
	struct made *made = made_new();
	const struct claim claim = {
		.attr = ATTR_FILE_BYTES,
		.value = SLICE("text with MARKER-1 in it"),
	};
	const struct record record = record_of(&claim, 1);

	(void)state;
	add_mark(made, ATTR_FILE_BYTES, TEST_BYTES, "MARKER-1");
	add_mark(made, ATTR_FILE_BYTES, TEST_BYTES, "MARKER-2");
	build(made, NULL);
	assert_int_equal(match_mark(made->m, &made->marks[0], &record,
	                            &made->mem), 1);
	assert_int_equal(match_mark(made->m, &made->marks[1], &record,
	                            &made->mem), 0);
	made_free(made);
}

static void long_and_empty_values_do_no_harm(void **state)
{
	static const enum test_kind kinds[] = {
		TEST_EXACT, TEST_NAME, TEST_WORDS, TEST_PREFIX,
		TEST_GLOB,  TEST_REGEX, TEST_DOMAIN, TEST_ID,
	};
	struct made *made = made_new();
	char value[2 * CLAIM_VALUE_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		add_mark(made, ATTR_PATH, kinds[i], "needle");
	build(made, NULL);
	for (int fill = 0; fill < 256; fill += 17) {
		memset(value, fill, sizeof(value));
		memcpy(value + CLAIM_VALUE_MAX - 7, " needle ", 8);
		assert_true(fires(made, ATTR_PATH,
		                  slice_of(value, CLAIM_VALUE_MAX)));
		memcpy(value + CLAIM_VALUE_MAX - 7, "        needle ", 15);
		assert_false(fires(made, ATTR_PATH,
		                   slice_of(value, sizeof(value))));
	}
	assert_false(fires(made, ATTR_PATH, (struct slice){0}));
	made_free(made);
}

static void check_refused(enum test_kind kind, const char *value)
{
	struct made *made = made_new();
	struct matcher *m = NULL;
	struct err e = {0};

	add_mark(made, ATTR_PATH, kind, value);
	int r = matcher_new(&made->pack, NULL, &e, &m);
	if (r != -EINVAL || !strstr(e.text, "mark one/mark: "))
		fail_msg("\"%s\": %d %s", value, r, e.text);
	e.text[0] = 0;
	assert_int_equal(match_check_test(made->tests[0], &e), -EINVAL);
	assert_true(e.text[0]);
	assert_null(m);
	made_free(made);
}

static void tests_that_cannot_work_are_refused_in_words(void **state)
{
	(void)state;
	check_refused(TEST_REGEX, "(");
	check_refused(TEST_REGEX, ")");
	check_refused(TEST_REGEX, "a*");
	check_refused(TEST_REGEX, "(a)\\1");
	check_refused(TEST_REGEX, "(((a{100}){100}){100}){100}");
	check_refused(TEST_REGEX, "a{1,1000}b{1,1000}c{1,1000}");
	check_refused(TEST_REGEX, "a{99999999999999999999}");
	check_refused(TEST_REGEX, "((((((((((((((((((((((((((((((((((a");
	check_refused(TEST_REGEX, "[");
	check_refused(TEST_REGEX, "\\");
	check_refused(TEST_REGEX, "\xff");
	check_refused(TEST_WORDS, "--");
	check_refused(TEST_WORDS, "");
	check_refused(TEST_NAME, "\u00ab\u00bb");
	check_refused(TEST_EXACT, "  ");
	check_refused(TEST_DOMAIN, "*.");
	check_refused(TEST_GLOB, "**");
	check_refused(TEST_GLOB, "**/*");
	check_refused(TEST_GLOB, "/**");
	check_refused(TEST_GLOB, "*");
}

static void good_tests_pass_the_check(void **state)
{
	static const char *const regexes[] = {
		"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
		"(?i)\\b(kesl|klnagent)[[:digit:]]{0,3}\\b", "\\x{41}\\p{Lu}x",
		"a[]]b", "a{2,}b", "a{", "a{x(y{3}){3}", "(?:(?:x){3}y){3}",
	};
	struct made *made = made_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(regexes); i++) {
		struct err e;
		struct test *test = add_test(made, ATTR_PATH, TEST_REGEX,
		                             regexes[i]);
		if (match_check_test(test, &e) != 0)
			fail_msg("%s: %s", regexes[i], e.text);
	}
	made_free(made);
}

static struct made *made_bytes(void)
{
	struct made *made = made_new();

	add_mark_of(made, add_test_bytes(made, ATTR_FILE_BYTES, TEST_BYTES,
	                                 SLICE("MARK\0\xff" "ER")));
	struct test *test = add_test(made, ATTR_FILE_BYTES, TEST_BYTES,
	                             "a longer marker, over 16 bytes");
	made->values[made->n_values++] = SLICE("RKER-TWO");
	test->n_values = 2;
	add_mark_of(made, test);
	return made;
}

static const struct byte_hit *scan_split(struct made *made, struct slice bytes,
                                         size_t at, size_t *ret_n)
{
	const struct byte_hit *hits;
	struct byte_scan *scan = byte_scan_begin(made->m);

	assert_non_null(scan);
	assert_int_equal(byte_scan_feed(scan, slice_first(bytes, at)), 0);
	assert_int_equal(byte_scan_feed(scan, slice_from(bytes, at)), 0);
	assert_int_equal(byte_scan_end(scan, &hits, ret_n), 0);
	return hits;
}

static void markers_are_found_across_every_split(void **state)
{
	const struct slice bytes = SLICE(
		"MARK\0\xfe..MARK\0\xff" "ER a longer marker, over 16 byte"
		" a longer marker, over 16 bytes MARK\0\xff" "ERKER-TWO..");
	struct made *made = made_bytes();
	struct claim claims[BYTE_HITS_MAX];
	struct hit *hits;

	(void)state;
	build(made, NULL);
	assert_true(match_has_bytes(made->m));
	for (size_t at = 0; at <= bytes.n; at++) {
		size_t n;
		const struct byte_hit *found = scan_split(made, bytes, at, &n);
		assert_int_equal(n, 3);
		assert_int_equal(found[0].test, 0);
		assert_int_equal(found[0].offset, 8);
		assert_int_equal(found[1].offset, 47);
		assert_int_equal(found[2].value, 1);
		assert_int_equal(found[2].offset, 85);
		assert_int_equal(match_bytes_claims(made->m, found, n, claims,
		                                    BYTE_HITS_MAX), 3);
		assert_int_equal(match_bytes_claims(made->m, found, n, claims, 2),
		                 2);
		assert_memory_equal(bytes.p + claims[1].offset,
		                    claims[1].value.p, claims[1].length);
		assert_int_equal(hits_of(made, claims, 3, &hits), 2);
	}
	size_t n;
	scan_split(made, SLICE("nothing"), 3, &n);
	assert_int_equal(n, 0);
	made_free(made);
}

static void byte_hits_have_a_limit(void **state)
{
	struct made *made = made_new();
	struct test *test = add_test(made, ATTR_FILE_BYTES, TEST_BYTES, "x");
	char texts[VALUES_MAX][16], all[VALUES_MAX * 16];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < VALUES_MAX - 1; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "MARKER-%05zu", i);
		made->values[i] = slice_str(texts[i]);
		memcpy(all + n, texts[i], 12);
		n += 12;
	}
	made->n_values = test->n_values = VALUES_MAX - 1;
	add_mark_of(made, test);
	build(made, NULL);
	size_t n_hits;
	scan_split(made, slice_of(all, n), 100, &n_hits);
	assert_int_equal(n_hits, BYTE_HITS_MAX);
	made_free(made);
}

static void a_pack_without_markers_scans_nothing(void **state)
{
	struct made *made = made_new();
	size_t n = 99;

	(void)state;
	build(made, NULL);
	scan_split(made, SLICE("bytes"), 2, &n);
	assert_int_equal(n, 0);
	assert_false(fires(made, ATTR_PATH, SLICE("/x")));
	uint32_t counts[2] = {0};
	assert_int_equal(match_mentions(made->m, SLICE("text"), counts), 0);
	made_free(made);
}

static void mentions_are_whole_words_in_any_case(void **state)
{
	static const struct {
		const char *text;
		uint32_t one, two;
	} examples[] = {
		{"", 0, 0},
		{"kaspersky", 1, 0},
		{"# Kaspersky, KASPERSKY: kaspersky_av-kaspersky", 4, 0},
		{"kasperskyx xkaspersky kaspersky1 kasperskylab", 0, 0},
		{"КАСПЕРСКОГО Касперского касперского.", 0, 3},
		{"некасперского касперскогой", 0, 0},
		{"\xabkaspersky\xbb \xff" "kaspersky\xd0", 2, 0},
		{"\u00abkaspersky\u00bb \u00e9kaspersky kaspersky\u00e9", 1, 0},
		{"购买卡巴斯基软件", 0, 1},
		{"<kaspersky>касперского", 1, 1},
	};
	struct slice one[] = {SLICE("Kaspersky")};
	struct slice two[] = {SLICE("касперского"), SLICE("卡巴斯基")};
	struct made *made = made_new();

	(void)state;
	made->entities[0].mentions = one;
	made->entities[0].n_mentions = 1;
	made->entities[1].mentions = two;
	made->entities[1].n_mentions = 2;
	build(made, NULL);
	for (size_t i = 0; i < COUNT_OF(examples); i++) {
		uint32_t counts[2] = {0};
		size_t sum = match_mentions(made->m, slice_str(examples[i].text),
		                            counts);
		if (counts[0] != examples[i].one || counts[1] != examples[i].two ||
		    sum != counts[0] + counts[1])
			fail_msg("[%zu] %u %u", i, counts[0], counts[1]);
	}
	made_free(made);
}

/* One mark of each kind, with a digest: a pack that is cached. */
static struct made *made_cached(void)
{
	static struct slice mentions[] = {SLICE("kaspersky")};
	struct made *made = made_bytes();

	add_mark(made, ATTR_PATH, TEST_GLOB, "/opt/kaspersky/**");
	add_mark(made, ATTR_PACKAGE_VENDOR, TEST_WORDS, "kaspersky lab");
	add_mark(made, ATTR_UNIT_EXEC, TEST_REGEX, "/kesl[0-9]");
	made->entities[0].mentions = mentions;
	made->entities[0].n_mentions = 1;
	memset(made->pack.sha256, 'a', 64);
	return made;
}

static void check_cached_matcher(struct made *made)
{
	uint32_t counts[2] = {0};
	size_t n;

	assert_true(fires(made, ATTR_PATH, SLICE("/opt/kaspersky/x")));
	assert_true(fires(made, ATTR_PACKAGE_VENDOR, SLICE("AO Kaspersky Lab")));
	assert_true(fires(made, ATTR_UNIT_EXEC, SLICE("/opt/kesl1")));
	assert_false(fires(made, ATTR_PATH, SLICE("/opt/other/x")));
	assert_int_equal(match_mentions(made->m, SLICE("kaspersky"), counts), 1);
	scan_split(made, SLICE("..RKER-TWO"), 5, &n);
	assert_int_equal(n, 1);
}

static void build_checked(const char *dir)
{
	struct made *made = made_cached();

	build(made, dir);
	check_cached_matcher(made);
	made_free(made);
}

/* The name of the one file in dir, or "". */
static size_t list_cache(const char *dir, char path[600])
{
	DIR *d = opendir(dir);
	size_t n = 0;

	path[0] = 0;
	if (!d)
		return 0;
	for (struct dirent *entry; (entry = readdir(d));)
		if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2) {
			n++;
			(void)snprintf(path, 600, "%s/%s", dir, entry->d_name);
		}
	closedir(d);
	return n;
}

/* A fresh folder in *state, removed after the test. */
struct cache_state {
	char root[64], dir[128], file[600];
};

static int cache_setup(void **state)
{
	struct cache_state *c = calloc(1, sizeof(*c));

	if (!c)
		return -1;
	(void)snprintf(c->root, sizeof(c->root), "/tmp/debar-test-XXXXXX");
	if (!mkdtemp(c->root))
		return -1;
	(void)snprintf(c->dir, sizeof(c->dir), "%s/a/b", c->root);
	*state = c;
	return 0;
}

static int cache_teardown(void **state)
{
	struct cache_state *c = *state;
	char path[600];

	while (list_cache(c->dir, path) && unlink(path) == 0)
		;
	(void)rmdir(c->dir);
	*strrchr(c->dir, '/') = 0;
	(void)rmdir(c->dir);
	int r = rmdir(c->root);
	free(c);
	return r;
}

static ino_t inode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void a_cache_is_written_once_and_used(void **state)
{
	struct cache_state *c = *state;
	struct stat st;

	build_checked(c->dir);
	assert_int_equal(list_cache(c->dir, c->file), 1);
	assert_int_equal(stat(c->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	build_checked(c->dir);
	assert_int_equal(list_cache(c->dir, c->file), 1);
	assert_int_equal(inode_of(c->file), st.st_ino);
	struct made *made = made_cached();
	made->pack.sha256[0] = 'b';
	build(made, c->dir);
	made_free(made);
	assert_int_equal(list_cache(c->dir, c->file), 2);
}

/* Is the file replaced by a good one when the matcher is built again? */
static bool is_rebuilt(struct cache_state *c)
{
	ino_t before = inode_of(c->file);

	build_checked(c->dir);
	return inode_of(c->file) != before;
}

static void flip_byte(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	uint8_t byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void a_damaged_cache_is_rebuilt(void **state)
{
	struct cache_state *c = *state;
	struct stat st;

	build_checked(c->dir);
	assert_int_equal(list_cache(c->dir, c->file), 1);
	assert_int_equal(stat(c->file, &st), 0);
	for (off_t at = 0; at < st.st_size; at += at < 90 ? 7 : st.st_size / 9) {
		flip_byte(c->file, at);
		assert_true(is_rebuilt(c));
	}
	for (off_t size = 0; size < st.st_size; size += st.st_size / 5 + 1) {
		assert_int_equal(truncate(c->file, size), 0);
		assert_true(is_rebuilt(c));
	}
	assert_false(is_rebuilt(c));
}

static void a_cache_that_others_can_write_is_refused(void **state)
{
	struct cache_state *c = *state;

	build_checked(c->dir);
	assert_int_equal(list_cache(c->dir, c->file), 1);
	assert_int_equal(chmod(c->file, 0620), 0);
	assert_true(is_rebuilt(c));
	assert_int_equal(chmod(c->file, 0602), 0);
	assert_true(is_rebuilt(c));
	assert_int_equal(chmod(c->dir, 0777), 0);
	flip_byte(c->file, 100);
	assert_false(is_rebuilt(c));
	assert_int_equal(chmod(c->dir, 0700), 0);
	assert_true(is_rebuilt(c));
	if (geteuid() == 0) {
		assert_int_equal(chown(c->file, 12345, 0), 0);
		assert_true(is_rebuilt(c));
	}
}

static void a_cache_that_is_no_file_is_no_error(void **state)
{
	struct cache_state *c = *state;

	build_checked(c->dir);
	assert_int_equal(list_cache(c->dir, c->file), 1);
	assert_int_equal(unlink(c->file), 0);
	assert_int_equal(symlink("/dev/zero", c->file), 0);
	build_checked(c->dir);
	struct stat st;
	assert_int_equal(lstat(c->file, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(unlink(c->file), 0);
	assert_int_equal(mkfifo(c->file, 0600), 0);
	build_checked(c->dir);
	build_checked("/proc/nothing/here");
	build_checked("/dev/null");
	build_checked("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_is_the_whole_value_in_any_case),
		cmocka_unit_test(names_are_companies_and_not_persons),
		cmocka_unit_test(words_are_whole_and_in_order),
		cmocka_unit_test(prefixes_are_bytes_at_the_start),
		cmocka_unit_test(globs_keep_to_components),
		cmocka_unit_test(domains_match_on_labels_of_hosts),
		cmocka_unit_test(ids_are_equal_case_and_0x_apart),
		cmocka_unit_test(regexes_know_unicode_and_survive_bad_bytes),
		cmocka_unit_test(ranges_are_numbers_in_their_base),
		cmocka_unit_test(values_of_a_test_are_alternatives),
		cmocka_unit_test(marks_need_all_any_and_none_of_unless),
		cmocka_unit_test(one_mark_can_be_asked_for),
		cmocka_unit_test(long_and_empty_values_do_no_harm),
		cmocka_unit_test(tests_that_cannot_work_are_refused_in_words),
		cmocka_unit_test(good_tests_pass_the_check),
		cmocka_unit_test(markers_are_found_across_every_split),
		cmocka_unit_test(byte_hits_have_a_limit),
		cmocka_unit_test(a_pack_without_markers_scans_nothing),
		cmocka_unit_test(mentions_are_whole_words_in_any_case),
		cmocka_unit_test_setup_teardown(a_cache_is_written_once_and_used,
		                                cache_setup, cache_teardown),
		cmocka_unit_test_setup_teardown(a_damaged_cache_is_rebuilt,
		                                cache_setup, cache_teardown),
		cmocka_unit_test_setup_teardown(
			a_cache_that_others_can_write_is_refused, cache_setup,
			cache_teardown),
		cmocka_unit_test_setup_teardown(
			a_cache_that_is_no_file_is_no_error, cache_setup,
			cache_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
