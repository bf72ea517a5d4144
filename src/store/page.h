/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of postings: the members of PAGE_KEYS neighbouring keys in one row, as
 * most keys have few and a row costs more than they do. A byte that says what
 * it is (0x21), then for each key that has members, ascending: its place in
 * the page (a byte), the length of the set (varint), the set (members.h).
 */
#ifndef STORE_PAGE_H
#define STORE_PAGE_H

#include "base/cursor.h"
#include "base/str.h"

enum { PAGE_KEYS = 16 };

struct page {
	struct cursor c;
	int last; /* place of the key before; -1: none */
};

/* One key of a page. */
struct page_entry {
	uint32_t place;
	struct slice set;
};

/* Starts reading; an empty slice is a page without keys. 0 or -EUCLEAN. */
int page_open(struct page *page, struct slice bytes);
/* 1 and the next key, 0 at the end, -EUCLEAN. */
int page_next(struct page *page, struct page_entry *ret);
/* The set of the key at that place, empty when there is none; -EUCLEAN. */
int page_find(struct slice bytes, uint32_t place, struct slice *ret);

/* Writes a page: begin, then each key, ascending; without members none. */
void page_begin(struct str *out);
void page_put(struct str *out, uint32_t place, struct slice set);

/* The bytes of a page without keys. */
struct slice page_empty(void);

#endif
