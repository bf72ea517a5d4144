/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A removal in all its forms: the words that a person looks for, and what must
 * not come out when names are hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "report/completion.h"

static const struct completion_form *const forms[] = {
	&completion_text, &completion_markdown, &completion_html, &completion_json};

static const char hostile[] =
	"<script>alert(1)</script> \033[31m\n| a | [x](http://e) \xff \xe2\x80\xae &amp; \"q\"";

static char *written(const struct completion_form *form, const struct completion *c,
                     size_t *n)
{
	static const struct report_style style = {.columns = 80};
	char *text = NULL;
	FILE *out = open_memstream(&text, n);

	assert_non_null(out);
	assert_int_equal(form->write(c, &style, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* A removal of which every text is `name`, with one thing of each kind. */
static struct completion removal(const char *name)
{
	static struct completion_step steps[2];
	static struct completion_left left[1];
	static struct completion_article articles[COMPLETION_WORD_COUNT];
	static struct completion_new fresh[1];
	static struct incomplete incomplete[1];
	static struct coverage coverage;
	static struct slice texts[1];
	const struct slice s = slice_str(name);

	for (size_t i = 0; i < COUNT_OF(steps); i++)
		steps[i] = (struct completion_step){
			.name = s, .version = s, .entity = s, .kind = "take",
			.outcome = i ? "changed" : "done",
			.tone = i ? COMPLETION_OPEN : COMPLETION_GOOD, .words = s,
			.why = i ? name : "", .taken = 12, .left = i};
	left[0] = (struct completion_left){s, s};
	for (int w = 0; w < COMPLETION_WORD_COUNT; w++)
		articles[w] = (struct completion_article){(enum completion_word)w, s, s, s, s};
	fresh[0] = (struct completion_new){"package", s, s, s};
	incomplete[0] = (struct incomplete){.path = s, .why = WHY_UNREADABLE};
	coverage = (struct coverage){.items = 10, .examined = 9, .incomplete = incomplete,
	                             .n_incomplete = 1};
	texts[0] = s;
	return (struct completion){
		.version = "1", .title = "Completion of a removal", .run = "20261125T101530-1a2b",
		.started = "2026-11-25T10:15:30Z", .state = "carried out", .place = s, .host = s,
		.plan_sha256 = SLICE("0123456789abcdef0123456789abcdef"
		                     "0123456789abcdef0123456789abcdef"),
		.orders = texts, .n_orders = 1, .approvals = texts, .n_approvals = 1,
		.steps = steps, .n_steps = 2, .left = left, .n_left = 1,
		.verification = {
			.done = true, .at = "2026-11-25T11:00:00Z", .articles = articles,
			.n_articles = COMPLETION_WORD_COUNT, .compared = true, .fresh = fresh,
			.n_fresh = 1, .coverage = &coverage,
		},
		.notes = texts, .n_notes = 1,
	};
}

static void every_form_tells_what_was_done_left_and_found(void **)
{
	static const char *const words[] = {"examplesoft", "gone", "still there", "came back",
	                                    "also found", "changed", "12", "carried out",
	                                    "0123456789abcdef", "20261125T101530"};
	const struct completion c = removal("examplesoft");

	for (size_t f = 0; f < COUNT_OF(forms); f++) {
		size_t n;
		char *text = written(forms[f], &c, &n);
		for (size_t i = 0; i < COUNT_OF(words); i++)
			if (!strstr(text, words[i]))
				fail_msg("%s does not say \"%s\"", forms[f]->name, words[i]);
		free(text);
	}
}

static void no_raw_control_byte_comes_out(void **)
{
	const struct completion c = removal(hostile);

	for (size_t f = 0; f < COUNT_OF(forms); f++) {
		size_t n;
		char *text = written(forms[f], &c, &n);
		for (size_t i = 0; i < n; i++)
			if (((unsigned char)text[i] < 0x20 && text[i] != '\n') ||
			    (unsigned char)text[i] == 0xff)
				fail_msg("%s has byte %d at %zu", forms[f]->name, text[i], i);
		free(text);
	}
}

static void names_make_no_markup(void **)
{
	const struct completion c = removal(hostile);
	size_t n;
	char *html = written(&completion_html, &c, &n);
	char *markdown = written(&completion_markdown, &c, &n);

	assert_null(strstr(html, "<script"));
	assert_non_null(strstr(html, "&lt;script&gt;"));
	assert_non_null(strstr(html, "&amp;amp;"));
	for (const char *p = markdown; (p = strpbrk(p, "<[")); p++)
		assert_int_equal(p[-1], '\\');
	free(html);
	free(markdown);
}

/* A cell that could end its row would shift what stands beside it. */
static void every_row_of_a_markdown_table_has_its_columns(void **)
{
	const struct completion c = removal(hostile);
	size_t n, columns = 0, rows = 0;
	char *text = written(&completion_markdown, &c, &n);
	struct slice rest = slice_of(text, n), line;

	while (slice_line(&rest, &line)) {
		size_t bars = 0;
		for (size_t i = 0; i < line.n; i++)
			bars += line.p[i] == '|' && (i == 0 || line.p[i - 1] != '\\');
		if (line.n == 0 || line.p[0] != '|') {
			columns = 0;
			continue;
		}
		if (columns == 0)
			columns = bars;
		assert_int_equal(bars, columns);
		rows++;
	}
	assert_true(rows > 10);
	free(text);
}

static void json_is_json_and_exact(void **)
{
	const struct completion c = removal("examplesoft");
	size_t n;
	char *text = written(&completion_json, &c, &n);
	json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(root);
	json_t *step = json_array_get(json_object_get(root, "steps"), 1);
	assert_string_equal(json_string_value(json_object_get(step, "outcome")), "changed");
	assert_int_equal(json_integer_value(json_object_get(step, "left")), 1);
	json_decref(root);
	free(text);
}

static void what_cannot_be_compared_is_said(void **)
{
	struct completion c = removal("examplesoft");

	c.verification.compared = false;
	c.verification.n_fresh = 0;
	for (size_t f = 0; f < 3; f++) {
		size_t n;
		char *text = written(forms[f], &c, &n);
		assert_non_null(strstr(text, "annot be told"));
		assert_null(strstr(text, "No software appeared"));
		free(text);
	}
}

static void a_rehearsal_has_no_verification(void **)
{
	struct completion c = removal("examplesoft");

	c.run = c.started = c.state = "";
	c.verification.done = false;
	for (size_t f = 0; f < COUNT_OF(forms); f++) {
		size_t n;
		char *text = written(forms[f], &c, &n);
		assert_null(strstr(text, "still there"));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_tells_what_was_done_left_and_found),
		cmocka_unit_test(no_raw_control_byte_comes_out),
		cmocka_unit_test(names_make_no_markup),
		cmocka_unit_test(every_row_of_a_markdown_table_has_its_columns),
		cmocka_unit_test(json_is_json_and_exact),
		cmocka_unit_test(what_cannot_be_compared_is_said),
		cmocka_unit_test(a_rehearsal_has_no_verification),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
