/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON form and the way back. The hash is taken over the same document on
 * one line, without its last member, as json_emit.h writes it.
 */
#include "plan/plan_json.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "plan/form.h"

static int json_write(const struct plan_form_input *in, FILE *out)
{
	struct json j;

	json_init(&j, out, false);
	json_open(&j, NULL, '{');
	shape_json(&j, &plan_shape, in->plan, NULL);
	json_close(&j, '}');
	return json_finish(&j);
}

const struct plan_form plan_form_json = {
	.name = "json",
	.write = json_write,
};

/* ---- the hash ---- */

static ssize_t hash_more(void *digest, const char *bytes, size_t n)
{
	return EVP_DigestUpdate(digest, bytes, n) == 1 ? (ssize_t)n : -1;
}

static int write_canonical(const struct plan *p, EVP_MD_CTX *digest)
{
	FILE *out = fopencookie(digest, "w", (cookie_io_functions_t){.write = hash_more});
	struct json j;

	if (!out)
		return -ENOMEM;
	json_init(&j, out, true);
	json_open(&j, NULL, '{');
	shape_json(&j, &plan_shape, p, "sha256");
	json_close(&j, '}');
	int code = json_finish(&j);
	bool lost = ferror(out) != 0;
	lost |= fclose(out) != 0;
	return code < 0 ? code : lost ? -EIO : 0;
}

static int hash(const struct plan *p, char ret[static 2 * PLAN_SHA256_BYTES + 1])
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	uint8_t bytes[EVP_MAX_MD_SIZE];
	int code = digest ? 0 : -ENOMEM;

	if (code == 0 && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
		code = -EIO;
	if (code == 0)
		code = write_canonical(p, digest);
	if (code == 0 && EVP_DigestFinal_ex(digest, bytes, NULL) != 1)
		code = -EIO;
	EVP_MD_CTX_free(digest);
	for (size_t i = 0; code == 0 && i < PLAN_SHA256_BYTES; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
	return code;
}

int plan_hash(struct plan *p)
{
	return hash(p, p->sha256);
}

/* ---- back ---- */

/* Does it hold together, and is it what its hash says? */
static int check_all(const struct plan *p, struct err *e)
{
	char now[2 * PLAN_SHA256_BYTES + 1];
	int code = plan_check(p, e);

	if (code < 0)
		return code;
	code = hash(p, now);
	if (code < 0)
		return err_sys(e, code, "computing its hash");
	if (strcmp(now, p->sha256) != 0)
		return err_set(e, -EBADMSG, "its hash is not that of what it says:"
		               " it was changed after it was made");
	return 0;
}

static struct plan *plan_new(void)
{
	struct plan *p = calloc(1, sizeof(*p));

	if (p)
		arena_init(&p->mem, 0);
	return p;
}

/* Ends a reading that gave `code`: hands the plan on, or gives it back. */
static int settle(struct plan *p, int code, struct err *e, struct plan **ret)
{
	if (code == 0)
		code = check_all(p, e);
	if (code == 0)
		*ret = p;
	else
		plan_free(p);
	if (code == -ENOMEM)
		(void)err_set(e, code, "out of memory");
	return code;
}

int plan_read(int fd, struct err *e, struct plan **ret)
{
	json_t *document;
	int code = shape_load(fd, PLAN_BYTES_MAX, e, &document);

	if (code < 0)
		return code;
	struct plan *p = plan_new();
	code = p ? shape_read(document, &plan_shape, &p->mem, e, p) : -ENOMEM;
	json_decref(document);
	return settle(p, code, e, ret);
}

int plan_pack(const struct plan *p, struct str *out)
{
	shape_pack(out, &plan_shape, p);
	return str_failed(out) ? -ENOMEM : 0;
}

int plan_unpack(struct slice bytes, struct err *e, struct plan **ret)
{
	struct plan *p = plan_new();
	int code = p ? shape_unpack(bytes, &plan_shape, &p->mem, e, p) : -ENOMEM;

	return settle(p, code, e, ret);
}
