/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar map --format text: the one number that matters, then tables with the
 * counts on the left, then what could not be known.
 */
#include <stdlib.h>

#include "report/map_report.h"
#include "report/map_unread.h"
#include "report/page.h"

enum { NUMBER_WIDTH = 10, INDENT = 2, MARKS_SHOWN = 4, UNREAD_SHOWN = 3, CELL_SIZE = 32 };

static const char *const state_words[] = {
	[MAP_NONE] = "", [MAP_EXCLUDED] = "excluded",
	[MAP_REVIEW] = "review", [MAP_COVERED] = "covered",
};

static const enum tone tones[] = {
	[MAP_NONE] = TONE_PLAIN, [MAP_EXCLUDED] = TONE_QUIET,
	[MAP_REVIEW] = TONE_UNSURE, [MAP_COVERED] = TONE_BAD,
};

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- columns ----------------------------------------------------------- */

/* A number with thousands apart, right-aligned, as the label of a line. */
static void column(struct page *p, uint64_t n)
{
	char digits[CELL_SIZE], cell[CELL_SIZE];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	size_t used = 0;

	for (int i = 0; i < length && used + 2 < sizeof(cell); i++) {
		if (i > 0 && (length - i) % 3 == 0)
			cell[used++] = ',';
		cell[used++] = digits[i];
	}
	cell[used] = 0;
	page_label(p, used < NUMBER_WIDTH ? NUMBER_WIDTH - (unsigned)used : 1, 0,
	           cell, TONE_PLAIN);
}

static void heading(struct page *p, const char *title)
{
	page_blank(p);
	page_add(p, "%s", title);
	page_end(p, 0, TONE_TITLE);
}

static void column_heads(struct page *p, const char *const *heads, size_t n,
                         const char *last)
{
	for (size_t i = 0; i < n; i++)
		page_label(p, NUMBER_WIDTH - (unsigned)strlen(heads[i]), 0, heads[i],
		           TONE_QUIET);
	page_label(p, INDENT, 0, last, TONE_QUIET);
	page_end_line(p, TONE_PLAIN);
}

static void more(struct page *p, size_t n, const char *what)
{
	if (n == 0)
		return;
	page_label(p, NUMBER_WIDTH + INDENT, 0, "", TONE_PLAIN);
	page_add(p, "and ");
	page_number(p, n);
	page_add(p, " more %s%s (--limit 0 lists all)", what, plural(n));
	page_end_line(p, TONE_QUIET);
}

static void words_columns(struct page *p, const struct map_tally *t)
{
	for (int w = MAP_WORD_COUNT - 1; w > MAP_NONE; w--)
		column(p, t->hosts[w]);
}

/* ---- the answer -------------------------------------------------------- */

/* "17 of 1,204 hosts affected (1,250 expected, 46 never reported)" */
static void headline(struct page *p, const struct map_report *r)
{
	const struct map_coverage *c = &r->coverage;
	const uint64_t affected = map_affected(&r->total);

	page_number(p, affected);
	page_add(p, " of ");
	page_number(p, c->reported);
	page_add(p, " host%s affected (", plural(c->reported));
	page_number(p, c->reported + c->never);
	page_add(p, " expected, ");
	page_number(p, c->never);
	page_add(p, " never reported)");
	page_end(p, 0, affected ? TONE_BAD : c->complete ? TONE_GOOD : TONE_UNSURE);
}

