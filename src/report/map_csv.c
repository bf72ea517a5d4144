/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar map --format csv: a header, then rows that are told apart by their
 * first column, each with counts of hosts:
 *
 *   answer     all hosts
 *   order      per order, article or unit; and per group of --group-by
 *   unit
 *   case       per article as it is on some hosts, and order
 *   group
 *   host       per host, article and order (with --group-by host); one more with
 *              the verdict "unknown" says what is not known of the host
 *   coverage   what is not known, in words; hosts: how many
 *   marker     a mark that looks for bytes, as "because"; hosts: those to be
 *              searched for it
 */
#include <stdio.h>

#include "report/csv_emit.h"
#include "report/map_report.h"

enum { WORDS_SIZE = 160 };

static const char header[] =
	"row,host,unit,entity,article,version,kind,ecosystem,state,basis,"
	"strength,order,verdict,because,last_seen,hosts,covered,review,excluded"
	"\r\n";

static const char *const verdict_words[] = {
	[VERDICT_COVERED] = "covered",
	[VERDICT_EXCLUDED] = "excluded",
	[VERDICT_REVIEW] = "review",
};

/* The cells of one row; what is NULL stays empty. */
struct row {
	const char *type;
	struct slice host, unit;
	const struct finding *article;
	const struct finding *state_of;  /* state, basis, strength */
	int state;                       /* without state_of; -1: none */
	const struct order *order;
	const struct verdict *verdict;
	const char *word, *because, *last_seen;
	uint64_t hosts;
	const struct map_tally *tally;
};

static void article_cells(struct csv *t, const struct finding *f)
{
	enum { CELLS = 5 };

	if (!f) {
		csv_empty(t, CELLS);
		return;
	}
	csv_cstr(t, f->entity->id);
	csv_cell(t, f->name);
	csv_cell(t, f->version);
	csv_cstr(t, kind_name(f->kind));
	csv_cstr(t, f->ecosystem);
}

static void state_cells(struct csv *t, const struct row *row)
{
	const struct finding *f = row->state_of;

	csv_cstr(t, f ? state_name(f->state)
	              : row->state >= 0 ? state_name((enum state)row->state) : NULL);
	csv_cstr(t, f ? basis_name(f->basis) : NULL);
	csv_cstr(t, f ? strength_name(f->strength) : NULL);
}

static void put_row(struct csv *t, const struct row *row)
{
	const struct verdict *v = row->verdict;
	const struct order *order = v ? v->order : row->order;

	csv_cstr(t, row->type);
	csv_cell(t, row->host);
	csv_cell(t, row->unit);
	article_cells(t, row->article);
	state_cells(t, row);
	csv_cstr(t, order ? order->id : NULL);
	csv_cstr(t, v ? verdict_words[v->word] : row->word);
	csv_cstr(t, v ? v->because : row->because);
	csv_cstr(t, row->last_seen);
	csv_number(t, row->hosts);
	for (int w = MAP_WORD_COUNT - 1; w > MAP_NONE; w--) {
		if (row->tally)
			csv_number(t, row->tally->hosts[w]);
		else
			csv_empty(t, 1);
	}
	csv_end_row(t);
}

static uint64_t found(const struct map_tally *t)
{
	return map_affected(t) + t->hosts[MAP_EXCLUDED];
}

/* ---- rows -------------------------------------------------------------- */

static void sums(struct csv *t, const struct map_report *r)
{
	put_row(t, &(struct row){.type = "answer", .state = -1,
	                         .hosts = r->coverage.reported,
	                         .tally = &r->total});
	for (size_t i = 0; i < r->n_orders; i++)
		put_row(t, &(struct row){.type = "order", .state = -1,
		                         .order = r->by_order[i].order,
		                         .hosts = found(&r->by_order[i].tally),
		                         .tally = &r->by_order[i].tally});
	for (size_t i = 0; i < map_listed(r, r->n_units); i++)
		put_row(t, &(struct row){.type = "unit", .state = -1,
		                         .unit = r->units[i].path,
		                         .hosts = r->units[i].reported,
		                         .tally = &r->units[i].tally});
}

/* The verdicts of a finding, a row each; one row when there are none. */
static void verdict_rows(struct csv *t, struct row *row)
{
	const struct finding *f = row->article;

	if (f->n_verdicts == 0)
		put_row(t, row);
	for (size_t i = 0; i < f->n_verdicts; i++) {
		row->verdict = &f->verdicts[i];
		put_row(t, row);
	}
	row->verdict = NULL;
}

