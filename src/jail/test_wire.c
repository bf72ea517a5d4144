/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>

#include "jail/wire.h"

static const struct pack pack = {.n_marks = 3, .n_entities = 2};
static struct wire w;
static struct wire_reply reply;

static const struct jail_hit hit = {
	.mark = 2,
	.head = {.scope = SCOPE_PACKAGE,
	         .kind = ARTICLE_HARDWARE,
	         .state = STATE_RESIDUE,
	         .ecosystem = "deb",
	         .name = SLICE("name"),
	         .version = SLICE("1.0"),
	         .root = SLICE("/a/b")},
	.claim = {.attr = ATTR_PE_COMPANY,
	          .value = SLICE("value\0with nul"),
	          .member = SLICE("in/side"),
	          .offset = UINT64_MAX,
	          .length = 14,
	          .verified = true},
	.parts_known = true,
};

static void clear(void)
{
	w.n = 0;
	w.failed = false;
}

static bool read_back(size_t n)
{
	struct cursor c = cursor_on(slice_of(w.buf, n));
	return wire_get_reply(&c, &pack, &reply) && cursor_left(&c) == 0;
}

static void a_hit_comes_back_as_it_was_sent(void **state)
{
	(void)state;
	clear();
	wire_put_hit(&w, 7, &hit);
	assert_true(read_back(w.n));
	assert_int_equal(reply.type, WIRE_HIT);
	assert_int_equal(reply.item, 7);
	assert_int_equal(reply.hit.mark, 2);
	assert_int_equal(reply.hit.head.scope, SCOPE_PACKAGE);
	assert_int_equal(reply.hit.head.state, STATE_RESIDUE);
	assert_string_equal(reply.hit.head.ecosystem, "deb");
	assert_true(slice_eq(reply.hit.head.root, hit.head.root));
	assert_true(slice_eq(reply.hit.claim.value, hit.claim.value));
	assert_true(slice_eq(reply.hit.claim.member, hit.claim.member));
	assert_true(reply.hit.claim.offset == UINT64_MAX);
	assert_true(reply.hit.claim.verified && reply.hit.parts_known);
}

static void a_cut_message_is_refused_at_every_length(void **state)
{
	(void)state;
	clear();
	wire_put_hit(&w, 7, &hit);
	for (size_t n = 0; n < w.n; n++)
		assert_false(read_back(n));
}

/* Every byte of a hit set to every value: whatever is accepted is in range. */
static void what_is_accepted_is_in_range(void **state)
{
	(void)state;
	clear();
	wire_put_hit(&w, 7, &hit);
	for (size_t i = 0; i < w.n; i++) {
		const uint8_t was = w.buf[i];
		for (int v = 0; v < 256; v++) {
			w.buf[i] = (uint8_t)v;
			if (!read_back(w.n) || reply.type != WIRE_HIT)
				continue;
			assert_true(reply.hit.mark < pack.n_marks);
			assert_true(reply.hit.head.scope < SCOPE_COUNT);
			assert_true(reply.hit.head.kind < ARTICLE_KIND_COUNT);
			assert_true(reply.hit.head.state < STATE_COUNT);
			assert_true(reply.hit.claim.attr < ATTR_COUNT);
			assert_non_null(reply.hit.head.ecosystem);
			assert_true(reply.hit.head.name.n <= RECORD_NAME_MAX);
		}
		w.buf[i] = was;
	}
}

static void a_record_and_its_claims_come_back_as_they_were_sent(void **state)
{
	const struct claim *claim = &hit.claim;

	(void)state;
	clear();
	wire_put_record(&w, 3, &hit.head);
	assert_true(read_back(w.n));
	assert_int_equal(reply.type, WIRE_RECORD);
	assert_int_equal(reply.record.scope, SCOPE_PACKAGE);
	assert_true(slice_eq(reply.record.version, hit.head.version));
	for (size_t n = 0; n < w.n; n++)
		assert_false(read_back(n));
	clear();
	wire_put_claim(&w, 3, claim);
	assert_true(read_back(w.n));
	assert_int_equal(reply.type, WIRE_CLAIM);
	assert_int_equal(reply.claim.attr, ATTR_PE_COMPANY);
	assert_true(slice_eq(reply.claim.value, claim->value));
	assert_true(slice_eq(reply.claim.member, claim->member));
	assert_true(reply.claim.verified && reply.claim.offset == UINT64_MAX);
	for (size_t n = 0; n < w.n; n++)
		assert_false(read_back(n));
}