static void which(struct page *p, const struct map_report *r)
{
	const uint64_t *hosts = r->total.hosts;

	if (map_affected(&r->total)) {
		page_number(p, hosts[MAP_COVERED]);
		page_add(p, " hold%s what an order covers, ",
		         hosts[MAP_COVERED] == 1 ? "s" : "");
		page_number(p, hosts[MAP_REVIEW]);
		page_add(p, " what a person must review");
		page_end(p, 0, TONE_PLAIN);
	}
	if (hosts[MAP_EXCLUDED]) {
		page_number(p, hosts[MAP_EXCLUDED]);
		page_add(p, " more hold%s only what the orders leave out",
		         hosts[MAP_EXCLUDED] == 1 ? "s" : "");
		page_end(p, 0, TONE_PLAIN);
	}
	for (size_t i = 0; i < r->n_where; i++) {
		page_add(p, "%s", i ? ", " : "Counted are only hosts with ");
		page_show(p, r->where[i].key);
		page_add(p, "=");
		page_show(p, r->where[i].value);
	}
	if (r->n_where)
		page_end(p, 0, TONE_PLAIN);
	if (r->as_of) {
		page_add(p, "As it was known on %s", r->as_of);
		page_end(p, 0, TONE_PLAIN);
	}
	if (!r->coverage.complete) {
		page_add(p, "Not all is known: the reasons are at the end.");
		page_end(p, 0, TONE_UNSURE);
	}
}

static void orders(struct page *p, const struct map_report *r)
{
	static const char *const heads[] = {"covered", "review", "excluded"};

	if (r->n_orders == 0)
		return;
	heading(p, "Hosts per order");
	column_heads(p, heads, COUNT_OF(heads), "order");
	for (size_t i = 0; i < r->n_orders; i++) {
		const struct order *order = r->by_order[i].order;
		words_columns(p, &r->by_order[i].tally);
		page_label(p, INDENT, 0, order->id, TONE_PLAIN);
		if (order->title)
			page_add(p, ": %s", order->title);
		page_end_line(p, TONE_PLAIN);
	}
}

/* ---- units ------------------------------------------------------------- */

static int by_weight(const void *x, const void *y)
{
	const struct map_unit *a = *(const struct map_unit *const *)x;
	const struct map_unit *b = *(const struct map_unit *const *)y;
	uint64_t n = map_affected(&a->tally), m = map_affected(&b->tally);

	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	return n != m ? (n > m ? -1 : 1) : (a > b) - (a < b);
}

/* As they stand in the report, where a unit follows the one it belongs to. */
static int by_place(const void *x, const void *y)
{
	const struct map_unit *a = *(const struct map_unit *const *)x;
	const struct map_unit *b = *(const struct map_unit *const *)y;
	return (a > b) - (a < b);
}

static void unit(struct page *p, const struct map_unit *u)
{
	column(p, map_affected(&u->tally));
	column(p, u->reported);
	column(p, u->never);
	page_label(p, INDENT + INDENT * u->depth, 0, "", TONE_PLAIN);
	if (u->path.n)
		page_show(p, u->path);
	else
		page_add(p, "(no unit)");
	page_end_line(p, TONE_PLAIN);
}

static void units(struct page *p, const struct map_report *r)
{
	static const char *const heads[] = {"affected", "of hosts", "no report"};
	const struct map_unit **list = calloc(r->n_units + 1, sizeof(*list));
	size_t n = 0;

	p->failed |= !list;
	for (size_t i = 0; list && i < r->n_units; i++)
		if (map_affected(&r->units[i].tally))
			list[n++] = &r->units[i];
	const size_t listed = map_listed(r, n);
	if (n > 1 || (n == 1 && list[0]->path.n)) {
		qsort(list, n, sizeof(*list), by_weight);
		qsort(list, listed, sizeof(*list), by_place);
		heading(p, "Hosts per unit");
		column_heads(p, heads, COUNT_OF(heads), "unit");
		for (size_t i = 0; i < listed; i++)
			unit(p, list[i]);
		more(p, n - listed, "unit");
	}
	free(list);
}

/* ---- articles ---------------------------------------------------------- */

static void article_name(struct page *p, const struct finding *f)
{
	page_show(p, f->name);
	if (f->version.n) {
		page_add(p, " ");
		page_show(p, f->version);
	}
	if (*f->ecosystem)
		page_add(p, " (%s)", f->ecosystem);
}

/* "developed by": what the evidence says of the maker's part. */
static const char *const makers[] = {
	[BASIS_DEVELOPED] = "by", [BASIS_PROVIDED] = "provided by",
	[BASIS_IN_PART] = "with code of", [BASIS_FAMILY] = "of the family of",
	[BASIS_FORMER] = "formerly of",
};

