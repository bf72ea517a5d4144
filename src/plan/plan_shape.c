/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan looks like in writing: "debar/plan/1", doc/plan.schema.json. The
 * order of the members is the canonical one, over which the hash is taken.
 */
#include "plan/plan_json.h"

/* A word of an enum by its number, NULL past the end. */
#define WORDS(function, type, count, name) \
	static const char *function(unsigned value) \
	{ \
		return value < (count) ? name((enum type)value) : NULL; \
	}

WORDS(word_kind, step_kind, STEP_KIND_COUNT, step_kind_name)
WORDS(word_stage, stage, STAGE_COUNT, stage_name)
WORDS(word_risk, risk, RISK_COUNT, risk_name)
WORDS(word_type, object_type, OBJECT_TYPE_COUNT, object_type_name)
WORDS(word_gate, gate_state, GATE_MISSING + 1, gate_state_name)
WORDS(word_strength, strength, STRENGTH_COUNT, strength_name)

static const struct field object_shape_fields[] = {
	SHAPE_TEXT(struct object, path, "path", PLAN_PATH_MAX),
	SHAPE_WORD(struct object, type, "type", word_type),
	SHAPE_OF(FIELD_DIGITS, struct object, device, "device"),
	SHAPE_OF(FIELD_DIGITS, struct object, inode, "inode"),
	SHAPE_OF(FIELD_U64, struct object, size, "size"),
	SHAPE_OF(FIELD_U32, struct object, mode, "mode"),
	SHAPE_OF(FIELD_U32, struct object, uid, "uid"),
	SHAPE_OF(FIELD_U32, struct object, gid, "gid"),
	SHAPE_OF(FIELD_I64, struct object, mtime_s, "mtime_s"),
	{.key = "mtime_ns", .kind = FIELD_U32, .at = offsetof(struct object, mtime_ns),
	 .limit = 999999999},
	SHAPE_OF(FIELD_U32, struct object, links, "links"),
	SHAPE_OF(FIELD_U32, struct object, flags, "flags"),
	SHAPE_OF(FIELD_SHA256, struct object, sha256, "sha256"),
};
SHAPE(object_shape, struct object);

static const struct field package_shape_fields[] = {
	SHAPE_OF(FIELD_ECOSYSTEM, struct plan_package, ecosystem, "ecosystem"),
	SHAPE_TEXT(struct plan_package, name, "name", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan_package, version, "version", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan_package, arch, "arch", PLAN_TEXT_MAX),
	SHAPE_OF(FIELD_BOOL, struct plan_package, residue, "residue"),
};
SHAPE(package_shape, struct plan_package);

static const struct field evidence_shape_fields[] = {
	SHAPE_TEXT(struct plan_evidence, attr, "attr", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan_evidence, value, "value", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan_evidence, path, "path", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan_evidence, mark, "mark", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan_evidence, mark_source, "mark_source", PLAN_TEXT_MAX),
	SHAPE_WORD(struct plan_evidence, strength, "strength", word_strength),
};
SHAPE(evidence_shape, struct plan_evidence);

static const struct field reason_shape_fields[] = {
	SHAPE_TEXT(struct plan_reason, order, "order", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan_reason, because, "because", PLAN_TEXT_MAX),
};
SHAPE(reason_shape, struct plan_reason);

