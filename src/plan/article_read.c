/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings out of a report, doc/findings.schema.json. Of that document only
 * what a plan or a paper needs is read; members beside it are passed over, those
 * that are read are held to their kind and their limits.
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
	FACTS_MAX = 100,      /* of a verdict */
	UNREAD_MAX = 10000,   /* not fully examined; places left out */
	MEMBERS_MAX = 64,     /* containers around a piece of evidence */
	SHORT_MAX = 1024,
};

#define OPTIONAL(kind_, type, member, name, most) \
	{.key = (name), .kind = (kind_), .optional = true, .at = offsetof(type, member), \
	 .limit = (most)}
#define OPTIONAL_TEXTS(type, member, name, most) \
	{.key = (name), .kind = FIELD_TEXTS, .optional = true, .at = offsetof(type, member), \
	 .count_at = offsetof(type, n_##member), .limit = (most)}

#define WORDS(function, type, count, name) \
	static const char *function(unsigned value) \
	{ \
		return value < (count) ? name((enum type)value) : NULL; \
	}

WORDS(word_kind, article_kind, ARTICLE_KIND_COUNT, kind_name)
WORDS(word_state, state, STATE_COUNT, state_name)
WORDS(word_basis, basis, BASIS_COUNT, basis_name)
WORDS(word_strength, strength, STRENGTH_COUNT, strength_name)

static const char *word_why(unsigned value)
{
	return value == WHY_NONE ? "" : value < WHY_COUNT ? why_name((enum why)value) : NULL;
}

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
	OPTIONAL(FIELD_TEXT, struct article_word, clause, "clause", SHORT_MAX),
	OPTIONAL(FIELD_TEXT, struct article_word, carve_out, "carve_out", SHORT_MAX),
	OPTIONAL_TEXTS(struct article_word, facts, "facts", FACTS_MAX),
	SHAPE_WORD(struct article_word, verdict, "verdict", word_verdict),
};
SHAPE(word_shape, struct article_word, .open = true);

static const struct field evidence_shape_fields[] = {
	SHAPE_TEXT(struct article_evidence, attr, "attr", SHORT_MAX),
	SHAPE_TEXT(struct article_evidence, value, "value", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct article_evidence, path, "path", PLAN_PATH_MAX),
	SHAPE_TEXT(struct article_evidence, mark, "mark", SHORT_MAX),
	OPTIONAL(FIELD_TEXT, struct article_evidence, mark_source, "mark_source", PLAN_TEXT_MAX),
	OPTIONAL(FIELD_TEXT, struct article_evidence, capped, "capped", PLAN_TEXT_MAX),
	SHAPE_OF(FIELD_FILLED, struct article_evidence, member, "member"),
	SHAPE_TEXTS(struct article_evidence, members, "member", MEMBERS_MAX),
	SHAPE_OF(FIELD_U64, struct article_evidence, offset, "offset"),
	OPTIONAL(FIELD_U64, struct article_evidence, length, "length", 0),
	OPTIONAL(FIELD_BOOL, struct article_evidence, verified, "verified", 0),
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
	OPTIONAL(FIELD_U64, struct article, n_more, "evidence_more", 0),
};
SHAPE(article_shape, struct article, .open = true);

static const struct field source_shape_fields[] = {
	SHAPE_OF(FIELD_U32, struct article_source, id, "id"),
	SHAPE_TEXT(struct article_source, kind, "kind", SHORT_MAX),
	SHAPE_TEXT(struct article_source, path, "path", PLAN_PATH_MAX),
	OPTIONAL(FIELD_TEXT, struct article_source, host, "host", SHORT_MAX),
	OPTIONAL(FIELD_TEXT, struct article_source, started, "started", SHORT_MAX),
	OPTIONAL(FIELD_TEXT, struct article_source, finished, "finished", SHORT_MAX),
};
SHAPE(source_shape, struct article_source, .open = true);

static const struct field packs_shape_fields[] = {
	SHAPE_TEXT(struct articles, packs_sha256, "sha256", SHORT_MAX),
	SHAPE_TEXTS(struct articles, orders, "orders", ORDERS_MAX),
};
SHAPE(packs_shape, struct articles, .open = true);

static const struct field tool_shape_fields[] = {
	SHAPE_TEXT(struct articles, tool, "name", SHORT_MAX),
	SHAPE_TEXT(struct articles, tool_version, "version", SHORT_MAX),
};
SHAPE(tool_shape, struct articles, .open = true);

static const struct field unread_shape_fields[] = {
	OPTIONAL(FIELD_U32, struct article_unread, source, "source", 0),
	SHAPE_TEXT(struct article_unread, path, "path", PLAN_PATH_MAX),
	OPTIONAL_TEXTS(struct article_unread, members, "member", MEMBERS_MAX),
	{.key = "why", .kind = FIELD_WORD, .optional = true, .word = word_why,
	 .at = offsetof(struct article_unread, why)},
	OPTIONAL(FIELD_TEXT, struct article_unread, words, "because", PLAN_TEXT_MAX),
};
SHAPE(unread_shape, struct article_unread, .open = true);

static const struct field by_why_shape_fields[] = {
#define WHY(symbol, name, words) \
	{.key = (name), .kind = FIELD_U64, .optional = true, \
	 .at = offsetof(struct articles, coverage.by_why[WHY_##symbol])},
#include "claim/why.def"
#undef WHY
};
SHAPE(by_why_shape, struct articles, .open = true);

#define COVERAGE_LIST(member, name) \
	{.key = (name), .kind = FIELD_LIST, .optional = true, .shape = &unread_shape, \
	 .at = offsetof(struct articles, coverage.member), \
	 .count_at = offsetof(struct articles, coverage.n_##member), .limit = UNREAD_MAX}

static const struct field coverage_shape_fields[] = {
	SHAPE_OF(FIELD_BOOL, struct articles, complete, "complete"),
	OPTIONAL(FIELD_U64, struct articles, coverage.items, "items", 0),
	OPTIONAL(FIELD_U64, struct articles, coverage.bytes, "bytes", 0),
	OPTIONAL(FIELD_U64, struct articles, coverage.examined, "examined", 0),
	COVERAGE_LIST(unread, "incomplete"),
	{.key = "by_why", .kind = FIELD_GROUP, .optional = true, .shape = &by_why_shape},
	COVERAGE_LIST(skipped, "skipped"),
	OPTIONAL(FIELD_BOOL, struct articles, coverage.deep, "deep", 0),
	OPTIONAL(FIELD_BOOL, struct articles, coverage.interrupted, "interrupted", 0),
};
SHAPE(coverage_shape, struct articles, .open = true);

static const struct field report_shape_fields[] = {
	SHAPE_CONST("schema", "debar/findings/1"),
	{.key = "tool", .kind = FIELD_GROUP, .optional = true, .shape = &tool_shape},
	SHAPE_GROUP("packs", packs_shape),
	SHAPE_LIST(struct articles, sources, "sources", source_shape, SOURCES_MAX),
	{.key = "findings", .kind = FIELD_LIST, .at = offsetof(struct articles, list),
	 .count_at = offsetof(struct articles, n), .shape = &article_shape,
	 .limit = ARTICLES_MAX},
	OPTIONAL(FIELD_U64, struct articles, mentions, "mentions", 0),
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

const struct article_source *articles_source(const struct articles *a, uint32_t id)
{
	for (size_t i = 0; i < a->n_sources; i++)
		if (a->sources[i].id == id)
			return &a->sources[i];
	return NULL;
}

bool articles_judged_by(const struct articles *a, const char *order)
{
	for (size_t i = 0; i < a->n_orders; i++)
		if (slice_eq(a->orders[i], slice_str(order)))
			return true;
	return false;
}

const char *article_verdict_name(enum article_verdict verdict)
{
	return word_verdict(verdict);
}

/* "2026-11-21T22:00:00Z", or nothing. */
static bool is_time(struct slice s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";

	if (s.n != 0 && s.n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (form[i] == 'd' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != form[i])
			return false;
	return true;
}

static int check_sources(const struct articles *a, struct err *e)
{
	for (size_t i = 0; i < a->n_sources; i++)
		if (!is_time(a->sources[i].started) || !is_time(a->sources[i].finished))
			return err_set(e, -EBADMSG, "source %zu has a time that is none", i + 1);
	return 0;
}

static int check(const struct articles *a, struct err *e)
{
	int r = check_sources(a, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < a->n; i++) {
		const struct article *f = &a->list[i];
		if (!articles_source(a, f->source))
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
