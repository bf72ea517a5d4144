/* SPDX-License-Identifier: Apache-2.0 */
#include "extract/kmod_util.h"

#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#define SIGNATURE_MAGIC "~Module signature appended~\n"

enum {
	MODINFO_MAX = 4 * 1024 * 1024,
	SIGNATURE_TAIL = 12 + sizeof(SIGNATURE_MAGIC) - 1,
	SIGNATURE_MAX = 256 * 1024,
	SIGNERS_MAX = 8,
	ID_X509 = 1, /* before Linux 4.3: name and key id in clear */
	ID_PKCS7 = 2,
};

struct kmod {
	struct elf *e;
	struct slice member;
	struct value_set ids; /* vendors claimed so far */
	bool named;
};

static void claim(struct kmod *m, enum attr attr, struct slice value,
                  uint64_t offset, uint64_t length)
{
	sink_claim(m->e->x->out, &(struct claim){
		.attr = attr,
		.value = value,
		.member = m->member,
		.offset = offset,
		.length = length,
	});
}

/* How the aliases of a bus start, and how many digits the vendor id has. */
static const struct alias_form {
	const char *prefix;
	unsigned digits;
	enum attr attr;
} alias_forms[] = {
	{"pci:v", 8, ATTR_PCI_VENDOR},
	{"usb:v", 4, ATTR_USB_VENDOR},
};

/* Four lower-case hex digits of a 16 bit id; NULL when out of memory. */
static int claim_vendor(struct kmod *m, enum attr attr, uint64_t id,
                        uint64_t offset, size_t length)
{
	const char *hex = arena_printf(m->e->x->mem, "%04x", (unsigned)id);
	if (!hex)
		return -ENOMEM;
	int r = value_set_add(&m->ids, attr, slice_str(hex));
	if (r > 0)
		claim(m, attr, slice_str(hex), offset, length);
	return r < 0 ? r : 0;
}

static int claim_alias(struct kmod *m, struct slice alias, uint64_t offset)
{
	for (size_t i = 0; i < COUNT_OF(alias_forms); i++) {
		const struct alias_form *f = &alias_forms[i];
		struct slice prefix = slice_str(f->prefix);
		uint64_t id;
		if (!slice_starts(alias, prefix))
			continue;
		struct slice digits =
			slice_first(slice_from(alias, prefix.n), f->digits);
		if (digits.n < f->digits || slice_number(digits, 16, &id) < 0 ||
		    id > 0xffff)
			return 0; /* "*": it binds to any vendor's devices */
		return claim_vendor(m, f->attr, id, offset,
		                    prefix.n + digits.n);
	}
	return 0;
}

static int claim_field(struct kmod *m, struct slice key, struct slice value,
                       uint64_t offset)
{
	if (slice_eq(key, SLICE("alias")))
		return claim_alias(m, value, offset);
	if (slice_eq(key, SLICE("author"))) {
		claim(m, ATTR_KMOD_AUTHOR, value, offset, value.n);
	} else if (slice_eq(key, SLICE("description"))) {
		claim(m, ATTR_KMOD_DESCRIPTION, value, offset, value.n);
	} else if (slice_eq(key, SLICE("version"))) {
		sink_version(m->e->x->out, value);
	} else if (slice_eq(key, SLICE("name"))) {
		claim(m, ATTR_KMOD_NAME, value, offset, value.n);
		sink_name(m->e->x->out, value);
		m->named = true;
	}
	return 0;
}

static int read_modinfo(struct kmod *m)
{
	struct elf_section s;
	struct slice bytes, entry, key;

	if (!elf_section_named(m->e, SLICE(".modinfo"), &s))
		return -EBADMSG;
	int r = elf_section_bytes(m->e, &s, MODINFO_MAX, &bytes);
	if (r < 0)
		return r;
	struct slice rest = bytes;
	while (r == 0 && slice_split(&rest, 0, &entry)) {
		if (!slice_split(&entry, '=', &key) || entry.n == 0)
			continue;
		r = claim_field(m, key, entry,
		                s.offset + (size_t)(entry.p - bytes.p));
	}
	return r;
}

/* Modules before Linux 4.16 do not say their name: it is the file's, up to
 * the first dot, with "_" for "-". */
