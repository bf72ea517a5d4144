/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/expect.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"

enum { WAIT_MS = 10000 };

void expect_init(struct expect *x)
{
	*x = (struct expect){.unit = 1, .n_columns = 2};
	arena_init(&x->header, 0);
	arena_init(&x->mem, 0);
}

void expect_finish(struct expect *x)
{
	arena_finish(&x->header);
	arena_finish(&x->mem);
	str_finish(&x->labels);
}

static bool wrong(struct expect *x, const char *why)
{
	x->why = why;
	return false;
}

/* ---- fields ------------------------------------------------------------ */

/* The rest of a quoted field, appended to out. False: it does not end. */
static bool take_quoted(struct slice *rest, struct str *out)
{
	*rest = slice_from(*rest, 1);
	while (rest->n > 0) {
		size_t n = slice_find_byte(*rest, '"');
		str_add(out, slice_first(*rest, n));
		*rest = slice_from(*rest, n);
		if (rest->n == 0)
			return false;
		*rest = slice_from(*rest, 1);
		if (rest->n == 0 || rest->p[0] != '"')
			return rest->n == 0 || rest->p[0] == ',';
		str_putc(out, '"');
		*rest = slice_from(*rest, 1);
	}
	return false;
}

/* Takes one CSV field off the front; what it says is in mem. */
static bool take_field(struct slice *rest, struct arena *mem, struct slice *ret)
{
	struct str text = {0};
	bool good = true;

	if (rest->n == 0 || rest->p[0] != '"') {
		size_t n = slice_find_byte(*rest, ',');
		*ret = slice_trim(slice_first(*rest, n));
		*rest = slice_from(*rest, n);
	} else {
		good = take_quoted(rest, &text) && !str_failed(&text);
		*ret = arena_copy(mem, str_slice(&text));
		good = good && ret->p;
	}
	str_finish(&text);
	return good;
}

/* The fields of a line, which is not empty. */
static bool take_fields(struct expect *x, struct slice line, struct arena *mem,
                        struct slice fields[EXPECT_COLUMNS_MAX], size_t *ret_n)
{
	size_t n = 0;
	bool more = true;

	for (; more; n++) {
		if (n == EXPECT_COLUMNS_MAX)
			return wrong(x, "has too many columns");
		if (!take_field(&line, mem, &fields[n]))
			return wrong(x, "has a quotation mark without an end");
		more = line.n > 0;
		line = slice_from(line, more);
	}
	*ret_n = n;
	return true;
}

/* ---- the header -------------------------------------------------------- */

static bool is_host(struct slice heading)
{
	return slice_eq_nocase(heading, SLICE("host")) ||
	       slice_eq_nocase(heading, SLICE("name"));
}

static bool is_header(const struct slice *fields, size_t n)
{
	bool host = false;

	for (size_t i = 0; i < n; i++)
		host |= is_host(fields[i]);
	return host && n >= 2;
}

/* May the heading be the key of a label, as --where takes one? */
static bool is_key(const struct expect *x, struct slice key, size_t n)
{
	if (key.n == 0 || key.n > EXPECT_KEY_MAX ||
	    slice_find_byte(key, '=') != key.n)
		return false;
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] < ' ' || key.p[i] == 0x7f)
			return false;
	for (size_t i = 0; i < n; i++)
		if (slice_eq(x->keys[i], key))
			return false;
	return true;
}

static bool read_heading(struct expect *x, struct slice heading, size_t at)
{
	size_t *special = is_host(heading) ? &x->host
	                  : slice_eq_nocase(heading, SLICE("unit")) ? &x->unit
	                                                            : NULL;

	x->keys[at] = SLICE("");
	if (special && *special != SIZE_MAX)
		return wrong(x, "has two columns for the same");
	if (special) {
		*special = at;
		return true;
	}
	if (!is_key(x, heading, at))
		return wrong(x, "has a heading that cannot be the key of a label: "
		                "empty, too long, twice, or with = in it");
	x->keys[at] = arena_copy(&x->header, heading);
	return x->keys[at].p || wrong(x, "takes more memory than there is");
}

