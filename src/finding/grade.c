/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much one hit proves: its state, basis and strength (rules 2 to 5 of
 * join.c). Nothing here looks at other articles; what it needs to know of the
 * package around a file is gathered once, in two sorted tables.
 */
#include <errno.h>
#include <stdlib.h>

#include "finding/hits.h"

static int package_cmp(const void *x, const void *y)
{
	const struct kept *a = *(struct kept *const *)x;
	const struct kept *b = *(struct kept *const *)y;
	int c = CMP(a->source, b->source);

	c = c ? c : CMP(a->ev.mark->entity, b->ev.mark->entity);
	c = c ? c : slice_cmp(a->a_name, b->a_name);
	return c ? c : strcmp(a->a_ecosystem, b->a_ecosystem);
}

static int signer_cmp(const void *x, const void *y)
{
	const struct kept *a = *(struct kept *const *)x;
	const struct kept *b = *(struct kept *const *)y;
	int c = CMP(a->source, b->source);

	c = c ? c : CMP(a->ev.mark->entity, b->ev.mark->entity);
	c = c ? c : slice_cmp(a->ev.path, b->ev.path);
	return c ? c : slice_cmp(a->ev.member, b->ev.member);
}

static bool is_signer(enum attr attr)
{
	return attr == ATTR_SIGNER_NAME || attr == ATTR_SIGNER_ORGANISATION ||
	       attr == ATTR_SIGNER_SERIAL;
}

/* Attributes in which a file names its own maker, free for anyone to write. */
static bool self_declared(enum attr attr)
{
	static const char *const things[] = {"pe.", "dotnet.", "elf.", "jar."};

	for (size_t i = 0; i < COUNT_OF(things); i++)
		if (strncmp(attr_name(attr), things[i], strlen(things[i])) == 0)
			return true;
	return false;
}

int grading_init(struct grading *g, struct kept *hits, size_t n)
{
	g->packages = calloc(n + 1, sizeof(struct kept *));
	g->signers = calloc(n + 1, sizeof(struct kept *));
	g->makers = calloc(n + 1, sizeof(struct kept *));
	if (!g->packages || !g->signers || !g->makers)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct kept *k = &hits[i];
		if (k->scope == SCOPE_PACKAGE && k->name.n > 0) {
			k->a_name = k->name;
			k->a_ecosystem = k->ecosystem;
			g->packages[g->n_packages++] = k;
		}
		if (is_signer(k->ev.attr) && k->ev.verified)
			g->signers[g->n_signers++] = k;
		if (self_declared(k->ev.attr) &&
		    k->ev.mark->basis == BASIS_DEVELOPED)
			g->makers[g->n_makers++] = k;
	}
	qsort(g->packages, g->n_packages, sizeof(struct kept *), package_cmp);
	qsort(g->signers, g->n_signers, sizeof(struct kept *), signer_cmp);
	qsort(g->makers, g->n_makers, sizeof(struct kept *), signer_cmp);
	return 0;
}

void grading_finish(struct grading *g)
{
	free(g->packages);
	free(g->signers);
	free(g->makers);
	g->packages = g->signers = g->makers = NULL;
	g->n_packages = g->n_signers = g->n_makers = 0;
}

static bool says_maker(const struct mark *mark)
{
	return mark->basis == BASIS_DEVELOPED || mark->basis == BASIS_PROVIDED;
}

/* Index of the first entry that is not before `key`. */
static size_t first_at(struct kept **table, size_t n, const struct kept *key,
                       int (*cmp)(const void *, const void *))
{
	size_t low = 0;

	while (low < n) {
		size_t mid = low + (n - low) / 2;
		if (cmp(&table[mid], &key) < 0)
			low = mid + 1;
		else
			n = mid;
	}
	return low;
}

bool grading_package(const struct grading *g, const struct kept *article,
                     bool maker)
{
	size_t i = first_at(g->packages, g->n_packages, article, package_cmp);

	for (; i < g->n_packages; i++) {
		if (package_cmp(&g->packages[i], &article) != 0)
			return false;
		if (!maker || says_maker(g->packages[i]->ev.mark))
			return true;
	}
	return false;
}

/* Has the table a hit of this entity on the same file? */
static bool has_on_file(struct kept **table, size_t n, const struct kept *k)
{
	size_t i = first_at(table, n, k, signer_cmp);

	return i < n && signer_cmp(&table[i], &k) == 0;
}

