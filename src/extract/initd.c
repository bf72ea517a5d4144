/* SPDX-License-Identifier: Apache-2.0 */
/* System V init scripts: their name, and the program in their DAEMON line. */
#include "extract/setup_util.h"

/* Variables in which scripts keep the program. */
static const struct slice variables[] = {
	SLICE("DAEMON="), SLICE("daemon="), SLICE("exec="),
	SLICE("EXEC="),   SLICE("prog="),   SLICE("command="),
};

/* Files that distributions put beside the scripts. */
static const struct slice no_scripts[] = {
	SLICE("README"), SLICE("skeleton"), SLICE("functions"),
};

static void script_line(void *ctx, struct slice line, uint64_t offset)
{
	struct extraction *x = ctx;
	struct slice text = slice_trim(line);

	for (size_t i = 0; i < COUNT_OF(variables); i++) {
		if (!slice_starts(text, variables[i]))
			continue;
		struct slice program =
			setup_first_word(slice_from(text, variables[i].n));
		/* "$(which x)", "${1}": only a path says a program */
		if (slice_starts(program, SLICE("/")))
			sink_text(x->out, ATTR_UNIT_EXEC, program,
			          offset + (size_t)(program.p - line.p));
	}
}

static int initd_run(struct extraction *x)
{
	struct slice name = slice_basename(x->item->path);

	for (size_t i = 0; i < COUNT_OF(no_scripts); i++)
		if (slice_eq(name, no_scripts[i]))
			return 0;
	setup_record(x, name, setup_state(x->item));
	sink_claim(x->out,
	           &(struct claim){.attr = ATTR_UNIT_NAME, .value = name});
	return setup_lines(x, x, script_line);
}

const struct extractor extract_initd = {
	.name = "initd",
	.version = 1,
	.probes = {{.path = "etc/init.d/*"}, {.path = "etc/rc.d/init.d/*"}},
	.run = initd_run,
};
