/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of packs are run, and those that do not hold are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "cmd/examples.h"

#define HEAD \
	"entities: [{id: ex, name: Examplesoft}]\n" \
	"marks:\n" \
	"- id: ex/vendor\n" \
	"  attr: package.vendor\n" \
	"  name: Examplesoft\n" \
	"  unless: [{attr: package.name, prefix: not-}]\n" \
	"  basis: developed\n" \
	"  strength: strong\n" \
	"  states: [installed]\n" \
	"  confidence: V\n" \
	"  source: s\n"

/* What the callback was told: "line words" and a line break, each. */
static void note(void *ctx, const struct mark *mark, int line, const char *words)
{
	assert_string_equal(mark->id, "ex/vendor");
	str_printf(ctx, "%d %s\n", line, words);
}

static struct pack *load(const char *text)
{
	char path[] = "/tmp/debar-test-examples-XXXXXX.yaml";
	const char *const places[] = {path};
	struct pack_problems problems = {0};
	struct pack *pack = NULL;
	struct err e = {0};

	int fd = mkstemps(path, 5);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
	int rc = pack_load(places, 1, &e, &problems, &pack);
	assert_int_equal(unlink(path), 0);
	pack_problems_finish(&problems);
	assert_int_equal(rc, 0);
	return pack;
}

/* Runs the examples of a pack; `told` is all that must be complained of. */
static void expect(const char *text, int failures, const char *told)
{
	struct pack *pack = load(text);
	struct matcher *m = NULL;
	struct str notes = {0};
	struct err e = {0};

	str_puts(&notes, "");
	assert_int_equal(matcher_new(pack, NULL, &e, &m), 0);
	assert_int_equal(examples_run(pack, m, note, &notes, &e), failures);
	assert_string_equal(notes.p, told);
	str_finish(&notes);
	matcher_free(m);
	pack_free(pack);
}

static void test_examples_that_hold_are_not_told(void **state)
{
	(void)state;
	expect(HEAD
	       "  catches: [\"Examplesoft, Inc.\", {package.vendor: examplesoft, "
	       "package.name: [x, y]}]\n"
	       "  spares: [Other, {package.vendor: Examplesoft, package.name: not-x}]\n",
	       0, "");
}

static void test_examples_that_fail_are_told_with_their_line(void **state)
{
	(void)state;
	expect(HEAD
	       "  catches:\n"
	       "  - Examplesoft\n"
	       "  - Other\n"
	       "  spares:\n"
	       "  - {package.vendor: Examplesoft, package.name: x}\n",
	       2,
	       "14 mark ex/vendor does not catch its example \"Other\"\n"
	       "16 mark ex/vendor catches what it should spare: package.vendor: "
	       "\"Examplesoft\", package.name: \"x\"\n");
}

static void test_what_is_told_is_fit_for_a_terminal(void **state)
{
	(void)state;
	expect(HEAD
	       "  catches: [\"\\e[31m\\n\"]\n"
	       "  spares: [Other]\n",
	       1, "12 mark ex/vendor does not catch its example \"\\x1b[31m\\n\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples_that_hold_are_not_told),
		cmocka_unit_test(test_examples_that_fail_are_told_with_their_line),
		cmocka_unit_test(test_what_is_told_is_fit_for_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
