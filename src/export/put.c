/* SPDX-License-Identifier: Apache-2.0 */
#include "export/put.h"

#include <openssl/sha.h>

#include "base/text.h"

/* At most `most` bytes, not ending within a character. */
static struct slice cut(struct slice s, size_t most)
{
	size_t n = most;

	if (s.n <= most)
		return s;
	while (n > 0 && n + 3 > most && (s.p[n] & 0xc0) == 0x80)
		n--;
	return slice_first(s, n);
}

void put_shown(struct str *out, struct slice bytes, size_t most)
{
	const struct slice kept = cut(bytes, most);

	text_show(out, kept);
	if (kept.n < bytes.n)
		str_printf(out, "... (%zu bytes)", bytes.n);
}

void put_article(struct str *out, const struct article *a)
{
	if (a->name.n == 0)
		str_printf(out, "%s without a name", kind_name(a->kind));
	put_shown(out, a->name, PUT_WORDS_MAX);
	if (a->version.n) {
		str_putc(out, ' ');
		put_shown(out, a->version, PUT_WORDS_MAX);
	}
}

void put_hand(struct str *out, const struct export *x, const struct article *a)
{
	static const char *const words[] = {
		[BASIS_DEVELOPED] = "developed by ",
		[BASIS_PROVIDED] = "provided by ",
		[BASIS_IN_PART] = "holds code of ",
		[BASIS_FAMILY] = "made by a company of the family of ",
		[BASIS_FORMER] = "made by a company that once belonged to ",
	};
	const struct export_maker *m = export_maker(x, a->entity);

	str_puts(out, words[a->basis]);
	put_shown(out, m ? m->name : a->entity, PUT_WORDS_MAX);
}

void put_place(struct str *out, struct slice path, const struct slice *members, size_t n)
{
	text_show(out, path);
	for (size_t i = 0; i < n; i++) {
		str_puts(out, ": ");
		text_show(out, members[i]);
	}
}

/* ---- addresses --------------------------------------------------------- */

static bool is_unreserved(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

static void put_encoded(struct str *out, struct slice s, const char *spared)
{
	for (size_t i = 0; i < s.n; i++) {
		const uint8_t c = s.p[i];
		if (is_unreserved(c) || (c && strchr(spared, c)))
			str_putc(out, (char)c);
		else
			str_printf(out, "%%%02X", c);
	}
}

void put_uri_path(struct str *out, struct slice path)
{
	put_encoded(out, path, "/");
}

static void put_lower(struct str *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		str_putc(out, (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]));
}

/* PEP 503: lower case, and each run of "-", "_" and "." is one "-". */
static void put_pypi_name(struct str *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		const bool joint = strchr("-_.", s.p[i]) && s.p[i];
		const bool before = i > 0 && strchr("-_.", s.p[i - 1]) && s.p[i - 1];
		if (!joint)
			put_lower(out, slice_of(&s.p[i], 1));
		else if (!before)
			str_putc(out, '-');
	}
}

static void pypi_path(struct str *out, struct slice name)
{
	struct str normal = {0};

	put_pypi_name(&normal, name);
	out->failed |= str_failed(&normal);
	put_encoded(out, str_slice(&normal), "");
	str_finish(&normal);
}

/* "@scope/name": the scope is the namespace, its "@" encoded. */
static void npm_path(struct str *out, struct slice name)
{
	struct str lower = {0};

	put_lower(&lower, name);
	out->failed |= str_failed(&lower);
	put_encoded(out, str_slice(&lower), name.n && name.p[0] == '@' ? "/" : "");
	str_finish(&lower);
}

static void rpm_path(struct str *out, struct slice name)
{
	put_encoded(out, name, "");
}

/*
 * Types without a namespace, or with one in the name. deb, apk and alpm need the
 * distribution, which an article does not tell; of maven it does not tell the
 * group; snap and flatpak are no types.
 */
static const struct {
	const char *ecosystem;
	void (*path)(struct str *out, struct slice name);
} purl_types[] = {
	{"npm", npm_path},
	{"pypi", pypi_path},
	{"rpm", rpm_path},
};

void put_purl(struct str *out, const struct article *a)
{
	for (size_t i = 0; a->name.n && i < COUNT_OF(purl_types); i++) {
		if (strcmp(purl_types[i].ecosystem, a->ecosystem) != 0)
			continue;
		str_printf(out, "pkg:%s/", a->ecosystem);
		purl_types[i].path(out, a->name);
		if (a->version.n) {
			str_putc(out, '@');
			put_encoded(out, a->version, ":");
		}
	}
}

/* ---- names ------------------------------------------------------------- */

/* Our own namespace; a random UUID, which must never change. */
static const uint8_t uuid_space[16] = {
	0x8e, 0x1d, 0x3c, 0x52, 0x0b, 0x7f, 0x4a, 0x96,
	0xb4, 0x60, 0x2f, 0xe9, 0x71, 0xd8, 0x35, 0xca,
};

static void add_length(struct str *s, size_t n)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		str_putc(s, (char)((uint64_t)n >> shift & 0xff));
}

static bool hash(const char *kind, const struct slice *parts, size_t n,
                 uint8_t ret[static SHA_DIGEST_LENGTH])
{
	struct str s = {0};

	str_add(&s, slice_of(uuid_space, sizeof(uuid_space)));
	str_puts(&s, kind);
	for (size_t i = 0; i < n; i++) {
		add_length(&s, parts[i].n);
		str_add(&s, parts[i]);
	}
	const bool good = !str_failed(&s) && SHA1(str_slice(&s).p, s.n, ret) != NULL;
	str_finish(&s);
	return good;
}

bool put_uuid(char ret[static UUID_SIZE], const char *kind, const struct slice *parts, size_t n)
{
	uint8_t d[SHA_DIGEST_LENGTH];

	ret[0] = 0;
	if (!hash(kind, parts, n, d))
		return false;
	d[6] = (uint8_t)((d[6] & 0x0f) | 0x50);
	d[8] = (uint8_t)((d[8] & 0x3f) | 0x80);
	(void)snprintf(ret, UUID_SIZE,
	               "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	               d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10],
	               d[11], d[12], d[13], d[14], d[15]);
	return true;
}

/* ---- of the whole ------------------------------------------------------ */

struct slice export_finished(const struct articles *a)
{
	struct slice last = {0};

	/* RFC 3339 in UTC sorts as text. */
	for (size_t i = 0; i < a->n_sources; i++)
		if (slice_cmp(a->sources[i].finished, last) > 0)
			last = a->sources[i].finished;
	return last;
}

uint64_t export_count(const struct export *x, const struct export_order *o,
                      enum article_verdict verdict)
{
	uint64_t n = 0;

	for (size_t i = 0; i < x->articles->n; i++) {
		const struct article *a = &x->articles->list[i];
		for (size_t k = 0; k < a->n_words; k++)
			if (a->words[k].verdict == verdict &&
			    slice_eq(a->words[k].order, o->id))
				n++;
	}
	return n;
}

void put_json(struct json *j, const char *key, struct str *text)
{
	j->failed |= str_failed(text);
	json_emit_text(j, key, str_slice(text));
	str_finish(text);
}
