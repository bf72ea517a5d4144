/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "match/fold.h"
#include "match/host.h"

typedef void (*fold_fn)(struct str *out, struct slice s);

struct pair {
	const char *from, *to;
};

static void check_pairs(fold_fn fold, const struct pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str out = {0};
		str_puts(&out, ">");
		fold(&out, slice_str(pairs[i].from));
		assert_false(str_failed(&out));
		if (strcmp(out.p + 1, pairs[i].to) != 0)
			fail_msg("[%zu] \"%s\" gave \"%s\", not \"%s\"", i,
			         pairs[i].from, out.p + 1, pairs[i].to);
		str_finish(&out);
	}
}

static void text_is_folded_and_spaced_alike(void **state)
{
	static const struct pair pairs[] = {
		{"", ""},
		{" \t\n ", ""},
		{"Kaspersky  Lab\r\n", "kaspersky lab"},
		{"АО Лаборатория\u00a0Касперского", "ао лаборатория касперского"},
		{"Ｈｕａｗｅｉ　ＬＴＤ", "huawei ltd"},
		{"STRASSE Straße", "strasse strasse"},
		{"soft\u00adhyphen", "softhyphen"},
		{"e\u0301", "\u00e9"},
		{"a\xff" "b\xc3", "a\ufffd" "b\ufffd"},
		{"华为技术有限公司", "华为技术有限公司"},
	};

	(void)state;
	check_pairs(fold_text, pairs, COUNT_OF(pairs));
}

static void words_are_whole_and_free_of_signs(void **state)
{
	static const struct pair pairs[] = {
		{"", ""},
		{"--- \u00ab\u00bb !", ""},
		{"Kaspersky Lab", " kaspersky lab "},
		{"\"Kaspersky Lab\", ZAO", " kaspersky lab zao "},
		{"АО \u00abЛаборатория Касперского\u00bb",
		 " ао лаборатория касперского "},
		{"kaspersky_lab-kaspersky.lab", " kaspersky lab kaspersky lab "},
		{"Kaspersky\u2122 Lab\u00ae", " kaspersky lab "},
		{"\xab" "Kaspersky Lab\xbb", " kaspersky lab "},
		{"S.p.A. l.l.c. S.A", " spa llc sa "},
		{"J.R.Smith O'Neil d'\u00c9", " jr smith o neil d\u00e9 "},
		{"v1.2.3", " v1 2 3 "},
		{"a.b", " ab "},
		{"a..b", " a b "},
		{"\u0391.\u0395.", " \u03b1\u03b5 "},
		{"华为技术", " 华 为 技 术 "},
		{"株式会社カスペルスキー", " 株 式 会 社 カスペルスキー "},
		{"주식회사 카스퍼스키랩", " 주식회사 카스퍼스키랩 "},
		{"Huawei华为", " huawei 华 为 "},
		{"q\u0308x (\u0308", " q\u0308x "},
	};

	(void)state;
	check_pairs(fold_words, pairs, COUNT_OF(pairs));
}

