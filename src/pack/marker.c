/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/str.h"
#include "pack/pack.h"

enum { DIGEST_BYTES = 16 };

struct values {
	struct slice *list; /* room for all */
	size_t n;
};

/* ---- the values of a mark ---------------------------------------------- */

static size_t n_of(const struct test *test)
{
	return test && test->kind == TEST_BYTES ? test->n_values : 0;
}

static size_t n_of_all(struct test *const *tests, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += n_of(tests[i]);
	return sum;
}

static void add(struct values *to, const struct test *test)
{
	for (size_t i = 0; i < n_of(test); i++)
		to->list[to->n++] = test->values[i];
}

static void add_all(struct values *to, struct test *const *tests, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(to, tests[i]);
}

static int by_bytes(const void *x, const void *y)
{
	const struct slice *a = x, *b = y;
	return slice_cmp(*a, *b);
}

/* ---- their digest ------------------------------------------------------ */

static void write_values(const struct values *values, struct str *out)
{
	for (size_t i = 0; i < values->n; i++) {
		const uint64_t n = htole64(values->list[i].n);
		if (i > 0 && slice_eq(values->list[i - 1], values->list[i]))
			continue;
		str_add(out, slice_of(&n, sizeof(n)));
		str_add(out, values->list[i]);
	}
}

static int write_digest(const struct str *bytes, char ret[33])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sha[EVP_MAX_MD_SIZE];

	if (str_failed(bytes) ||
	    EVP_Digest(bytes->p, bytes->n, sha, NULL, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		ret[2 * i] = digits[sha[i] >> 4];
		ret[2 * i + 1] = digits[sha[i] & 15];
	}
	ret[2 * DIGEST_BYTES] = 0;
	return 1;
}

int pack_marker_digest(const struct mark *mark, char ret[33])
{
	const size_t most = n_of(mark->test) + n_of_all(mark->all, mark->n_all) +
	                    n_of_all(mark->any, mark->n_any) +
	                    n_of_all(mark->unless, mark->n_unless);
	struct values values = {0};
	struct str bytes = {0};

	ret[0] = 0;
	if (most == 0)
		return 0;
	values.list = calloc(most, sizeof(*values.list));
	if (!values.list)
		return -ENOMEM;
	add(&values, mark->test);
	add_all(&values, mark->all, mark->n_all);
	add_all(&values, mark->any, mark->n_any);
	add_all(&values, mark->unless, mark->n_unless);
	qsort(values.list, values.n, sizeof(*values.list), by_bytes);
	write_values(&values, &bytes);
	int r = write_digest(&bytes, ret);
	str_finish(&bytes);
	free(values.list);
	return r;
}
