/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forms filled in: what is known stands there, what is not is a gap, and "none
 * found" is said only when it is true.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "report/filing.h"

#define FIELD(id_, label_, ...) \
	{.id = (id_), .label = (label_), .from = (struct form_from[]){__VA_ARGS__}, \
	 .n_from = sizeof((struct form_from[]){__VA_ARGS__}) / sizeof(struct form_from)}
#define OWN(id_) {FACT_PROFILE, (id_)}

static struct form_field who[] = {
	FIELD("name", "Name", {.fact = FACT_ORGANISATION_NAME}),
	FIELD("phone", "Telephone", {.fact = FACT_CONTACT_PHONE}),
	FIELD("count", "Endpoints", {.fact = FACT_FINDINGS_ENDPOINTS}),
	FIELD("costs", "Costs", OWN("costs")),
};
static struct form_field product[] = {
	FIELD("product", "Product", {.fact = FACT_PRODUCT_NAME}),
	FIELD("endpoints", "On", {.fact = FACT_PRODUCT_ENDPOINTS}),
	FIELD("brand", "Brand", OWN("brand"), {.fact = FACT_PRODUCT_BRAND}),
};
static struct form_field finding[] = {FIELD("host", "Host", {.fact = FACT_SOURCE_HOST})};
static struct form_field contract[] = {
	FIELD("number", "Number", {.fact = FACT_CONTRACT_NUMBER})};
static struct form_part parts[] = {
	{.heading = "Who", .fields = who, .n_fields = COUNT_OF(who)},
	{.heading = "Products", .each = FORM_PRODUCT, .fields = product,
	 .n_fields = COUNT_OF(product)},
	{.heading = "Findings", .each = FORM_FINDING, .fields = finding, .n_fields = 1},
	{.heading = "Services", .each = FORM_PRODUCT, .kinds = 1u << ARTICLE_SERVICE,
	 .fields = finding, .n_fields = 1},
	{.heading = "Contracts", .each = FORM_CONTRACT, .fields = contract, .n_fields = 1},
};
enum { WHO, PRODUCTS, FINDINGS, SERVICES, CONTRACTS };

static const char *clauses[] = {"CL 1"}, *sources[] = {"a text"};
static const struct form form = {
	.id = "paper", .title = "A paper", .clause = "clause 1", .contracts = clauses,
	.n_contracts = 1, .parts = parts, .n_parts = COUNT_OF(parts), .sources = sources,
	.n_sources = 1,
};
static const struct order order = {.id = "order-1", .title = "An order"};
static const struct order *const orders[] = {&order};

static const struct known_source places[] = {
	{.kind = {(const uint8_t *)"root", 4}, .path = {(const uint8_t *)"/", 1},
	 .host = {(const uint8_t *)"alpha", 5}},
	{.kind = {(const uint8_t *)"root", 4}, .path = {(const uint8_t *)"/", 1},
	 .host = {(const uint8_t *)"beta", 4}},
	{.kind = {(const uint8_t *)"directory", 9}, .path = {(const uint8_t *)"/srv", 4}},
};

/* An article of which the order says `word`. */
static struct known_article article(const char *name, uint32_t source, enum verdict_word word)
{
	static const struct known_evidence evidence = {
		.attr = ATTR_PACKAGE_VENDOR, .value = {(const uint8_t *)"Examplesoft", 11},
		.path = {(const uint8_t *)"/var/lib/db", 11}};
	static const struct known_verdict verdicts[] = {
#define VERDICT(w) \
	[w] = {.order = {(const uint8_t *)"order-1", 7}, .word = (w), \
	       .because = {(const uint8_t *)"so it says", 10}, \
	       .clause = {(const uint8_t *)"(a)", 3}, \
	       .carve_out = {(const uint8_t *)"the-carve-out", (w) == VERDICT_EXCLUDED ? 13 : 0}}
		VERDICT(VERDICT_COVERED), VERDICT(VERDICT_EXCLUDED), VERDICT(VERDICT_REVIEW),
	};
	return (struct known_article){
		.entity = SLICE("examplesoft"), .maker = SLICE("Examplesoft AG"),
		.name = slice_str(name), .version = SLICE("1.0"), .source = source,
		.state = STATE_INSTALLED, .basis = BASIS_DEVELOPED, .strength = STRENGTH_STRONG,
		.verdicts = &verdicts[word], .n_verdicts = 1, .evidence = &evidence,
		.n_evidence = 1,
	};
}

