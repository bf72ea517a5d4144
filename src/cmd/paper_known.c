/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/paper_known.h"

#include <errno.h>

#include "export/export.h"

struct making {
	const struct paper_known_args *args;
	struct arena *mem;
	struct known *known;
};

/* ---- places -------------------------------------------------------------- */

static int add_sources(struct making *m)
{
	const struct articles *a = m->args->articles;
	struct known_source *list = arena_zalloc(m->mem, a->n_sources, sizeof(*list));

	for (size_t i = 0; list && i < a->n_sources; i++) {
		const struct article_source *s = &a->sources[i];
		list[i] = (struct known_source){s->kind, s->path, s->host, s->finished};
	}
	m->known->sources = list;
	m->known->n_sources = a->n_sources;
	return list ? 0 : -ENOMEM;
}

/* articles_read() has seen to it that there is one. */
static uint32_t source_index(const struct articles *a, uint32_t id)
{
	uint32_t i = 0;

	while (i + 1 < a->n_sources && a->sources[i].id != id)
		i++;
	return i;
}

/* ---- articles ------------------------------------------------------------ */

static struct slice clause_text(const struct clause *c)
{
	return c ? slice_str(c->cite ? c->cite : c->id) : (struct slice){0};
}

static int judge(const struct making *m, const struct article *a, const struct entity *entity,
                 struct known_article *ret)
{
	const struct paper_known_args *args = m->args;
	struct known_verdict *list = arena_zalloc(m->mem, args->n_orders, sizeof(*list));
	struct subject subject;

	if (!list || export_subject(args->articles, a, entity, args->law->pack, m->mem, &subject,
	                            NULL) < 0)
		return -ENOMEM;
	ret->verdicts = list;
	for (size_t i = 0; i < args->n_orders; i++) {
		struct verdict v;
		if (!law_judge(args->law, args->orders[i], &subject, m->mem, &v))
			continue;
		if (!v.because)
			return -ENOMEM;
		list[ret->n_verdicts++] = (struct known_verdict){
			.order = slice_str(args->orders[i]->id), .word = v.word,
			.because = slice_str(v.because), .clause = clause_text(v.clause),
			.carve_out = slice_str(v.carve_out ? v.carve_out->id : NULL)};
	}
	return 0;
}

/* Of a maker that these packs do not know, what the findings say. */
static int keep_verdicts(const struct making *m, const struct article *a,
                         struct known_article *ret)
{
	static const enum verdict_word words[] = {
		[ARTICLE_COVERED] = VERDICT_COVERED,
		[ARTICLE_EXCLUDED] = VERDICT_EXCLUDED,
		[ARTICLE_REVIEW] = VERDICT_REVIEW,
	};
	struct known_verdict *list = arena_zalloc(m->mem, a->n_words, sizeof(*list));

	for (size_t i = 0; list && i < a->n_words; i++)
		list[i] = (struct known_verdict){.order = a->words[i].order,
		                                 .word = words[a->words[i].verdict],
		                                 .because = a->words[i].because,
		                                 .clause = a->words[i].clause};
	ret->verdicts = list;
	ret->n_verdicts = a->n_words;
	return list ? 0 : -ENOMEM;
}

/* The evidence's attribute is one of ours: articles_read() looked. */
static int add_evidence(const struct making *m, const struct article *a,
                        struct known_article *ret)
{
	struct known_evidence *list = arena_zalloc(m->mem, a->n_evidence, sizeof(*list));

	for (size_t i = 0; list && i < a->n_evidence; i++) {
		const char *attr = arena_str(m->mem, a->evidence[i].attr);
		if (!attr)
			return -ENOMEM;
		list[i] = (struct known_evidence){(enum attr)attr_by_name(attr),
		                                  a->evidence[i].value, a->evidence[i].path};
	}
	ret->evidence = list;
	ret->n_evidence = a->n_evidence;
	return list ? 0 : -ENOMEM;
}

static int add_article(const struct making *m, const struct article *a,
                       struct known_article *ret)
{
	const char *id = arena_str(m->mem, a->entity);
	const struct entity *entity = id ? pack_entity(m->args->law->pack, id) : NULL;

	if (!id)
		return -ENOMEM;
	*ret = (struct known_article){
		.entity = a->entity, .maker = entity ? slice_str(entity->name) : a->entity,
		.name = a->name, .version = a->version,
		.source = source_index(m->args->articles, a->source), .kind = a->kind,
		.state = a->state, .basis = a->basis, .strength = a->strength};
	if (add_evidence(m, a, ret) < 0)
		return -ENOMEM;
	return entity ? judge(m, a, entity, ret) : keep_verdicts(m, a, ret);
}

static int add_articles(struct making *m)
{
	const struct articles *a = m->args->articles;
	struct known_article *list = arena_zalloc(m->mem, a->n, sizeof(*list));

	m->known->articles = list;
	m->known->n_articles = a->n;
	for (size_t i = 0; list && i < a->n; i++)
		if (add_article(m, &a->list[i], &list[i]) < 0)
			return -ENOMEM;
	return list ? 0 : -ENOMEM;
}