static void what_was_done_comes_back_as_it_was_sent(void **state)
{
	const struct jail_done how = {.bytes = 7, .extractors = 1ULL << 63,
	                              .program = true};

	(void)state;
	clear();
	wire_put_done(&w, 3, &how);
	assert_true(read_back(w.n));
	assert_int_equal(reply.type, WIRE_DONE);
	assert_true(reply.done.bytes == 7 && reply.done.extractors == 1ULL << 63);
	assert_true(reply.done.program && !reply.done.searched);
	w.buf[w.n - 1] = 4;
	assert_false(read_back(w.n));
}

static void unknown_reasons_and_entities_are_refused(void **state)
{
	(void)state;
	for (int why = 0; why < 256; why++) {
		clear();
		wire_u8(&w, WIRE_UNREAD);
		wire_u32(&w, 1);
		wire_u8(&w, (uint8_t)why);
		wire_text(&w, (struct slice){0});
		assert_int_equal(read_back(w.n), why > 0 && why < WHY_COUNT);
	}
	for (uint32_t entity = 0; entity < 4; entity++) {
		clear();
		wire_u8(&w, WIRE_MENTION);
		wire_u32(&w, 1);
		wire_u32(&w, entity);
		wire_u32(&w, 1);
		assert_int_equal(read_back(w.n), entity < 2);
	}
}

static void a_count_of_hashes_over_the_limit_is_refused(void **state)
{
	(void)state;
	clear();
	wire_u8(&w, WIRE_OWNED);
	wire_u32(&w, 1);
	wire_u16(&w, WIRE_OWNED_MAX + 1);
	for (int i = 0; i < WIRE_OWNED_MAX + 1; i++)
		wire_u64(&w, 1);
	assert_false(w.failed);
	assert_false(read_back(w.n));
}

static void a_packet_that_overflows_says_so(void **state)
{
	(void)state;
	clear();
	for (int i = 0; i < WIRE_PACKET_MAX / 8 + 1; i++)
		wire_u64(&w, 1);
	assert_true(w.failed);
	assert_int_equal(w.n, WIRE_PACKET_MAX);
}

static void a_request_comes_back_as_it_was_sent(void **state)
{
	const struct wire_request_item item = {
		.id = 9, .size = 1ULL << 40, .at = 77, .mode = 0100755, .flags = 5,
		.path = SLICE("/a\nb")};
	struct wire_request_item got;

	(void)state;
	clear();
	wire_put_request_item(&w, &item);
	struct cursor c = cursor_on(slice_of(w.buf, w.n));
	wire_get_request_item(&c, &got);
	assert_false(cursor_failed(&c));
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(got.id, 9);
	assert_true(got.size == item.size && got.mode == item.mode);
	assert_true(got.at == item.at);
	assert_true(slice_eq(got.path, item.path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hit_comes_back_as_it_was_sent),
		cmocka_unit_test(a_cut_message_is_refused_at_every_length),
		cmocka_unit_test(what_is_accepted_is_in_range),
		cmocka_unit_test(
			a_record_and_its_claims_come_back_as_they_were_sent),
		cmocka_unit_test(what_was_done_comes_back_as_it_was_sent),
		cmocka_unit_test(unknown_reasons_and_entities_are_refused),
		cmocka_unit_test(a_count_of_hashes_over_the_limit_is_refused),
		cmocka_unit_test(a_packet_that_overflows_says_so),
		cmocka_unit_test(a_request_comes_back_as_it_was_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