static void evidence(struct page *p, const struct finding *f)
{
	const struct evidence *e = &f->evidence[0];

	if (f->n_evidence == 0)
		return;
	page_label(p, NUMBER_WIDTH + 2 * INDENT, 0, "", TONE_PLAIN);
	page_add(p, "%s = \"", attr_name(e->attr));
	page_show_some(p, e->value, 100);
	page_add(p, "\"%s", e->path.n ? " in " : "");
	page_show(p, e->path);
	page_add(p, ", mark %s", e->mark->id);
	page_end_line(p, TONE_QUIET);
}

static void one_case(struct page *p, const struct map_case *c)
{
	const struct finding *f = c->finding;

	column(p, c->hosts);
	page_label(p, INDENT, NUMBER_WIDTH, state_words[c->word], tones[c->word]);
	article_name(p, f);
	page_add(p, ", %s, %s%s %s, %s evidence", state_name(f->state),
	         f->strength == STRENGTH_WEAK ? "perhaps " : "", makers[f->basis],
	         f->entity->name, strength_name(f->strength));
	page_end(p, 2 * NUMBER_WIDTH + INDENT, TONE_PLAIN);
	evidence(p, f);
}

static void articles(struct page *p, const struct map_report *r)
{
	const size_t listed = map_listed(r, r->n_articles);

	if (r->n_articles == 0)
		return;
	heading(p, "Articles, and how many hosts hold them");
	for (size_t i = 0; i < listed; i++)
		for (size_t k = 0; k < r->articles[i].n_cases; k++)
			one_case(p, &r->articles[i].cases[k]);
	more(p, r->n_articles - listed, "article");
}

/* ---- groups ------------------------------------------------------------ */

static void between(struct page *p, bool *first)
{
	page_add(p, "%s", *first ? "" : ", ");
	*first = false;
}

static void group(struct page *p, const struct map_report *r,
                  const struct map_group *g)
{
	bool first = true;

	words_columns(p, &g->tally);
	page_label(p, INDENT, 0, "", TONE_PLAIN);
	if (r->by & MAP_BY_ORDER) {
		between(p, &first);
		page_add(p, "%s", g->order ? g->order->id : "(no order)");
	}
	if (g->article) {
		between(p, &first);
		article_name(p, g->article);
	}
	if (g->state >= 0) {
		between(p, &first);
		page_add(p, "%s", state_name((enum state)g->state));
	}
	if (r->by & MAP_BY_UNIT) {
		between(p, &first);
		if (g->unit.n)
			page_show(p, g->unit);
		else
			page_add(p, "(no unit)");
	}
	page_end_line(p, TONE_PLAIN);
}

static void groups(struct page *p, const struct map_report *r)
{
	static const char *const heads[] = {"covered", "review", "excluded"};
	const size_t listed = map_listed(r, r->n_groups);

	if (r->n_groups == 0)
		return;
	heading(p, "Hosts per group");
	column_heads(p, heads, COUNT_OF(heads), "group");
	for (size_t i = 0; i < listed; i++)
		group(p, r, &r->groups[i]);
	more(p, r->n_groups - listed, "group");
}

/* ---- hosts ------------------------------------------------------------- */

/* A list that may not be long holds those that have something; how many are
 * only not known well is then counted. */
struct host_list {
	struct page *p;
	const struct map_report *r;
	size_t n, found, unknown; /* listed; left out */
};

static bool leave_out(struct host_list *list, const struct map_host *h)
{
	if (!list->r->limit)
		return false;
	if (h->word == MAP_NONE)
		list->unknown++;
	else if (list->n >= list->r->limit)
		list->found++;
	else
		return false;
	return true;
}

static void how_seen(struct page *p, const struct map_host *h)
{
	if (!h->last_seen) {
		page_add(p, ", never reported");
		return;
	}
	page_add(p, ", reported %s, %s", h->last_seen,
	         h->deep ? "every byte of programs read" : "programs by structure");
	if (!h->complete) {
		page_add(p, ", not fully examined: ");
		page_number(p, h->incomplete);
		page_add(p, " item%s", plural(h->incomplete));
	}
	if (h->search_again) {
		page_add(p, ", search again: ");
		page_number(p, h->programs);
		page_add(p, " program%s", plural(h->programs));
	}
}

