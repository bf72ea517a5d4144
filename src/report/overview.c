/* SPDX-License-Identifier: Apache-2.0 */
#include "report/overview.h"

#include <errno.h>
#include <stdlib.h>

#include "report/json_emit.h"

enum { ARTICLES_SHOWN = 500, UNREAD_SHOWN = 200, VERDICTS = 3 };

/* What was found under one order. */
struct count {
	const struct order *order;
	uint64_t by_verdict[VERDICTS];
	uint64_t by_state[STATE_COUNT]; /* of those that are covered */
};

struct counts {
	struct count *list;
	size_t n;
	uint64_t none; /* articles that none of the orders has a verdict on */
	uint64_t covered, review; /* articles that any order covers; of the rest, those
	                           * that any leaves for review */
};

/* ---- counting ------------------------------------------------------------ */

static struct count *count_of(struct counts *c, struct slice order)
{
	for (size_t i = 0; i < c->n; i++)
		if (slice_eq(slice_str(c->list[i].order->id), order))
			return &c->list[i];
	return NULL;
}

static void count_article(struct counts *c, const struct known_article *a)
{
	bool covered = false, review = false, any = false;

	for (size_t i = 0; i < a->n_verdicts; i++) {
		const struct known_verdict *v = &a->verdicts[i];
		struct count *one = count_of(c, v->order);
		if (!one)
			continue;
		any = true;
		one->by_verdict[v->word]++;
		if (v->word == VERDICT_COVERED)
			one->by_state[a->state]++;
		covered |= v->word == VERDICT_COVERED;
		review |= v->word == VERDICT_REVIEW;
	}
	c->none += !any;
	c->covered += covered;
	c->review += review && !covered;
}

/* 0 or -ENOMEM. */
static int count(const struct known *f, struct arena *mem, struct counts *ret)
{
	ret->list = arena_zalloc(mem, f->n_orders, sizeof(*ret->list));
	if (!ret->list)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_orders; i++)
		ret->list[ret->n++].order = f->orders[i];
	for (size_t i = 0; i < f->n_articles; i++)
		count_article(ret, &f->articles[i]);
	return 0;
}

static bool has(const struct count *c)
{
	return c->by_verdict[VERDICT_COVERED] || c->by_verdict[VERDICT_REVIEW] ||
	       c->by_verdict[VERDICT_EXCLUDED];
}

/* ---- the answer ---------------------------------------------------------- */

static void answer(const struct known *f, const struct counts *c, struct str *words)
{
	if (c->covered)
		str_printf(words, "Found: %llu article%s that an order covers.",
		           (unsigned long long)c->covered, c->covered == 1 ? "" : "s");
	else if (f->coverage.complete && !c->review)
		str_puts(words, "None found, and everything was examined.");
	else if (f->coverage.complete)
		str_puts(words, "None found that an order certainly covers.");
	else
		str_puts(words, "None found in what was examined.");
	if (c->review)
		str_printf(words, " %llu more must be settled by a person.",
		           (unsigned long long)c->review);
	if (!f->coverage.complete)
		str_printf(words, " The search is not complete: %llu could not be examined.",
		           (unsigned long long)f->coverage.unread);
}

static void number(struct paper *p, const char *name, uint64_t n)
{
	char text[PAPER_NUMBER_SIZE];

	paper_fact(p, name, paper_number(n, text));
}

static void opening(struct paper *p, const struct known *f, const struct counts *c)
{
	struct str words = {0};

	if (f->profile && f->profile->name)
		paper_fact(p, "For", slice_str(f->profile->name));
	paper_fact(p, "Day", f->day);
	number(p, "Orders asked about", f->n_orders);
	number(p, "Places searched", f->n_sources);
	paper_fact(p, "Written with debar", slice_str(f->version));
	p->form->facts_end(p);
	answer(f, c, &words);
	if (c->covered || c->review || !f->coverage.complete)
		p->form->notice(p, str_slice(&words));
	else
		p->form->paragraph(p, str_slice(&words));
	p->text.failed |= words.failed;
	str_finish(&words);
}

