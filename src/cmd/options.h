/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop around getopt_long(3) that every command needs: --help, --version
 * and the sentence for a wrong option are the same for all.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <getopt.h>

#include "cmd/cmd.h"

/* The values of --help and --version in a command's table of options. */
enum { OPTION_HELP = 'h', OPTION_VERSION = 1000 };

/* The two rows that end every table. */
#define OPTIONS_COMMON \
	{"help", no_argument, NULL, OPTION_HELP}, \
	{"version", no_argument, NULL, OPTION_VERSION}, {0}

struct options_args {
	const char *command;        /* "debar sweep" */
	const char *shorts;         /* "o:qh" */
	const struct option *longs; /* ends with OPTIONS_COMMON */
	const char *help;
	/* Takes one option; false when its words are wrong (told). Not called for
	 * --help and --version. */
	bool (*take)(void *ctx, int c, const char *word);
	void *ctx;
};

/* Reads all options; what is left begins at argv[optind]. Returns 1 to go on, 0
 * when all is said (help, version), -1 when the words are wrong (told). */
int options_parse(const struct options_args *o, int argc, char **argv);

/* What a command returns when options_parse() gave no 1. */
int options_status(int go_on);

#endif
