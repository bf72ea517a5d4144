/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders as a person or a program reads them. Writers append to a buffer;
 * whoever prints it asks str_failed() first. Text of packs is escaped.
 */
#ifndef CMD_ORDERS_PRINT_H
#define CMD_ORDERS_PRINT_H

#include "base/str.h"
#include "pack/pack.h"

/* One line per order under a head line. */
void orders_print_table(struct str *out, const struct pack *pack);

/* {"schema": "debar/orders/1", ...}, all of each order. */
void orders_print_json(struct str *out, const struct pack *pack);

/* Everything about one order, lines at most `columns` wide. */
void orders_print_one(struct str *out, const struct pack *pack,
                      const struct order *order, int columns);

#endif
