/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to export/: words, addresses and names that the standards ask for,
 * made of bytes that strangers wrote. All of them append to a growing buffer
 * whose failure is asked for once.
 */
#ifndef EXPORT_PUT_H
#define EXPORT_PUT_H

#include "export/export.h"
#include "report/json_emit.h"

/* Longest name or value in a sentence; longer ones are cut, which is said. */
enum { PUT_WORDS_MAX = 200, UUID_SIZE = 37 };

/* Fit to be shown (text_show()), cut after `most` bytes. */
void put_shown(struct str *out, struct slice bytes, size_t most);

/* "NAME VERSION", or what kind of thing it is when it has no name. */
void put_article(struct str *out, const struct article *a);

/* "developed by Acme": how the maker's hand is in it. */
void put_hand(struct str *out, const struct export *x, const struct article *a);

/* "/path: member: member", fit to be shown. */
void put_place(struct str *out, struct slice path, const struct slice *members, size_t n);

/* Percent-encoded bytes of a path (RFC 3986): all but unreserved characters and
 * the slash. */
void put_uri_path(struct str *out, struct slice path);

/* The package URL of an article whose ecosystem has one that can be told from
 * name and version alone; otherwise nothing. */
void put_purl(struct str *out, const struct article *a);

/*
 * A version 5 UUID (RFC 9562): the same parts give the same one, so that a
 * document made twice is the same. Parts are told apart by their lengths.
 * False: out of memory, and ret is "".
 */
bool put_uuid(char ret[static UUID_SIZE], const char *kind, const struct slice *parts, size_t n);

/* The latest time at which a source was finished, or "". */
struct slice export_finished(const struct articles *a);

/* How many of the verdicts that are written are such, over all articles. */
uint64_t export_count(const struct export *x, const struct export_order *o,
                      enum article_verdict verdict);

/* The member is written as text that is shown. */
void put_json(struct json *j, const char *key, struct str *text);

#endif
