/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings out of a report, doc/findings.schema.json. Of that document only
 * what a plan needs is read; members beside it are passed over, those that are
 * read are held to their kind and their limits.
 */
#include <errno.h>

#include "plan/article.h"
#include "plan/plan.h"
#include "plan/shape.h"

enum {
	ORDERS_MAX = 1000,
	SOURCES_MAX = 10000,
	WORDS_MAX = 1000,     /* verdicts of a finding */
	EVIDENCE_LIST_MAX = 10000,
	SHORT_MAX = 1024,
};

#define WORDS(function, type, count, name) \
	static const char *function(unsigned value) \
	{ \
		return value < (count) ? name((enum type)value) : NULL; \
	}

WORDS(word_kind, article_kind, ARTICLE_KIND_COUNT, kind_name)
WORDS(word_state, state, STATE_COUNT, state_name)
WORDS(word_basis, basis, BASIS_COUNT, basis_name)
WORDS(word_strength, strength, STRENGTH_COUNT, strength_name)

static const char *word_verdict(unsigned value)
{
	static const char *const words[] = {
		[ARTICLE_COVERED] = "covered",
		[ARTICLE_EXCLUDED] = "excluded",
		[ARTICLE_REVIEW] = "review",
	};
	return value < COUNT_OF(words) ? words[value] : NULL;
}

static const struct field word_shape_fields[] = {
	SHAPE_TEXT(struct article_word, order, "order", SHORT_MAX),
	SHAPE_TEXT(struct article_word, because, "because", PLAN_TEXT_MAX),
	SHAPE_WORD(struct article_word, verdict, "verdict", word_verdict),
};
SHAPE(word_shape, struct article_word, .open = true);

static const struct field evidence_shape_fields[] = {
	SHAPE_TEXT(struct article_evidence, attr, "attr", SHORT_MAX),
	SHAPE_TEXT(struct article_evidence, value, "value", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct article_evidence, path, "path", PLAN_PATH_MAX),
	SHAPE_TEXT(struct article_evidence, mark, "mark", SHORT_MAX),
	{.key = "mark_source", .kind = FIELD_TEXT, .optional = true,
	 .at = offsetof(struct article_evidence, mark_source), .limit = PLAN_TEXT_MAX},
	SHAPE_OF(FIELD_FILLED, struct article_evidence, member, "member"),
	SHAPE_OF(FIELD_U64, struct article_evidence, offset, "offset"),
	SHAPE_WORD(struct article_evidence, state, "state", word_state),
	SHAPE_WORD(struct article_evidence, strength, "strength", word_strength),
};
SHAPE(evidence_shape, struct article_evidence, .open = true);

static const struct field head_shape_fields[] = {
	SHAPE_WORD(struct article, kind, "kind", word_kind),
	SHAPE_TEXT(struct article, name, "name", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct article, version, "version", PLAN_TEXT_MAX),
	SHAPE_WORD(struct article, state, "state", word_state),
	SHAPE_OF(FIELD_ECOSYSTEM, struct article, ecosystem, "ecosystem"),
};
SHAPE(head_shape, struct article, .open = true);

static const struct field article_shape_fields[] = {
	SHAPE_TEXT(struct article, id, "id", SHORT_MAX),
	SHAPE_TEXT(struct article, entity, "entity", SHORT_MAX),
	SHAPE_OF(FIELD_U32, struct article, source, "source"),
	SHAPE_GROUP("article", head_shape),
	SHAPE_WORD(struct article, basis, "basis", word_basis),
	SHAPE_WORD(struct article, strength, "strength", word_strength),
	SHAPE_LIST(struct article, words, "verdicts", word_shape, WORDS_MAX),
	SHAPE_LIST(struct article, evidence, "evidence", evidence_shape, EVIDENCE_LIST_MAX),
	{.key = "evidence_more", .kind = FIELD_U64, .optional = true,
	 .at = offsetof(struct article, n_more)},
};
SHAPE(article_shape, struct article, .open = true);