static const struct field step_shape_fields[] = {
	SHAPE_WORD(struct step, kind, "kind", word_kind),
	SHAPE_WORD(struct step, stage, "stage", word_stage),
	SHAPE_OF(FIELD_U32, struct step, rank, "rank"),
	SHAPE_TEXT(struct step, article, "article", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct step, name, "name", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct step, version, "version", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct step, entity, "entity", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct step, words, "words", PLAN_TEXT_MAX),
	SHAPE_LIST(struct step, reasons, "reasons", reason_shape, PLAN_LIST_MAX),
	SHAPE_LIST(struct step, evidence, "evidence", evidence_shape, PLAN_LIST_MAX),
	SHAPE_WORD(struct step, risk, "risk", word_risk),
	SHAPE_TEXT(struct step, risk_words, "risk_words", PLAN_TEXT_MAX),
	SHAPE_TEXTS(struct step, before, "before", PLAN_LIST_MAX),
	SHAPE_TEXTS(struct step, after, "after", PLAN_LIST_MAX),
	SHAPE_LIST(struct step, packages, "packages", package_shape, PLAN_LIST_MAX),
	SHAPE_LIST(struct step, objects, "objects", object_shape, PLAN_OBJECTS_MAX),
	SHAPE_TEXT(struct step, subject, "subject", PLAN_TEXT_MAX),
	SHAPE_OF(FIELD_U32, struct step, id, "id"),
	SHAPE_OF(FIELD_BOOL, struct step, was_active, "was_active"),
	SHAPE_OF(FIELD_BOOL, struct step, was_enabled, "was_enabled"),
};
SHAPE(step_shape, struct step);

static const struct field left_shape_fields[] = {
	SHAPE_TEXT(struct plan_left, article, "article", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan_left, name, "name", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan_left, entity, "entity", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan_left, why, "why", PLAN_TEXT_MAX),
};
SHAPE(left_shape, struct plan_left);

static const struct field gate_shape_fields[] = {
	SHAPE_TEXT(struct plan_gate, role, "role", PLAN_TEXT_MAX),
	SHAPE_WORD(struct plan_gate, state, "state", word_gate),
	SHAPE_TEXT(struct plan_gate, by, "by", PLAN_TEXT_MAX),
	SHAPE_TEXTS(struct plan_gate, processes, "processes", PLAN_LIST_MAX),
};
SHAPE(gate_shape, struct plan_gate);

static const struct field tool_shape_fields[] = {
	SHAPE_CONST("name", "debar"),
	SHAPE_TEXT(struct plan, tool, "version", PLAN_TEXT_MAX),
};
SHAPE(tool_shape, struct plan);

static const struct field packs_shape_fields[] = {
	SHAPE_TEXT(struct plan, packs_sha256, "sha256", PLAN_TEXT_MAX),
	SHAPE_TEXTS(struct plan, orders, "orders", PLAN_LIST_MAX),
};
SHAPE(packs_shape, struct plan);

static const struct field source_shape_fields[] = {
	SHAPE_TEXT(struct plan, source_path, "path", PLAN_PATH_MAX),
	SHAPE_TEXT(struct plan, source_kind, "kind", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan, host, "host", PLAN_TEXT_MAX),
	SHAPE_TEXT(struct plan, swept, "swept", PLAN_TEXT_MAX),
	SHAPE_OF(FIELD_BOOL, struct plan, live, "live"),
	SHAPE_OF(FIELD_BOOL, struct plan, complete, "complete"),
	SHAPE_OF(FIELD_DIGITS, struct plan, root_device, "root_device"),
	SHAPE_OF(FIELD_DIGITS, struct plan, root_inode, "root_inode"),
};
SHAPE(source_shape, struct plan);

static const struct field plan_fields[] = {
	SHAPE_CONST("schema", "debar/plan/1"),
	SHAPE_GROUP("tool", tool_shape),
	SHAPE_GROUP("packs", packs_shape),
	SHAPE_GROUP("source", source_shape),
	{.key = "approvals", .kind = FIELD_U32, .at = offsetof(struct plan, approvals),
	 .limit = 2},
	SHAPE_LIST(struct plan, gates, "gates", gate_shape, PLAN_LIST_MAX),
	SHAPE_LIST(struct plan, steps, "steps", step_shape, PLAN_STEPS_MAX),
	SHAPE_LIST(struct plan, left, "left", left_shape, PLAN_STEPS_MAX),
	{.key = "sha256", .kind = FIELD_CHARS, .at = offsetof(struct plan, sha256),
	 .limit = 2 * PLAN_SHA256_BYTES + 1},
};

const struct shape plan_shape = {
	.size = sizeof(struct plan),
	.fields = plan_fields,
	.n = COUNT_OF(plan_fields),
};