static void names_lose_legal_forms_and_asides(void **state)
{
	static const struct pair pairs[] = {
		{"Kaspersky Lab", " kaspersky lab "},
		{"AO Kaspersky Lab", " kaspersky lab "},
		{"Kaspersky Lab ZAO", " kaspersky lab "},
		{"Kaspersky Lab, Inc.", " kaspersky lab "},
		{"ЗАО \"Лаборатория Касперского\"", " лаборатория касперского "},
		{"Общество с ограниченной ответственностью \u00abТест\u00bb",
		 " тест "},
		{"Huawei Technologies Co., Ltd.", " huawei technologies "},
		{"HUAWEI TECHNOLOGIES CO.,LTD", " huawei technologies "},
		{"华为技术有限公司", " 华 为 技 术 "},
		{"杭州海康威视数字技术股份有限公司",
		 " 杭 州 海 康 威 视 数 字 技 术 "},
		{"株式会社カスペルスキー", " カスペルスキー "},
		{"㈱カスペルスキー", " カスペルスキー "},
		{"Telecom Italia S.p.A.", " telecom italia "},
		{"Example Pty. Ltd.", " example "},
		{"Example Private Limited", " example "},
		{"Example GmbH & Co. KG", " example "},
		{"PT Example Tbk", " example "},
		{"Example Sp. z o.o.", " example "},
		{"ByteDance Ltd. and/or its affiliates", " bytedance "},
		{"NVIDIA CORPORATION & AFFILIATES", " nvidia "},
		{"Copyright (c) 2024, NVIDIA CORPORATION & AFFILIATES."
		 " All rights reserved.", " nvidia "},
		{"Example, Inc. or its subsidiaries", " example "},
		{"Example, Inc. and other contributors", " example "},
		{"Example SE or an Example affiliate company", " example "},
		{"Example Affiliates", " example affiliates "},
		{"Example Affiliates Inc.", " example affiliates "},
		{"affiliates", " affiliates "},
		{"ООО «Пример» и партнёры", " пример и партнёры "},
		{"МКПАО «Пример»", " пример "},
		{"LLC Example", " example "},
		{"Example AB (publ)", " example "},
		{"Example (USA) Inc.", " example usa "},
		{"Kaspersky Lab <support@kaspersky.com>", " kaspersky lab "},
		{"Kaspersky Lab (https://kaspersky.com)", " kaspersky lab "},
		{"Kaspersky Lab <support@kaspersky.com", " kaspersky lab "},
		{"<support@kaspersky.com>", ""},
		{"Huawei (China)", " huawei china "},
		{"Copyright (c) 2010-2016 Kaspersky Lab", " kaspersky lab "},
		{"Copyright 2010-16, Kaspersky Lab", " kaspersky lab "},
		{"\u00a9 2016 AO Kaspersky Lab. All Rights Reserved.",
		 " kaspersky lab "},
		{"\u00a9 Kaspersky Lab ZAO, 1997 - 2015", " kaspersky lab "},
		{"2012, Kaspersky Lab ZAO", " kaspersky lab "},
		{"by Kaspersky Lab", " kaspersky lab "},
		{"Kaspersky(R) Lab", " kaspersky lab "},
		{"Kris Kaspersky", " kris kaspersky "},
		{"Studio 2000", " studio 2000 "},
		{"Limited", " limited "},
		{"AO", " ao "},
		{"Copyright", " copyright "},
		{"2010", " 2010 "},
	};

	(void)state;
	check_pairs(fold_name, pairs, COUNT_OF(pairs));
}

static void put_random_rune(struct str *out)
{
	static const char *const pieces[] = {
		"a", "B", ".", "'", " ", "\u2019", "\u0301", "\u0308", "1", "华",
		"\u1100", "\u1161", "\u11a8", "\u2122", "\u00a9", "\u0130", "ﬃ",
		"\u0149", "\u2100", "\u00bd", "\u0345", "\u03a3", "\ufdfa",
		"\u3099", "か", "\xff", "\xc3", "(", "<", "c", ")", "\u00ad",
		"\u0e33", "\u0f73", "ß", "2010", "ltd", "Ａ", "\u00b4", "\u1e9e",
	};

	str_puts(out, pieces[(size_t)rand() % COUNT_OF(pieces)]);
}

static void words_of_words_are_the_same(void **state)
{
	(void)state;
	srand(1);
	for (int i = 0; i < 20000; i++) {
		struct str in = {0}, once = {0}, twice = {0};
		for (int n = rand() % 12; n >= 0; n--)
			put_random_rune(&in);
		fold_words(&once, str_slice(&in));
		fold_words(&twice, str_slice(&once));
		if (!slice_eq(str_slice(&once), str_slice(&twice)))
			fail_msg("\"%s\": \"%s\" is not \"%s\"", in.p, once.p,
			         twice.p);
		assert_true(text_is_utf8(str_slice(&once)));
		str_finish(&in);
		str_finish(&once);
		str_finish(&twice);
	}
}

