/* SPDX-License-Identifier: Apache-2.0 */
/* systemd units: what is started on this machine, and by which program. */
#include "extract/setup_util.h"

/* Signs that may stand in front of the program in an Exec line. */
static struct slice program_of(struct slice command)
{
	while (command.n && memchr("@-:+!|", command.p[0], 6))
		command = slice_from(command, 1);
	return setup_first_word(command);
}

static void unit_line(void *ctx, struct slice line, uint64_t offset)
{
	struct extraction *x = ctx;
	size_t equals = slice_find_byte(line, '=');
	struct slice key = slice_trim(slice_first(line, equals));
	struct slice value = slice_trim(slice_from(line, equals + 1));
	enum attr attr = ATTR_UNIT_DESCRIPTION;

	if (slice_starts(key, SLICE("Exec"))) {
		value = program_of(value);
		attr = ATTR_UNIT_EXEC;
	} else if (!slice_eq(key, SLICE("Description"))) {
		return;
	}
	sink_text(x->out, attr, value,
	          offset + (size_t)(value.p - line.p));
}

/* "name.service", or of "name.service.d/override.conf" the folder's name. */
static struct slice unit_name(struct slice path)
{
	struct slice name = slice_basename(path);

	if (slice_ends(name, SLICE(".conf"))) {
		name = slice_basename(slice_dirname(path));
		name.n -= slice_ends(name, SLICE(".d")) ? 2 : 0;
	}
	return name;
}

static struct slice stem(struct slice name)
{
	size_t n = name.n;

	while (n > 0 && name.p[n - 1] != '.')
		n--;
	return slice_first(name, n ? n - 1 : name.n);
}

static int systemd_run(struct extraction *x)
{
	struct slice name = unit_name(x->item->path);

	setup_record(x, stem(name), setup_state(x->item));
	sink_claim(x->out, &(struct claim){.attr = ATTR_UNIT_NAME,
	                                   .value = stem(name)});
	return setup_lines(x, x, unit_line);
}

const struct extractor extract_systemd = {
	.name = "systemd",
	.version = 1,
	.probes = {{.path = "systemd/system/*.service"},
	           {.path = "systemd/system/*.socket"},
	           {.path = "systemd/system/*.timer"},
	           {.path = "systemd/system/*.path"},
	           {.path = "systemd/user/*.service"},
	           {.path = "systemd/user/*.socket"},
	           {.path = "systemd/user/*.timer"},
	           {.path = "systemd/*/*.service.d/*.conf"},
	           {.path = "systemd/*/*.wants/*.service"},
	           {.path = "systemd/*/*.requires/*.service"},
	           {.path = "systemd/generator/*.service"},
	           {.path = "systemd/transient/*.service"}},
	.run = systemd_run,
};