static struct known known_with(const struct known_article *articles, size_t n, bool complete)
{
	static const struct known_unread unread = {
		.path = {(const uint8_t *)"/srv/locked", 11}, .why = WHY_ENCRYPTED};
	return (struct known){
		.version = "0", .packs_sha256 = SLICE("abc"), .orders = orders, .n_orders = 1,
		.order = &order, .form = &form, .day = SLICE("2026-01-02"),
		.articles = articles, .n_articles = n, .sources = places,
		.n_sources = COUNT_OF(places),
		.coverage = {.complete = complete, .items = 10, .examined = 4,
		             .unread = !complete, .list = &unread, .n_list = !complete},
	};
}

static struct arena mem;

static struct filing make(const struct known *f)
{
	struct filing filing;

	arena_reset(&mem);
	assert_int_equal(filing_make(f, &mem, &filing), 0);
	return filing;
}

static char *written(const struct filing *f, const struct filing_form *as)
{
	static const struct report_style style = {.columns = 80};
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	assert_int_equal(as->write(f, &style, out), 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(strlen(text), n);
	return text;
}

static void assert_line(const struct filing_value *v, const char *text)
{
	assert_int_equal(v->n_lines, 1);
	assert_true(slice_eq(v->lines[0], slice_str(text)));
}

static const char *const all_forms[] = {"text", "markdown", "html", "json"};

/* ---- gaps ---------------------------------------------------------------- */

static void test_gaps(void **state)
{
	const struct known f = known_with(NULL, 0, true);
	const struct filing filing = make(&f);
	const struct filing_value *v = filing.parts[WHO].groups[0].values;

	assert_int_equal(v[0].state, FILING_GAP);
	assert_line(&v[0], "name of the organisation");
	assert_line(&v[1], "telephone number of that person");
	assert_int_equal(v[2].state, FILING_SAID);
	assert_line(&v[2], "0");
	assert_line(&v[3], "Costs");
	/* of the contract nobody spoke: one is left open */
	assert_int_equal(filing.parts[CONTRACTS].n_groups, 1);
	assert_int_equal(filing.n_gaps, 4);
	assert_int_equal(filing.n_required, 5);
	for (size_t i = 0; i < 3; i++) {
		char *text = written(&filing, filing_form(all_forms[i]));
		assert_non_null(strstr(text, "4 of 5 required entries"));
		size_t marked = 0;
		for (const char *at = text; (at = strstr(at, "To be filled in: ")); at++)
			marked++;
		assert_int_equal(marked, 4);
		free(text);
	}
}

/* Not required is no gap; what is known is said. */
static void test_optional(void **state)
{
	struct known f = known_with(NULL, 0, true);
	const struct profile p = {.name = "Agency", .contact_phone = "1"};

	f.profile = &p;
	who[3].optional = true;
	const struct filing filing = make(&f);
	who[3].optional = false;
	assert_int_equal(filing.n_gaps, 1);
	assert_int_equal(filing.n_required, 4);
	assert_int_equal(filing.parts[WHO].groups[0].values[3].state, FILING_EMPTY);
	assert_line(&filing.parts[WHO].groups[0].values[0], "Agency");
}

/* ---- none found ---------------------------------------------------------- */

static void test_none_found(void **state)
{
	const struct known_article some[] = {article("a", 0, VERDICT_REVIEW),
	                                     article("a", 0, VERDICT_COVERED),
	                                     article("a", 0, VERDICT_EXCLUDED)};
	static const struct {
		int article; /* of `some`; -1: none */
		bool complete, none; /* "None found." is said */
	} cases[] = {
		{-1, true, true}, {-1, false, false}, {0, true, false}, {0, false, false},
		{1, true, false}, {1, false, false},  {2, true, true},  {2, false, false},
	};

	parts[SERVICES].kinds = 0;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const size_t n = cases[i].article >= 0;
		const struct known f = known_with(n ? &some[cases[i].article] : NULL, n,
		                                  cases[i].complete);
		const struct filing filing = make(&f);
		for (size_t k = 0; k < COUNT_OF(all_forms); k++) {
			char *text = written(&filing, filing_form(all_forms[k]));
			if (!strstr(text, "None found.") == cases[i].none)
				fail_msg("case %zu as %s", i, all_forms[k]);
			/* what was not examined is named, whatever was found */
			if (!strstr(text, "/srv/locked") != cases[i].complete)
				fail_msg("case %zu as %s: coverage", i, all_forms[k]);
			free(text);
		}
	}
	parts[SERVICES].kinds = 1u << ARTICLE_SERVICE;
}

/* ---- repetition ---------------------------------------------------------- */