static void long_and_hostile_text_is_bounded(void **state)
{
	static const char *const pieces[] = {
		"(", "<", "\u0301", "\ufdfa", "\xff", "a.", "©", "ltd ", "2010 ",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct str in = {0}, out = {0};
		while (in.n < 3 * FOLD_BYTES_MAX)
			str_puts(&in, pieces[i]);
		fold_text(&out, str_slice(&in));
		fold_words(&out, str_slice(&in));
		fold_name(&out, str_slice(&in));
		assert_false(str_failed(&out));
		assert_true(out.n <= 60 * FOLD_BYTES_MAX);
		str_finish(&in);
		str_finish(&out);
	}
}

static void hosts_are_told_from_what_looks_like_one(void **state)
{
	static const struct pair pairs[] = {
		{"", ""},
		{"kaspersky.com", "kaspersky.com|"},
		{"https://www.kaspersky.com:8443/a?b#c", "www.kaspersky.com|"},
		{"https://user:pw@kaspersky.com/", "kaspersky.com|"},
		{"http://kaspersky.com@evil.org/", "evil.org|"},
		{"http://kaspersky.com:pw@evil.org/", "evil.org|"},
		{"http://evil.org\\@kaspersky.com/", "evil.org|"},
		{"https://evil.org/kaspersky.com", "evil.org|"},
		{"https://evil.org/?u=kaspersky.com", "evil.org|"},
		{"https://evil.org/a,kaspersky.com", "evil.org|"},
		{"https://web.archive.org/web/2016/https://kaspersky.com/",
		 "web.archive.org|"},
		{"A B <a@kaspersky.com>, C <c@x.org>", "A|B|kaspersky.com|C|x.org|"},
		{"a@kaspersky.com,b@x.org", "kaspersky.com|x.org|"},
		{"mailto:a@kaspersky.com", "kaspersky.com|"},
		{"git@kaspersky.com:a/b.git", "kaspersky.com|"},
		{"git+ssh://git@kaspersky.com/a/b.git", "kaspersky.com|"},
		{"scm:git:https://kaspersky.com/x", "kaspersky.com|"},
		{"//kaspersky.com/x.js", "kaspersky.com|"},
		{"/opt/kaspersky.com/bin", ""},
		{"github.com/kaspersky.com/x", "github.com|"},
		{"see kaspersky.com.", "see|kaspersky.com|"},
		{"*.kaspersky.com", "*.kaspersky.com|"},
		{"a!b.kaspersky.com", ""},
		{"касперский.рф", "касперский.рф|"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pairs); i++) {
		struct slice rest = slice_str(pairs[i].from), host;
		struct str out = {0};
		str_puts(&out, "");
		while (host_next(&rest, &host)) {
			str_add(&out, host);
			str_putc(&out, '|');
		}
		if (strcmp(out.p, pairs[i].to) != 0)
			fail_msg("[%zu] \"%s\" gave \"%s\", not \"%s\"", i,
			         pairs[i].from, out.p, pairs[i].to);
		str_finish(&out);
	}
}

static void parents_of_a_host_end_at_its_last_label(void **state)
{
	struct slice host = SLICE("a.b.c");

	(void)state;
	assert_true(host_parent(&host));
	assert_true(slice_eq(host, SLICE("b.c")));
	assert_true(host_parent(&host));
	assert_true(slice_eq(host, SLICE("c")));
	assert_false(host_parent(&host));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_folded_and_spaced_alike),
		cmocka_unit_test(words_are_whole_and_free_of_signs),
		cmocka_unit_test(names_lose_legal_forms_and_asides),
		cmocka_unit_test(words_of_words_are_the_same),
		cmocka_unit_test(long_and_hostile_text_is_bounded),
		cmocka_unit_test(hosts_are_told_from_what_looks_like_one),
		cmocka_unit_test(parents_of_a_host_end_at_its_last_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
