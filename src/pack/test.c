/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/reader.h"

#include <assert.h>

#include "base/text.h"

/* Shorter markers are met by chance; longer ones only cost memory. */
enum { BYTES_MIN = 7, BYTES_MAX = 1024, DOMAIN_MAX = 253 };

static_assert(ATTR_COUNT <= 128, "struct attrs holds 128 attributes");

static void add_attr(struct reader *r, const struct node *node,
                     struct test_draft *draft)
{
	struct slice name = read_slice(r, node);
	if (name.n == 0)
		return;
	int attr = attr_by_name((const char *)name.p);
	if (attr < 0) {
		read_problem(r, node, "unknown attribute \"%.60s\"",
		             (const char *)name.p);
		return;
	}
	if (attr_of_inventory((enum attr)attr)) {
		read_problem(r, node, "\"%s\" is claimed by the inventory alone; no "
		             "mark can test it", attr_name((enum attr)attr));
		return;
	}
	if (!draft->attr_ok)
		draft->first = (enum attr)attr;
	draft->attr_ok = true;
	draft->test->attrs.bits[attr / 64] |= (uint64_t)1 << (attr % 64);
}

void test_read_attr(struct reader *r, const struct node *node, void *object,
                    const struct key *key)
{
	struct test_draft *draft = object;
	struct cell single;
	size_t n;

	(void)key;
	draft->attr_node = node;
	for (const struct cell *c = read_items(r, node, &single, &n); c; c = c->next)
		add_attr(r, c->value, draft);
}

/* Host names are compared label by label, so nothing else may stand there. */
static const char *domain_fault(struct slice s)
{
	struct slice label;

	if (s.n > DOMAIN_MAX)
		return "a domain is at most 253 bytes long";
	if (s.p[s.n - 1] == '.')
		return "a domain is written without a dot at its end";
	while (slice_split(&s, '.', &label)) {
		if (label.n == 0)
			return "a domain has no empty label (and no dot in front)";
		for (size_t i = 0; i < label.n; i++) {
			uint8_t c = label.p[i];
			if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
			    c != '-')
				return "a domain is lower-case letters, digits, \"-\" "
				       "and dots: no scheme, port, path or wildcard";
		}
	}
	return NULL;
}

void test_read_values(struct reader *r, const struct node *node, void *object,
                      const struct key *key)
{
	struct test_draft *draft = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);
	struct slice *values = reader_alloc(r, n, sizeof(*values));

	draft->test_node = node;
	draft->n_kinds++;
	draft->test->kind = (enum test_kind)key->tag;
	draft->test->values = values;
	draft->test->n_values = 0;
	for (; values && c; c = c->next) {
		struct slice s = read_slice(r, c->value);
		const char *fault =
			s.n && key->tag == TEST_DOMAIN ? domain_fault(s) : NULL;
		if (fault)
			read_problem(r, c->value, "%s", fault);
		else if (s.n)
			values[draft->test->n_values++] = s;
	}
}

/* A number, hexadecimal when it starts with 0x; 0 is returned for neither. */
static unsigned number(struct slice s, uint64_t *ret)
{
	bool hex = slice_starts(s, SLICE("0x"));
	unsigned base = hex ? 16 : 10;

	return slice_number(hex ? slice_from(s, 2) : s, (int)base, ret) < 0 ? 0 : base;
}

/* The two ends of "low-high" or [low, high]; false when it is neither. */
static bool range_ends(struct reader *r, const struct node *node, struct slice *low,
                       struct slice *high)
{
	if (node->kind == NODE_LIST && node->n == 2) {
		*low = read_slice(r, node->first->value);
		*high = read_slice(r, node->first->next->value);
		return true;
	}
	if (node->kind != NODE_TEXT)
		return false;
	size_t dash = slice_find_byte(node->text, '-');
	*low = slice_trim(slice_first(node->text, dash));
	*high = slice_trim(slice_from(node->text, dash + 1));
	return dash < node->text.n;
}

