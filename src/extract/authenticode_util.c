/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/authenticode_util.h"

#include <errno.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#define OID_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"
#define OID_NESTED_SIGNATURE "1.3.6.1.4.1.311.2.4.1"

enum {
	TABLE_HEADER = 8,
	TYPE_PKCS7 = 2,
	SIGNATURES_MAX = 16,
	SIGNERS_MAX = 4,               /* of one signature; the rule is one */
	NESTED_MAX = 8,                /* attribute values of one signer */
	NAMES_MAX = 4,                 /* of one kind in a subject */
	SIGNATURE_MAX = 16 * 1024 * 1024,
	IMAGE_MAX = 512 * 1024 * 1024,
	DIGEST_STEP = 256 * 1024,
	DIGESTS_MAX = 4,
	DER_OCTETS = 0x04,
	DER_SEQUENCE = 0x30,
};

/* Digests that prove something. MD5 is left out: two images with the same MD5
 * are made in minutes. */
static const int digest_nids[DIGESTS_MAX] = {
	NID_sha1, NID_sha256, NID_sha384, NID_sha512,
};

struct signature {
	PKCS7 *p7;
	struct slice der;
	uint64_t at;            /* file offset of der */
	struct slice content;   /* what the signer's digest is computed over */
	struct slice image;     /* the signed digest of the image */
	int digest;             /* its algorithm: index in digest_nids, or -1 */
};

struct image_digest {
	EVP_MD_CTX *ctx; /* NULL: no signature asks for it */
	uint8_t bytes[EVP_MAX_MD_SIZE];
	unsigned n;      /* 0: not computed */
};

struct reader {
	struct pe *pe;
	uint64_t table_at, table_end;
	struct signature list[SIGNATURES_MAX];
	unsigned n;
	struct image_digest digests[DIGESTS_MAX];
};

/*
 * One DER element: tag, length, content. Lengths of indefinite form do not
 * occur in DER. ret_all (may be NULL) is the element with its header.
 */
static bool der_next(struct cursor *c, uint8_t *ret_tag,
                     struct slice *ret_content, struct slice *ret_all)
{
	size_t start = c->at;

	*ret_tag = cursor_u8(c);
	uint64_t n = cursor_u8(c);
	if (n >= 0x80) {
		unsigned bytes = (unsigned)n & 0x7f;
		if (bytes == 0 || bytes > 4)
			return false;
		for (n = 0; bytes > 0; bytes--)
			n = n << 8 | cursor_u8(c);
	}
	*ret_content = cursor_take(c, (size_t)n);
	if (cursor_failed(c))
		return false;
	if (ret_all)
		*ret_all = slice_of(c->all.p + start, c->at - start);
	return true;
}

static int digest_index(struct slice algorithm)
{
	const unsigned char *p = algorithm.p;
	int nid = NID_undef;

	X509_ALGOR *a = d2i_X509_ALGOR(NULL, &p, (long)algorithm.n);
	if (a) {
		const ASN1_OBJECT *oid;
		X509_ALGOR_get0(&oid, NULL, NULL, a);
		nid = OBJ_obj2nid(oid);
	}
	X509_ALGOR_free(a);
	for (int i = 0; i < DIGESTS_MAX; i++)
		if (digest_nids[i] == nid)
			return i;
	return -1;
}

static bool is_oid(const ASN1_OBJECT *object, const char *dotted)
{
	char text[80];

	int n = OBJ_obj2txt(text, sizeof(text), object, 1);
	return n > 0 && strcmp(text, dotted) == 0;
}

/*
 * The signed content: SEQUENCE { what kind of image, DigestInfo { algorithm,
 * digest } }. The signer's own digest covers it without its header.
 */
static bool read_content(struct signature *s)
{
	const PKCS7 *content = s->p7->d.sign->contents;
	struct slice inner, algorithm, ignored;
	uint8_t tag;

	if (!is_oid(content->type, OID_INDIRECT_DATA) || !content->d.other ||
	    content->d.other->type != V_ASN1_SEQUENCE)
		return false;
	const ASN1_STRING *seq = content->d.other->value.sequence;
	struct cursor c = cursor_on(slice_of(
		ASN1_STRING_get0_data(seq), (size_t)ASN1_STRING_length(seq)));
	if (!der_next(&c, &tag, &s->content, NULL) || tag != DER_SEQUENCE)
		return false;
	c = cursor_on(s->content);
	if (!der_next(&c, &tag, &ignored, NULL) ||
	    !der_next(&c, &tag, &inner, NULL) || tag != DER_SEQUENCE)
		return false;
	c = cursor_on(inner);
	if (!der_next(&c, &tag, &ignored, &algorithm) ||
	    !der_next(&c, &tag, &s->image, NULL) || tag != DER_OCTETS)
		return false;
	s->digest = digest_index(algorithm);
	return true;
}