/* The first few of what could not be examined, a line each. */
struct unread_list {
	struct page *p;
	size_t n;
};

static void unread(void *ctx, const struct map_unread *one)
{
	struct unread_list *list = ctx;

	if (list->n++ >= UNREAD_SHOWN)
		return;
	page_label(list->p, NUMBER_WIDTH + 2 * INDENT, 0, "", TONE_PLAIN);
	page_add(list->p, "not examined: ");
	page_show(list->p, one->path);
	if (one->member.n) {
		page_add(list->p, ":");
		page_show(list->p, one->member);
	}
	page_add(list->p, " (");
	page_show(list->p, slice_str(one->why));
	page_add(list->p, ")");
	page_end_line(list->p, TONE_QUIET);
}

static int host(void *ctx, const struct map_host *h)
{
	struct host_list *list = ctx;
	struct page *p = list->p;

	if (leave_out(list, h))
		return 0;
	if (list->n++ == 0)
		heading(p, "Hosts that hold something, or of which not all is known");
	page_label(p, INDENT, NUMBER_WIDTH,
	           h->word == MAP_NONE ? "unknown" : state_words[h->word],
	           tones[h->word]);
	page_show(p, h->name);
	if (h->unit.n) {
		page_add(p, " (");
		page_show(p, h->unit);
		page_add(p, ")");
	}
	how_seen(p, h);
	page_end(p, NUMBER_WIDTH + INDENT, TONE_PLAIN);
	for (size_t i = 0; i < h->n_cases; i++) {
		const struct map_case *c = h->cases[i];
		page_label(p, NUMBER_WIDTH + 2 * INDENT, NUMBER_WIDTH,
		           state_words[c->word], tones[c->word]);
		article_name(p, c->finding);
		page_add(p, ", %s", state_name(c->finding->state));
		page_end_line(p, TONE_PLAIN);
	}
	map_unread_each(h, unread, &(struct unread_list){.p = p});
	return 0;
}

static int hosts(struct page *p, const struct map_report *r)
{
	struct host_list list = {.p = p, .r = r};

	if (!r->each_host)
		return 0;
	int rc = r->each_host(r, host, &list);
	more(p, list.found, "host");
	if (list.unknown) {
		page_blank(p);
		page_number(p, list.unknown);
		page_add(p, " host%s hold%s nothing that is known, but not all of %s "
		            "is known (--limit 0 lists all)",
		         plural(list.unknown), list.unknown == 1 ? "s" : "",
		         list.unknown == 1 ? "it" : "them");
		page_end(p, 0, TONE_QUIET);
	}
	return rc < 0 ? rc : 0;
}

/* ---- what is not known ------------------------------------------------- */

static void unknown(struct page *p, uint64_t n, const char *one,
                    const char *many)
{
	if (n == 0)
		return;
	page_label(p, INDENT, 0, "", TONE_PLAIN);
	page_number(p, n);
	page_add(p, " %s", n == 1 ? one : many);
	page_end(p, INDENT, TONE_PLAIN);
}

/* With a limit the text lists hosts that hold something, and counts those of
 * which only something is not known. */
static const char names_hosts[] = "--group-by host --limit 0";

static void not_examined(struct page *p, const struct map_coverage *c)
{
	if (c->incomplete == 0)
		return;
	page_label(p, INDENT, 0, "", TONE_PLAIN);
	page_number(p, c->incomplete);
	page_add(p, " host%s %s not fully examined: ", plural(c->incomplete),
	         c->incomplete == 1 ? "was" : "were");
	page_number(p, c->not_examined);
	page_add(p, " item%s in all (%s names %s)", plural(c->not_examined),
	         names_hosts, c->incomplete == 1 ? "it" : "them");
	page_end(p, INDENT, TONE_PLAIN);
}

