/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two editions of packs, compared by what `orders list --format json` says of
 * them, so that whatever is said of an order is compared too:
 *
 *     ~ order us-x: scope.in-part.is: "excluded", now "included"
 *     + order us-y: Title
 *     - entity z: Name
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/text.h"
#include "cmd/orders_print.h"

enum { PATH_DEPTH_MAX = 12, VALUE_SHOWN_MAX = 200 };

struct diff {
	struct str *out;
	const char *kind, *id;
	struct str path;
	size_t lines;
	unsigned depth;
	bool failed;
};

static json_t *parsed(const struct pack *pack)
{
	struct str text = {0};
	json_t *root = NULL;

	orders_print_json(&text, pack);
	if (!str_failed(&text))
		root = json_loadb((const char *)text.p, text.n, 0, NULL);
	str_finish(&text);
	return root;
}

/* ---- lines ------------------------------------------------------------- */

static void show(struct diff *d, const char *text)
{
	const struct slice s = slice_str(text);

	text_show(d->out, slice_first(s, VALUE_SHOWN_MAX));
	str_puts(d->out, s.n > VALUE_SHOWN_MAX ? "..." : "");
}

static void show_value(struct diff *d, const json_t *v)
{
	char *text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);

	if (text)
		show(d, text);
	else
		d->failed = true;
	free(text);
}

static void line(struct diff *d, char sign)
{
	str_printf(d->out, "%c %s %s: ", sign, d->kind, d->id);
	d->lines++;
}

static void came_or_went(struct diff *d, const json_t *thing, char sign)
{
	const json_t *name = json_object_get(thing, "title");

	line(d, sign);
	show(d, json_string_value(name ? name : json_object_get(thing, "name")));
	str_putc(d->out, '\n');
}

static void changed(struct diff *d, const json_t *old, const json_t *new)
{
	line(d, '~');
	str_add(d->out, str_slice(&d->path));
	str_puts(d->out, ": ");
	if (old)
		show_value(d, old);
	else
		str_puts(d->out, "nothing");
	str_puts(d->out, ", now ");
	if (new)
		show_value(d, new);
	else
		str_puts(d->out, "nothing");
	str_putc(d->out, '\n');
}

/* ---- values ------------------------------------------------------------ */

static void compare(struct diff *d, const json_t *old, const json_t *new);

static void step(struct diff *d, const char *name, const json_t *old, const json_t *new)
{
	const size_t before = d->path.n;

	str_printf(&d->path, "%s%s", before ? "." : "", name);
	compare(d, old, new);
	d->path.n = before;
}

/* What tells an item of a list: its id, else its name. */
static const char *key_of(const json_t *item)
{
	const char *id = json_string_value(json_object_get(item, "id"));

	return id ? id : json_string_value(json_object_get(item, "name"));
}

static bool keyed(const json_t *list)
{
	return json_array_size(list) > 0 && key_of(json_array_get(list, 0));
}

static const json_t *with_key(const json_t *list, const char *key)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *other = key_of(json_array_get(list, i));
		if (other && strcmp(other, key) == 0)
			return json_array_get(list, i);
	}
	return NULL;
}

static void compare_lists(struct diff *d, const json_t *old, const json_t *new)
{
	for (size_t i = 0; i < json_array_size(old); i++) {
		const json_t *item = json_array_get(old, i);
		if (key_of(item))
			step(d, key_of(item), item, with_key(new, key_of(item)));
	}
	for (size_t i = 0; i < json_array_size(new); i++) {
		const json_t *item = json_array_get(new, i);
		if (key_of(item) && !with_key(old, key_of(item)))
			step(d, key_of(item), NULL, item);
	}
}

static void compare_objects(struct diff *d, const json_t *old, const json_t *new)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)old, key, value)
		step(d, key, value, json_object_get(new, key));
	json_object_foreach((json_t *)(uintptr_t)new, key, value)
		if (!json_object_get(old, key))
			step(d, key, NULL, value);
}

static void compare(struct diff *d, const json_t *old, const json_t *new)
{
	if (old && new && json_equal(old, new))
		return;
	if (d->depth == PATH_DEPTH_MAX || !old || !new) {
		changed(d, old, new);
		return;
	}
	d->depth++;
	if (json_is_object(old) && json_is_object(new))
		compare_objects(d, old, new);
	else if (json_is_array(old) && json_is_array(new) && (keyed(old) || keyed(new)))
		compare_lists(d, old, new);
	else
		changed(d, old, new);
	d->depth--;
}

/* ---- things ------------------------------------------------------------ */

static void compare_things(struct diff *d, const char *kind, const json_t *old,
                           const json_t *new)
{
	d->kind = kind;
	for (size_t i = 0; i < json_array_size(old); i++) {
		const json_t *thing = json_array_get(old, i);
		const json_t *now = with_key(new, d->id = key_of(thing));
		str_clear(&d->path);
		if (now)
			compare(d, thing, now);
		else
			came_or_went(d, thing, '-');
	}
	for (size_t i = 0; i < json_array_size(new); i++) {
		const json_t *thing = json_array_get(new, i);
		d->id = key_of(thing);
		if (!with_key(old, d->id))
			came_or_went(d, thing, '+');
	}
}

int orders_diff(struct str *out, const struct pack *old, const struct pack *new,
                size_t *ret_lines)
{
	json_t *before = parsed(old), *after = parsed(new);
	struct diff d = {.out = out, .failed = !before || !after};

	if (!d.failed) {
		compare_things(&d, "order", json_object_get(before, "orders"),
		               json_object_get(after, "orders"));
		compare_things(&d, "entity", json_object_get(before, "entities"),
		               json_object_get(after, "entities"));
	}
	json_decref(before);
	json_decref(after);
	d.failed |= str_failed(&d.path) || str_failed(out);
	str_finish(&d.path);
	*ret_lines = d.lines;
	return d.failed ? -ENOMEM : 0;
}