/* Parses one signature and keeps it. */
static int add_signature(struct reader *r, struct slice der, uint64_t at)
{
	const unsigned char *p = der.p;
	struct signature *s = &r->list[r->n];

	if (r->n == SIGNATURES_MAX)
		return -E2BIG;
	*s = (struct signature){.der = der, .at = at, .digest = -1};
	s->p7 = d2i_PKCS7(NULL, &p, (long)der.n);
	if (!s->p7)
		return -EBADMSG;
	if (!PKCS7_type_is_signed(s->p7) || !s->p7->d.sign ||
	    !s->p7->d.sign->contents || !read_content(s)) {
		PKCS7_free(s->p7);
		return -EBADMSG;
	}
	r->n++;
	return 0;
}

static int add_nested(struct reader *r, const struct signature *outer,
                      const X509_ATTRIBUTE *a)
{
	int n = X509_ATTRIBUTE_count(a);

	if (n > NESTED_MAX)
		return -E2BIG;
	for (int i = 0; i < n; i++) {
		const ASN1_TYPE *t =
			X509_ATTRIBUTE_get0_type((X509_ATTRIBUTE *)(uintptr_t)a, i);
		if (!t || t->type != V_ASN1_SEQUENCE)
			return -EBADMSG;
		const ASN1_STRING *seq = t->value.sequence;
		struct slice der = slice_of(ASN1_STRING_get0_data(seq),
		                            (size_t)ASN1_STRING_length(seq));
		size_t at = slice_find(outer->der, der);
		int e = add_signature(r, der,
		                      outer->at + (at == SIZE_MAX ? 0 : at));
		if (e < 0)
			return e;
	}
	return 0;
}

static STACK_OF(PKCS7_SIGNER_INFO) *signers_of(const struct signature *s)
{
	return s->p7->d.sign->signer_info;
}

/* Signatures nested in signature i go to the end of the list, where their own
 * turn comes: the list's limit is the limit of the nesting. */
static int find_nested(struct reader *r, unsigned i)
{
	const struct signature *s = &r->list[i];
	int n = sk_PKCS7_SIGNER_INFO_num(signers_of(s));

	for (int k = 0; k < n && k < SIGNERS_MAX; k++) {
		const PKCS7_SIGNER_INFO *si =
			sk_PKCS7_SIGNER_INFO_value(signers_of(s), k);
		int attributes = sk_X509_ATTRIBUTE_num(si->unauth_attr);
		for (int j = 0; j < attributes; j++) {
			X509_ATTRIBUTE *a =
				sk_X509_ATTRIBUTE_value(si->unauth_attr, j);
			if (!is_oid(X509_ATTRIBUTE_get0_object(a),
			            OID_NESTED_SIGNATURE))
				continue;
			int e = add_nested(r, s, a);
			if (e < 0)
				return e;
		}
	}
	return 0;
}

/* The DER element at `at`, without the padding behind it. */
static int read_entry(struct reader *r, uint64_t at, size_t n)
{
	struct slice der;

	if (n > SIGNATURE_MAX)
		return -EFBIG;
	int e = window_get(&r->pe->file, at, n, &der);
	return e < 0 ? e : add_signature(r, der, at);
}

/* The table is a row of entries: length, revision, type, bytes, padded to 8.
 * A broken entry does not hide the next one. */
static int read_table(struct reader *r)
{
	uint64_t at = r->table_at;
	int result = 0;

	while (r->table_end - at >= TABLE_HEADER) {
		struct slice head;
		int e = window_get(&r->pe->file, at, TABLE_HEADER, &head);
		if (e < 0)
			return e;
		struct cursor c = cursor_on(head);
		uint32_t n = cursor_u32le(&c);
		cursor_skip(&c, 2);
		uint16_t type = cursor_u16le(&c);
		if (n < TABLE_HEADER || n > r->table_end - at)
			return n == 0 && r->n > 0 ? result : -EBADMSG;
		if (type == TYPE_PKCS7) {
			e = read_entry(r, at + TABLE_HEADER, n - TABLE_HEADER);
			if (e == -E2BIG)
				return e;
			result = result < 0 ? result : e;
		}
		uint64_t step = ((uint64_t)n + 7) & ~(uint64_t)7;
		at += step < r->table_end - at ? step : r->table_end - at;
	}
	return result;
}

