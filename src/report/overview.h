/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page for people: what was searched and how far, what was found under which
 * order and in which state, what is due. Not a paper that an order asks for.
 */
#ifndef REPORT_OVERVIEW_H
#define REPORT_OVERVIEW_H

#include "report/known.h"
#include "report/paper.h"

/* Of all known->orders; known->order and known->form are not looked at. 0 or
 * -ENOMEM; errors of writing stay on the stream. */
int overview_write(const struct known *known, const struct paper_form *form,
                   const struct report_style *style, FILE *out);

/* The same for machines: "debar/overview/1", doc/overview.schema.json. */
int overview_json(const struct known *known, FILE *out);

#endif