static bool word_byte(uint8_t c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* Do these words stand in the text, whole, ASCII letters' case apart? */
static bool has_words(struct slice text, struct slice words)
{
	for (size_t i = 0; words.n > 0 && i + words.n <= text.n; i++) {
		size_t end = i + words.n;
		if ((i == 0 || !word_byte(text.p[i - 1])) &&
		    (end == text.n || !word_byte(text.p[end])) &&
		    slice_eq_nocase(slice_of(text.p + i, words.n), words))
			return true;
	}
	return false;
}

/* Does this maker's name speak of the entity? Kindly read: a mention of the
 * entity or of its family is enough not to be a contradiction. */
static bool names_entity(struct slice maker, const struct entity *e)
{
	if (has_words(maker, slice_str(e->name)))
		return true;
	for (size_t i = 0; i < e->n_names; i++)
		if (has_words(maker, slice_str(e->names[i].name)))
			return true;
	for (size_t i = 0; i < e->n_family; i++)
		if (has_words(maker, slice_str(e->family[i].name)))
			return true;
	for (size_t i = 0; i < e->n_mentions; i++)
		if (has_words(maker, e->mentions[i]))
			return true;
	return false;
}

/* Ids that a registry gives out: to carry one is to be that vendor's. */
static bool registered(const struct evidence *e)
{
	return e->attr == ATTR_PCI_VENDOR || e->attr == ATTR_USB_VENDOR ||
	       e->attr == ATTR_EXTENSION_ID;
}

/* Does the package that owns the file name another maker? */
static bool contradicted(const struct grading *g, const struct kept *k)
{
	struct slice maker = {0};

	if (!k->owned || k->scope == SCOPE_PACKAGE ||
	    !self_declared(k->ev.attr) || k->ev.verified ||
	    has_on_file(g->signers, g->n_signers, k) ||
	    grading_package(g, k, true))
		return false;
	if (!g->ctx || !g->ctx->maker_of ||
	    !g->ctx->maker_of(g->ctx->ctx, k->source,
	                      slice_str(k->a_ecosystem), k->a_name, &maker) ||
	    maker.n == 0)
		return false;
	return !names_entity(maker, &g->pack->entities[k->ev.mark->entity]);
}

static void cap(struct evidence *e, enum strength most, const char *why)
{
	if (e->strength <= most)
		return;
	e->strength = most;
	e->capped = why;
}

static void grade_strength(const struct grading *g, struct kept *k)
{
	struct evidence *e = &k->ev;

	e->strength = e->mark->strength;
	if (!e->verified && !registered(e))
		cap(e, STRENGTH_STRONG,
		    "nothing in it was verified: it is what the article says of itself");
	if (e->mark->sureness == SURE_BACKGROUND)
		cap(e, STRENGTH_WEAK,
		    "the fact behind the mark is general knowledge,"
		    " not looked up");
	if (contradicted(g, k))
		cap(e, STRENGTH_WEAK, "the package that owns the file names another"
		                      " maker and the file is not signed");
}

/* Did the entity only sign a file that names another maker: as the owner of a
 * platform that lets others' drivers in, or as a distributor? */
static bool only_signed(const struct grading *g, const struct kept *k)
{
	return is_signer(k->ev.attr) && k->maker.n > 0 &&
	       !has_on_file(g->makers, g->n_makers, k) &&
	       !names_entity(k->maker, &g->pack->entities[k->ev.mark->entity]);
}

static void grade_basis(const struct grading *g, struct kept *k)
{
	k->ev.basis = k->ev.mark->basis;
	if (!says_maker(k->ev.mark))
		return;
	if (k->ev.basis == BASIS_DEVELOPED && only_signed(g, k))
		k->ev.basis = BASIS_PROVIDED;
	if (k->scope == SCOPE_PART ||
	    ((k->scope == SCOPE_ITEM || k->scope == SCOPE_FOLDER) && k->owned &&
	     !grading_package(g, k, true)))
		k->ev.basis = BASIS_IN_PART;
}

/* A copyright paragraph speaks of source files; only the program can tell
 * whether their code is in it. */
static void grade_part(const struct grading *g, struct kept *k)
{
	int shown = g->ctx && g->ctx->part_shown
	                    ? g->ctx->part_shown(g->ctx->ctx, k->source,
	                                         k->name, k->ev.mark)
	                    : -1;

	if (shown == 0)
		k->dropped = true;
	else if (shown < 0)
		cap(&k->ev, STRENGTH_WEAK,
		    "its code was not looked for in the package's programs");
}

void grade(const struct grading *g, struct kept *k)
{
	const struct mark *mark = k->ev.mark;

	k->ev.state = mark->states >> k->record_state & 1 ? k->record_state
	                                                  : mark->state_first;
	grade_basis(g, k);
	grade_strength(g, k);
	if (k->scope == SCOPE_PART)
		grade_part(g, k);
}
