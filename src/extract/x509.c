/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate files: PEM, alone or in bundles of hundreds, and DER. A root
 * certificate that was planted among the trusted ones is an article by itself.
 */
#include "extract/x509_util.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/evp.h>

enum {
	FILE_BYTES_MAX = 16 * 1024 * 1024,
	CERTIFICATES_MAX = 8192
};

/* The words between BEGIN and the dashes for what is a certificate; other
 * blocks, keys above all, are passed over. */
static const struct slice labels[] = {
	SLICE("CERTIFICATE-----"),
	SLICE("TRUSTED CERTIFICATE-----"),
	SLICE("X509 CERTIFICATE-----"),
};

static const struct slice begin = SLICE("-----BEGIN ");
static const struct slice end = SLICE("-----END ");

/* Length of the label of a certificate block at the start of s, or 0. */
static size_t label_length(struct slice s)
{
	for (size_t i = 0; i < COUNT_OF(labels); i++)
		if (slice_starts(s, labels[i]))
			return labels[i].n;
	return 0;
}

/* Decodes base64 with line breaks; empty when it is none or memory is out. */
static struct slice decode(struct slice body, struct arena *mem)
{
	struct slice der = {0};
	int n = 0, rest = 0;

	if (body.n > X509_DER_MAX * 2)
		return der;
	uint8_t *to = arena_alloc(mem, body.n + 4);
	EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
	if (to && ctx) {
		EVP_DecodeInit(ctx);
		if (EVP_DecodeUpdate(ctx, to, &n, body.p, (int)body.n) >= 0 &&
		    EVP_DecodeFinal(ctx, to + n, &rest) >= 0)
			der = slice_of(to, (size_t)(n + rest));
	}
	EVP_ENCODE_CTX_free(ctx);
	return der;
}

/* Packages ship "put your certificate here" between the lines: such a block
 * is read whole, and is no certificate, damaged or not. */
static bool is_base64(struct slice body)
{
	for (size_t i = 0; i < body.n; i++)
		if (!isalnum(body.p[i]) && !isspace(body.p[i]) &&
		    !memchr("+/=", body.p[i], 3))
			return false;
	return true;
}

/* One block: `at` is where its BEGIN line starts in the text. */
static bool read_block(struct extraction *x, struct slice text, size_t at,
                       size_t label)
{
	struct slice body = slice_from(text, at + begin.n + label);
	size_t n = slice_find(body, end);

	if (n == SIZE_MAX)
		return false;
	if (!is_base64(slice_first(body, n)))
		return true;
	struct x509_found found = {
		.der = decode(slice_first(body, n), x->mem),
		.state = x509_state(x->item),
		.offset = at,
		.length = begin.n + label + n,
	};
	return x509_claim(x, &found);
}

static int read_pem(struct extraction *x, struct slice text)
{
	size_t at = 0, next;
	unsigned n = 0;
	bool damaged = false;

	while ((next = slice_find(slice_from(text, at), begin)) != SIZE_MAX) {
		at += next;
		size_t label = label_length(slice_from(text, at + begin.n));
		if (label) {
			if (n++ == CERTIFICATES_MAX)
				return -E2BIG;
			damaged |= !read_block(x, text, at, label);
		}
		at += begin.n + label;
	}
	return damaged ? -EBADMSG : 0;
}

/* A file whose name says certificate need not hold one: keys and parameters
 * are kept under the same endings. */
static int read_der(struct extraction *x, struct slice bytes)
{
	(void)x509_claim(x, &(struct x509_found){
				    .der = bytes,
				    .state = x509_state(x->item),
				    .length = bytes.n,
				    .plain = true,
			    });
	return 0;
}

static int x509_run(struct extraction *x)
{
	struct slice bytes;

	int r = input_get_all(x->in, FILE_BYTES_MAX, x->mem, &bytes);
	if (r < 0)
		return r;
	if (slice_starts(bytes, SLICE("\x30")))
		return read_der(x, bytes);
	return read_pem(x, bytes);
}

const struct extractor extract_x509 = {
	.name = "x509",
	.version = 1,
	.probes = {{MAGIC("-----BEGIN CERTIFICATE")},
	           {MAGIC("-----BEGIN TRUSTED CERT")},
	           {.path = "*.pem"},
	           {.path = "*.crt"},
	           {.path = "*.cer"},
	           {.path = "*.der"},
	           {.path = "etc/ssl/certs/*"},
	           {.path = "pki/tls/certs/*"},
	           {.path = "anchors/*"}},
	.run = x509_run,
};