void test_read_range(struct reader *r, const struct node *node, void *object,
                     const struct key *key)
{
	struct test_draft *draft = object;
	struct test *t = draft->test;
	struct slice low, high;

	draft->test_node = node;
	draft->n_kinds++;
	t->kind = (enum test_kind)key->tag;
	if (!range_ends(r, node, &low, &high)) {
		read_problem(r, node, "a range is [low, high] or \"low-high\"");
		return;
	}
	t->base = number(low, &t->low);
	unsigned base = number(high, &t->high);
	if (!t->base || !base)
		read_problem(r, node, "the ends of a range must be numbers");
	else if (t->base != base)
		read_problem(r, node, "write both ends of a range with 0x, or none");
	else if (t->low > t->high)
		read_problem(r, node, "the range ends before it begins");
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* "4b 61 73" or "4b6173"; white space only between whole bytes. */
static struct slice from_hex(struct reader *r, const struct node *node)
{
	struct slice s = read_slice(r, node);
	uint8_t *out = reader_alloc(r, s.n / 2 + 1, 1);
	size_t n = 0;

	for (size_t i = 0; out && i < s.n;) {
		if (s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\t') {
			i++;
			continue;
		}
		int high = hex_digit(s.p[i]);
		int low = i + 1 < s.n ? hex_digit(s.p[i + 1]) : -1;
		if (high < 0 || low < 0) {
			read_problem(r, node, "hex must be pairs of hexadecimal digits");
			return (struct slice){0};
		}
		out[n++] = (uint8_t)(high << 4 | low);
		i += 2;
	}
	return slice_of(out, n);
}

static void put_unit(uint8_t *out, size_t *n, uint32_t unit)
{
	out[(*n)++] = (uint8_t)(unit & 0xff);
	out[(*n)++] = (uint8_t)(unit >> 8);
}

static struct slice to_utf16le(struct reader *r, struct slice s)
{
	/* at most two bytes for each byte of UTF-8 */
	uint8_t *out = reader_alloc(r, s.n, 2);
	size_t n = 0;

	while (out && s.n) {
		uint32_t rune = 0;
		size_t length = text_rune(s, &rune);
		if (length == 0)
			break;
		s = slice_from(s, length);
		if (rune >= 0x10000) {
			put_unit(out, &n, 0xd800 + ((rune - 0x10000) >> 10));
			put_unit(out, &n, 0xdc00 + ((rune - 0x10000) & 0x3ff));
		} else {
			put_unit(out, &n, rune);
		}
	}
	return slice_of(out, n);
}

struct bytes_draft {
	const struct node *hex, *text;
	unsigned utf16;
};

static int bool_by_name(const char *name)
{
	return strcmp(name, "true") == 0 ? 1 : strcmp(name, "false") == 0 ? 0 : -1;
}

static const struct key bytes_keys[] = {
	{.name = "hex", .read = read_node, .at = offsetof(struct bytes_draft, hex)},
	{.name = "text", .read = read_node, .at = offsetof(struct bytes_draft, text)},
	{.name = "utf16", .read = read_word, .at = offsetof(struct bytes_draft, utf16),
	 .by_name = bool_by_name, .words = "true, false"},
};

bool test_is_bytes(const struct node *node)
{
	return node->kind == NODE_MAP &&
	       (node_get(node, "hex") || node_get(node, "text"));
}

struct slice test_bytes(struct reader *r, const struct node *node)
{
	struct bytes_draft d = {0};

	if (node->kind == NODE_TEXT)
		return read_slice(r, node);
	if (!read_map(r, node, "a byte marker", bytes_keys, COUNT_OF(bytes_keys), &d))
		return (struct slice){0};
	if (!d.hex == !d.text) {
		read_problem(r, node, "a byte marker needs either hex or text");
		return (struct slice){0};
	}
	if (d.hex)
		return from_hex(r, d.hex);
	struct slice s = read_slice(r, d.text);
	return d.utf16 ? to_utf16le(r, s) : s;
}

void test_read_bytes(struct reader *r, const struct node *node, void *object,
                     const struct key *key)
{
	struct test_draft *draft = object;
	struct cell single;
	size_t n;
	const struct cell *c = read_items(r, node, &single, &n);
	struct slice *values = reader_alloc(r, n, sizeof(*values));

	draft->test_node = node;
	draft->n_kinds++;
	draft->test->kind = (enum test_kind)key->tag;
	draft->test->values = values;
	draft->test->n_values = 0;
	for (; values && c; c = c->next) {
		struct slice s = test_bytes(r, c->value);
		if (s.n && s.n < BYTES_MIN)
			read_problem(r, c->value, "a byte marker of %zu bytes: under 7 "
			             "it is met by chance", s.n);
		else if (s.n && s.p[0] == 0) /* the search engine takes none */
			read_problem(r, c->value, "a byte marker cannot begin with a "
			             "zero byte: leave it out");
		else if (s.n > BYTES_MAX)
			read_problem(r, c->value, "a byte marker is at most 1024 bytes");
		else if (s.n)
			values[draft->test->n_values++] = s;
	}
}

bool test_new(struct reader *r, struct test_draft *draft)
{
	*draft = (struct test_draft){.test = reader_alloc(r, 1, sizeof(struct test))};
	return draft->test != NULL;
}

void test_check(struct reader *r, const struct node *node,
                const struct test_draft *d)
{
	if (d->n_kinds != 1) {
		read_problem(r, node, d->n_kinds ? "it has %u tests, where one must be"
		                                 : "it has %u tests: one of exact, name, "
		                                   "words, prefix, glob, regex, domain, "
		                                   "identifier, range, bytes must be there",
		             d->n_kinds);
		return;
	}
	if (!d->attr_ok)
		return;
	struct attrs others = d->test->attrs;
	others.bits[ATTR_FILE_BYTES / 64] &=
		~((uint64_t)1 << (ATTR_FILE_BYTES % 64));
	bool only_others = !attrs_has(d->test->attrs, ATTR_FILE_BYTES);
	bool has_others = others.bits[0] || others.bits[1];
	if (d->test->kind == TEST_BYTES && has_others)
		read_problem(r, d->attr_node, "bytes only tests the attribute file.bytes");
	if (d->test->kind != TEST_BYTES && !only_others)
		read_problem(r, d->attr_node,
		             "the attribute file.bytes is only tested by bytes");
}

static const struct key claim_keys[] = {TEST_KEYS};

void test_read_list(struct reader *r, const struct node *node, void *object,
                    const struct key *key)
{
	struct cell single;
	size_t n, *count = (size_t *)((uint8_t *)object + key->at_n);
	const struct cell *c = read_items(r, node, &single, &n);
	struct test **list = reader_alloc(r, n, sizeof(struct test *));

	if (!list)
		return;
	*(struct test ***)((uint8_t *)object + key->at) = list;
	*count = 0;
	for (; c; c = c->next) {
		struct test_draft d;
		if (!test_new(r, &d))
			return;
		list[(*count)++] = d.test;
		if (read_map(r, c->value, "a second claim", claim_keys,
		             COUNT_OF(claim_keys), &d))
			test_check(r, c->value, &d);
	}
}
