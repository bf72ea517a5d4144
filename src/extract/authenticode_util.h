/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signed a PE file. Every signature of the certificate table is read, and
 * the ones nested in it. The signer is the certificate that the signature's
 * signer information names, not the chain's and not the time-stamper's.
 *
 * SIGNER_ claims are `verified` when two things hold: the digest of the image,
 * computed again, is the one that was signed; and the signature verifies with
 * the signer's public key. So "verified" means that whoever holds the key of
 * that certificate signed these bytes. Whether the certificate itself is to be
 * believed (its chain, its dates, its revocation) is not judged: that needs
 * roots and a point in time, and a sweep has neither. Signatures with MD5 are
 * never verified.
 */
#ifndef EXTRACT_AUTHENTICODE_UTIL_H
#define EXTRACT_AUTHENTICODE_UTIL_H

#include "extract/pe_util.h"

/* Adds the claims to the current record. Reads the whole file, once, when it
 * has a signature; over 512 MiB nothing is verified, which is reported. */
int authenticode_read(struct pe *pe);

#endif
