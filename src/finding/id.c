/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The id of a finding: the same article gets the same id in every run and on
 * every host. 128 bits of SHA-256 over entity, kind, ecosystem, name and
 * version, each with its length before it, so that no two articles look alike.
 */
#include <errno.h>
#include <openssl/sha.h>

#include "base/str.h"
#include "finding/hits.h"

static void add_part(struct str *s, struct slice part)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		str_putc(s, (char)(part.n >> shift & 0xff));
	str_add(s, part);
}

static void hex(char *out, size_t size, const uint8_t *bytes)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i + 2 < size; i += 2) {
		out[i] = digits[bytes[i / 2] >> 4];
		out[i + 1] = digits[bytes[i / 2] & 15];
	}
	out[i] = 0;
}

int finding_set_id(struct finding *f)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	struct str s = {0};

	add_part(&s, slice_str(f->entity->id));
	add_part(&s, slice_str(kind_name(f->kind)));
	add_part(&s, slice_str(f->ecosystem));
	add_part(&s, f->name);
	add_part(&s, f->version);
	bool ok = !str_failed(&s) &&
	          SHA256(str_slice(&s).p, s.n, digest) != NULL;
	str_finish(&s);
	if (!ok)
		return -ENOMEM;
	hex(f->id, sizeof(f->id), digest);
	return 0;
}
