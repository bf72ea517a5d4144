/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What cron starts: the commands of system and user tables, and the scripts of
 * the daily, hourly, weekly and monthly folders with the programs they call.
 */
#include "extract/setup_util.h"

enum { SCRIPT_PROGRAMS_MAX = 64 };

enum {
	TIME_FIELDS = 5,  /* minute hour day month weekday */
	SHORT_FIELDS = 1  /* "@daily" */
};

struct table {
	struct extraction *x;
	struct slice name;   /* of the records; "" takes the program's */
	bool has_user;       /* a user stands in front of the command */
	enum state state;
	unsigned programs;
};

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* s behind its first n fields and the blanks after them. */
static struct slice behind_fields(struct slice s, unsigned n)
{
	size_t i = 0;

	while (n-- > 0) {
		while (i < s.n && !blank(s.p[i]))
			i++;
		while (i < s.n && blank(s.p[i]))
			i++;
	}
	return slice_from(s, i);
}

/* "NAME=value" sets a variable and starts nothing. */
static bool is_variable(struct slice line)
{
	size_t equals = slice_find_byte(line, '=');

	if (equals == line.n)
		return false;
	uint8_t c = line.p[0];
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static void table_line(void *ctx, struct slice line, uint64_t offset)
{
	struct table *t = ctx;
	struct slice text = slice_trim(line);

	if (text.n == 0 || text.p[0] == '#' || is_variable(text))
		return;
	unsigned fields = text.p[0] == '@' ? SHORT_FIELDS : TIME_FIELDS;
	struct slice command = behind_fields(text, fields + (t->has_user ? 1 : 0));
	if (command.n == 0)
		return;
	struct slice program = slice_basename(setup_first_word(command));
	setup_record(t->x, t->name.n ? t->name : program, t->state);
	sink_text(t->x->out, ATTR_CRON_COMMAND, command,
	          offset + (size_t)(command.p - line.p));
}

/* Claims every word of a script's line that is an absolute path. */
static void script_line(void *ctx, struct slice line, uint64_t offset)
{
	struct table *t = ctx;
	struct slice rest = line;

	if (slice_starts(slice_trim(line), SLICE("#")))
		return;
	while (rest.n && t->programs < SCRIPT_PROGRAMS_MAX) {
		size_t from = 0, n = 0;
		while (from < rest.n && memchr(" \t\"'`=;(", rest.p[from], 8))
			from++;
		struct slice word = slice_from(rest, from);
		while (n < word.n && !memchr(" \t\"'`=;()&|<>", word.p[n], 12))
			n++;
		word = slice_first(word, n);
		rest = slice_from(rest, from + (n ? n : 1));
		if (word.n < 2 || word.p[0] != '/')
			continue;
		t->programs++;
		sink_text(t->x->out, ATTR_CRON_COMMAND, word,
		          offset + (size_t)(word.p - line.p));
	}
}

static int read_script(struct table *t)
{
	struct slice path = t->x->item->path;

	setup_record(t->x, t->name, t->state);
	sink_claim(t->x->out,
	           &(struct claim){.attr = ATTR_CRON_COMMAND, .value = path});
	return setup_lines(t->x, t, script_line);
}

static int cron_run(struct extraction *x)
{
	struct slice folder = slice_basename(slice_dirname(x->item->path));
	struct slice name = slice_basename(x->item->path);
	struct table t = {.x = x, .state = setup_state(x->item)};

	if (slice_eq(name, SLICE(".placeholder")))
		return 0;
	t.has_user = slice_eq(folder, SLICE("cron.d")) ||
	             slice_eq(name, SLICE("crontab"));
	if (slice_eq(folder, SLICE("cron.d"))) {
		t.name = name;
	} else if (slice_starts(folder, SLICE("cron."))) {
		t.name = name;
		return read_script(&t);
	}
	return setup_lines(x, &t, table_line);
}

const struct extractor extract_cron = {
	.name = "cron",
	.version = 1,
	.probes = {{.path = "etc/crontab"},
	           {.path = "etc/cron.d/*"},
	           {.path = "etc/cron.hourly/*"},
	           {.path = "etc/cron.daily/*"},
	           {.path = "etc/cron.weekly/*"},
	           {.path = "etc/cron.monthly/*"},
	           {.path = "var/spool/cron/crontabs/*"},
	           {.path = "var/spool/cron/*"}},
	.run = cron_run,
};
