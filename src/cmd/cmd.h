/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands. Each takes its own argv (argv[0] is the command's word) and
 * returns the exit status of the program:
 *   0 nothing found and fully examined   1 failed
 *   2 found                              3 nothing found, not fully examined
 * Only this folder talks to people: it prints errors and notes.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/err.h"
#include "pack/pack.h"

enum { EXIT_CLEAN = 0, EXIT_FAILED = 1, EXIT_FOUND = 2, EXIT_INCOMPLETE = 3 };

int cmd_sweep(int argc, char **argv);
int cmd_map(int argc, char **argv);
int cmd_orders(int argc, char **argv);
int cmd_store(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_remove(int argc, char **argv);
int cmd_undo(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_report(int argc, char **argv);
/* debar report --form completion */
int cmd_report_completion(int argc, char **argv);
/* debar report: the overview, and forms that the packs hold */
int cmd_report_paper(int argc, char **argv);

/* "debar: " and the sentence, escaped for a terminal, on stderr. */
void cmd_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The same for a note that is no failure. */
void cmd_note(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Folder of the shipped packs: beside the source tree that was built, or the
 * installed one. */
const char *cmd_packs_dir(void);

/* Folder for compiled packs: /var/cache/debar for root, XDG_CACHE_HOME/debar
 * or ~/.cache/debar otherwise. NULL when there is none. */
const char *cmd_cache_dir(void);

/* Folder for what sweeps remember of the files of this machine; NULL when there
 * is none. */
const char *cmd_memory_dir(void);

/* The inventory that is used unless --store names one:
 * /var/lib/debar/inventory.db for root, XDG_DATA_HOME/debar or
 * ~/.local/share/debar otherwise. NULL when there is no such place. */
const char *cmd_store_path(void);

/* Tells the first problems of packs or of a profile, and how many more there
 * are; `more` (or NULL) ends that sentence. */
void cmd_problems(const struct pack_problems *problems, const char *more);

/*
 * The packs that the command line asks for: the shipped ones unless
 * no_default, then `dirs` in their order. Prints what is wrong with them.
 * Returns NULL on failure.
 */
struct pack *cmd_load_packs(const char *const *dirs, size_t n, bool no_default);

#endif