/* ---- coverage ------------------------------------------------------------ */

/* "/srv/a.tar!inner/b": the path, and what lies inside. */
static struct slice unread_path(const struct making *m, const struct article_unread *u)
{
	struct str text = {0};

	str_add(&text, u->path);
	for (size_t i = 0; i < u->n_members; i++) {
		str_putc(&text, '!');
		str_add(&text, u->members[i]);
	}
	const struct slice copy = arena_copy(m->mem, str_slice(&text));
	const bool failed = text.failed;
	str_finish(&text);
	return failed ? (struct slice){0} : copy;
}

static int add_coverage(struct making *m)
{
	const struct articles *a = m->args->articles;
	const struct article_coverage *c = &a->coverage;
	struct known_unread *list = arena_zalloc(m->mem, c->n_unread, sizeof(*list));

	m->known->coverage = (struct known_coverage){
		.complete = a->complete, .items = c->items, .examined = c->examined,
		.list = list, .n_list = c->n_unread};
	for (int why = WHY_NONE + 1; why < WHY_COUNT; why++)
		m->known->coverage.unread += c->by_why[why];
	for (size_t i = 0; list && i < c->n_unread; i++) {
		list[i] = (struct known_unread){unread_path(m, &c->unread[i]), c->unread[i].why};
		if (!list[i].path.p)
			return -ENOMEM;
	}
	return list ? 0 : -ENOMEM;
}

/* ---- what is due --------------------------------------------------------- */

static bool same_clock(const struct due *a, const struct due *b)
{
	return a->order == b->order && a->clock == b->clock && a->contract == b->contract;
}

/* Of a repetition, the last date that has passed and the first to come will do. */
static bool is_told(const struct due *list, size_t n, size_t at, day as_of)
{
	const struct due *d = &list[at];
	const bool passed = d->on < as_of;

	if (!d->clock || d->number == 0 || d->on == DAY_NONE)
		return true;
	if (passed) {
		for (size_t i = at + 1; i < n; i++)
			if (same_clock(d, &list[i]) && list[i].on != DAY_NONE && list[i].on < as_of)
				return false;
		return true;
	}
	for (size_t i = 0; i < at; i++)
		if (same_clock(d, &list[i]) && list[i].on != DAY_NONE && list[i].on >= as_of)
			return false;
	return true;
}

static int add_due(const struct making *m, const struct due *d, struct known_due *ret)
{
	const day as_of = m->args->law->as_of;
	const bool passed = d->on != DAY_NONE && d->on < as_of && !d->done &&
	                    d->kind == DUE_CLOCK;
	char date[DATE_BYTES] = "";

	if (d->on != DAY_NONE)
		day_format(d->on, date);
	*ret = (struct known_due){
		.order = slice_str(d->order->id), .what = slice_str(d->what),
		.on = arena_copy(m->mem, slice_str(date)), .how = slice_str(d->how),
		.form = d->clock ? d->clock->form : NULL, .done = d->done,
		.late = passed && m->args->law->profile};
	/* Without a profile nobody knows what became of it. */
	if (passed && !ret->late)
		ret->how = slice_str(arena_printf(m->mem, "%s; the day has passed, and what "
		                                  "became of it is not known", d->how));
	return ret->on.p && ret->how.p ? 0 : -ENOMEM;
}

static int add_dues(struct making *m)
{
	const struct paper_known_args *args = m->args;
	struct due *list = NULL;
	size_t n = 0;
	const int rc = law_due(&(struct due_args){
		.context = args->law, .orders = args->orders, .n_orders = args->n_orders,
		.until = law_year_after(args->law->as_of),
	}, m->mem, &list, &n);
	struct known_due *dues = rc < 0 ? NULL : arena_zalloc(m->mem, n, sizeof(*dues));

	if (!dues)
		return rc < 0 ? rc : -ENOMEM;
	m->known->dues = dues;
	for (size_t i = 0; i < n; i++)
		if (is_told(list, n, i, args->law->as_of) &&
		    add_due(m, &list[i], &dues[m->known->n_dues++]) < 0)
			return -ENOMEM;
	return 0;
}

int paper_known_make(const struct paper_known_args *args, struct arena *mem,
                     struct known *ret)
{
	struct making m = {args, mem, ret};
	char today[DATE_BYTES];

	day_format(args->law->as_of, today);
	*ret = (struct known){
		.version = DEBAR_VERSION, .packs_sha256 = slice_str(args->law->pack->sha256),
		.profile = args->law->profile, .orders = args->orders,
		.n_orders = args->n_orders, .day = arena_copy(mem, slice_str(today))};
	if (!ret->day.p || add_sources(&m) < 0 || add_articles(&m) < 0 || add_coverage(&m) < 0)
		return -ENOMEM;
	return add_dues(&m);
}
