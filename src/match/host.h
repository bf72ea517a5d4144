/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the hosts that a value holds: a bare host ("www.example.com:443"), a
 * URL, an e-mail address ("Name <a@example.com>"), an scp address
 * ("git@example.com:a/b"), or several of them in a text. What only looks like
 * a host is left out: a path component, a user name before "@", a query.
 */
#ifndef MATCH_HOST_H
#define MATCH_HOST_H

#include "base/slice.h"

enum { HOST_BYTES_MAX = 255 };

/*
 * Takes text off the front of *rest up to the end of the next host and stores
 * that host, without dots at its ends. Returns false when there is none left.
 */
bool host_next(struct slice *rest, struct slice *ret_host);

/*
 * The domain above: "a.b.c" becomes "b.c". Returns false, touching nothing,
 * at the last label.
 */
bool host_parent(struct slice *host);

#endif
