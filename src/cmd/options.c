/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/options.h"

#include <stdio.h>

int options_parse(const struct options_args *o, int argc, char **argv)
{
	int c;

	/* 0 and not 1: a second table in one process starts afresh. */
	optind = 0;
	while ((c = getopt_long(argc, argv, o->shorts, o->longs, NULL)) != -1) {
		if (c == OPTION_HELP) {
			(void)fputs(o->help, stdout);
			return 0;
		}
		if (c == OPTION_VERSION) {
			(void)puts("debar " DEBAR_VERSION);
			return 0;
		}
		if (c == '?' || c == ':') {
			(void)fprintf(stderr, "\"%s --help\" lists the options.\n",
			              o->command);
			return -1;
		}
		if (!o->take(o->ctx, c, optarg))
			return -1;
	}
	return 1;
}

int options_status(int go_on)
{
	return go_on < 0 || fflush(stdout) != 0 ? EXIT_FAILED : EXIT_CLEAN;
}
