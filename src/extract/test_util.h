/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of extractors only: runs an extractor over bytes in memory, as a
 * worker would, and writes down what came out as text, so that a test states
 * what it expects as one string:
 *
 *   package installed deb name=kesl version=12.1
 *     package.vendor=AO Maker @120+8
 *     owns /opt/kesl/bin/kesl
 *   unread encrypted member=a/b
 *   error EBADMSG
 *
 * A record head is scope, state, ecosystem (when it has one), then kind= when
 * it is not software, name=, version= and root= when they are not empty. A
 * claim is attr=value, then @offset+length when it is located, "verified",
 * and member= when it has one. Values are shown as for a terminal.
 *
 * A claim without a member that points outside the bytes gets the word
 * OUTSIDE; one whose evidence is as long as its value and differs from it
 * gets the word DIFFERS: neither may stand in an honest expectation.
 */
#ifndef EXTRACT_TEST_UTIL_H
#define EXTRACT_TEST_UTIL_H

#include "base/str.h"
#include "extract/extract.h"

/* What has been written down so far; give it to sink_new with collect_args. */
struct collected {
	struct slice bytes; /* of the item, to check where claims point */
	struct str text;    /* finished records and the rest */
	struct str owns;    /* lines of the record that is still open */
	size_t records, claims, owned, unread;
	bool quiet;         /* count only, write nothing */
};

/* Runs x over `bytes` as `item`. Frees nothing of the caller's; the caller
 * frees c->text with str_finish. Returns what run() returned. */
int collect(const struct extractor *x, const struct item *item,
            struct slice bytes, struct collected *c);

/* As collect, over an input that the caller opened (a descriptor). */
int collect_input(const struct extractor *x, const struct item *item,
                  struct input *in, struct collected *c);

/* The text for a plain file (mode 0644, not deep) at `path`; malloc'd, never
 * NULL (the test program aborts when memory runs out). */
char *extract_to_text(const struct extractor *x, const char *path,
                      struct slice bytes, bool in_root);

/* As extract_to_text for an item with its own mode and options. */
char *extract_item_to_text(const struct extractor *x, const struct item *item,
                           struct slice bytes);

/* The bytes of a file, with one NUL behind them; fails the test
 * program when it cannot be read. They live until the program ends. */
struct slice test_bytes(const char *path);

/* Do the probes of x hold for this path and these first bytes? Paths are
 * matched as extract.h says. */
bool test_probes(const struct extractor *x, const char *path,
                 struct slice bytes);

/* Compares text with what is expected; says both and aborts the test when
 * they differ. Frees `text`. */
void expect_text(char *text, const char *expected);

/* Both in one call, for an item inside a root. */
#define EXPECT_EXTRACT(x, path, bytes, expected) \
	expect_text(extract_to_text((x), (path), (bytes), true), (expected))

#endif
