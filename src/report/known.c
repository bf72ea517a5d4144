/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every fact that a form may ask for, and how it is found: one small function
 * each, or the place of a text, in one table. A function that knows nothing adds
 * nothing, and the paper then shows a gap.
 */
#include "report/known.h"

#include "law/law.h"

/* Shown in full on paper; beyond, they are counted. */
enum { PATHS_SHOWN = 20, HOSTS_SHOWN = 200, UNREAD_SHOWN = 50 };

struct say {
	const struct known *f;
	const struct known_of *of;
	struct lines *out;
};

typedef void say_fact(const struct say *s);

const struct known_verdict *known_verdict(const struct known *f,
                                          const struct known_article *a)
{
	for (size_t i = 0; f->order && i < a->n_verdicts; i++)
		if (slice_eq(a->verdicts[i].order, slice_str(f->order->id)))
			return &a->verdicts[i];
	return NULL;
}

static bool is(const struct known *f, const struct known_article *a, enum verdict_word word)
{
	const struct known_verdict *v = known_verdict(f, a);

	return v && v->word == word;
}

bool known_of_kinds(const struct known_article *a, unsigned kinds)
{
	return kinds == 0 || (kinds >> a->kind & 1);
}

size_t known_count(const struct known *f, enum verdict_word word, unsigned kinds)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_articles; i++)
		n += known_of_kinds(&f->articles[i], kinds) && is(f, &f->articles[i], word);
	return n;
}

int known_by_product(const void *va, const void *vb)
{
	const struct known_article *a = *(const struct known_article *const *)va;
	const struct known_article *b = *(const struct known_article *const *)vb;
	int c = slice_cmp(a->entity, b->entity);

	c = c ? c : slice_cmp(a->name, b->name);
	c = c ? c : slice_cmp(a->version, b->version);
	c = c ? c : slice_cmp(a->model, b->model);
	c = c ? c : (a->kind > b->kind) - (a->kind < b->kind);
	c = c ? c : (a->source > b->source) - (a->source < b->source);
	return c ? c : (a > b) - (a < b);
}

bool known_same_product(const struct known_article *a, const struct known_article *b)
{
	return slice_eq(a->entity, b->entity) && slice_eq(a->name, b->name) &&
	       slice_eq(a->version, b->version) && slice_eq(a->model, b->model) &&
	       a->kind == b->kind;
}

/* ---- places -------------------------------------------------------------- */

/* "path (no host's name)" when that is all that is known of an endpoint. */
static void add_host(const struct known *f, const struct known_article *a,
                     struct lines *out)
{
	const struct known_source *s = &f->sources[a->source];

	lines_add_new(out, s->host.n ? s->host : s->path);
}

void known_hosts(const struct known *f, const struct known_article *const *articles,
                 size_t n, struct lines *out)
{
	for (size_t i = 0; i < n; i++)
		add_host(f, articles[i], out);
}

static void add_some(struct lines *out, const struct lines *all, size_t most,
                     const char *what)
{
	for (size_t i = 0; i < all->n && i < most; i++)
		lines_add(out, all->list[i]);
	if (all->n > most)
		lines_printf(out, "and %zu more %s", all->n - most, what);
	out->failed |= all->failed;
}

static struct lines covered_hosts(const struct say *s)
{
	struct lines hosts = {.mem = s->out->mem};

	for (size_t i = 0; i < s->f->n_articles; i++)
		if (is(s->f, &s->f->articles[i], VERDICT_COVERED))
			add_host(s->f, &s->f->articles[i], &hosts);
	return hosts;
}

/* ---- the user's own facts ------------------------------------------------ */

static bool place_meets(const struct known *f, const struct profile_place *p,
                        const struct known_article *a)
{
	const struct known_source *s = &f->sources[a->source];

	return place_names(p, &(struct place_words){.article = a->name, .entity = a->entity,
	                                            .source = s->path, .host = s->host});
}

static bool narrow(const struct profile_place *p)
{
	return p->n_articles || p->n_sources || p->n_entities;
}

static bool fact_fits(const struct known *f, const struct profile_fact *fact,
                      const struct known_of *of)
{
	if (f->order && !place_of_order(&fact->place, f->order->id))
		return false;
	for (size_t i = 0; i < of->n_articles; i++)
		if (place_meets(f, &fact->place, of->articles[i]))
			return true;
	return of->n_articles == 0;
}