static void test_repetition(void **state)
{
	const struct known_article some[] = {
		article("two", 1, VERDICT_COVERED), article("one", 0, VERDICT_COVERED),
		article("two", 0, VERDICT_COVERED), article("two", 1, VERDICT_COVERED),
		article("left", 0, VERDICT_REVIEW), article("out", 2, VERDICT_EXCLUDED),
	};
	const struct known f = known_with(some, COUNT_OF(some), true);
	const struct filing filing = make(&f);
	const struct filing_part *p = &filing.parts[PRODUCTS];

	assert_int_equal(p->n_groups, 2);
	assert_line(&p->groups[0].values[0], "one");
	assert_line(&p->groups[0].values[1], "1");
	assert_line(&p->groups[1].values[0], "two");
	assert_line(&p->groups[1].values[1], "2"); /* three findings, two hosts */
	assert_int_equal(filing.parts[FINDINGS].n_groups, 4);
	assert_line(&filing.parts[WHO].groups[0].values[2], "2");
	assert_int_equal(filing.parts[SERVICES].n_groups, 0);
	assert_true(slice_eq(filing.parts[SERVICES].none[0], SLICE("None found.")));
	assert_int_equal(filing.n_review, 1);
	assert_int_equal(filing.n_excluded, 1);
}

/* Without a host's name, an endpoint is its place. */
static void test_places(void **state)
{
	const struct known_article some[] = {article("a", 2, VERDICT_COVERED),
	                                     article("a", 1, VERDICT_COVERED)};
	const struct known f = known_with(some, COUNT_OF(some), true);
	const struct form_from hosts = {.fact = FACT_FINDINGS_HOSTS};
	struct lines out = {.mem = &mem};

	arena_reset(&mem);
	known_say(&f, &hosts, &(struct known_of){0}, &out);
	assert_int_equal(out.n, 2);
	assert_true(slice_eq(out.list[0], SLICE("/srv")));
	assert_true(slice_eq(out.list[1], SLICE("beta")));
}

/* ---- apart --------------------------------------------------------------- */

static void test_apart(void **state)
{
	const struct known_article some[] = {article("covered-one", 0, VERDICT_COVERED),
	                                     article("review-one", 0, VERDICT_REVIEW),
	                                     article("excluded-one", 0, VERDICT_EXCLUDED)};
	const struct known f = known_with(some, COUNT_OF(some), true);
	const struct filing filing = make(&f);

	for (size_t i = 0; i < 3; i++) {
		char *text = written(&filing, filing_form(all_forms[i]));
		const char *settle = strstr(text, "To be settled by a person first");
		const char *annex = strstr(text, "Annex: found, and outside the order");
		assert_non_null(settle);
		assert_non_null(annex);
		assert_true(settle < annex);
		assert_true(strstr(text, "covered-one") < settle ||
		            strstr(text, "covered\\-one") < settle);
		const char *review = strstr(text, "review-one");
		assert_true(review > settle && review < annex);
		assert_true(strstr(text, "excluded-one") > annex);
		assert_true(strstr(text, "the-carve-out") > annex);
		free(text);
	}
}

/* ---- the user's own facts ------------------------------------------------ */

static void test_own_facts(void **state)
{
	const struct known_article some[] = {article("one", 0, VERDICT_COVERED),
	                                     article("two", 1, VERDICT_COVERED)};
	struct slice ones[] = {SLICE("on*")}, betas[] = {SLICE("beta")};
	const char *elsewhere[] = {"order-2"};
	struct profile_fact own[] = {
		{.id = "brand", .text = "Brand One", .place = {.articles = ones, .n_articles = 1}},
		{.id = "brand", .text = "Beta's", .place = {.sources = betas, .n_sources = 1}},
		{.id = "brand", .text = "never", .place = {.orders = elsewhere, .n_orders = 1}},
		{.id = "costs", .text = "5", .place = {.articles = ones, .n_articles = 1}},
		{.id = "costs", .text = "7"},
	};
	const struct profile p = {.facts = own, .n_facts = COUNT_OF(own)};
	struct known f = known_with(some, COUNT_OF(some), true);

	f.profile = &p;
	const struct filing filing = make(&f);
	assert_line(&filing.parts[PRODUCTS].groups[0].values[2], "Brand One");
	assert_line(&filing.parts[PRODUCTS].groups[1].values[2], "Beta's");
	const struct filing_value *costs = &filing.parts[WHO].groups[0].values[3];
	assert_int_equal(costs->n_lines, 2);
	assert_true(slice_eq(costs->lines[0], SLICE("on*: 5")));
	assert_true(slice_eq(costs->lines[1], SLICE("7")));
}

/* A brand is what the product calls itself, and nothing else. */
static void test_brand(void **state)
{
	static const struct known_evidence named = {
		.attr = ATTR_PE_PRODUCT, .value = {(const uint8_t *)"Shiny", 5}};
	struct known_article some[] = {article("one", 0, VERDICT_COVERED),
	                               article("two", 0, VERDICT_COVERED)};
	some[1].evidence = &named;
	const struct known f = known_with(some, COUNT_OF(some), true);
	const struct filing filing = make(&f);

	assert_int_equal(filing.parts[PRODUCTS].groups[0].values[2].state, FILING_GAP);
	assert_line(&filing.parts[PRODUCTS].groups[1].values[2], "Shiny");
}

