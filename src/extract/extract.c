/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All probes of all extractors, merged once into lists that an item's name and
 * first bytes lead to, so that picking costs a few comparisons per item and
 * not one per probe. A probe with a path stands in the list of
 *   its last component              "var/lib/dpkg/status", "package.json"
 *   the last byte of it             "*.pem"
 *   the first byte of it            "LICENSE*"
 *   the component before it         "etc/cron.d/" and a star
 * and one without a path in that of its magic's first byte.
 */
#include "extract/extract.h"

#include <errno.h>
#include <iconv.h>
#include <jansson.h>
#include <locale.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

enum { PROBES_MAX = 512, NAME_BUCKETS = 256 };

struct entry {
	const struct extractor *extractor;
	const struct probe *probe;
	struct slice path; /* the probe's pattern */
	struct entry *next;
};

static struct {
	struct entry entries[PROBES_MAX];
	size_t n;
	struct entry *by_name[NAME_BUCKETS], *by_parent[NAME_BUCKETS];
	struct entry *by_end[256], *by_begin[256], *by_byte[256];
	struct entry *elsewhere; /* magic that is not at offset 0 */
} table;

static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static size_t name_bucket(struct slice name)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ name.p[i]) * 16777619u;
	return h % NAME_BUCKETS;
}

static void chain(struct entry **list, struct entry *e)
{
	/* at the end, so that the order of the extractors is kept */
	while (*list)
		list = &(*list)->next;
	*list = e;
}

static void add_path(struct entry *e)
{
	const struct slice last = slice_basename(e->path);
	const struct slice parent = slice_basename(slice_dirname(e->path));

	if (slice_find_byte(last, '*') == last.n)
		chain(&table.by_name[name_bucket(last)], e);
	else if (last.p[last.n - 1] != '*')
		chain(&table.by_end[last.p[last.n - 1]], e);
	else if (last.p[0] != '*')
		chain(&table.by_begin[last.p[0]], e);
	else
		chain(&table.by_parent[name_bucket(parent)], e);
}

static void make_table(void)
{
	for (size_t i = 0; extractors[i]; i++)
		for (size_t k = 0; k < EXTRACTOR_PROBES_MAX; k++) {
			const struct probe *p = &extractors[i]->probes[k];
			if (!p->path && !p->magic)
				break;
			if (table.n == PROBES_MAX)
				return; /* test_extract.c sees that they fit */
			struct entry *e = &table.entries[table.n++];
			*e = (struct entry){extractors[i], p, slice_str(p->path), NULL};
			if (p->path)
				add_path(e);
			else if (p->at == 0)
				chain(&table.by_byte[(uint8_t)p->magic[0]], e);
			else
				chain(&table.elsewhere, e);
		}
}

/* Does text match a pattern in which "*" stands for any run of bytes? */
static bool component_matches(struct slice pattern, struct slice text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, from = 0;

	while (t < text.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = t;
		} else if (p < pattern.n && pattern.p[p] == text.p[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

/* Component by component from the end; a leading "/" wants both to end. */
static bool path_matches(struct slice pattern, struct slice path)
{
	const bool anchored = pattern.n > 0 && pattern.p[0] == '/';

	if (anchored)
		pattern = slice_from(pattern, 1);
	while (pattern.n > 0) {
		if (path.n == 0 || !component_matches(slice_basename(pattern),
		                                      slice_basename(path)))
			return false;
		pattern = slice_dirname(pattern);
		path = slice_dirname(path);
	}
	return !anchored || path.n == 0;
}

static bool magic_holds(const struct probe *p, struct slice head)
{
	return !p->magic ||
	       slice_starts(slice_from(head, p->at), slice_of(p->magic, p->magic_n));
}

struct picked {
	const struct extractor **list;
	size_t n;
};

static void pick(struct picked *picked, const struct entry *e,
                 const struct item *item, struct slice head)
{
	for (size_t i = 0; i < picked->n; i++)
		if (picked->list[i] == e->extractor)
			return;
	if (picked->n < EXTRACT_PICK_MAX && magic_holds(e->probe, head) &&
	    path_matches(e->path, item->path))
		picked->list[picked->n++] = e->extractor;
}

static void pick_all(struct picked *picked, const struct entry *e,
                     const struct item *item, struct slice head)
{
	for (; e; e = e->next)
		pick(picked, e, item, head);
}

size_t extract_pick(const struct item *item, struct slice head,
                    const struct extractor *ret[EXTRACT_PICK_MAX])
{
	const struct slice name = slice_basename(item->path);
	const struct slice parent = slice_basename(slice_dirname(item->path));
	struct picked picked = {.list = ret};

	(void)pthread_once(&table_once, make_table);
	pick_all(&picked, table.by_name[name_bucket(name)], item, head);
	if (name.n > 0) {
		pick_all(&picked, table.by_end[name.p[name.n - 1]], item, head);
		pick_all(&picked, table.by_begin[name.p[0]], item, head);
	}
	pick_all(&picked, table.by_parent[name_bucket(parent)], item, head);
	if (head.n > 0)
		pick_all(&picked, table.by_byte[head.p[0]], item, head);
	pick_all(&picked, table.elsewhere, item, head);
	return picked.n;
}

uint64_t extract_bit(const struct extractor *extractor)
{
	for (unsigned i = 0; i < EXTRACTORS_MAX && extractors[i]; i++)
		if (extractors[i] == extractor)
			return UINT64_C(1) << i;
	return 0;
}

bool extract_may_pick(const struct extractor *extractor, struct slice path)
{
	for (size_t i = 0; i < EXTRACTOR_PROBES_MAX; i++) {
		const struct probe *p = &extractor->probes[i];
		if (!p->path && !p->magic)
			return false;
		if (!p->path || path_matches(slice_str(p->path), path))
			return true;
	}
	return false;
}

enum why extract_why(int error)
{
	switch (-error) {
	case EBADMSG:
	case ERANGE:
	case EINVAL:
	case EILSEQ:
		return WHY_DAMAGED;
	case EFBIG:
		return WHY_TOO_LARGE;
	case E2BIG:
		return WHY_TOO_MANY;
	case ELOOP:
		return WHY_TOO_DEEP;
	case ENOMEM:
		return WHY_OUT_OF_MEMORY;
	case ENOTSUP:
		return WHY_UNSUPPORTED;
	case EACCES:
		return WHY_ENCRYPTED;
	case ESTALE:
		return WHY_CHANGED;
	}
	return WHY_IO_ERROR;
}

enum state extract_file_state(const struct item *item)
{
	return state_of_path(item->path, item->in_root);
}

void extract_warm_up(void)
{
	(void)pthread_once(&table_once, make_table);
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	json_object_seed(0);
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
	                                  OPENSSL_INIT_ADD_ALL_DIGESTS |
	                                  OPENSSL_INIT_ADD_ALL_CIPHERS |
	                                  OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
	                          NULL);
	EVP_MD_free(EVP_MD_fetch(NULL, "SHA256", NULL));
	iconv_t cd = iconv_open("UTF-8", "UTF-16LE");
	if (cd != (iconv_t)-1)
		(void)iconv_close(cd);
}