/* Of what a narrow fact speaks, when the paper speaks of everything at once. */
static void say_about(struct lines *out, const struct profile_fact *fact)
{
	const struct profile_place *p = &fact->place;
	const struct slice about = p->n_articles ? p->articles[0]
	                         : p->n_sources  ? p->sources[0]
	                                         : slice_str(p->entities[0]);
	const size_t more = p->n_articles + p->n_sources + p->n_entities - 1;

	if (more)
		lines_printf(out, "%.*s and %zu more: %s", SLICE_ARG(about), more, fact->text);
	else
		lines_printf(out, "%.*s: %s", SLICE_ARG(about), fact->text);
}

static void say_profile(const struct say *s, const char *id)
{
	const struct profile *p = s->f->profile;

	for (size_t i = 0; p && i < p->n_facts; i++) {
		const struct profile_fact *fact = &p->facts[i];
		if (strcmp(fact->id, id) != 0 || !fact_fits(s->f, fact, s->of))
			continue;
		if (s->of->n_articles == 0 && narrow(&fact->place))
			say_about(s->out, fact);
		else
			lines_add_new(s->out, slice_str(fact->text));
	}
}

/* ---- the order, the day -------------------------------------------------- */

static void say_day(const struct say *s)
{
	lines_add(s->out, s->f->day);
}

static void say_due(struct lines *out, const struct known_due *d)
{
	if (d->on.n)
		lines_printf(out, "%.*s: %.*s (%.*s)%s", SLICE_ARG(d->on), SLICE_ARG(d->what),
		             SLICE_ARG(d->how),
		             d->done ? ", handed in" : d->late ? ", overdue" : "");
	else
		lines_printf(out, "no date yet: %.*s (%.*s)", SLICE_ARG(d->what),
		             SLICE_ARG(d->how));
}

static void say_order_due(const struct say *s)
{
	for (size_t i = 0; i < s->f->n_dues; i++)
		if (s->f->order && slice_eq(s->f->dues[i].order, slice_str(s->f->order->id)))
			say_due(s->out, &s->f->dues[i]);
}

/* The first date of this paper that is not settled; else the last. */
static const struct known_due *due_of_paper(const struct known *f)
{
	const struct known_due *found = NULL;

	for (size_t i = 0; f->form && f->order && i < f->n_dues; i++) {
		const struct known_due *d = &f->dues[i];
		if (!d->form || strcmp(d->form, f->form->id) != 0 || d->on.n == 0 ||
		    !slice_eq(d->order, slice_str(f->order->id)))
			continue;
		if (!found || found->done)
			found = d;
	}
	return found;
}

static void say_due_on(const struct say *s)
{
	const struct known_due *d = due_of_paper(s->f);

	if (d)
		lines_add(s->out, d->on);
}

static void say_due_how(const struct say *s)
{
	const struct known_due *d = due_of_paper(s->f);

	if (d)
		lines_add(s->out, d->how);
}

/* ---- the search ---------------------------------------------------------- */

/* Counts of reasons are of what is listed; the rest is told as a number. */
void known_unread(const struct known *f, struct lines *out)
{
	const struct known_coverage *c = &f->coverage;
	size_t by_why[WHY_COUNT] = {0};

	for (size_t i = 0; i < c->n_list; i++)
		by_why[c->list[i].why]++;
	for (int why = WHY_NONE + 1; why < WHY_COUNT; why++)
		if (by_why[why])
			lines_printf(out, "%zu %s: %s", by_why[why], why_name((enum why)why),
			             why_words((enum why)why));
	if (c->unread > c->n_list)
		lines_printf(out, "%llu more that are not listed",
		             (unsigned long long)(c->unread - c->n_list));
	for (size_t i = 0; i < c->n_list && i < UNREAD_SHOWN; i++)
		lines_add(out, c->list[i].path);
	if (c->n_list > UNREAD_SHOWN)
		lines_printf(out, "and %zu more places", c->n_list - UNREAD_SHOWN);
}