/* The marks that most hosts were not searched for first. */
static int by_hosts(const void *x, const void *y)
{
	const struct map_marker *a = *(const struct map_marker *const *)x;
	const struct map_marker *b = *(const struct map_marker *const *)y;

	return a->hosts != b->hosts ? (a->hosts > b->hosts ? -1 : 1)
	                            : (a > b) - (a < b);
}

static void markers(struct page *p, const struct map_report *r)
{
	const struct map_remainder *rest = &r->remainder;
	const struct map_marker **list = calloc(rest->n_marks, sizeof(*list));
	size_t n = 0, listed;

	p->failed |= !list;
	for (size_t i = 0; list && i < rest->n_marks; i++)
		if (rest->marks[i].hosts)
			list[n++] = &rest->marks[i];
	if (n > 0)
		qsort(list, n, sizeof(*list), by_hosts);
	listed = r->limit && n > MARKS_SHOWN ? MARKS_SHOWN : n;
	for (size_t i = 0; i < listed; i++) {
		page_add(p, "%s%s (", i ? ", " : "", list[i]->mark->id);
		page_number(p, list[i]->hosts);
		page_add(p, " host%s)", plural(list[i]->hosts));
	}
	if (listed < n)
		page_add(p, " and %zu more", n - listed);
	free(list);
}

static void bytes(struct page *p, const struct map_report *r)
{
	const struct map_remainder *rest = &r->remainder;

	if (rest->hosts == 0)
		return;
	page_label(p, INDENT, 0, "", TONE_PLAIN);
	page_number(p, rest->hosts);
	page_add(p, " host%s %s programs that were not searched for bytes that "
	            "marks look for: %s", plural(rest->hosts),
	         rest->hosts == 1 ? "has" : "have", rest->exact ? "" : "about ");
	page_number(p, rest->programs);
	page_add(p, " program%s to be searched. Run \"debar sweep --only-needed\" "
	            "there (%s names %s). The marks: ",
	         plural(rest->programs), names_hosts,
	         rest->hosts == 1 ? "it" : "them");
	markers(p, r);
	page_end(p, INDENT, TONE_PLAIN);
}

static void not_known(struct page *p, const struct map_report *r)
{
	const struct map_coverage *c = &r->coverage;

	if (c->complete)
		return;
	heading(p, "What is not known");
	if (c->reported + c->never == 0) {
		page_label(p, INDENT, 0, "", TONE_PLAIN);
		page_add(p, "No host has reported: the inventory is empty. \"debar "
		            "sweep\" fills it.");
		page_end(p, INDENT, TONE_PLAIN);
	}
	unknown(p, c->never, "host is expected and never reported",
	        "hosts are expected and never reported");
	not_examined(p, c);
	unknown(p, r->undecided,
	        "host could not be judged (too much was found) and counts as review",
	        "hosts could not be judged (too much was found) and count as review");
	bytes(p, r);
}

static void rests_on(struct page *p, const struct map_report *r)
{
	const struct map_coverage *c = &r->coverage;

	page_blank(p);
	page_add(p, "Looked through ");
	page_number(p, r->values);
	page_add(p, " distinct value%s and ", plural(r->values));
	page_number(p, r->artefacts);
	page_add(p, " artefact%s", plural(r->artefacts));
	if (c->oldest)
		page_add(p, ", last reported from %s to %s", c->oldest, c->newest);
	page_add(p, ", in %u.%03u s; no host was touched.", (unsigned)r->seconds,
	         (unsigned)(r->seconds * 1000) % 1000);
	page_end(p, 0, TONE_PLAIN);
}

static int write_text(const struct map_report *r,
                      const struct report_style *style, FILE *out)
{
	struct page p;

	page_init(&p, style, out);
	headline(&p, r);
	which(&p, r);
	orders(&p, r);
	units(&p, r);
	articles(&p, r);
	groups(&p, r);
	int rc = hosts(&p, r);
	not_known(&p, r);
	rests_on(&p, r);
	int finished = page_finish(&p);
	return rc < 0 ? rc : finished;
}

const struct map_form map_text = {
	.name = "text",
	.write = write_text,
};
