/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header fields of a Python package's METADATA or PKG-INFO, which may
 * stand alone or inside a wheel or an egg.
 */
#ifndef EXTRACT_PYPI_UTIL_H
#define EXTRACT_PYPI_UTIL_H

#include "extract/extract.h"

enum { PYPI_METADATA_MAX = 256 * 1024 };

/* Fills the record that is open in the sink: name, version, claims. `member`
 * is where the text stands inside an archive. False when it names nothing. */
bool pypi_fields(struct sink *out, struct slice text, struct slice member);

#endif