static void say_unread(const struct say *s)
{
	if (s->f->coverage.complete)
		lines_add(s->out, SLICE("nothing: everything was examined"));
	else if (s->f->coverage.unread == 0)
		lines_add(s->out, SLICE("not told; the search says that it is incomplete"));
	else
		known_unread(s->f, s->out);
}

static void say_complete(const struct say *s)
{
	const struct known_coverage *c = &s->f->coverage;

	if (c->complete)
		lines_add(s->out, SLICE("yes"));
	else
		lines_printf(s->out, "no: %llu could not be examined",
		             (unsigned long long)c->unread);
}

static void say_items(const struct say *s)
{
	lines_printf(s->out, "%llu", (unsigned long long)s->f->coverage.items);
}

static void say_examined(const struct say *s)
{
	lines_printf(s->out, "%llu", (unsigned long long)s->f->coverage.examined);
}

static void say_place(struct lines *out, const struct known_source *p)
{
	lines_printf(out, "%.*s %.*s%s%.*s%s%.*s", SLICE_ARG(p->kind), SLICE_ARG(p->path),
	             p->host.n ? " on " : "", SLICE_ARG(p->host),
	             p->finished.n ? ", " : "", SLICE_ARG(p->finished));
}

static void say_places(const struct say *s)
{
	struct lines all = {.mem = s->out->mem};

	for (size_t i = 0; i < s->f->n_sources; i++)
		say_place(&all, &s->f->sources[i]);
	add_some(s->out, &all, HOSTS_SHOWN, "places");
}

static void say_methods(const struct say *s)
{
	const struct known *f = s->f;

	lines_printf(s->out, "Automated search with debar %s: package records, program "
	             "metadata, signatures, names and paths, tested against the marks of "
	             "each banned maker.", f->version);
	lines_printf(s->out, "Knowledge used: packs with SHA-256 %.*s.",
	             SLICE_ARG(f->packs_sha256));
	lines_printf(s->out, "%zu place%s, %llu items seen, %llu of them opened and read.",
	             f->n_sources, f->n_sources == 1 ? "" : "s",
	             (unsigned long long)f->coverage.items,
	             (unsigned long long)f->coverage.examined);
}

void known_result(const struct known *f, unsigned kinds, struct lines *out)
{
	const size_t covered = known_count(f, VERDICT_COVERED, kinds);
	const size_t review = known_count(f, VERDICT_REVIEW, kinds);
	const bool complete = f->coverage.complete;

	if (covered)
		lines_printf(out, "%zu found that the order covers%s.", covered,
		             complete ? "" : ", in what was examined");
	else if (complete && !review)
		lines_add(out, SLICE("None found."));
	else if (complete)
		lines_add(out, SLICE("None found that the order certainly covers."));
	else
		lines_add(out, SLICE("None found in what was examined."));
	if (review)
		lines_printf(out, "%zu more %s to be settled by a person; see below.", review,
		             review == 1 ? "is" : "are");
	if (!complete && f->coverage.unread)
		lines_printf(out, "%llu could not be examined; see below.",
		             (unsigned long long)f->coverage.unread);
	else if (!complete)
		lines_add(out, SLICE("The search is not complete."));
}

static void say_result(const struct say *s)
{
	known_result(s->f, 0, s->out);
}

static void say_count(const struct say *s)
{
	const size_t n = known_count(s->f, VERDICT_COVERED, 0);

	if (n || s->f->coverage.complete)
		lines_printf(s->out, "%zu", n);
	else
		lines_add(s->out, SLICE("0 in what was examined"));
}

static void say_review(const struct say *s)
{
	lines_printf(s->out, "%zu", known_count(s->f, VERDICT_REVIEW, 0));
}

static void say_named(struct lines *out, const struct known_article *a)
{
	const char *space = a->version.n ? " " : "";
	const size_t n = out->n;

	lines_printf(out, "%.*s%s%.*s (%.*s)", SLICE_ARG(a->name), space,
	             SLICE_ARG(a->version), SLICE_ARG(a->maker));
	for (size_t i = 0; out->n > n && i < n; i++)
		if (slice_eq(out->list[i], out->list[n]))
			out->n--;
}

static void say_products(const struct say *s)
{
	for (size_t i = 0; i < s->f->n_articles; i++)
		if (is(s->f, &s->f->articles[i], VERDICT_COVERED))
			say_named(s->out, &s->f->articles[i]);
	if (s->out->n == 0)
		known_result(s->f, 0, s->out);
}

