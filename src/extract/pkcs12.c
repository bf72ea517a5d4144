/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS #12 stores, the form of Java's trust store since Java 9. Only what
 * opens without a secret is read: plain contents, and contents under the two
 * passwords that are published defaults. Keys are passed over.
 */
#include "extract/x509_util.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>

enum {
	FILE_BYTES_MAX = 16 * 1024 * 1024,
	BAGS_MAX = 8192,
	SAFES_MAX = 64,
	/* Rounds of the key derivation: a file may ask for billions. */
	ROUNDS_MAX = 2000000
};

static const char *const passwords[] = {"changeit", ""};

struct store {
	struct extraction *x;
	const char *password; /* one that opens it; NULL: none is known */
	unsigned bags;
};

/* The password whose check sum over the contents is right, or NULL. */
static const char *find_password(PKCS12 *p12)
{
	const ASN1_INTEGER *rounds = NULL;

	if (!PKCS12_mac_present(p12))
		return NULL;
	PKCS12_get0_mac(NULL, NULL, NULL, &rounds, p12);
	if (rounds && (ASN1_INTEGER_get(rounds) < 0 ||
	               ASN1_INTEGER_get(rounds) > ROUNDS_MAX))
		return NULL;
	for (size_t i = 0; i < COUNT_OF(passwords); i++)
		if (PKCS12_verify_mac(p12, passwords[i], -1) == 1)
			return passwords[i];
	return NULL;
}

static int read_certificate(struct store *s, const PKCS12_SAFEBAG *bag)
{
	unsigned char *der = NULL;
	X509 *cert = PKCS12_SAFEBAG_get1_cert(bag);

	if (!cert)
		return -EBADMSG;
	int n = i2d_X509(cert, &der);
	X509_free(cert);
	if (n <= 0)
		return -ENOMEM;
	(void)x509_claim(s->x, &(struct x509_found){
				       .der = slice_of(der, (size_t)n),
				       .state = x509_state(s->x->item),
			       });
	OPENSSL_free(der);
	return 0;
}

static int read_bags(struct store *s, const STACK_OF(PKCS12_SAFEBAG) *bags)
{
	int n = sk_PKCS12_SAFEBAG_num(bags), r = 0;

	for (int i = 0; i < n && r == 0; i++) {
		const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
		if (s->bags++ == BAGS_MAX)
			return -E2BIG;
		int kind = PKCS12_SAFEBAG_get_nid(bag);
		if (kind == NID_certBag)
			r = read_certificate(s, bag);
		else if (kind == NID_safeContentsBag)
			r = -ENOTSUP;
	}
	return r;
}

/* A password that is right and a part that it does not open: its cipher is
 * one of those that only OpenSSL's legacy provider has. */
static int open_sealed(struct store *s, PKCS7 *safe,
                       STACK_OF(PKCS12_SAFEBAG) **ret)
{
	if (!s->password)
		return -EACCES;
	*ret = PKCS12_unpack_p7encdata(safe, s->password,
	                               (int)strlen(s->password));
	return *ret ? 0 : -ENOTSUP;
}

static int read_safe(struct store *s, PKCS7 *safe)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	int r = 0;

	if (PKCS7_type_is_data(safe)) {
		bags = PKCS12_unpack_p7data(safe);
		r = bags ? 0 : -EBADMSG;
	} else if (PKCS7_type_is_encrypted(safe)) {
		r = open_sealed(s, safe, &bags);
	} else {
		r = -ENOTSUP;
	}
	if (r == 0)
		r = read_bags(s, bags);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return r;
}

/* Goes on after a part that cannot be read; the last such reason is kept. */
static int read_safes(struct store *s, const STACK_OF(PKCS7) *safes)
{
	int n = sk_PKCS7_num(safes), result = 0;

	if (n > SAFES_MAX)
		return -E2BIG;
	for (int i = 0; i < n; i++) {
		int r = read_safe(s, sk_PKCS7_value(safes, i));
		if (r < 0)
			result = r;
	}
	return result;
}

static int read_store(struct extraction *x, PKCS12 *p12)
{
	struct store s = {.x = x, .password = find_password(p12)};
	STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(p12);

	if (!safes)
		return -EBADMSG;
	int r = read_safes(&s, safes);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	return r;
}

static int pkcs12_run(struct extraction *x)
{
	struct slice bytes;

	int r = input_get_all(x->in, FILE_BYTES_MAX, x->mem, &bytes);
	if (r < 0)
		return r;
	x509_init();
	const unsigned char *at = bytes.p;
	PKCS12 *p12 = d2i_PKCS12(NULL, &at, (long)bytes.n);
	r = p12 ? read_store(x, p12) : -EBADMSG;
	PKCS12_free(p12);
	ERR_clear_error();
	return r;
}

const struct extractor extract_pkcs12 = {
	.name = "pkcs12",
	.version = 1,
	.probes = {{MAGIC("\x30"), .path = "*.p12"},
	           {MAGIC("\x30"), .path = "*.pfx"},
	           {MAGIC("\x30"), .path = "*.jks"},
	           {MAGIC("\x30"), .path = "*.keystore"},
	           {MAGIC("\x30"), .path = "*.truststore"},
	           {MAGIC("\x30"), .path = "cacerts"}},
	.run = pkcs12_run,
};
