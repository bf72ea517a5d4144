/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What remove, undo, verify and report have in common: a run as a document
 * (report/completion.h), and how it is written and judged.
 */
#ifndef CMD_REMOVAL_H
#define CMD_REMOVAL_H

#include "cmd/source_root.h"
#include "remove/remove.h"
#include "report/completion.h"

/* Fills steps and what is left from a plan and its results; texts are borrowed
 * from both, lists lie in mem. False: out of memory, told. */
bool removal_document(struct completion *c, const struct plan *plan,
                      const struct step_result *results, struct arena *mem);

/* The same of a run, with its names. */
bool removal_document_of_run(struct completion *c, const struct removal *r,
                             struct arena *mem);

/* Writes it to a file or standard output: false, told, when that failed. */
bool removal_write(const struct completion *c, const struct completion_form *form,
                   const char *color, const char *output);

/* EXIT_CLEAN when every step is good, EXIT_INCOMPLETE when something is open,
 * EXIT_FAILED when something went wrong. */
int removal_status(const struct completion *c);

/* --format; told when there is none of that name. */
bool removal_take_format(const char *word, const struct completion_form **ret);

/* A progress line on the terminal, as removal_events want it. */
struct removal_events removal_progress(bool quiet);
void removal_progress_end(void);

/* Asks on the terminal; told and false when there is none, or the answer is no. */
bool removal_ask(const char *question);

/* Opens a root and a run there (id NULL: the one that `pick` says). False: told. */
bool removal_open_run(struct source_root *root, const char *root_path, const char *id,
                      enum removal_pick pick, const struct removal_events *events,
                      struct removal **ret);

#endif
