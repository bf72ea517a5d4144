/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/pkgdb_util.h"

/* Claims of paths in one record, with room left for its other claims. */
enum { OWNED_CLAIMS_MAX = RECORD_CLAIMS_MAX - 64 };

bool pkgdb_root(struct slice path, const char *home, struct slice *ret_root)
{
	struct slice pattern = slice_str(home);

	while (pattern.n > 0) {
		struct slice want = slice_basename(pattern);
		struct slice have = slice_basename(path);
		if (have.n == 0)
			return false;
		if (!slice_eq(want, SLICE("*")) && !slice_eq(want, have))
			return false;
		pattern = slice_dirname(pattern);
		path = slice_dirname(path);
	}
	*ret_root = path;
	return true;
}

enum state pkgdb_state(const struct item *item, bool home)
{
	return home || !item->in_root ? STATE_INSTALLED : STATE_REFERENCED;
}

static struct slice without_outer_slashes(struct slice s)
{
	while (slice_starts(s, SLICE("/")))
		s = slice_from(s, 1);
	while (slice_ends(s, SLICE("/")))
		s.n--;
	return s;
}

/* Appends "/" and the part, unless the part is empty. */
static bool add_part(uint8_t *buf, size_t size, size_t *n, struct slice part)
{
	part = without_outer_slashes(part);
	if (part.n == 0)
		return true;
	if (part.n >= size - *n)
		return false;
	buf[(*n)++] = '/';
	memcpy(buf + *n, part.p, part.n);
	*n += part.n;
	return true;
}

static void claim_path(struct owned *o, struct slice path,
                       const struct claim *where)
{
	struct claim claim = *where;

	if (o->claimed == OWNED_CLAIMS_MAX) {
		sink_record(o->x->out, &o->head);
		o->claimed = 0;
	}
	o->claimed++;
	claim.attr = ATTR_PATH;
	claim.value = path;
	sink_claim(o->x->out, &claim);
}

void owned_path(struct owned *o, struct slice dir, struct slice base,
                const struct claim *where)
{
	uint8_t buf[CLAIM_VALUE_MAX];
	size_t n = 0;

	if (!add_part(buf, sizeof(buf), &n, o->root) ||
	    !add_part(buf, sizeof(buf), &n, dir) ||
	    !add_part(buf, sizeof(buf), &n, base)) {
		o->too_long = true;
		return;
	}
	if (n == 0)
		return;
	sink_owns(o->x->out, slice_of(buf, n));
	if (o->x->item->list_owned)
		claim_path(o, slice_of(buf, n), where);
}
