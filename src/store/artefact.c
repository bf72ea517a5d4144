/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Artefacts: records with their claims, each distinct one stored once.
 *
 * claims of a row: a version byte, then per claim the value's number, flags
 * (1 verified, 2 has a member, 4 has a place), offset and length when it has a
 * place, the member's length and bytes when it has one; numbers as varints.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "store/internal.h"

enum {
	CLAIMS_VERSION = 1,
	FLAG_VERIFIED = 1,
	FLAG_MEMBER = 2,
	FLAG_PLACE = 4,
	CLAIM_BYTES_MIN = 2,
	NAME_MAX_BYTES = 32, /* of a scope, kind, state or ecosystem */
};

static const char *const scopes[SCOPE_COUNT] = {
	[SCOPE_ITEM] = "item",     [SCOPE_PACKAGE] = "package",
	[SCOPE_PART] = "part",     [SCOPE_FOLDER] = "folder",
	[SCOPE_SETUP] = "setup",
};

const char *scope_name(enum scope scope)
{
	return scopes[scope];
}

int scope_by_name(const char *name)
{
	for (int i = 0; i < SCOPE_COUNT; i++)
		if (strcmp(scopes[i], name) == 0)
			return i;
	return -1;
}

/* ---- the digest -------------------------------------------------------- */

static void put_u64(struct str *out, uint64_t n)
{
	uint8_t b[8];

	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(n >> 8 * i);
	str_add(out, slice_of(b, sizeof(b)));
}

static void put_bytes(struct str *out, struct slice s)
{
	put_u64(out, s.n);
	str_add(out, s);
}

static void put_claim(struct str *out, const struct claim *c)
{
	put_bytes(out, slice_str(attr_name(c->attr)));
	put_bytes(out, c->value);
	put_bytes(out, c->member);
	put_u64(out, c->offset);
	put_u64(out, c->length);
	put_u64(out, c->verified);
}

/* Names and not numbers, as the numbers of enums move with time. */
struct digest store_digest(const struct record *record)
{
	struct digest d = {0};
	struct str text = {0};
	uint8_t sha[EVP_MAX_MD_SIZE];

	put_bytes(&text, slice_str(scopes[record->scope]));
	put_bytes(&text, slice_str(kind_name(record->kind)));
	put_bytes(&text, slice_str(state_name(record->state)));
	put_bytes(&text, slice_str(record->ecosystem));
	put_bytes(&text, record->name);
	put_bytes(&text, record->version);
	put_bytes(&text, record->root);
	put_u64(&text, record->n_claims);
	for (size_t i = 0; i < record->n_claims; i++)
		put_claim(&text, &record->claims[i]);
	/* Out of memory gives the zero digest, which store_artefact refuses. */
	if (!str_failed(&text) &&
	    EVP_Digest(text.p, text.n, sha, NULL, EVP_sha256(), NULL) == 1)
		memcpy(d.bytes, sha, sizeof(d.bytes));
	str_finish(&text);
	return d;
}

/* ---- what is there ----------------------------------------------------- */

/* From the index over the digests, which is much smaller than the table. */
int artefacts_load(struct store *s)
{
	const struct db_value *row;
	struct db_rows *rows;
	struct digest d;

	if (s->artefacts_loaded)
		return 0;
	int r = s->db->driver->query(s->db, "SELECT id, digest FROM artefact",
	                             NULL, 0, &rows);
	if (r < 0)
		return r;
	while (r == 0 && (r = s->db->driver->next(rows, &row)) > 0) {
		bool good = row[0].type == DB_INT && row[1].type == DB_BLOB &&
		            row[1].s.n == sizeof(d) && row[0].n > 0 &&
		            row[0].n <= s->meta[META_ARTEFACTS];
		if (good)
			memcpy(d.bytes, row[1].s.p, sizeof(d));
		r = good ? idmap_set(&s->artefacts, (uint32_t)row[0].n, &d)
		         : db_damaged(s->db, "artefact %lld: the row is damaged",
		                      (long long)row[0].n);
	}
	row_done(s->db, rows);
	s->artefacts_loaded = r == 0;
	return r;
}

bool store_has(struct store_batch *b, const struct digest *digest)
{
	int r = artefacts_load(b->s);

	if (r < 0) {
		(void)batch_fail(b, r);
		return false;
	}
	return idmap_find(&b->s->artefacts, digest) != 0;
}

/* ---- writing ----------------------------------------------------------- */