static void articles(struct csv *t, const struct map_report *r)
{
	for (size_t i = 0; i < map_listed(r, r->n_articles); i++)
		for (size_t k = 0; k < r->articles[i].n_cases; k++) {
			const struct map_case *c = &r->articles[i].cases[k];
			verdict_rows(t, &(struct row){
				.type = "case", .article = c->finding,
				.state_of = c->finding, .hosts = c->hosts});
		}
}

static void groups(struct csv *t, const struct map_report *r)
{
	for (size_t i = 0; i < map_listed(r, r->n_groups); i++) {
		const struct map_group *g = &r->groups[i];
		put_row(t, &(struct row){.type = "group", .unit = g->unit,
		                         .article = g->article, .order = g->order,
		                         .state = g->state,
		                         .hosts = found(&g->tally),
		                         .tally = &g->tally});
	}
}

struct host_rows {
	struct csv *t;
	size_t n, most; /* most 0: all */
};

static const char *what_is_unknown(const struct map_host *h)
{
	if (!h->last_seen)
		return "it never reported";
	if (!h->complete)
		return h->search_again ? "it was not fully examined; search it again "
		                         "for byte markers"
		                       : "it was not fully examined";
	return h->search_again ? "search it again for byte markers" : NULL;
}

/* A row for each article and order, and one for what is not known. */
static int host_row(void *ctx, const struct map_host *h)
{
	struct host_rows *rows = ctx;
	struct row row = {
		.type = "host", .host = h->name, .unit = h->unit, .state = -1,
		.last_seen = h->last_seen, .hosts = 1,
	};

	if (rows->most && rows->n == rows->most)
		return 1;
	rows->n++;
	row.word = map_word_name(h->word);
	for (size_t i = 0; i < h->n_cases; i++) {
		row.article = row.state_of = h->cases[i]->finding;
		verdict_rows(rows->t, &row);
	}
	row.article = row.state_of = NULL;
	row.because = what_is_unknown(h);
	if (row.because)
		row.word = "unknown";
	if (row.because || h->n_cases == 0)
		put_row(rows->t, &row);
	return 0;
}

static void coverage_row(struct csv *t, uint64_t hosts, const char *words)
{
	if (hosts)
		put_row(t, &(struct row){.type = "coverage", .state = -1,
		                         .word = "unknown", .because = words,
		                         .hosts = hosts});
}

/* What remains, and a row for each mark that it is for. */
static void markers(struct csv *t, const struct map_report *r)
{
	const struct map_remainder *rest = &r->remainder;
	char words[WORDS_SIZE];

	(void)snprintf(words, sizeof(words), "have %llu programs to be searched for "
	               "byte markers: debar sweep --only-needed",
	               (unsigned long long)rest->programs);
	coverage_row(t, rest->hosts, words);
	for (size_t i = 0; i < rest->n_marks; i++)
		put_row(t, &(struct row){.type = "marker", .state = -1,
		                         .because = rest->marks[i].mark->id,
		                         .hosts = rest->marks[i].hosts});
}

static void coverage(struct csv *t, const struct map_report *r)
{
	const struct map_coverage *c = &r->coverage;

	coverage_row(t, c->never, "expected, but never reported");
	coverage_row(t, c->incomplete, "not fully examined when they reported");
	coverage_row(t, r->undecided, "over a limit: not judged, counted as review");
	markers(t, r);
	if (c->complete)
		put_row(t, &(struct row){.type = "coverage", .state = -1,
		                         .word = "complete",
		                         .because = "everything asked is known",
		                         .hosts = c->reported});
}

static int write_csv(const struct map_report *r, const struct report_style *,
                     FILE *out)
{
	struct csv t;
	struct host_rows hosts = {.t = &t, .most = r->limit};
	int rc = 0;

	csv_init(&t, out);
	fputs(header, out);
	sums(&t, r);
	articles(&t, r);
	groups(&t, r);
	if (r->each_host)
		rc = r->each_host(r, host_row, &hosts);
	coverage(&t, r);
	int finished = csv_finish(&t);
	return rc < 0 ? rc : finished;
}

const struct map_form map_csv = {
	.name = "csv",
	.write = write_csv,
};
