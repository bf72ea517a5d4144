/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hosts the answer is about: all, or those that --where names by name,
 * by unit or by label. Several values of one key: any of them; several keys:
 * each.
 */
#include <errno.h>
#include <jansson.h>

#include "map/state.h"

/* ---- units ------------------------------------------------------------- */

static struct slice without_slashes(struct slice path)
{
	while (path.n > 0 && path.p[0] == '/')
		path = slice_from(path, 1);
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

/* Is it that unit, or below it? Below none is only none. */
static bool unit_is_in(struct slice unit, struct slice path)
{
	unit = without_slashes(unit);
	path = without_slashes(path);
	return slice_starts(unit, path) &&
	       (unit.n == path.n || (path.n > 0 && unit.p[path.n] == '/'));
}

static bool is_unit(const struct map_where *w)
{
	return slice_eq(w->key, SLICE("unit"));
}

static bool is_host(const struct map_where *w)
{
	return slice_eq(w->key, SLICE("host"));
}

static bool is_label(const struct map_where *w)
{
	return !is_unit(w) && !is_host(w);
}

/* The hosts of these names; one that is not known adds none. */
static int choose_hosts(struct map *m, struct err *e)
{
	for (size_t i = 0; i < m->args.n_where; i++) {
		uint32_t host;
		if (!is_host(&m->args.where[i]))
			continue;
		m->by_name = true;
		int r = store_host_number(m->args.store, m->args.where[i].value, &host, e);
		if (r == 0 && host != 0)
			r = set_put(&m->named, host);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Says of each unit whether it may be; NULL stays when none was named. */
static int choose_units(struct map *m)
{
	bool named = false;

	for (size_t i = 0; i < m->args.n_where; i++)
		named |= is_unit(&m->args.where[i]);
	if (!named)
		return 0;
	m->units_within = arena_zalloc(&m->mem, m->n_unit_names,
	                               sizeof(*m->units_within));
	if (!m->units_within)
		return -ENOMEM;
	for (size_t u = 0; u < m->n_unit_names; u++)
		for (size_t i = 0; i < m->args.n_where; i++)
			m->units_within[u] |=
				is_unit(&m->args.where[i]) &&
				unit_is_in(m->unit_names[u], m->args.where[i].value);
	return 0;
}

/* ---- labels ------------------------------------------------------------ */

/* Has one of the labels the key with that value? */
static bool has_label(json_t *labels, const struct map_where *w)
{
	const char *key;
	json_t *value;

	json_object_foreach(labels, key, value) {
		const struct slice text = slice_of(json_string_value(value),
		                                   json_string_length(value));
		if (slice_eq(slice_str(key), w->key) && json_is_string(value) &&
		    slice_eq(text, w->value))
			return true;
	}
	return false;
}

/* Is a condition with this key met, the first one or one of the others? */
static bool is_met(const struct map *m, json_t *labels, size_t first)
{
	const struct map_where *where = m->args.where;

	for (size_t i = first; i < m->args.n_where; i++)
		if (slice_eq(where[i].key, where[first].key) &&
		    has_label(labels, &where[i]))
			return true;
	return false;
}

static bool is_first(const struct map *m, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (slice_eq(m->args.where[i].key, m->args.where[at].key))
			return false;
	return true;
}

static int on_labels(void *ctx, uint32_t host, struct slice text)
{
	struct map *m = ctx;
	json_t *labels = json_loadb((const char *)text.p, text.n, 0, NULL);
	bool within = true;

	for (size_t i = 0; i < m->args.n_where && within; i++)
		if (is_label(&m->args.where[i]) && is_first(m, i))
			within = is_met(m, labels, i);
	json_decref(labels);
	return within ? set_put(&m->labelled, host) : 0;
}

/* ---- all --------------------------------------------------------------- */

int map_choose(struct map *m, struct err *e)
{
	for (size_t i = 0; i < m->args.n_where; i++)
		m->by_label |= is_label(&m->args.where[i]);
	int r = store_unit_names(m->args.store, &m->mem, &m->unit_names,
	                         &m->n_unit_names, e);
	if (r < 0)
		return r;
	if (choose_units(m) < 0)
		return err_sys(e, -ENOMEM, "choosing hosts");
	r = choose_hosts(m, e);
	if (r == 0 && m->by_label)
		r = store_labels(m->args.store, on_labels, m, e);
	return r == -ENOMEM ? err_sys(e, r, "choosing hosts") : r;
}

bool map_within(const struct map *m, uint32_t host, uint64_t unit)
{
	if (m->units_within && (unit >= m->n_unit_names || !m->units_within[unit]))
		return false;
	return (!m->by_label || set_has(&m->labelled, host)) &&
	       (!m->by_name || set_has(&m->named, host));
}