static void pack_claim(struct str *out, uint32_t value, const struct claim *c)
{
	bool place = c->offset || c->length;

	put_varint(out, value);
	str_putc(out, (char)((c->verified ? FLAG_VERIFIED : 0) |
	                     (c->member.n ? FLAG_MEMBER : 0) |
	                     (place ? FLAG_PLACE : 0)));
	if (place) {
		put_varint(out, c->offset);
		put_varint(out, c->length);
	}
	if (c->member.n) {
		put_varint(out, c->member.n);
		str_add(out, c->member);
	}
}

/* Values get their numbers; `values` are those that are claimed. */
static int pack_claims(struct store_batch *b, const struct record *record,
                       struct str *out, struct numbers *values)
{
	str_putc(out, CLAIMS_VERSION);
	for (size_t i = 0; i < record->n_claims; i++) {
		const struct claim *c = &record->claims[i];
		uint32_t number;
		int r = value_number(b, c->attr, c->value, &number);
		if (r < 0)
			return r;
		pack_claim(out, number, c);
		numbers_add(values, number);
	}
	numbers_sort(values);
	return str_failed(out) || values->failed ? -ENOMEM : 0;
}

static int write_artefact(struct store_batch *b, const struct digest *digest,
                          const struct record *record, struct slice claims,
                          const struct numbers *values)
{
	struct store *s = b->s;
	uint32_t id = (uint32_t)s->meta[META_ARTEFACTS] + 1;
	int r = rows_add(&b->artefacts, (struct db_value[]){
		DB_N(id), DB_B(slice_of(digest->bytes, sizeof(digest->bytes))),
		DB_T(slice_str(scopes[record->scope])),
		DB_T(slice_str(kind_name(record->kind))),
		DB_T(slice_str(state_name(record->state))),
		DB_T(slice_str(record->ecosystem)), DB_B(record->name),
		DB_B(record->version), DB_B(record->root), DB_B(claims)});

	for (size_t i = 0; i < values->n && r == 0; i++)
		r = posting_change(b, POSTING_ARTEFACTS_OF, values->v[i], id, true);
	if (r == 0)
		r = idmap_set(&s->artefacts, id, digest);
	s->meta[META_ARTEFACTS] = id;
	return r;
}

static int check_record(const struct digest *digest, const struct record *record,
                        struct err *e)
{
	static const struct digest none;
	struct digest d;

	if (record->n_claims > RECORD_CLAIMS_MAX)
		return err_set(e, -EINVAL, "a record of %zu claims is over the limit "
		               "of %d", record->n_claims, RECORD_CLAIMS_MAX);
	for (size_t i = 0; i < record->n_claims; i++)
		if (record->claims[i].value.n > CLAIM_VALUE_MAX)
			return err_set(e, -EINVAL, "a claim's value of %zu bytes is over "
			               "the limit of %d", record->claims[i].value.n,
			               CLAIM_VALUE_MAX);
	d = store_digest(record);
	if (memcmp(&d, &none, sizeof(d)) == 0)
		return err_sys(e, -ENOMEM, "hashing a record");
	if (memcmp(&d, digest, sizeof(d)) != 0)
		return err_set(e, -EINVAL, "a record of \"%.*s\" has another digest "
		               "than it was given with",
		               record->name.n < 80 ? (int)record->name.n : 80,
		               (const char *)record->name.p);
	return 0;
}

int store_artefact(struct store_batch *b, const struct digest *digest,
                   const struct record *record, struct err *e)
{
	struct numbers values = {0};
	struct str claims = {0};
	int r = check_record(digest, record, e);

	if (r < 0)
		return r;
	if (store_has(b, digest))
		return 0;
	r = b->failed;
	if (r == 0 && b->s->meta[META_ARTEFACTS] >= NUMBER_MAX)
		r = -E2BIG;
	if (r == 0)
		r = pack_claims(b, record, &claims, &values);
	if (r == 0)
		r = write_artefact(b, digest, record, str_slice(&claims), &values);
	numbers_finish(&values);
	str_finish(&claims);
	if (r < 0)
		return store_error(b->s, e, batch_fail(b, r), "storing a record in");
	return 0;
}

/* ---- reading ----------------------------------------------------------- */

static int unpack_claim(struct store *s, struct cursor *c, struct arena *mem,
                        struct claim *ret)
{
	uint64_t number = cursor_varint(c);
	uint8_t flags = cursor_u8(c);
	struct slice value;