static void say_endpoints(const struct say *s)
{
	const struct lines hosts = covered_hosts(s);

	s->out->failed |= hosts.failed;
	if (hosts.n || s->f->coverage.complete)
		lines_printf(s->out, "%zu", hosts.n);
	else
		lines_add(s->out, SLICE("0 in what was examined"));
}

static void say_hosts(const struct say *s)
{
	const struct lines hosts = covered_hosts(s);

	add_some(s->out, &hosts, HOSTS_SHOWN, "endpoints");
	if (hosts.n == 0)
		known_result(s->f, 0, s->out);
}

static void add_detection(struct lines *out, const struct known_article *a)
{
	for (size_t i = 0; i < a->n_evidence; i++) {
		const enum attr attr = a->evidence[i].attr;
		const size_t n = out->n;
		lines_printf(out, "%s: %s", attr_name(attr), attr_words(attr));
		for (size_t k = 0; out->n > n && k < n; k++)
			if (slice_eq(out->list[k], out->list[n]))
				out->n--;
	}
}

static void say_detection(const struct say *s)
{
	for (size_t i = 0; i < s->f->n_articles; i++)
		if (is(s->f, &s->f->articles[i], VERDICT_COVERED))
			add_detection(s->out, &s->f->articles[i]);
	if (s->out->n == 0)
		say_methods(s);
}

/* ---- an article ---------------------------------------------------------- */

static const struct known_article *first(const struct say *s)
{
	return s->of->n_articles ? s->of->articles[0] : NULL;
}

static void say_brand(const struct say *s)
{
	for (size_t i = 0; i < s->of->n_articles; i++)
		for (size_t k = 0; k < s->of->articles[i]->n_evidence; k++) {
			const struct known_evidence *e = &s->of->articles[i]->evidence[k];
			if (e->attr == ATTR_PE_PRODUCT || e->attr == ATTR_DOTNET_PRODUCT)
				lines_add_new(s->out, e->value);
		}
}

static const char *basis_words(enum basis basis)
{
	static const char *const words[BASIS_COUNT] = {
		[BASIS_FORMER] = "once the work of",
		[BASIS_FAMILY] = "the work of a company related to",
		[BASIS_IN_PART] = "holds a part made by",
		[BASIS_PROVIDED] = "provided by",
		[BASIS_DEVELOPED] = "made by",
	};
	return words[basis];
}

static void say_description(const struct say *s)
{
	const struct known_article *a = first(s);

	lines_printf(s->out, "%s \"%.*s\"%s%.*s, %s; %s %.*s", kind_name(a->kind),
	             SLICE_ARG(a->name), a->version.n ? " version " : "",
	             SLICE_ARG(a->version), state_name(a->state), basis_words(a->basis),
	             SLICE_ARG(a->maker));
}

static void say_product_hosts(const struct say *s)
{
	struct lines hosts = {.mem = s->out->mem};

	known_hosts(s->f, s->of->articles, s->of->n_articles, &hosts);
	add_some(s->out, &hosts, HOSTS_SHOWN, "endpoints");
}

static void say_product_endpoints(const struct say *s)
{
	struct lines hosts = {.mem = s->out->mem};

	known_hosts(s->f, s->of->articles, s->of->n_articles, &hosts);
	s->out->failed |= hosts.failed;
	lines_printf(s->out, "%zu", hosts.n);
}

static void say_paths(const struct say *s)
{
	struct lines paths = {.mem = s->out->mem};

	for (size_t i = 0; i < s->of->n_articles; i++)
		for (size_t k = 0; k < s->of->articles[i]->n_evidence; k++)
			lines_add_new(&paths, s->of->articles[i]->evidence[k].path);
	add_some(s->out, &paths, PATHS_SHOWN, "places");
}

static void say_state(const struct say *s)
{
	for (size_t i = 0; i < s->of->n_articles; i++)
		lines_add_new(s->out, slice_str(state_name(s->of->articles[i]->state)));
}

static void say_basis(const struct say *s)
{
	for (size_t i = 0; i < s->of->n_articles; i++)
		lines_add_new(s->out, slice_str(basis_name(s->of->articles[i]->basis)));
}