/* ---- charts -------------------------------------------------------------- */

static void coverage(struct paper *p, const struct known *f)
{
	static const char *const series[] = {"could not be examined", "opened and read",
	                                     "seen, nothing in them to read"};
	static const char *const heads[] = {"Not examined", "Why"};
	const struct known_coverage *c = &f->coverage;
	const uint64_t told = c->examined + c->unread;
	const struct paper_bar bar = {"Items", {c->unread, c->examined,
	                              c->items > told ? c->items - told : 0}};

	paper_heading(p, 2, "How far the search went");
	paper_chart(p, &(struct paper_chart){
		.title = "Items by how they were looked at", .what = "What", .series = series,
		.n_series = COUNT_OF(series), .bars = &bar, .n_bars = 1,
	});
	if (c->n_list == 0)
		return;
	p->form->table(p, "What was not examined", heads, COUNT_OF(heads));
	for (size_t i = 0; i < c->n_list && i < UNREAD_SHOWN; i++)
		paper_row(p, (struct slice[]){c->list[i].path,
		                              slice_str(why_words(c->list[i].why))}, 2);
	p->form->table_end(p);
	if (c->unread > UNREAD_SHOWN || c->unread > c->n_list)
		p->form->paragraph(p, SLICE("There are more; the report of the search lists "
		                            "them."));
}

/* Orders without findings have no bar: they are named in a sentence. */
static void without(struct paper *p, const struct counts *c)
{
	static const char first[] = "Nothing was found of what concerns ";
	struct str words = {0};
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (!has(&c->list[i]))
			str_printf(&words, "%s%s", n++ ? ", " : first, c->list[i].order->id);
	if (n) {
		str_putc(&words, '.');
		p->form->paragraph(p, str_slice(&words));
	}
	p->text.failed |= words.failed;
	str_finish(&words);
}

static void by_verdict(struct paper *p, const struct counts *c, struct paper_bar *bars)
{
	static const char *const series[] = {"covered", "to be settled", "outside the order"};
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (has(&c->list[i]))
			bars[n++] = (struct paper_bar){c->list[i].order->id, {
				c->list[i].by_verdict[VERDICT_COVERED],
				c->list[i].by_verdict[VERDICT_REVIEW],
				c->list[i].by_verdict[VERDICT_EXCLUDED]}};
	if (n)
		paper_chart(p, &(struct paper_chart){
			.title = "Findings by order and verdict", .what = "Order",
			.series = series, .n_series = COUNT_OF(series), .bars = bars, .n_bars = n,
		});
}

static void by_state(struct paper *p, const struct counts *c, struct paper_bar *bars)
{
	static const char *const series[] = {"installed", "stored", "residue", "referenced",
	                                     "connected"};
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const uint64_t *s = c->list[i].by_state;
		if (c->list[i].by_verdict[VERDICT_COVERED])
			bars[n++] = (struct paper_bar){c->list[i].order->id, {
				s[STATE_INSTALLED], s[STATE_STORED], s[STATE_RESIDUE],
				s[STATE_REFERENCED], s[STATE_CONNECTED]}};
	}
	if (n)
		paper_chart(p, &(struct paper_chart){
			.title = "Covered findings by order and state", .what = "Order",
			.series = series, .n_series = COUNT_OF(series), .bars = bars, .n_bars = n,
		});
}

static void findings(struct paper *p, const struct counts *c, struct arena *mem)
{
	struct paper_bar *bars = arena_zalloc(mem, c->n, sizeof(*bars));

	paper_heading(p, 2, "What was found, by order");
	if (!bars) {
		p->text.failed = true;
		return;
	}
	by_verdict(p, c, bars);
	by_state(p, c, bars);
	without(p, c);
	if (c->none)
		number(p, "Articles that none of these orders concerns", c->none);
	p->form->facts_end(p);
}