	*ret = (struct claim){.verified = flags & FLAG_VERIFIED};
	if (flags & FLAG_PLACE) {
		ret->offset = cursor_varint(c);
		ret->length = cursor_varint(c);
	}
	if (flags & FLAG_MEMBER)
		ret->member = cursor_take(c, cursor_varint(c));
	if (cursor_failed(c) || number > NUMBER_MAX)
		return db_damaged(s->db, "its claims cannot be read");
	int r = value_get(s, (uint32_t)number, &ret->attr, &value);
	if (r < 0)
		return r;
	ret->value = arena_copy(mem, value);
	ret->member = arena_copy(mem, ret->member);
	return ret->value.p && ret->member.p ? 0 : -ENOMEM;
}

/* Claims whose attribute this version does not know are left out. */
static int unpack_claims(struct store *s, struct slice packed, struct arena *mem,
                         struct record *ret)
{
	struct cursor c = cursor_on(packed);
	size_t most = packed.n / CLAIM_BYTES_MIN + 1;
	struct claim *claims;

	if (most > RECORD_CLAIMS_MAX)
		most = RECORD_CLAIMS_MAX;
	claims = arena_zalloc(mem, most, sizeof(*claims));
	if (!claims)
		return -ENOMEM;
	if (cursor_u8(&c) != CLAIMS_VERSION)
		return db_damaged(s->db, "its claims cannot be read");
	while (cursor_left(&c) && ret->n_claims < most) {
		int r = unpack_claim(s, &c, mem, &claims[ret->n_claims]);
		if (r < 0)
			return r;
		ret->n_claims += claims[ret->n_claims].attr != ATTR_COUNT;
	}
	ret->claims = claims;
	return 0;
}

int artefact_values(struct slice claims, struct numbers *ret)
{
	struct cursor c = cursor_on(claims);

	if (cursor_u8(&c) != CLAIMS_VERSION)
		return -EUCLEAN;
	while (cursor_left(&c)) {
		uint64_t number = cursor_varint(&c);
		uint8_t flags = cursor_u8(&c);
		if (flags & FLAG_PLACE) {
			(void)cursor_varint(&c);
			(void)cursor_varint(&c);
		}
		if (flags & FLAG_MEMBER)
			cursor_skip(&c, cursor_varint(&c));
		if (cursor_failed(&c) || number > NUMBER_MAX)
			return -EUCLEAN;
		numbers_add(ret, (uint32_t)number);
	}
	numbers_sort(ret);
	return ret->failed ? -ENOMEM : 0;
}

/* The number of the word in a column, or -1. */
static int word(const struct db_value *v, int (*by_name)(const char *name))
{
	char name[NAME_MAX_BYTES];

	if (v->s.n >= sizeof(name))
		return -1;
	memcpy(name, v->s.p, v->s.n);
	name[v->s.n] = 0;
	return by_name(name);
}

int artefact_unpack(struct store *s, const struct db_value *row,
                    struct arena *mem, struct record *ret)
{
	int scope = word(&row[2], scope_by_name);
	int kind = word(&row[3], kind_by_name);
	int state = word(&row[4], state_by_name);
	const char *ecosystem = ecosystem_by_name(row[5].s);

	if (scope < 0 || kind < 0 || state < 0 || !ecosystem)
		return db_damaged(s->db, "artefact %lld has words that this version "
		                  "does not know", (long long)row[0].n);
	*ret = (struct record){
		.scope = (enum scope)scope,
		.kind = (enum article_kind)kind,
		.state = (enum state)state,
		.ecosystem = ecosystem,
		.name = arena_copy(mem, row[6].s),
		.version = arena_copy(mem, row[7].s),
		.root = arena_copy(mem, row[8].s),
	};
	if (!ret->name.p || !ret->version.p || !ret->root.p)
		return -ENOMEM;
	return unpack_claims(s, row[9].s, mem, ret);
}

int store_record(struct store *s, uint32_t artefact, struct arena *mem,
                 struct record *ret, struct err *e)
{
	const struct db_value *row;
	struct db_rows *rows;
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	r = row_get(s->db, TABLE_ARTEFACT, artefact, &rows, &row);
	if (r > 0) {
		r = artefact_unpack(s, row, mem, ret);
		row_done(s->db, rows);
	} else if (r == 0) {
		r = db_damaged(s->db, "artefact %u is not there", artefact);
	}
	read_end(s);
	return r < 0 ? store_error(s, e, r, "reading an artefact of") : 0;
}