static int hash_range(struct reader *r, uint8_t *step, uint64_t at,
                      uint64_t end)
{
	while (at < end) {
		size_t n = end - at < DIGEST_STEP ? (size_t)(end - at)
		                                  : DIGEST_STEP;
		ptrdiff_t got = input_read(r->pe->x->in, at, step, n);
		if (got < 0)
			return (int)got;
		if ((size_t)got < n)
			return -ESTALE; /* it was longer when it was opened */
		for (unsigned i = 0; i < DIGESTS_MAX; i++)
			if (r->digests[i].ctx &&
			    EVP_DigestUpdate(r->digests[i].ctx, step, n) != 1)
				return -ENOMEM;
		at += n;
	}
	return 0;
}

static int start_digests(struct reader *r)
{
	for (unsigned i = 0; i < r->n; i++) {
		int k = r->list[i].digest;
		if (k < 0 || r->digests[k].ctx)
			continue;
		const EVP_MD *md = EVP_get_digestbynid(digest_nids[k]);
		if (!md)
			continue;
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();
		r->digests[k].ctx = ctx;
		if (!ctx || EVP_DigestInit_ex(ctx, md, NULL) != 1)
			return -ENOMEM;
	}
	return 0;
}

/*
 * The image's digest leaves out what signing changes: the checksum, the
 * directory's entry for the table, the table. The table must stand at the end:
 * whatever followed it would be in no digest.
 */
static int digest_image(struct reader *r)
{
	struct pe *pe = r->pe;
	uint64_t entry = pe->directory_at + 8 * PE_DIR_CERTIFICATE;

	if (r->table_end != pe->x->in->size || entry + 8 > r->table_at)
		return 0;
	if (r->table_end > IMAGE_MAX)
		return -EFBIG;
	uint8_t *step = arena_alloc(pe->x->mem, DIGEST_STEP);
	if (!step)
		return -ENOMEM;
	int e = start_digests(r);
	if (e == 0)
		e = hash_range(r, step, 0, pe->checksum_at);
	if (e == 0)
		e = hash_range(r, step, pe->checksum_at + 4, entry);
	if (e == 0)
		e = hash_range(r, step, entry + 8, r->table_at);
	for (unsigned i = 0; e == 0 && i < DIGESTS_MAX; i++) {
		struct image_digest *d = &r->digests[i];
		if (d->ctx && EVP_DigestFinal_ex(d->ctx, d->bytes, &d->n) != 1)
			d->n = 0;
	}
	return e;
}

/* Is the signed digest the image's? */
static bool image_fits(const struct reader *r, const struct signature *s)
{
	if (s->digest < 0)
		return false;
	const struct image_digest *d = &r->digests[s->digest];
	return d->n > 0 && slice_eq(s->image, slice_of(d->bytes, d->n));
}

/* Does the signature over the signed attributes (and so over the content)
 * verify with the signer's key? */
static bool signature_fits(const struct signature *s, PKCS7_SIGNER_INFO *si,
                           X509 *cert)
{
	const EVP_MD *md = EVP_get_digestbyobj(si->digest_alg->algorithm);
	BIO *hash = BIO_new(BIO_f_md()), *sink = BIO_new(BIO_s_null());
	bool fits = false;

	if (md && EVP_MD_get_type(md) != NID_md5 && hash && sink &&
	    BIO_set_md(hash, (EVP_MD *)(uintptr_t)md) == 1) {
		(void)BIO_push(hash, sink);
		int n = (int)s->content.n;
		fits = BIO_write(hash, s->content.p, n) == n &&
		       PKCS7_signatureVerify(hash, s->p7, si, cert) == 1;
		(void)BIO_pop(hash);
	}
	BIO_free(hash);
	BIO_free(sink);
	return fits;
}

/*
 * Where one part of the signer's subject stands: `der` of the part is looked
 * for in the subject, the subject in the certificate, and that in the
 * signature, since the same name often stands in a chain's certificate too.
 */
static struct slice place_of(struct slice all, unsigned char *der, int n)
{
	size_t at = n > 0 ? slice_find(all, slice_of(der, (size_t)n)) : SIZE_MAX;