/* ---- tables -------------------------------------------------------------- */

static void dues(struct paper *p, const struct known *f)
{
	static const char *const heads[] = {"Due", "Order", "What", "How the day was computed",
	                                    "Paper"};

	paper_heading(p, 2, "What is due");
	if (f->n_dues == 0) {
		p->form->paragraph(p, SLICE("Nothing that is known of."));
		return;
	}
	p->form->table(p, "Dates, the first one first", heads, COUNT_OF(heads));
	for (size_t i = 0; i < f->n_dues; i++) {
		const struct known_due *d = &f->dues[i];
		struct str on = {0};
		str_add(&on, d->on.n ? d->on : SLICE("no date yet"));
		if (d->on.n && (d->done || d->late))
			str_puts(&on, d->done ? " (handed in)" : " (overdue)");
		paper_row(p, (struct slice[]){str_slice(&on), d->order, d->what, d->how,
		                              slice_str(d->form)}, COUNT_OF(heads));
		p->text.failed |= on.failed;
		str_finish(&on);
	}
	p->form->table_end(p);
}

/* Was the order of that verdict asked about? */
static bool asked(const struct known *f, const struct known_article *a, size_t verdict)
{
	for (size_t i = 0; i < f->n_orders; i++)
		if (slice_eq(a->verdicts[verdict].order, slice_str(f->orders[i]->id)))
			return true;
	return false;
}

/* A line per verdict: "covered: order-1, order-2". */
static void put_verdicts(const struct known *f, const struct known_article *const *list,
                         size_t n, struct lines *out)
{
	for (int word = VERDICT_COVERED; word <= VERDICT_REVIEW; word++) {
		struct lines orders = {.mem = out->mem};
		struct str text = {0};
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < list[i]->n_verdicts; k++)
				if ((int)list[i]->verdicts[k].word == word && asked(f, list[i], k))
					lines_add_new(&orders, list[i]->verdicts[k].order);
		for (size_t i = 0; i < orders.n; i++)
			str_printf(&text, "%s%.*s", i ? ", " : "", SLICE_ARG(orders.list[i]));
		if (orders.n)
			lines_printf(out, "%s: %s", verdict_name((enum verdict_word)word),
			             text.p ? text.p : "");
		out->failed |= orders.failed || text.failed;
		str_finish(&text);
	}
}

/* The same product in n places. */
static void product(struct paper *p, const struct known *f,
                    const struct known_article *const *list, size_t n)
{
	const struct known_article *a = list[0];
	struct arena mem;
	struct lines states = {.mem = &mem}, hosts = {.mem = &mem}, words = {.mem = &mem};
	char number[PAPER_NUMBER_SIZE];

	arena_init(&mem, 0);
	for (size_t i = 0; i < n; i++)
		lines_add_new(&states, slice_str(state_name(list[i]->state)));
	known_hosts(f, list, n, &hosts);
	put_verdicts(f, list, n, &words);
	const struct slice count = paper_number(hosts.n, number);
	p->form->row(p, (struct paper_value[]){
		{&a->name, 1, false}, {&a->version, 1, false}, {&a->maker, 1, false},
		{states.list, states.n, false}, {&count, 1, false}, {words.list, words.n, false},
	}, 6);
	p->text.failed |= states.failed || hosts.failed || words.failed;
	arena_finish(&mem);
}

static void products(struct paper *p, const struct known *f, struct arena *mem)
{
	static const char *const heads[] = {"Article", "Version", "Maker", "State", "Endpoints",
	                                    "Verdicts"};
	const struct known_article **list = arena_zalloc(mem, f->n_articles, sizeof(*list));
	size_t shown = 0;

	p->text.failed |= !list;
	if (f->n_articles == 0 || !list)
		return;
	for (size_t i = 0; i < f->n_articles; i++)
		list[i] = &f->articles[i];
	qsort(list, f->n_articles, sizeof(*list), known_by_product);
	paper_heading(p, 2, "The articles");
	p->form->table(p, "Articles that were found", heads, COUNT_OF(heads));
	for (size_t i = 0, n; i < f->n_articles && shown < ARTICLES_SHOWN; i += n, shown++) {
		n = 1;
		while (i + n < f->n_articles && known_same_product(list[i], list[i + n]))
			n++;
		product(p, f, &list[i], n);
	}
	p->form->table_end(p);
	if (shown == ARTICLES_SHOWN)
		p->form->paragraph(p, SLICE("There may be more; the report of the search lists "
		                            "all."));
}