static void test_contracts(void **state)
{
	struct profile_clause held[] = {
		{.clause = "CL 1", .contract = "N-1"}, {.clause = "CL 2", .contract = "N-2"},
		{.clause = "CL 1", .contract = "N-3"}};
	const struct profile p = {.clauses = held, .n_clauses = COUNT_OF(held)};
	struct known f = known_with(NULL, 0, true);

	f.profile = &p;
	const struct filing filing = make(&f);
	assert_int_equal(filing.parts[CONTRACTS].n_groups, 2);
	assert_line(&filing.parts[CONTRACTS].groups[0].values[0], "N-1");
	assert_line(&filing.parts[CONTRACTS].groups[1].values[0], "N-3");
}

/* The paper's own date: the first that is not settled. */
static void test_due(void **state)
{
	const struct known_due dues[] = {
		{.order = SLICE("order-1"), .on = SLICE("2026-01-01"), .form = "paper",
		 .done = true},
		{.order = SLICE("order-1"), .on = SLICE("2026-02-01"), .form = "other"},
		{.order = SLICE("order-2"), .on = SLICE("2026-02-02"), .form = "paper"},
		{.order = SLICE("order-1"), .on = SLICE("2026-03-01"), .form = "paper"},
		{.order = SLICE("order-1"), .on = SLICE("2026-04-01"), .form = "paper"},
	};
	struct known f = known_with(NULL, 0, true);
	struct lines out = {.mem = &mem};

	arena_reset(&mem);
	f.dues = dues;
	f.n_dues = COUNT_OF(dues);
	known_say(&f, &(struct form_from){.fact = FACT_DUE_ON}, &(struct known_of){0}, &out);
	assert_int_equal(out.n, 1);
	assert_true(slice_eq(out.list[0], SLICE("2026-03-01")));
}

/* ---- hostile names ------------------------------------------------------- */

static void test_hostile(void **state)
{
	static const char hostile[] =
		"<script>alert(1)</script> \033[31m\n| a | [x](http://e) \xff \xe2\x80\xae &amp;";
	struct known_article some[] = {article(hostile, 0, VERDICT_COVERED),
	                               article(hostile, 0, VERDICT_REVIEW),
	                               article(hostile, 0, VERDICT_EXCLUDED)};
	const struct known f = known_with(some, COUNT_OF(some), true);
	const struct filing filing = make(&f);

	for (size_t i = 0; i < COUNT_OF(all_forms); i++) {
		char *text = written(&filing, filing_form(all_forms[i]));
		assert_null(strchr(text, '\033'));
		assert_null(strchr(text, '\xff'));
		if (strcmp(all_forms[i], "json") != 0) /* where it is no display */
			assert_null(strstr(text, "\xe2\x80\xae"));
		if (strcmp(all_forms[i], "html") == 0)
			assert_null(strstr(text, "<script"));
		if (strcmp(all_forms[i], "markdown") == 0)
			assert_null(strstr(text, "](http"));
		free(text);
	}
}

static void test_json(void **state)
{
	const struct known_article some[] = {article("one", 0, VERDICT_COVERED),
	                                     article("two", 0, VERDICT_REVIEW)};
	const struct known f = known_with(some, COUNT_OF(some), false);
	const struct filing filing = make(&f);
	char *text = written(&filing, &filing_json);
	json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "schema")), "debar/paper/1");
	assert_int_equal(json_integer_value(json_object_get(j, "gaps")), filing.n_gaps);
	assert_int_equal(json_array_size(json_object_get(j, "parts")), COUNT_OF(parts));
	assert_int_equal(json_array_size(json_object_get(j, "review")), 1);
	json_decref(j);
	free(text);
}

static int start(void **state)
{
	arena_init(&mem, 0);
	return 0;
}

static int end(void **state)
{
	arena_finish(&mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gaps),       cmocka_unit_test(test_optional),
		cmocka_unit_test(test_none_found), cmocka_unit_test(test_repetition),
		cmocka_unit_test(test_places),     cmocka_unit_test(test_apart),
		cmocka_unit_test(test_own_facts),  cmocka_unit_test(test_brand),
		cmocka_unit_test(test_contracts),  cmocka_unit_test(test_due),
		cmocka_unit_test(test_hostile),    cmocka_unit_test(test_json),
	};
	return cmocka_run_group_tests(tests, start, end);
}
