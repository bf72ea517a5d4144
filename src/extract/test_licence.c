/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/test_prefix.h"

#include "extract/licence_util.h"

extern const struct extractor extract_licence, extract_source_head;

static const struct {
	const char *line, *holder; /* NULL: no copyright line */
} lines[] = {
	{"Copyright (c) 2022-present Bytedance, Inc. and its affiliates.",
	 "Bytedance, Inc. and its affiliates."},
	{"   Copyright 2018, 2020 Beijing Volcano Engine Technology Ltd.",
	 "Beijing Volcano Engine Technology Ltd."},
	{" * \xc2\xa9 2011 Example Maker. All rights reserved. */",
	 "Example Maker."},
	{"Copyright: Example Maker", "Example Maker"},
	{"// Copyright Example Maker 2013-2019", "Example Maker"},
	{"Portions Copyright (C) 2001 by Ann <ann@b.example>",
	 "Ann <ann@b.example>"},
	{"   Portions Copyright (c) Microsoft Corporation.",
	 "Microsoft Corporation."},
	{"Parts of this file are copyright (c) Example Maker", "Example Maker"},
	{"Portions Copyright Example Maker", "Example Maker"},
	{"the parties and Copyright (c) of Example Maker", NULL},
	{"This software is (c) 2008\xe2\x80\x93" "2009 Ann", "Ann"},
	{"/*! jQuery v3 | (c) OpenJS Foundation | jquery.org */", NULL},
	{"Copyright \xc2\xa9 2010\xe2\x80\x93" "2021 M\xc3\xbcller AG",
	 "M\xc3\xbcller AG"},
	{"Copyright [yyyy] [name of copyright owner]", NULL},
	{"Copyright (C) <year>  <name of author>", NULL},
	{"Copyright (C) 19yy  name of author", NULL},
	{"The above copyright notice and this permission notice", NULL},
	{"Copyright Notice", NULL},
	{"COPYRIGHT HOLDERS AND CONTRIBUTORS \"AS IS\"", NULL},
	{"(c) You must retain, in the Source form", NULL},
	{"copyrighted by law since 1999", NULL},
	{"grants You a copyright license to reproduce", NULL},
	{"Copyright (c) 2020", NULL},
	{"", NULL},
};

static void copyright_lines_give_their_holder(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct slice got = {0};
		bool found = licence_holder(slice_str(lines[i].line), &got);
		if (found != (lines[i].holder != NULL) ||
		    (found && !slice_eq(got, slice_str(lines[i].holder))))
			fail_msg("line %zu: '%s' gives '%.*s'", i,
			         lines[i].line, SLICE_ARG(got));
	}
}

/* From the npm package @rspack/core. */
static const char rspack[] =
	"MIT License\n\n"
	"Copyright (c) 2022-present Bytedance, Inc. and its affiliates.\n\n"
	"Permission is hereby granted, free of charge, to any person obtaining\n"
	"The above copyright notice and this permission notice shall be\n";

static void the_only_holder_wrote_the_package(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_licence,
	               "/srv/node_modules/@rspack/core/LICENSE",
	               slice_str(rspack),
	               "folder installed npm name=@rspack/core "
	               "root=/srv/node_modules/@rspack/core\n"
	               "  license.holder=Bytedance, Inc. and its affiliates. "
	               "@40+35\n");
}

static void several_holders_wrote_parts(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_licence, "/srv/app/vendor/lib/NOTICE.txt",
	               SLICE("Copyright 2001 Ann\nCopyright 2002 Bob\n"
	                     "Copyright (c) 2003, ANN\n"),
	               "folder stored name=lib root=/srv/app/vendor/lib\n"
	               "  license.part-holder=Ann @15+3\n"
	               "  license.part-holder=Bob @34+3\n");
}

