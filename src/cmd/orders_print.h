/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders as a person or a program reads them. Writers append to a buffer;
 * whoever prints it asks str_failed() first. Text of packs is escaped.
 */
#ifndef CMD_ORDERS_PRINT_H
#define CMD_ORDERS_PRINT_H

#include "base/str.h"
#include "law/law.h"

/* One line per order under a head line, as things stood that day. */
void orders_print_table(struct str *out, const struct pack *pack, day as_of);

/* {"schema": "debar/orders/1", ...}, all of each order and entity. */
void orders_print_json(struct str *out, const struct pack *pack);

/* A page in Markdown that lawyers can hold against the law: what each order bans
 * and reaches, its exceptions and dates, and the cases that it decides. */
void orders_print_matrix(struct str *out, const struct pack *pack);

/* "in-force", "suspended", ...; "not yet" and "ended" by its own dates. */
const char *order_state_on(const struct order *o, day d);

/*
 * What one edition of packs says and the other does not: a line for each order
 * and entity that came or went, and for each thing said of one that changed. 0
 * and the number of lines; -ENOMEM.
 */
int orders_diff(struct str *out, const struct pack *old, const struct pack *new,
                size_t *ret_lines);

/* Everything about one order, lines at most `columns` wide. */
void orders_print_one(struct str *out, const struct pack *pack,
                      const struct order *order, int columns);

#endif