static int name_after_file(struct kmod *m)
{
	struct slice name = slice_basename(m->e->x->item->path);
	char *text = arena_str(m->e->x->mem,
	                       slice_first(name, slice_find_byte(name, '.')));

	if (!text)
		return -ENOMEM;
	for (char *p = text; *p; p++)
		if (*p == '-')
			*p = '_';
	claim(m, ATTR_KMOD_NAME, slice_str(text), 0, 0);
	sink_name(m->e->x->out, slice_str(text));
	return 0;
}

/* Claims one attribute of a name (its common name, its organisation), which
 * stands in the signature at file offset `at`. */
static void claim_issuer(struct kmod *m, const X509_NAME *issuer, int nid,
                         struct slice signature, uint64_t at)
{
	unsigned char *utf8 = NULL;

	int i = X509_NAME_get_index_by_NID(issuer, nid, -1);
	if (i < 0)
		return;
	const ASN1_STRING *s =
		X509_NAME_ENTRY_get_data(X509_NAME_get_entry(issuer, i));
	int n = ASN1_STRING_to_UTF8(&utf8, s);
	if (n <= 0)
		return;
	struct slice raw = slice_of(ASN1_STRING_get0_data(s),
	                            (size_t)ASN1_STRING_length(s));
	size_t found = slice_find(signature, raw);
	claim(m, ATTR_KMOD_SIGNER, slice_of(utf8, (size_t)n),
	      found == SIZE_MAX ? at : at + found,
	      found == SIZE_MAX ? signature.n : raw.n);
	OPENSSL_free(utf8);
}

static int read_cms(struct kmod *m, struct slice der, uint64_t at)
{
	const unsigned char *p = der.p;
	ASN1_OCTET_STRING *key_id;
	ASN1_INTEGER *serial;
	X509_NAME *issuer;

	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.n);
	STACK_OF(CMS_SignerInfo) *signers =
		cms ? CMS_get0_SignerInfos(cms) : NULL;
	int n = signers ? sk_CMS_SignerInfo_num(signers) : 0;
	for (int i = 0; i < n && i < SIGNERS_MAX; i++) {
		issuer = NULL;
		if (!CMS_SignerInfo_get0_signer_id(
			    sk_CMS_SignerInfo_value(signers, i), &key_id,
			    &issuer, &serial) || !issuer)
			continue;
		claim_issuer(m, issuer, NID_commonName, der, at);
		claim_issuer(m, issuer, NID_organizationName, der, at);
	}
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return n > 0 ? 0 : -EBADMSG;
}

/*
 * At the end of the file, backwards: the magic; 12 bytes with the kind of
 * signature and three lengths; the signature, the key id, the signer's name.
 */
static int read_signature(struct kmod *m)
{
	uint64_t end = m->e->x->in->size;
	struct slice tail, bytes;

	if (end < SIGNATURE_TAIL)
		return 0;
	end -= SIGNATURE_TAIL;
	int r = window_get(&m->e->file, end, SIGNATURE_TAIL, &tail);
	if (r < 0 || !slice_ends(tail, SLICE(SIGNATURE_MAGIC)))
		return r;
	struct cursor c = cursor_on(tail);
	cursor_skip(&c, 2); /* algorithms, in the old form */
	uint8_t kind = cursor_u8(&c);
	size_t name_n = cursor_u8(&c), key_n = cursor_u8(&c);
	cursor_skip(&c, 3);
	size_t n = cursor_u32be(&c);
	if (n > SIGNATURE_MAX)
		return -EFBIG;
	n += name_n + key_n;
	if (n > end)
		return -EBADMSG;
	r = window_get(&m->e->file, end - n, n, &bytes);
	if (r < 0)
		return r;
	if (kind == ID_PKCS7)
		return read_cms(m, slice_from(bytes, name_n + key_n),
		                end - n + name_n + key_n);
	if (kind == ID_X509)
		claim(m, ATTR_KMOD_SIGNER, slice_first(bytes, name_n), end - n,
		      name_n);
	return 0;
}

int kmod_read(struct elf *e, struct slice member)
{
	struct kmod m = {
		.e = e,
		.member = member,
		.ids = value_set_on(e->x->mem),
	};
	struct record head = value_item_head(e->x->item);

	sink_record(e->x->out, &head);
	int r = read_modinfo(&m);
	if (!m.named)
		r = elf_first_error(r, name_after_file(&m));
	return elf_first_error(r, read_signature(&m));
}
