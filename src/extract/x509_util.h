/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates at rest: who a certificate is for and who issued it. Reads the
 * public certificate alone; keys are never parsed.
 */
#ifndef EXTRACT_X509_UTIL_H
#define EXTRACT_X509_UTIL_H

#include "extract/extract.h"

enum { X509_DER_MAX = 256 * 1024 }; /* bytes of one certificate */

/* One certificate and where it stands in the item. */
struct x509_found {
	struct slice der;
	enum state state;
	uint64_t offset, length; /* of its encoded form; 0, 0: not located */
	bool plain;              /* der stands in the item as it is */
};

/*
 * Makes one SCOPE_SETUP record of it, named after its subject. Returns false,
 * and makes none, when these bytes are no certificate. One that names nobody
 * makes no record either.
 */
bool x509_claim(struct extraction *x, const struct x509_found *found);

/* Keeps OpenSSL from opening its configuration file, which a jailed worker
 * must not. Called by every function here; calling it twice is free. */
void x509_init(void);

/* Installed when the path is a place from which programs take the roots that
 * they trust; otherwise stored. */
enum state x509_state(const struct item *item);

#endif