static void say_strength(const struct say *s)
{
	for (size_t i = 0; i < s->of->n_articles; i++)
		lines_add_new(s->out, slice_str(strength_name(s->of->articles[i]->strength)));
}

static void say_kind(const struct say *s)
{
	lines_add(s->out, slice_str(kind_name(first(s)->kind)));
}

static void say_name(const struct say *s)
{
	lines_add(s->out, first(s)->name);
}

static void say_version(const struct say *s)
{
	lines_add(s->out, first(s)->version);
}

static void say_model(const struct say *s)
{
	lines_add(s->out, first(s)->model);
}

static void say_maker(const struct say *s)
{
	lines_add(s->out, first(s)->maker);
}

static void say_verdict(const struct say *s)
{
	const struct known_verdict *v = known_verdict(s->f, first(s));

	if (v)
		lines_add(s->out, slice_str(verdict_name(v->word)));
}

static void say_because(const struct say *s)
{
	for (size_t i = 0; i < s->of->n_articles; i++) {
		const struct known_verdict *v = known_verdict(s->f, s->of->articles[i]);
		if (v)
			lines_add_new(s->out, v->because);
	}
}

static void say_clause(const struct say *s)
{
	for (size_t i = 0; i < s->of->n_articles; i++) {
		const struct known_verdict *v = known_verdict(s->f, s->of->articles[i]);
		if (v)
			lines_add_new(s->out, v->clause);
	}
}

static void say_product_detection(const struct say *s)
{
	for (size_t i = 0; i < s->of->n_articles; i++)
		add_detection(s->out, s->of->articles[i]);
}

static void say_evidence(const struct say *s)
{
	struct lines all = {.mem = s->out->mem};

	for (size_t i = 0; i < s->of->n_articles; i++)
		for (size_t k = 0; k < s->of->articles[i]->n_evidence; k++) {
			const struct known_evidence *e = &s->of->articles[i]->evidence[k];
			lines_printf(&all, "%s = %.*s in %.*s", attr_name(e->attr),
			             SLICE_ARG(e->value), SLICE_ARG(e->path));
		}
	add_some(s->out, &all, PATHS_SHOWN, "pieces");
}

/* ---- a contract ---------------------------------------------------------- */

static void say_contract_orders(const struct say *s)
{
	for (size_t i = 0; i < s->of->contract->n_orders; i++)
		lines_add(s->out, slice_str(s->of->contract->orders[i]));
}

/* ---- the table ----------------------------------------------------------- */

/* Where a text is a member of something that is known, that is all to know. */
enum owner { OWNER_NONE, OWNER_PROFILE, OWNER_ORDER, OWNER_SOURCE, OWNER_CONTRACT };

