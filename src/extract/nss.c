/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NSS certificate databases (cert9.db): the trust store of Firefox,
 * Thunderbird and Chromium users. A table row is a PKCS #11 object, a column
 * one of its attributes by its number in hexadecimal; certificates are not
 * encrypted. Keys stand in another file, which is not read.
 */
#include "extract/sqlite_util.h"
#include "extract/x509_util.h"

#include <errno.h>
#include <sqlite3.h>

enum { CERTIFICATES_MAX = 8192 };

/* a0 is CKA_CLASS, 1 is CKO_CERTIFICATE; a11 is CKA_VALUE, the DER. */
static const char query[] =
	"SELECT a11 FROM nssPublic WHERE a0 = x'00000001'";

static void read_row(struct extraction *x, sqlite3_stmt *row)
{
	const void *der = sqlite3_column_blob(row, 0);
	int n = sqlite3_column_bytes(row, 0);

	if (!der || n <= 0)
		return;
	(void)x509_claim(x, &(struct x509_found){
				    .der = slice_of(der, (size_t)n),
				    .state = x509_state(x->item),
			    });
}

static int read_rows(struct extraction *x, sqlite3 *db)
{
	sqlite3_stmt *row = NULL;
	unsigned n = 0;

	int rc = sqlite3_prepare_v2(db, query, -1, &row, NULL);
	if (rc != SQLITE_OK)
		return sqlite_errno(rc);
	while ((rc = sqlite3_step(row)) == SQLITE_ROW && n++ < CERTIFICATES_MAX)
		read_row(x, row);
	(void)sqlite3_finalize(row);
	if (rc == SQLITE_ROW)
		return -E2BIG;
	return rc == SQLITE_DONE ? 0 : sqlite_errno(rc);
}

static int nss_run(struct extraction *x)
{
	sqlite3 *db = NULL;

	int r = sqlite_open_input(x->in, &db);
	if (r < 0)
		return r;
	r = sqlite_has_table(db, "nssPublic");
	if (r == 1)
		r = read_rows(x, db);
	(void)sqlite3_close(db);
	return r;
}

const struct extractor extract_nss = {
	.name = "nss",
	.version = 1,
	.probes = {{MAGIC("SQLite format 3\0"), .path = "cert9.db"}},
	.run = nss_run,
};
