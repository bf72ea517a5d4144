/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms that are shipped: each has the entries that its order asks for, each
 * once and, where the order lists them all, no others; nothing in one is beyond
 * what a profile can say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "report/filing.h"

static struct pack *pack;

/* Entries by the ids of their fields; of forms that list all (`only`), the
 * fields of who writes it and when do not count. */
static const struct {
	const char *form;
	bool only;
	const char *fields[24];
} wanted[] = {
	{"bod-17-01-identification", false, {"product", "endpoints", "result", "methods"}},
	{"bod-17-01-plan", false, {"agency", "contact-name", "contact-phone", "contact-email",
	 "product", "endpoints", "methods", "components", "mission-function", "agreements",
	 "removal-timeline", "weakened-controls", "replacement", "replacement-timeline",
	 "challenges", "costs"}},
	{"bod-17-01-status", false, {"agency", "product", "endpoints", "removed",
	 "removal-timeline"}},
	{"far-52-204-23-report", true, {"contract", "contract-orders", "supplier", "brand",
	 "model", "description", "mitigation"}},
	{"far-52-204-23-follow-up", true, {"contract", "contract-orders", "description",
	 "further-mitigation", "prevention", "reasons", "future-prevention"}},
	{"far-52-204-25-report", true, {"contract", "contract-orders", "supplier",
	 "supplier-uei", "supplier-cage", "brand", "model", "description", "mitigation"}},
	{"far-52-204-25-follow-up", true, {"contract", "contract-orders", "description",
	 "further-mitigation", "prevention", "future-prevention"}},
	{"far-52-204-30-report", true, {"contract", "contract-orders", "product",
	 "covered-article", "vendor", "vendor-cage", "vendor-uei", "brand", "model",
	 "description", "mitigation"}},
	{"far-52-204-30-follow-up", true, {"contract", "contract-orders", "description",
	 "further-mitigation", "prevention", "future-prevention"}},
	{"far-52-204-30-waiver", true, {"product", "covered-article", "vendor", "vendor-cage",
	 "vendor-uei", "brand", "model", "description", "reason"}},
	{"far-52-204-24-representation", false, {"sam-review", "provides", "uses", "producer",
	 "producer-uei", "producer-cage", "producer-role", "brand", "model", "description",
	 "proposed-use", "maintained-item", "psc", "service-use"}},
	{"reasonable-inquiry", false, {"by", "day", "records", "methods", "unread", "place",
	 "evidence", "result", "conclusion"}},
	{"pspf-002-2025-completion", false, {"entity", "result", "removed", "prevention",
	 "exemptions", "completed"}},
};

static const struct form *shipped(const char *id)
{
	const struct form *form = pack_form(pack, id);

	if (!form)
		fail_msg("there is no form %s", id);
	return form;
}

static size_t fields_of(const struct form *form)
{
	size_t n = 0;

	for (size_t i = 0; i < form->n_parts; i++)
		n += form->parts[i].n_fields;
	return n;
}

static size_t times(const struct form *form, const char *id)
{
	size_t n = 0;

	for (size_t i = 0; i < form->n_parts; i++)
		for (size_t k = 0; k < form->parts[i].n_fields; k++)
			n += strcmp(form->parts[i].fields[k].id, id) == 0;
	return n;
}

static void test_entries(void **state)
{
	assert_int_equal(pack->n_forms, COUNT_OF(wanted));
	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		const struct form *form = shipped(wanted[i].form);
		size_t n = 0;
		for (; wanted[i].fields[n]; n++)
			if (times(form, wanted[i].fields[n]) != 1)
				fail_msg("%s: %s stands %zu times", wanted[i].form,
				         wanted[i].fields[n], times(form, wanted[i].fields[n]));
		if (wanted[i].only && fields_of(form) != n)
			fail_msg("%s has %zu entries, not %zu", wanted[i].form, fields_of(form), n);
	}
}

/* The fourteen elements of the plan, by the clause that each answers. */
static void count_clause(const char *clause, unsigned *seen)
{
	if (clause && strncmp(clause, "2.", 2) == 0 && clause[2] >= 'a' && clause[2] <= 'z') {
		assert_int_equal(clause[3], 0);
		seen[clause[2] - 'a']++;
	}
}

static void test_plan_elements(void **state)
{
	const struct form *form = shipped("bod-17-01-plan");
	unsigned seen[26] = {0};

	for (size_t i = 0; i < form->n_parts; i++) {
		count_clause(form->parts[i].clause, seen);
		for (size_t k = 0; k < form->parts[i].n_fields; k++)
			count_clause(form->parts[i].fields[k].clause, seen);
	}
	for (int c = 'a'; c <= 'z'; c++)
		if (seen[c - 'a'] != (c <= 'n'))
			fail_msg("element %c stands %u times", c, seen[c - 'a']);
}

/* ---- can all of it be filled in? ----------------------------------------- */

enum { OWN_MAX = 64 };