static const struct field source_shape_fields[] = {
	SHAPE_OF(FIELD_U32, struct article_source, id, "id"),
	SHAPE_TEXT(struct article_source, kind, "kind", SHORT_MAX),
	SHAPE_TEXT(struct article_source, path, "path", PLAN_PATH_MAX),
	{.key = "host", .kind = FIELD_TEXT, .optional = true,
	 .at = offsetof(struct article_source, host), .limit = SHORT_MAX},
	{.key = "finished", .kind = FIELD_TEXT, .optional = true,
	 .at = offsetof(struct article_source, finished), .limit = SHORT_MAX},
};
SHAPE(source_shape, struct article_source, .open = true);

static const struct field packs_shape_fields[] = {
	SHAPE_TEXT(struct articles, packs_sha256, "sha256", SHORT_MAX),
	SHAPE_TEXTS(struct articles, orders, "orders", ORDERS_MAX),
};
SHAPE(packs_shape, struct articles, .open = true);

static const struct field coverage_shape_fields[] = {
	SHAPE_OF(FIELD_BOOL, struct articles, complete, "complete"),
};
SHAPE(coverage_shape, struct articles, .open = true);

static const struct field report_shape_fields[] = {
	SHAPE_CONST("schema", "debar/findings/1"),
	SHAPE_GROUP("packs", packs_shape),
	SHAPE_LIST(struct articles, sources, "sources", source_shape, SOURCES_MAX),
	{.key = "findings", .kind = FIELD_LIST, .at = offsetof(struct articles, list),
	 .count_at = offsetof(struct articles, n), .shape = &article_shape,
	 .limit = ARTICLES_MAX},
	SHAPE_GROUP("coverage", coverage_shape),
};
SHAPE(report_shape, struct articles, .open = true);

/* ---- what the tables cannot say ---- */

static bool known_attr(struct slice name)
{
	char text[64];

	if (name.n >= sizeof(text))
		return false;
	memcpy(text, name.p, name.n);
	text[name.n] = 0;
	return attr_by_name(text) >= 0;
}

static bool has_source(const struct articles *a, uint32_t id)
{
	for (size_t i = 0; i < a->n_sources; i++)
		if (a->sources[i].id == id)
			return true;
	return false;
}

static int check(const struct articles *a, struct err *e)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct article *f = &a->list[i];
		if (!has_source(a, f->source))
			return err_set(e, -EBADMSG, "finding %zu is of no source", i + 1);
		for (size_t k = 0; k < f->n_evidence; k++)
			if (!known_attr(f->evidence[k].attr))
				return err_set(e, -EBADMSG, "finding %zu has evidence"
				               " of an unknown kind", i + 1);
	}
	return 0;
}

static int settle(struct articles *a, int code, struct err *e, struct articles *ret)
{
	if (code == 0)
		code = check(a, e);
	if (code == 0)
		*ret = *a;
	else
		articles_finish(a);
	if (code == -ENOMEM)
		(void)err_set(e, code, "out of memory");
	return code;
}

int articles_read(int fd, struct err *e, struct articles *ret)
{
	struct articles a = {0};
	json_t *document;
	int code = shape_load(fd, REPORT_BYTES_MAX, e, &document);

	if (code < 0)
		return code;
	arena_init(&a.mem, 0);
	code = shape_read(document, &report_shape, &a.mem, e, &a);
	json_decref(document);
	return settle(&a, code, e, ret);
}

void articles_finish(struct articles *a)
{
	arena_finish(&a->mem);
	*a = (struct articles){0};
}

int articles_pack(const struct articles *a, struct str *out)
{
	shape_pack(out, &report_shape, a);
	return str_failed(out) ? -ENOMEM : 0;
}

int articles_unpack(struct slice bytes, struct err *e, struct articles *ret)
{
	struct articles a = {0};

	arena_init(&a.mem, 0);
	return settle(&a, shape_unpack(bytes, &report_shape, &a.mem, e, &a), e, ret);
}
