/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sweep keeps of each source while it goes on: what workers said of
 * every item, what each folder holds, and how much was looked at; and what the
 * last sweep of the source kept, so that the unchanged is not opened again.
 */
#ifndef SWEEP_REMEMBER_H
#define SWEEP_REMEMBER_H

#include "sweep/state.h"

/* Makes the per-source states; reads the key of the memories. A memory that
 * cannot be had is a note, not an error. 0 or -ENOMEM with words in e. */
int remember_start(struct sweep *s, struct err *e);
void remember_finish(struct sweep *s);

/* Opens the memory of a source before it is walked: `path` is the source's,
 * `kind` its word. Fails only when there is none and only_needed asks for it. */
int remember_open(struct sweep *s, uint32_t source, const char *path,
                  const char *kind, struct err *e);

/* Events of the jail. Of one item they come in a row on one thread. */
void remember_said(struct slice message);
void remember_unread(enum why why);
/* The item's last event: it is remembered. Was all of it examined? */
bool remember_done(struct sweep *s, const struct jail_item *item,
                   const struct jail_done *how);

/* Events of the walk; see walk.h. */
uint64_t remember_tag(struct sweep *s, uint32_t source, struct slice path,
                      const struct stat *st);
enum walk_recall remember_recall(struct sweep *s, struct slice path,
                                 struct batch_item *item);
void remember_names(struct sweep *s, uint32_t source, struct slice folder,
                    struct slice names);

/* Was a file on one of the source's lasting devices searched for the byte
 * markers of these packs before, and has it not changed? Then what was said of
 * it is delivered again. */
bool remember_searched(struct sweep *s, uint32_t source, struct slice path,
                       const struct stat *st, uint64_t *ret_tag);

/* Writes the memories down. What cannot be written is a note. */
void remember_write(struct sweep *s);

#endif