/* From the npm package playwright-core: neither wrote the whole. */
static void portions_have_part_holders(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_licence, "/n/node_modules/p/LICENSE",
	               SLICE("   Portions Copyright (c) Microsoft Corporation.\n"
	                     "   Portions Copyright 2017 Google Inc.\n"),
	               "folder installed npm name=p root=/n/node_modules/p\n"
	               "  license.part-holder=Microsoft Corporation. @26+22\n"
	               "  license.part-holder=Google Inc. @76+11\n");
	EXPECT_EXTRACT(&extract_licence, "/n/node_modules/p/LICENSE",
	               SLICE("Portions Copyright 2017 Google Inc.\n"),
	               "folder installed npm name=p root=/n/node_modules/p\n"
	               "  license.part-holder=Google Inc. @24+11\n");
}

static void a_licence_deeper_in_a_package_speaks_for_a_part(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_licence,
	               "/n/node_modules/p/compiled/q/license.md",
	               SLICE("Copyright 2001 Ann\n"),
	               "folder installed npm name=p root=/n/node_modules/p\n"
	               "  license.part-holder=Ann @15+3\n");
}

static void the_root_of_a_python_package_is_found(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_licence,
	               "/x/site-packages/foo-1.2.dist-info/licenses/LICENSE",
	               SLICE("(c) 2001 Ann\n"),
	               "folder installed pypi name=foo version=1.2 "
	               "root=/x/site-packages/foo-1.2.dist-info\n"
	               "  license.holder=Ann @9+3\n");
	EXPECT_EXTRACT(&extract_licence, "/x/dist-packages/foo/COPYING",
	               SLICE("(c) 2001 Ann\n"),
	               "folder installed pypi name=foo "
	               "root=/x/dist-packages/foo\n"
	               "  license.holder=Ann @9+3\n");
}

static void a_licence_texts_own_author_is_no_holder(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_licence, "/x/third_party/foo/COPYING",
		SLICE(" Copyright (C) 1989, 1991 Free Software Foundation, Inc.,\n"
	              " 51 Franklin Street, Fifth Floor, Boston\n"
	              " Everyone is permitted to copy and distribute verbatim "
	              "copies\n"),
		"");
}

static void files_outside_code_packages_say_nothing(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_licence, "/usr/share/doc/x/LICENSE",
	               slice_str(rspack), "");
	EXPECT_EXTRACT(&extract_licence, "/n/node_modules/p/license.js",
	               slice_str(rspack), "");
	EXPECT_EXTRACT(&extract_source_head, "/usr/include/x.h",
	               SLICE("/* Copyright 2001 Ann */\n"), "");
}

static void source_heads_name_holders(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_source_head, "/n/node_modules/p/lib/a.js",
	               SLICE("/*! Copyright (c) 2013-present, Example, Inc. */\n"
	                     "x=1\n// Copyright 2001 Ann\n"),
	               "folder installed npm name=p root=/n/node_modules/p\n"
	               "  source.holder=Example, Inc. @32+13\n"
	               "  source.holder=Ann @71+3\n");
	assert_true(test_probes(&extract_source_head, "/a/b.mjs", SLICE("")));
	assert_true(test_probes(&extract_source_head, "/a/b.tsx", SLICE("")));
	assert_false(test_probes(&extract_source_head, "/a/b.txt", SLICE("")));
}

static void every_prefix_is_survived(void **state)
{
	(void)state;
	run_on_every_prefix(&extract_licence, "/n/node_modules/p/LICENSE",
	                    slice_str(rspack));
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		run_on_every_prefix(&extract_source_head,
		                    "/n/node_modules/p/a.js",
		                    slice_str(lines[i].line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copyright_lines_give_their_holder),
		cmocka_unit_test(the_only_holder_wrote_the_package),
		cmocka_unit_test(several_holders_wrote_parts),
		cmocka_unit_test(portions_have_part_holders),
		cmocka_unit_test(a_licence_deeper_in_a_package_speaks_for_a_part),
		cmocka_unit_test(the_root_of_a_python_package_is_found),
		cmocka_unit_test(a_licence_texts_own_author_is_no_holder),
		cmocka_unit_test(files_outside_code_packages_say_nothing),
		cmocka_unit_test(source_heads_name_holders),
		cmocka_unit_test(every_prefix_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