static const struct {
	say_fact *say;
	enum owner owner;
	size_t at;      /* of a const char *, of a source's struct slice */
} table[FACT_COUNT] = {
#define PROFILE(member) {.owner = OWNER_PROFILE, .at = offsetof(struct profile, member)}
#define ORDER(member) {.owner = OWNER_ORDER, .at = offsetof(struct order, member)}
#define SOURCE(member) {.owner = OWNER_SOURCE, .at = offsetof(struct known_source, member)}
#define CONTRACT(member) \
	{.owner = OWNER_CONTRACT, .at = offsetof(struct profile_clause, member)}
	[FACT_ORGANISATION_NAME] = PROFILE(name),
	[FACT_ORGANISATION_UNIT] = PROFILE(unit),
	[FACT_ORGANISATION_UEI] = PROFILE(uei),
	[FACT_ORGANISATION_CAGE] = PROFILE(cage),
	[FACT_CONTACT_NAME] = PROFILE(contact_name),
	[FACT_CONTACT_PHONE] = PROFILE(contact_phone),
	[FACT_CONTACT_EMAIL] = PROFILE(contact_email),
	[FACT_ORDER_TITLE] = ORDER(title),
	[FACT_ORDER_ISSUER] = ORDER(issuer),
	[FACT_ORDER_AUTHORITY] = ORDER(authority),
	[FACT_ORDER_ISSUED] = ORDER(issued),
	[FACT_ORDER_EFFECTIVE] = ORDER(effective),
	[FACT_ORDER_DUE] = {say_order_due},
	[FACT_DAY] = {say_day},
	[FACT_DUE_ON] = {say_due_on},
	[FACT_DUE_HOW] = {say_due_how},
	[FACT_METHODS] = {say_methods},
	[FACT_COVERAGE_COMPLETE] = {say_complete},
	[FACT_COVERAGE_ITEMS] = {say_items},
	[FACT_COVERAGE_EXAMINED] = {say_examined},
	[FACT_COVERAGE_UNREAD] = {say_unread},
	[FACT_COVERAGE_PLACES] = {say_places},
	[FACT_FINDINGS_RESULT] = {say_result},
	[FACT_FINDINGS_COUNT] = {say_count},
	[FACT_FINDINGS_PRODUCTS] = {say_products},
	[FACT_FINDINGS_ENDPOINTS] = {say_endpoints},
	[FACT_FINDINGS_HOSTS] = {say_hosts},
	[FACT_FINDINGS_DETECTION] = {say_detection},
	[FACT_FINDINGS_REVIEW] = {say_review},
	[FACT_PRODUCT_NAME] = {say_name},
	[FACT_PRODUCT_VERSION] = {say_version},
	[FACT_PRODUCT_MODEL] = {say_model},
	[FACT_PRODUCT_MAKER] = {say_maker},
	[FACT_PRODUCT_BRAND] = {say_brand},
	[FACT_PRODUCT_KIND] = {say_kind},
	[FACT_PRODUCT_DESCRIPTION] = {say_description},
	[FACT_PRODUCT_ENDPOINTS] = {say_product_endpoints},
	[FACT_PRODUCT_HOSTS] = {say_product_hosts},
	[FACT_PRODUCT_PATHS] = {say_paths},
	[FACT_PRODUCT_STATE] = {say_state},
	[FACT_PRODUCT_BASIS] = {say_basis},
	[FACT_PRODUCT_STRENGTH] = {say_strength},
	[FACT_PRODUCT_VERDICT] = {say_verdict},
	[FACT_PRODUCT_BECAUSE] = {say_because},
	[FACT_PRODUCT_CLAUSE] = {say_clause},
	[FACT_PRODUCT_DETECTION] = {say_product_detection},
	[FACT_PRODUCT_EVIDENCE] = {say_evidence},
	[FACT_SOURCE_PATH] = SOURCE(path),
	[FACT_SOURCE_HOST] = SOURCE(host),
	[FACT_SOURCE_KIND] = SOURCE(kind),
	[FACT_SOURCE_FINISHED] = SOURCE(finished),
	[FACT_CONTRACT_NUMBER] = CONTRACT(contract),
	[FACT_CONTRACT_ORDERS] = {say_contract_orders},
	[FACT_CONTRACT_OFFICER] = CONTRACT(officer),
	[FACT_CONTRACT_CLAUSE] = CONTRACT(clause),
};

static struct slice text_at(const void *object, size_t at)
{
	return object ? slice_str(*(const char *const *)((const uint8_t *)object + at))
	              : (struct slice){0};
}

/* Of a finding, the place is that of its article. */
static const struct known_source *source_of(const struct say *s)
{
	const struct known_article *a = first(s);

	return s->of->source ? s->of->source : a ? &s->f->sources[a->source] : NULL;
}

static struct slice text_of(const struct say *s, enum owner owner, size_t at)
{
	const void *source;

	switch (owner) {
	case OWNER_PROFILE:
		return text_at(s->f->profile, at);
	case OWNER_ORDER:
		return text_at(s->f->order, at);
	case OWNER_CONTRACT:
		return text_at(s->of->contract, at);
	default: /* OWNER_SOURCE */
		source = source_of(s);
		return source ? *(const struct slice *)((const uint8_t *)source + at)
		              : (struct slice){0};
	}
}

void known_say(const struct known *f, const struct form_from *from,
               const struct known_of *of, struct lines *out)
{
	const struct say s = {f, of, out};

	if (from->fact == FACT_PROFILE)
		say_profile(&s, from->profile);
	else if (table[from->fact].say)
		table[from->fact].say(&s);
	else
		lines_add(out, text_of(&s, table[from->fact].owner, table[from->fact].at));
}
