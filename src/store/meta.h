/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of the table meta, and the steps of schema.h. */
#ifndef STORE_META_H
#define STORE_META_H

#include "store/internal.h"

/* Reads all numbers; those without a row are 0. */
int meta_read(struct db *db, int64_t ret[META_COUNT]);
/* Writes those that differ from `before`. */
int meta_write(struct db *db, const int64_t meta[META_COUNT],
               const int64_t before[META_COUNT]);

/*
 * Carries out the steps that are missing, in one transaction, when `may` says
 * so. -ENOENT: there are no tables; -ENOTSUP: older than this version and may
 * not be changed; -EPROTO: made by a newer one.
 */
int meta_migrate(struct db *db, bool may);

#endif
