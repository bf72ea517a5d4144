/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sweep found out goes into the inventory. Each source is a host of it:
 * the live root under the machine's name, any other source under that name, a
 * colon and its path, unless --host says otherwise. A host's artefacts are
 *
 *   - every record that was extracted, completed by what the record alone does
 *     not tell: the item it stands in (item.path), the package that owns the
 *     item (package.owner), the package that its folder is, and which byte
 *     markers the package's programs were searched for (part.marker).
 *     Places in package databases are left out: there they change with every
 *     other package, and hosts would share nothing;
 *   - the paths of everything else, since marks test paths too: one artefact
 *     for the files of each package, and for what no package owns some folders
 *     together. Where one such artefact ends is decided by the folders' names
 *     (path_list.c), so that what changes in one place changes one artefact;
 *   - when all programs were searched, which byte markers for ("searched").
 *
 * All sources of a sweep are reported in one transaction.
 */
#ifndef SWEEP_KEEP_H
#define SWEEP_KEEP_H

#include "sweep/state.h"

/* Call it when findings are settled. Returns 0 or a negative errno with the
 * sentence in e; then the inventory is as it was. */
int keep_sources(struct sweep *s, struct err *e);

#endif
