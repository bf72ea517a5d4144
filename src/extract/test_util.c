/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/test_util.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "base/text.h"
#include "extract/sink.h"

enum { TEST_ARENA_BYTES = 64 * 1024 * 1024 };

static const char *const scopes[SCOPE_COUNT] = {
	[SCOPE_ITEM] = "item",     [SCOPE_PACKAGE] = "package",
	[SCOPE_PART] = "part",     [SCOPE_FOLDER] = "folder",
	[SCOPE_SETUP] = "setup",
};

static void add_field(struct str *out, const char *name, struct slice value)
{
	if (value.n == 0)
		return;
	str_printf(out, " %s=", name);
	text_show(out, value);
}

static void add_head(struct str *out, const struct record *r)
{
	str_printf(out, "%s %s", scopes[r->scope], state_name(r->state));
	if (r->ecosystem && *r->ecosystem)
		str_printf(out, " %s", r->ecosystem);
	if (r->kind != ARTICLE_SOFTWARE)
		str_printf(out, " kind=%s", kind_name(r->kind));
	add_field(out, "name", r->name);
	add_field(out, "version", r->version);
	add_field(out, "root", r->root);
	str_putc(out, '\n');
}

/* A word about a claim that does not point at what it says, or NULL. */
static const char *misplaced(struct slice bytes, const struct claim *c)
{
	if (c->length == 0 || c->member.n > 0)
		return NULL;
	if (c->offset > bytes.n || c->length > bytes.n - c->offset)
		return "OUTSIDE";
	if (c->length == c->value.n &&
	    memcmp(bytes.p + c->offset, c->value.p, c->value.n) != 0)
		return "DIFFERS";
	return NULL;
}

static void add_claim(struct collected *to, const struct claim *c)
{
	struct str *out = &to->text;

	str_printf(out, "  %s=", attr_name(c->attr));
	text_show(out, c->value);
	if (c->length)
		str_printf(out, " @%llu+%llu", (unsigned long long)c->offset,
		           (unsigned long long)c->length);
	if (c->verified)
		str_puts(out, " verified");
	add_field(out, "member", c->member);
	const char *word = misplaced(to->bytes, c);
	if (word)
		str_printf(out, " %s", word);
	str_putc(out, '\n');
}

static void on_record(void *ctx, const struct record *record)
{
	struct collected *c = ctx;

	c->records++;
	c->claims += record->n_claims;
	if (c->quiet)
		return;
	add_head(&c->text, record);
	for (size_t i = 0; i < record->n_claims; i++)
		add_claim(c, &record->claims[i]);
	if (c->owns.n)
		str_add(&c->text, str_slice(&c->owns));
	str_clear(&c->owns);
}

static void on_owns(void *ctx, const struct record *owner, struct slice path)
{
	struct collected *c = ctx;

	(void)owner;
	c->owned++;
	if (c->quiet)
		return;
	str_puts(&c->owns, "  owns ");
	text_show(&c->owns, path);
	str_putc(&c->owns, '\n');
}

static void on_unread(void *ctx, enum why why, struct slice member)
{
	struct collected *c = ctx;

	c->unread++;
	if (c->quiet)
		return;
	str_printf(&c->text, "unread %s", why_name(why));
	add_field(&c->text, "member", member);
	str_putc(&c->text, '\n');
}

static void add_error(struct collected *c, int error)
{
	/* Linux has one number for two names; this is the one we write. */
	const char *name = error == -ENOTSUP ? "ENOTSUP"
	                                     : strerrorname_np(-error);

	str_printf(&c->text, "error %s\n", name ? name : "unknown");
}

int collect_input(const struct extractor *x, const struct item *item,
                  struct input *in, struct collected *c)
{
	struct arena mem;
	struct sink *sink = sink_new(&(struct sink_args){
		.ctx = c,
		.on_record = on_record,
		.on_owns = on_owns,
		.on_unread = on_unread,
	});

	assert_non_null(sink);
	arena_init(&mem, TEST_ARENA_BYTES);
	int r = x->run(&(struct extraction){
		.item = item,
		.in = in,
		.mem = &mem,
		.out = sink,
	});
	sink_flush(sink);
	sink_free(sink);
	arena_finish(&mem);
	if (r < 0)
		add_error(c, r);
	if (c->owns.n)
		str_printf(&c->text, "of no record:\n%s", c->owns.p);
	str_finish(&c->owns);
	assert_false(str_failed(&c->text));
	return r;
}

int collect(const struct extractor *x, const struct item *item,
            struct slice bytes, struct collected *c)
{
	struct input in = input_of_memory(bytes);

	c->bytes = bytes;
	return collect_input(x, item, &in, c);
}

char *extract_item_to_text(const struct extractor *x, const struct item *item,
                           struct slice bytes)
{
	struct collected c = {0};

	str_puts(&c.text, "");
	(void)collect(x, item, bytes, &c);
	return c.text.p;
}

char *extract_to_text(const struct extractor *x, const char *path,
                      struct slice bytes, bool in_root)
{
	struct item item = {
		.path = slice_str(path),
		.mode = 0100644,
		.in_root = in_root,
	};

	return extract_item_to_text(x, &item, bytes);
}

/* Keeps what test_bytes handed out reachable for the leak checker. */
static void keep_until_exit(void *p)
{
	static void **kept;
	static size_t n;

	void **more = realloc(kept, (n + 1) * sizeof(*kept));
	assert_non_null(more);
	kept = more;
	kept[n++] = p;
}

struct slice test_bytes(const char *path)
{
	struct str all = {0};
	char buf[65536];
	size_t n;

	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("%s cannot be opened", path);
	str_puts(&all, "");
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		str_add(&all, slice_of(buf, n));
	assert_int_equal(ferror(f), 0);
	(void)fclose(f);
	assert_false(str_failed(&all));
	keep_until_exit(all.p);
	return str_slice(&all);
}

/* One component against a pattern in which "*" is any run of bytes. */
static bool component_fits(struct slice pattern, struct slice text)
{
	size_t n = slice_find_byte(pattern, '*');

	if (n == pattern.n)
		return slice_eq(pattern, text);
	if (!slice_starts(text, slice_first(pattern, n)))
		return false;
	for (size_t i = n; i <= text.n; i++) {
		if (component_fits(slice_from(pattern, n + 1),
		                   slice_from(text, i)))
			return true;
	}
	return false;
}

static bool path_fits(struct slice pattern, struct slice path)
{
	bool anchored = slice_starts(pattern, SLICE("/"));

	while (pattern.n > 0) {
		if (path.n == 0 || !component_fits(slice_basename(pattern),
		                                   slice_basename(path)))
			return false;
		pattern = slice_dirname(pattern);
		path = slice_dirname(path);
	}
	return !anchored || path.n == 0;
}

bool test_probes(const struct extractor *x, const char *path,
                 struct slice bytes)
{
	for (size_t i = 0; i < EXTRACTOR_PROBES_MAX; i++) {
		const struct probe *p = &x->probes[i];
		if (!p->magic && !p->path)
			break;
		if (p->path && !path_fits(slice_str(p->path), slice_str(path)))
			continue;
		if (p->magic &&
		    !slice_starts(slice_from(bytes, p->at),
		                  slice_of(p->magic, p->magic_n)))
			continue;
		return true;
	}
	return false;
}

void expect_text(char *text, const char *expected)
{
	if (strcmp(text, expected) != 0) {
		print_error("got:\n");
		(void)fputs(text, stderr);
		print_error("expected:\n");
		(void)fputs(expected, stderr);
		fail();
	}
	free(text);
}