static size_t own_facts(const struct form *form, struct profile_fact *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < form->n_parts; i++)
		for (size_t k = 0; k < form->parts[i].n_fields; k++)
			for (size_t m = 0; m < form->parts[i].fields[k].n_from; m++) {
				const struct form_from *from = &form->parts[i].fields[k].from[m];
				if (from->fact != FACT_PROFILE)
					continue;
				assert_true(n < OWN_MAX);
				ret[n].id = from->profile;
				ret[n++].text = "said";
			}
	return n;
}

static struct filing fill(const struct form *form, const struct profile *profile,
                          struct arena *mem)
{
	static const struct order order = {.id = "o", .title = "An order"};
	static const struct known_source source = {
		.kind = {(const uint8_t *)"root", 4}, .path = {(const uint8_t *)"/", 1},
		.host = {(const uint8_t *)"alpha", 5}};
	static const struct known_verdict verdict = {
		.order = {(const uint8_t *)"o", 1}, .word = VERDICT_COVERED,
		.because = {(const uint8_t *)"why", 3}, .clause = {(const uint8_t *)"(a)", 3}};
	static const struct known_evidence evidence = {
		.attr = ATTR_PE_PRODUCT, .value = {(const uint8_t *)"Brand", 5},
		.path = {(const uint8_t *)"/a", 2}};
	static struct known_article articles[ARTICLE_KIND_COUNT];
	static struct known f;
	struct filing filing;

	for (size_t i = 0; i < ARTICLE_KIND_COUNT; i++)
		articles[i] = (struct known_article){
			.entity = SLICE("examplesoft"), .maker = SLICE("Examplesoft"),
			.name = SLICE("tool"), .version = SLICE("1"), .model = SLICE("M1"),
			.kind = (enum article_kind)i, .verdicts = &verdict, .n_verdicts = 1,
			.evidence = &evidence, .n_evidence = 1};
	f = (struct known){
		.version = "0", .packs_sha256 = SLICE("abc"), .order = &order, .form = form,
		.day = SLICE("2026-01-02"), .articles = articles,
		.n_articles = COUNT_OF(articles), .sources = &source, .n_sources = 1,
		.profile = profile, .coverage = {.complete = true}};
	assert_int_equal(filing_make(&f, mem, &filing), 0);
	return filing;
}

static void test_filled(void **state)
{
	static struct profile_fact own[OWN_MAX];
	const char *orders[] = {"T-1"};
	struct profile_clause held = {.contract = "C-1", .orders = orders, .n_orders = 1,
	                              .officer = "Jo"};
	struct profile profile = {
		.name = "Agency", .unit = "Unit", .contact_name = "Jo", .contact_phone = "1",
		.contact_email = "jo@example.invalid", .uei = "U", .cage = "C",
		.clauses = &held, .n_clauses = 1, .facts = own};
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < pack->n_forms; i++) {
		const struct form *form = &pack->forms[i];
		held.clause = form->n_contracts ? form->contracts[0] : "C";
		profile.n_facts = own_facts(form, own);
		const struct filing filing = fill(form, &profile, &mem);
		if (filing.n_gaps)
			fail_msg("%s: %zu gaps although all is said", form->id, filing.n_gaps);
		for (size_t p = 0; p < filing.n_parts; p++)
			if (filing.parts[p].n_groups == 0)
				fail_msg("%s: nothing under %s", form->id, form->parts[p].heading);
	}
	arena_finish(&mem);
}

/* Of what only the user knows, nothing is said for them. */
static void test_nothing_invented(void **state)
{
	struct arena mem;

	arena_init(&mem, 0);
	for (size_t i = 0; i < pack->n_forms; i++) {
		const struct filing filing = fill(&pack->forms[i], NULL, &mem);
		size_t unsaid = 0;
		for (size_t p = 0; p < filing.n_parts; p++)
			for (size_t g = 0; g < filing.parts[p].n_groups; g++)
				for (size_t k = 0; k < filing.parts[p].part->n_fields; k++) {
					const struct filing_value *v =
						&filing.parts[p].groups[g].values[k];
					if (v->field->n_from > 1 ||
					    v->field->from[0].fact != FACT_PROFILE)
						continue;
					assert_int_not_equal(v->state, FILING_SAID);
					unsaid++;
				}
		if (unsaid == 0)
			fail_msg("%s asks the user for nothing", pack->forms[i].id);
	}
	arena_finish(&mem);
}

static int load(void **state)
{
	static const char *const dirs[] = {DEBAR_SOURCE "/packs"};
	struct pack_problems problems = {0};
	struct err e = {0};
	const int code = pack_load(dirs, 1, &e, &problems, &pack);

	for (size_t i = 0; i < problems.n; i++)
		print_error("%s:%d:%d: %s\n", problems.list[i].file, problems.list[i].line,
		            problems.list[i].column, problems.list[i].words);
	pack_problems_finish(&problems);
	return code;
}

static int unload(void **state)
{
	pack_free(pack);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_plan_elements),
		cmocka_unit_test(test_filled),
		cmocka_unit_test(test_nothing_invented),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
