/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Java key stores in Java's own forms (JKS, JCEKS). The certificates in them
 * are readable without the password, which only seals the file and hides
 * private keys; those are passed over.
 */
#include "extract/x509_util.h"

#include "base/cursor.h"

#include <errno.h>

enum {
	FILE_BYTES_MAX = 16 * 1024 * 1024,
	ENTRIES_MAX = 8192,
	CHAIN_MAX = 64,
	TAG_PRIVATE_KEY = 1,
	TAG_CERTIFICATE = 2,
	TIME_SIZE = 8
};

struct store {
	struct extraction *x;
	struct cursor c;
	uint32_t version;
};

static struct slice text16(struct cursor *c)
{
	return cursor_take(c, cursor_u16be(c));
}

static struct slice bytes32(struct cursor *c)
{
	return cursor_take(c, cursor_u32be(c));
}

static void read_certificate(struct store *s)
{
	if (s->version == 2)
		(void)text16(&s->c); /* "X.509" */
	struct slice der = bytes32(&s->c);
	(void)x509_claim(s->x, &(struct x509_found){
				       .der = der,
				       .state = x509_state(s->x->item),
				       .offset = s->c.at - der.n,
				       .length = der.n,
				       .plain = true,
			       });
}

static int read_entry(struct store *s)
{
	uint32_t tag = cursor_u32be(&s->c);

	(void)text16(&s->c); /* alias */
	cursor_skip(&s->c, TIME_SIZE);
	if (tag == TAG_CERTIFICATE) {
		read_certificate(s);
	} else if (tag == TAG_PRIVATE_KEY) {
		(void)bytes32(&s->c);
		uint32_t n = cursor_u32be(&s->c);
		if (n > CHAIN_MAX)
			return -E2BIG;
		while (n-- > 0 && !cursor_failed(&s->c))
			read_certificate(s);
	} else if (!cursor_failed(&s->c)) {
		return -ENOTSUP; /* a sealed object of unknown length */
	}
	return cursor_failed(&s->c) ? -EBADMSG : 0;
}

static int jks_run(struct extraction *x)
{
	struct slice bytes;
	int r = input_get_all(x->in, FILE_BYTES_MAX, x->mem, &bytes);

	if (r < 0)
		return r;
	struct store s = {.x = x, .c = cursor_on(bytes)};
	cursor_skip(&s.c, 4);
	s.version = cursor_u32be(&s.c);
	uint32_t n = cursor_u32be(&s.c);
	if (cursor_failed(&s.c) || s.version < 1 || s.version > 2)
		return -EBADMSG;
	if (n > ENTRIES_MAX)
		return -E2BIG;
	while (n-- > 0) {
		r = read_entry(&s);
		if (r < 0)
			return r;
	}
	return 0;
}

const struct extractor extract_jks = {
	.name = "jks",
	.version = 1,
	.probes = {{MAGIC("\xfe\xed\xfe\xed")}, {MAGIC("\xce\xce\xce\xce\0\0\0")}},
	.run = jks_run,
};
