/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format text: the result in one line, a block per finding, what came and
 * went, and what was looked at. The parts are in text_finding.c, text_changes.c
 * and text_coverage.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "report/text.h"

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* How many findings an entity has; those on weak evidence are only possible. */
struct tally {
	size_t sure, possible;
};

static void add_makers(struct page *p, const char **between, size_t n,
                       const char *what, const char *maker)
{
	if (n == 0)
		return;
	page_add(p, "%s", *between);
	page_number(p, n);
	page_add(p, " %s%s of %s", what, plural(n), maker);
	*between = ", ";
}

/* "Found: 2 articles of A, 1 possible article of B" */
static void found(struct page *p, const struct report *r)
{
	size_t n = r->pack->n_entities;
	struct tally *tallies = calloc(n + 1, sizeof(*tallies));
	const char *between = "Found: ";

	if (!tallies) {
		p->failed = true;
		return;
	}
	for (size_t i = 0; i < r->n_findings; i++) {
		struct tally *t = &tallies[r->findings[i].entity->index];
		bool weak = r->findings[i].strength == STRENGTH_WEAK;
		*(weak ? &t->possible : &t->sure) += 1;
	}
	for (size_t i = 0; i < n; i++)
		add_makers(p, &between, tallies[i].sure, "article",
		           r->pack->entities[i].name);
	for (size_t i = 0; i < n; i++)
		add_makers(p, &between, tallies[i].possible, "possible article",
		           r->pack->entities[i].name);
	free(tallies);
	page_end(p, 0, TONE_TITLE);
}

/* "1 covered by an order, 2 to review, 0 outside the orders" */
static void how_many(struct page *p, const struct report *r)
{
	size_t count[VERDICT_REVIEW + 1] = {0};

	for (size_t i = 0; i < r->n_findings; i++)
		count[text_worst(&r->findings[i])]++;
	page_number(p, count[VERDICT_COVERED]);
	page_add(p, " covered by an order, ");
	page_number(p, count[VERDICT_REVIEW]);
	page_add(p, " to review, ");
	page_number(p, count[VERDICT_EXCLUDED]);
	page_add(p, " outside the selected orders");
	page_end(p, 0, TONE_PLAIN);
}

static void headline(struct page *p, const struct report *r)
{
	bool complete = r->coverage.complete && !r->interrupted;

	if (r->n_findings) {
		found(p, r);
		how_many(p, r);
	} else if (complete) {
		page_add(p, "None found");
		page_end(p, 0, TONE_GOOD);
	} else {
		page_add(p, "None found in what was examined; not fully examined");
		page_end(p, 0, TONE_UNSURE);
	}
	if (r->interrupted) {
		page_add(p, "Stopped before its end: this is what was known by then.");
		page_end(p, 0, TONE_UNSURE);
	} else if (r->n_findings && !complete) {
		page_add(p, "Not fully examined: the reasons are at the end.");
		page_end(p, 0, TONE_UNSURE);
	}
}

static int text_write(const struct report *r, const struct report_style *style,
                      FILE *out)
{
	struct page p;

	page_init(&p, style, out);
	headline(&p, r);
	for (size_t i = 0; i < r->n_findings; i++)
		text_finding(&p, r, &r->findings[i]);
	text_changes(&p, r);
	text_coverage(&p, r);
	return page_finish(&p);
}

const struct report_form report_text = {
	.name = "text",
	.write = text_write,
};