	OPENSSL_free(der);
	return at == SIZE_MAX ? all : slice_of(all.p + at, (size_t)n);
}

static void claim_part(struct reader *r, const struct signature *s,
                       struct slice subject, const X509_NAME_ENTRY *part,
                       struct claim claim)
{
	unsigned char *der = NULL, *utf8 = NULL;
	int n = i2d_X509_NAME_ENTRY(part, &der);
	struct slice place = place_of(subject, der, n);
	const ASN1_STRING *text = X509_NAME_ENTRY_get_data(part);
	struct slice raw = slice_of(ASN1_STRING_get0_data(text),
	                            (size_t)ASN1_STRING_length(text));
	size_t found = slice_find(place, raw);

	if (found != SIZE_MAX)
		place = slice_of(place.p + found, raw.n);
	n = ASN1_STRING_to_UTF8(&utf8, text);
	if (n > 0) {
		claim.value = slice_of(utf8, (size_t)n);
		claim.offset = s->at + (size_t)(place.p - s->der.p);
		claim.length = place.n;
		sink_claim(r->pe->x->out, &claim);
	}
	OPENSSL_free(utf8);
}

static struct slice place_of_subject(const struct signature *s, X509 *cert)
{
	unsigned char *der = NULL;
	int n = i2d_X509(cert, &der);
	struct slice place = place_of(s->der, der, n);

	der = NULL;
	n = i2d_X509_NAME(X509_get_subject_name(cert), &der);
	return place_of(place, der, n);
}

static void claim_subject(struct reader *r, const struct signature *s,
                          X509 *cert, bool verified)
{
	static const struct {
		int nid;
		enum attr attr;
	} parts[] = {
		{NID_commonName, ATTR_SIGNER_NAME},
		{NID_organizationName, ATTR_SIGNER_ORGANISATION},
		{NID_serialNumber, ATTR_SIGNER_SERIAL},
	};
	const X509_NAME *name = X509_get_subject_name(cert);
	struct slice place = place_of_subject(s, cert);

	for (size_t k = 0; k < COUNT_OF(parts); k++) {
		int i = -1;
		for (unsigned n = 0; n < NAMES_MAX; n++) {
			i = X509_NAME_get_index_by_NID(name, parts[k].nid, i);
			if (i < 0)
				break;
			claim_part(r, s, place, X509_NAME_get_entry(name, i),
			           (struct claim){.attr = parts[k].attr,
			                          .verified = verified});
		}
	}
}

static int claim_signers(struct reader *r, const struct signature *s)
{
	int n = sk_PKCS7_SIGNER_INFO_num(signers_of(s));

	if (n <= 0)
		return -EBADMSG;
	for (int i = 0; i < n && i < SIGNERS_MAX; i++) {
		PKCS7_SIGNER_INFO *si =
			sk_PKCS7_SIGNER_INFO_value(signers_of(s), i);
		X509 *cert = PKCS7_cert_from_signer_info(s->p7, si);
		if (!cert)
			return -EBADMSG;
		claim_subject(r, s, cert,
		              image_fits(r, s) && signature_fits(s, si, cert));
	}
	return n > SIGNERS_MAX ? -E2BIG : 0;
}

static void finish(struct reader *r)
{
	for (unsigned i = 0; i < r->n; i++)
		PKCS7_free(r->list[i].p7);
	for (unsigned i = 0; i < DIGESTS_MAX; i++)
		EVP_MD_CTX_free(r->digests[i].ctx);
	ERR_clear_error();
}

static int first_error(int before, int now)
{
	return before < 0 ? before : now;
}

int authenticode_read(struct pe *pe)
{
	/* The one entry of the directory that is a file offset, not an RVA. */
	uint64_t at = pe->directories[PE_DIR_CERTIFICATE].rva;
	uint64_t n = pe->directories[PE_DIR_CERTIFICATE].size;

	if (at == 0 || n == 0)
		return 0;
	if (at > pe->x->in->size || n > pe->x->in->size - at)
		return -EBADMSG;
	struct reader *r = arena_zalloc(pe->x->mem, 1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->pe = pe;
	r->table_at = at;
	r->table_end = at + n;
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	int e = read_table(r);
	for (unsigned i = 0; i < r->n; i++)
		e = first_error(e, find_nested(r, i));
	if (r->n > 0)
		e = first_error(e, digest_image(r));
	for (unsigned i = 0; i < r->n; i++)
		e = first_error(e, claim_signers(r, &r->list[i]));
	finish(r);
	return e;
}
