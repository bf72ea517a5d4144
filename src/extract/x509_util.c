/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/x509_util.h"

#include "base/cursor.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>

enum { NAME_PARTS_MAX = 8 }; /* values of one kind in a subject */

static const struct slice trusted_places[] = {
	SLICE("/etc/ssl/"),
	SLICE("/etc/pki/"),
	SLICE("/etc/ca-certificates/"),
	SLICE("/usr/share/ca-certificates/"),
	SLICE("/usr/share/pki/"),
	SLICE("/usr/local/share/ca-certificates/"),
	SLICE("/usr/local/share/certs/"),
	SLICE("/var/lib/ca-certificates/"),
};

static const struct slice trusted_names[] = {
	SLICE("/security/cacerts"),
	SLICE("/cert9.db"),
};

void x509_init(void)
{
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

enum state x509_state(const struct item *item)
{
	if (!item->in_root)
		return STATE_STORED;
	for (size_t i = 0; i < COUNT_OF(trusted_places); i++)
		if (slice_starts(item->path, trusted_places[i]))
			return STATE_INSTALLED;
	for (size_t i = 0; i < COUNT_OF(trusted_names); i++)
		if (slice_ends(item->path, trusted_names[i]))
			return STATE_INSTALLED;
	return STATE_STORED;
}

/* A value at its own place when the DER stands in the item, otherwise at the
 * certificate's. */
static void claim_value(struct extraction *x, const struct x509_found *f,
                        enum attr attr, struct slice value)
{
	struct claim claim = {
		.attr = attr,
		.value = value,
		.offset = f->offset,
		.length = f->length,
	};
	size_t at = f->plain ? slice_find(f->der, value) : SIZE_MAX;

	if (at != SIZE_MAX) {
		claim.offset = f->offset + at;
		claim.length = value.n;
	}
	sink_claim(x->out, &claim);
}

/* The next value of a kind in a name, as UTF-8 that the caller frees. */
static unsigned char *name_part(const X509_NAME *name, int nid, int *last,
                                struct slice *ret)
{
	unsigned char *text = NULL;

	*last = X509_NAME_get_index_by_NID(name, nid, *last);
	if (*last < 0)
		return NULL;
	X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, *last);
	int n = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
	*ret = slice_of(text, n > 0 ? (size_t)n : 0);
	return n < 0 ? NULL : text;
}

static unsigned claim_parts(struct extraction *x, const struct x509_found *f,
                            enum attr attr, const X509_NAME *name, int nid)
{
	int last = -1;
	unsigned n = 0;
	struct slice value;
	unsigned char *text;

	while (n < NAME_PARTS_MAX &&
	       (text = name_part(name, nid, &last, &value))) {
		claim_value(x, f, attr, value);
		OPENSSL_free(text);
		n++;
	}
	return n;
}

static void start_record(struct extraction *x, const struct x509_found *f,
                         const X509_NAME *subject)
{
	int last = -1;
	struct slice name = {0};
	unsigned char *text = name_part(subject, NID_commonName, &last, &name);

	if (!text) {
		last = -1;
		text = name_part(subject, NID_organizationName, &last, &name);
	}
	sink_record(x->out, &(struct record){
				    .scope = SCOPE_SETUP,
				    .kind = ARTICLE_SOFTWARE,
				    .state = f->state,
				    .name = text ? name : (struct slice){0},
			    });
	OPENSSL_free(text);
}

static void claim_names(struct extraction *x, const struct x509_found *f,
                        const X509_NAME *subject, const X509_NAME *issuer)
{
	unsigned n = 0;

	start_record(x, f, subject);
	n += claim_parts(x, f, ATTR_CERT_SUBJECT_NAME, subject, NID_commonName);
	n += claim_parts(x, f, ATTR_CERT_SUBJECT_ORGANISATION, subject,
	                 NID_organizationName);
	n += claim_parts(x, f, ATTR_CERT_SUBJECT_SERIAL, subject,
	                 NID_serialNumber);
	if (X509_NAME_cmp(subject, issuer) != 0) {
		n += claim_parts(x, f, ATTR_CERT_ISSUER_NAME, issuer,
		                 NID_commonName);
		n += claim_parts(x, f, ATTR_CERT_ISSUER_ORGANISATION, issuer,
		                 NID_organizationName);
	}
	if (n == 0)
		sink_drop(x->out);
}

enum {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_SEQUENCE = 0x30,
	DER_VERSION = 0xa0,
};

/*
 * The next element of that type, header and all, and its contents (may be
 * NULL). DER: lengths are definite (X.690, 8.1.3). Another type is a failure.
 */
static struct slice der_take(struct cursor *c, uint8_t type,
                             struct slice *ret_contents)
{
	const size_t from = c->at;

	if (cursor_u8(c) != type)
		c->failed = true;
	size_t n = cursor_u8(c);
	if (n & 0x80) {
		unsigned bytes = n & 0x7f;
		if (bytes == 0 || bytes > 4)
			c->failed = true;
		for (n = 0; bytes > 0 && !c->failed; bytes--)
			n = n << 8 | cursor_u8(c);
	}
	struct slice contents = cursor_take(c, n);
	if (ret_contents)
		*ret_contents = contents;
	return c->failed ? (struct slice){0}
	                 : slice_of(c->all.p + from, c->at - from);
}

/*
 * Where the two names stand in a certificate (RFC 5280, 4.1). OpenSSL's own
 * reader would decode the public key as well, which takes 30 times as long as
 * all the rest and tells us nothing.
 */
static bool find_names(struct slice der, struct slice *subject,
                       struct slice *issuer)
{
	struct cursor c = cursor_on(der), t;
	struct slice body, signed_part;

	(void)der_take(&c, DER_SEQUENCE, &body);
	if (cursor_failed(&c))
		return false;
	c = cursor_on(body);
	(void)der_take(&c, DER_SEQUENCE, &signed_part);
	(void)der_take(&c, DER_SEQUENCE, NULL); /* algorithm */
	(void)der_take(&c, DER_BIT_STRING, NULL);
	t = cursor_on(signed_part);
	if (signed_part.n > 0 && signed_part.p[0] == DER_VERSION)
		(void)der_take(&t, DER_VERSION, NULL);
	(void)der_take(&t, DER_INTEGER, NULL); /* serial number */
	(void)der_take(&t, DER_SEQUENCE, NULL); /* algorithm */
	*issuer = der_take(&t, DER_SEQUENCE, NULL);
	(void)der_take(&t, DER_SEQUENCE, NULL); /* validity */
	*subject = der_take(&t, DER_SEQUENCE, NULL);
	(void)der_take(&t, DER_SEQUENCE, NULL); /* public key */
	return !cursor_failed(&c) && !cursor_failed(&t);
}

static X509_NAME *read_name(struct slice der)
{
	const unsigned char *at = der.p;
	return d2i_X509_NAME(NULL, &at, (long)der.n);
}

bool x509_claim(struct extraction *x, const struct x509_found *found)
{
	struct slice subject_der, issuer_der;

	x509_init();
	if (found->der.n == 0 || found->der.n > X509_DER_MAX ||
	    !find_names(found->der, &subject_der, &issuer_der))
		return false;
	X509_NAME *subject = read_name(subject_der);
	X509_NAME *issuer = read_name(issuer_der);
	if (subject && issuer)
		claim_names(x, found, subject, issuer);
	bool ok = subject && issuer;
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
	ERR_clear_error();
	return ok;
}