int overview_write(const struct known *f, const struct paper_form *form,
                   const struct report_style *style, FILE *out)
{
	struct counts c = {0};
	struct arena mem;
	struct paper p;

	arena_init(&mem, 0);
	if (count(f, &mem, &c) < 0) {
		arena_finish(&mem);
		return -ENOMEM;
	}
	paper_open(&p, form, style, out, "Banned makers: where we stand");
	opening(&p, f, &c);
	coverage(&p, f);
	findings(&p, &c, &mem);
	dues(&p, f);
	products(&p, f, &mem);
	arena_finish(&mem);
	return paper_close(&p);
}

/* ---- for machines -------------------------------------------------------- */

static void json_counts(struct json *j, const struct counts *c)
{
	json_open(j, "orders", '[');
	for (size_t i = 0; i < c->n; i++) {
		const struct count *one = &c->list[i];
		json_open(j, NULL, '{');
		json_cstr(j, "order", one->order->id);
		json_number(j, "covered", one->by_verdict[VERDICT_COVERED]);
		json_number(j, "review", one->by_verdict[VERDICT_REVIEW]);
		json_number(j, "excluded", one->by_verdict[VERDICT_EXCLUDED]);
		json_open(j, "covered_by_state", '{');
		for (int s = 0; s < STATE_COUNT; s++)
			json_number(j, state_name((enum state)s), one->by_state[s]);
		json_close(j, '}');
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_dues(struct json *j, const struct known *f)
{
	json_open(j, "due", '[');
	for (size_t i = 0; i < f->n_dues; i++) {
		const struct known_due *d = &f->dues[i];
		json_open(j, NULL, '{');
		json_bytes(j, "order", d->order);
		json_bytes(j, "what", d->what);
		if (d->on.n)
			json_bytes(j, "on", d->on);
		else
			json_cstr(j, "on", NULL);
		json_bytes(j, "how", d->how);
		json_cstr(j, "form", d->form);
		json_bool(j, "done", d->done);
		json_bool(j, "late", d->late);
		json_close(j, '}');
	}
	json_close(j, ']');
}

int overview_json(const struct known *f, FILE *out)
{
	struct counts c = {0};
	struct arena mem;
	struct json j;

	arena_init(&mem, 0);
	if (count(f, &mem, &c) < 0) {
		arena_finish(&mem);
		return -ENOMEM;
	}
	json_init(&j, out, false);
	json_open(&j, NULL, '{');
	json_cstr(&j, "schema", "debar/overview/1");
	json_open(&j, "tool", '{');
	json_cstr(&j, "name", "debar");
	json_cstr(&j, "version", f->version);
	json_close(&j, '}');
	json_bytes(&j, "packs_sha256", f->packs_sha256);
	json_bytes(&j, "day", f->day);
	json_number(&j, "articles", f->n_articles);
	json_number(&j, "covered", c.covered);
	json_number(&j, "review", c.review);
	json_counts(&j, &c);
	json_open(&j, "coverage", '{');
	json_bool(&j, "complete", f->coverage.complete);
	json_number(&j, "items", f->coverage.items);
	json_number(&j, "examined", f->coverage.examined);
	json_number(&j, "not_examined", f->coverage.unread);
	json_close(&j, '}');
	json_dues(&j, f);
	json_close(&j, '}');
	arena_finish(&mem);
	return json_finish(&j);
}
