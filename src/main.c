/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debar: finds what a banned maker's hand is in. The tree, in the order data
 * flows:
 *
 *   packs/        the bans, as data; nothing under src/ names a vendor
 *   src/base/     slices, cursors, arenas, text: knows nothing of debar
 *   src/claim/    the words: attributes, claims, records, states
 *   src/pack/     YAML -> entities, marks, orders; checked once
 *   src/source/   places to look: the walk, mounts           -> items
 *   src/extract/  one file per format: ELF, PE, dpkg, npm    -> claims
 *   src/match/    claims against all marks at once           -> hits
 *   src/jail/     runs extract and match where they can do no harm
 *   src/memory/   what was said of items that have not changed since
 *   src/finding/  hits joined per article, verdicts per order
 *   src/sweep/    ties these together: sources in, a report out
 *   src/store/    the inventory: all claims of all hosts, with their history
 *   src/map/      an order answered from the inventory; no host is touched
 *   src/plan/     findings and facts -> a plan, as a value; its written forms
 *   src/system/   what a file is, exactly; the system's own programs
 *   src/survey/   the facts that a plan must know
 *   src/remove/   carries out a plan: journal, quarantine, undo
 *   src/report/   one content, several writers
 *   src/export/   findings in the forms of standards
 *   src/cmd/      the commands; they alone talk to people
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *words;
} commands[] = {
	{"sweep", cmd_sweep, "look at a machine, a folder or files"},
	{"map", cmd_map, "answer an order from the inventory"},
	{"orders", cmd_orders, "list, show and check the orders that are known"},
	{"store", cmd_store, "look after the inventory"},
	{"plan", cmd_plan, "say how what was found would be removed"},
	{"remove", cmd_remove, "carry out a plan"},
	{"undo", cmd_undo, "put back what a removal took"},
	{"verify", cmd_verify, "look again: is it gone?"},
	{"report", cmd_report, "write what was found in the forms of standards"},
};

static void usage(FILE *out)
{
	(void)fputs("Usage: debar COMMAND [OPTION...] [ARG...]\n\n"
	            "Finds everything that a banned vendor made, takes it out, and proves it.\n\n"
	            "Commands:\n",
	            out);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		(void)fprintf(out, "  %-8s %s\n", commands[i].name,
		              commands[i].words);
	(void)fputs("\n\"debar COMMAND --help\" says more.\n\n"
	            "Examples:\n"
	            "  debar sweep /                     this machine\n"
	            "  debar sweep --format json -o r.json /mnt/image\n"
	            "  debar orders list\n\n"
	            "Exit status: 0 nothing found and fully examined, 1 failed,\n"
	            "2 found, 3 nothing found but not fully examined.\n",
	            out);
}

/*
 * A stream that we were started without (<&- >&-) must not become the number
 * of the next file or socket. It is opened the wrong way round, so that using
 * it stays the error that it was.
 */
static void hold_standard_streams(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
			(void)open("/", O_PATH | O_DIRECTORY);
	}
}

int main(int argc, char **argv)
{
	hold_standard_streams();
	/* A reader that goes away is an error of writing, told as one. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		usage(stderr);
		return EXIT_FAILED;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return fflush(stdout) == 0 ? EXIT_CLEAN : EXIT_FAILED;
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)puts("debar " DEBAR_VERSION);
		return fflush(stdout) == 0 ? EXIT_CLEAN : EXIT_FAILED;
	}
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	cmd_error("there is no command \"%s\"; \"debar --help\" lists them",
	          argv[1]);
	return EXIT_FAILED;
}