static bool read_header(struct expect *x, const struct slice *fields, size_t n)
{
	x->host = x->unit = SIZE_MAX;
	x->n_columns = n;
	for (size_t i = 0; i < n; i++)
		if (!read_heading(x, fields[i], i))
			return false;
	return true;
}

/* ---- a host ------------------------------------------------------------ */

/* The labels as the text of a JSON object; "" when there are none. */
static bool write_labels(struct expect *x, const struct slice *fields, size_t n)
{
	str_clear(&x->labels);
	for (size_t i = 0; i < n; i++) {
		if (x->keys[i].n == 0 || fields[i].n == 0)
			continue;
		if (fields[i].n > EXPECT_VALUE_MAX)
			return wrong(x, "has a label that is too long");
		str_puts(&x->labels, x->labels.n ? ", " : "{");
		text_json(&x->labels, x->keys[i]);
		str_puts(&x->labels, ": ");
		text_json(&x->labels, fields[i]);
	}
	if (x->labels.n)
		str_putc(&x->labels, '}');
	return !str_failed(&x->labels) || wrong(x, "takes more memory than there is");
}

static bool read_host(struct expect *x, const struct slice *fields, size_t n,
                      struct store_host *ret)
{
	struct slice name = x->host < n ? fields[x->host] : SLICE("");
	struct slice unit = x->unit < n ? fields[x->unit] : SLICE("");

	if (n > x->n_columns)
		return wrong(x, "has more columns than a header names; without one "
		                "it is NAME or NAME,UNIT");
	if (name.n == 0)
		return wrong(x, "names no host");
	if (name.n > EXPECT_NAME_MAX || unit.n > EXPECT_UNIT_MAX)
		return wrong(x, "has a name or a unit that is too long");
	if (!write_labels(x, fields, n))
		return false;
	*ret = (struct store_host){name, unit, str_slice(&x->labels)};
	return true;
}

bool expect_line(struct expect *x, struct slice line, bool first,
                 struct store_host *ret)
{
	struct slice fields[EXPECT_COLUMNS_MAX];
	size_t n;

	*ret = (struct store_host){0};
	arena_reset(&x->mem);
	line = slice_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return true;
	if (!text_is_utf8(line))
		return wrong(x, "is not UTF-8 text");
	if (!take_fields(x, line, &x->mem, fields, &n))
		return false;
	return first && is_header(fields, n) ? read_header(x, fields, n)
	                                     : read_host(x, fields, n, ret);
}

/* ---- the list ---------------------------------------------------------- */

/* The next line; 0 at the end, -EINVAL when it is too long or holds a NUL. */
static int next_line(FILE *in, char line[static EXPECT_LINE_MAX + 2],
                     struct slice *ret)
{
	if (!fgets(line, EXPECT_LINE_MAX + 2, in))
		return 0;
	*ret = slice_str(line);
	return slice_ends(*ret, SLICE("\n")) || feof(in) ? 1 : -EINVAL;
}

static int64_t read_lines(struct store_batch *batch, FILE *in, struct err *e)
{
	char text[EXPECT_LINE_MAX + 2];
	struct expect x;
	struct store_host host;
	struct slice line;
	int64_t n = 0, number = 0;
	int r;

	expect_init(&x);
	while ((r = next_line(in, text, &line)) != 0) {
		number++;
		if (r < 0)
			x.why = "is too long, or has a NUL byte";
		if (r < 0 || !expect_line(&x, line, number == 1, &host)) {
			r = err_set(e, -EINVAL, "line %lld %s", (long long)number,
			            x.why);
			break;
		}
		if (host.name.n == 0)
			continue;
		r = store_expect(batch, &host, e);
		if (r < 0)
			break;
		n++;
	}
	if (r == 0 && ferror(in))
		r = err_sys(e, -EIO, "reading the list of hosts");
	expect_finish(&x);
	return r < 0 ? r : n;
}

int64_t expect_read(struct store *store, FILE *in, struct err *e)
{
	struct store_batch *batch;
	int r = store_begin(store, WAIT_MS, e, &batch);

	if (r < 0)
		return r;
	int64_t n = read_lines(batch, in, e);
	if (n < 0) {
		store_cancel(batch);
		return n;
	}
	r = store_commit(batch, e);
	return r < 0 ? r : n;
}
